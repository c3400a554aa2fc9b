//! The log of passes, hook entries and hostcalls, corrupted one at a time.

use super::HookLog;
use crate::isa::Isa;
use crate::machine::{Event, Exit};
use crate::oracle::Subject;
use crate::oracle::specimen::Specimen;
use crate::oracle::specimen::runs::{LIVE, NOPPED, value};
use crate::program::{CallConv, SiteId, Value};

fn specimen() -> Specimen {
    Specimen::with_runs(Isa::Aarch64, CallConv::PreserveAll, 2)
}

fn events(specimen: &mut Specimen, run: usize) -> &mut Vec<Event> {
    &mut specimen.runs[run].evidence.events
}

fn entry(site: Option<u32>, args: &[Value]) -> Event {
    Event::HookEntry {
        function: 1,
        site: site.map(SiteId),
        args: args.to_vec(),
    }
}

fn event(site: Option<u32>, index: usize) -> (Option<u32>, Subject) {
    (site, Subject::Event(index))
}

fn argument(index: usize) -> (Option<u32>, Subject) {
    (Some(0), Subject::Argument(index))
}

#[test]
fn a_log_as_predicted_is_fine_with_and_without_reference() {
    let mut specimen = specimen();
    specimen.assert_finds(&HookLog, &[]);
    for run in &mut specimen.runs {
        run.prediction = Err("no reference".to_owned());
    }
    specimen.assert_finds(&HookLog, &[]);
}

#[test]
fn an_argument_that_differs_at_a_noped_site_is_found_by_its_number() {
    let mut specimen = specimen();
    specimen.pass(NOPPED).args[1] = value(0);
    specimen.assert_finds(&HookLog, &[argument(1)]);
    specimen.pass(NOPPED).args.clear();
    specimen.assert_finds(&HookLog, &[argument(0), argument(1)]);
}

#[test]
fn a_hook_that_sees_other_arguments_than_the_site_is_found() {
    let mut specimen = specimen();
    events(&mut specimen, LIVE)[1] = entry(Some(0), &[value(70), value(0)]);
    specimen.assert_finds(&HookLog, &[argument(1)]);
}

#[test]
fn a_live_site_must_enter_its_own_hook_next() {
    let mut none = specimen();
    events(&mut none, LIVE).remove(1);
    none.assert_finds(&HookLog, &[event(Some(0), 0)]);

    let mut other = specimen();
    let args = [value(70), value(71)];
    events(&mut other, LIVE)[1] = Event::HookEntry {
        function: 2,
        site: Some(SiteId(0)),
        args: args.to_vec(),
    };
    other.assert_finds(&HookLog, &[event(Some(0), 0)]);

    let mut foreign = specimen();
    events(&mut foreign, LIVE)[1] = entry(Some(1), &args);
    foreign.assert_finds(&HookLog, &[event(Some(0), 0), event(Some(1), 1)]);
}

#[test]
fn a_run_that_ends_at_the_site_has_entered_nothing() {
    let mut specimen = specimen();
    events(&mut specimen, LIVE).truncate(1);
    specimen.runs[LIVE].evidence.exit = Exit::OutOfFuel;
    specimen.assert_finds(&HookLog, &[]);
    specimen.runs[LIVE].evidence.exit = Exit::Returned;
    specimen.assert_finds(&HookLog, &[event(Some(0), 0), event(None, 1)]);
}

#[test]
fn a_noped_site_enters_no_hook_and_a_site_is_not_entered_from_inside() {
    let mut noped = specimen();
    let args = [value(70), value(71)];
    events(&mut noped, NOPPED).insert(1, entry(Some(0), &args));
    noped.assert_finds(&HookLog, &[event(Some(0), 0)]);
    let mut inside = specimen();
    events(&mut inside, NOPPED).push(entry(Some(0), &args));
    inside.assert_finds(&HookLog, &[event(Some(0), 2)]);
}

#[test]
fn events_that_are_missing_or_too_many_or_toggled_late_are_found() {
    let mut missing = specimen();
    events(&mut missing, NOPPED).pop();
    missing.assert_finds(&HookLog, &[event(None, 1)]);
    // A run that ended early has a prefix of what was predicted.
    missing.runs[NOPPED].evidence.exit = Exit::OutOfFuel;
    missing.assert_finds(&HookLog, &[]);

    let mut ordinary = specimen();
    events(&mut ordinary, NOPPED).push(entry(None, &[]));
    ordinary.assert_finds(&HookLog, &[event(None, 2)]);

    let mut late = specimen();
    late.pass(NOPPED).live = true;
    events(&mut late, NOPPED).insert(1, entry(Some(0), &[value(70), value(71)]));
    late.assert_finds(&HookLog, &[event(Some(0), 0)]);
}

#[test]
fn hostcalls_are_compared_with_arguments_and_results() {
    for changed in [
        (vec![value(8)], vec![value(3)]),
        (vec![value(9)], vec![value(4)]),
    ] {
        let mut specimen = specimen();
        *events(&mut specimen, NOPPED).last_mut().unwrap() = Event::Hostcall {
            hostcall: 0,
            args: changed.0,
            results: changed.1,
        };
        specimen.assert_finds(&HookLog, &[event(None, 1)]);
    }
}

#[test]
fn without_reference_the_first_run_with_the_same_sites_stands_in() {
    let mut specimen = specimen();
    let again = specimen.runs[LIVE].clone();
    specimen.runs.push(again);
    for run in &mut specimen.runs {
        run.prediction = Err("no reference".to_owned());
    }
    specimen.assert_finds(&HookLog, &[]);
    events(&mut specimen, 2).pop();
    specimen.assert_finds(&HookLog, &[event(None, 1)]);
}
