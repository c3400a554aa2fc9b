//! Pulley: bytecode of Wasmtime's interpreter, encoded with `pulley-interpreter`'s own encoder.
//!
//! Source of every instruction's meaning: `pulley-interpreter` 48, `lib.rs` (`for_each_op!`).
//! Calling convention: the `pulley` ABI that Cranelift's interpreter hosts use: `x0` to `x14`,
//! `f0` to `f15` and `v0` to `v15` for arguments and results, `x16` to `x29` callee-saved.

mod abi;
mod compare;
mod condition;
mod constant;
mod emit;
mod encode;
mod frame;
mod inst;
mod layout;
mod lower;
mod memory;
mod scalar;
mod vector;

pub use abi::Pulley;

#[cfg(test)]
mod tests;
