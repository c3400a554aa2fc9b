//! Everything but arithmetic: rows of an encoding, its operands, and what the manual's definitions
//! give for them, worked by hand.

use unicorn_engine::RegisterRISCV as R;

use super::{Hart, SECOND, boxed, operation};

/// A single as a register holds it.
fn single(value: f32) -> u64 {
    0xffff_ffff_0000_0000 | u64::from(value.to_bits())
}

fn double(value: f64) -> u64 {
    value.to_bits()
}

const NAN: u64 = 0xffff_ffff_ffff_7e00;
/// A signaling NaN.
const SIGNALING: u64 = 0xffff_ffff_ffff_7d00;
const ONE: u64 = 0xffff_ffff_ffff_3c00;
const INFINITY: u64 = 0xffff_ffff_ffff_7c00;
const MINUS_INFINITY: u64 = 0xffff_ffff_ffff_fc00;
const MINUS_ZERO: u64 = 0xffff_ffff_ffff_8000;
const ZERO: u64 = 0xffff_ffff_ffff_0000;

/// Runs each row: `word` with `fa1` and `fa2`, what is then in `result`, and the flags.
#[track_caller]
fn check(result: R, word: u32, rows: &[([u64; 2], u64, u64)]) {
    let mut hart = Hart::new();
    for &([a, b], expected, flags) in rows {
        hart.set(R::F11, a);
        hart.set(R::F12, b);
        hart.set(R::X10, 0x5555);
        hart.set(R::F10, 0x5555);
        hart.set(R::FCSR, 0);
        hart.execute(word);
        let seen = (hart.get(result), hart.get(R::FCSR));
        assert_eq!(
            seen,
            (expected, flags),
            "{word:#x} of {a:#x}, {b:#x}: {:#x}",
            seen.0
        );
    }
}

#[track_caller]
fn floats(word: u32, rows: &[([u64; 2], u64, u64)]) {
    check(R::F10, word, rows);
}

#[track_caller]
fn integers(word: u32, rows: &[([u64; 2], u64, u64)]) {
    check(R::X10, word, rows);
}

/// Rows of one operand.
fn one<const N: usize>(rows: [(u64, u64, u64); N]) -> [([u64; 2], u64, u64); N] {
    rows.map(|(a, expected, flags)| ([a, 0], expected, flags))
}

#[test]
fn halves_become_singles_and_doubles_exactly() {
    // FCVT.S.H, FCVT.D.H: 1.5, the least subnormal 2^-24, -65504, infinity; NaNs are canonical.
    let canonical = single(f32::from_bits(0x7fc0_0000));
    floats(
        operation(0x20, 2, 0),
        &one([
            (boxed(0x3e00), single(1.5), 0),
            (boxed(0x0001), single(2_f32.powi(-24)), 0),
            (boxed(0xfbff), single(-65504.0), 0),
            (MINUS_INFINITY, single(f32::NEG_INFINITY), 0),
            (boxed(0xfe55), canonical, 0),
            (SIGNALING, canonical, 16),
            (0x3c00, canonical, 0),
        ]),
    );
    floats(
        operation(0x21, 2, 0),
        &one([
            (boxed(0x83ff), double(-1023.0 * 2_f64.powi(-24)), 0),
            (MINUS_ZERO, double(-0.0), 0),
            (SIGNALING, 0x7ff8_0000_0000_0000, 16),
        ]),
    );
}

