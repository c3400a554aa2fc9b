//! Judges of the gaps, all on the machine: a reference for halves that knows integers only and
//! searches, and literals worked by hand from the manual's definitions.

mod arithmetic;
mod compressed;
mod hart;
mod memory;
mod reference;
mod tables;

use hart::Hart;

/// An operation on floating-point registers: `fa0` (or `a0`) from `fa1`, `fa2` and `fa3`.
fn operation(funct7: u32, second: u32, function: u32) -> u32 {
    funct7 << 25 | second << 20 | 11 << 15 | function << 12 | 10 << 7 | 0x53
}

/// The field of `fa2`, or of `a2`.
const SECOND: u32 = 12;

/// A half as a register holds it.
fn boxed(half: u16) -> u64 {
    0xffff_ffff_ffff_0000 | u64::from(half)
}
