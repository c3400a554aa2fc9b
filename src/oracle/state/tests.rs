//! Exits, results, registers and memory, corrupted one at a time.

use super::State;
use crate::isa::Isa;
use crate::machine::{Exit, RegisterTable};
use crate::oracle::specimen::Specimen;
use crate::oracle::specimen::runs::{LIVE, NOPPED, value};
use crate::oracle::{Subject, Verdict};
use crate::program::{CallConv, Expected, PredictedExit, Ty, Value};

fn specimen(isa: Isa) -> Specimen {
    Specimen::with_runs(isa, CallConv::PreserveAll, 1)
}

fn executable() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_executable())
}

fn forget_predictions(specimen: &mut Specimen) {
    for run in &mut specimen.runs {
        run.prediction = Err("no reference".to_owned());
    }
}

fn trap(code: &str) -> Exit {
    Exit::Trap {
        pc: 0x10_0000_0004,
        code: code.to_owned(),
    }
}

#[test]
fn runs_as_predicted_are_fine_with_and_without_reference() {
    for isa in executable() {
        let mut specimen = specimen(isa);
        specimen.assert_finds(&State, &[]);
        forget_predictions(&mut specimen);
        specimen.assert_finds(&State, &[]);
    }
}

#[test]
fn each_ending_but_the_predicted_one_is_found() {
    let (pc, number) = (4, 0);
    for exit in [
        trap("user1"),
        Exit::Fault {
            pc,
            address: 0,
            access: "read".to_owned(),
        },
        Exit::Exception { pc, number },
        Exit::Illegal {
            pc,
            bytes: vec![0xff],
        },
        Exit::OutOfFuel,
        Exit::Crashed {
            cause: "SIGSEGV".to_owned(),
        },
    ] {
        for reference in [true, false] {
            let mut specimen = specimen(Isa::X86_64);
            if !reference {
                forget_predictions(&mut specimen);
            }
            specimen.runs[NOPPED].evidence.exit = exit.clone();
            specimen.assert_finds(&State, &[(None, Subject::Exit)]);
        }
    }
}

#[test]
fn a_predicted_trap_must_come_with_its_code_and_memory() {
    let mut specimen = specimen(Isa::S390x);
    for run in &mut specimen.runs {
        run.evidence.exit = trap("int_divz");
        run.evidence.results.clear();
        run.prediction.as_mut().unwrap().exit = PredictedExit::Trap("int_divz".to_owned());
    }
    specimen.assert_finds(&State, &[]);
    specimen.runs[LIVE].evidence.data[0] = vec![1];
    specimen.runs[NOPPED].evidence.exit = trap("int_ovf");
    let memory = Subject::Data {
        symbol: "%memory".to_owned(),
        start: 1,
        end: 2,
    };
    specimen.assert_finds(&State, &[(None, memory), (None, Subject::Exit)]);
    specimen.runs[LIVE].evidence.data[0] = vec![1, 2];
    specimen.runs[NOPPED].evidence.exit = Exit::Returned;
    specimen.runs[NOPPED].expected = None;
    specimen.assert_finds(&State, &[(None, Subject::Exit)]);
    forget_predictions(&mut specimen);
    specimen.assert_finds(&State, &[(None, Subject::Exit)]);
    specimen.runs[NOPPED].evidence.exit = trap("int_divz");
    specimen.assert_finds(&State, &[]);
}

#[test]
fn an_instruction_that_the_machine_lacks_is_inconclusive_and_one_that_is_none_is_not() {
    let mut specimen = specimen(Isa::S390x);
    let pc = specimen.image.base + 4;
    let bytes = vec![0xe7, 0, 0, 0, 0, 0xe3];
    specimen.runs[NOPPED].evidence.exit = Exit::Illegal { pc, bytes };
    assert!(matches!(specimen.judge(&State), Verdict::Inconclusive(_)));
    // A failure elsewhere outweighs it.
    specimen.runs[LIVE].evidence.results = vec![value(6)];
    assert!(matches!(specimen.judge(&State), Verdict::Fail(list) if list.len() == 2));
    for (isa, bytes) in [
        (Isa::S390x, vec![0, 1]),
        (Isa::X86_64, vec![0x0f, 0x0b]),
        (Isa::Aarch64, vec![7, 7, 0, 0]),
        (Isa::Riscv64gc, vec![0, 0]),
        (Isa::Riscv64gc, vec![0x73, 0x10, 0, 0xc0]),
    ] {
        let mut specimen = self::specimen(isa);
        let pc = specimen.image.base + 4;
        specimen.runs[NOPPED].evidence.exit = Exit::Illegal { pc, bytes };
        specimen.assert_finds(&State, &[(None, Subject::Exit)]);
    }
}

