//! What findings explain, and what they must not.

use super::*;
use crate::oracle::{Check, Subject};

const VECTORS: &str = "\
; known: generator cranelift
; known: releases 0.135
; known: isa s390x, riscv64gc
; known: check lockstep
; known: subject register v? says \"*over live*\"
; known: consequence state result, hook-log argument 1
; known: needs preserve_all
; known: cause Only half is saved. The save offset is wrong.
";
const FLOATS: &str = "\
; known: generator cranelift
; known: releases 0.135
; known: isa s390x
; known: check state
; known: subject register f9
; known: cause f9 is missing.
";
const TEXT: &str = "function %hook(i64) preserve_all {\n";

fn discrepancy(check: Check, subject: Subject) -> Discrepancy {
    Discrepancy {
        check,
        site: None,
        subject,
        expected: String::new(),
        seen: String::new(),
        scenario: None,
        message: "lost over live site0".to_owned(),
    }
}

fn register(check: Check, name: &str) -> Discrepancy {
    discrepancy(check, Subject::Register(name.to_owned()))
}

fn findings() -> Findings {
    let parse = |name: &str, text: &str| (name.to_owned(), Known::parse(text).unwrap());
    Findings::new(vec![parse("vectors", VECTORS), parse("floats", FLOATS)])
}

fn explain(isa: Isa, text: &str, list: &[Discrepancy]) -> Option<String> {
    let found = findings().explain("cranelift", "0.135.8", isa, text, list);
    found.map(|explanation| explanation.to_string())
}

fn v1() -> Discrepancy {
    register(Check::Lockstep, "v1")
}

fn result() -> Discrepancy {
    discrepancy(Check::State, Subject::Result(0))
}

#[test]
fn a_primary_with_its_consequences_is_explained_by_name_and_first_sentence() {
    let list = [result(), v1(), register(Check::Lockstep, "v2")];
    let reason = explain(Isa::S390x, TEXT, &list);
    assert_eq!(reason.as_deref(), Some("vectors: Only half is saved"));
}

#[test]
fn several_findings_explain_one_fail_together() {
    let list = [v1(), result(), register(Check::State, "f9")];
    let reason = explain(Isa::S390x, TEXT, &list).unwrap();
    assert_eq!(reason, "floats: f9 is missing; vectors: Only half is saved");
    // The second one does not apply there.
    assert_eq!(explain(Isa::Riscv64gc, TEXT, &list), None);
}

#[test]
fn one_foreign_discrepancy_is_a_fail() {
    for foreign in [
        register(Check::Lockstep, "x1"),
        register(Check::State, "v1"),
        discrepancy(Check::Lockstep, Subject::Stack { start: 0, end: 8 }),
        discrepancy(Check::State, Subject::Exit),
        discrepancy(Check::HookLog, Subject::Argument(0)),
        discrepancy(Check::Vacuity, Subject::Result(0)),
        Discrepancy {
            message: "lost over NOPed site0".to_owned(),
            ..v1()
        },
    ] {
        let list = [v1(), result(), foreign.clone()];
        assert_eq!(explain(Isa::S390x, TEXT, &list), None, "{foreign:?}");
    }
}

#[test]
fn consequences_without_a_primary_are_a_fail() {
    assert_eq!(explain(Isa::S390x, TEXT, &[result()]), None);
    // Nor are they those of another finding.
    let list = [register(Check::State, "f9"), result()];
    assert_eq!(explain(Isa::S390x, TEXT, &list), None);
    assert_eq!(explain(Isa::S390x, TEXT, &[]), None);
}

#[test]
fn a_finding_applies_to_its_generator_release_isa_and_text_only() {
    let explain = |generator: &str, release: &str, isa: Isa, text: &str| {
        let found = findings().explain(generator, release, isa, text, &[v1()]);
        found.is_some()
    };
    assert!(explain("cranelift", "0.135.8", Isa::S390x, TEXT));
    assert!(!explain("backend", "0.135.8", Isa::S390x, TEXT));
    assert!(!explain("cranelift", "0.136.0", Isa::S390x, TEXT));
    assert!(!explain("cranelift", "0.135.8", Isa::X86_64, TEXT));
    assert!(!explain(
        "cranelift",
        "0.135.8",
        Isa::S390x,
        "function %f() tail {"
    ));
    let comment = "; known: needs preserve_all\nfunction %f() ; preserve_all\n";
    assert!(!explain("cranelift", "0.135.8", Isa::S390x, comment));
}

#[test]
fn what_a_finding_needs_is_a_glob_in_one_line() {
    let text = "fn0 = colocated patchable %f(i64) tail\nfn1 = colocated %g(i64) tail\n";
    assert!(holds(text, "colocated %g(i64) tail"));
    assert!(holds(text, "colocated %*) tail"));
    assert!(holds(text, "fast | tail"));
    assert!(!holds(text, "fast | winch"));
    assert!(!holds(text, "colocated %f"));
    assert!(!holds(text, "patchable *%g"));
}

#[test]
fn no_finding_excuses_a_crash_of_the_suites_own_machine() {
    let exit = |seen: &str| Discrepancy {
        seen: seen.to_owned(),
        ..discrepancy(Check::State, Subject::Exit)
    };
    let text = VECTORS.replace("state result", "state exit");
    let text = text.replace("riscv64gc", "pulley64");
    let findings = Findings::new(vec![("x".to_owned(), Known::parse(&text).unwrap())]);
    let explains = |isa, seen: &str| {
        let list = [v1(), exit(seen)];
        findings
            .explain("cranelift", "0.135.8", isa, TEXT, &list)
            .is_some()
    };
    assert!(explains(Isa::S390x, "fetch fault on 0x0 at 0x0"));
    assert!(explains(Isa::Pulley64, "crashed: killed by SIGSEGV"));
    assert!(!explains(Isa::S390x, "crashed: killed by SIGSEGV"));
    assert!(!explains(Isa::Pulley64, "crashed: exited with code 3"));
}

