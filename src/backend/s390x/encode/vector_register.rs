//! Integers in vector registers: formats VRR-a to VRR-e.
//!
//! The element size is part of most operations; not every operation has all sizes.

use super::operand::{Vr, rxb};
use super::table::operations;
use super::vector_element::Element;

operations! {
    /// One vector and an element size, format VRR-a.
    VectorUnary: u8 {
        Vlc = 0xde "vlc" "negative",
        Vlp = 0xdf "vlp" "absolute value",
        Vclz = 0x53 "vclz" "leading zeros",
        Vctz = 0x52 "vctz" "trailing zeros",
        Vpopct = 0x50 "vpopct" "ones",
        Vseg = 0x5f "vseg" "sign-extends the rightmost element of each half to a doubleword",
        Vuph = 0xd7 "vuph" "sign-extends the left half of the elements to twice the width",
        Vuplh = 0xd5 "vuplh" "zero-extends the left half of the elements to twice the width",
        Vupl = 0xd6 "vupl" "sign-extends the right half of the elements to twice the width",
        Vupll = 0xd4 "vupll" "zero-extends the right half of the elements to twice the width",
        Vec = 0xdb "vec" "compares one signed element, the last of the left half",
        Vecl = 0xd9 "vecl" "compares one unsigned element, the last of the left half",
    }
}

operations! {
    /// Two vectors and an element size, format VRR-c, or VRR-b where it could set the code.
    VectorBinary: u8 {
        Va = 0xf3 "va" "sum",
        Vs = 0xf7 "vs" "difference",
        Vacc = 0xf1 "vacc" "carry of the sum",
        Vscbi = 0xf5 "vscbi" "carry of the difference: zero for a borrow",
        Vml = 0xa2 "vml" "product",
        Vmh = 0xa3 "vmh" "high half of the signed product",
        Vmlh = 0xa1 "vmlh" "high half of the unsigned product",
        Vme = 0xa6 "vme" "signed product of the even elements, at twice the width",
        Vmle = 0xa4 "vmle" "unsigned product of the even elements, at twice the width",
        Vmo = 0xa7 "vmo" "signed product of the odd elements, at twice the width",
        Vmlo = 0xa5 "vmlo" "unsigned product of the odd elements, at twice the width",
        Vmn = 0xfe "vmn" "signed minimum",
        Vmnl = 0xfc "vmnl" "unsigned minimum",
        Vmx = 0xff "vmx" "signed maximum",
        Vmxl = 0xfd "vmxl" "unsigned maximum",
        Vavg = 0xf2 "vavg" "signed average, rounded up",
        Vavgl = 0xf0 "vavgl" "unsigned average, rounded up",
        Vceq = 0xf8 "vceq" "ones where equal",
        Vch = 0xfb "vch" "ones where greater, signed",
        Vchl = 0xf9 "vchl" "ones where greater, unsigned",
        Veslv = 0x70 "veslv" "each element shifted to the left by its amount",
        Vesrlv = 0x78 "vesrlv" "each element shifted to the right, zeros coming in",
        Vesrav = 0x7a "vesrav" "each element shifted to the right, the sign coming in",
        Verllv = 0x73 "verllv" "each element rotated to the left by its amount",
        Vmrh = 0x61 "vmrh" "elements of the left halves, in turn",
        Vmrl = 0x60 "vmrl" "elements of the right halves, in turn",
        Vpk = 0x94 "vpk" "right halves of the elements",
        Vpks = 0x97 "vpks" "elements at half the width, signed and saturated",
        Vpkls = 0x95 "vpkls" "elements at half the width, unsigned and saturated",
        Vsum = 0x64 "vsum" "sums of the elements of each word",
        Vsumg = 0x65 "vsumg" "sums of the elements of each doubleword",
        Vsumq = 0x67 "vsumq" "sum of all elements",
    }
}

