//! Points, liveness and steadiness of small functions, and that no meaning changes.

mod meaning;

use std::collections::BTreeMap;

use cranelift_codegen::ir::{Function, Value};
use cranelift_reader::{ParseOptions, parse_functions, parse_test};

use super::live::Live;
use super::points::{self, Sites};
use super::steady::Steady;
use super::{HookFile, HookKind, Options, Refused, instrument};
use crate::program::Program;

/// A loop whose counter and sum are block parameters, a block that nothing leads to, and two ways
/// out.
const LOOP: &str = "\
function %sum(i32) -> i32 system_v {
block0(v0: i32):
    v1 = iconst.i32 0
    jump block1(v0, v1)
block1(v2: i32, v3: i32):
    v4 = iadd v3, v2
    v5 = iconst.i32 -1
    v6 = iadd v2, v5
    brif v6, block1(v6, v4), block2
block2:
    return v4
block3:
    v7 = iconst.i32 7
    return v7
}
; run: %sum(10) == 55
; run: %sum(1) == 1
";

fn functions(text: &str) -> Vec<Function> {
    parse_functions(text).unwrap()
}

fn sites(text: &str, sites: Sites) -> usize {
    let options = Options {
        sites,
        ..Options::default()
    };
    instrument(text, &options).unwrap().sites
}

/// The operands of the calls in front of each instruction, by the text of the instruction.
fn calls(text: &str, options: &Options) -> Vec<(String, String)> {
    let text = instrument(text, options).unwrap().text;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let pairs = lines
        .windows(2)
        .filter(|pair| pair[0].starts_with("call fn"));
    let bare = |line: &str| line.split("  ;").next().unwrap_or_default().to_owned();
    let operands = |call: &str| call[call.find('(').unwrap()..].to_owned();
    pairs
        .map(|pair| (bare(pair[1]), operands(&bare(pair[0]))))
        .collect()
}

#[test]
fn every_instruction_that_can_be_reached_has_a_site_in_front() {
    let function = &functions(LOOP)[0];
    assert_eq!(points::of(function, Sites::EveryInstruction).len(), 7);
    assert_eq!(sites(LOOP, Sites::EveryInstruction), 7);
    assert_eq!(sites(LOOP, Sites::EveryBlock), 3);
    // Those in front of the first, fourth and seventh.
    assert_eq!(sites(LOOP, Sites::EveryNth(3)), 3);
    assert_eq!(sites(LOOP, Sites::EveryNth(100)), 1);
}

#[test]
fn sites_stand_behind_the_parameters_and_before_the_terminator() {
    for where_to in ["every-instruction", "every-block", "1", "2"] {
        let options = Options {
            sites: where_to.parse().unwrap(),
            ..Options::default()
        };
        let text = instrument(LOOP, &options).unwrap().text;
        // The verifier refuses a call behind a terminator.
        let program = Program::parse("loop", &text).unwrap();
        for function in &program.functions {
            for block in function.layout.blocks() {
                let insts = function.layout.block_insts(block);
                let ends = insts.filter(|&inst| function.dfg.insts[inst].opcode().is_terminator());
                assert_eq!(ends.count(), 1);
            }
        }
    }
    for wrong in ["0", "-1", "every", ""] {
        assert!(wrong.parse::<Sites>().is_err(), "{wrong}");
    }
}

#[test]
fn what_is_live_is_read_later_and_defined_before() {
    let function = &functions(LOOP)[0];
    let live = Live::of(function);
    let blocks: Vec<_> = function.layout.blocks().collect();
    let before = |block: usize| -> Vec<Vec<u32>> {
        let list = live.before_each(blocks[block]);
        let numbers = |values: &Vec<Value>| values.iter().map(|v| v.as_u32()).collect();
        list.iter().map(|(_, values)| numbers(values)).collect()
    };
    assert_eq!(before(0), [vec![0], vec![0, 1]]);
    assert_eq!(
        before(1),
        [vec![2, 3], vec![2, 4], vec![2, 4, 5], vec![4, 6]]
    );
    assert_eq!(before(2), [vec![4]]);
}