#[test]
fn a_program_without_end_and_without_reference_is_inconclusive() {
    let mut specimen = specimen(Isa::Pulley64);
    specimen.runs[LIVE].evidence.exit = Exit::OutOfFuel;
    specimen.runs[NOPPED].evidence.exit = Exit::OutOfFuel;
    let both = [(None, Subject::Exit), (None, Subject::Exit)];
    specimen.assert_finds(&State, &both);
    forget_predictions(&mut specimen);
    assert!(matches!(specimen.judge(&State), Verdict::Inconclusive(_)));
    specimen.runs[NOPPED].evidence.exit = Exit::Returned;
    assert!(!matches!(specimen.judge(&State), Verdict::Pass));
}

#[test]
fn results_are_compared_with_the_reference_and_the_run_line() {
    let result = (None, Subject::Result(0));
    let mut specimen = specimen(Isa::Aarch64);
    specimen.runs[LIVE].evidence.results = vec![value(6)];
    specimen.assert_finds(&State, &[result.clone(), result.clone()]);
    specimen.runs[LIVE].expected = None;
    specimen.assert_finds(&State, std::slice::from_ref(&result));
    specimen.runs[LIVE].evidence.results.clear();
    specimen.assert_finds(&State, std::slice::from_ref(&result));
    specimen.runs[LIVE].evidence.results = vec![value(5), value(5)];
    specimen.assert_finds(&State, &[(None, Subject::Result(1))]);
    forget_predictions(&mut specimen);
    // The live run stands in for the reference: the other one differs from it.
    specimen.runs[NOPPED].expected = None;
    specimen.assert_finds(&State, &[(None, Subject::Result(1))]);
}

#[test]
fn a_run_line_may_say_what_the_result_is_not() {
    let mut specimen = specimen(Isa::X86_64);
    for (bits, found) in [(5, vec![(None, Subject::Result(0))]), (6, vec![])] {
        specimen.runs[LIVE].expected = Some(Expected {
            equal: false,
            values: vec![value(bits)],
        });
        specimen.assert_finds(&State, &found);
    }
}

#[test]
fn bits_decide_and_not_types() {
    let mut specimen = specimen(Isa::X86_64);
    specimen.runs[LIVE].evidence.results = vec![Value::new(Ty::float(64), 5)];
    specimen.assert_finds(&State, &[]);
}

#[test]
fn callee_saved_registers_are_compared_as_far_as_the_entrys_abi_keeps_them() {
    for (isa, name, bits, kept) in [
        (Isa::X86_64, "rbx", 1 << 63, true),
        (Isa::X86_64, "r11", 1, false),
        (Isa::X86_64, "mxcsr", 0x1f, false),
        (Isa::X86_64, "mxcsr", 0x6000, true),
        (Isa::Aarch64, "v8", 1 << 63, true),
        (Isa::Aarch64, "v8", 1 << 64, false),
        (Isa::Aarch64, "x30", 1, false),
        (Isa::S390x, "v15", 1 << 64, true),
        (Isa::S390x, "v15", 1 << 63, false),
        (Isa::Riscv64gc, "fs11", 1 << 63, true),
        (Isa::Pulley64be, "x29", 1, true),
        (Isa::Pulley64be, "v0", 1, false),
    ] {
        let mut specimen = specimen(isa);
        let change = specimen.register_change(name, bits);
        specimen.runs[NOPPED].evidence.registers = vec![change];
        let found = (None, Subject::Register(name.to_owned()));
        specimen.assert_finds(
            &State,
            if kept {
                std::slice::from_ref(&found)
            } else {
                &[]
            },
        );
    }
}

#[test]
fn the_stack_pointer_moves_by_exactly_what_the_entry_pops() {
    for isa in executable() {
        let name = RegisterTable::of(isa).info(RegisterTable::of(isa).sp).name;
        for (pops, moved) in [(0, 0), (0, 16), (16, 0), (16, 16), (16, 8)] {
            let mut specimen = specimen(isa);
            let change = specimen.register_change(name, moved.into());
            let run = &mut specimen.runs[LIVE];
            run.entry_pops = pops;
            run.evidence.registers = if moved == 0 { vec![] } else { vec![change] };
            let found = (None, Subject::Register(name.to_owned()));
            let wrong = pops != moved;
            specimen.assert_finds(
                &State,
                if wrong {
                    std::slice::from_ref(&found)
                } else {
                    &[]
                },
            );
        }
    }
}

#[test]
fn memory_is_compared_the_hooks_own_only_with_the_reference() {
    let data = |symbol: &str, start, end| {
        (
            None,
            Subject::Data {
                symbol: symbol.to_owned(),
                start,
                end,
            },
        )
    };
    let mut specimen = specimen(Isa::Riscv64gc);
    specimen.runs[NOPPED].evidence.data = vec![vec![1, 2, 0, 9], vec![0, 4]];
    specimen.assert_finds(&State, &[data("%memory", 3, 4), data("%log", 1, 2)]);
    forget_predictions(&mut specimen);
    specimen.assert_finds(&State, &[data("%memory", 3, 4)]);
    specimen.runs[NOPPED].evidence.data = vec![vec![], vec![]];
    specimen.assert_finds(&State, &[data("%memory", 0, 2)]);
}
