//! What a program does with sites is what it did without. Without is the word of Cranelift's own
//! interpreter; with is the suite's reference, sites live and NOPed.

use std::path::Path;

use cranelift_codegen::data_value::DataValue;
use cranelift_interpreter::environment::FunctionStore;
use cranelift_interpreter::interpreter::{Interpreter, InterpreterState};
use cranelift_interpreter::step::ControlFlow;

use super::*;
use crate::program::{PredictedEvent, PredictedExit, from_data_value, to_data_value};
use crate::reference::{MADE_NAN, Reference};

const FUEL: u64 = 100_000;

/// Results of each run line as Cranelift's interpreter has them, on the functions before any site;
/// `None` where it cannot.
fn before(text: &str, program: &Program) -> Vec<Option<Vec<u128>>> {
    let body: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("function"))
        .collect();
    let functions = functions(&body.join("\n"));
    let mut list = Vec::new();
    for invocation in &program.invocations {
        let name = &program.interface.functions[invocation.function as usize].name;
        let mut store = FunctionStore::default();
        for function in &functions {
            store.add(function.name.to_string(), function);
        }
        let state = InterpreterState::default().with_function_store(store);
        let args: Vec<DataValue> = invocation.args.iter().map(|a| to_data_value(*a)).collect();
        // Of libcalls and the host it knows nothing.
        let called = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            Interpreter::new(state).call_by_name(name, &args)
        }));
        list.push(match called {
            Ok(Ok(ControlFlow::Return(values))) => values
                .iter()
                .map(|value| from_data_value(value).map(|value| value.bits))
                .collect(),
            _ => None,
        });
    }
    list
}

/// Compares, and gives how many run lines could be compared.
fn compare(name: &str, text: &str, hooks: HookKind, native_is_little: bool) -> usize {
    let options = Options {
        hooks,
        ..Options::default()
    };
    let done = instrument(text, &options).unwrap();
    let program = Program::parse(name, &done.text).unwrap();
    let reference = Reference::of_order(&program, !native_is_little);
    let before = before(text, &program);
    let mut compared = 0;
    for (invocation, before) in program.invocations.iter().zip(before) {
        for live in [true, false] {
            let sites = vec![live; program.interface.sites.len()];
            let after = match reference.predict(invocation, &sites, FUEL) {
                Err(reason) if reason == MADE_NAN => continue,
                other => other.unwrap(),
            };
            let PredictedExit::Returned(values) = &after.exit else {
                panic!("{name}: {:?}", after.exit);
            };
            if let Some(expected) = &invocation.expected {
                let same = values
                    .iter()
                    .zip(&expected.values)
                    .all(|(a, b)| a.bits == b.bits);
                assert_eq!(same, expected.equal, "{name}: {values:?}");
            }
            if let Some(before) = &before {
                let after: Vec<u128> = values.iter().map(|value| value.bits).collect();
                assert_eq!(&after, before, "{name}, live: {live}");
                compared += 1;
            }
            let states = after.events.iter().filter_map(|event| match event {
                PredictedEvent::Pass { live, .. } => Some(*live),
                _ => None,
            });
            let states: Vec<bool> = states.collect();
            assert!(!states.is_empty() && states.iter().all(|state| *state == live));
        }
    }
    compared
}

#[test]
fn programs_from_outside_mean_the_same_with_sites() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside");
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        for hooks in [HookKind::Leaf, HookKind::Host] {
            compared += compare(&name, &text, hooks, true);
        }
    }
    assert!(compared >= 120, "only {compared} results to compare with");
}

#[test]
fn each_reached_site_is_in_the_log_each_time() {
    let done = instrument(LOOP, &Options::default()).unwrap();
    let program = Program::parse("loop", &done.text).unwrap();
    let reference = Reference::new(&program);
    for live in [true, false] {
        let passes = |index: usize| {
            let sites = vec![live; program.interface.sites.len()];
            let run = reference
                .predict(&program.invocations[index], &sites, FUEL)
                .unwrap();
            let events = run.events.iter();
            let mut passes = [0; 7];
            for event in events {
                if let PredictedEvent::Pass { site, .. } = event {
                    passes[site.0 as usize] += 1;
                }
            }
            passes
        };
        assert_eq!(passes(0), [1, 1, 10, 10, 10, 10, 1]);
        assert_eq!(passes(1), [1; 7]);
    }
}
