//! The second, own code generator.

pub mod aarch64;
