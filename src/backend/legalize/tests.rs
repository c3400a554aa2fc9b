//! Every expansion against the CLIF interpreter: a function runs before and after, on boundary
//! values and others, and must give the same bits or the same trap.
//!
//! The tests ask for the most that there is to expand (an ISA that covers nothing), and for
//! ISAs that cover this and that at random, so that each expansion is also met with others
//! that stay away. That it ends, and that nothing is left that could be expanded, is checked on
//! the way.

mod cases;
mod values;

use std::cell::Cell;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use cranelift_codegen::ir::{Endianness, Function, Inst, Opcode, Type};
use cranelift_codegen::verify_function;

use super::legalize_with;
use crate::panic_guard;
use crate::program::{Invocation, Program, Target};
use crate::reference::Reference;
use cases::Case;

/// Most questions that legalising a function of a few instructions may take.
const QUESTIONS: u32 = 100_000;

/// A hook with a site, which makes a text a program, before the functions to be tested. NaNs
/// are canonical, because what arithmetic makes them otherwise is the ISA's.
const PREAMBLE: &str = "test run
set enable_nan_canonicalization=true
target x86_64
function %hook(i64) preserve_all {
block0(v0: i64):
    return
}
function %main(i64) system_v {
    fn0 = colocated patchable %hook(i64) preserve_all
block0(v0: i64):
    call fn0(v0)
    return
}
; print: %main(0)
";

fn program(cases: &[Case]) -> Program {
    let mut text = PREAMBLE.to_owned();
    for (number, case) in cases.iter().enumerate() {
        text.push_str(&case.function(&format!("%f{number}")));
    }
    Program::parse("legalize", &text).unwrap_or_else(|error| panic!("{error} in\n{text}\n{error}"))
}

/// An ISA that covers nothing that there is an expansion for (`None`), or this and that.
fn covers(seed: Option<u64>, opcode: Opcode, ty: Type) -> bool {
    let Some(seed) = seed else {
        return false;
    };
    let mut hasher = DefaultHasher::new();
    (seed, opcode, ty).hash(&mut hasher);
    hasher.finish().is_multiple_of(2)
}

/// What went wrong, in words, and what the interpreter refuses.
#[derive(Debug, Default, PartialEq)]
struct Findings {
    wrong: Vec<String>,
    refused: Vec<String>,
}

/// Legalises a function; twice, because the second time must find nothing to do.
fn rewrite(function: &mut Function, target: &Target, how: &How) -> Result<(), String> {
    let asked = Cell::new(0);
    let covers = |_: &Function, _: Inst, opcode, ty| {
        asked.set(asked.get() + 1);
        assert!(asked.get() < QUESTIONS, "{opcode}.{ty} has no end");
        covers(how.seed, opcode, ty)
    };
    legalize_with(function, how.asked(how.nans), &covers);
    let once = function.display().to_string();
    verify_function(function, &*target.clif).map_err(|errors| format!("{errors} in\n{once}"))?;
    legalize_with(function, how.asked(false), &covers);
    let twice = function.display().to_string();
    if once == twice {
        Ok(())
    } else {
        Err(format!("something was left in\n{once}"))
    }
}

/// What a program is legalised for.
struct How {
    seed: Option<u64>,
    nans: bool,
    order: Endianness,
}

impl How {
    /// Without a runtime library, which the interpreter does not have.
    fn asked(&self, canonical_nans: bool) -> super::How {
        super::How {
            canonical_nans,
            endianness: self.order,
            library: None,
        }
    }
}

/// Runs all cases before and after.
fn compare(cases: &[Case], how: &How) -> Findings {
    let program = program(cases);
    let before = Reference::new(&program);
    let mut copy = program.clone();
    let mut findings = Findings::default();
    let mut broken = Vec::new();
    for function in &mut copy.functions {
        let rewritten = panic_guard::catch(|| rewrite(function, &program.targets[0], how))
            .map_err(|p| p.message);
        broken.push(rewritten.and_then(|done| done).err());
    }
    let after = Reference::new(&copy);
    for (number, case) in cases.iter().enumerate() {
        let index = program.interface.function_index(&format!("%f{number}"));
        let function = index.unwrap();
        let place = usize::try_from(function).unwrap();
        if let Some(reason) = &broken[place] {
            findings.wrong.push(format!("{case:?}: {reason}"));
            continue;
        }
        for args in values::arguments(&case.args, number) {
            let invocation = Invocation {
                function,
                args,
                expected: None,
            };
            let run = |reference: &Reference<'_>| {
                let prediction = reference.predict(&invocation, &[false], QUESTIONS.into());
                prediction.map(|prediction| prediction.exit)
            };
            let expected = run(&before);
            if let Err(reason) = &expected {
                findings.refused.push(format!("{case:?}: {reason}"));
                break;
            }
            let got = run(&after);
            if got != expected {
                let (args, now) = (&invocation.args, copy.functions[place].display());
                let text = format!("{case:?} of {args:?} is {got:?}, was {expected:?}, now\n{now}");
                findings.wrong.push(text);
                break;
            }
        }
    }
    findings
}

/// The same before and after, of everything.
fn check(cases: &[Case], how: &How) {
    let findings = compare(cases, how);
    let all = [findings.wrong, findings.refused].concat();
    assert!(
        all.is_empty(),
        "{} findings:\n{}",
        all.len(),
        all.join("\n")
    );
}

const LITTLE: Endianness = Endianness::Little;

#[test]
fn every_expansion_of_the_generated_operations_gives_the_same() {
    let how = How {
        seed: None,
        nans: false,
        order: LITTLE,
    };
    check(&cases::generated(), &how);
}

#[test]
fn expansions_give_the_same_whatever_the_isa_covers() {
    for seed in 1..4 {
        let how = How {
            seed: Some(seed),
            nans: false,
            order: LITTLE,
        };
        check(&cases::generated(), &how);
    }
}

#[test]
fn canonical_nans_are_what_they_were() {
    let how = How {
        seed: None,
        nans: true,
        order: LITTLE,
    };
    check(&cases::generated(), &how);
}

#[test]
fn every_other_expansion_gives_the_same() {
    for order in [LITTLE, Endianness::Big] {
        for seed in [None, Some(5), Some(6)] {
            let nans = false;
            check(&cases::others(), &How { seed, nans, order });
        }
    }
}