operations! {
    /// A comparison of two vectors that sets the code, format VRR-b: 0 if it holds for all
    /// elements, 3 if for none, 1 otherwise.
    VectorCompare: u8 {
        Vceqs = 0xf8 "vceq" "equal",
        Vchs = 0xfb "vch" "greater, signed",
        Vchls = 0xf9 "vchl" "greater, unsigned",
    }
}

operations! {
    /// Two vectors as a whole, format VRR-c.
    VectorWhole: u8 {
        Vn = 0x68 "vn" "and",
        Vo = 0x6a "vo" "or",
        Vx = 0x6d "vx" "exclusive or",
        Vnc = 0x69 "vnc" "and with the complement of the second",
        Vno = 0x6b "vno" "not or",
        Vnx = 0x6c "vnx" "not exclusive or",
        Vnn = 0x6e "vnn" "not and",
        Voc = 0x6f "voc" "or with the complement of the second",
        Vsl = 0x74 "vsl" "left by the last three bits of each byte of the second, which must agree",
        Vslb = 0x75 "vslb" "left by bytes: bits 57-60 of the second",
        Vsrl = 0x7c "vsrl" "right by up to seven bits, zeros coming in",
        Vsrlb = 0x7d "vsrlb" "right by bytes, zeros coming in",
        Vsra = 0x7e "vsra" "right by up to seven bits, the sign coming in",
        Vsrab = 0x7f "vsrab" "right by bytes, the sign coming in",
        Vbperm = 0x85 "vbperm" "gathers the bits of the first that the bytes of the second name",
    }
}

operations! {
    /// Three vectors as a whole, format VRR-e.
    VectorTernary: u8 {
        Vsel = 0x8d "vsel" "bits of the first where the third has ones, else of the second",
        Vperm = 0x8c "vperm" "bytes of the first two, side by side, that the third names",
    }
}

operations! {
    /// Three vectors of one quadword, format VRR-d.
    QuadwordTernary: u8 {
        Vacq = 0xbb "vacq" "sum with the last bit of the third as carry",
        Vacccq = 0xb9 "vacccq" "carry of that sum",
        Vsbiq = 0xbf "vsbiq" "difference with the last bit of the third as no borrow",
        Vsbcbiq = 0xbd "vsbcbiq" "carry of that difference",
    }
}

impl VectorUnary {
    /// Whether the z14 has it for elements of this size.
    pub fn takes(self, size: Element) -> bool {
        use VectorUnary as V;
        match self {
            V::Vlc | V::Vlp | V::Vclz | V::Vctz | V::Vpopct | V::Vec | V::Vecl => {
                size <= Element::Doubleword
            }
            V::Vseg | V::Vuph | V::Vuplh | V::Vupl | V::Vupll => size <= Element::Word,
        }
    }
}

impl VectorBinary {
    /// Whether the z14 has it for elements of this size.
    pub fn takes(self, size: Element) -> bool {
        use VectorBinary as V;
        match self {
            V::Va | V::Vs | V::Vacc | V::Vscbi => true,
            V::Vml | V::Vmh | V::Vmlh | V::Vme | V::Vmle | V::Vmo | V::Vmlo => {
                size <= Element::Word
            }
            V::Vpk | V::Vpks | V::Vpkls => {
                (Element::Halfword..=Element::Doubleword).contains(&size)
            }
            V::Vsum => size <= Element::Halfword,
            V::Vsumg => matches!(size, Element::Halfword | Element::Word),
            V::Vsumq => matches!(size, Element::Word | Element::Doubleword),
            _ => size <= Element::Doubleword,
        }
    }
}

/// Format VRR-a: E7 in bits 0-7, V1 in 8-11, V2 in 12-15, M5 in 24-27, M4 in 28-31, M3, the element
/// size, in 32-35, RXB in 36-39, the rest of the opcode in 40-47. `None` if the operation does not
/// take that size.
pub fn vector_unary(operation: VectorUnary, size: Element, v1: Vr, v2: Vr) -> Option<[u8; 6]> {
    let code = || vrr_a(operation.code(), v1, v2, (size.code(), 0, 0));
    operation.takes(size).then(code)
}

