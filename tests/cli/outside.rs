//! `instrument` and `verify --instrument`: programs of other people.

use super::*;

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

/// `file` verified with sites, as JSON.
fn json_with_sites(folder: &Folder, file: &str, isas: &str) -> Ran {
    folder.run(&["verify", "--instrument", file, "--isa", isas, "--json"])
}

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
    let throws = text.replace(
        "block0",
        "    fn9 = %__cranelift_throw(i64) system_v\nblock0",
    );
    let folder = Folder::new().with("in.clif", throws);
    let ran = folder.run(&["verify", "--instrument", "in.clif", "--isa", "x86_64"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.out.contains("unsupported: calls %__cranelift_throw"),
        "{ran:?}"
    );
    let ran = folder.run(&["instrument", "in.clif"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.err
            .starts_with("in.clif: unsupported: calls %__cranelift_throw"),
        "{ran:?}"
    );
}

#[test]
fn a_file_without_run_lines_is_checked_and_not_run() {
    let text = OUTSIDE
        .replace("target i686\n", "")
        .replace(" has_wings", "");
    let folder = Folder::new().with("in.clif", text.replace("; run:", "; sun:"));
    let ran = json_with_sites(&folder, "in.clif", "x86_64");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let (records, _) = ran.json();
    assert_eq!(records.len(), 2, "{ran:?}");
    for record in records {
        assert_eq!(record["verdict"], "inconclusive", "{record}");
        assert_eq!(record["runs"], 0, "{record}");
        assert!(record["sites"].as_u64() > Some(0), "{record}");
        let reason = record["reason"].as_str().unwrap();
        assert!(reason.starts_with("no run line: only the code"), "{reason}");
    }
}

/// One function that nobody can call and one target that no machine runs, beside ones that pass.
const MIXED: &str = "\
test run
target x86_64
target x86_64 has_avx
target s390x
function %many(i64) -> i64, i64, i64, i64, i64, i64, i64, i64, i64 {
block0(v0: i64):
    return v0, v0, v0, v0, v0, v0, v0, v0, v0
}
; run: %many(1) == [1, 1, 1, 1, 1, 1, 1, 1, 1]
function %add(f64, f64) -> f64 {
    fn0 = colocated patchable %elsewhere(f64) preserve_all
    fn1 = %far(i32) -> i32 tail
    fn2 = %far(i64) -> i64 tail
block0(v0: f64, v1: f64):
    v2 = fadd v0, v1
    call fn0(v2)
    v3 = iconst.i32 7
    v4 = call fn1(v3)
    v5 = iconst.i64 7
    v6 = call fn2(v5)
    return v2
}
; run: %add(0x1.0, 0x1.0) == 0x1.0p1
; run: %add(0x1.0, 0x1.8) == 0x1.4p1
";

#[test]
fn what_cannot_be_run_is_left_out_by_name_and_the_rest_goes_on() {
    let folder = Folder::new()
        .with("mixed.clif", MIXED)
        .with("wrong.clif", MIXED.replace("0x1.4p1", "0x1.4p2"));
    let ran = json_with_sites(&folder, "mixed.clif", "x86_64,s390x");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let (records, summary) = ran.json();
    assert_eq!(summary["in_part"], 4, "{ran:?}");
    for record in &records {
        assert_eq!(record["verdict"], "pass", "{record}");
        assert!(record["hook_hits"].as_u64() > Some(0), "{record}");
        let left_out = record["left_out"].as_array().unwrap();
        let of = |words: &str| {
            let reasons = left_out.iter().map(|one| one["reason"].as_str().unwrap());
            reasons.filter(|reason| reason.contains(words)).count()
        };
        assert_eq!(of("%many"), 1, "{record}");
        let is_avx = record["isa"] == "x86_64" && record["generator"] != "own@0.1.0";
        assert_eq!(of("lacks AVX"), usize::from(is_avx), "{record}");
    }
    let ran = folder.run(&[
        "verify",
        "--instrument",
        "mixed.clif",
        "--isa",
        "x86_64,s390x",
    ]);
    assert!(ran.out.contains("in part: "), "{ran:?}");
    // What is left out hides nothing.
    let ran = folder.run(&[
        "verify",
        "--instrument",
        "wrong.clif",
        "--isa",
        "x86_64,s390x",
    ]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.out.contains("against the run line"), "{ran:?}");
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
    let ran = json_with_sites(&folder, "in.clif", "x86_64");
    let (records, _) = ran.json();
    assert_eq!(records[0]["verdict"], "unsupported", "{ran:?}");
    let reason = records[0]["reason"].as_str().unwrap();
    assert_eq!(reason, "the machine lacks AVX: vaddsd 1, vmovq 2");
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
