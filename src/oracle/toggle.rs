//! Check 6: toggling acts, and restoring gives the emitted bytes. That it acts from the next
//! pass on is what [`super::HookLog`] sees; here the code itself is compared with what the
//! state of the sites demands, and that state with the predicted one.

use super::{Check, Discrepancy, Evidence, Oracle, Run, Subject, Verdict};
use crate::machine::Exit;
use crate::program::SiteId;

/// The oracle.
pub struct Toggle;

impl Oracle for Toggle {
    fn check(&self) -> Check {
        Check::Toggle
    }

    fn judge(&self, evidence: &Evidence) -> Verdict {
        let mut list = Vec::new();
        for run in evidence.runs {
            list.extend(code(evidence, run));
            list.extend(sites(run));
        }
        Verdict::from_discrepancies(list)
    }
}

fn code(evidence: &Evidence, run: &Run) -> Option<Discrepancy> {
    let (first, last) = (
        *run.evidence.code_differs.first()?,
        *run.evidence.code_differs.last()?,
    );
    let function = evidence.image.function_at(first);
    let start = function.map_or(first, |f| first - f.start);
    let subject = Subject::Code {
        function: function.map_or("outside of all functions".to_owned(), |f| f.name.clone()),
        start,
        end: start + (last - first) + 1,
    };
    let place = evidence.image.describe(first);
    Some(Discrepancy {
        check: Check::Toggle,
        site: None,
        subject,
        expected: "live bytes or NOPs, as the sites are set".to_owned(),
        seen: format!("{} other bytes", run.evidence.code_differs.len()),
        scenario: Some(run.scenario.clone()),
        message: format!(
            "after the run, {} code bytes from {place} on are neither as emitted nor the NOPs of \
             a disabled site (scenario {})",
            run.evidence.code_differs.len(),
            run.scenario
        ),
    })
}

fn sites(run: &Run) -> Vec<Discrepancy> {
    let Ok(prediction) = &run.prediction else {
        return Vec::new();
    };
    if run.evidence.exit != Exit::Returned {
        return Vec::new();
    }
    let states = prediction.sites_live.iter().zip(&run.evidence.sites_live);
    let text = |live: &bool| if *live { "live" } else { "NOPed" }.to_owned();
    (0..)
        .zip(states)
        .filter(|(_, (expected, seen))| expected != seen)
        .map(|(number, (expected, seen))| Discrepancy {
            check: Check::Toggle,
            site: Some(SiteId(number)),
            subject: Subject::Metadata,
            expected: text(expected),
            seen: text(seen),
            scenario: Some(run.scenario.clone()),
            message: format!(
                "site{number} is {} after the run, expected {} (scenario {})",
                text(seen),
                text(expected),
                run.scenario
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests;
