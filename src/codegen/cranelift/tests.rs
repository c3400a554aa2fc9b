use std::collections::BTreeSet;
use std::path::Path;

use super::flags::{Flags, TELL_BLOCKS};
use super::spelling::{self, FunctionText};
use super::*;
use crate::program::Program;

fn program(text: &str) -> Program {
    Program::parse("test", text).expect("it is a program")
}

fn spelled(text: &str, release: &str) -> Result<Vec<FunctionText>, CodegenError> {
    spelling::texts(&program(text).functions, release)
}

const HOOKED: &str = "
function %hook(i64) preserve_all {
block0(v0: i64):
    return
}

function %main(i8x16, i8x16, i8x16, i64) -> i8x16 system_v {
    fn0 = colocated patchable %hook(i64) preserve_all
    fn1 = colocated %hook(i64) preserve_all
block0(v0: i8x16, v1: i8x16, v2: i8x16, v3: i64):
    call fn0(v3)
    call fn1(v3)
    v4 = blendv v0, v1, v2
    return v4
}
; run: %main(0x00000000000000000000000000000000, 0x00000000000000000000000000000000, 0x00000000000000000000000000000000, 1) == 0x00000000000000000000000000000000
";

#[test]
fn a_release_gets_its_own_spelling() {
    let old = spelled(HOOKED, "0.127.4").expect("it has words for all");
    assert!(old[0].text.starts_with("function %hook(i64) patchable {"));
    let main = &old[1].text;
    assert!(main.contains("fn0 = colocated %hook sig0"), "{main}");
    assert!(main.contains("sig0 = (i64) patchable"), "{main}");
    assert!(main.contains("@0000 patchable_call fn0(v3)"), "{main}");
    assert!(main.contains("    call fn1(v3)"), "{main}");
    assert!(main.contains("v4 = x86_blendv v0, v1, v2"), "{main}");
    assert!(!main.contains("preserve_all"), "{main}");

    let next = &spelled(HOOKED, "0.128.4").unwrap()[1].text;
    assert!(next.contains("colocated patchable %hook"), "{next}");
    assert!(next.contains("@0000 call fn0(v3)"), "{next}");
    assert!(next.contains("x86_blendv"), "{next}");
    let newer = &spelled(HOOKED, "0.129.0").unwrap()[1].text;
    assert!(newer.contains(" blendv "), "{newer}");
}

#[test]
fn what_a_release_has_no_word_for_is_unsupported() {
    for convention in ["system_v", "tail", "fast"] {
        let text = HOOKED.replace("preserve_all", convention);
        assert!(spelled(&text, "0.128.0").is_ok());
        match spelled(&text, "0.127.0") {
            Err(CodegenError::Unsupported { function, reason }) => {
                assert_eq!(function, "%main");
                assert!(reason.contains(convention), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_newest_release_gives_the_same_code_for_what_has_travelled() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/pass");
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is there") {
        let path = entry.expect("it can be read").path();
        let Ok(program) = Program::load(&path) else {
            continue;
        };
        let texts = spelling::texts(&program.functions, newest::VERSION).expect("newest");
        for target in &program.targets {
            let flags = Flags::of(&*target.clif);
            let triple = target.clif.triple().clone();
            let functions = program.functions.clone();
            let direct = newest::compile(&functions, triple.clone(), &flags);
            let travelled = newest::compile_texts(&texts, triple, &flags);
            assert_eq!(direct, travelled, "{} on {target:?}", path.display());
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn a_flag_that_a_release_lacks_is_refused_unless_it_is_off() {
    let text = |target: &str| format!("test run\ntarget {target}\n{HOOKED}");
    let compiled = |target: &str, lacking: &str| {
        let program = program(&text(target));
        let target = &program.targets[0];
        let mut flags = Flags::of(&*target.clif);
        for flag in flags.isa.iter_mut().filter(|flag| flag.name == lacking) {
            flag.name = "has_yet_to_come";
        }
        newest::compile(&program.functions, target.clif.triple().clone(), &flags)
    };
    // What `blendv` needs.
    let base = "x86_64 has_sse3 has_ssse3 has_sse41";
    let plain = compiled(base, "has_fma");
    assert!(plain.is_ok(), "{plain:?}");
    let refused = compiled(&format!("{base} has_sse42 has_avx has_fma"), "has_fma");
    let Err(CodegenError::Unsupported { reason, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(reason.contains("has_yet_to_come = true"), "{reason}");
}

#[test]
fn every_target_keeps_its_flags() {
    for isa in Isa::ALL {
        let program = program(&format!(
            "test run\nset opt_level=speed\ntarget {isa}\n{HOOKED}"
        ));
        let clif = &program.targets[0].clif;
        let flags = Flags::of(&**clif);
        let value = |name: &str| {
            let flag = flags.shared.iter().find(|flag| flag.name == name);
            flag.map(|flag| (flag.value.clone(), flag.is_default))
        };
        assert_eq!(
            value("opt_level"),
            Some(("speed".to_owned(), false)),
            "{isa}"
        );
        assert_eq!(
            value(TELL_BLOCKS),
            Some(("false".to_owned(), true)),
            "{isa}"
        );
        assert_eq!(flags.isa.len(), clif.isa_flags().len(), "{isa}");
        // Defaults are known by name alone.
        let names: BTreeSet<_> = flags
            .shared
            .iter()
            .chain(&flags.isa)
            .map(|f| f.name)
            .collect();
        assert_eq!(names.len(), flags.shared.len() + flags.isa.len(), "{isa}");
        assert!(flags.isa.iter().all(|flag| flag.is_default), "{isa}");
    }
}
