//! Arithmetic of halves in all rounding modes against the reference, and its special cases.

use unicorn_engine::RegisterRISCV as R;

use super::reference::{rounded, units};
use super::{Hart, SECOND, boxed, operation};

/// Finite halves of all kinds: zeros, the least and greatest subnormal and normal numbers, ones
/// with their neighbours, odd fractions, halves of an integer.
const FINITE: [u16; 30] = [
    0x0000, 0x8000, 0x0001, 0x8001, 0x0002, 0x0003, 0x03ff, 0x83ff, 0x0400, 0x8400, 0x0401, 0x07ff,
    0x1400, 0x2e66, 0x3555, 0x3800, 0xb800, 0x3bff, 0x3c00, 0xbc00, 0x3c01, 0x3e00, 0x4248, 0xc500,
    0x4bff, 0x6401, 0x77ff, 0x7800, 0x7bff, 0xfbff,
];

const ADD: u32 = 0x02;
const SUB: u32 = 0x06;
const MUL: u32 = 0x0a;
const DIV: u32 = 0x0e;
const SQRT: u32 = 0x2e;

/// A hart with `word` in place and the rounding mode dynamic.
fn with(word: u32) -> Hart {
    let mut hart = Hart::new();
    hart.place(&word.to_le_bytes());
    hart
}

/// The half that it computes in a rounding mode, and the flags that it raises.
fn compute(hart: &mut Hart, operands: &[u16], mode: u32) -> (u16, u32) {
    for (register, &operand) in [R::F11, R::F12, R::F13].into_iter().zip(operands) {
        hart.set(register, boxed(operand));
    }
    hart.set(R::FCSR, u64::from(mode << 5));
    assert_eq!(hart.run(4), None);
    let result = hart.get(R::F10);
    assert_eq!(result >> 16, 0xffff_ffff_ffff, "boxed");
    let fcsr = u32::try_from(hart.get(R::FCSR)).unwrap();
    assert_eq!(fcsr >> 5, mode, "the rounding mode stays");
    (u16::try_from(result & 0xffff).unwrap(), fcsr & 31)
}

/// Sign and rounding of an exact result in units of 2^-48.
fn of_fine_units(exact: i128, zero: u16, mode: u32) -> (u16, u32) {
    match exact {
        0 => (zero, 0),
        _ => rounded(exact < 0, mode, |limit| (limit << 21).cmp(&exact.abs())),
    }
}

fn pairs() -> impl Iterator<Item = (u16, u16)> {
    FINITE.into_iter().flat_map(|a| FINITE.map(|b| (a, b)))
}

/// The sign of an exact zero: that of both, or minus only when rounding down.
fn zero_sum(a: u16, b: u16, mode: u32) -> u16 {
    match (a & 0x8000, b & 0x8000) {
        (a_sign, b_sign) if a_sign == b_sign => a_sign,
        _ if mode == 2 => 0x8000,
        _ => 0,
    }
}

#[test]
fn sums_and_differences_are_rounded_once() {
    for (funct7, flip) in [(ADD, 0), (SUB, 0x8000)] {
        let mut hart = with(operation(funct7, SECOND, 7));
        for (a, b) in pairs() {
            for mode in 0..5 {
                let exact = (units(a) + units(b ^ flip)) << 24;
                let expected = of_fine_units(exact, zero_sum(a, b ^ flip, mode), mode);
                let seen = compute(&mut hart, &[a, b], mode);
                assert_eq!(seen, expected, "{funct7:#x}: {a:#x}, {b:#x}, mode {mode}");
            }
        }
    }
}

#[test]
fn products_are_rounded_once() {
    let mut hart = with(operation(MUL, SECOND, 7));
    for (a, b) in pairs() {
        for mode in 0..5 {
            let expected = of_fine_units(units(a) * units(b), (a ^ b) & 0x8000, mode);
            let seen = compute(&mut hart, &[a, b], mode);
            assert_eq!(seen, expected, "{a:#x}, {b:#x}, mode {mode}");
        }
    }
}

#[test]
fn quotients_are_rounded_once() {
    let mut hart = with(operation(DIV, SECOND, 7));
    for (a, b) in pairs().filter(|(_, b)| b & 0x7fff != 0) {
        let sign = (a ^ b) & 0x8000;
        let (x, y) = (units(a).abs(), units(b).abs());
        for mode in 0..5 {
            let expected = match x {
                0 => (sign, 0),
                // limit * 2^-27 against x / y.
                _ => rounded(sign != 0, mode, |limit| (limit * y).cmp(&(x << 27))),
            };
            let seen = compute(&mut hart, &[a, b], mode);
            assert_eq!(seen, expected, "{a:#x}, {b:#x}, mode {mode}");
        }
    }
}

#[test]
fn roots_are_rounded_once() {
    let mut hart = with(operation(SQRT, 0, 7));
    // Every 7th positive half, all exponents and both parities of each.
    for a in (1..0x7c00).step_by(7) {
        for mode in [0, 1, 2, 3, 4] {
            // (limit * 2^-27)^2 against units * 2^-24.
            let radicand = units(a) << 30;
            let expected = rounded(false, mode, |limit| (limit * limit).cmp(&radicand));
            let seen = compute(&mut hart, &[a], mode);
            assert_eq!(seen, expected, "{a:#x}, mode {mode}");
        }
    }
    assert_eq!(compute(&mut hart, &[0x8000], 0), (0x8000, 0));
    assert_eq!(compute(&mut hart, &[0xbc00], 0), (0x7e00, 16));
    assert_eq!(compute(&mut hart, &[0x7c00], 0), (0x7c00, 0));
}

