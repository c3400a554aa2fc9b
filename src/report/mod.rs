//! Reports: what people and programs read of a verification.

pub mod campaign;
pub mod faults;
pub mod findings;
pub mod json;
mod lacking;
pub mod listing;
pub mod states;
mod table;
pub mod text;
pub mod upstream;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::judge::{Judgement, Record};
use crate::oracle::Lacking;

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
    /// How many of all have a verdict that is not about the whole program.
    pub in_part: usize,
    /// Inputs that could not be judged: they have no verdict, but a message on stderr.
    pub bad_inputs: usize,
    /// Jobs that the suite itself failed on: no verdict, but a message on stderr.
    pub suite_failures: usize,
    /// What is unsupported or inconclusive, as a whole or in part, by its reason.
    pub reasons: BTreeMap<String, usize>,
    /// Instructions that the machine of an ISA does not execute, in all emitted code that needs
    /// them: by ISA and extension, then by mnemonic.
    pub lacking: BTreeMap<String, BTreeMap<String, usize>>,
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
            in_part: records.iter().filter(|r| !r.left_out.is_empty()).count(),
            bad_inputs: 0,
            suite_failures: 0,
            reasons: reasons(records),
            lacking: lacking::of(records),
            seconds: (elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
        }
    }
}

fn reasons(records: &[Record]) -> BTreeMap<String, usize> {
    let mut reasons = BTreeMap::new();
    let unjudged = [Judgement::Inconclusive, Judgement::Unsupported];
    let kinds = unjudged.into_iter().flat_map(|v| [(v, false), (v, true)]);
    for (verdict, of_parts) in kinds {
        for reason in records.iter().flat_map(|r| r.reasons_of(verdict, of_parts)) {
            *reasons.entry(kind(reason)).or_default() += 1;
        }
    }
    reasons
}

/// `reason` without the instructions that it may list.
fn short(reason: &str) -> Cow<'_, str> {
    match Lacking::of_reason(reason) {
        Some(lacking) => Cow::Owned(lacking.in_short()),
        None => Cow::Borrowed(reason),
    }
}

/// `reason` without the function, the values and the instructions that it is about.
fn kind(reason: &str) -> String {
    let reason = &*short(reason);
    let reason = reason
        .split_once(": unsupported: ")
        .map_or(reason, |(_, reason)| reason);
    let is_value = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let number = word.strip_prefix('v');
        number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let words = reason.split(' ').map(|word| {
        if is_value(word) {
            word.replace(|c: char| c.is_ascii_digit(), "")
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_counted_whatever_function_and_values_they_are_about() {
        let isle = "%f: unsupported: should be implemented: `v12 = rotl.i8 v1, v0`";
        assert_eq!(kind(isle), "should be implemented: `v = rotl.i8 v, v`");
        assert_eq!(
            kind("the machine lacks AVX: vaddsd 2, vmulsd 1; FMA: vfmadd213sd 7"),
            "the machine lacks AVX, FMA"
        );
    }
}
