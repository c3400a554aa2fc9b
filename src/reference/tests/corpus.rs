//! The whole corpus: its run lines hold, whatever the sites' states.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::Reference;
use super::FUEL;
use crate::program::{PredictedEvent, PredictedExit, Prediction, Program};

/// Programs that the reference does not predict, with how its reason begins.
const REFUSED: &[(&str, &str)] = &[
    ("reference-says-nothing", "get_stack_pointer"),
    (
        "riscv64-half-floats-are-boxed",
        "call_indirect: call through another signature",
    ),
];

fn programs() -> Vec<Program> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/pass");
    let files = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "clif"));
    paths.sort();
    paths
        .iter()
        .map(|path| Program::load(path).unwrap())
        .collect()
}

/// All live, all NOPed, every other one live.
fn states(sites: usize) -> [Vec<bool>; 3] {
    [
        vec![true; sites],
        vec![false; sites],
        (0..sites).map(|site| site % 2 == 0).collect(),
    ]
}

/// Checks every invocation; gives the first reason for which one is refused.
fn check(program: &Program) -> Result<(), String> {
    let reference = Reference::new(program);
    for invocation in &program.invocations {
        let mut first: Option<Prediction> = None;
        for live in states(program.interface.sites.len()) {
            let prediction = reference.predict(invocation, &live, FUEL)?;
            let name = &program.name;
            if let Some(expected) = &invocation.expected {
                let PredictedExit::Returned(values) = &prediction.exit else {
                    panic!("{name}: {:?} against {expected:?}", prediction.exit);
                };
                let bits = |values: &[crate::program::Value]| {
                    values.iter().map(|value| value.bits).collect::<Vec<_>>()
                };
                let equal = bits(values) == bits(&expected.values);
                assert_eq!(
                    equal, expected.equal,
                    "{name}: {values:?} against {expected:?}"
                );
            }
            let first = first.get_or_insert_with(|| prediction.clone());
            assert_eq!(prediction.exit, first.exit, "{name}");
            assert_eq!(
                own_data(program, &prediction),
                own_data(program, first),
                "{name}"
            );
        }
    }
    Ok(())
}

fn own_data<'p>(program: &Program, prediction: &'p Prediction) -> Vec<&'p Vec<u8>> {
    let decls = program.interface.data.iter().zip(&prediction.data);
    decls
        .filter(|(decl, _)| decl.owner == crate::program::Owner::Program)
        .map(|(_, bytes)| bytes)
        .collect()
}

#[test]
fn every_run_line_holds_in_every_state_of_the_sites() {
    let mut refused = BTreeMap::new();
    for program in programs() {
        if let Err(reason) = check(&program) {
            refused.insert(program.name.clone(), reason);
        }
    }
    let known: BTreeMap<&str, &str> = REFUSED.iter().copied().collect();
    let unexpected: Vec<_> = refused
        .iter()
        .filter(|(name, reason)| {
            !known
                .get(name.as_str())
                .is_some_and(|start| reason.starts_with(start))
        })
        .collect();
    assert!(unexpected.is_empty(), "refused: {unexpected:#?}");
    let missing: Vec<_> = known
        .keys()
        .filter(|name| !refused.contains_key(**name))
        .collect();
    assert!(missing.is_empty(), "no longer refused: {missing:?}");
}

#[test]
fn every_program_without_unreached_sites_passes_one() {
    let refused = |program: &Program| REFUSED.iter().any(|(name, _)| program.name == *name);
    let programs = programs();
    let reaching = programs
        .iter()
        .filter(|p| p.name != "site-never-reached" && !refused(p));
    for program in reaching {
        let live = vec![true; program.interface.sites.len()];
        let reference = Reference::new(program);
        let mut predictions = (program.invocations.iter())
            .map(|invocation| reference.predict(invocation, &live, FUEL));
        let passes = predictions.any(|prediction| {
            prediction.is_ok_and(|p| {
                (p.events.iter()).any(|event| matches!(event, PredictedEvent::Pass { .. }))
            })
        });
        assert!(passes, "{} reaches no site", program.name);
    }
}
