//! How often each trait, and each pair of traits, was seen on each ISA.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::traits::Trait;
use crate::isa::Isa;

/// Counts of programs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    isas: BTreeMap<Isa, Counts>,
}

/// Counts of one ISA. Pair `(a, b)` with `a < b` is number `b * (b - 1) / 2 + a`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counts {
    programs: u64,
    single: Vec<u32>,
    pairs: Vec<u32>,
}

impl Counts {
    fn grow(&mut self) {
        let count = Trait::ALL.len();
        self.single.resize(count, 0);
        self.pairs.resize(count * (count - 1) / 2, 0);
    }
}

fn pair(a: usize, b: usize) -> usize {
    b * (b - 1) / 2 + a
}

impl Coverage {
    /// Counts a program with these traits.
    pub fn add(&mut self, isa: Isa, traits: &[Trait]) {
        let counts = self.isas.entry(isa).or_default();
        counts.grow();
        counts.programs += 1;
        let mut numbers: Vec<usize> = traits.iter().map(|one| *one as usize).collect();
        numbers.sort_unstable();
        numbers.dedup();
        for (index, &b) in numbers.iter().enumerate() {
            counts.single[b] += 1;
            for &a in &numbers[..index] {
                counts.pairs[pair(a, b)] += 1;
            }
        }
    }

    /// Adds what another part of the campaign counted.
    pub fn merge(&mut self, other: &Coverage) {
        for (isa, more) in &other.isas {
            let counts = self.isas.entry(*isa).or_default();
            counts.grow();
            counts.programs += more.programs;
            let add = |to: &mut [u32], from: &[u32]| {
                to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
            };
            add(&mut counts.single, &more.single);
            add(&mut counts.pairs, &more.pairs);
        }
    }

    /// Number of programs with `one` on `isa`.
    pub fn count(&self, isa: Isa, one: Trait) -> u32 {
        let counts = self.isas.get(&isa);
        counts.map_or(0, |counts| counts.single[one as usize])
    }

    /// Traits that no program on any ISA had.
    pub fn never(&self) -> Vec<Trait> {
        let seen = |one: &Trait| self.isas.keys().any(|isa| self.count(*isa, *one) > 0);
        Trait::ALL
            .iter()
            .copied()
            .filter(|one| !seen(one))
            .collect()
    }

    /// Pairs of traits that no program on any ISA had, though each of the two was seen.
    pub fn pairs_never(&self) -> Vec<(Trait, Trait)> {
        let never = self.never();
        let both = |a: usize, b: usize| {
            let mut counts = self.isas.values();
            counts.any(|counts| counts.pairs[pair(a, b)] > 0)
        };
        let mut list = Vec::new();
        for (b, second) in Trait::ALL.iter().enumerate() {
            for (a, first) in Trait::ALL[..b].iter().enumerate() {
                let known = !never.contains(first) && !never.contains(second);
                if known && !both(a, b) {
                    list.push((*first, *second));
                }
            }
        }
        list
    }

    /// The table: a row a trait, a column an ISA; then what was never seen, with at most
    /// `listed` pairs by name.
    pub fn render(&self, listed: usize) -> String {
        let width = Trait::ALL
            .iter()
            .map(|one| one.name().len())
            .max()
            .unwrap_or(0);
        let mut out = format!("{:width$}", "trait");
        for isa in self.isas.keys() {
            let _ = write!(out, " {:>10}", isa.name());
        }
        let _ = write!(out, "\n{:width$}", "programs");
        for counts in self.isas.values() {
            let _ = write!(out, " {:>10}", counts.programs);
        }
        out.push('\n');
        for one in Trait::ALL {
            let _ = write!(out, "{:width$}", one.name());
            for isa in self.isas.keys() {
                let _ = write!(out, " {:>10}", self.count(*isa, *one));
            }
            out.push('\n');
        }
        let never: Vec<&str> = self.never().iter().map(|one| one.name()).collect();
        let never = if never.is_empty() {
            "none".to_owned()
        } else {
            never.join(", ")
        };
        let _ = writeln!(out, "never seen: {never}");
        let pairs = self.pairs_never();
        let _ = writeln!(out, "pairs never seen: {}", pairs.len());
        for (first, second) in pairs.iter().take(listed) {
            let _ = writeln!(out, "  {first} + {second}");
        }
        if pairs.len() > listed {
            let _ = writeln!(out, "  and {} more", pairs.len() - listed);
        }
        out
    }
}