/// Two calls of a hook.
const PROGRAM: &str = "\
test run
function %hook(i64) preserve_all {
block0(v0: i64):
    return
}
function %main(i64) -> i64 system_v {
    fn0 = colocated patchable %hook(i64) preserve_all
block0(v0: i64):
    call fn0(v0)
    call fn0(v0)
    return v0
}
; run: %main(1) == 1
";

fn at(site: u32, scenario: &str, one: Discrepancy) -> Discrepancy {
    Discrepancy {
        site: Some(SiteId(site)),
        scenario: Some(scenario.to_owned()),
        ..one
    }
}

fn explained_by(key: &str, list: &[Discrepancy]) -> bool {
    explained_in(PROGRAM, key, list)
}

fn explained_in(program: &str, key: &str, list: &[Discrepancy]) -> bool {
    let text = VECTORS.replace("; known: needs", &format!("; known: {key}\n; known: needs"));
    let findings = Findings::new(vec![("x".to_owned(), Known::parse(&text).unwrap())]);
    let explanation = findings.explain("cranelift", "0.135.8", Isa::S390x, program, list);
    explanation.is_some()
}

#[test]
fn a_site_at_which_two_lone_registers_are_lost_does_not_show_the_finding() {
    let lost = |site, name| at(site, "live", register(Check::Lockstep, name));
    let lone = "lone register v?";
    assert!(explained_by(lone, &[lost(0, "v1"), lost(1, "v2")]));
    let again = at(0, "nopped:1", register(Check::Lockstep, "v1"));
    assert!(explained_by(lone, &[lost(0, "v1"), again]));
    assert!(!explained_by(lone, &[lost(0, "v1"), lost(0, "v2")]));
    assert!(!explained_by(
        lone,
        &[lost(0, "v2"), lost(0, "v1"), lost(1, "v1")]
    ));
    assert!(explained_by(
        "lone register v3",
        &[lost(0, "v1"), lost(0, "v2")]
    ));
    // A function that the hook calls may lose one more.
    let calling = PROGRAM.replacen(
        "block0(v0: i64):\n    return\n",
        "    fn0 = colocated %inner() preserve_all\n\
         block0(v0: i64):\n    call fn0()\n    return\n",
        1,
    );
    let inner = "function %inner() preserve_all {\nblock0:\n    return\n}\nfunction %hook";
    let calling = calling.replacen("function %hook", inner, 1);
    assert!(explained_in(
        &calling,
        lone,
        &[lost(0, "v1"), lost(0, "v2")]
    ));
    let three = [lost(0, "v1"), lost(0, "v2"), lost(0, "v3")];
    assert!(!explained_in(&calling, lone, &three));
    let other = calling.replace("%inner() preserve_all", "%inner() system_v");
    assert!(!explained_in(&other, lone, &[lost(0, "v1"), lost(0, "v2")]));
}

#[test]
fn behind_a_site_that_derails_runs_only_those_runs_are_excused() {
    let lost = at(1, "live", v1());
    let exit = |scenario: &str| Discrepancy {
        site: None,
        ..at(0, scenario, discrepancy(Check::State, Subject::Exit))
    };
    let live = "derails live";
    assert!(explained_by(
        live,
        &[lost.clone(), exit("live"), exit("nopped:0")]
    ));
    assert!(!explained_by(live, &[lost.clone(), exit("nopped:1")]));
    assert!(!explained_by(live, &[lost.clone(), exit("nopped")]));
    assert!(!explained_by("lone register v9", &[lost, exit("live")]));
    assert!(!explained_by(live, &[exit("live")]));
}

#[test]
fn a_derailed_program_sets_other_sites_only_if_it_sets_any() {
    let lost = at(1, "live", v1());
    let set = at(0, "live", discrepancy(Check::Toggle, Subject::Metadata));
    let patching = PROGRAM
        .replace(
            "block0(v0: i64):\n    call",
            "    fn1 = %patch_toggle(i32) system_v\nblock0(v0: i64):\n    call",
        )
        .replace(
            "    return v0",
            "    v1 = ireduce.i32 v0\n    call fn1(v1)\n    return v0",
        );
    let (live, list) = ("derails live", [lost, set]);
    assert!(explained_in(&patching, live, &list));
    assert!(!explained_in(PROGRAM, live, &list));
    assert!(!explained_in(&patching, "lone register v9", &list));
    let code = at(0, "live", discrepancy(Check::Toggle, Subject::Exit));
    assert!(!explained_in(&patching, live, &[list[0].clone(), code]));
}

#[test]
fn findings_are_read_from_the_folder_with_errors_beside() {
    let folder = tempfile::tempdir().unwrap();
    let (none, errors) = Findings::load(folder.path());
    assert!(none.0.is_empty() && errors.is_empty());
    let known = folder.path().join("known");
    std::fs::create_dir(&known).unwrap();
    std::fs::write(known.join("half.clif"), VECTORS).unwrap();
    std::fs::write(known.join("broken.clif"), "; known: check luck\n").unwrap();
    let (found, errors) = Findings::load(folder.path());
    let names: Vec<&str> = found.0.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["half"]);
    assert!(
        errors[0]
            .to_string()
            .contains("broken.clif:1: unknown check")
    );
    assert_eq!(errors.len(), 1);
}
