//! Code generators: what is under test. Each takes a program and a target and delivers bytes
//! plus patch metadata; none of them ever sees a machine.

mod compiled;
mod cranelift;
mod nops;

pub use compiled::{
    Compiled, CompiledFunction, CompiledSite, Handler, OffSite, Rebuild, RelocKind, RelocTarget,
    Relocation, TrapRecord,
};
pub use cranelift::{Cranelift, OLDER};
pub use nops::{NopFillError, nop_fill};

use crate::program::{Program, Target};

/// A code generator under test. Pure and deterministic: the same program and target give the
/// same bytes, on any thread.
pub trait CodeGenerator: Send + Sync {
    /// Name and release, like `cranelift@0.135.8`. The part before `@` names its snapshots.
    fn name(&self) -> &str;

    /// Compiles all functions of `program` for `target`.
    fn compile(&self, program: &Program, target: &Target) -> Result<Compiled, CodegenError>;
}

/// Why there is no code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodegenError {
    /// The generator says that it does not cover this input. Not a failure.
    #[error("{function}: unsupported: {reason}")]
    Unsupported {
        /// Function that it refused.
        function: String,
        /// In its own words.
        reason: String,
    },
    /// The input is valid, and the generator gave up or panicked.
    #[error("{function}: {message}")]
    Failed {
        /// Function that it failed on.
        function: String,
        /// What it said.
        message: String,
    },
}
