//! RISC-V RV64GC: integers and scalar floats, no vectors, no bit-manipulation extension.

pub mod encode;
