//! What the records of a campaign come to. The same in any order of the programs, and the same
//! whether they are counted as they end or read from files.

use std::collections::BTreeMap;

use super::record::{Judged, Record, Verdict};
use crate::generator::Coverage;
use crate::isa::Isa;

/// How many records have each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; Verdict::ALL.len()]);

impl Counts {
    /// Records with `verdict`.
    pub fn of(&self, verdict: Verdict) -> u64 {
        self.0[verdict as usize]
    }

    /// All records.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// All fails that look alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// How many records.
    pub count: u64,
    /// The one of the program with the lowest number.
    pub first: Record,
}

/// Sums of records.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Programs.
    pub programs: u64,
    /// Verdicts on each ISA.
    pub counts: BTreeMap<Isa, Counts>,
    /// Fails by what they are, news apart from what is known, and by signature; what is broken
    /// or could not be told by its reason.
    pub groups: BTreeMap<(Verdict, String), Group>,
    /// What the programs had.
    pub coverage: Coverage,
}

/// Groups that are kept at most: reasons may differ in every program.
const GROUPS: usize = 10_000;

impl Tally {
    /// Adds a program. Gives the groups that it is the first program of, so far.
    pub fn add(&mut self, judged: &Judged) -> Vec<Group> {
        self.programs += 1;
        let mut first = Vec::new();
        for record in &judged.records {
            self.counts.entry(record.isa).or_default().0[record.verdict as usize] += 1;
            if record.verdict != Verdict::Unsupported {
                self.coverage.add(record.isa, &judged.end.traits);
            }
            first.extend(self.group(record));
        }
        first
    }

    fn group(&mut self, record: &Record) -> Option<Group> {
        let key = match record.verdict {
            Verdict::Pass => return None,
            Verdict::Fail | Verdict::Known => record.signature.clone(),
            _ => record.reason.clone(),
        };
        let key = (record.verdict, key.unwrap_or_default());
        if self.groups.len() >= GROUPS && !self.groups.contains_key(&key) {
            return None;
        }
        let group = self.groups.entry(key).or_insert_with(|| Group {
            count: 0,
            first: record.clone(),
        });
        group.count += 1;
        let is_first = group.count == 1 || record.program < group.first.program;
        if is_first {
            group.first = record.clone();
        }
        is_first.then(|| group.clone())
    }

    /// Records with `verdict` on all ISAs.
    pub fn of(&self, verdict: Verdict) -> u64 {
        self.counts.values().map(|counts| counts.of(verdict)).sum()
    }

    /// All records.
    pub fn records(&self) -> u64 {
        self.counts.values().map(Counts::total).sum()
    }

    /// The groups with `verdict`.
    pub fn groups_of(&self, verdict: Verdict) -> impl Iterator<Item = (&str, &Group)> {
        let groups = self
            .groups
            .iter()
            .filter(move |((of, _), _)| *of == verdict);
        groups.map(|((_, name), group)| (name.as_str(), group))
    }
}
