//! `disasm`, `run` and `reduce`: from a verdict to its cause.

use super::*;

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
