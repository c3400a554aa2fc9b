//! Results of z17's vector instructions, worked by hand.

use super::super::execute;
use super::registers::State;
use super::{after, bytes};

const LEAST: u128 = 1 << 127;
const MINUS_ONE: u128 = u128::MAX;

fn pair(left: i64, right: i64) -> u128 {
    u128::from(left.cast_unsigned()) << 64 | u128::from(right.cast_unsigned())
}

/// `%v20` from `%v8` and `%v12`, with encodings like `e748c0004cxx`: v4 + 16, v8, v12.
#[track_caller]
fn check(text: u64, a: u128, b: u128, result: u128) {
    let before = State::new().with_vr(8, a).with_vr(12, b);
    let expected = before.clone().with_vr(20, result);
    assert_eq!(after(text, &before), expected, "{text:x}");
}

#[test]
fn products_have_both_halves() {
    let (a, b) = (pair(-3, 1 << 62), pair(7, 12));
    check(0xe748_c000_38a2, a, b, pair(-21, 12_i64 << 62));
    check(0xe748_c000_38a1, a, b, pair(6, 3));
    check(0xe748_c000_38a3, a, b, pair(-1, 3));
    // Of quadwords: (2^128 - 1)^2 = 2^256 - 2^129 + 1.
    check(0xe748_c000_48a2, MINUS_ONE, MINUS_ONE, 1);
    check(0xe748_c000_48a1, MINUS_ONE, MINUS_ONE, MINUS_ONE - 1);
    check(0xe748_c000_48a3, MINUS_ONE, MINUS_ONE, 0);
    check(0xe748_c000_48a3, LEAST, 2, MINUS_ONE);
    check(0xe748_c000_48a1, 1 << 100, 1 << 90, 1 << 62);
    // Left and right doublewords, unsigned and signed.
    check(0xe748_c000_38a4, a, b, 7 * ((1 << 64) - 3));
    check(0xe748_c000_38a6, a, b, 21_u128.wrapping_neg());
    check(0xe748_c000_38a5, a, b, 12 << 62);
    check(
        0xe748_c000_38a7,
        pair(0, -5),
        pair(0, 6),
        30_u128.wrapping_neg(),
    );
}

#[test]
fn quotients_and_remainders_of_each_size() {
    let words = |a: u32, b: u32, c: u32, d: u32| {
        [a, b, c, d]
            .iter()
            .fold(0, |all, &word| all << 32 | u128::from(word))
    };
    let minus = |x: u32| x.wrapping_neg();
    let (a, b) = (words(minus(7), 7, 100, 9), words(2, minus(2), 7, 9));
    check(0xe748_c000_28b2, a, b, words(minus(3), minus(3), 14, 1));
    check(0xe748_c000_28b3, a, b, words(minus(1), 1, 2, 0));
    check(0xe748_c000_28b0, a, b, words(0x7fff_fffc, 0, 14, 1));
    check(0xe748_c000_28b1, a, b, words(1, 7, 2, 0));
    check(0xe748_c000_38b2, pair(-7, 7), pair(2, 3), pair(-3, 2));
    check(0xe748_c000_38b1, pair(-7, 7), pair(2, 3), pair(1, 1));
    check(0xe748_c000_48b0, MINUS_ONE, 1 << 64, (1 << 64) - 1);
    check(
        0xe748_c000_48b2,
        100_u128.wrapping_neg(),
        7,
        14_u128.wrapping_neg(),
    );
    check(
        0xe748_c000_48b3,
        100_u128.wrapping_neg(),
        7,
        2_u128.wrapping_neg(),
    );
    check(0xe748_c000_48b3, LEAST, MINUS_ONE, 0);
    // Division by zero, and a quotient that is too great.
    for (text, a, b) in [
        (0xe748_c000_48b0, 1, 0),
        (0xe748_c000_48b1, 1, 0),
        (0xe748_c000_48b3, 1, 0),
        (0xe748_c000_48b2, LEAST, MINUS_ONE),
        (
            0xe748_c000_28b2,
            words(1, 1, 1, 1 << 31),
            words(1, 1, 1, u32::MAX),
        ),
    ] {
        let before = State::new().with_vr(8, a).with_vr(12, b);
        let mut state = before.clone();
        assert_eq!(execute(&bytes(text), &mut state), None);
        assert_eq!(state, before, "nothing changes");
    }
}

