//! Instructions where the reference differs from the interpreter's step, and memory.

use super::*;
use crate::reference::MADE_NAN;

/// Results of `%main(i64, i64)` with this body, on the way past a NOPed site.
fn eval(returns: &str, preamble: &str, instructions: &str, args: [i64; 2]) -> Vec<Value> {
    let text = format!("block0(v0: i64, v1: i64):\ncall fn0(v0)\n{instructions}");
    let program = body(
        &format!("(i64, i64) -> {returns} system_v"),
        preamble,
        &text,
    );
    match run(&program, "%main", &i64s(&args), &[false]).exit {
        PredictedExit::Returned(values) => values,
        PredictedExit::Trap(code) => panic!("trap {code}"),
    }
}

#[test]
fn the_least_number_modulo_minus_one_is_zero() {
    let got = eval("i64", "", "v2 = srem v0, v1\nreturn v2", [i64::MIN, -1]);
    assert_eq!(got, i64s(&[0]));
    let got = eval("i64", "", "v2 = srem v0, v1\nreturn v2", [-7, 2]);
    assert_eq!(got, i64s(&[-1]));
}

#[test]
fn two_opposite_overflows_are_none() {
    let add = "v2 = iconst.i8 1\nv3, v4 = sadd_overflow_cin v0, v1, v2\nreturn v3, v4";
    let with = |values: [i64; 2], text| eval("i64, i8", "", text, values);
    assert_eq!(
        with([i64::MIN, -1], add),
        [int(64, i64::MIN.into()), int(8, 0)]
    );
    assert_eq!(
        with([i64::MAX, 0], add),
        [int(64, i64::MIN.into()), int(8, 1)]
    );
    let sub = "v2 = iconst.i8 1\nv3, v4 = ssub_overflow_bin v0, v1, v2\nreturn v3, v4";
    assert_eq!(
        with([i64::MAX, -1], sub),
        [int(64, i64::MAX.into()), int(8, 0)]
    );
    assert_eq!(
        with([i64::MIN, 0], sub),
        [int(64, i64::MAX.into()), int(8, 1)]
    );
}

#[test]
fn offsets_are_signed() {
    let got = eval(
        "i64",
        "ss0 = explicit_slot 32",
        "v2 = stack_addr.i64 ss0+16
         store little v0, v2-8
         v3 = load.i64 little v2-8
         return v3",
        [77, 0],
    );
    assert_eq!(got, i64s(&[77]));
}

#[test]
fn byte_order_is_within_lanes() {
    let got = eval(
        "i32x4, i64",
        "ss0 = explicit_slot 32",
        "v2 = stack_addr.i64 ss0
         store big v0, v2
         store big v1, v2+8
         v3 = load.i32x4 big v2
         v4 = bitcast.i32x4 big v3
         store big v4, v2+16
         v5 = load.i64 big v2+16
         return v4, v5",
        [0x0000_0001_0000_0002, 0x0000_0003_0000_0004],
    );
    let lanes: Vec<u128> = (0..4).map(|lane| got[0].lane(lane)).collect();
    assert_eq!(lanes, [1, 2, 3, 4]);
    assert_eq!(got[1], int(64, 0x0000_0001_0000_0002));
}

#[test]
fn bitcasts_change_the_lanes() {
    let got = eval(
        "i8x8, i16x4",
        "",
        "v2 = bitcast.i8x8 little v0\nv3 = bitcast.i16x4 big v2\nreturn v2, v3",
        [0x0807_0605_0403_0201, 0],
    );
    assert_eq!(got[0].bits, 0x0807_0605_0403_0201);
    assert_eq!(got[1].bits, 0x0708_0506_0304_0102);
}

#[test]
fn loads_extend_each_lane() {
    let got = eval(
        "i16x8, i32x4",
        "gv0 = symbol colocated %cell",
        "v2 = symbol_value.i64 gv0
         store little v0, v2
         v3 = sload8x8 little v2
         v4 = uload16x4 little v2
         return v3, v4",
        [0x7f80_0001_00ff_fffe, 0],
    );
    assert_eq!(got[0].lane(0), 0xfffe);
    assert_eq!(got[0].lane(7), 0x7f);
    assert_eq!(got[1].lane(0), 0xfffe);
    assert_eq!(got[1].lane(3), 0x7f80);
}

#[test]
fn averages_do_not_overflow() {
    let got = eval(
        "i8x16",
        "",
        "v2 = ireduce.i8 v0\nv3 = splat.i8x16 v2\nv4 = ireduce.i8 v1\nv5 = splat.i8x16 v4
         v6 = avg_round v3, v5\nreturn v6",
        [255, 254],
    );
    assert_eq!(got[0].bits, u128::MAX);
}

#[test]
fn nans_are_canonical() {
    let text = "v2 = f64const -NaN:0x1\nv3 = f64const 0x1.0\nv4 = fadd v2, v3
                v5 = f64const 0.0\nv6 = fdiv v5, v5\nv7 = fneg v2\nreturn v4, v6, v7";
    let got = eval("f64, f64, f64", "", text, [0, 0]);
    assert_eq!(got[0].bits, 0x7ff8_0000_0000_0000);
    assert_eq!(got[1].bits, 0x7ff8_0000_0000_0000);
    assert_eq!(got[2].bits, 0x7ff8_0000_0000_0001);
}

