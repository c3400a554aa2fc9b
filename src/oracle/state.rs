//! Check 3: exit, results, callee-saved registers, stack pointer and program memory are the
//! same in every scenario, and as the CLIF interpreter and the run line say.
//!
//! Where the reference says nothing, the first run of the same invocation stands in for it:
//! that is the one with all sites live.

use super::hook_log::neutral;
use super::{Check, Discrepancy, Evidence, Oracle, Run, Subject, Verdict};
use crate::isa::Isa;
use crate::machine::abi::{pinned, preserved};
use crate::machine::{Exit, RegisterTable, RunEvidence};
use crate::program::{Owner, PredictedExit, Value};

/// The oracle.
pub struct State;

impl Oracle for State {
    fn check(&self) -> Check {
        Check::State
    }

    fn judge(&self, evidence: &Evidence) -> Verdict {
        let mut list = Vec::new();
        let mut unknown = None;
        for run in evidence.runs {
            if let Exit::Illegal { pc, bytes } = &run.evidence.exit
                && evidence.image.function_at(*pc).is_some()
                && !is_no_instruction(evidence.image.isa, bytes)
                && !is_inside_instruction(evidence, *pc)
            {
                let place = evidence.image.describe(*pc);
                unknown.get_or_insert(format!("the machine does not know {bytes:02x?} at {place}"));
                continue;
            }
            if let Err(reason) = &run.prediction
                && [&run.evidence, stand_in(evidence, run)].map(|seen| &seen.exit)
                    == [&Exit::OutOfFuel; 2]
            {
                unknown.get_or_insert(format!("out of fuel, and no reference: {reason}"));
                continue;
            }
            if is_cut_short(evidence, run) {
                let reason = "the run passes sites more often than a run records";
                unknown.get_or_insert(reason.to_owned());
                continue;
            }
            exit_and_results(evidence, run, &mut list);
            registers(evidence, run, &mut list);
            memory(evidence, run, &mut list);
        }
        let verdict = Verdict::from_discrepancies(list);
        match unknown {
            Some(reason) => verdict.and(Verdict::Inconclusive(reason)),
            None => verdict,
        }
    }
}

fn discrepancy(
    run: &Run,
    subject: Subject,
    expected: String,
    seen: String,
    what: &str,
) -> Discrepancy {
    let message = format!(
        "{what}: expected {expected}, seen {seen} (invocation {}, scenario {})",
        run.invocation, run.scenario
    );
    Discrepancy {
        check: Check::State,
        site: None,
        subject,
        expected,
        seen,
        scenario: Some(run.scenario.clone()),
        message,
    }
}

/// Whether no instruction will ever begin like this: the encodings that each ISA's manual sets
/// aside as undefined. To arrive at one is not the machine's lack of knowledge. Nor is it at
/// RISC-V's `unimp`, a write to the read-only `cycle`, which every machine refuses (privileged
/// manual, "CSR Address Mapping Conventions"; assembler manual, "unimp").
fn is_no_instruction(isa: Isa, bytes: &[u8]) -> bool {
    matches!(
        (isa, bytes),
        (Isa::X86_64, [0x0f, 0x0b, ..])
            | (Isa::Riscv64gc, [0, 0, ..] | [0x73, 0x10, 0, 0xc0, ..])
            | (Isa::Aarch64, [_, _, 0, 0, ..])
            | (Isa::S390x, [0, ..])
    )
}

/// Whether `pc` is inside of an instruction that the flow of its function leads to: what is decoded
/// there is nothing that a generator emitted, and to arrive there is a wild jump.
fn is_inside_instruction(evidence: &Evidence, pc: u64) -> bool {
    let mut functions = evidence.image.functions.iter();
    let index = functions.position(|function| function.contains(pc));
    let code = index.and_then(|index| evidence.code.get(index));
    code.and_then(|code| code.covering(pc))
        .is_some_and(|instruction| instruction.address != pc)
}

/// Whether what the run would have come to is not known: evidence of it ends where there was no more
/// room, and the program was to go on there.
fn is_cut_short(evidence: &Evidence, run: &Run) -> bool {
    let seen = &run.evidence;
    match &run.prediction {
        Ok(prediction) => seen.full && neutral(&seen.events).len() < prediction.events.len(),
        Err(_) => seen.full || stand_in(evidence, run).full,
    }
}

/// The run that stands in where the reference says nothing: the first one that came to an end of
/// the program's own, if there is one.
fn stand_in<'a>(evidence: &'a Evidence, run: &'a Run) -> &'a RunEvidence {
    let mut same = (evidence.runs.iter())
        .filter(|other| other.invocation == run.invocation)
        .map(|run| &run.evidence);
    let ended = |seen: &&RunEvidence| matches!(seen.exit, Exit::Returned | Exit::Trap { .. });
    let first = same.clone().next().unwrap_or(&run.evidence);
    same.find(ended).unwrap_or(first)
}

