//! Where the time goes, for the shares that a campaign prints. Sums are kept for each thread;
//! phases do not nest. Never part of a result.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// What a thread is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Making a program.
    Generate,
    /// From its text to functions, the CLIF verifier included.
    Parse,
    /// The code generator.
    Compile,
    /// From compiled functions to an image.
    Link,
    /// From an image to a machine that can run it.
    Load,
    /// The runs.
    Run,
    /// What the reference says.
    Predict,
    /// The oracles.
    Compare,
    /// Sending jobs to a child process and getting the evidence back.
    Isolate,
}

impl Phase {
    /// All of them, in the order of a program's way.
    pub const ALL: [Phase; 9] = [
        Phase::Generate,
        Phase::Parse,
        Phase::Compile,
        Phase::Link,
        Phase::Load,
        Phase::Run,
        Phase::Predict,
        Phase::Compare,
        Phase::Isolate,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Generate => "generate",
            Phase::Parse => "parse",
            Phase::Compile => "compile",
            Phase::Link => "link",
            Phase::Load => "load",
            Phase::Run => "run",
            Phase::Predict => "predict",
            Phase::Compare => "compare",
            Phase::Isolate => "isolate",
        }
    }
}

/// Time spent in each phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times([Duration; Phase::ALL.len()]);

impl Times {
    /// Time spent in `phase`.
    pub fn of(&self, phase: Phase) -> Duration {
        self.0[phase as usize]
    }

    /// Time spent in all phases.
    pub fn total(&self) -> Duration {
        self.0.iter().sum()
    }

    /// Adds time to `phase`.
    pub fn spend(&mut self, phase: Phase, time: Duration) {
        self.0[phase as usize] += time;
    }

    /// Both together.
    pub fn add(&mut self, other: &Times) {
        for phase in Phase::ALL {
            self.spend(phase, other.of(phase));
        }
    }
}

thread_local! {
    static TIMES: RefCell<Times> = RefCell::default();
}

/// Does `work` and counts its time for `phase` in this thread.
pub fn measure<T>(phase: Phase, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    TIMES.with_borrow_mut(|times| times.spend(phase, start.elapsed()));
    result
}

/// Counts what was measured elsewhere as this thread's.
pub fn add(times: &Times) {
    TIMES.with_borrow_mut(|own| own.add(times));
}

/// This thread's times so far, which begin anew.
pub fn take() -> Times {
    TIMES.take()
}
