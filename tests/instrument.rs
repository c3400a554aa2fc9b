//! Programs that were not written for patchable calls, with sites in them, on every ISA.

use std::path::{Path, PathBuf};

use patchproof::code_generators;
use patchproof::corpus::{self, Case, Expectation, Findings};
use patchproof::instrument::{HookKind, Options, Refused, Sites, instrument};
use patchproof::isa::Isa;
use patchproof::judge::{Judgement, Plan, Record, options};
use patchproof::program::Program;
use patchproof::scenario::{Scenario, ScenarioChoice};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let (files, errors) = corpus::find(&[folder]);
    assert!(errors.is_empty(), "{errors:?}");
    files
}

fn plan(scenarios: Vec<Scenario>) -> Plan {
    let (findings, errors) = Findings::load(&corpus::default_folder());
    assert!(errors.is_empty(), "{errors:?}");
    let mut options = options(PathBuf::from(env!("CARGO_BIN_EXE_patchproof")));
    options.scenarios = ScenarioChoice::These(scenarios);
    Plan {
        isas: Isa::ALL.to_vec(),
        generators: code_generators::ALL.to_vec(),
        findings,
        options,
    }
}

/// The file with sites; `None` when it cannot be run with them.
fn case(file: &Path, how: &Options) -> Option<Case> {
    let text = std::fs::read_to_string(file).unwrap();
    let done = match instrument(&text, how) {
        Ok(done) => done,
        Err(Refused::Unsupported { .. }) => return None,
        Err(Refused::Bad(errors)) => panic!("{}: {errors:?}", file.display()),
    };
    let id = corpus::id(file);
    let program = Program::parse(&id, &done.text);
    Some(Case {
        program: Ok(program.unwrap_or_else(|error| panic!("{}: {error}", file.display()))),
        id,
        path: file.to_owned(),
        expectation: Expectation::Pass,
        parts: done.parts,
    })
}

fn judge(plan: &Plan, cases: &[Case]) -> Vec<Record> {
    let judged = plan.judge_all(cases, || {});
    let records = judged.into_iter().flatten();
    records.map(|record| record.unwrap()).collect()
}

fn fails(records: &[Record]) -> Vec<String> {
    let fails = records
        .iter()
        .filter(|record| record.verdict == Judgement::Fail);
    fails
        .map(|record| {
            let reason = record.reason.clone().unwrap_or_default();
            format!("{} on {}: {reason}", record.program, record.isa)
        })
        .collect()
}

/// ISAs on the file's `; passes:` line.
fn passes(file: &Path) -> Vec<Isa> {
    let text = std::fs::read_to_string(file).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("; passes: "));
    let line = line.unwrap_or_else(|| panic!("{} says nowhere where it passes", file.display()));
    line.split(", ").map(|name| name.parse().unwrap()).collect()
}

#[test]
fn programs_from_outside_pass_where_they_say_so_and_nowhere_fail() {
    let plan = plan(vec![
        Scenario::Live,
        Scenario::Nopped(None),
        Scenario::Toggled,
    ]);
    let files = files("tests/outside");
    let how = Options::default();
    let cases: Vec<Case> = files.iter().filter_map(|file| case(file, &how)).collect();
    assert_eq!(cases.len(), files.len());
    let records = judge(&plan, &cases);
    assert_eq!(fails(&records), [""; 0]);
    for case in &cases {
        let mut expected = passes(&case.path);
        let of_case = records.iter().filter(|record| {
            record.program == case.id && record.generator.starts_with("cranelift")
        });
        let passed = of_case.filter(|record| record.verdict == Judgement::Pass);
        let mut passed: Vec<Isa> = passed.map(|record| record.isa).collect();
        expected.sort_unstable();
        passed.sort_unstable();
        assert_eq!(passed, expected, "{}", case.id);
    }
    for record in records.iter().filter(|r| r.verdict == Judgement::Pass) {
        assert!(record.sites > 0, "{record:?}");
        assert_eq!(
            record.isa.is_executable(),
            record.hook_hits > 0,
            "{record:?}"
        );
    }
    let silent = records
        .iter()
        .filter(|r| r.verdict != Judgement::Pass && r.reason.is_none());
    assert_eq!(silent.count(), 0);
}

#[test]
fn hooks_that_call_the_host_show_nothing_but_findings() {
    let plan = plan(vec![Scenario::Live, Scenario::Nopped(None)]);
    let how = Options {
        hooks: HookKind::Host,
        ..Options::default()
    };
    let files = files("tests/outside");
    let cases: Vec<Case> = files.iter().filter_map(|file| case(file, &how)).collect();
    let records = judge(&plan, &cases);
    assert_eq!(fails(&records), [""; 0]);
    let passed = |isa: Isa| {
        let of_isa = records.iter().filter(|record| record.isa == isa);
        of_isa
            .filter(|record| record.verdict == Judgement::Pass)
            .count()
    };
    for isa in [Isa::X86_64, Isa::Aarch64, Isa::S390x] {
        assert!(passed(isa) >= 9, "{isa}: {}", passed(isa));
    }
}

#[test]
fn programs_of_the_corpus_with_more_sites_show_nothing_but_findings() {
    let plan = plan(vec![Scenario::Live, Scenario::Nopped(None)]);
    let how = Options {
        sites: Sites::EveryNth(3),
        ..Options::default()
    };
    let files = files("corpus/pass");
    let cases: Vec<Case> = files.iter().filter_map(|file| case(file, &how)).collect();
    assert!(cases.len() > 100, "{}", cases.len());
    let records = judge(&plan, &cases);
    assert_eq!(fails(&records), [""; 0]);
    let passed = records
        .iter()
        .filter(|r| r.verdict == Judgement::Pass)
        .count();
    assert!(passed > 600, "{passed}");
}