#[test]
fn values_that_live_around_a_loop_are_live_in_all_of_it() {
    let text = "\
function %f(i32, i32) -> i32 system_v {
block0(v0: i32, v1: i32):
    v9 -> v1
    jump block1(v0)
block1(v2: i32):
    brif v2, block2, block3
block2:
    v3 = iconst.i32 0
    jump block1(v3)
block3:
    return v9
}
";
    let function = &functions(text)[0];
    let live = Live::of(function);
    let of_loop = live.before_each(function.layout.blocks().nth(2).unwrap());
    let numbers: Vec<Vec<u32>> = of_loop
        .iter()
        .map(|(_, values)| values.iter().map(|v| v.as_u32()).collect())
        .collect();
    // v9 is another name of v1.
    assert_eq!(numbers, [vec![1], vec![1, 3]]);
}

/// Numbers of the values of the first function that are not steady.
fn unsteady(text: &str) -> Vec<u32> {
    let functions = functions(text);
    let steady = Steady::of(&functions);
    let values = functions[0].dfg.values();
    values
        .filter(|&value| !steady.is_steady(0, value))
        .map(|value| value.as_u32())
        .collect()
}

#[test]
fn addresses_and_made_nans_are_not_steady_nor_what_comes_of_them() {
    let text = "\
function %f(i64 vmctx, i64, f64) -> f64 system_v {
    ss0 = explicit_slot 8
    fn0 = %g(i64, i64) -> i64, i64 system_v
    fn1 = %host_h(f64) -> f64 system_v
block0(v0: i64, v1: i64, v2: f64):
    v3 = stack_addr.i64 ss0
    v4 = iadd v3, v1
    v5 = fadd v2, v2
    v6 = fcmp eq v5, v2
    v7 = fneg v2
    v8, v9 = call fn0(v3, v1)
    v10 = bitcast.i64 v5
    v11 = call fn1(v2)
    v12 = load.i64 v3
    jump block1(v10, v6)
block1(v13: i64, v14: i8):
    return v5
}
function %g(i64, i64) -> i64, i64 system_v {
block0(v0: i64, v1: i64):
    return v0, v1
}
";
    assert_eq!(unsteady(text), [0, 3, 4, 5, 8, 10, 13]);
    // Once an address is stored, nothing loaded is known to be none.
    let stores = text.replace("    v12 =", "    store v3, v3\n    v12 =");
    assert_eq!(unsteady(&stores), [0, 3, 4, 5, 8, 10, 12, 13]);
}

#[test]
fn hooks_take_live_values_of_their_types_and_no_others() {
    let host = Options {
        hooks: HookKind::Host,
        ..Options::default()
    };
    let live: BTreeMap<&str, &[u32]> = BTreeMap::from([
        ("v1 = iconst.i32 0", &[0][..]),
        ("v4 = iadd v3, v2", &[2, 3]),
        ("brif v6, block1(v6, v4), block2", &[4, 6]),
    ]);
    let calls = calls(LOOP, &host);
    for (inst, values) in live {
        let (_, operands) = calls.iter().find(|(text, _)| text == inst).unwrap();
        let mut given: Vec<u32> = operands
            .trim_matches(['(', ')'])
            .split(", ")
            .map(|name| name.trim_start_matches('v').parse().unwrap())
            .collect();
        given.sort_unstable();
        assert_eq!(given, values, "{inst}");
    }
}

