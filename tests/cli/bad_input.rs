//! Input that cannot be judged is named with its place, and the rest is judged.

use super::*;

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
fn code_larger_than_the_code_area_is_unsupported() {
    // A hook that saves all registers takes 400 bytes.
    let hooks: String = (0..5500)
        .map(|i| HOOK.replace("%hook", &format!("%hook{i}")))
        .map(|hook| hook.replace("    return", "    call fn0(v0)\n    return"))
        .map(|hook| hook.replace("block0", "    fn0 = %host_hook(i64) system_v\nblock0"))
        .collect();
    let text = [HEADER, HOOK, &hooks, MAIN, RUN].concat();
    let folder = Folder::new().with("large.clif", text);
    let ran = folder.run(&["verify", "large.clif", "--isa", "x86_64", "--json"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let (records, _) = ran.json();
    // How large depends on the generator.
    let cranelift = records[0]["reason"].as_str().unwrap();
    assert_eq!(records[0]["verdict"], "unsupported", "{cranelift}");
    assert!(
        cranelift.contains("larger than the guest's code area"),
        "{cranelift}"
    );
}
