//! Integer instructions with an immediate (C4.1, "Data Processing -- Immediate").

use super::{Alu, RD, RN, Reg, Size, operations};

/// `op rd, rn, #value`, for additions and subtractions; `rn` may be the stack pointer, and `rd`
/// too unless the flags are set. `None` when the operation is none of these, or the value is
/// not 12 bits, plain or shifted to the left by 12.
pub fn alu_imm(op: Alu, size: Size, rd: Reg, rn: Reg, value: u64) -> Option<u32> {
    if !op.is_arithmetic() {
        return None;
    }
    let value = u32::try_from(value).ok()?;
    let field = match value {
        0..0x1000 => value << 10,
        _ if value & 0xfff == 0 && value < 0x100_0000 => 1 << 22 | (value >> 12) << 10,
        _ => return None,
    };
    // Register forms have 01011 in bits 24 to 28, immediate forms 10001.
    let word = (op.word & 0xe000_0000) | 0x1100_0000;
    Some(word | size.sf() | field | rd.at(RD) | rn.at(RN))
}

operations! {
    /// Operations bit by bit with an immediate.
    LogicImm {
        AND = "and" 0x1200_0000,
        ORR = "orr" 0x3200_0000,
        EOR = "eor" 0x5200_0000,
        ANDS = "ands" 0x7200_0000,
    }
}

/// `op rd, rn, #value`; `rd` may be the stack pointer unless the flags are set. `None` when the
/// value is no [`bit_pattern`].
pub fn logic_imm(op: LogicImm, size: Size, rd: Reg, rn: Reg, value: u64) -> Option<u32> {
    Some(op.word | size.sf() | bit_pattern(size, value)? | rd.at(RD) | rn.at(RN))
}

/// The fields `N`, `immr` and `imms` of a value that is an element of 2, 4, .. 64 bits repeated,
/// each element a run of ones turned around (the pseudocode of `DecodeBitMasks`, J1.1.3). A
/// value of 32 bits has nothing above them. Neither zero nor all ones is such a value.
pub fn bit_pattern(size: Size, value: u64) -> Option<u32> {
    let value = match size {
        Size::X => value,
        Size::W if value >> 32 == 0 => value << 32 | value,
        Size::W => return None,
    };
    if value == 0 || value == u64::MAX {
        return None;
    }
    // The smallest element that repeats.
    let repeats = |bits: &u32| value.rotate_right(*bits) == value;
    let bits = [2u32, 4, 8, 16, 32].into_iter().find(repeats).unwrap_or(64);
    let mask = u64::MAX >> (64 - bits);
    let element = value & mask;
    let ones = element.count_ones();
    // How far the run of ones at the bottom is turned to the right.
    let run = u64::MAX >> (64 - ones);
    let turned = |by: &u32| ((run >> by) | (run << ((bits - by) % bits))) & mask == element;
    let turn = (0..bits).find(turned)?;
    let n = u32::from(bits == 64);
    // `imms` says the element's size by the zero behind its leading ones.
    let imms = (!(2 * bits - 1) & 0x3f) | (ones - 1);
    Some(n << 22 | turn << 16 | (imms & 0x3f) << 10)
}

operations! {
    /// Moves of 16 bits.
    MoveWide {
        MOVN = "movn" 0x1280_0000,
        MOVZ = "movz" 0x5280_0000,
        MOVK = "movk" 0x7280_0000,
    }
}

/// `op rd, #value, lsl #shift`: all other bits become zero, ones (the value inverted), or stay.
/// `None` when the shift is no multiple of 16 below the size.
pub fn move_wide(op: MoveWide, size: Size, rd: Reg, value: u16, shift: u8) -> Option<u32> {
    if !shift.is_multiple_of(16) || shift >= size.bits() {
        return None;
    }
    let field = u32::from(shift / 16) << 21 | u32::from(value) << 5;
    Some(op.word | size.sf() | field | rd.at(RD))
}
