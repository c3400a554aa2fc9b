//! s390x instructions that Cranelift emits and the emulator does not know, computed here.
//!
//! Cranelift's baseline is z14; Unicorn 2.1's QEMU (5.0.1) stops short of it. It lacks the
//! miscellaneous-instruction-extensions facility 2 and the vector-enhancements facility 1, so
//! that `imul`, `f32` arithmetic on three different or on the upper sixteen registers, every
//! `f32x4`, `fmin` and `fmax` of any type, and all arithmetic on `f128` would stop the run. An
//! unknown instruction arrives in the interrupt hook as exception 3 with the PC still on it: the
//! hook calls [`execute`] and moves the PC past it.
//!
//! The set was found by running each encoding of Cranelift's own emission test on the emulator;
//! the tests do so again, so that the set shrinks on the day when Unicorn learns one. What
//! needs an ISA flag beyond the baseline is a mistake unless that flag was given ([`extension`]);
//! of that, the vector-enhancements facility 2 remains unknown. What the emulator knows but computes wrong is in [`miscomputed`].
//!
//! Source: z/Architecture Principles of Operation (SA22-7832), chapters 7, 19, 21, 22 and 24.

mod bfp;
mod enabled;
pub mod extension;
mod float;
mod instruction;
mod integer;
pub mod miscomputed;
mod vector;
mod wider;

#[cfg(test)]
mod tests;

use enabled::Enabled;
use float::Float;
use instruction::Instruction;
use integer::Integer;
use vector::Vector;
use wider::Wider;

/// What an instruction computed outside the emulator reads and writes.
pub trait Registers {
    /// General register `n`, 0 to 15.
    fn gpr(&self, n: u8) -> u64;
    /// Sets general register `n`, all 64 bits of it.
    fn set_gpr(&mut self, n: u8, value: u64);
    /// Vector register `n`, 0 to 31, as a 128-bit integer: bit 0 of the manual (leftmost) is the
    /// most significant bit.
    fn vr(&self, n: u8) -> u128;
    /// Sets vector register `n`.
    fn set_vr(&mut self, n: u8, value: u128);
    /// Sets the condition code of the PSW, 0 to 3.
    fn set_cc(&mut self, cc: u8);
    /// An unsigned big-endian integer of `bytes` (1 to 8) bytes in guest memory; `None` is an
    /// access fault.
    fn load(&self, address: u64, bytes: u8) -> Option<u64>;
}

enum Gap {
    Integer(Integer),
    Vector(Vector),
    Float(Float),
    Enabled(Enabled),
    Wider(Wider),
}

impl Gap {
    fn decode(code: Instruction) -> Option<Self> {
        Integer::decode(code)
            .map(Gap::Integer)
            .or_else(|| Vector::decode(code).map(Gap::Vector))
            .or_else(|| Float::decode(code).map(Gap::Float))
            .or_else(|| Enabled::decode(code).map(Gap::Enabled))
            .or_else(|| Wider::decode(code).map(Gap::Wider))
    }
}

/// Executes the instruction at the start of `code` (the bytes at the PC) if it is one of the
/// gaps: its length in bytes.
///
/// `None`, with nothing changed, when it is not one, or when it would end in a program
/// exception of its own.
pub fn execute(code: &[u8], registers: &mut impl Registers) -> Option<u8> {
    let code = Instruction::fetch(code)?;
    match Gap::decode(code)? {
        Gap::Integer(gap) => gap.execute(code, registers)?,
        Gap::Vector(gap) => gap.execute(code, registers),
        Gap::Float(gap) => gap.execute(code, registers)?,
        Gap::Enabled(gap) => gap.execute(code, registers),
        Gap::Wider(gap) => gap.execute(code, registers)?,
    }
    Some(code.bytes())
}

/// Mnemonic of a gap instruction, for reports; `None` for any other instruction.
///
/// Rounding modes and the function codes of minimum and maximum are not part of it.
pub fn mnemonic(code: &[u8]) -> Option<&'static str> {
    Some(match Gap::decode(Instruction::fetch(code)?)? {
        Gap::Integer(gap) => gap.mnemonic(),
        Gap::Vector(gap) => gap.mnemonic(),
        Gap::Float(gap) => gap.mnemonic(),
        Gap::Enabled(gap) => gap.mnemonic(),
        Gap::Wider(gap) => gap.mnemonic(),
    })
}
