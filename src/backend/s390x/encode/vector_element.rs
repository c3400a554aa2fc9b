//! Elements of vector registers: shifts by one amount, and between general and vector registers;
//! formats VRS-a, VRS-b, VRS-c and VRR-f.

use super::operand::{Disp12, Gpr, Vr, rxb};
use super::table::operations;

/// Width of the elements that a vector operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Element {
    /// Sixteen bytes.
    Byte,
    /// Eight halfwords.
    Halfword,
    /// Four words.
    Word,
    /// Two doublewords.
    Doubleword,
    /// One quadword.
    Quadword,
}

impl Element {
    /// All of them.
    pub const ALL: &'static [Element] = &[
        Element::Byte,
        Element::Halfword,
        Element::Word,
        Element::Doubleword,
        Element::Quadword,
    ];

    /// The element size control.
    pub const fn code(self) -> u8 {
        match self {
            Element::Byte => 0,
            Element::Halfword => 1,
            Element::Word => 2,
            Element::Doubleword => 3,
            Element::Quadword => 4,
        }
    }

    /// How many there are.
    pub const fn count(self) -> u8 {
        16 >> self.code()
    }

    /// The letter that ends the mnemonics of its operations.
    pub const fn letter(self) -> &'static str {
        match self {
            Element::Byte => "b",
            Element::Halfword => "h",
            Element::Word => "f",
            Element::Doubleword => "g",
            Element::Quadword => "q",
        }
    }
}

operations! {
    /// All elements by the amount that base and displacement add up to, format VRS-a.
    ElementShift: u8 {
        Vesl = 0x30 "vesl" "to the left",
        Vesrl = 0x38 "vesrl" "to the right, zeros coming in",
        Vesra = 0x3a "vesra" "to the right, the sign coming in",
        Verll = 0x33 "verll" "around to the left",
    }
}

/// Format VRS-a: E7 in bits 0-7, V1 in 8-11, V3 in 12-15, base and displacement in 16-31, the
/// element size in 32-35, RXB in 36-39, the rest of the opcode in 40-47. `None` for quadwords.
pub fn element_shift(
    operation: ElementShift,
    size: Element,
    (v1, v3): (Vr, Vr),
    base: Gpr,
    amount: Disp12,
) -> Option<[u8; 6]> {
    let extension = rxb([Some(v1), Some(v3), None, None]);
    let registers = v1.low() << 4 | v3.low();
    vrs(operation.code(), size, registers, extension, (base, amount))
}

/// VECTOR LOAD VR ELEMENT FROM GR, format VRS-b: the rest of `v1` stays. The element, counted from
/// the left, is what base and displacement add up to. `None` for quadwords.
pub fn vlvg(size: Element, v1: Vr, r3: Gpr, base: Gpr, element: Disp12) -> Option<[u8; 6]> {
    let extension = rxb([Some(v1), None, None, None]);
    let registers = v1.low() << 4 | r3.number();
    vrs(0x22, size, registers, extension, (base, element))
}

/// VECTOR LOAD GR FROM VR ELEMENT, format VRS-c: zero-extended. `None` for quadwords.
pub fn vlgv(size: Element, r1: Gpr, v3: Vr, base: Gpr, element: Disp12) -> Option<[u8; 6]> {
    let extension = rxb([None, Some(v3), None, None]);
    let registers = r1.number() << 4 | v3.low();
    vrs(0x21, size, registers, extension, (base, element))
}

/// VECTOR LOAD VR FROM GRS DISJOINT, format VRR-f: `r2` to the left half, `r3` to the right one.
pub fn vlvgp(v1: Vr, r2: Gpr, r3: Gpr) -> [u8; 6] {
    let extension = rxb([Some(v1), None, None, None]);
    let registers = v1.low() << 4 | r2.number();
    [0xe7, registers, r3.number() << 4, 0, extension, 0x62]
}

fn vrs(
    code: u8,
    size: Element,
    registers: u8,
    extension: u8,
    (base, displacement): (Gpr, Disp12),
) -> Option<[u8; 6]> {
    let [b, d] = displacement.with_base(base);
    let fields = size.code() << 4 | extension;
    (size != Element::Quadword).then_some([0xe7, registers, b, d, fields, code])
}
