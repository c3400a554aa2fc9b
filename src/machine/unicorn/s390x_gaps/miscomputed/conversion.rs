//! Conversions to unsigned integers, of which the emulator gets the NaNs wrong.
//!
//! CONVERT TO LOGICAL makes zero of a NaN; QEMU 5.0 makes the greatest integer of it. Cranelift
//! lowers `fcvt_to_uint_sat` to just that instruction. A vector may hold a NaN beside a number,
//! so these are computed whatever the operand is.

use super::super::Registers;
use super::super::bfp::convert::to_unsigned;
use super::super::bfp::{Format, order, rounding_mode};
use super::super::instruction::Instruction;
use std::cmp::Ordering;

/// One of the instructions, as decoded.
#[derive(Clone, Copy)]
pub(super) enum Conversion {
    /// Each long element of a vector, or the first only, to a doubleword.
    Vector { single: bool },
    /// An extended datum in a register pair to a general register, 32 or 64 bits of it.
    Extended { bits: u32 },
}

impl Conversion {
    pub(super) fn decode(code: Instruction) -> Option<Self> {
        // Registers n and n + 2 are a pair unless bit 1 of n is set.
        let is_pair = code.nibble(28) & 2 == 0;
        match (code.bits(0, 16), code.split_opcode()) {
            (0xb39e, _) if is_pair => Some(Conversion::Extended { bits: 32 }),
            (0xb3ae, _) if is_pair => Some(Conversion::Extended { bits: 64 }),
            (_, 0xe7c0) if code.nibble(32) == 3 => match code.nibble(28) {
                0 => Some(Conversion::Vector { single: false }),
                8 => Some(Conversion::Vector { single: true }),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn mnemonic(self) -> &'static str {
        match self {
            Conversion::Vector { single: false } => "vclgdb",
            Conversion::Vector { single: true } => "wclgdb",
            Conversion::Extended { bits: 32 } => "clfxbr",
            Conversion::Extended { .. } => "clgxbr",
        }
    }

    /// `None` if the rounding mode is reserved.
    pub(super) fn execute(self, code: Instruction, registers: &mut impl Registers) -> Option<()> {
        match self {
            Conversion::Vector { single } => vector(code, single, registers),
            Conversion::Extended { bits } => extended(code, bits, registers),
        }
    }
}

/// VCLGD and WCLGD, format VRR-a; M5 (bits 24-27) is the rounding mode.
fn vector(code: Instruction, single: bool, registers: &mut impl Registers) -> Option<()> {
    let rounding = rounding_mode(code.nibble(24))?;
    let operand = registers.vr(code.vector(2));
    let element = |shift: u32| {
        let long = operand >> shift & u128::from(u64::MAX);
        u128::from(to_unsigned(Format::LONG, long, rounding, 64).0) << shift
    };
    let second = if single { 0 } else { element(0) };
    registers.set_vr(code.vector(1), element(64) | second);
    Some(())
}

/// CLFXBR and CLGXBR, format RRF-e: M3 in bits 16-19, R1 in 24-27, R2 in 28-31. What is left of
/// a 32-bit result stays. Condition code 3 for what is out of range, the sign of the source
/// otherwise.
fn extended(code: Instruction, bits: u32, registers: &mut impl Registers) -> Option<()> {
    let rounding = rounding_mode(code.nibble(16))?;
    let (target, pair) = (code.nibble(24), code.nibble(28));
    // Floating-point register n is the left half of vector register n.
    let half = |n: u8| registers.vr(n) >> 64;
    let datum = half(pair) << 64 | half(pair + 2);
    let (integer, out_of_range) = to_unsigned(Format::EXTENDED, datum, rounding, bits);
    let kept = match bits {
        32 => registers.gpr(target) >> 32 << 32,
        _ => 0,
    };
    registers.set_gpr(target, kept | integer);
    registers.set_cc(match order(Format::EXTENDED, datum, 0) {
        _ if out_of_range => 3,
        Some(Ordering::Equal) => 0,
        Some(Ordering::Less) => 1,
        _ => 2,
    });
    Some(())
}
