//! Which ISA flag of Cranelift an instruction needs.
//!
//! Code must not exceed the ISA that it was asked for: it would be right on the machine of its
//! author and stop on another. Cranelift 0.135 has four s390x flags beyond its z14 baseline.
//! The emulator cannot stand in for this check: it knows none of the instructions below, except
//! that it takes the full-register form of POPCNT for the bytewise one and computes nonsense.
//!
//! Source: Principles of Operation (SA22-7832-13 and -14), chapter 4, "Facility Indications",
//! bits 61 and 148 (z15), 84 and 198 (z17).

use super::instruction::Instruction;

/// Miscellaneous-instruction-extensions facility 3 (z15).
const MIE3: &str = "has_mie3";
/// Vector-enhancements facility 2 (z15).
const VXRS_EXT2: &str = "has_vxrs_ext2";
/// Miscellaneous-instruction-extensions facility 4 (z17).
const MIE4: &str = "has_mie4";
/// Vector-enhancements facility 3 (z17).
const VXRS_EXT3: &str = "has_vxrs_ext3";

/// The Cranelift ISA flag that enables the instruction at the start of `code`; `None` for the
/// baseline's instructions, and for any that Cranelift has no flag for.
pub fn extension_flag(code: &[u8]) -> Option<&'static str> {
    let code = Instruction::fetch(code)?;
    match code.bits(0, 8) {
        0xb9 => register_form(code),
        0xe3 => load_indexed_address(code),
        0xe6 => reversed_storage(code),
        0xe7 => vector(code),
        _ => None,
    }
}

/// Formats RRE and RRF.
fn register_form(code: Instruction) -> Option<&'static str> {
    match code.bits(0, 16) {
        // NNRK, NNGRK, NORK, NOGRK, NXRK, NXGRK, OCRK, OCGRK, NCRK, NCGRK.
        0xb974 | 0xb964 | 0xb976 | 0xb966 | 0xb977 | 0xb967 | 0xb975 | 0xb965 | 0xb9f5 | 0xb9e5 => {
            Some(MIE3)
        }
        // SELECT and SELECT HIGH: SELR, SELGR, SELFHR.
        0xb9f0 | 0xb9e3 | 0xb9c0 => Some(MIE3),
        // POPCNT of a whole register, told by the leftmost bit of M3.
        0xb9e1 if code.nibble(16) & 8 != 0 => Some(MIE3),
        // CLZG, CTZG.
        0xb968 | 0xb969 => Some(MIE4),
        _ => None,
    }
}

/// LXAB to LXAQ and LLXAB to LLXAQ.
fn load_indexed_address(code: Instruction) -> Option<&'static str> {
    (0xe360..=0xe369)
        .contains(&code.split_opcode())
        .then_some(MIE4)
}

/// Loads and stores that reverse bytes or elements.
fn reversed_storage(code: Instruction) -> Option<&'static str> {
    match code.split_opcode() {
        // VLEBRH, VLEBRG, VLEBRF, VLLEBRZ, VLBRREP, VLBR, VLER.
        0xe601..=0xe607 => Some(VXRS_EXT2),
        // VSTEBRH, VSTEBRG, VSTEBRF, VSTBR, VSTER.
        0xe609..=0xe60b | 0xe60e | 0xe60f => Some(VXRS_EXT2),
        _ => None,
    }
}

/// Vector instructions: mostly old ones with a new element size in M4 (or M3, at the same place).
fn vector(code: Instruction) -> Option<&'static str> {
    /// Words and doublewords of multiplication and division; quadwords anywhere.
    const WORD: u8 = 2;
    const DOUBLEWORD: u8 = 3;
    const QUADWORD: u8 = 4;
    let opcode = code.split_opcode();
    let size = code.nibble(32);
    match opcode {
        // VCSFP, VCLFP, VCFPS, VCFPL with words: VCFEB, VCLFEB, VCEFB, VCELFB.
        0xe7c0..=0xe7c3 if size == WORD => Some(VXRS_EXT2),
        // VSLD, VSRD, VSTRS.
        0xe786 | 0xe787 | 0xe78b => Some(VXRS_EXT2),
        // VEVAL, VBLEND, VGEM.
        0xe788 | 0xe789 | 0xe754 => Some(VXRS_EXT3),
        // VDL, VRL, VD, VR: all of division is new.
        0xe7b0..=0xe7b3 => Some(VXRS_EXT3),
        // VMLH, VML, VMH, VMLE, VMLO, VME, VMO.
        0xe7a1..=0xe7a7 if size >= DOUBLEWORD => Some(VXRS_EXT3),
        // VMALH, VMAL, VMAH, VMALE, VMALO, VMAE, VMAO: format VRR-d, size in bits 20-23.
        0xe7a9..=0xe7af if code.nibble(20) >= DOUBLEWORD => Some(VXRS_EXT3),
        // VUPLL, VUPLH, VUPL, VUPH.
        0xe7d4..=0xe7d7 if size >= DOUBLEWORD => Some(VXRS_EXT3),
        // VCTZ, VCLZ, VLC, VLP, VECL, VEC.
        0xe752 | 0xe753 | 0xe7de | 0xe7df | 0xe7d9 | 0xe7db if size == QUADWORD => Some(VXRS_EXT3),
        // VAVGL, VAVG, VCEQ, VCHL, VCH, VMNL, VMXL, VMN, VMX.
        0xe7f0 | 0xe7f2 | 0xe7f8 | 0xe7f9 | 0xe7fb | 0xe7fc..=0xe7ff if size == QUADWORD => {
            Some(VXRS_EXT3)
        }
        _ => None,
    }
}
