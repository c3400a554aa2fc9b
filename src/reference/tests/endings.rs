//! Fuel, traps, and what is refused.

use super::*;

#[test]
fn fuel_runs_out() {
    let text = "block0(v0: i64):\ncall fn0(v0)\njump block1\nblock1:\njump block1";
    let program = body("(i64) system_v", "", text);
    let reason = attempt(&program, "%main", &i64s(&[1]), &[true], 50).unwrap_err();
    assert_eq!(reason, "fuel used up after 50 instructions");
}

#[test]
fn endless_recursion_is_refused_without_native_recursion() {
    let program = program(
        "function %main(i64) system_v {
            fn0 = colocated patchable %hook(i64) preserve_all
            fn1 = colocated %main(i64) system_v
            ss0 = explicit_slot 1024
        block0(v0: i64):
            call fn0(v0)
            call fn1(v0)
            return
        }",
    );
    let reason = attempt(&program, "%main", &i64s(&[1]), &[false], 1 << 40).unwrap_err();
    assert!(reason.starts_with("call: stack use over"), "{reason}");
}

#[test]
fn a_trap_ends_the_run_with_its_code_and_all_that_came_before() {
    let program = body(
        "(i64) -> i64 system_v",
        "gv0 = symbol colocated %cell",
        "block0(v0: i64):
            v1 = symbol_value.i64 gv0
            store notrap aligned little v0, v1+8
            call fn0(v0)
            v2 = iconst.i64 0
            v3 = udiv v0, v2
            return v3",
    );
    let prediction = run(&program, "%main", &i64s(&[0x1234]), &[false]);
    assert_eq!(prediction.exit, PredictedExit::Trap("int_divz".to_owned()));
    assert_eq!(prediction.data, [vec![0, 0, 0, 0, 0, 0, 0, 0, 0x34, 0x12]]);
    let user = body(
        "(i64) system_v",
        "",
        "block0(v0: i64):\ncall fn0(v0)\ntrapnz v0, user7\nreturn",
    );
    let exit = run(&user, "%main", &i64s(&[1]), &[false]).exit;
    assert_eq!(exit, PredictedExit::Trap("user7".to_owned()));
}

#[test]
fn what_depends_on_the_isa_is_refused() {
    let refuse = |preamble: &str, instructions: &str| {
        let text = format!("block0(v0: i64):\ncall fn0(v0)\n{instructions}\nreturn");
        let program = body("(i64) system_v", preamble, &text);
        attempt(&program, "%main", &i64s(&[1]), &[false], FUEL).unwrap_err()
    };
    let slot = "ss0 = explicit_slot 16";
    let cell = "gv0 = symbol colocated %cell";
    let cases = [
        (
            slot,
            "v1 = stack_addr.i64 ss0\nv2 = load.i64 v1",
            "load: load of 8 bytes of stack that nothing wrote",
        ),
        (
            slot,
            "v1 = stack_addr.i64 ss0\nstore v0, v1+12",
            "store: store of 8 bytes at",
        ),
        (
            slot,
            "v1 = stack_addr.i64 ss0\nv2 = atomic_load.i64 v1",
            "atomic_load: load of 8 bytes of stack",
        ),
        (
            cell,
            "v1 = symbol_value.i64 gv0\nv2 = load.i64 notrap v1+4089",
            "load: load of 8 bytes at",
        ),
        (
            cell,
            "v1 = symbol_value.i64 gv0\nv2 = load.i64 notrap aligned v1+4",
            "load: access of i64 at",
        ),
        (
            "",
            "v1 = load.i64 v0",
            "load: load of 8 bytes at 0x1, which is out of bounds",
        ),
        (
            "",
            "v1 = get_stack_pointer.i64",
            "get_stack_pointer: not implemented",
        ),
        (
            "sig0 = () system_v",
            "call_indirect sig0, v0()",
            "call_indirect: call of 0x1",
        ),
        (
            "sig0 = () system_v\nfn1 = colocated %hook(i64) preserve_all",
            "v1 = func_addr.i64 fn1\ncall_indirect sig0, v1()",
            "call_indirect: call through another signature",
        ),
        (
            "fn1 = colocated %hook(i32) preserve_all",
            "v1 = ireduce.i32 v0\ncall fn1(v1)",
            "call: the callee is defined with another",
        ),
    ];
    for (preamble, instructions, reason) in cases {
        let got = refuse(preamble, instructions);
        assert!(got.starts_with(reason), "{instructions}: {got}");
    }
}
