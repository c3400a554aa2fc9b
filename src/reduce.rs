//! Shrinks a failing program while a predicate holds.

use std::time::Duration;

/// How much a reduction may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Most runs of the predicate.
    pub runs: usize,
    /// No new run is begun after this long.
    pub time: Option<Duration>,
}

/// What a reduction came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// The shortest text found for which the predicate holds.
    pub text: String,
    /// Runs of the predicate.
    pub runs: usize,
}

/// Shrinks `text` while `fails` holds.
pub fn reduce(text: &str, budget: Budget, fails: &mut dyn FnMut(&str) -> bool) -> Reduction {
    let _nothing_yet = (budget, fails);
    Reduction {
        text: text.to_owned(),
        runs: 0,
    }
}
