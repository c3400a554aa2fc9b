//! What `verify` says of programs: verdicts, the summary, exit codes.

use super::*;

#[test]
fn an_invalid_program_must_be_refused_with_its_message() {
    let text = good().replace("patchable ", "");
    let folder = Folder::new()
        .with(
            "corpus/invalid/right.clif",
            format!("; error: no patchable call\n{text}"),
        )
        .with(
            "corpus/invalid/wrong.clif",
            format!("; error: no way\n{text}"),
        )
        .with(
            "corpus/invalid/accepted.clif",
            format!("; error: no way\n{}", good()),
        )
        .with("corpus/invalid/silent.clif", text);
    let verdict = |name: &str| {
        let file = format!("corpus/invalid/{name}.clif");
        folder.run(&["verify", &file, "--isa", "x86_64"])
    };
    assert_eq!(verdict("right").code, Some(0));
    assert_eq!(verdict("wrong").code, Some(1));
    assert_eq!(verdict("accepted").code, Some(1));
    let silent = verdict("silent");
    assert_eq!(silent.code, Some(2));
    assert!(
        silent
            .err
            .starts_with("corpus/invalid/silent.clif:1: no '; error:"),
        "{silent:?}"
    );
}

#[test]
fn a_finding_needs_a_whole_header_and_must_not_pass() {
    let header = "\
; known: generator cranelift
; known: releases 0.127..
; known: isa x86_64
; known: check lockstep
; known: subject register *
; known: cause None at all.
";
    let folder = Folder::new().with("corpus/known/gone.clif", format!("{header}{}", good()));
    let gone = folder.run(&["verify", "corpus/known/gone.clif", "--isa", "x86_64"]);
    assert_eq!(gone.code, Some(1), "{gone:?}");
    assert!(gone.out.contains("remove from corpus/known"), "{gone:?}");
    let folder = folder.with(
        "corpus/known/broken.clif",
        format!("{}{}", header.replace("lockstep", "luck"), good()),
    );
    let broken = folder.run(&["verify", "corpus/known/broken.clif", "--isa", "x86_64"]);
    assert_eq!(broken.code, Some(2));
    assert!(
        broken
            .err
            .starts_with("corpus/known/broken.clif:4: unknown check 'luck'")
    );
    assert_eq!(broken.err.lines().count(), 1, "said once: {broken:?}");
    // It may be what would have explained another program.
    let other = folder
        .with("other.clif", good())
        .run(&["verify", "other.clif", "--isa", "x86_64"]);
    assert_eq!(other.code, Some(2), "{other:?}");
}

#[test]
fn json_has_one_object_a_verdict_and_a_summary() {
    let folder = Folder::new().with("good.clif", good());
    let words = ["verify", "good.clif", "--json", "--generator", "cranelift"];
    let ran = folder.run(&words);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let (records, summary) = ran.json();
    let isas: Vec<&str> = records.iter().map(|r| r["isa"].as_str().unwrap()).collect();
    let all = patchproof::isa::Isa::ALL.map(|isa| isa.name());
    assert_eq!(isas, all);
    for record in &records {
        let fields: Vec<&str> = record
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut expected = [
            "program",
            "isa",
            "generator",
            "verdict",
            "reason",
            "sites",
            "scenarios",
            "runs",
            "hook_hits",
        ];
        expected.sort_unstable();
        assert_eq!(fields, expected);
        let verdicts = ["pass", "fail", "known", "inconclusive", "unsupported"];
        assert!(verdicts.contains(&record["verdict"].as_str().unwrap()));
        assert!(record["reason"].is_string() || record["verdict"] == "pass");
        for count in ["sites", "scenarios", "runs", "hook_hits"] {
            assert!(record[count].is_u64(), "{record}");
        }
    }
    assert_eq!(summary["verdicts"], 8);
    assert!(summary["seconds"].is_f64());
    let counts = ["pass", "fail", "known", "inconclusive", "unsupported"];
    let sum: u64 = counts.iter().map(|c| summary[c].as_u64().unwrap()).sum();
    assert_eq!(sum, 8);
}