#[test]
fn singles_and_doubles_are_rounded_to_halves() {
    // FCVT.H.S to nearest: ties to even, overflow from 65520 on, and underflow.
    let tie = 1.0 + 2_f32.powi(-11);
    let rows = [
        (single(1.0), ONE, 0),
        (single(tie), ONE, 1),
        (single(1.0 + 3.0 * 2_f32.powi(-11)), boxed(0x3c02), 1),
        (single(65519.0), boxed(0x7bff), 1),
        (single(65520.0), INFINITY, 5),
        (single(-1e30), MINUS_INFINITY, 5),
        (single(2_f32.powi(-25)), ZERO, 3),
        (single(1.5 * 2_f32.powi(-25)), boxed(1), 3),
        (single(f32::from_bits(1)), ZERO, 3),
        // Rounds up to 2^-14, as it would with more exponents: not tiny. Then one that would not.
        (
            single(2_f32.powi(-14) * (1.0 - 2_f32.powi(-12))),
            boxed(0x400),
            1,
        ),
        (
            single(2_f32.powi(-14) * (1.0 - 2_f32.powi(-11))),
            boxed(0x400),
            3,
        ),
        (single(f32::from_bits(0xffc1_2345)), NAN, 0),
        (single(f32::from_bits(0x7f80_0001)), NAN, 16),
        // What the emulator's own instructions leave: not boxed.
        (u64::from(tie.to_bits()), ONE, 1),
    ];
    floats(operation(0x22, 0, 0), &one(rows));
    // RMM and RUP.
    floats(
        operation(0x22, 0, 4),
        &one([(single(tie), boxed(0x3c01), 1)]),
    );
    floats(
        operation(0x22, 0, 3),
        &one([(single(-tie), boxed(0xbc00), 1)]),
    );
    // FCVT.H.D: rounded once, not by way of a single, which would make a tie of this.
    let above_tie = 1.0 + 2_f64.powi(-11) + 2_f64.powi(-40);
    let rows = [
        (double(above_tie), boxed(0x3c01), 1),
        (double(f64::MAX), INFINITY, 5),
        (double(f64::from_bits(0x7ff0_0000_0000_0001)), NAN, 16),
    ];
    floats(operation(0x22, 1, 0), &one(rows));
    // RTZ: the greatest half stands for what is too great.
    floats(
        operation(0x22, 1, 1),
        &one([(double(1e9), boxed(0x7bff), 5)]),
    );
}

#[test]
fn halves_become_integers_and_saturate() {
    // FCVT.W.H, to nearest even; then truncated.
    integers(
        operation(0x62, 0, 0),
        &one([
            (boxed(0x4100), 2, 1),
            (boxed(0xc100), (-2_i64).cast_unsigned(), 1),
            (boxed(0x4300), 4, 1),
            (boxed(0xfbff), (-65504_i64).cast_unsigned(), 0),
            (INFINITY, 0x7fff_ffff, 16),
            (MINUS_INFINITY, 0xffff_ffff_8000_0000, 16),
            (NAN, 0x7fff_ffff, 16),
            (boxed(1), 0, 1),
        ]),
    );
    integers(operation(0x62, 0, 1), &one([(boxed(0x43ff), 3, 1)]));
    // FCVT.WU.H: sign-extended; a negative number that rounds to zero is only inexact.
    integers(
        operation(0x62, 1, 0),
        &one([
            (boxed(0x7bff), 65504, 0),
            (INFINITY, u64::MAX, 16),
            (NAN, u64::MAX, 16),
            (boxed(0xb800), 0, 1),
            (boxed(0xbc00), 0, 16),
            (MINUS_INFINITY, 0, 16),
            (MINUS_ZERO, 0, 0),
        ]),
    );
    // FCVT.L.H, FCVT.LU.H; rounding down makes -1 of -0.5.
    let rows = [
        (INFINITY, 0x7fff_ffff_ffff_ffff, 16),
        (MINUS_INFINITY, 1 << 63, 16),
    ];
    integers(operation(0x62, 2, 0), &one(rows));
    integers(operation(0x62, 2, 2), &one([(boxed(0xb800), u64::MAX, 1)]));
    let rows = [
        (INFINITY, u64::MAX, 16),
        (boxed(0x4200), 3, 0),
        (boxed(0xb800), 0, 16),
    ];
    integers(operation(0x62, 3, 2), &one(rows));
}

#[test]
fn integers_become_halves() {
    let mut hart = Hart::new();
    let mut check = |kind, mode, integer: i64, half, flags| {
        hart.set(R::X11, integer.cast_unsigned());
        hart.set(R::FCSR, 0);
        hart.execute(operation(0x6a, kind, mode));
        assert_eq!(hart.get(R::F10), boxed(half), "{kind} {mode} {integer:#x}");
        assert_eq!(hart.get(R::FCSR), flags, "{kind} {mode} {integer:#x}");
    };
    // W takes the low 32 bits, signed; WU unsigned; L and LU all.
    check(0, 0, -3, 0xc200, 0);
    check(0, 0, 0x1_0000_0001, 0x3c00, 0);
    check(1, 0, -1, 0x7c00, 5);
    check(1, 1, -1, 0x7bff, 5);
    check(2, 0, -2049, 0xe800, 1);
    check(2, 0, 2051, 0x6802, 1);
    check(2, 2, -2049, 0xe801, 1);
    check(3, 0, -1, 0x7c00, 5);
    check(3, 0, 65519, 0x7bff, 1);
    check(0, 0, 0, 0, 0);
}

