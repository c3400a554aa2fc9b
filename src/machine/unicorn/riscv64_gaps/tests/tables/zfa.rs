//! Zfa: rounding to integral values, constants, the modular conversion.

use unicorn_engine::RegisterRISCV as R;

use super::super::{Hart, boxed, operation};
use super::{
    INFINITY, MINUS_ZERO, NAN, ONE, SIGNALING, ZERO, double, floats, integers, one, single,
};

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
