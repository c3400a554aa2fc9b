//! Reports: what people and programs read of a verification.

pub mod campaign;
pub mod faults;
pub mod json;
pub mod listing;
pub mod states;
mod table;
pub mod text;

use std::time::Duration;

use serde::Serialize;

use crate::judge::{Judgement, Record};

/// Counts of a whole verification.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Programs with at least one verdict.
    pub programs: usize,
    /// Verdicts: program x ISA x generator.
    pub verdicts: usize,
    /// How many passed.
    pub pass: usize,
    /// How many failed.
    pub fail: usize,
    /// How many failed as the corpus says.
    pub known: usize,
    /// How many could not be told.
    pub inconclusive: usize,
    /// How many are not covered.
    pub unsupported: usize,
    /// Inputs that could not be judged: they have no verdict, but a message on stderr.
    pub bad_inputs: usize,
    /// Jobs that the suite itself failed on: no verdict, but a message on stderr.
    pub suite_failures: usize,
    /// Wall-clock time.
    pub seconds: f64,
}

impl Summary {
    /// Counts `records`.
    pub fn of(records: &[Record], elapsed: Duration) -> Summary {
        let count = |verdict| records.iter().filter(|r| r.verdict == verdict).count();
        let programs: std::collections::BTreeSet<&str> =
            records.iter().map(|r| r.program.as_str()).collect();
        Summary {
            programs: programs.len(),
            verdicts: records.len(),
            pass: count(Judgement::Pass),
            fail: count(Judgement::Fail),
            known: count(Judgement::Known),
            inconclusive: count(Judgement::Inconclusive),
            unsupported: count(Judgement::Unsupported),
            bad_inputs: 0,
            suite_failures: 0,
            seconds: (elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
        }
    }
}