#[test]
fn bits_move_between_registers() {
    // FMV.X.H sign-extends, boxed or not; FMV.H.X boxes the low half.
    let rows = [
        (boxed(0x8001), 0xffff_ffff_ffff_8001, 0),
        (0x1234_7d00, 0x7d00, 0),
    ];
    integers(operation(0x72, 0, 0), &one(rows));
    let mut hart = Hart::new();
    hart.set(R::X11, 0x1234_5678_9abc_def0);
    hart.execute(operation(0x7a, 0, 0));
    assert_eq!(hart.get(R::F10), boxed(0xdef0));
}

#[test]
fn signs_are_injected_into_any_half() {
    let rows = [
        ([ONE, MINUS_ZERO], boxed(0xbc00), 0),
        ([SIGNALING, MINUS_ZERO], boxed(0xfd00), 0),
    ];
    floats(operation(0x12, SECOND, 0), &rows);
    floats(
        operation(0x12, SECOND, 1),
        &[([ONE, ZERO], boxed(0xbc00), 0)],
    );
    let rows = [
        ([boxed(0xbc00), MINUS_ZERO], ONE, 0),
        ([boxed(0xbc00), ONE], boxed(0xbc00), 0),
    ];
    floats(operation(0x12, SECOND, 2), &rows);
}

#[test]
fn minimum_and_maximum_take_the_number_or_the_nan() {
    let two = boxed(0x4000);
    // FMIN.H, FMAX.H.
    let rows = [
        ([ONE, two], ONE, 0),
        ([MINUS_ZERO, ZERO], MINUS_ZERO, 0),
        ([ZERO, MINUS_ZERO], MINUS_ZERO, 0),
        ([NAN, two], two, 0),
        ([two, SIGNALING], two, 16),
        ([NAN, boxed(0xfe01)], NAN, 0),
        ([MINUS_INFINITY, two], MINUS_INFINITY, 0),
    ];
    floats(operation(0x16, SECOND, 0), &rows);
    let rows = [
        ([ONE, two], two, 0),
        ([MINUS_ZERO, ZERO], ZERO, 0),
        ([two, NAN], two, 0),
    ];
    floats(operation(0x16, SECOND, 1), &rows);
    // FMINM.H, FMAXM.H.
    let rows = [
        ([two, ONE], ONE, 0),
        ([ZERO, MINUS_ZERO], MINUS_ZERO, 0),
        ([ONE, boxed(0xfe01)], NAN, 0),
        ([SIGNALING, ONE], NAN, 16),
    ];
    floats(operation(0x16, SECOND, 2), &rows);
    floats(
        operation(0x16, SECOND, 3),
        &[([MINUS_ZERO, ZERO], ZERO, 0), ([ONE, NAN], NAN, 0)],
    );
    // FMINM.S, FMAXM.S, of which the second is not boxed; FMINM.D, FMAXM.D.
    let unboxed = u64::from(2_f32.to_bits());
    floats(
        operation(0x14, SECOND, 2),
        &[([single(-1.0), unboxed], single(-1.0), 0)],
    );
    let quiet = f32::from_bits(0xffc0_0001);
    let rows = [
        ([single(1.0), unboxed], single(2.0), 0),
        (
            [single(quiet), unboxed],
            single(f32::from_bits(0x7fc0_0000)),
            0,
        ),
    ];
    floats(operation(0x14, SECOND, 3), &rows);
    floats(
        operation(0x15, SECOND, 2),
        &[([double(0.0), double(-0.0)], double(-0.0), 0)],
    );
    let signaling = 0xfff0_0000_0000_0001;
    let rows = [
        ([double(-3.0), double(-5.5)], double(-3.0), 0),
        ([signaling, double(1.0)], 0x7ff8_0000_0000_0000, 16),
    ];
    floats(operation(0x15, SECOND, 3), &rows);
}

