//! The second, own code generator.

pub mod s390x;
