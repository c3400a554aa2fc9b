//! Check 4: the hook log is exactly what was predicted. At every pass through a site, live or
//! NOPed, the argument registers already hold what the hook would see; a live site's hook is
//! entered next, and sees it.

use super::{Check, Discrepancy, Evidence, Oracle, Run, Subject, Verdict};
use crate::machine::{Event, Exit};
use crate::program::{PredictedEvent, SiteId, Value};

/// The oracle.
pub struct HookLog;

impl Oracle for HookLog {
    fn check(&self) -> Check {
        Check::HookLog
    }

    fn judge(&self, evidence: &Evidence) -> Verdict {
        let mut list = Vec::new();
        for run in evidence.runs {
            list.extend(entries(evidence, run));
            match &run.prediction {
                Ok(prediction) => list.extend(against(evidence, run, &prediction.events)),
                Err(_) => {
                    let same = |other: &&Run| {
                        other.invocation == run.invocation && other.sites_live == run.sites_live
                    };
                    if let Some(first) = evidence.runs.iter().find(same) {
                        let events = neutral(&first.evidence.events);
                        list.extend(against(evidence, run, &events));
                    }
                }
            }
        }
        Verdict::from_discrepancies(list)
    }
}

fn discrepancy(
    run: &Run,
    site: Option<SiteId>,
    subject: Subject,
    expected: String,
    seen: String,
) -> Discrepancy {
    let place = site.map_or("the log".to_owned(), |site| site.to_string());
    let message = match &subject {
        Subject::Argument(index) => format!(
            "{place}: argument {index} is {seen}, expected {expected} (scenario {})",
            run.scenario
        ),
        _ => format!(
            "{place}: {seen}, expected {expected} (scenario {})",
            run.scenario
        ),
    };
    Discrepancy {
        check: Check::HookLog,
        site,
        subject,
        expected,
        seen,
        scenario: Some(run.scenario.clone()),
        message,
    }
}

/// A live pass is followed by the entry of its hook with the pass's arguments, and no entry
/// from a site comes otherwise.
fn entries(evidence: &Evidence, run: &Run) -> Vec<Discrepancy> {
    let events = &run.evidence.events;
    let mut list = Vec::new();
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::Pass(pass) => {
                let hook = evidence.interface.sites[pass.site.0 as usize].hook;
                let next = events.get(index + 1);
                let entered = match next {
                    Some(Event::HookEntry {
                        function,
                        site: Some(site),
                        args,
                    }) => (*site == pass.site && *function == hook).then_some(args),
                    _ => None,
                };
                let ended_there = next.is_none() && run.evidence.exit != Exit::Returned;
                let name = &evidence.interface.functions[hook as usize].name;
                let subject = Subject::Event(index);
                let site = Some(pass.site);
                match (pass.live, entered) {
                    (true, Some(args)) => {
                        list.extend(arguments(run, pass.site, &pass.args, args));
                    }
                    (true, None) if !ended_there => list.push(discrepancy(
                        run,
                        site,
                        subject,
                        format!("hook {name} entered next"),
                        "a live site did not enter its hook".to_owned(),
                    )),
                    (false, Some(_)) => list.push(discrepancy(
                        run,
                        site,
                        subject,
                        "no hook".to_owned(),
                        format!("a NOPed site entered {name}"),
                    )),
                    _ => {}
                }
            }
            Event::HookEntry {
                site: Some(site),
                function,
                ..
            } => {
                let passed = index.checked_sub(1).and_then(|before| events.get(before));
                if !matches!(passed, Some(Event::Pass(pass)) if pass.site == *site) {
                    let name = &evidence.interface.functions[*function as usize].name;
                    list.push(discrepancy(
                        run,
                        Some(*site),
                        Subject::Event(index),
                        "a pass through the site first".to_owned(),
                        format!("{name} entered from inside the site"),
                    ));
                }
            }
            _ => {}
        }
    }
    list
}

fn arguments(run: &Run, site: SiteId, expected: &[Value], seen: &[Value]) -> Vec<Discrepancy> {
    let text = |value: Option<&Value>| value.map_or("unreadable".to_owned(), Value::to_string);
    let differing = (0..expected.len().max(seen.len())).filter(|&i| expected.get(i) != seen.get(i));
    differing
        .map(|i| {
            let (expected, seen) = (text(expected.get(i)), text(seen.get(i)));
            discrepancy(run, Some(site), Subject::Argument(i), expected, seen)
        })
        .collect()
}

/// The events as a prediction would list them.
pub fn neutral(events: &[Event]) -> Vec<PredictedEvent> {
    let events = events.iter().filter_map(|event| match event {
        Event::Pass(pass) => Some(PredictedEvent::Pass {
            site: pass.site,
            live: pass.live,
            args: pass.args.clone(),
        }),
        Event::HookEntry { site: Some(_), .. } => None,
        Event::HookEntry {
            site: None,
            function,
            args,
        } => Some(PredictedEvent::OrdinaryHookCall {
            function: *function,
            args: args.clone(),
        }),
        Event::Hostcall {
            hostcall,
            args,
            results,
        } => Some(PredictedEvent::Hostcall {
            hostcall: *hostcall,
            args: args.clone(),
            results: results.clone(),
        }),
    });
    events.collect()
}

/// The first event that is not as predicted. A run that ended early has only a prefix of them.
fn against(evidence: &Evidence, run: &Run, expected: &[PredictedEvent]) -> Vec<Discrepancy> {
    let seen = neutral(&run.evidence.events);
    let complete = matches!(run.evidence.exit, Exit::Returned | Exit::Trap { .. });
    let length = if complete {
        expected.len().max(seen.len())
    } else {
        seen.len()
    };
    let Some(index) = (0..length).find(|&i| expected.get(i) != seen.get(i)) else {
        return Vec::new();
    };
    let (expected, seen) = (expected.get(index), seen.get(index));
    if let (
        Some(PredictedEvent::Pass { site, live, args }),
        Some(PredictedEvent::Pass {
            site: seen_site,
            live: seen_live,
            args: seen_args,
        }),
    ) = (expected, seen)
        && (site, live) == (seen_site, seen_live)
    {
        return arguments(run, *site, args, seen_args);
    }
    let text = |event: Option<&PredictedEvent>| match event {
        Some(event) => describe(evidence, event),
        None => "the end of the run".to_owned(),
    };
    let site = match seen {
        Some(PredictedEvent::Pass { site, .. }) => Some(*site),
        _ => None,
    };
    vec![discrepancy(
        run,
        site,
        Subject::Event(index),
        text(expected),
        text(seen),
    )]
}

fn describe(evidence: &Evidence, event: &PredictedEvent) -> String {
    match event {
        PredictedEvent::Pass { site, live, args } => {
            format!(
                "a pass through {} {site} with {args:?}",
                if *live { "live" } else { "NOPed" }
            )
        }
        PredictedEvent::OrdinaryHookCall { function, args } => {
            let name = &evidence.interface.functions[*function as usize].name;
            format!("an ordinary call of {name} with {args:?}")
        }
        PredictedEvent::Hostcall { hostcall, args, .. } => {
            let name = &evidence.interface.hostcalls[*hostcall as usize].name;
            format!("hostcall {name} with {args:?}")
        }
    }
}

#[cfg(test)]
mod tests;
