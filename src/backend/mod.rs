//! The second, own code generator.

pub mod riscv64;
