//! Shrinks a failing program while a predicate holds.
//!
//! The reducer takes a text and a predicate and knows nothing else: neither what failed nor
//! where. What the predicate accepts is the new program, so a predicate that is too weak slips
//! from one finding into another, and into programs that are themselves wrong. The one that
//! the suite uses is `judge::Recurrence`.
//!
//! Strategy: passes from coarse (header lines, functions, sites) to fine (operands, constants,
//! types), repeated until a whole round finds nothing. A pass only lists edits of the program
//! as it is; the search tries them in runs of halving length (ddmin), so that what can go
//! together goes together. A candidate is the edited IR, printed, tidied and read again.
//!
//! Invariants:
//! - The program at hand has been printed by the reducer, and the predicate holds for it; if
//!   the predicate does not hold for the original as printed here, the original is returned.
//! - A candidate is asked about only if it is simpler (`weight`), parses, passes the CLIF
//!   verifier and has not been asked about before. So the search ends, and costs no more runs
//!   than it reports.
//! - Everything is in the order of the text: the same text and predicate give the same result.
//!   The time bound only stops the search.

mod edit;
mod passes;
mod print;
mod search;
mod source;
mod tidy;
mod weight;

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use search::Search;
use source::Source;

/// How much a reduction may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Most runs of the predicate.
    pub runs: usize,
    /// No new run is begun after this long.
    pub time: Option<Duration>,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget {
            runs: 5_000,
            time: None,
        }
    }
}

/// What a reduction came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduction {
    /// The shortest text found for which the predicate holds; the original if it does not
    /// hold for that, or nothing shorter was found.
    pub text: String,
    /// Runs of the predicate.
    pub runs: usize,
    /// Whether the search ended by itself: nothing that it knows makes the text simpler.
    pub complete: bool,
}

/// Shrinks `text` while `fails` holds.
pub fn reduce(text: &str, budget: Budget, fails: &mut dyn FnMut(&str) -> bool) -> Reduction {
    let deadline = budget
        .time
        .and_then(|time| Instant::now().checked_add(time));
    let mut search = Search::new(fails, budget.runs, deadline);
    let mut simpler = Source::parse(text).is_ok_and(|source| search.begin(source));
    while simpler {
        simpler = false;
        for pass in passes::ALL {
            simpler |= search.pass(pass);
        }
    }
    search.finish(text)
}

/// Number of instructions in a program's functions; `None` if the text is none.
pub fn instructions(text: &str) -> Option<usize> {
    Source::parse(text).ok().map(|source| source.instructions())
}