/// VECTOR LOAD, format VRR-a: a copy.
pub fn vlr(v1: Vr, v2: Vr) -> [u8; 6] {
    vrr_a(0x56, v1, v2, (0, 0, 0))
}

/// VECTOR TEST UNDER MASK, format VRR-a: code 0 if the bits of `v1` where `v2` has ones are all
/// zeros, 3 if they are all ones, 1 otherwise.
pub fn vtm(v1: Vr, v2: Vr) -> [u8; 6] {
    vrr_a(0xd8, v1, v2, (0, 0, 0))
}

/// Format VRR-c: V3 in bits 16-19, M6 in 24-27, M5 in 28-31, M4, the element size, in 32-35. `None`
/// if the operation does not take that size.
pub fn vector_binary(operation: VectorBinary, size: Element, operands: [Vr; 3]) -> Option<[u8; 6]> {
    let code = || vrr_c(operation.code(), operands, (size.code(), 0, 0));
    operation.takes(size).then(code)
}

/// Format VRR-b: as VRR-c, with M5, whose last bit asks for the condition code, in bits 24-27.
/// `None` for quadwords.
pub fn vector_compare(
    operation: VectorCompare,
    size: Element,
    operands: [Vr; 3],
) -> Option<[u8; 6]> {
    let code = || vrr_c(operation.code(), operands, (size.code(), 0, 1));
    (size <= Element::Doubleword).then(code)
}

/// Format VRR-c.
pub fn vector_whole(operation: VectorWhole, operands: [Vr; 3]) -> [u8; 6] {
    vrr_c(operation.code(), operands, (0, 0, 0))
}

/// VECTOR PERMUTE DOUBLEWORD IMMEDIATE, format VRR-c: a doubleword of the second operand and one of
/// the third, the right one of each where the flag is set.
pub fn vpdi(operands: [Vr; 3], right_of_second: bool, right_of_third: bool) -> [u8; 6] {
    let immediate = u8::from(right_of_second) << 2 | u8::from(right_of_third);
    vrr_c(0x84, operands, (immediate, 0, 0))
}

/// Format VRR-e: V3 in bits 16-19, V4 in 32-35.
pub fn vector_ternary(operation: VectorTernary, operands: [Vr; 4]) -> [u8; 6] {
    vrr_e(operation.code(), operands, (0, 0))
}

/// Format VRR-d: V3 in bits 16-19, the element size in 20-23, V4 in 32-35.
pub fn quadword_ternary(operation: QuadwordTernary, operands: [Vr; 4]) -> [u8; 6] {
    vrr_e(operation.code(), operands, (Element::Quadword.code(), 0))
}

pub(super) fn vrr_a(code: u8, v1: Vr, v2: Vr, (m3, m4, m5): (u8, u8, u8)) -> [u8; 6] {
    let extension = rxb([Some(v1), Some(v2), None, None]);
    let registers = v1.low() << 4 | v2.low();
    [0xe7, registers, 0, m5 << 4 | m4, m3 << 4 | extension, code]
}

pub(super) fn vrr_c(code: u8, [v1, v2, v3]: [Vr; 3], (m4, m5, m6): (u8, u8, u8)) -> [u8; 6] {
    let extension = rxb([Some(v1), Some(v2), Some(v3), None]);
    let registers = v1.low() << 4 | v2.low();
    let masks = m6 << 4 | m5;
    [
        0xe7,
        registers,
        v3.low() << 4,
        masks,
        m4 << 4 | extension,
        code,
    ]
}

/// The mask in bits 20-23, then the one in 28-31.
pub(super) fn vrr_e(code: u8, [v1, v2, v3, v4]: [Vr; 4], (left, right): (u8, u8)) -> [u8; 6] {
    let extension = rxb([Some(v1), Some(v2), Some(v3), Some(v4)]);
    let registers = v1.low() << 4 | v2.low();
    let third = v3.low() << 4 | left;
    [
        0xe7,
        registers,
        third,
        right,
        v4.low() << 4 | extension,
        code,
    ]
}
