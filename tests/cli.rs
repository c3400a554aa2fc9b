//! The command from outside: messages, exit codes, JSON.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A program that verifies, in parts that tests break.
const HEADER: &str = "test run\n";
const HOOK: &str = "\
function %hook(i64) preserve_all {
block0(v0: i64):
    return
}
";
const MAIN: &str = "\
function %main(i64) -> i64 system_v {
    fn0 = colocated patchable %hook(i64) preserve_all
block0(v0: i64):
    call fn0(v0)
    return v0
}
";
const RUN: &str = "; run: %main(1) == 1\n";

fn good() -> String {
    [HEADER, HOOK, MAIN, RUN].concat()
}

/// A folder with programs, and the command started in it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn with(self, name: &str, text: impl AsRef<[u8]>) -> Folder {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_patchproof"));
        command.args(words).current_dir(self.0.path());
        command
    }

    fn run(&self, words: &[&str]) -> Ran {
        Ran::from(self.command(words).output().unwrap())
    }
}

#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// The objects of `--json`: the records and the summary.
    fn json(&self) -> (Vec<Value>, Value) {
        let mut lines: Vec<Value> = self
            .out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let last = lines.pop().unwrap();
        (lines, last["summary"].clone())
    }
}

/// `text` as bad.clif beside a good program: one line on stderr that begins and ends as given,
/// exit code 2, and the good program is judged.
fn is_refused(text: impl AsRef<[u8]>, begins: &str, contains: &str) {
    let folder = Folder::new()
        .with("bad.clif", text)
        .with("good.clif", good());
    let words = [
        "verify",
        "bad.clif",
        "good.clif",
        "--isa",
        "x86_64",
        "--generator",
        "cranelift",
        "--json",
    ];
    let ran = folder.run(&words);
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines.len(), 1, "{ran:?}");
    assert!(
        lines[0].starts_with(begins),
        "{begins} does not begin {ran:?}"
    );
    assert!(lines[0].contains(contains), "{contains} is not in {ran:?}");
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let (records, summary) = ran.json();
    assert_eq!(records.len(), 1, "{ran:?}");
    assert_eq!(records[0]["program"], "good");
    assert_eq!(summary["bad_inputs"], 1);
}

#[test]
fn a_missing_file_is_named() {
    let folder = Folder::new().with("good.clif", good());
    let ran = folder.run(&["verify", "gone.clif", "good.clif", "--isa", "x86_64"]);
    assert!(ran.err.starts_with("gone.clif: cannot read: "), "{ran:?}");
    assert_eq!(ran.err.lines().count(), 1);
    assert!(ran.out.contains("good"), "{ran:?}");
    assert_eq!(ran.code, Some(2));
}

#[test]
fn a_file_that_is_no_text_is_named() {
    is_refused([0xff, 0xfe, 0x00], "bad.clif: ", "not UTF-8 text");
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new().with("bad.clif", good());
    let path = folder.path("bad.clif");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    // Nothing is unreadable to root.
    if std::fs::File::open(&path).is_err() {
        let ran = folder.run(&["verify", "bad.clif"]);
        assert!(ran.err.starts_with("bad.clif: cannot read: "), "{ran:?}");
        assert_eq!(ran.code, Some(2));
    }
}

#[test]
fn a_folder_without_programs_is_named() {
    let folder = Folder::new().with("empty/readme.md", "");
    let ran = folder.run(&["verify", "empty"]);
    assert_eq!(ran.err, "empty: no .clif file below\n");
    assert_eq!(ran.code, Some(2));
}

#[test]
fn malformed_text_is_named_with_its_line() {
    let text = [HEADER, HOOK, "function %main( {\n"].concat();
    is_refused(text, "bad.clif:6: ", "");
}

#[test]
fn a_program_that_the_verifier_refuses_is_named_with_its_line() {
    let text = good().replace("call fn0(v0)", "call fn0()");
    is_refused(text, "bad.clif:9: ", "mismatched argument count");
}

#[test]
fn a_program_without_patchable_calls_is_refused() {
    let text = good().replace("patchable ", "");
    is_refused(text, "bad.clif", "no patchable call");
}

