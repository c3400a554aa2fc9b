//! What generated programs have, counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::isa::Isa;

/// Something that a generated program can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Trait {
    /// One site.
    SiteOne,
    /// Several sites.
    SitesFew,
    /// No optimisation.
    OptNone,
}

/// How many programs had each trait, for each ISA.
#[derive(Clone, Debug, Default)]
pub struct Coverage(BTreeMap<(Isa, Trait), u64>);

impl Coverage {
    /// Counts a program that was judged on `isa`.
    pub fn add(&mut self, isa: Isa, traits: &[Trait]) {
        for one in traits {
            *self.0.entry((isa, *one)).or_default() += 1;
        }
    }

    /// Both together.
    pub fn merge(&mut self, other: &Coverage) {
        for (key, count) in &other.0 {
            *self.0.entry(*key).or_default() += count;
        }
    }

    /// The table.
    pub fn render(&self) -> String {
        let lines = self.0.iter();
        let lines = lines.map(|((isa, one), count)| format!("{isa} {one:?} {count}\n"));
        lines.collect()
    }
}
