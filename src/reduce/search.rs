//! The search: asks the predicate about simpler programs, within the budget.

use std::collections::HashSet;
use std::time::Instant;

use super::Reduction;
use super::source::Source;
use super::weight::{Weight, weight};
use crate::panic_guard;

/// One change of a program; `None` where it does not apply. Edits of one list may be applied
/// together, last one first, so that those behind keep their places.
pub type Edit = Box<dyn Fn(&mut Source) -> Option<()>>;

/// What a pass could do to a program as it is.
pub struct Pass {
    /// Its edits, in the order of the text.
    pub edits: fn(&Source) -> Vec<Edit>,
    /// Whether several are tried at once. Alternatives of each other must not be.
    pub together: bool,
}

/// A search in progress.
pub struct Search<'a> {
    fails: &'a mut dyn FnMut(&str) -> bool,
    budget: usize,
    deadline: Option<Instant>,
    runs: usize,
    stopped: bool,
    asked: HashSet<String>,
    best: Option<(Source, String, Weight)>,
}

impl<'a> Search<'a> {
    /// A search that has asked nothing yet.
    pub fn new(
        fails: &'a mut dyn FnMut(&str) -> bool,
        budget: usize,
        deadline: Option<Instant>,
    ) -> Search<'a> {
        Search {
            fails,
            budget,
            deadline,
            runs: 0,
            stopped: false,
            asked: HashSet::new(),
            best: None,
        }
    }

    /// Starts from `source`, if the predicate holds for it as it is printed here.
    pub fn begin(&mut self, source: Source) -> bool {
        self.ask(&source)
    }

    /// Tries what `pass` lists; whether anything came of it.
    pub fn pass(&mut self, pass: &Pass) -> bool {
        let mut any = false;
        let count = self.edits(pass).len();
        let mut length = if pass.together { count.max(1) } else { 1 };
        loop {
            let mut edits = self.edits(pass);
            let mut end = edits.len();
            // Backwards: uses go before what they use.
            while end > 0 && !self.stopped {
                let start = end.saturating_sub(length);
                if self.apply(&edits[start..end]) {
                    any = true;
                    edits = self.edits(pass);
                    end = start.min(edits.len());
                } else {
                    end = start;
                }
            }
            if length == 1 || self.stopped {
                return any;
            }
            length = length.div_ceil(2);
        }
    }

    fn edits(&self, pass: &Pass) -> Vec<Edit> {
        let best = self.best.as_ref();
        best.map_or_else(Vec::new, |(source, ..)| (pass.edits)(source))
    }

    fn apply(&mut self, edits: &[Edit]) -> bool {
        let Some((source, ..)) = &self.best else {
            return false;
        };
        let edited = panic_guard::catch(|| {
            let mut source = source.clone();
            let done = edits.iter().rev().filter_map(|edit| edit(&mut source));
            (done.count() > 0).then_some(source)
        });
        edited
            .ok()
            .flatten()
            .is_some_and(|candidate| self.ask(&candidate))
    }

    /// Asks about a program that differs from the best one; keeps it if the predicate holds.
    fn ask(&mut self, candidate: &Source) -> bool {
        let Ok(text) = panic_guard::catch(|| candidate.print()) else {
            return false;
        };
        if self.asked.contains(&text) {
            return false;
        }
        let Ok(read) = Source::parse(&text) else {
            return false;
        };
        let weight = weight(&read, &text);
        if self.best.as_ref().is_some_and(|best| best.2 <= weight) {
            return false;
        }
        if self.runs >= self.budget || self.deadline.is_some_and(|d| Instant::now() >= d) {
            self.stopped = true;
            return false;
        }
        self.runs += 1;
        self.asked.insert(text.clone());
        let holds = (self.fails)(&text);
        if holds {
            self.best = Some((read, text, weight));
        }
        holds
    }

    /// What came of it.
    pub fn finish(self, original: &str) -> Reduction {
        Reduction {
            complete: !self.stopped && self.best.is_some(),
            text: self
                .best
                .map_or_else(|| original.to_owned(), |(_, text, _)| text),
            runs: self.runs,
        }
    }
}