#[test]
fn quadwords_are_ordered_averaged_and_counted() {
    let one = 1;
    check(0xe748_c000_48fd, MINUS_ONE, one, MINUS_ONE);
    check(0xe748_c000_48ff, MINUS_ONE, one, one);
    check(0xe748_c000_48fc, MINUS_ONE, one, one);
    check(0xe748_c000_48fe, MINUS_ONE, one, MINUS_ONE);
    check(0xe748_c000_48f0, MINUS_ONE, 2, LEAST + 1);
    check(0xe748_c000_48f2, MINUS_ONE, 2, 1);
    check(0xe748_c000_48f2, MINUS_ONE - 3, MINUS_ONE, MINUS_ONE - 1);
    check(0xe748_0000_48df, 5_u128.wrapping_neg(), 0, 5);
    check(0xe748_0000_48df, LEAST, 0, LEAST);
    check(0xe748_0000_48de, 5, 0, 5_u128.wrapping_neg());
    check(0xe748_0000_4853, 1 << 100, 0, 27);
    check(0xe748_0000_4853, 0, 0, 128);
    check(0xe748_0000_4852, 1 << 100, 0, 100);
}

#[test]
fn doublewords_are_unpacked() {
    let both = pair(-2, -3);
    check(0xe748_0000_38d4, both, 0, (1 << 64) - 3);
    check(0xe748_0000_38d5, both, 0, (1 << 64) - 2);
    check(0xe748_0000_38d6, both, 0, 3_u128.wrapping_neg());
    check(0xe748_0000_38d7, both, 0, 2_u128.wrapping_neg());
}

#[test]
fn comparisons_give_masks_and_condition_codes() {
    check(0xe748_c000_48f8, 7, 7, MINUS_ONE);
    check(0xe748_c000_48fb, MINUS_ONE, 7, 0);
    check(0xe748_c000_48f9, MINUS_ONE, 7, MINUS_ONE);
    let with_code = |text, a, b| {
        let state = after(text, &State::new().with_vr(8, a).with_vr(12, b));
        (state.vr[20], state.cc)
    };
    assert_eq!(with_code(0xe748_c010_48f8, 7, 8), (0, Some(3)));
    assert_eq!(
        with_code(0xe748_c010_48fb, 7, MINUS_ONE),
        (MINUS_ONE, Some(0))
    );
    assert_eq!(with_code(0xe748_c010_48f9, 7, MINUS_ONE), (0, Some(3)));
    // vecq, veclq %v20, %v12: codes alone.
    for (text, a, b, cc) in [
        (0xe74c_0000_48db, MINUS_ONE, 1, 1),
        (0xe74c_0000_48d9, MINUS_ONE, 1, 2),
        (0xe74c_0000_48db, 1, 1, 0),
    ] {
        let before = State::new().with_vr(20, a).with_vr(12, b);
        assert_eq!(after(text, &before), before.clone().with_cc(cc), "{text:x}");
    }
}

/// `%v12` from `%v20`, `%v21` and `%v22`.
#[test]
fn three_operands_select_bits_and_bytes() {
    let with = |text, x, y, z| {
        let before = State::new().with_vr(20, x).with_vr(21, y).with_vr(22, z);
        let state = after(text, &before);
        assert_eq!(state, before.with_vr(12, state.vr[12]), "nothing else");
        state.vr[12]
    };
    let (x, y, z) = (0b1111_0000, 0b1100_1100, 0b1010_1010);
    let veval = |table: u64| 0xe7c4_5000_6788 | table << 16;
    // All three; two and not the third; exactly the first; any: bits from the left are 000 to 111.
    assert_eq!(with(veval(0b0000_0001), x, y, z), 0b1000_0000);
    assert_eq!(with(veval(0b0000_0010), x, y, z), 0b0100_0000);
    assert_eq!(with(veval(0b0000_1000), x, y, z), 0b0001_0000);
    assert_eq!(with(veval(0b0111_1111), x, y, z), 0b1111_1110);
    assert_eq!(with(veval(0b1000_0000), x, y, z), !0xff | 1);
    let blended = with(0xe7c4_5000_6789, 0xaaaa_aaaa, 0xbbbb_bbbb, 0x80_7f_ff_00);
    assert_eq!(blended, 0xaabb_aabb);
}
