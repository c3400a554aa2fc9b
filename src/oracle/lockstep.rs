//! Check 5: right before and right after each site, everything that the hook's ABI preserves
//! is the same, at full width; and so is every byte of the stack at and above the stack
//! pointer that is not the hook's own argument area. Through a NOPed site nothing changes at
//! all, flags and scratch registers included. And the stack pointer is aligned at each, as the
//! platform's ABI promises any callee.
//!
//! Of one register another value is right: where the hook pops its arguments and the metadata names
//! code behind the site that puts the stack pointer right, it is higher by exactly what the hook's
//! ABI pops behind a live site, and in its place behind that code, live and NOPed.

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
                        list.extend(stack_pointer(evidence, run, pass, end));
                        registers(evidence, run, pass, end, &mut list);
                        list.extend(rebuilt(evidence, run, pass));
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

/// How far the stack pointer is above its place right behind the site.
fn popped(evidence: &Evidence, pass: &Pass) -> u64 {
    let site = evidence.image.site(pass.site);
    let Some(rebuild) = site.and_then(|site| site.rebuild).filter(|_| pass.live) else {
        return 0;
    };
    // Of a signature that no ABI document covers, the metadata's word has to do.
    let signature = evidence.interface.site_signature(pass.site);
    call_layout(evidence.image.isa, signature).map_or(rebuild.popped.into(), |l| l.callee_pops)
}

/// The stack pointer that is not where the hook's ABI leaves it.
fn stack_pointer(
    evidence: &Evidence,
    run: &Run,
    pass: &Pass,
    end: &PassEnd,
) -> Option<Discrepancy> {
    let table = RegisterTable::of(evidence.image.isa);
    let name = table.info(table.sp).name;
    let change = end.registers.iter().find(|c| c.register == table.sp);
    let (before, after) = change.map_or((pass.sp.into(), pass.sp.into()), |c| (c.before, c.after));
    let popped = popped(evidence, pass);
    if after == before + u128::from(popped) {
        return None;
    }
    let what = match popped {
        0 => format!("register {name} is not preserved"),
        _ => format!("register {name} does not rise by the {popped} bytes that the hook pops"),
    };
    let values = (format!("{before:#x}"), format!("{after:#x}"));
    let subject = Subject::Register(name.to_owned());
    Some(discrepancy(run, pass, subject, values, &what))
}

/// The stack pointer that is not in its place behind the code that puts it right.
fn rebuilt(evidence: &Evidence, run: &Run, pass: &Pass) -> Option<Discrepancy> {
    evidence.image.site(pass.site)?.rebuild?;
    let seen = match pass.rebuilt_sp {
        Some(sp) if sp == pass.sp => return None,
        Some(sp) => format!("{sp:#x}"),
        None if run.evidence.exit == Exit::Returned => "no arrival".to_owned(),
        None => return None,
    };
    let table = RegisterTable::of(evidence.image.isa);
    let name = table.info(table.sp).name;
    let what = format!("register {name} is not put right behind the range");
    let values = (format!("{:#x}", pass.sp), seen);
    let subject = Subject::Register(name.to_owned());
    Some(discrepancy(run, pass, subject, values, &what))
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
    let sp = RegisterTable::of(evidence.image.isa).sp;
    for change in end.registers.iter().filter(|c| c.register != sp) {
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
    let not_own = |index: &usize| {
        let offset = change.offset + *index as u64;
        layout.is_none_or(|layout| !layout.is_callees(offset))
    };
    let length = change.before.len().max(change.after.len());
    let first = (0..length).find(not_own)?;
    let last = (0..length).rev().find(not_own)?;
    Some((first, last + 1))
}

#[cfg(test)]
mod tests;