#[test]
fn comparisons_of_nans_are_invalid_or_quiet() {
    // FLE, FLT, FEQ, FLEQ, FLTQ of halves: of 1 and 1, -0 and 0, a NaN, a signaling one.
    let expected: [(u32, [(u64, u64); 4]); 5] = [
        (0, [(1, 0), (1, 0), (0, 16), (0, 16)]),
        (1, [(0, 0), (0, 0), (0, 16), (0, 16)]),
        (2, [(1, 0), (1, 0), (0, 0), (0, 16)]),
        (4, [(1, 0), (1, 0), (0, 0), (0, 16)]),
        (5, [(0, 0), (0, 0), (0, 0), (0, 16)]),
    ];
    for (function, results) in expected {
        let operands = [[ONE, ONE], [MINUS_ZERO, ZERO], [ONE, NAN], [SIGNALING, ONE]];
        for (operands, (result, flags)) in operands.into_iter().zip(results) {
            integers(
                operation(0x52, SECOND, function),
                &[(operands, result, flags)],
            );
        }
    }
    integers(
        operation(0x52, SECOND, 1),
        &[([MINUS_INFINITY, boxed(0xfbff)], 1, 0)],
    );
    // FLEQ.S, FLTQ.S, FLEQ.D, FLTQ.D.
    let rows = [
        ([single(-2.0), single(-1.0)], 1, 0),
        ([single(f32::NAN), single(1.0)], 0, 0),
    ];
    integers(operation(0x50, SECOND, 4), &rows);
    integers(
        operation(0x50, SECOND, 5),
        &[([single(1.0), single(1.0)], 0, 0)],
    );
    let rows = [
        ([double(1.0), double(1.0)], 1, 0),
        ([0x7ff0_0000_0000_0001, double(1.0)], 0, 16),
    ];
    integers(operation(0x51, SECOND, 4), &rows);
    integers(
        operation(0x51, SECOND, 5),
        &[([double(-1e300), double(5e-324)], 1, 0)],
    );
}

#[test]
fn each_half_has_one_class() {
    let halves = [
        0xfc00, 0xbc00, 0x8001, 0x8000, 0, 0x03ff, 0x0400, 0x7c00, 0xfc01, 0x7e00,
    ];
    for (bit, half) in halves.into_iter().enumerate() {
        integers(operation(0x72, 0, 1), &one([(boxed(half), 1 << bit, 0)]));
    }
}

#[test]
fn fround_keeps_the_sign_and_froundnx_tells() {
    // FROUND.H and FROUNDNX.H to nearest even, then RMM, RUP.
    let rows = [
        (boxed(0x3800), ZERO, 1),
        (boxed(0xb800), MINUS_ZERO, 1),
        (boxed(0x4100), boxed(0x4000), 1),
        (boxed(0x7bff), boxed(0x7bff), 0),
        (INFINITY, INFINITY, 0),
        (boxed(0xfe01), NAN, 0),
        (SIGNALING, NAN, 16),
    ];
    floats(operation(0x22, 5, 0), &one(rows));
    let silent = rows.map(|(a, result, flags)| (a, result, flags & 16));
    floats(operation(0x22, 4, 0), &one(silent));
    floats(operation(0x22, 4, 4), &one([(boxed(0x3800), ONE, 0)]));
    floats(
        operation(0x22, 4, 3),
        &one([(boxed(0xb9ff), MINUS_ZERO, 0)]),
    );
    // FROUND.S down, FROUND.D up, FROUNDNX.D truncating.
    floats(
        operation(0x20, 4, 2),
        &one([(single(-2.25), single(-3.0), 0)]),
    );
    let rows = [(double(4503599627370495.5), double(4503599627370496.0), 0)];
    floats(operation(0x21, 4, 3), &one(rows));
    let rows = [
        (double(-1.9), double(-1.0), 1),
        (double(1e300), double(1e300), 0),
    ];
    floats(operation(0x21, 5, 1), &one(rows));
}

#[test]
fn constants_are_those_of_the_table() {
    let table: [f32; 28] = [
        2_f32.powi(-16),
        2_f32.powi(-15),
        2_f32.powi(-8),
        2_f32.powi(-7),
        0.0625,
        0.125,
        0.25,
        0.3125,
        0.375,
        0.4375,
        0.5,
        0.625,
        0.75,
        0.875,
        1.0,
        1.25,
        1.5,
        1.75,
        2.0,
        2.5,
        3.0,
        4.0,
        8.0,
        16.0,
        128.0,
        256.0,
        32768.0,
        65536.0,
    ];
    let mut hart = Hart::new();
    let mut load = |funct7: u32, number: u32| {
        hart.execute(funct7 << 25 | 1 << 20 | number << 15 | 10 << 7 | 0x53);
        hart.get(R::F10)
    };
    for (number, value) in (2..).zip(table) {
        assert_eq!(load(0x78, number), single(value), "{number}");
        assert_eq!(load(0x79, number), double(value.into()), "{number}");
    }
    let ends = [
        (0, single(-1.0)),
        (1, single(f32::MIN_POSITIVE)),
        (30, single(f32::INFINITY)),
    ];
    for (number, register) in ends {
        assert_eq!(load(0x78, number), register);
    }
    assert_eq!(load(0x78, 31), 0xffff_ffff_7fc0_0000);
    assert_eq!(load(0x79, 1), double(f64::MIN_POSITIVE));
    assert_eq!(load(0x79, 31), 0x7ff8_0000_0000_0000);
    // Halves: 2^-16 and 2^-15 are subnormal, and 2^16 is infinity.
    let halves = [
        (0, 0xbc00),
        (1, 0x0400),
        (2, 0x0100),
        (3, 0x0200),
        (4, 0x1c00),
        (9, 0x3500),
        (15, 0x3b00),
        (19, 0x3f00),
        (21, 0x4100),
        (27, 0x5c00),
        (28, 0x7800),
        (29, 0x7c00),
        (30, 0x7c00),
        (31, 0x7e00),
    ];
    for (number, half) in halves {
        assert_eq!(load(0x7a, number), boxed(half), "{number}");
    }
}

