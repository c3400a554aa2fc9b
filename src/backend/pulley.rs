//! Pulley: bytecode of Wasmtime's interpreter, encoded with `pulley-interpreter`'s own encoder.
//!
//! Source of every instruction's meaning: `pulley-interpreter` 48, `lib.rs` (`for_each_op!`).
//! Calling convention: the `pulley` ABI that Cranelift's interpreter hosts use: `x0` to `x14`,
//! `f0` to `f15` and `v0` to `v15` for arguments and results, `x16` to `x29` callee-saved.

mod abi;
mod encode;
mod frame;
mod inst;
mod lower;

pub use abi::Pulley;