#[test]
fn an_unknown_target_is_named_with_its_line() {
    let text = good().replace(HEADER, "test run\ntarget mips\n");
    is_refused(text, "bad.clif", "mips");
    let text = good().replace(HEADER, "test run\ntarget nosuch\n");
    is_refused(text, "bad.clif:2: ", "nosuch");
}

#[test]
fn an_unknown_isa_on_the_command_line_is_bad_usage() {
    let ran = Folder::new().run(&["verify", "--isa", "x86_64,mips"]);
    assert!(ran.err.contains("unknown ISA 'mips'"), "{ran:?}");
    assert!(
        ran.err.contains("pulley32be"),
        "it lists what there is: {ran:?}"
    );
    assert_eq!(ran.code, Some(2));
}

#[test]
fn bad_usage_is_exit_code_2() {
    let folder = Folder::new();
    for words in [
        &["frobnicate"][..],
        &["verify", "--nosuch"],
        &["verify", "--generator", "llvm"],
        &["disasm", "x.clif"],
        &["disasm", "x.clif", "--isa", "x86_64", "--live", "--nopped"],
        &["run", "x.clif", "--isa", "x86_64", "--scenario", "dead"],
    ] {
        let ran = folder.run(words);
        assert_eq!(ran.code, Some(2), "{words:?}: {ran:?}");
        assert!(ran.err.starts_with("error: "), "{words:?}: {ran:?}");
    }
}

#[test]
fn an_entry_that_cannot_be_called_is_named_with_its_line() {
    let text = good().replace(RUN, "");
    is_refused(text, "bad.clif:6: ", "no run line");
}

#[test]
fn an_undefined_symbol_of_no_known_signature_is_named() {
    let main = MAIN
        .replace("block0", "    fn1 = %mystery(i64) system_v\nblock0")
        .replace("call fn0(v0)", "call fn0(v0)\n    call fn1(v0)");
    let text = [HEADER, HOOK, &main, RUN].concat();
    is_refused(text, "bad.clif:", "%mystery");
}

#[test]
fn code_larger_than_the_code_area_is_refused() {
    // A hook that saves all registers takes 400 bytes.
    let hooks: String = (0..5500)
        .map(|i| HOOK.replace("%hook", &format!("%hook{i}")))
        .map(|hook| hook.replace("    return", "    call fn0(v0)\n    return"))
        .map(|hook| hook.replace("block0", "    fn0 = %host_hook(i64) system_v\nblock0"))
        .collect();
    let text = [HEADER, HOOK, &hooks, MAIN, RUN].concat();
    is_refused(text, "bad.clif: ", "larger than the guest's code area");
}

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

#[test]
fn disasm_shows_the_sites_live_nopped_or_both() {
    let folder = Folder::new().with("good.clif", good());
    let disasm = |more: &[&str]| {
        let ran = folder.run(&[&["disasm", "good.clif", "--isa", "aarch64"], more].concat());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        // The code begins with the first function; what stands above lists the sites' bytes.
        let at = ran.out.find("function %").unwrap();
        ran.out[at..].to_owned()
    };
    let (live, nopped, both) = (disasm(&["--live"]), disasm(&["--nopped"]), disasm(&[]));
    assert!(live.contains("bl %hook") && !live.contains("nop"), "{live}");
    assert!(
        !nopped.contains("bl %hook") && nopped.contains("nop"),
        "{nopped}"
    );
    assert!(both.contains("bl %hook") && both.contains("nop"), "{both}");
}

