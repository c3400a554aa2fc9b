//! patchproof: emulator-backed, cross-ISA verification of patchable calls.

pub mod assemble;
pub mod backend;
pub mod campaign;
pub mod cli;
pub mod code_generators;
pub mod codegen;
pub mod corpus;
pub mod disasm;
pub mod fault;
pub mod generator;
pub mod image;
pub mod instrument;
pub mod isa;
pub mod judge;
pub mod machine;
pub mod oracle;
pub mod panic_guard;
pub mod program;
pub mod reduce;
pub mod reference;
pub mod report;
pub mod scenario;
pub mod timing;
pub mod verify;
pub mod wire;
pub mod worker;
