//! Conversions and moves.

use unicorn_engine::RegisterRISCV as R;

use super::super::{Hart, boxed, operation};
use super::{
    INFINITY, MINUS_INFINITY, MINUS_ZERO, NAN, ONE, SIGNALING, ZERO, double, floats, integers, one,
    single,
};

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
