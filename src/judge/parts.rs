//! A program judged by its parts, where that says more than the whole.
//!
//! The whole comes first: it costs least, and passing it says all. What is no pass may be one
//! function's doing. A fail stands as it is: it has been seen, and what was seen of several functions
//! together need not show in one alone.

use std::collections::BTreeSet;

use super::{Judged, Judgement, LeftOut, Record};
use crate::corpus::Case;
use crate::program::Program;

/// Whether the parts of a program with this verdict may have others.
pub fn may_say_more(whole: &Case, record: &Record) -> bool {
    use Judgement::{Inconclusive, Known, Unsupported};
    let has_target = |program: &Program| program.targets_of(record.isa).next().is_some();
    matches!(record.verdict, Known | Inconclusive | Unsupported)
        && whole.program.as_ref().is_ok_and(has_target)
}

/// A part as a case, under the name of the whole.
pub fn case(whole: &Case, text: &str) -> Case {
    let is_called = |program: &Program| !program.invocations.is_empty();
    let parse = if whole.program.as_ref().is_ok_and(is_called) {
        Program::parse
    } else {
        Program::parse_uncalled
    };
    Case {
        id: whole.id.clone(),
        path: whole.path.clone(),
        expectation: whole.expectation.clone(),
        program: parse(&whole.id, text),
        parts: Vec::new(),
    }
}

/// What is reported of `case`, the whole: where it may hide something, what its `parts` came to.
/// Each of them has its records in the same order.
pub fn joined(case: &Case, whole: Vec<Judged>, parts: Vec<Vec<Judged>>) -> Vec<Judged> {
    let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
    let mut joined = Vec::with_capacity(whole.len());
    for judged in whole {
        let of_parts: Result<Vec<Record>, _> =
            parts.iter_mut().filter_map(Iterator::next).collect();
        joined.push(match (judged, of_parts) {
            (Ok(whole), Ok(parts)) if may_say_more(case, &whole) => Ok(together(whole, parts)),
            (whole, _) => whole,
        });
    }
    joined
}

/// The worst of what the parts came to and what it was of; the rest is left out with its reason, and
/// so is the whole if its reason is none of theirs.
fn together(whole: Record, parts: Vec<Record>) -> Record {
    use Judgement::{Fail, Inconclusive, Known, Pass};
    let says = |verdict| parts.iter().any(|part| part.verdict == verdict);
    let order = [Fail, Known, Pass, Inconclusive];
    let Some(verdict) = order.into_iter().find(|verdict| says(*verdict)) else {
        return whole;
    };
    let mut record = Record {
        verdict,
        reason: None,
        sites: 0,
        scenarios: whole.scenarios,
        runs: 0,
        hook_hits: 0,
        left_out: whole.left_out.clone(),
        discrepancies: Vec::new(),
        ..whole.clone()
    };
    let (mut left_out, mut reasons) = (Vec::new(), Vec::new());
    for part in parts {
        record.sites += part.sites;
        record.scenarios = record.scenarios.max(part.scenarios);
        record.runs += part.runs;
        record.hook_hits += part.hook_hits;
        left_out.extend(unjudged(&part));
        left_out.extend(part.left_out);
        // A fail of one function is what there is to say of the file.
        if part.verdict == verdict {
            reasons.extend(part.reason);
            record.discrepancies.extend(part.discrepancies);
        }
    }
    let mut said = BTreeSet::new();
    reasons.retain(|reason: &String| said.insert(reason.clone()));
    record.reason = (!reasons.is_empty()).then(|| reasons.join("; "));
    // A function that no part has, if it is none of theirs.
    left_out.extend(unjudged(&whole));
    for one in left_out {
        if one.verdict != verdict && !record.left_out.contains(&one) {
            record.left_out.push(one);
        }
    }
    record
}

fn unjudged(record: &Record) -> Option<LeftOut> {
    let is_one = matches!(
        record.verdict,
        Judgement::Inconclusive | Judgement::Unsupported
    );
    let reason = record.reason.clone().filter(|_| is_one)?;
    Some(LeftOut {
        verdict: record.verdict,
        reason,
    })
}