#[test]
fn a_result_that_is_a_nan_of_the_isas_own_is_refused() {
    let canonical = body(
        "(f64, f64) -> f64 system_v",
        "",
        "block0(v0: f64, v1: f64):\nv9 = iconst.i64 0\ncall fn0(v9)\nv2 = fsub v0, v1\nv3 = fmax v2, v0\nv4 = fcmp eq v3, v3
         v5 = select v4, v3, v0\nreturn v5",
    );
    let text = canonical
        .text
        .replace("set enable_nan_canonicalization=true", "");
    let own = Program::parse("test", &text).unwrap();
    let outcome = |program: &Program, args: [u64; 2]| {
        let args = args.map(|bits| Value::new(Ty::float(64), bits.into()));
        let seen = attempt(program, "%main", &args, &[false], FUEL)?;
        Ok::<_, String>(seen.exit)
    };
    let returned =
        |bits: u64| PredictedExit::Returned(vec![Value::new(Ty::float(64), bits.into())]);
    let (infinity, given) = (0x7ff0_0000_0000_0000, 0xfff8_0000_0000_0005);
    // Infinity minus itself is no number, but the result is infinity.
    assert_eq!(outcome(&own, [infinity; 2]), Ok(returned(infinity)));
    // What comes in may go out; that something else was made does not tell which it is.
    assert_eq!(outcome(&own, [given, 0]), Err(MADE_NAN.to_owned()));
    assert_eq!(outcome(&canonical, [given, 0]), Ok(returned(given)));
}

#[test]
fn memory_without_a_byte_order_has_the_one_that_is_asked_for() {
    let program = body(
        "(i64) -> i64 system_v",
        "ss0 = explicit_slot 8",
        "block0(v0: i64):\ncall fn0(v0)\nv1 = stack_addr.i64 ss0\nstore v0, v1\nv2 = uload16.i64 v1\nreturn v2",
    );
    assert!(crate::reference::depends_on_byte_order(&program));
    let seen = |big_endian| {
        let reference = crate::reference::Reference::of_order(&program, big_endian);
        let invocation = Invocation {
            function: program.interface.function_index("%main").unwrap(),
            args: i64s(&[0x1122_3344_5566_7788]),
            expected: None,
        };
        reference.predict(&invocation, &[false], FUEL).unwrap().exit
    };
    assert_eq!(seen(false), PredictedExit::Returned(i64s(&[0x7788])));
    assert_eq!(seen(true), PredictedExit::Returned(i64s(&[0x1122])));
    let told = Program::parse(
        "t",
        &program
            .text
            .replace("store v0", "store little v0")
            .replace("uload16.i64", "uload16.i64 little"),
    );
    assert!(!crate::reference::depends_on_byte_order(&told.unwrap()));
}

#[test]
fn global_values_compute_and_load() {
    let got = eval(
        "i64",
        "gv0 = symbol colocated %cell
         gv1 = iadd_imm.i64 gv0, 16
         gv2 = load.i64 notrap aligned gv1+8
         gv3 = iadd_imm.i64 gv2, -2",
        "v2 = symbol_value.i64 gv0
         store notrap aligned v0, v2+24
         v3 = symbol_value.i64 gv3
         return v3",
        [44, 0],
    );
    assert_eq!(got, i64s(&[42]));
}

#[test]
fn stack_slots_are_apart_at_any_depth() {
    let program = program(
        "function %main(i64, i64) -> i64 system_v {
            ss0 = explicit_slot 1048576, align = 16
            ss1 = explicit_slot 4
            ss2 = explicit_slot 8, align = 8
            fn0 = colocated patchable %hook(i64) preserve_all
            fn1 = colocated %main(i64, i64) -> i64 system_v
        block0(v0: i64, v1: i64):
            v2 = stack_addr.i64 ss2
            store notrap aligned little v0, v2
            v3 = stack_addr.i64 ss0+1048568
            store notrap aligned little v0, v3
            call fn0(v0)
            brif v0, block1, block2
        block1:
            v4 = iconst.i64 -1
            v5 = iadd v0, v4
            v6 = call fn1(v5, v2)
            v7 = load.i64 notrap aligned little v2
            v8 = iadd v6, v7
            return v8
        block2:
            v9 = load.i64 notrap aligned little v1
            v10 = load.i64 notrap aligned little v3
            v11 = iadd v9, v10
            return v11
        }",
    );
    let exit = run(&program, "%main", &i64s(&[4, 0]), &[true]).exit;
    assert_eq!(exit, returned(&[11]));
}

#[test]
fn a_struct_argument_is_a_copy() {
    let program = program(
        "function %callee(i64 sarg(16)) -> i64 system_v {
        block0(v0: i64):
            v1 = load.i64 little v0+8
            v2 = iconst.i64 0
            store little v2, v0+8
            return v1
        }
        function %main(i64) -> i64, i64 system_v {
            ss0 = explicit_slot 16
            fn0 = colocated patchable %hook(i64) preserve_all
            fn1 = colocated %callee(i64 sarg(16)) -> i64 system_v
        block0(v0: i64):
            call fn0(v0)
            v1 = stack_addr.i64 ss0
            store little v0, v1+8
            v2 = call fn1(v1)
            v3 = load.i64 little v1+8
            return v2, v3
        }",
    );
    assert_eq!(
        run(&program, "%main", &i64s(&[6]), &[true]).exit,
        returned(&[6, 6])
    );
}