fn exit_and_results(evidence: &Evidence, run: &Run, list: &mut Vec<Discrepancy>) {
    let seen = &run.evidence;
    let expected = match &run.prediction {
        Ok(prediction) => prediction.exit.clone(),
        Err(_) => match &stand_in(evidence, run).exit {
            Exit::Trap { code, .. } => PredictedExit::Trap(code.clone()),
            _ => PredictedExit::Returned(stand_in(evidence, run).results.clone()),
        },
    };
    match (&expected, &seen.exit) {
        (PredictedExit::Returned(values), Exit::Returned) => {
            results(run, values, &seen.results, "the reference", list);
        }
        (PredictedExit::Trap(code), Exit::Trap { code: seen, .. }) if code == seen => {}
        _ => {
            let expected = match expected {
                PredictedExit::Returned(_) => "a return".to_owned(),
                PredictedExit::Trap(code) => format!("trap {code}"),
            };
            let exit = describe(evidence, &seen.exit);
            list.push(discrepancy(
                run,
                Subject::Exit,
                expected,
                exit,
                "the run ended otherwise",
            ));
        }
    }
    if let (Some(line), Exit::Returned) = (&run.expected, &seen.exit) {
        if line.equal {
            results(run, &line.values, &seen.results, "the run line", list);
        } else if line
            .values
            .iter()
            .map(|v| v.bits)
            .eq(seen.results.iter().map(|v| v.bits))
        {
            let (expected, seen) = (
                format!("not {:?}", line.values),
                format!("{:?}", seen.results),
            );
            list.push(discrepancy(
                run,
                Subject::Result(0),
                expected,
                seen,
                "against the run line",
            ));
        }
    }
}

/// An exit with its address as function and offset.
fn describe(evidence: &Evidence, exit: &Exit) -> String {
    let at = |pc: &u64| evidence.image.describe(*pc);
    match exit {
        Exit::Trap { pc, code } => format!("trap {code} at {}", at(pc)),
        Exit::Fault {
            pc,
            address,
            access,
        } => {
            format!("{access} fault on {address:#x} at {}", at(pc))
        }
        Exit::Illegal { pc, bytes } => format!("unknown instruction {bytes:02x?} at {}", at(pc)),
        Exit::Exception { pc, number } => format!("exception {number} at {}", at(pc)),
        Exit::Returned | Exit::OutOfFuel | Exit::Crashed { .. } => exit.to_string(),
    }
}

fn results(run: &Run, expected: &[Value], seen: &[Value], who: &str, list: &mut Vec<Discrepancy>) {
    for index in 0..expected.len().max(seen.len()) {
        let (expected, seen) = (expected.get(index), seen.get(index));
        // By bits: the reader gives every vector on a run line the type i8x16.
        if expected.map(|value| value.bits) != seen.map(|value| value.bits) {
            let text = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
            let what = format!("result {index} against {who}");
            let subject = Subject::Result(index);
            list.push(discrepancy(run, subject, text(expected), text(seen), &what));
        }
    }
}

/// Callee-saved registers and the stack pointer over the whole call of the entry.
fn registers(evidence: &Evidence, run: &Run, list: &mut Vec<Discrepancy>) {
    let isa = evidence.image.isa;
    let table = RegisterTable::of(isa);
    let kept = preserved(isa, run.entry.call_conv);
    if run.evidence.exit != Exit::Returned {
        return;
    }
    let moved = run
        .evidence
        .registers
        .iter()
        .find(|c| c.register == table.sp);
    let popped = moved.map_or(0, |sp| sp.after.wrapping_sub(sp.before));
    if popped != u128::from(run.entry_pops) {
        let what = "the entry's return leaves another stack pointer";
        let expected = format!("{} bytes popped", run.entry_pops);
        let seen = format!("{} bytes popped", popped.cast_signed());
        let name = table.info(table.sp).name.to_owned();
        list.push(discrepancy(
            run,
            Subject::Register(name),
            expected,
            seen,
            what,
        ));
    }
    for change in &run.evidence.registers {
        let mask = kept.mask(change.register);
        let name = table.info(change.register).name;
        let is_set = evidence.interface.sets_pinned_register && pinned(isa) == Some(name);
        if (change.before ^ change.after) & mask == 0 || change.register == table.sp || is_set {
            continue;
        }
        let what = format!("callee-saved register {name} is lost over the entry's call");
        let (expected, seen) = (
            format!("{:#x}", change.before & mask),
            format!("{:#x}", change.after & mask),
        );
        list.push(discrepancy(
            run,
            Subject::Register(name.to_owned()),
            expected,
            seen,
            &what,
        ));
    }
}

fn memory(evidence: &Evidence, run: &Run, list: &mut Vec<Discrepancy>) {
    if !matches!(run.evidence.exit, Exit::Returned | Exit::Trap { .. }) {
        return;
    }
    let expected = match &run.prediction {
        Ok(prediction) => &prediction.data,
        Err(_) => &stand_in(evidence, run).data,
    };
    for (index, decl) in evidence.interface.data.iter().enumerate() {
        let (Some(expected), Some(seen)) = (expected.get(index), run.evidence.data.get(index))
        else {
            continue;
        };
        // The hooks' own memory may differ between scenarios, but not from the reference.
        if decl.owner == Owner::Hooks && run.prediction.is_err() {
            continue;
        }
        let Some((start, end)) = differing(expected, seen) else {
            continue;
        };
        let bytes = |memory: &[u8]| {
            let byte = |i: usize| memory.get(i).copied().unwrap_or(0);
            format!(
                "{:02x?}",
                (start..end.min(start + 16)).map(byte).collect::<Vec<_>>()
            )
        };
        let subject = Subject::Data {
            symbol: decl.name.clone(),
            start: start as u64,
            end: end as u64,
        };
        let what = format!("memory {}+{start:#x}..{end:#x}", decl.name);
        list.push(discrepancy(
            run,
            subject,
            bytes(expected),
            bytes(seen),
            &what,
        ));
    }
}

/// First and behind the last byte that differ; bytes that are not there count as zero.
fn differing(a: &[u8], b: &[u8]) -> Option<(usize, usize)> {
    if a == b {
        return None;
    }
    let length = a.len().max(b.len());
    let differs = |&i: &usize| a.get(i).unwrap_or(&0) != b.get(i).unwrap_or(&0);
    let first = (0..length).find(differs)?;
    let last = (0..length).rev().find(differs)?;
    Some((first, last + 1))
}

#[cfg(test)]
mod tests;
