//! Counts of passes and hook entries.

use super::Vacuity;
use crate::isa::Isa;
use crate::machine::{Event, Exit};
use crate::oracle::specimen::Specimen;
use crate::oracle::specimen::runs::{LIVE, NOPPED, PASS};
use crate::oracle::{Subject, Verdict};
use crate::program::{CallConv, SiteId};

fn specimen() -> Specimen {
    Specimen::with_runs(Isa::S390x, CallConv::PreserveAll, 1)
}

#[test]
fn as_many_entries_as_live_passes_are_fine() {
    specimen().assert_finds(&Vacuity, &[]);
    let mut static_only = specimen();
    static_only.runs.clear();
    assert_eq!(static_only.judge(&Vacuity), Verdict::Pass);
}

#[test]
fn a_live_pass_without_entry_and_an_entry_without_live_pass_are_found() {
    let mut silent = specimen();
    silent.runs[LIVE].evidence.events.remove(PASS + 1);
    silent.assert_finds(&Vacuity, &[(None, Subject::Exit)]);
    silent.runs[LIVE].evidence.exit = Exit::OutOfFuel;
    silent.assert_finds(&Vacuity, &[]);

    let mut noisy = specimen();
    let entry = |site| Event::HookEntry {
        function: 1,
        site,
        args: Vec::new(),
    };
    noisy.runs[NOPPED].evidence.events.push(entry(None));
    noisy.assert_finds(&Vacuity, &[]);
    noisy.runs[NOPPED]
        .evidence
        .events
        .push(entry(Some(SiteId(0))));
    noisy.assert_finds(&Vacuity, &[(None, Subject::Exit)]);
}

#[test]
fn a_friendly_host_and_registers_recorded_in_part_are_found() {
    let found = [(None, Subject::Exit)];
    for overwritten in [None, Some(0)] {
        let mut friendly = specimen();
        friendly.runs[LIVE].evidence.scrutiny.overwritten = overwritten;
        friendly.assert_finds(&Vacuity, &found);
        // Without a hostcall there is nobody to be hostile.
        let events = &mut friendly.runs[LIVE].evidence.events;
        events.retain(|e| !matches!(e, Event::Hostcall { .. }));
        friendly.assert_finds(&Vacuity, &[]);
    }
    let mut narrow = specimen();
    narrow.runs[NOPPED].evidence.scrutiny.full_width = false;
    narrow.assert_finds(&Vacuity, &found);
    narrow.runs[NOPPED].evidence.exit = Exit::Crashed {
        cause: "SIGSEGV".to_owned(),
    };
    narrow.assert_finds(&Vacuity, &[]);
}

#[test]
fn runs_that_reach_no_site_prove_nothing() {
    let mut specimen = specimen();
    for run in [LIVE, NOPPED] {
        specimen.runs[run]
            .evidence
            .events
            .retain(|e| matches!(e, Event::Hostcall { .. }));
    }
    assert!(matches!(specimen.judge(&Vacuity), Verdict::Inconclusive(_)));
}