#[test]
fn without_a_subcommand_the_corpus_here_is_verified() {
    let folder = Folder::new().with("corpus/pass/mine.clif", good());
    let ran = folder.run(&[]);
    assert!(ran.out.contains("pass/mine"), "{ran:?}");
    let rows = ran.out.lines().filter(|line| line.starts_with(" pass/"));
    let generators = patchproof::code_generators::ALL.len();
    assert_eq!(rows.count(), generators, "{ran:?}");
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn output_that_nobody_reads_is_no_panic() {
    let folder = Folder::new().with("good.clif", good());
    let mut child = folder
        .command(&["verify", "good.clif", "--isa", "x86_64"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{err}");
    assert_eq!(err, "");
}

#[test]
fn there_are_no_colours_in_a_pipe() {
    let folder = Folder::new().with("good.clif", good());
    let ran = folder.run(&["verify", "good.clif", "--isa", "x86_64"]);
    assert!(
        !ran.out.contains('\u{1b}') && !ran.err.contains('\u{1b}'),
        "{ran:?}"
    );
}

/// A program that does harm gets a verdict on every ISA, whatever it is.
fn gets_verdicts(body: &str) {
    let declarations = "    ss0 = explicit_slot 16\n    sig9 = (i64) system_v\nblock0(v0: i64):";
    let main = MAIN
        .replace("    return v0", body)
        .replace("block0(v0: i64):", declarations);
    let targets = "test run\ntarget x86_64\ntarget aarch64\ntarget riscv64gc\ntarget s390x\n\
                   target pulley64\ntarget pulley64be\n";
    let folder = Folder::new().with("harm.clif", [targets, HOOK, &main].concat() + RUN);
    // Addresses have 64 bits in these programs.
    let isas = "x86_64,aarch64,riscv64gc,s390x,pulley64,pulley64be";
    let ran = folder.run(&["verify", "harm.clif", "--isa", isas, "--json"]);
    assert!(matches!(ran.code, Some(0 | 1)), "{ran:?}");
    let generators = patchproof::code_generators::ALL.len();
    assert_eq!(ran.json().0.len(), 6 * generators, "{ran:?}");
}

#[test]
fn a_program_that_never_ends_gets_verdicts() {
    gets_verdicts("    jump block1\nblock1:\n    jump block1");
}

#[test]
fn a_program_that_jumps_to_nowhere_gets_verdicts() {
    gets_verdicts("    v1 = iconst.i64 0x1230\n    call_indirect sig9, v1(v0)\n    return v0");
}

#[test]
fn a_program_that_overwrites_its_stack_gets_verdicts() {
    let stores: String = (0..64)
        .map(|i| format!("    store v0, v1+{}\n", i * 8))
        .collect();
    gets_verdicts(&format!(
        "    v1 = stack_addr.i64 ss0\n{stores}    return v0"
    ));
}

#[test]
fn help_and_readme_tell_the_same_exit_codes() {
    let help = Folder::new().run(&["--help"]).out;
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let readme = readme.unwrap();
    for code in 0..=3 {
        let start = format!("  {code}  ");
        let line = help.lines().find(|line| line.starts_with(&start)).unwrap();
        let words = line
            .trim_start()
            .trim_start_matches(char::is_numeric)
            .trim();
        assert!(
            readme.contains(&format!("| {code} | {words} |")),
            "README lacks: {line}"
        );
    }
}

#[test]
fn a_finding_is_known_in_other_programs_and_hides_nothing_else() {
    let text = std::fs::read_to_string("corpus/pass/readme.clif").unwrap();
    let folder = Folder::new()
        .with("right.clif", &text)
        .with("wrong.clif", text.replace("== 17", "== 18"));
    let asked = ["--isa", "pulley64,riscv64gc", "--generator", "cranelift"];
    let right = folder.run(&[&["verify", "right.clif"], &asked[..]].concat());
    assert_eq!(right.code, Some(0), "{right:?}");
    for name in [
        "known: pulley-hook-saves-of-vectors-overlap: ",
        "known: riscv64-hook-saves-vectors-without-v: ",
    ] {
        assert!(right.out.contains(name), "{right:?}");
    }
    let wrong = folder.run(&[&["verify", "wrong.clif"], &asked[..]].concat());
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
    assert!(wrong.out.contains("2 fail;"), "{wrong:?}");
}

#[test]
fn a_run_that_records_too_much_is_unclear_and_a_wrong_result_is_a_fail_all_the_same() {
    let loops = "\
function %main(i64) -> i64 system_v {
    fn0 = colocated patchable %hook(i64) preserve_all
block0(v0: i64):
    jump block1(v0)
block1(v1: i64):
    call fn0(v1)
    v2 = iconst.i64 -1
    v3 = iadd v1, v2
    brif v3, block1(v3), block2
block2:
    return v3
}
";
    let folder = Folder::new()
        .with(
            "many.clif",
            [HEADER, HOOK, loops, "; run: %main(40000) == 0\n"].concat(),
        )
        .with(
            "few.clif",
            [HEADER, HOOK, loops, "; run: %main(40) == 1\n"].concat(),
        );
    for isa in ["x86_64", "pulley64"] {
        let many = folder.run(&["verify", "many.clif", "--isa", isa]);
        assert_eq!(many.code, Some(0), "{many:?}");
        assert!(
            many.out
                .contains("inconclusive: the run passes sites more often than a run records"),
            "{many:?}"
        );
        let few = folder.run(&["verify", "few.clif", "--isa", isa]);
        assert_eq!(few.code, Some(1), "{few:?}");
    }
}