#[test]
fn fcvtmod_wraps() {
    let big = 2_f64.powi(84) - 2_f64.powi(32);
    let rows = one([
        (double(-1.9), u64::MAX, 1),
        (double(4294967301.5), 5, 16),
        (double(2147483648.0), 0xffff_ffff_8000_0000, 16),
        (double(-2147483649.0), 0x7fff_ffff, 16),
        (double(-2147483648.0), 0xffff_ffff_8000_0000, 0),
        (double(2_f64.powi(52) + 7.0), 7, 16),
        (double(big), 0, 16),
        // An odd significand whose last place is 2^31, and one of 2^32.
        (
            double((2_f64.powi(52) + 1.0) * 2_f64.powi(31)),
            0xffff_ffff_8000_0000,
            16,
        ),
        (double((2_f64.powi(52) + 1.0) * 2_f64.powi(32)), 0, 16),
        (double(3.0 * 2_f64.powi(31)), 0xffff_ffff_8000_0000, 16),
        (double(f64::INFINITY), 0, 16),
        (double(f64::NAN), 0, 16),
        (double(-0.0), 0, 0),
    ]);
    integers(operation(0x61, 8, 1), &rows);
}

/// Encodings as LLVM's assembler gives them, for the fields that the builder above puts together.
#[test]
fn encodings_are_an_assemblers() {
    let mut hart = Hart::new();
    hart.set(R::F1, double(-1.0));
    // fcvtmod.w.d a1, ft1, rtz
    hart.execute(0xc280_95d3);
    assert_eq!(hart.get(R::X11), u64::MAX);
    // fltq.s a1, fs1, fs2
    hart.set(R::F9, single(1.0));
    hart.set(R::F18, single(2.0));
    hart.execute(0xa124_d5d3);
    assert_eq!(hart.get(R::X11), 1);
    // froundnx.h ft1, fa1, dyn
    hart.set(R::FCSR, 3 << 5);
    hart.set(R::F11, boxed(0x3800));
    hart.execute(0x4455_f0d3);
    assert_eq!(hart.get(R::F1), ONE);
}

#[test]
fn what_the_emulator_knows_is_left_to_it() {
    // fadd.s, fmin.d, feq.s, fcvt.s.d, fsgnj.d, fcvt.w.s, fmv.x.d, fmadd.d; formats that are none.
    let known = [
        0x00c5_8553,
        0x2ac5_8553,
        0xa0c5_a553,
        0x4015_8553,
        0x22c5_8553,
        0xc005_8553,
        0xe205_8553,
        0x6ac5_8543,
        0x06c5_8553,
        0x4435_8553,
    ];
    for word in known {
        let refusal = super::super::execute(word, &mut Nothing);
        assert_eq!(refusal, Err(super::super::Refusal::Unknown), "{word:#x}");
    }
}

/// Registers that must not be written.
struct Nothing;

impl super::super::Registers for Nothing {
    fn x(&mut self, _: u32) -> u64 {
        0
    }
    fn set_x(&mut self, n: u32, _: u64) {
        panic!("x{n} is written");
    }
    fn f(&mut self, _: u32) -> u64 {
        0
    }
    fn set_f(&mut self, n: u32, _: u64) {
        panic!("f{n} is written");
    }
    fn fcsr(&mut self) -> u32 {
        0
    }
    fn set_fcsr(&mut self, _: u32) {
        panic!("fcsr is written");
    }
    fn load(&mut self, _: u64, _: usize) -> Result<u64, super::super::Refusal> {
        panic!("memory is read");
    }
    fn store(&mut self, _: u64, _: usize, _: u64) -> Result<(), super::super::Refusal> {
        panic!("memory is written");
    }
}
