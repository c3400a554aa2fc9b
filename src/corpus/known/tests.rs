//! Headers of findings, read and refused.

use super::*;
use crate::corpus::Releases;

const HEADER: &str = r#"; The hook loses a vector.
; known: generator cranelift
; known: releases 0.127..0.135
; known: isa s390x, aarch64
; known: check lockstep
; known: subject register v8 says "*over live*", register v9
; known: subject stack
; known: consequence state result, hook-log argument 0
; known: lone register v8, register v9
; known: derails live
; known: needs preserve_all
; known: cause Only the low half of v8
;   is saved. See the ABI.
;
; More prose.
test run
"#;

#[test]
fn a_header_is_read_with_a_cause_of_several_lines() {
    let known = Known::parse(HEADER).unwrap();
    assert_eq!(known.isas, [Isa::S390x, Isa::Aarch64]);
    assert_eq!(known.checks, [Check::Lockstep]);
    let two = Known::parse(&HEADER.replace("check lockstep", "check state, lockstep"));
    assert_eq!(two.unwrap().checks, [Check::State, Check::Lockstep]);
    assert_eq!(
        known.cause,
        "Only the low half of v8 is saved. See the ABI."
    );
    assert_eq!(known.releases.to_string(), "0.127..0.135");
    assert_eq!(known.subjects.len(), 3);
    assert_eq!(known.consequences[1].0, Check::HookLog);
    assert_eq!(known.lone.len(), 2);
    assert_eq!(known.derails, Some(Derails::Live));
    assert_eq!(known.needs, ["preserve_all"]);
    assert!(known.applies("cranelift", "0.135.8", Isa::S390x));
    assert!(!known.applies("cranelift", "0.135.8", Isa::X86_64));
    assert!(!known.applies("cranelift", "0.136.0", Isa::S390x));
    assert!(!known.applies("backend", "0.135.8", Isa::S390x));
}

#[test]
fn malformed_headers_are_named_by_their_line() {
    let broken = |from: &str, to: &str| {
        assert!(HEADER.contains(from));
        Known::parse(&HEADER.replace(from, to)).unwrap_err()
    };
    assert_eq!(broken("isa s390x, aarch64", "isa mips").line, 4);
    assert_eq!(broken("check lockstep", "check luck").line, 5);
    assert_eq!(broken("0.127..0.135", "new").line, 3);
    assert_eq!(broken("0.127..0.135", "0.135..0.127").line, 3);
    assert_eq!(broken("known: check lockstep", "known: sort x").line, 5);
    assert_eq!(broken("check lockstep", "isa s390x").line, 5);
    assert_eq!(broken("generator cranelift", "generator").line, 2);
    assert_eq!(broken("register v9", "registers v9").line, 6);
    assert_eq!(broken("subject stack", "subject stack sp").line, 7);
    assert_eq!(broken("state result", "luck result").line, 8);
    assert_eq!(broken("hook-log argument 0", "hook-log").line, 8);
    assert_eq!(broken("lone register v8", "lone registers v8").line, 9);
    assert_eq!(broken("derails live", "derails dead").line, 10);
    assert_eq!(broken("needs preserve_all", "needs").line, 11);
    assert_eq!(broken("needs preserve_all", "derails live").line, 11);
    let subjects =
        "subject register v8 says \"*over live*\", register v9\n; known: subject stack\n; known: ";
    let missing = broken(subjects, "");
    assert!(missing.message.contains("no '; known: subject'"));
    let missing = broken("; known: check lockstep\n", "");
    assert_eq!(
        missing.message,
        "no '; known: check' line above the first function"
    );
}

#[test]
fn both_ends_of_a_range_belong_to_it() {
    let contain = |range: &str, release: &str| range.parse::<Releases>().unwrap().contain(release);
    assert!(contain("0.127..0.135", "0.127.0"));
    assert!(contain("0.127..0.135", "0.135.8"));
    assert!(!contain("0.127..0.135", "0.126.9"));
    assert!(contain("0.135", "0.135.8"));
    assert!(!contain("0.135.7", "0.135.8"));
    assert!(contain("0.127..", "1.0.0"));
    assert!(!contain("0.127..", "main"));
}

#[test]
fn an_isa_may_have_releases_of_its_own() {
    let lines = "; known: releases 0.127..0.135\n; known: releases aarch64 0.130..0.135";
    let text = HEADER.replace("; known: releases 0.127..0.135", lines);
    let known = Known::parse(&text).unwrap();
    assert!(known.applies("cranelift", "0.127.4", Isa::S390x));
    assert!(!known.applies("cranelift", "0.127.4", Isa::Aarch64));
    assert!(known.applies("cranelift", "0.130.0", Isa::Aarch64));
    let doubled = text + "; known: releases aarch64 0.131\n";
    assert!(Known::parse(&doubled).is_err());
    assert!(Known::parse(&HEADER.replace("releases 0.127", "releases vax 0.127")).is_err());
}
