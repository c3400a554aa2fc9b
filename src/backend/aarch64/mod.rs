//! AArch64: A64 instructions, and the procedure call standard of the platform.

pub mod encode;
