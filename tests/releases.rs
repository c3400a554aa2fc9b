//! What only a build with older releases can show; `ci/releases` runs it.
#![cfg(feature = "all-releases")]

use std::path::{Path, PathBuf};
use std::process::Command;

use patchproof::code_generators::{cranelifts, find};
use patchproof::corpus::{Findings, default_folder, find as find_files, load};
use patchproof::isa::Isa;
use patchproof::judge::{Judgement, Plan, options};

fn worker() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_patchproof"))
}

/// Words of the reasons for which an older release may not cover a program of the corpus.
const LIMITS: [&str; 12] = [
    "the program's header does not name",
    "does not run",
    "not read: ",
    "the patchable ABI has",
    "patchable_call is for callees",
    "no patchable try_call",
    "no such setting",
    "Unsupported",
    "unsupported",
    "should be implemented in ISLE",
    "32-bit",
    "not supported",
];

#[test]
fn every_release_is_built_in_and_found_by_its_minor() {
    let names: Vec<&str> = cranelifts().iter().map(|g| g.name()).collect();
    assert_eq!(names.len(), 9, "{names:?}");
    for (name, minor) in names.iter().zip(127..) {
        let asked = format!("cranelift@0.{minor}");
        assert_eq!(find(&asked).map(|g| g.name()), Ok(*name));
    }
}

#[test]
fn programs_that_pass_do_so_in_every_release_but_for_findings_and_limits() {
    let folder = default_folder();
    let (findings, errors) = Findings::load(&folder);
    assert_eq!(errors, []);
    let (files, _) = find_files(&[folder.join("pass")]);
    let cases: Vec<_> = load(&files).into_iter().map(Result::unwrap).collect();
    let mut before = 1;
    for generator in cranelifts() {
        let plan = Plan {
            isas: Isa::ALL.to_vec(),
            generators: vec![generator],
            findings: findings.clone(),
            options: options(worker()),
        };
        let judged = plan.judge_all(&cases, || {});
        let records: Vec<_> = judged.into_iter().flatten().map(Result::unwrap).collect();
        let mut wrong = Vec::new();
        for record in &records {
            let reason = record.reason.as_deref().unwrap_or_default();
            let is_limit = || LIMITS.iter().any(|words| reason.contains(words));
            let fine = match record.verdict {
                Judgement::Fail => false,
                Judgement::Unsupported => is_limit(),
                Judgement::Pass | Judgement::Known | Judgement::Inconclusive => true,
            };
            if !fine {
                wrong.push(format!("{} on {}: {reason}", record.program, record.isa));
            }
        }
        let passed = records.iter().filter(|r| r.verdict == Judgement::Pass);
        let (name, passed) = (generator.name(), passed.count());
        assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
        // Bugs have only ever been mended, and words been added.
        assert!(passed >= before, "{name} passes {passed}, not {before}");
        before = passed;
    }
}

#[test]
fn pulley_bytecode_is_read_by_the_interpreter_of_its_release() {
    // 46 put instructions in between, so that numbers behind them moved.
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/floats.clif");
    let mut listings = Vec::new();
    for release in ["cranelift@0.132", "cranelift@0.133"] {
        let output = Command::new(worker())
            .args(["verify", "--instrument", "--isa", "pulley64", "--json"])
            .args(["--generator", release])
            .arg(&program)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{release}: {text}");
        listings.push(text.contains("\"verdict\":\"pass\""));
    }
    assert_eq!(listings, [true, true]);
}