#[test]
fn disasm_and_run_refuse_what_the_header_leaves_out() {
    let text = good().replace(HEADER, "test run\ntarget x86_64\n");
    let folder = Folder::new()
        .with("one.clif", text)
        .with("all.clif", good());
    for words in [
        &["disasm", "one.clif", "--isa", "s390x"][..],
        &["run", "one.clif", "--isa", "s390x", "--scenario", "live"],
        &["run", "all.clif", "--isa", "pulley32", "--scenario", "live"],
        &[
            "run",
            "one.clif",
            "--isa",
            "x86_64",
            "--scenario",
            "nopped:7",
        ],
        &["disasm", "gone.clif", "--isa", "s390x"],
    ] {
        let ran = folder.run(words);
        assert_eq!(ran.code, Some(2), "{words:?}: {ran:?}");
        assert_eq!(ran.err.lines().count(), 1, "{words:?}: {ran:?}");
        assert!(ran.err.starts_with(words[1]), "{words:?}: {ran:?}");
    }
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

/// On s390x a site of a `tail` hook with arguments on the stack cannot be NOPed.
const TAIL: &str = "\
; A comment.
test run
target s390x
function %hook(i128, i64) tail {
block0(v0: i128, v1: i64):
    return
}
function %main(i64) -> i64 system_v {
    fn0 = colocated patchable %hook(i128, i64) tail
block0(v0: i64):
    v1 = uextend.i128 v0
    v2 = iadd v0, v0
    call fn0(v1, v2)
    return v2
}
; run: %main(4) == 8
";

#[test]
fn a_failing_program_is_reduced_to_a_file_that_replays() {
    let folder = Folder::new().with("tail.clif", TAIL);
    let words = [
        "reduce",
        "tail.clif",
        "--isa",
        "s390x",
        "--check",
        "lockstep",
        "-o",
        "small.clif",
    ];
    let ran = folder.run(&words);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let small = std::fs::read_to_string(folder.path("small.clif")).unwrap();
    assert!(
        small.len() < TAIL.len() && !small.contains("comment"),
        "{small}"
    );
    assert!(ran.err.contains("cranelift s390x lockstep: register r15"));
    assert!(ran.err.contains("before: 5 instructions"), "{}", ran.err);
    let command = ran.out.trim().strip_prefix("replay: patchproof ").unwrap();
    let words: Vec<&str> = command.split(' ').collect();
    assert_eq!(words[..2], ["verify", "small.clif"]);
    // `corpus/known/` explains it.
    let replayed = folder.run(&[&words[..], &["--json"]].concat()).out;
    assert!(replayed.contains("\"verdict\":\"known\""), "{replayed}");
    let again = folder.run(&["reduce", "tail.clif", "--isa", "s390x"]);
    assert_eq!(again.out, small);
}

#[test]
fn what_does_not_fail_or_has_no_place_is_not_reduced() {
    let folder = Folder::new()
        .with("good.clif", good())
        .with("tail.clif", TAIL);
    let good = folder.run(&["reduce", "good.clif", "--isa", "x86_64"]);
    assert_eq!(good.code, Some(2));
    assert!(good.err.contains("nothing to reduce"), "{}", good.err);
    let place = [
        "reduce",
        "tail.clif",
        "--isa",
        "s390x",
        "-o",
        "no/such/folder",
    ];
    let ran = folder.run(&place);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("cannot write"), "{}", ran.err);
    let check = ["reduce", "tail.clif", "--isa", "s390x", "--check", "luck"];
    assert_eq!(folder.run(&check).code, Some(2));
}

/// A filetest without any site, and a header with a target that there is not.
const OUTSIDE: &str = "\
test interpret
test run
target i686
target x86_64
target s390x has_wings

function %double(i32) -> i32 {
block0(v0: i32):
    v1 = iadd v0, v0
    return v1
}
; run: %double(4) == 8
";