#[test]
fn hooks_of_the_users_are_taken_where_their_types_are_live() {
    let hooks = "\
; Two that sites may call, and one that a hook calls.
function %two(i32, i32) preserve_all {
    fn0 = colocated %inner(i32) system_v
block0(v0: i32, v1: i32):
    call fn0(v1)
    return
}
function %float(f32) {
block0(v0: f32):
    return
}
function %inner(i32) system_v {
block0(v0: i32):
    return
}
";
    let options = Options {
        sites: Sites::EveryInstruction,
        hooks: HookKind::File(HookFile::parse(hooks).unwrap()),
    };
    let done = instrument(LOOP, &options).unwrap();
    // In front of every instruction two i32 are live, or one that is given twice.
    assert_eq!((done.sites, done.without_hook), (7, 0));
    assert!(
        done.text.contains("colocated patchable %two"),
        "{}",
        done.text
    );
    assert!(!done.text.contains("patchable %inner"));
    Program::parse("hooked", &done.text).unwrap();

    let only_float = hooks
        .replace("(i32, i32)", "(f64, i32)")
        .replace("v0: i32, v1", "v0: f64, v1");
    let options = Options {
        hooks: HookKind::File(HookFile::parse(&only_float).unwrap()),
        ..options
    };
    let Err(Refused::Unsupported { reason, .. }) = instrument(LOOP, &options) else {
        panic!("a hook fits");
    };
    assert_eq!(reason, "no point for a site");
}

#[test]
fn files_of_hooks_that_are_none_are_refused_with_their_line() {
    let message = |text: &str| HookFile::parse(text).unwrap_err().to_string();
    let returns =
        "; why\n\nfunction %h() -> i32 {\nblock0:\n    v0 = iconst.i32 1\n    return v0\n}\n";
    assert_eq!(message(returns), "3: hook %h returns something");
    assert!(message("function %h() {\nblock0:\n    frob\n}\n").starts_with("3: "));
    assert_eq!(
        message("; nothing\n"),
        "no hook: each function is called by another"
    );
}

#[test]
fn what_cannot_be_run_says_why() {
    let reason = |text: &str| match instrument(text, &Options::default()) {
        Err(Refused::Unsupported { reason, .. }) => reason,
        Err(Refused::Bad(list)) => format!("bad: {}", list[0]),
        Ok(_) => "none".to_owned(),
    };
    let without = LOOP.replace("; run", "; ran");
    assert_eq!(reason(&without), "none");
    let throws = LOOP.replace(
        "system_v {",
        "system_v {\n    fn0 = %__cranelift_throw(i64) system_v",
    );
    assert!(
        reason(&throws).contains("nothing unwinds"),
        "{}",
        reason(&throws)
    );
    let patches = LOOP.replace(
        "system_v {",
        "system_v {\n    fn0 = %patch_toggle(i32) system_v",
    );
    assert!(reason(&patches).contains("other numbers"));
    let twice = format!("{LOOP}{LOOP}");
    assert!(
        reason(&twice).ends_with("is defined twice"),
        "{}",
        reason(&twice)
    );
    let ill = LOOP.replace("return v4", "return v0, v4");
    assert!(
        reason(&ill).starts_with("bad: 11: %sum: "),
        "{}",
        reason(&ill)
    );
}

#[test]
fn atomics_keep_their_flags() {
    let text = "\
function %f(i64, i64) -> i64 system_v {
block0(v0: i64, v1: i64):
    v2 = atomic_rmw.i64 little add v0, v1
    v3 = atomic_cas.i64 big v0, v2, v1
    v4 = atomic_rmw.i64 xchg v0, v3
    return v4
}
; print: %f(0, 0)
";
    let text = instrument(text, &Options::default()).unwrap().text;
    let read = parse_test(&text, ParseOptions::default()).unwrap();
    let function = &read.functions[0].0;
    let dfg = &function.dfg;
    let blocks = function.layout.blocks();
    let insts = blocks.flat_map(|block| function.layout.block_insts(block));
    let flags: Vec<String> = insts
        .map(|inst| &dfg.insts[inst])
        .filter(|data| data.opcode().to_string().starts_with("atomic"))
        .map(|data| dfg.mem_flags[data.memflags().unwrap()].to_string())
        .collect();
    assert_eq!(flags, [" little", " big", ""]);
}
