//! Signs, extremes, comparisons and classes.

use super::super::{SECOND, boxed, operation};
use super::{
    MINUS_INFINITY, MINUS_ZERO, NAN, ONE, SIGNALING, ZERO, double, floats, integers, one, single,
};

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
