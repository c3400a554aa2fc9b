//! Check 8: the same program gives the same ISA-neutral result on every ISA and from every
//! generator. Those that failed another check are left out: their result means nothing. Of
//! the rest, the one that most agree on is taken as right.

use std::fmt;

use super::hook_log::neutral;
use super::{Check, Discrepancy, Evidence, Run, Subject};
use crate::image::Layout;
use crate::machine::Exit;
use crate::program::{PredictedEvent, Ty, Value};

/// What one run looks like without any ISA.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NeutralRun {
    exit: String,
    results: Vec<Value>,
    events: Vec<NeutralEvent>,
    data: Vec<Vec<u8>>,
}

/// What a program did on one ISA from one generator, without any trace of either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View(Vec<NeutralRun>);

impl View {
    /// The view of all runs with all sites live at the start.
    pub fn of(evidence: &Evidence) -> View {
        let live = evidence
            .runs
            .iter()
            .filter(|run| run.sites_live.iter().all(|live| *live));
        View(live.map(|run| neutral_run(evidence, run)).collect())
    }
}

fn neutral_run(evidence: &Evidence, run: &Run) -> NeutralRun {
    let exit = match &run.evidence.exit {
        Exit::Returned => "returned".to_owned(),
        Exit::Trap { code, .. } => format!("trap {code}"),
        Exit::Fault { access, .. } => format!("{access} fault"),
        other => other.to_string(),
    };
    let events = neutral(&run.evidence.events);
    NeutralRun {
        exit,
        results: run.evidence.results.clone(),
        events: events
            .into_iter()
            .map(|event| NeutralEvent::of(evidence, event))
            .collect(),
        data: run.evidence.data.clone(),
    }
}

/// An event whose addresses that depend on the code or its frames are replaced by what they are
/// of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NeutralEvent {
    /// The event, with zeros for those addresses.
    event: PredictedEvent,
    /// What stands in for them, by index in arguments and then results.
    places: Vec<(usize, String)>,
}

impl NeutralEvent {
    fn of(evidence: &Evidence, mut event: PredictedEvent) -> NeutralEvent {
        let mut places = Vec::new();
        let (args, results) = match &mut event {
            PredictedEvent::Pass { args, .. } | PredictedEvent::OrdinaryHookCall { args, .. } => {
                (args, None)
            }
            PredictedEvent::Hostcall { args, results, .. } => (args, Some(results)),
        };
        let values = args.iter_mut().chain(results.into_iter().flatten());
        for (index, value) in values.enumerate() {
            if let Some(place) = place(evidence, value) {
                places.push((index, place));
                value.bits = 0;
            }
        }
        NeutralEvent { event, places }
    }
}

impl fmt::Display for NeutralEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |index: usize, value: &Value| {
            let place = self.places.iter().find(|(at, _)| *at == index);
            place.map_or_else(|| value.to_string(), |(_, place)| place.clone())
        };
        let values = |first: usize, list: &[Value]| {
            let texts = (first..).zip(list).map(|(index, one)| value(index, one));
            texts.collect::<Vec<_>>().join(", ")
        };
        match &self.event {
            PredictedEvent::Pass { site, live, args } => {
                let args = values(0, args);
                write!(f, "a pass through {site} (live: {live}) with {args}")
            }
            PredictedEvent::OrdinaryHookCall { function, args } => {
                let args = values(0, args);
                write!(f, "an ordinary call of function {function} with {args}")
            }
            PredictedEvent::Hostcall {
                hostcall,
                args,
                results,
            } => {
                let (args, results) = (values(0, args), values(args.len(), results));
                write!(f, "hostcall {hostcall} with {args} giving {results}")
            }
        }
    }
}

/// What a value is the address of, if it is one.
fn place(evidence: &Evidence, value: &Value) -> Option<String> {
    let layout = Layout::of(evidence.image.isa);
    let address = u64::try_from(value.bits)
        .ok()
        .filter(|_| value.ty == Ty::int(64))?;
    if (layout.stack..=layout.stack_top()).contains(&address) {
        return Some("an address on the stack".to_owned());
    }
    let function = evidence.image.function_at(address)?;
    Some(format!("an address in {}", function.name))
}

/// For each view whether it disagrees with what most others say, and how.
pub fn disagreements(views: &[(String, View)]) -> Vec<Option<Discrepancy>> {
    let votes = |view: &View| views.iter().filter(|(_, other)| other == view).count();
    // The first of those with most votes, so that the outcome depends on nothing else.
    let best = views.iter().rev().max_by_key(|(_, view)| votes(view));
    views
        .iter()
        .map(|(name, view)| {
            let (reference, expected) = best?;
            (view != expected).then(|| discrepancy(name, view, reference, expected))
        })
        .collect()
}

fn discrepancy(name: &str, view: &View, reference: &str, expected: &View) -> Discrepancy {
    let pairs = view.0.iter().zip(&expected.0);
    let (seen, wanted) = pairs
        .filter(|(a, b)| a != b)
        .map(|(a, b)| differing(a, b))
        .next()
        .unwrap_or_else(|| {
            (
                format!("{} runs", view.0.len()),
                format!("{} runs", expected.0.len()),
            )
        });
    Discrepancy {
        check: Check::Agreement,
        site: None,
        subject: Subject::Exit,
        message: format!("{name} gives {seen}, {reference} gives {wanted}"),
        expected: wanted,
        seen,
        scenario: None,
    }
}

/// The first part in which two runs differ, of each.
fn differing(a: &NeutralRun, b: &NeutralRun) -> (String, String) {
    if a.exit != b.exit {
        return (a.exit.clone(), b.exit.clone());
    }
    if a.results != b.results {
        return (
            format!("results {:?}", a.results),
            format!("results {:?}", b.results),
        );
    }
    let length = a.events.len().max(b.events.len());
    let event = |run: &NeutralRun, i: usize| {
        let event = run.events.get(i);
        event.map(ToString::to_string).unwrap_or_default()
    };
    match (0..length).find(|&i| a.events.get(i) != b.events.get(i)) {
        Some(i) => (
            format!("event {i}: {}", event(a, i)),
            format!("event {i}: {}", event(b, i)),
        ),
        None => ("other memory".to_owned(), "its own".to_owned()),
    }
}

#[cfg(test)]
mod tests;
