//! patchproof: emulator-backed, cross-ISA verification of patchable calls.

#![warn(missing_docs, unused_lifetimes, unsafe_op_in_unsafe_fn)]
#![deny(unsafe_code)]

pub mod codegen;
pub mod image;
pub mod isa;
pub mod machine;
pub mod oracle;
pub mod panic_guard;
pub mod program;
pub mod reference;
pub mod scenario;
pub mod verify;
pub mod worker;