#[test]
fn fused_operations_are_rounded_once() {
    let signs = [(0x43, 1, 1), (0x47, 1, -1), (0x4b, -1, 1), (0x4f, -1, -1)];
    for (opcode, of_product, of_addend) in signs {
        let word = 13 << 27 | 2 << 25 | 12 << 20 | 11 << 15 | 7 << 12 | 10 << 7 | opcode;
        let mut hart = with(word);
        for (index, (a, b)) in pairs().enumerate() {
            let (c, mode) = (FINITE[index * 7 % 30], u32::try_from(index % 5).unwrap());
            let product = units(a) * units(b) * of_product;
            let exact = product + (units(c) << 24) * of_addend;
            let flip = |half: u16, sign| if sign < 0 { half ^ 0x8000 } else { half };
            let zero = zero_sum(flip((a ^ b) & 0x8000, of_product), flip(c, of_addend), mode);
            let expected = of_fine_units(exact, zero, mode);
            let seen = compute(&mut hart, &[a, b, c], mode);
            assert_eq!(
                seen, expected,
                "{opcode:#x}: {a:#x} {b:#x} {c:#x}, mode {mode}"
            );
        }
    }
}

#[test]
fn infinities_nans_and_zeros_follow_the_manual() {
    const INFINITY: u16 = 0x7c00;
    const NAN: u16 = 0x7e00;
    // Operands, result, flags: invalid 16, division by zero 8.
    let rows: [(u32, [u16; 2], u16, u32); 16] = [
        (ADD, [INFINITY, 0xfc00], NAN, 16),
        (ADD, [INFINITY, 0x3c00], INFINITY, 0),
        (ADD, [0xfe01, 0x3c00], NAN, 0),
        (ADD, [0x3c00, 0x7d00], NAN, 16),
        (SUB, [INFINITY, INFINITY], NAN, 16),
        (SUB, [0x3c00, INFINITY], 0xfc00, 0),
        (MUL, [INFINITY, 0x8000], NAN, 16),
        (MUL, [INFINITY, 0xbc00], 0xfc00, 0),
        (MUL, [0x7fff, 0x0000], NAN, 0),
        (DIV, [0x3c00, 0x0000], INFINITY, 8),
        (DIV, [0x3c00, 0x8000], 0xfc00, 8),
        (DIV, [0x0000, 0x8000], NAN, 16),
        (DIV, [INFINITY, 0x0000], INFINITY, 0),
        (DIV, [INFINITY, INFINITY], NAN, 16),
        (DIV, [0xbc00, INFINITY], 0x8000, 0),
        (DIV, [0x7e00, 0x7c01], NAN, 16),
    ];
    for (funct7, operands, result, flags) in rows {
        let mut hart = with(operation(funct7, SECOND, 7));
        let seen = compute(&mut hart, &operands, 0);
        assert_eq!(seen, (result, flags), "{funct7:#x} {operands:x?}");
    }
    // Infinity times zero is invalid beside a quiet NaN, and a quiet NaN alone is not.
    let mut fused = with(13 << 27 | 2 << 25 | 12 << 20 | 11 << 15 | 7 << 12 | 10 << 7 | 0x43);
    assert_eq!(compute(&mut fused, &[INFINITY, 0, NAN], 0), (NAN, 16));
    assert_eq!(compute(&mut fused, &[0x3c00, 0, NAN], 0), (NAN, 0));
    assert_eq!(
        compute(&mut fused, &[INFINITY, 0x3c00, 0xfc00], 0),
        (NAN, 16)
    );
}

#[test]
fn flags_stay_until_they_are_cleared() {
    let mut hart = with(operation(ADD, SECOND, 0));
    hart.set(R::F11, boxed(0x3c00));
    hart.set(R::F12, boxed(0x3c00));
    hart.set(R::FCSR, 0x6a);
    assert_eq!(hart.run(4), None);
    assert_eq!(hart.get(R::FCSR), 0x6a);
    assert_eq!(hart.get(R::F10), boxed(0x4000));
}

#[test]
fn what_is_not_boxed_is_the_canonical_nan() {
    let mut hart = with(operation(ADD, SECOND, 0));
    hart.set(R::F11, 0xffff_fffe_ffff_3c00);
    hart.set(R::F12, boxed(0x3c00));
    hart.set(R::FCSR, 0);
    assert_eq!(hart.run(4), None);
    assert_eq!(hart.get(R::F10), boxed(0x7e00));
    assert_eq!(hart.get(R::FCSR), 0, "it is quiet");
}

#[test]
fn reserved_rounding_modes_are_illegal() {
    for (function, dynamic) in [(5, 0), (6, 0), (7, 5), (7, 7)] {
        let mut hart = with(operation(ADD, SECOND, function));
        hart.set(R::FCSR, dynamic << 5);
        assert!(hart.run(4).is_some(), "{function}, {dynamic}");
    }
}
