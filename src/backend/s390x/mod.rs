//! z/Architecture, 64-bit, with the instructions of the z14.

pub mod encode;
