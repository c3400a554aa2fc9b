//! Programs that fail, kept as files: the first of each signature, and its reduction.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::plan::Plan;
use super::record::{Record, Verdict};
use super::tally::{Group, Tally};
use crate::codegen::CodeGenerator;
use crate::generator;
use crate::judge::{Recurrence, Wanted};
use crate::oracle::Check;
use crate::panic_guard;
use crate::program::Program;
use crate::reduce::{Budget, reduce};

/// Most runs for one reduction, whatever the time: what bounds it on a slow host must not bound
/// it elsewhere.
const RUNS: usize = 2_000;

/// A kept finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What fails.
    pub signature: String,
    /// The fail of the program with the lowest number.
    pub first: Record,
    /// How many records fail like it.
    pub count: u64,
    /// The first program, where there is a folder.
    pub file: Option<PathBuf>,
    /// Its reduction, and how many runs that took.
    pub reduced: Option<(PathBuf, usize)>,
}

/// Writes the program of a fail that is the first of its signature so far. `Ok` without a file
/// where it is no fail or there is no folder.
///
/// # Errors
/// When the file cannot be written.
pub fn save(plan: &Plan, group: &Group) -> io::Result<Option<PathBuf>> {
    let (Some(folder), Verdict::Fail, Some(signature)) =
        (&plan.folder, group.first.verdict, &group.first.signature)
    else {
        return Ok(None);
    };
    let path = folder.join(format!("{}.clif", slug(signature)));
    let text = program_text(plan, &group.first);
    std::fs::write(&path, text)?;
    Ok(Some(path))
}

/// All fails that are news, each with its file and its reduction. `stop` ends the reductions.
///
/// # Errors
/// When a file cannot be written.
pub fn finish(plan: &Plan, tally: &Tally, stop: &dyn Fn() -> bool) -> io::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (name, group) in tally.groups_of(Verdict::Fail) {
        let file = save(plan, group)?;
        let reduced = match &file {
            Some(file) if !stop() => reduction(plan, name, group, file)?,
            _ => None,
        };
        findings.push(Finding {
            signature: name.to_owned(),
            first: group.first.clone(),
            count: group.count,
            file,
            reduced,
        });
    }
    Ok(findings)
}

/// The program with what it is about above it.
fn program_text(plan: &Plan, record: &Record) -> String {
    let Record {
        program, signature, ..
    } = record;
    let text = generator::program(plan.seed, *program).text;
    let signature = signature.as_deref().unwrap_or_default();
    format!(
        "; Program {program} of seed {}.\n; {signature}\n{text}",
        plan.seed
    )
}

fn reduction(
    plan: &Plan,
    name: &str,
    group: &Group,
    file: &Path,
) -> io::Result<Option<(PathBuf, usize)>> {
    let number = group.first.program;
    let text = generator::program(plan.seed, number).text;
    if plan.reduction.is_zero() {
        return Ok(None);
    }
    let Some(mut recurrence) = recurrence(plan, group, &text) else {
        return Ok(None);
    };
    let start = Instant::now();
    let mut runs = 0;
    let shrunk = generator::shrink(plan.seed, number, RUNS, &mut |text| {
        runs += 1;
        start.elapsed() < plan.reduction && recurrence.is_in(text)
    });
    let shrunk = shrunk.unwrap_or_else(|| text.clone());
    let budget = Budget {
        runs: RUNS,
        time: Some(plan.reduction.saturating_sub(start.elapsed())),
    };
    let reduction = reduce(&shrunk, budget, &mut |text| recurrence.is_in(text));
    if reduction.text == text {
        return Ok(None);
    }
    let path = file.with_extension("reduced.clif");
    let heading = format!(
        "; Program {number} of seed {}, reduced.\n; {name}\n",
        plan.seed
    );
    std::fs::write(&path, heading + &reduction.text)?;
    Ok(Some((path, runs + reduction.runs)))
}

/// What to look for in smaller programs; `None` where all scenarios together do not show it.
fn recurrence(plan: &Plan, group: &Group, text: &str) -> Option<Recurrence> {
    let named = |g: &&&'static dyn CodeGenerator| g.name() == group.first.generator;
    let agreement = group.first.signature.as_deref().unwrap_or_default();
    let wanted = Wanted {
        isa: group.first.isa,
        generator: *plan.generators.iter().find(named)?,
        check: agreement
            .contains(" agreement: ")
            .then_some(Check::Agreement),
        findings: plan.known.0.clone(),
        options: plan.options(),
    };
    let program = Program::parse("reduced", text).ok()?;
    let found = panic_guard::catch(|| Recurrence::of(&program, wanted));
    found.ok()?.ok()?
}

/// A file name for a signature: its words, and a hash where they are too many.
fn slug(signature: &str) -> String {
    const LONGEST: usize = 80;
    let mut slug = String::new();
    for c in signature.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            slug.push(c);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    // FNV-1a: words that differ only in what was dropped have files of their own.
    let hash = signature.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    slug.truncate(LONGEST);
    format!("{}-{hash:08x}", slug.trim_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn files_are_named_by_their_signature() {
        let name = slug("cranelift s390x lockstep: register v8");
        assert!(
            name.starts_with("cranelift-s390x-lockstep-register-v8-"),
            "{name}"
        );
        assert_ne!(slug("a: %"), slug("a: #"));
        assert!(slug(&"x".repeat(500)).len() < 100);
    }
}
