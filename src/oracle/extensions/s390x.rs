//! z/Architecture, from the Principles of Operation (SA22-7832), chapters 7 ("General
//! Instructions"), 21 to 24 (vector instructions) and the facility list in chapter 4.
//! Baseline is z14: vector-enhancements facility 1, miscellaneous-instruction-extensions 2.

use super::Requirement;
use crate::disasm::Instruction;

const MIE3: Requirement = Requirement::new(
    "miscellaneous-instruction-extensions facility 3",
    &["has_mie3"],
);
const MIE4: Requirement = Requirement::new(
    "miscellaneous-instruction-extensions facility 4",
    &["has_mie4"],
);
const VECTOR2: Requirement = Requirement::new("vector-enhancements facility 2", &["has_vxrs_ext2"]);
const VECTOR3: Requirement = Requirement::new("vector-enhancements facility 3", &["has_vxrs_ext3"]);

/// What `instruction` needs.
pub fn requirements(instruction: &Instruction) -> Vec<Requirement> {
    let needed = match instruction.bytes[..] {
        [0xb9, operation, fields, _] => register_to_register(operation, fields),
        // MVCRL.
        [0xe5, 0x0a, ..] => Some(MIE3),
        [0xe3, _, _, _, _, operation] => indexed(operation),
        [0xe6, _, _, _, _, operation] => reversed(operation),
        [0xe7, _, fields, _, element, operation] => vector(operation, fields & 15, element >> 4),
        _ => None,
    };
    needed.into_iter().collect()
}

fn register_to_register(operation: u8, fields: u8) -> Option<Requirement> {
    match operation {
        // N(G)NRK, OC(G)RK, NO(G)RK, NX(G)RK; NC(G)RK; SEL(F)(G)R.
        0x64..=0x67 | 0x74..=0x77 | 0xe5 | 0xf5 | 0xc0 | 0xe3 | 0xf0 => Some(MIE3),
        // POPCNT of the whole register: bit 0 of M3.
        0xe1 if fields & 0x80 != 0 => Some(MIE3),
        // CLZG, CTZG, BEXTG, BDEPG.
        0x68 | 0x69 | 0x6c | 0x6d => Some(MIE4),
        _ => None,
    }
}

/// LOAD (LOGICAL) INDEXED ADDRESS.
fn indexed(operation: u8) -> Option<Requirement> {
    (0x60..=0x69).contains(&operation).then_some(MIE4)
}

/// Loads and stores of reversed bytes and elements.
fn reversed(operation: u8) -> Option<Requirement> {
    matches!(operation, 0x01..=0x07 | 0x09..=0x0b | 0x0e | 0x0f).then_some(VECTOR2)
}

/// `element` is the element size control: 0 bytes, 1 halfwords, 2 words, 3 doublewords,
/// 4 quadwords; `fourth` is the same control where the instruction has four registers.
fn vector(operation: u8, fourth: u8, element: u8) -> Option<Requirement> {
    match operation {
        // VSLD, VSRD, VSTRS.
        0x86 | 0x87 | 0x8b => Some(VECTOR2),
        // Conversions between single-precision floats and words.
        0xc0..=0xc3 if element == 2 => Some(VECTOR2),
        // VEVAL, VBLEND, VGEM; VDL, VRL, VD, VR.
        0x88 | 0x89 | 0x54 | 0xb0..=0xb3 => Some(VECTOR3),
        // Average, compare, count zeros, complement, absolute, minimum, maximum of quadwords.
        0x52 | 0x53 | 0xd9 | 0xdb | 0xde | 0xdf | 0xf0 | 0xf2 | 0xf8 | 0xf9 | 0xfb | 0xfc
        | 0xfd | 0xfe | 0xff
            if element == 4 =>
        {
            Some(VECTOR3)
        }
        // Multiplication of doublewords and quadwords.
        0xa1..=0xa7 if element >= 3 => Some(VECTOR3),
        // Multiply and add: the element size is M5, behind the third register.
        0xa9..=0xaf if fourth >= 3 => Some(VECTOR3),
        // Unpack of doublewords.
        0xd4..=0xd7 if element == 3 => Some(VECTOR3),
        _ => None,
    }
}

/// Mnemonic of an instruction of the vector-enhancements facility 2, without element size where it
/// has one. The disassembler knows none of them, or takes them for conversions of doublewords.
pub fn name(bytes: &[u8]) -> Option<&'static str> {
    Some(match *bytes {
        [0xe6, _, _, _, _, operation] => match operation {
            0x01 => "vlebrh",
            0x02 => "vlebrg",
            0x03 => "vlebrf",
            0x04 => "vllebrz",
            0x05 => "vlbrrep",
            0x06 => "vlbr",
            0x07 => "vler",
            0x09 => "vstebrh",
            0x0a => "vstebrg",
            0x0b => "vstebrf",
            0x0e => "vstbr",
            0x0f => "vster",
            _ => return None,
        },
        [0xe7, _, _, _, _, 0x86] => "vsld",
        [0xe7, _, _, _, _, 0x87] => "vsrd",
        [0xe7, _, _, _, _, 0x8b] => "vstrs",
        [0xe7, _, _, _, element, operation @ 0xc0..=0xc3] if element >> 4 == 2 => match operation {
            0xc0 => "vclfeb",
            0xc1 => "vcelfb",
            0xc2 => "vcfeb",
            _ => "vcefb",
        },
        _ => return None,
    })
}
