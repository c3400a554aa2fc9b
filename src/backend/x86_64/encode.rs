//! x86-64 instructions as bytes.
//!
//! An instruction here is a function of hardware register numbers, sizes, addresses and
//! immediates that appends its bytes; it knows no labels, relocations or virtual registers.
//! What has no encoding (an immediate that does not fit, a shift beyond the operand) is
//! [`NoEncoding`] and appends nothing, so that no caller's slip becomes wrong code.
//!
//! Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, chapter 2
//! for the format, chapters 3 to 5 for each opcode. Everything is legacy-encoded: general
//! registers, SSE to SSE4.2, LZCNT, POPCNT, BMI1's TZCNT and CMPXCHG16B. No VEX.

pub mod atomic;
mod emit;
pub mod flow;
pub mod integer;
pub mod moves;
pub mod nop;
mod operand;
pub mod shift;
pub mod sse;
pub mod sse_imm;
pub mod sse_move;

pub use operand::{Cond, Gpr, GprMem, Mem, Size, Xmm};

#[cfg(test)]
use operand::XmmMem;

/// The ISA has no encoding for these operands; nothing was appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no x86-64 encoding: {0}")]
pub struct NoEncoding(pub &'static str);

/// What an encoder with limits gives.
pub type Encoded = Result<(), NoEncoding>;

#[cfg(test)]
mod tests;
