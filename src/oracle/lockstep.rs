//! Check 5: right before and right after each site, everything that the hook's ABI preserves
//! is the same, at full width; and so is every byte of the stack at and above the stack
//! pointer that is not the hook's own argument area. Through a NOPed site nothing changes at
//! all, flags and scratch registers included. And the stack pointer is aligned at each, as the
//! platform's ABI promises any callee.

use super::{Check, Discrepancy, Evidence, Oracle, Run, Subject, Verdict};
use crate::machine::abi::{CallLayout, call_layout, preserved, stack_alignment};
use crate::machine::{Exit, Pass, PassEnd, RegisterChange, RegisterTable, StackChange};

/// The oracle.
pub struct Lockstep;

impl Oracle for Lockstep {
    fn check(&self) -> Check {
        Check::Lockstep
    }

    fn judge(&self, evidence: &Evidence) -> Verdict {
        let mut list = Vec::new();
        for run in evidence.runs {
            for pass in passes(run) {
                list.extend(misaligned(evidence, run, pass));
                match &pass.end {
                    Some(end) => {
                        registers(evidence, run, pass, end, &mut list);
                        stack(evidence, run, pass, end, &mut list);
                    }
                    None if run.evidence.exit == Exit::Returned => list.push(never_left(run, pass)),
                    None => {}
                }
            }
        }
        Verdict::from_discrepancies(list)
    }
}

fn passes(run: &Run) -> impl Iterator<Item = &Pass> {
    run.evidence.events.iter().filter_map(|event| match event {
        crate::machine::Event::Pass(pass) => Some(pass),
        _ => None,
    })
}

fn state(pass: &Pass) -> &'static str {
    if pass.live { "live" } else { "NOPed" }
}

fn discrepancy(
    run: &Run,
    pass: &Pass,
    subject: Subject,
    (expected, seen): (String, String),
    what: &str,
) -> Discrepancy {
    let message = format!(
        "{what} over {} {}: {expected} before, {seen} after (scenario {})",
        state(pass),
        pass.site,
        run.scenario
    );
    Discrepancy {
        check: Check::Lockstep,
        site: Some(pass.site),
        subject,
        expected,
        seen,
        scenario: Some(run.scenario.clone()),
        message,
    }
}

fn never_left(run: &Run, pass: &Pass) -> Discrepancy {
    let seen = match pass.low_arrival {
        Some(sp) => format!("an arrival with the stack pointer at {sp:#x}"),
        None => "no arrival".to_owned(),
    };
    let expected = format!(
        "an arrival behind the site with the stack pointer at {:#x}",
        pass.sp
    );
    discrepancy(
        run,
        pass,
        Subject::Register("sp".to_owned()),
        (expected, seen),
        "stack pointer",
    )
}

/// A call is promised an aligned stack: a hook may keep vectors there by instructions that fault
/// otherwise.
fn misaligned(evidence: &Evidence, run: &Run, pass: &Pass) -> Option<Discrepancy> {
    let alignment = stack_alignment(evidence.image.isa);
    if pass.sp.is_multiple_of(alignment) {
        return None;
    }
    let expected = format!("a multiple of {alignment}");
    let seen = format!("{:#x}", pass.sp);
    let message = format!(
        "{} is reached with the stack pointer at {seen}, expected {expected} (scenario {})",
        pass.site, run.scenario
    );
    Some(Discrepancy {
        check: Check::Lockstep,
        site: Some(pass.site),
        subject: Subject::Register("sp".to_owned()),
        expected,
        seen,
        scenario: Some(run.scenario.clone()),
        message,
    })
}

/// The preserved bits that changed.
fn lost(evidence: &Evidence, pass: &Pass, change: &RegisterChange) -> u128 {
    let isa = evidence.image.isa;
    let changed = change.before ^ change.after;
    if !pass.live {
        return changed;
    }
    let conv = evidence.interface.site_signature(pass.site).call_conv;
    let lost = changed & preserved(isa, conv).mask(change.register);
    if lost == 0 {
        return 0;
    }
    let name = RegisterTable::of(isa).info(change.register).name;
    let mut scratch = evidence.image.scratch.iter();
    if scratch.any(|scratch| scratch == name) {
        return 0;
    }
    lost
}

fn registers(
    evidence: &Evidence,
    run: &Run,
    pass: &Pass,
    end: &PassEnd,
    list: &mut Vec<Discrepancy>,
) {
    for change in &end.registers {
        if lost(evidence, pass, change) == 0 {
            continue;
        }
        let name = RegisterTable::of(evidence.image.isa)
            .info(change.register)
            .name;
        let values = (
            format!("{:#x}", change.before),
            format!("{:#x}", change.after),
        );
        let what = format!("register {name} is not preserved");
        list.push(discrepancy(
            run,
            pass,
            Subject::Register(name.to_owned()),
            values,
            &what,
        ));
    }
}

fn stack(evidence: &Evidence, run: &Run, pass: &Pass, end: &PassEnd, list: &mut Vec<Discrepancy>) {
    if end.stack.is_empty() {
        return;
    }
    let signature = evidence.interface.site_signature(pass.site);
    let layout = call_layout(evidence.image.isa, signature).ok();
    for change in &end.stack {
        let outside = if pass.live {
            outside(change, layout.as_ref())
        } else {
            Some((0, change.before.len().max(change.after.len())))
        };
        let Some((first, behind)) = outside else {
            continue;
        };
        let start = change.offset + first as u64;
        let end = change.offset + behind as u64;
        let shown = first..behind.min(first + 16);
        let bytes = |bytes: &[u8]| match bytes.get(shown.clone()) {
            Some(bytes) => format!("{bytes:02x?}"),
            None => "unreadable memory".to_owned(),
        };
        let values = (bytes(&change.before), bytes(&change.after));
        let what = format!("stack bytes sp+{start:#x}..sp+{end:#x} are not preserved");
        list.push(discrepancy(
            run,
            pass,
            Subject::Stack { start, end },
            values,
            &what,
        ));
    }
}

/// The part of a change that is not in the hook's own argument area, as indices into it.
fn outside(change: &StackChange, layout: Option<&CallLayout>) -> Option<(usize, usize)> {
    let is_own = |layout: &CallLayout, offset: u64| {
        offset < layout.argument_area && !layout.reserved.contains(&offset)
    };
    let not_own = |index: &usize| {
        let offset = change.offset + *index as u64;
        !layout.is_some_and(|layout| is_own(layout, offset))
    };
    let length = change.before.len().max(change.after.len());
    let first = (0..length).find(not_own)?;
    let last = (0..length).rev().find(not_own)?;
    Some((first, last + 1))
}

#[cfg(test)]
mod tests;
