//! Vector registers and immediates: formats VRI-a to VRI-d.

use super::operand::{Vr, rxb};
use super::vector_element::Element;

/// VECTOR GENERATE BYTE MASK, format VRI-a: byte `n`, from the left, is ones if bit `n` of `mask`,
/// from the left, is one, else zeros.
pub fn vgbm(v1: Vr, mask: u16) -> [u8; 6] {
    vri(0x44, v1, mask.to_be_bytes(), 0)
}

/// VECTOR REPLICATE IMMEDIATE, format VRI-a: sign-extended, to all elements. `None` for quadwords.
pub fn vrepi(size: Element, v1: Vr, immediate: i16) -> Option<[u8; 6]> {
    let code = vri(0x45, v1, immediate.to_be_bytes(), size.code());
    (size != Element::Quadword).then_some(code)
}

/// VECTOR LOAD ELEMENT IMMEDIATE, format VRI-a: sign-extended, or cut to a byte, to one element;
/// the others stay. `None` if there is no such element, and for quadwords.
pub fn vlei(size: Element, v1: Vr, immediate: i16, element: u8) -> Option<[u8; 6]> {
    let code = match size {
        Element::Byte => 0x40,
        Element::Halfword => 0x41,
        Element::Word => 0x43,
        Element::Doubleword => 0x42,
        Element::Quadword => return None,
    };
    let bytes = vri(code, v1, immediate.to_be_bytes(), element);
    (element < size.count()).then_some(bytes)
}

/// VECTOR GENERATE MASK, format VRI-b: bits `first` to `last` of each element, from the left, are
/// ones, around the end if `last` is less. `None` for bits that there are not, and for quadwords.
pub fn vgm(size: Element, v1: Vr, first: u8, last: u8) -> Option<[u8; 6]> {
    let bits = 8 << size.code();
    let fits = size != Element::Quadword && first < bits && last < bits;
    fits.then(|| vri(0x46, v1, [first, last], size.code()))
}

/// VECTOR REPLICATE, format VRI-c: an element of `v3`, which is in bits 12-15, to all elements.
/// `None` if there is no such element, and for quadwords.
pub fn vrep(size: Element, v1: Vr, v3: Vr, element: u8) -> Option<[u8; 6]> {
    let fits = size != Element::Quadword && element < size.count();
    let extension = rxb([Some(v1), Some(v3), None, None]);
    let registers = v1.low() << 4 | v3.low();
    let fields = size.code() << 4 | extension;
    fits.then_some([0xe7, registers, 0, element, fields, 0x4d])
}

/// VECTOR SHIFT LEFT DOUBLE BY BYTE, format VRI-d: 16 bytes of `v2` and `v3` side by side, from
/// byte `bytes` on. `None` if that is above 15.
pub fn vsldb(v1: Vr, v2: Vr, v3: Vr, bytes: u8) -> Option<[u8; 6]> {
    let extension = rxb([Some(v1), Some(v2), Some(v3), None]);
    let registers = v1.low() << 4 | v2.low();
    (bytes < 16).then_some([0xe7, registers, v3.low() << 4, bytes, extension, 0x77])
}

/// E7 in bits 0-7, V1 in 8-11, the immediate in 16-31, M3 or M4 in 32-35, RXB in 36-39, the rest of
/// the opcode in 40-47.
fn vri(code: u8, v1: Vr, [high, low]: [u8; 2], mask: u8) -> [u8; 6] {
    let extension = rxb([Some(v1), None, None, None]);
    [0xe7, v1.low() << 4, high, low, mask << 4 | extension, code]
}
