//! Code and sites after a run.

use super::Toggle;
use crate::isa::Isa;
use crate::machine::Exit;
use crate::oracle::Subject;
use crate::oracle::specimen::Specimen;
use crate::oracle::specimen::runs::{LIVE, NOPPED};
use crate::program::CallConv;

fn specimen() -> Specimen {
    Specimen::with_runs(Isa::Riscv64gc, CallConv::PreserveAll, 1)
}

#[test]
fn code_and_sites_as_demanded_are_fine() {
    specimen().assert_finds(&Toggle, &[]);
}

#[test]
fn other_code_bytes_are_found_even_in_a_run_that_ended_early() {
    let mut specimen = specimen();
    let start = specimen.image.functions[1].start;
    specimen.runs[NOPPED].evidence.code_differs = vec![start + 4, start + 6];
    let subject = Subject::Code {
        function: "%hook".to_owned(),
        start: 4,
        end: 7,
    };
    specimen.assert_finds(&Toggle, &[(None, subject.clone())]);
    specimen.runs[NOPPED].evidence.exit = Exit::OutOfFuel;
    specimen.assert_finds(&Toggle, &[(None, subject)]);
}

#[test]
fn a_site_in_another_state_than_predicted_is_found() {
    let mut specimen = specimen();
    specimen.runs[LIVE].evidence.sites_live[2] = false;
    specimen.assert_finds(&Toggle, &[(Some(2), Subject::Metadata)]);
    specimen.runs[LIVE].evidence.exit = Exit::OutOfFuel;
    specimen.assert_finds(&Toggle, &[]);
    specimen.runs[LIVE].evidence.exit = Exit::Returned;
    specimen.runs[LIVE].prediction = Err("no reference".to_owned());
    specimen.assert_finds(&Toggle, &[]);
}
