//! Facts about every program of the corpus.

use super::super::edit::{callee, insts};
use super::super::{Budget, Source, reduce};
use super::{programs, reduced};
use crate::code_generators;
use crate::program::Program;
use cranelift_codegen::ir::{Function, types};

/// The code that a program compiles to, on each of its targets.
fn code(text: &str) -> Vec<String> {
    let program = Program::parse("p", text).unwrap();
    let compile = |target| format!("{:?}", code_generators::ALL[0].compile(&program, target));
    program.targets.iter().map(compile).collect()
}

#[test]
fn printing_changes_nothing_and_is_stable() {
    for (name, text) in programs() {
        let source = Source::parse(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let printed = source.print();
        let again = Source::parse(&printed).unwrap_or_else(|e| panic!("{name}: {e}\n{printed}"));
        assert_eq!(again.print(), printed, "{name}");
        assert!(code(&printed) == code(&text), "{name}:\n{printed}");
        let runs = |text: &str| Program::parse("p", text).unwrap().invocations;
        assert_eq!(runs(&printed), runs(&text), "{name}");
        assert_eq!(again.header, source.header, "{name}");
    }
}

#[test]
fn a_site_alone_is_what_remains_if_any_site_will_do() {
    for (name, text) in programs() {
        let small = reduced(&text, |text| Program::parse("p", text).is_ok());
        let lines = small.text.lines().filter(|l| !l.is_empty()).count();
        assert!(lines <= 13, "{name}: {} runs\n{}", small.runs, small.text);
        assert!(small.runs < 200, "{name}: {} runs", small.runs);
    }
}

#[test]
fn a_loop_around_a_site_remains_if_it_must() {
    let holds =
        |text: &str| Program::parse("p", text).is_ok_and(|p| p.functions.iter().any(site_in_loop));
    let mut tried = 0;
    for (name, text) in programs() {
        if holds(&text) {
            let small = reduced(&text, holds);
            let count = super::super::instructions(&small.text).unwrap();
            assert!(count <= 5, "{name}:\n{}", small.text);
            tried += 1;
        }
    }
    assert!(tried >= 8, "{tried}");
}

/// A block with a site from which a path leads back to it.
fn site_in_loop(function: &Function) -> bool {
    let blocks: Vec<_> = function.layout.blocks().collect();
    blocks.into_iter().any(|block| {
        let mut own = function.layout.block_insts(block);
        if !own.any(|inst| super::super::edit::is_patchable(function, inst)) {
            return false;
        }
        let mut seen = Vec::new();
        let mut todo: Vec<_> = function.block_successors(block).collect();
        while let Some(next) = todo.pop() {
            if !seen.contains(&next) {
                seen.push(next);
                todo.extend(function.block_successors(next));
            }
        }
        seen.contains(&block)
    })
}

#[test]
fn an_argument_remains_if_it_must() {
    let holds = |text: &str| {
        Program::parse("p", text).is_ok_and(|p| {
            p.functions.iter().any(|f| {
                let i128 = |v| f.dfg.value_type(v) == types::I128;
                insts(f)
                    .into_iter()
                    .any(|i| callee(f, i).is_some() && f.dfg.inst_values(i).any(i128))
            })
        })
    };
    let mut tried = 0;
    for (name, text) in programs() {
        if holds(&text) {
            let small = reduced(&text, holds);
            let count = super::super::instructions(&small.text).unwrap();
            assert!(count <= 7, "{name}:\n{}", small.text);
            tried += 1;
        }
    }
    assert!(tried >= 2, "{tried}");
}

#[test]
fn the_same_text_gives_the_same_result_within_any_budget() {
    for (name, text) in programs().into_iter().step_by(7) {
        for runs in [0, 1, 5, 30] {
            let budget = Budget { runs, time: None };
            let mut asked = 0;
            let mut holds = |text: &str| {
                asked += 1;
                Program::parse("p", text).is_ok_and(|p| p.interface.hostcalls.len() < 9)
            };
            let first = reduce(&text, budget, &mut holds);
            let second = reduce(&text, budget, &mut holds);
            assert_eq!(first, second, "{name}");
            assert!(first.runs <= runs, "{name}");
            assert_eq!(asked, first.runs + second.runs, "{name}");
        }
    }
}

#[test]
fn what_does_not_hold_or_is_no_program_comes_back() {
    let (_, text) = programs().swap_remove(0);
    let unchanged = reduce(&text, Budget::default(), &mut |_| false);
    assert_eq!((unchanged.text, unchanged.runs), (text.clone(), 1));
    let garbage = reduce("no program", Budget::default(), &mut |_| true);
    assert_eq!((garbage.text.as_str(), garbage.runs), ("no program", 0));
    let none = Budget {
        runs: 100,
        time: Some(std::time::Duration::ZERO),
    };
    assert_eq!(reduce(&text, none, &mut |_| true).runs, 0);
}
