//! Sites, hooks, the host, calls.

use super::*;
use crate::program::hostcall_results;

const LOOP: &str = "
function %main(i32, i64) -> i64 system_v {
    fn0 = colocated patchable %hook(i64) preserve_all
    fn1 = %patch_toggle(i32) system_v
block0(v0: i32, v1: i64):
    jump block1(v1)
block1(v2: i64):
    call fn1(v0)
    call fn0(v2)
    v3 = iadd_imm_const v2
    brif v3, block1(v3), block2
block2:
    return v1
}";

fn toggled() -> Program {
    let text = LOOP
        .replace(
            "block0(v0: i32, v1: i64):",
            "block0(v0: i32, v1: i64):\n v9 = iconst.i64 -1",
        )
        .replace("iadd_imm_const v2", "iadd v2, v9");
    program(&text)
}

#[test]
fn a_toggle_acts_from_the_next_pass_on() {
    let prediction = run(&toggled(), "%main", &[int(32, 0), int(64, 3)], &[true]);
    assert_eq!(passes(&prediction), [(0, false), (0, true), (0, false)]);
    assert_eq!(prediction.sites_live, [false]);
    assert_eq!(prediction.exit, returned(&[3]));
}

#[test]
fn a_site_number_out_of_range_sets_nothing() {
    let prediction = run(&toggled(), "%main", &[int(32, -1), int(64, 2)], &[true]);
    assert_eq!(passes(&prediction), [(0, true), (0, true)]);
    assert_eq!(prediction.sites_live, [true]);
}

#[test]
fn only_a_live_site_runs_its_hook() {
    let program = body(
        "(i64) -> i64 system_v",
        "",
        "block0(v0: i64):\ncall fn0(v0)\nreturn v0",
    );
    let args = i64s(&[7]);
    let pass = |live| PredictedEvent::Pass {
        site: site(0),
        live,
        args: i64s(&[7]),
    };
    let hostcall = PredictedEvent::Hostcall {
        hostcall: 0,
        args: i64s(&[7]),
        results: vec![],
    };
    assert_eq!(
        run(&program, "%main", &args, &[true]).events,
        [pass(true), hostcall]
    );
    assert_eq!(
        run(&program, "%main", &args, &[false]).events,
        [pass(false)]
    );
}

#[test]
fn an_ordinary_call_of_a_hook_is_noted_and_always_runs() {
    let text = "
        sig0 = (i64) preserve_all
        fn1 = colocated %hook(i64) preserve_all";
    let program = body(
        "(i64) system_v",
        text,
        "block0(v0: i64):
            call fn1(v0)
            v1 = func_addr.i64 fn1
            call_indirect sig0, v1(v0)
            try_call fn1(v0), sig0, block1, [ default: block2(exn0) ]
        block1:
            call fn0(v0)
            return
        block2(v2: i64):
            trap user1",
    );
    let events = run(&program, "%main", &i64s(&[5]), &[false]).events;
    let noted = |event: &&PredictedEvent| matches!(event, PredictedEvent::OrdinaryHookCall { function: 0, args } if *args == i64s(&[5]));
    assert_eq!(events.iter().filter(noted).count(), 3);
    assert_eq!(events.len(), 7);
}

#[test]
fn a_run_that_begins_in_a_hook_enters_it_from_no_site() {
    let program = body(
        "(i64) system_v",
        "",
        "block0(v0: i64):\ncall fn0(v0)\nreturn",
    );
    let events = run(&program, "%hook", &i64s(&[5]), &[true]).events;
    assert!(matches!(
        events[0],
        PredictedEvent::OrdinaryHookCall { function: 0, .. }
    ));
}

#[test]
fn hooks_nest() {
    let program = program(
        "function %outer(i64) preserve_all {
            fn0 = colocated patchable %hook(i64) preserve_all
        block0(v0: i64):
            call fn0(v0)
            return
        }
        function %main(i64) system_v {
            fn0 = colocated patchable %outer(i64) preserve_all
        block0(v0: i64):
            call fn0(v0)
            call fn0(v0)
            return
        }",
    );
    let inner = |live: [bool; 3]| passes(&run(&program, "%main", &i64s(&[1]), &live));
    assert_eq!(
        inner([true, true, true]),
        [(1, true), (0, true), (2, true), (0, true)]
    );
    assert_eq!(
        inner([false, false, true]),
        [(1, false), (2, true), (0, false)]
    );
}

#[test]
fn the_host_answers_as_declared_directly_and_indirectly() {
    let program = body(
        "(i64) -> i64, f64, i64 system_v",
        "sig0 = (i64) -> i64, f64 system_v\nfn1 = %host_answer(i64) -> i64, f64 system_v",
        "block0(v0: i64):
            call fn0(v0)
            v1, v2 = call fn1(v0)
            v3 = func_addr.i64 fn1
            v4, v5 = call_indirect sig0, v3(v0)
            return v1, v2, v4",
    );
    let prediction = run(&program, "%main", &i64s(&[9]), &[false]);
    let decl = program
        .interface
        .hostcalls
        .iter()
        .find(|h| h.name == "%host_answer");
    let answer = hostcall_results(decl.unwrap(), &i64s(&[9]));
    let expected = vec![answer[0], answer[1], answer[0]];
    assert_eq!(prediction.exit, PredictedExit::Returned(expected));
    assert_eq!(prediction.events.len(), 3);
}

#[test]
fn a_tail_call_takes_the_callers_place() {
    let program = program(
        "function %count(i64, i64) -> i64 tail {
            ss0 = explicit_slot 1048576
            fn0 = colocated %count(i64, i64) -> i64 tail
        block0(v0: i64, v1: i64):
            v2 = iconst.i64 1
            brif v0, block1, block2
        block1:
            v3 = isub v0, v2
            v4 = iadd v1, v2
            return_call fn0(v3, v4)
        block2:
            return v1
        }
        function %main(i64) -> i64 tail {
            fn0 = colocated patchable %hook(i64) preserve_all
            fn2 = colocated %count(i64, i64) -> i64 tail
        block0(v0: i64):
            call fn0(v0)
            v1 = call fn2(v0, v0)
            return v1
        }",
    );
    let prediction = run(&program, "%main", &i64s(&[100]), &[false]);
    assert_eq!(prediction.exit, returned(&[200]));
}
