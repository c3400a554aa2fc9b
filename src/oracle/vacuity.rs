//! Check 7: the comparison compared something. Hooks ran from sites exactly as often as live
//! sites were passed; a program that passed no site at all proves nothing. Nor does a host that
//! overwrote nothing, or registers that were recorded in part: those are failures of the suite.

use super::{Check, Discrepancy, Evidence, Oracle, Run, Subject, Verdict};
use crate::machine::{Event, Exit};

/// The oracle.
pub struct Vacuity;

impl Oracle for Vacuity {
    fn check(&self) -> Check {
        Check::Vacuity
    }

    fn judge(&self, evidence: &Evidence) -> Verdict {
        if evidence.runs.is_empty() {
            return Verdict::Pass;
        }
        let runs = evidence.runs.iter();
        let list = runs.flat_map(|run| counts(run).into_iter().chain(scrutiny(run)));
        let list = list.collect();
        let passed = |run: &Run| {
            run.evidence
                .events
                .iter()
                .any(|e| matches!(e, Event::Pass(_)))
        };
        let verdict = Verdict::from_discrepancies(list);
        if evidence.runs.iter().any(passed) {
            verdict
        } else {
            verdict.and(Verdict::Inconclusive(
                "no run reached a patch site".to_owned(),
            ))
        }
    }
}

/// What the suite did not really look at.
fn scrutiny(run: &Run) -> Option<Discrepancy> {
    if matches!(run.evidence.exit, Exit::Crashed { .. }) {
        return None;
    }
    let seen = run.evidence.scrutiny;
    let called = |e: &Event| matches!(e, Event::Hostcall { .. });
    let (expected, what) = if !seen.full_width {
        ("registers at full width", "registers are recorded in part")
    } else if run.evidence.events.iter().any(called) && seen.overwritten.unwrap_or(0) == 0 {
        ("a hostile host", "the host overwrites no register")
    } else {
        return None;
    };
    Some(Discrepancy {
        check: Check::Vacuity,
        site: None,
        subject: Subject::Exit,
        expected: expected.to_owned(),
        seen: what.to_owned(),
        scenario: Some(run.scenario.clone()),
        message: format!("{what}: the run proves little (scenario {})", run.scenario),
    })
}

/// Live passes against hook entries from sites.
fn counts(run: &Run) -> Option<Discrepancy> {
    let events = &run.evidence.events;
    let live = events
        .iter()
        .filter(|e| matches!(e, Event::Pass(pass) if pass.live))
        .count();
    let entered = |e: &&Event| matches!(e, Event::HookEntry { site: Some(_), .. });
    let entered = events.iter().filter(entered).count();
    if live == entered || run.evidence.exit != Exit::Returned {
        return None;
    }
    Some(Discrepancy {
        check: Check::Vacuity,
        site: None,
        subject: Subject::Exit,
        expected: format!("{live} hook entries from sites"),
        seen: format!("{entered}"),
        scenario: Some(run.scenario.clone()),
        message: format!(
            "{live} live passes through sites entered hooks {entered} times (scenario {})",
            run.scenario
        ),
    })
}

#[cfg(test)]
mod tests;
