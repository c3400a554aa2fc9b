//! The own code generator.

pub mod x86_64;
