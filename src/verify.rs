//! One program on one ISA from one generator, from text to verdict: compile, link, run every
//! scenario, judge.

use std::path::PathBuf;

use crate::codegen::{CodeGenerator, CodegenError};
use crate::image::{CodeImage, LinkError};
use crate::isa::Isa;
use crate::oracle::{Discrepancy, Verdict};
use crate::program::{Program, Target};
use crate::scenario::Scenario;

/// What a verification came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The joined verdict of all oracles.
    pub verdict: Verdict,
    /// Patch sites in the emitted code.
    pub sites: usize,
    /// Scenarios that were run.
    pub scenarios: usize,
    /// Runs: scenarios times phases times invocations.
    pub runs: usize,
    /// Entries of hooks from sites in all runs.
    pub hook_hits: u64,
}

/// How programs are run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The executable that serves as the child process of the Pulley machines: this package's
    /// own command.
    pub worker: PathBuf,
    /// Only this scenario; all of them if `None`.
    pub scenario: Option<Scenario>,
    /// Most fuel of a run: basic blocks on Unicorn, instructions on Pulley.
    pub fuel: u64,
}

/// Why no verdict could be had; never the generator's doing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The program cannot be put into the guest: bad input.
    #[error("{0}")]
    Input(String),
    /// The suite itself is broken.
    #[error("{0}")]
    Suite(String),
}
