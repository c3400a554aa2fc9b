//! What A64 instructions do to the flow, by encoding (Arm Architecture Reference Manual for
//! A-profile, C4.1 "A64 instruction set encoding").

use super::{Instruction, Kind};

/// Number of the link register.
const LR: u8 = 30;

/// The low `bits` bits of `value >> shift`, sign-extended, in words, as a byte distance.
fn distance(word: u32, shift: u32, bits: u32) -> u64 {
    let field = (word >> shift) << (32 - bits);
    let words = i64::from(field.cast_signed() >> (32 - bits));
    (words * 4).cast_unsigned()
}

/// Classifies.
pub fn kind(instruction: &Instruction) -> Kind {
    let Ok(bytes) = <[u8; 4]>::try_from(instruction.bytes.as_slice()) else {
        return Kind::Other;
    };
    let word = u32::from_le_bytes(bytes);
    let at = |distance: u64| instruction.address.wrapping_add(distance);
    let is = |mask: u32, value: u32| word & mask == value;
    if is(0xfc00_0000, 0x9400_0000) {
        let target = at(distance(word, 0, 26));
        return Kind::Call {
            target,
            link: Some(LR),
        };
    }
    if is(0xfc00_0000, 0x1400_0000) {
        return Kind::Jump(at(distance(word, 0, 26)));
    }
    // B.cond; CBZ, CBNZ.
    if is(0xff00_0010, 0x5400_0000) || is(0x7e00_0000, 0x3400_0000) {
        return Kind::Branch(at(distance(word, 5, 19)));
    }
    // TBZ, TBNZ.
    if is(0x7e00_0000, 0x3600_0000) {
        return Kind::Branch(at(distance(word, 5, 14)));
    }
    // BR, BRAA and relatives; BLR and its; RET and its.
    if is(0xffff_fc1f, 0xd61f_0000) || is(0xfeff_f800, 0xd61f_0800) {
        return Kind::JumpIndirect { base: None };
    }
    if is(0xffff_fc1f, 0xd63f_0000) || is(0xfeff_f800, 0xd63f_0800) {
        return Kind::CallIndirect {
            base: None,
            link: Some(LR),
        };
    }
    if is(0xffff_fc1f, 0xd65f_0000) || word == 0xd65f_0bff || word == 0xd65f_0fff {
        return Kind::Return;
    }
    // UDF.
    if is(0xffff_0000, 0) {
        return Kind::Trap;
    }
    if word == 0xd503_201f {
        return Kind::Nop;
    }
    stack_pointer(word)
}

/// `add` and `sub` of the stack pointer to itself.
fn stack_pointer(word: u32) -> Kind {
    let shift = if word & 0x0040_0000 == 0 { 0 } else { 12 };
    let amount = i64::from((word >> 10) & 0xfff) << shift;
    match word & 0xff80_03ff {
        0x9100_03ff => return Kind::AdjustSp(amount),
        0xd100_03ff => return Kind::AdjustSp(-amount),
        _ => {}
    }
    // ADD and SUB (extended register), 64-bit, of SP into SP.
    match word & 0xffe0_03ff {
        0x8b20_03ff | 0xcb20_03ff => return Kind::AdjustSpByRegister,
        _ => {}
    }
    // The same of another register into SP.
    let immediate = matches!(word & 0xff80_001f, 0x9100_001f | 0xd100_001f);
    let extended = matches!(word & 0xffe0_001f, 0x8b20_001f | 0xcb20_001f);
    if immediate || extended {
        Kind::SetSp
    } else {
        Kind::Other
    }
}