#[test]
fn instrument_writes_a_program_that_verifies() {
    let good = OUTSIDE
        .replace("target i686\n", "")
        .replace(" has_wings", "");
    let folder = Folder::new().with("in.clif", good);
    let ran = folder.run(&["instrument", "in.clif", "-o", "out.clif"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
    let ran = folder.run(&["verify", "out.clif", "--isa", "x86_64,s390x", "--json"]);
    let (records, _) = ran.json();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    for record in &records {
        assert_eq!(
            (&record["verdict"], &record["sites"]),
            (&"pass".into(), &2.into())
        );
    }
    // The same on the fly, and on standard output.
    let fly = folder.run(&["verify", "--instrument", "in.clif", "--isa", "x86_64,s390x"]);
    assert_eq!(fly.code, Some(0), "{fly:?}");
    let printed = folder.run(&["instrument", "in.clif"]);
    let written = std::fs::read_to_string(folder.path("out.clif")).unwrap();
    assert_eq!(printed.out, written);
}

#[test]
fn header_lines_that_do_not_hold_are_named_and_the_rest_goes_on() {
    let folder = Folder::new().with("in.clif", OUTSIDE);
    let words = ["verify", "--instrument", "in.clif", "--json", "--generator"];
    let ran = folder.run(&[&words[..], &["cranelift"]].concat());
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines.len(), 2, "{ran:?}");
    assert_eq!(lines[0], "in.clif:3: unknown target 'i686'");
    assert!(
        lines[1].starts_with("in.clif:5: target s390x: has_wings: "),
        "{ran:?}"
    );
    assert_eq!(ran.code, Some(2));
    let (records, summary) = ran.json();
    let passed = records.iter().filter(|record| record["verdict"] == "pass");
    assert_eq!(passed.count(), 1, "{ran:?}");
    assert_eq!(summary["bad_inputs"], 2);
    assert_eq!(
        summary["reasons"]["the program's header does not name the ISA"],
        7
    );
}

#[test]
fn bad_programs_cost_nothing_but_themselves() {
    let good = OUTSIDE
        .replace("target i686\n", "")
        .replace(" has_wings", "");
    for (broken, message) in [
        (
            good.replace("iadd", "frob"),
            "bad.clif:8: Unknown opcode: 'frob'",
        ),
        (
            good.replace("test run", "test flight"),
            "bad.clif:2: unknown test command 'flight'",
        ),
        (good.replace("-> i32", "-> i64"), "bad.clif:9: %double: "),
        (good.replace("(4)", "(4.5)"), "bad.clif:11: "),
        (good.replace("test run", "set wings"), "bad.clif:"),
    ] {
        let folder = Folder::new()
            .with("bad.clif", broken)
            .with("good.clif", good.as_str());
        let words = [
            "verify",
            "--instrument",
            "bad.clif",
            "good.clif",
            "--isa",
            "x86_64",
            "--json",
        ];
        let ran = folder.run(&words);
        assert!(ran.err.starts_with(message), "{message}: {ran:?}");
        assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
        assert_eq!(ran.code, Some(2), "{ran:?}");
        let (records, _) = ran.json();
        let good = records
            .iter()
            .find(|record| record["program"] == "good")
            .unwrap();
        assert_eq!(good["verdict"], "pass");
    }
}

#[test]
fn what_cannot_be_run_with_sites_is_unsupported_with_a_reason() {
    let text = OUTSIDE
        .replace("target i686\n", "")
        .replace(" has_wings", "");
    let folder = Folder::new().with("in.clif", text.replace("; run:", "; sun:"));
    let ran = folder.run(&["verify", "--instrument", "in.clif", "--isa", "x86_64"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("unsupported: no run line"), "{ran:?}");
    let ran = folder.run(&["instrument", "in.clif"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.err.starts_with("in.clif: unsupported: no run line"),
        "{ran:?}"
    );
}

#[test]
fn an_extension_that_the_machine_lacks_is_unsupported_and_not_run() {
    let text = "\
test run
target x86_64 has_avx has_fma
function %adds(f64, f64) -> f64 {
block0(v0: f64, v1: f64):
    v2 = fadd v1, v0
    return v2
}
; run: %adds(0x1.0, 0x1.8) == 0x1.4p1
";
    let folder = Folder::new().with("in.clif", text);
    let ran = folder.run(&[
        "verify",
        "--instrument",
        "in.clif",
        "--isa",
        "x86_64",
        "--json",
    ]);
    let (records, _) = ran.json();
    assert_eq!(records[0]["verdict"], "unsupported", "{ran:?}");
    let reason = records[0]["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("the machine has no AVX, which v"),
        "{reason}"
    );
    assert_eq!(records[0]["runs"], 0);
}

#[test]
fn hooks_of_the_user_are_called_and_bad_ones_are_named() {
    let text = OUTSIDE
        .replace("target i686\n", "")
        .replace(" has_wings", "");
    let hook = "function %mine(i32) preserve_all {\nblock0(v0: i32):\n    return\n}\n";
    let folder = Folder::new()
        .with("in.clif", text)
        .with("hook.clif", hook)
        .with("bad-hook.clif", hook.replace("return", "frob"));
    let words = [
        "verify",
        "--instrument",
        "in.clif",
        "--isa",
        "x86_64",
        "--hook",
    ];
    let ran = folder.run(&[&words[..], &["hook.clif"]].concat());
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let shown = folder.run(&[
        "instrument",
        "in.clif",
        "--hook",
        "hook.clif",
        "--sites",
        "2",
    ]);
    assert_eq!(shown.out.matches("call fn0(").count(), 1, "{shown:?}");
    assert!(shown.out.contains("patchable %mine"), "{shown:?}");
    let ran = folder.run(&[&words[..], &["bad-hook.clif"]].concat());
    assert!(ran.err.starts_with("bad-hook.clif:3: "), "{ran:?}");
    assert_eq!(ran.code, Some(2));
    let ran = folder.run(&["verify", "in.clif", "--sites", "2"]);
    assert!(
        ran.err.contains("--sites and --hook go with --instrument"),
        "{ran:?}"
    );
    assert_eq!(ran.code, Some(2));
}

#[test]
fn a_failure_with_sites_is_replayed_by_the_printed_command() {
    let text = OUTSIDE
        .replace("target i686\n", "")
        .replace(" has_wings", "")
        .replace("== 8", "== 9");
    let folder = Folder::new().with("in.clif", text);
    let ran = folder.run(&[
        "verify",
        "--instrument",
        "in.clif",
        "--isa",
        "s390x",
        "--sites",
        "2",
    ]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let replay = ran
        .out
        .lines()
        .find_map(|line| line.trim().strip_prefix("replay   patchproof "));
    let words: Vec<&str> = replay.unwrap().split_whitespace().collect();
    let again = folder.run(&words);
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.out.contains("against the run line"), "{again:?}");
}

#[test]
fn the_readmes_commands_for_other_peoples_programs_work() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"));
    let readme = readme.unwrap();
    let section = readme.split("## Other people's programs").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let commands = section
        .lines()
        .filter_map(|line| line.strip_prefix("    cargo run -- "));
    let mut seen = 0;
    for command in commands {
        let mut ran = Command::new(env!("CARGO_BIN_EXE_patchproof"));
        ran.args(command.split_whitespace())
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        let ran = Ran::from(ran.output().unwrap());
        assert_eq!(ran.code, Some(0), "{command}: {ran:?}");
        seen += 1;
    }
    assert_eq!(seen, 4);
}

#[test]
fn a_release_that_is_not_built_in_is_named_with_what_would_build_it() {
    let folder = Folder::new().with("a.clif", good());
    let ran = folder.run(&["verify", "a.clif", "--generator", "cranelift@0.135.99"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.err.contains("0.135.99 of cranelift is not built in"),
        "{}",
        ran.err
    );
    let ran = folder.run(&["verify", "a.clif", "--generator", "cranelift@0.126"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("unknown generator"), "{}", ran.err);
    let ran = folder.run(&["releases"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.out.contains("cranelift@0.127"), "{}", ran.out);
    assert!(ran.out.contains("built in always"), "{}", ran.out);
}

#[test]
fn bisect_says_what_each_release_does() {
    let folder = Folder::new().with("a.clif", good());
    let newest = [
        "bisect",
        "a.clif",
        "--isa",
        "x86_64",
        "--generator",
        "cranelift",
    ];
    let ran = folder.run(&newest);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.out.contains("good"), "{}", ran.out);
    assert!(ran.out.contains("no release is bad"), "{}", ran.out);
    let known = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus/known/x86-64-stack-limit-overwrites-r10.clif");
    let known = known.to_str().unwrap();
    let ran = folder.run(&["bisect", known, "--generator", "cranelift"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(
        ran.out.contains("bad   lockstep: register r10"),
        "{}",
        ran.out
    );
    let ran = folder.run(&[
        "bisect",
        known,
        "--generator",
        "cranelift",
        "--check",
        "toggle",
    ]);
    assert!(ran.out.contains("no release is bad"), "{}", ran.out);
    let ran = folder.run(&["bisect", known, "--isa", "s390x"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("does not name s390x"), "{}", ran.err);
}
