//! Each pass where it is needed: the words that a program must keep, and what is left of it.

use super::super::Source;
use super::reduced;

/// Reduces a program with `preamble` and `body` in its entry, while all of `keep` stay. What is
/// left of the functions, on one line.
fn left(text: &str, keep: &[&str]) -> String {
    let holds = |text: &str| keep.iter().all(|word| text.contains(word));
    let small = reduced(text, holds).text;
    let lines: Vec<&str> = small.lines().map(str::trim).collect();
    lines
        .join(" ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// Two functions, of which `%main` has the given lines.
fn main_with(declared: &str, body: &str) -> String {
    format!(
        "test run\ntarget x86_64\n
function %hook(i64) preserve_all {{\n    fn0 = %host(i64) system_v\nblock0(v0: i64):\n    \
         call fn0(v0)\n    return\n}}\n
function %main(i64, i64) -> i64 system_v {{\n{declared}\nblock0(v0: i64, v1: i64):\n{body}\n}}\n\
         ; run: %main(77, 5) == 5\n"
    )
}

const HOOK: &str = "    fn0 = colocated patchable %hook(i64) preserve_all";

#[test]
fn header_lines_and_flags_go() {
    let text = "\
; comment
test run
set opt_level=speed
set enable_verifier=true
target x86_64
target riscv64gc has_zca has_zbb
function %f() system_v {
block0:
    return
}
; run: %f()
";
    let keep = ["set opt_level=speed", "riscv64gc", "has_zbb", "%f"];
    assert_eq!(
        left(text, &keep),
        "test run set opt_level=speed target riscv64gc has_zbb \
         function %f() system_v { block0: return }"
    );
}

#[test]
fn functions_go_with_the_calls_of_them() {
    let text = main_with(HOOK, "call fn0(v0)\nv2 = iadd v0, v1\nreturn v2");
    assert_eq!(
        left(&text, &["iadd", "%main"]),
        "test run target x86_64 function %main() system_v { \
         block0: v0 = iconst.i8 0 v1 = iadd v0, v0 return }"
    );
}

#[test]
fn a_program_can_begin_at_a_function_that_was_called() {
    let text = main_with(HOOK, "call fn0(v0)\nreturn v0");
    let small = left(&text, &["%host", "; "]);
    assert!(!small.contains("%main"), "{small}");
    assert!(small.contains("; print: %hook()"), "{small}");
}

#[test]
fn a_body_becomes_a_return() {
    let text = main_with(HOOK, "call fn0(v0)\nreturn v0");
    let small = left(&text, &["function %hook", "patchable"]);
    assert!(
        small.contains("function %hook() system_v { block0: return }"),
        "{small}"
    );
}

#[test]
fn a_site_becomes_an_ordinary_call() {
    let text = main_with(HOOK, "call fn0(v0)\nreturn v0");
    let small = left(&text, &["%main", "colocated", "call fn0("]);
    assert!(!small.contains("patchable"), "{small}");
}

#[test]
fn control_flow_becomes_straight() {
    let body = "\
    brif v0, block1, block2(v0)
block1 cold:
    v2 = iconst.i32 1
    br_table v2, block3, [block2(v0), block3]
block2(v3: i64):
    v4 = isub v3, v1
    brif v4, block2(v4), block3
block3:
    v5 = bxor v0, v1
    return v5";
    let text = main_with("", body);
    let small = left(&text, &["%main", "bxor"]);
    assert!(!small.contains("block1"), "{small}");
    let small = left(&text, &["%main", "br_table", "bxor"]);
    assert!(
        !small.contains("isub") && !small.contains("cold"),
        "{small}"
    );
    assert!(left(&text, &["%main", "cold"]).contains("block1 cold: return"));
    let small = left(&text, &["%main", "isub", "brif"]);
    assert!(!small.contains("block3"), "{small}");
}

#[test]
fn blocks_are_warm_and_without_parameters() {
    let body = "\
    brif v0, block1(v1), block1(v0)
block1(v2: i64) cold:
    trapz v2, user1
    return v2";
    let small = left(&main_with("", body), &["%main", "brif", "trapz"]);
    assert!(!small.contains("cold"), "{small}");
    assert!(
        small.contains("block1:") && small.contains("brif v0, block1, block1"),
        "{small}"
    );
}

#[test]
fn calls_become_direct_and_ordinary() {
    let preamble = "    sig0 = (i64) -> i64 tail\n    fn1 = colocated %tail(i64) -> i64 tail";
    let body = "v2 = func_addr.i64 fn1\nv3 = call_indirect sig0, v2(v0)\nreturn v3";
    let tail = "function %tail(i64) -> i64 tail {\nfn0 = colocated %tail(i64) -> i64 tail\n\
                block0(v0: i64):\nreturn_call fn0(v0)\n}\n";
    let text = format!("{}\n{tail}", main_with(preamble, body));
    let small = left(&text, &["%main", "call", "%tail"]);
    assert!(small.contains(" call fn0()"), "{small}");
    let small = left(&text, &["function %tail", "call"]);
    assert!(!small.contains("return_call"), "{small}");
}

#[test]
fn a_call_that_may_throw_becomes_one_that_does_not() {
    let preamble = format!("    sig0 = (i64) preserve_all\n{HOOK}");
    let body = "\
    try_call fn0(v0), sig0, block1, [ default: block2(exn0) ]
block1:
    return v0
block2(v2: i64):
    return v2";
    let small = left(&main_with(&preamble, body), &["%main", "patchable", "fn0("]);
    assert!(small.contains(" call fn0("), "{small}");
    assert!(!small.contains("block1"), "{small}");
}

#[test]
fn instructions_fall_through_to_what_they_use() {
    let body = "v2 = iadd v0, v1\nv3 = imul v2, v2\nv4 = bxor v3, v2\nv5 = isub v4, v0\nreturn v5";
    let small = left(&main_with("", body), &["bxor"]);
    assert!(
        small.contains("block0: v0 = iconst.i8 0 v1 = bxor v0, v0 return }"),
        "{small}"
    );
}

#[test]
fn parameters_and_results_go_with_their_arguments() {
    let preamble = "    fn1 = colocated %many(i64, i32, f64) -> i32, i64 fast";
    let body = "v2 = iconst.i32 4\nv3 = f64const 0x1.0\nv4, v5 = call fn1(v0, v2, v3)\nreturn v5";
    let many = "function %many(i64, i32, f64) -> i32, i64 fast {\nblock0(v0: i64, v1: i32, v2: f64):\n\
                v3 = iadd v0, v0\nreturn v1, v3\n}\n; run: %many(5, 6, 0x1.0) == [6, 10]\n";
    let text = format!("{}\n{many}", main_with(preamble, body));
    let small = left(&text, &["= call fn0", ": %many(", "f64const"]);
    assert!(small.contains("function %many() -> i8 system_v"), "{small}");
    let small = left(&text, &["= call fn0(v0", "iadd", ": %many("]);
    assert!(small.contains(": %many(0)"), "{small}");
}

#[test]
fn slots_shrink_and_go() {
    let preamble = "    ss0 = explicit_slot 64\n    ss1 = explicit_slot 100000, align = 16";
    let body = "v2 = stack_addr.i64 ss1+24\nstore.i64 v0, v2+8\nreturn v0";
    let small = left(&main_with(preamble, body), &["stack_addr", "store"]);
    assert!(small.contains("ss0 = explicit_slot 1 "), "{small}");
    assert!(!small.contains("ss1") && !small.contains("+24"), "{small}");
    let small = left(&main_with(preamble, body), &["explicit_slot 100000"]);
    assert!(
        !small.contains("explicit_slot 64") && !small.contains("align"),
        "{small}"
    );
}

#[test]
fn a_stack_limit_goes() {
    let text = "test run\nfunction %f(i64 vmctx) fast {\ngv0 = vmctx\nstack_limit = gv0\n\
                block0(v0: i64):\ntrap user1\n}\n";
    assert!(left(text, &["limit"]).contains("stack_limit"));
    assert!(!left(text, &["trap"]).contains("gv0"));
}

#[test]
fn constants_types_and_conventions_become_plain() {
    let body = "v2 = iconst.i64 123456789\nv3 = iadd v0, v2\nv4 = f64const 0x1.91\nv5 = fcvt_to_sint_sat.i64 v4\nv6 = iadd v3, v5\nreturn v6";
    let small = left(&main_with("", body), &["iconst", "f64const", "%main"]);
    assert!(small.contains("iconst.i8 0"), "{small}");
    assert!(small.contains("f64const 0.0"), "{small}");
    let vector = "test run\nfunction %f(f32x4, i128) -> f32x4, i128 fast {\nblock0(v0: f32x4, v1: i128):\n\
                  v2 = fadd v0, v0\nv3 = bnot v1\nreturn v2, v3\n}\n";
    assert_eq!(
        left(vector, &["fadd", "bnot"]),
        "test run function %f(f32, i8) system_v { block0(v0: f32, v1: i8): \
         v2 = fadd v0, v0 v3 = bnot v1 return }"
    );
}

#[test]
fn operands_are_the_first_of_their_type() {
    let body = "v2 = iadd v0, v1\nv3 = imul v2, v1\ntrapz v3, user2\nreturn v3";
    let small = left(&main_with("", body), &["iadd", "trapz"]);
    assert!(small.contains("trapz v0, user2"), "{small}");
}

#[test]
fn atomics_keep_their_flags() {
    let body =
        "v2 = atomic_rmw.i64 little add v0, v1\nv3 = atomic_cas.i64 big v0, v1, v2\nreturn v3";
    let text = Source::parse(&main_with("", body)).unwrap().print();
    assert!(text.contains("atomic_rmw.i64 little add v0, v1"), "{text}");
    assert!(text.contains("atomic_cas big v0, v1, v2"), "{text}");
}
