//! Instructions as words, from register numbers and immediates.
//!
//! A code generator that gets one bit of an encoding wrong makes code that runs, and does
//! something else. So encoding is apart from everything that decides what to emit: pure
//! functions without labels, relocations or state, each checked over all registers and the
//! bounds of its immediates against a disassembler and an assembler that know nothing of it.
//!
//! - An immediate that does not fit is `None`, never a truncated one.
//! - Branches take a displacement in bytes from their own first byte.
//! - All forms are 32 bits wide. `compress` finds the 16-bit instruction that does the same;
//!   whoever emits decides whether length may change.
//!
//! Source of every encoding: The RISC-V Instruction Set Manual, volume I (unprivileged), the
//! chapter "RV32/64G Instruction Set Listings", and the chapters on each extension.

mod atomic;
mod compress;
mod constant;
mod control;
mod float;
mod format;
mod integer;
mod memory;
mod register;

pub use atomic::{Amo, Order, Width, amo, fence, load_reserved, store_conditional};
pub use compress::{Compression, compress};
pub use constant::{MAX_CONSTANT_STEPS, constant};
pub use control::{
    Branch, C_NOP, FAR_REACH, NOP, RETURN, TRAP, branch, far_parts, jump, jump_register,
};
pub use float::{
    FloatCompare, FloatOp, FloatSign, Format, Fused, IntFormat, Rounding, classify, float,
    float_compare, float_from_int, float_sign, fused, move_from_float, move_to_float, sqrt,
    to_double, to_int, to_single,
};
pub use integer::{Alu, AluImm, Shift, alu, alu_imm, auipc, lui, shift_imm};
pub use memory::{Access, FloatAccess, float_load, float_store, load, store};
pub use register::{F, X};

#[cfg(test)]
mod tests;
