//! Beyond 12 bits in a frame, 4 KiB between blocks, 1 MiB of code.

use std::fmt::Write as _;

use super::{compile, passes, program};

/// `count` dependent additions, from `v2` on to `v` and the number returned.
fn additions(text: &mut String, first: usize, count: usize) -> usize {
    for n in first..first + count {
        let _ = writeln!(text, "    v{n} = imul v{}, v1", n - 1);
    }
    first + count - 1
}

/// A branch over `count` instructions, forward and back.
fn far_branch(count: usize) -> String {
    let mut body = String::from("    v2 = iadd v0, v1\n    brif v0, block1, block2\n\nblock1:\n");
    let last = additions(&mut body, 3, count);
    let _ = writeln!(
        body,
        "    jump block3(v{last})\n\nblock2:\n    jump block3(v1)\n"
    );
    let _ = writeln!(body, "block3(v1000000: i64):\n    return v1000000");
    program("target riscv64gc", "", &body, &[(0, 3), (1, 3)])
}

#[test]
fn a_branch_over_more_than_four_kibibytes_is_still_one() {
    for count in [1000, 1030, 3000] {
        passes(&far_branch(count));
    }
}

#[test]
fn a_loop_of_more_than_four_kibibytes_goes_round() {
    let mut body = String::from("    v2 = iconst.i64 3\n    jump block1(v2, v0)\n\n");
    body.push_str("block1(v3: i64, v4: i64):\n");
    let last = additions(&mut body, 5, 2500);
    let next = last + 1;
    let _ = writeln!(
        body,
        "    v900000 = iconst.i64 -1\n    v{next} = iadd v3, v900000"
    );
    let _ = writeln!(body, "    brif v{next}, block1(v{next}, v{last}), block2\n");
    let _ = writeln!(body, "block2:\n    return v{last}");
    passes(&program("target riscv64gc", "", &body, &[(2, 3)]));
}

#[test]
fn a_function_beyond_a_mebibyte_is_refused_by_name() {
    let error = compile(&far_branch(270_000)).expect_err("a jump reaches 1 MiB");
    let text = error.to_string();
    assert!(
        text.contains("%main") && text.contains("does not reach"),
        "{text}"
    );
}

#[test]
fn a_large_frame_keeps_every_register_and_argument() {
    // The hook has a frame that 12 bits do not reach, takes arguments from the stack, checks a
    // limit and changes more registers than it may lose.
    for (slot, settings) in [
        (1500, ""),
        (2000, ""),
        (70_000, ""),
        (
            70_000,
            "set enable_probestack=true\nset probestack_strategy=inline\n",
        ),
        (9_000, "set preserve_frame_pointers=true\n"),
    ] {
        let params = ["i64"; 12].join(", ");
        let names: Vec<String> = (0..12).map(|n| format!("v{n}: i64")).collect();
        let far = slot - 8;
        let text = format!(
            "; A test.
test run
{settings}target riscv64gc
target riscv64gc has_zca has_zcd

function %hook({params}) preserve_all {{
    ss0 = explicit_slot {slot}, align = 16
    fn0 = %host_hook(i64) system_v
block0({names}):
    v20 = stack_addr.i64 ss0
    v21 = stack_addr.i64 ss0+{far}
    store notrap little v11, v20
    store notrap little v10, v21
    call fn0(v11)
    v22 = load.i64 notrap little v20
    v23 = load.i64 notrap little v21
    v24 = fcvt_from_sint.f64 v22
    v25 = fadd v24, v24
    v26 = fcvt_to_sint_sat.i64 v25
    v27 = iadd v26, v23
    call fn0(v27)
    return
}}

function %main(i64, i64) -> i64 system_v {{
    fn0 = colocated patchable %hook({params}) preserve_all
block0(v0: i64, v1: i64):
    v2 = iadd v0, v1
    v3 = fcvt_from_sint.f64 v2
    call fn0(v0, v1, v2, v0, v1, v2, v0, v1, v2, v0, v1, v2)
    v4 = fcvt_to_sint_sat.i64 v3
    v5 = imul v2, v4
    return v5
}}
; print: %main(5, 7)
",
            names = names.join(", ")
        );
        passes(&text);
    }
}
