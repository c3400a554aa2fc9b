//! What is the instructions' own rather than arithmetic's: elements, masks, condition codes,
//! NaNs, signs, the functions of minimum and maximum. Instructions are on v1, v2, v3, v4.

use super::after;
use super::registers::State;

const ONE: u32 = 0x3f80_0000;
const TWO: u32 = 0x4000_0000;
const THREE: u32 = 0x4040_0000;
const SIGN: u32 = 0x8000_0000;
const INFINITY: u32 = 0x7f80_0000;
/// NaNs with payloads that tell them apart.
const QUIET: u32 = 0x7fc0_0011;
const OTHER_QUIET: u32 = 0xffc0_0022;
const SIGNALING: u32 = 0x7f80_0033;
const OTHER_SIGNALING: u32 = 0xff80_0044;
const MADE_QUIET: u32 = 0x0040_0000;

fn words([a, b, c, d]: [u32; 4]) -> u128 {
    [a, b, c, d]
        .iter()
        .fold(0, |all, &word| all << 32 | u128::from(word))
}

fn short(text: u64, operands: &[[u32; 4]]) -> State {
    let mut before = State::new();
    for (n, operand) in operands.iter().enumerate() {
        before.vr[n + 2] = words(*operand);
    }
    let state = after(text, &before);
    let expected = State {
        cc: state.cc,
        ..before.with_vr(1, state.vr[1])
    };
    assert_eq!(state, expected, "{text:x}: nothing else changes");
    state
}

const VFASB: u64 = 0xe712_3000_20e3;
const VFSSB: u64 = 0xe712_3000_20e2;
const VFMASB: u64 = 0xe712_3200_408f;
const VFMSSB: u64 = 0xe712_3200_408e;
const SINGLE_ELEMENT: u64 = 8 << 16;

#[test]
fn each_element_is_computed_from_its_own() {
    let a = [ONE, TWO, THREE, SIGN | ONE];
    let b = [ONE, ONE, SIGN | ONE, ONE];
    assert_eq!(short(VFASB, &[a, b]).vr[1], words([TWO, THREE, TWO, 0]));
    let scalar = short(VFASB | SINGLE_ELEMENT, &[a, b]).vr[1];
    assert_eq!(scalar, words([TWO, 0, 0, 0]));
    let fused = short(VFMASB, &[a, b, [ONE; 4]]).vr[1];
    assert_eq!(fused, words([TWO, THREE, SIGN | TWO, 0]));
    let fused = short(VFMSSB, &[a, b, [ONE; 4]]).vr[1];
    assert_eq!(fused, words([0, ONE, 0xc080_0000, SIGN | TWO]));
}

#[test]
fn rxb_reaches_the_upper_registers() {
    // vfasb %v20, %v8, %v12 and vfmasb %v8, %v12, %v13, %v20
    let before = State::new()
        .with_vr(8, words([ONE; 4]))
        .with_vr(12, words([TWO; 4]));
    let expected = before.clone().with_vr(20, words([THREE; 4]));
    assert_eq!(after(0xe748_c000_28e3, &before), expected);
    let before = expected.with_vr(13, words([ONE; 4]));
    let expected = before.clone().with_vr(8, words([0x40a0_0000; 4]));
    assert_eq!(after(0xe78c_d200_418f, &before), expected);
}

#[test]
fn the_first_signaling_nan_wins_then_the_first_quiet_one() {
    let a = [QUIET, QUIET, SIGNALING, ONE];
    let b = [OTHER_QUIET, OTHER_SIGNALING, OTHER_SIGNALING, OTHER_QUIET];
    let expected = [
        QUIET,
        OTHER_SIGNALING | MADE_QUIET,
        SIGNALING | MADE_QUIET,
        OTHER_QUIET,
    ];
    assert_eq!(short(VFASB, &[a, b]).vr[1], words(expected));
    assert_eq!(
        short(VFSSB, &[a, b]).vr[1],
        words(expected),
        "a NaN is not negated"
    );
    let ones = [ONE; 4];
    for (text, operands) in [
        (VFMASB, [a, b, ones]),
        (VFMASB, [ones, a, b]),
        (VFMSSB, [a, ones, b]),
    ] {
        assert_eq!(short(text, &operands).vr[1], words(expected), "{text:x}");
    }
}

#[test]
fn an_invalid_operation_gives_the_default_nan() {
    const DEFAULT: u32 = 0x7fc0_0000;
    let a = [INFINITY, INFINITY | SIGN, 0, INFINITY];
    let b = [0, 0, INFINITY | SIGN, SIGN];
    let c = [ONE, QUIET, INFINITY, 0];
    assert_eq!(short(VFMASB, &[a, b, c]).vr[1], words([DEFAULT; 4]));
    let infinities = [[INFINITY; 4], [INFINITY; 4]];
    assert_eq!(short(VFSSB, &infinities).vr[1], words([DEFAULT; 4]));
}

#[test]
fn sign_operations_leave_nans_alone() {
    let operand = [ONE, SIGN | TWO, SIGNALING, OTHER_QUIET];
    for (m5, expected) in [
        (0, operand.map(|word| word ^ SIGN)),
        (1, operand.map(|word| word | SIGN)),
        (2, operand.map(|word| word & !SIGN)),
    ] {
        let text = 0xe712_0000_20cc | m5 << 20;
        assert_eq!(
            short(text, &[operand]).vr[1],
            words(expected),
            "vfpsosb {m5}"
        );
        let first = u128::from(expected[0]) << 96;
        assert_eq!(
            short(text | SINGLE_ELEMENT, &[operand]).vr[1],
            first,
            "wfpsosb {m5}"
        );
    }
}

#[test]
fn rounding_keeps_the_sign_of_zero_and_goes_the_right_way() {
    // 2.5, -0.5, -1.5, 0.75
    let operand = [0x4020_0000, 0xbf00_0000, 0xbfc0_0000, 0x3f40_0000];
    for (mode, expected) in [
        (0, [TWO, SIGN, SIGN | TWO, ONE]),
        (1, [THREE, SIGN | ONE, SIGN | TWO, ONE]),
        (3, [THREE, SIGN | ONE, SIGN | ONE, ONE]),
        (4, [TWO, SIGN, SIGN | TWO, ONE]),
        (5, [TWO, SIGN, SIGN | ONE, 0]),
        (6, [THREE, SIGN, SIGN | ONE, ONE]),
        (7, [TWO, SIGN | ONE, SIGN | TWO, 0]),
    ] {
        let text = 0xe712_0000_20c7 | mode << 20;
        assert_eq!(
            short(text, &[operand]).vr[1],
            words(expected),
            "mode {mode}"
        );
    }
}

#[test]
fn a_reserved_rounding_mode_changes_nothing() {
    let mut state = State::new();
    let before = state.clone();
    let code = super::bytes(0xe712_0020_20c7);
    assert_eq!(super::super::execute(&code, &mut state), None);
    assert_eq!(state, before);
}

#[test]
fn comparisons_give_masks_and_condition_codes() {
    const ALL: u32 = u32::MAX;
    const SETS_CODE: u64 = 1 << 20;
    let (equal, high, high_or_equal) = (0xe712_3000_20e8, 0xe712_3000_20eb, 0xe712_3000_20ea);
    let mixed = ([ONE, TWO, QUIET, 0], [ONE, ONE, QUIET, SIGN]);
    let rising = ([ONE; 4], [TWO; 4]);
    let falling = ([THREE; 4], [TWO; 4]);
    for (text, (a, b), mask, cc, scalar_cc) in [
        (equal, mixed, [ALL, 0, 0, ALL], 1, 0),
        (high, mixed, [0, ALL, 0, 0], 1, 3),
        (high_or_equal, mixed, [ALL, ALL, 0, ALL], 1, 0),
        (equal, rising, [0; 4], 3, 3),
        (high, falling, [ALL; 4], 0, 0),
        (high_or_equal, falling, [ALL; 4], 0, 0),
        (high, rising, [0; 4], 3, 3),
    ] {
        let silent = short(text, &[a, b]);
        assert_eq!((silent.vr[1], silent.cc), (words(mask), None), "{text:x}");
        let coded = short(text | SETS_CODE, &[a, b]);
        assert_eq!((coded.vr[1], coded.cc), (words(mask), Some(cc)), "{text:x}");
        let scalar = short(text | SETS_CODE | SINGLE_ELEMENT, &[a, b]);
        let first = u128::from(mask[0]) << 96;
        assert_eq!(
            (scalar.vr[1], scalar.cc),
            (first, Some(scalar_cc)),
            "{text:x}"
        );
    }
}

#[test]
fn wfcsb_compares_the_leftmost_element() {
    for (a, b, cc) in [
        (ONE, ONE, 0),
        (0, SIGN, 0),
        (SIGN | TWO, ONE, 1),
        (1, 0, 2),
        (INFINITY, QUIET, 3),
        (SIGNALING, ONE, 3),
    ] {
        let before = State::new()
            .with_vr(1, words([a, 0, 0, 0]))
            .with_vr(2, words([b, TWO, TWO, TWO]));
        // wfcsb %v1, %v2
        let state = after(0xe712_0000_20cb, &before);
        assert_eq!(state, before.with_cc(cc), "{a:x} {b:x}");
    }
}

const MAXIMUM: u64 = 0xe712_3000_20ef;
const MINIMUM: u64 = 0xe712_3000_20ee;

#[test]
fn java_minimum_and_maximum_order_zeros_and_prefer_nans() {
    const FUNCTION: u64 = 1 << 20;
    for (a, b, least, greatest) in [
        (ONE, TWO, ONE, TWO),
        (SIGN | ONE, SIGN | TWO, SIGN | TWO, SIGN | ONE),
        (0, SIGN, SIGN, 0),
        (SIGN, 0, SIGN, 0),
        (ONE, QUIET, QUIET, QUIET),
        (QUIET, OTHER_QUIET, QUIET, QUIET),
        (
            QUIET,
            SIGNALING,
            SIGNALING | MADE_QUIET,
            SIGNALING | MADE_QUIET,
        ),
        (INFINITY, ONE, ONE, INFINITY),
    ] {
        let operands = [[a; 4], [b; 4]];
        let minimum = short(MINIMUM | FUNCTION, &operands).vr[1];
        assert_eq!(minimum, words([least; 4]), "minimum {a:x} {b:x}");
        let maximum = short(MAXIMUM | FUNCTION, &operands).vr[1];
        assert_eq!(maximum, words([greatest; 4]), "maximum {a:x} {b:x}");
    }
}

#[test]
fn cpp_minimum_and_maximum_keep_the_first_operand_unless_the_second_is_better() {
    const FUNCTION: u64 = 3 << 20;
    for (a, b, least, greatest) in [
        (ONE, TWO, ONE, TWO),
        (TWO, ONE, ONE, TWO),
        (0, SIGN, 0, 0),
        (SIGN, 0, SIGN, SIGN),
        (ONE, QUIET, ONE, ONE),
        (QUIET, ONE, QUIET, QUIET),
        (SIGNALING, ONE, SIGNALING, SIGNALING),
    ] {
        let operands = [[a; 4], [b; 4]];
        let minimum = short(MINIMUM | FUNCTION, &operands).vr[1];
        assert_eq!(minimum, words([least; 4]), "minimum {a:x} {b:x}");
        let maximum = short(MAXIMUM | FUNCTION, &operands).vr[1];
        assert_eq!(maximum, words([greatest; 4]), "maximum {a:x} {b:x}");
    }
}

#[test]
fn minimum_and_maximum_take_every_format() {
    let double = |x: f64, y: f64| u128::from(x.to_bits()) << 64 | u128::from(y.to_bits());
    let before = State::new()
        .with_vr(2, double(1.5, -0.0))
        .with_vr(3, double(-7.25, 0.0));
    for (text, expected) in [
        (0xe712_3010_30ee, double(-7.25, -0.0)), // vfmindb, Java
        (0xe712_3010_30ef, double(1.5, 0.0)),    // vfmaxdb, Java
        (0xe712_3030_30ee, double(-7.25, -0.0)), // vfmindb, C++
        (0xe712_3030_30ef, double(1.5, -0.0)),   // vfmaxdb, C++
        (0xe712_3018_30ee, double(-7.25, 0.0)),  // wfmindb, Java
    ] {
        assert_eq!(after(text, &before).vr[1], expected, "{text:x}");
    }
    let (one, two) = (0x3fff << 112, 0xc000 << 112);
    let before = State::new().with_vr(2, one).with_vr(3, two);
    assert_eq!(after(0xe712_3018_40ee, &before).vr[1], two, "wfminxb");
    assert_eq!(after(0xe712_3018_40ef, &before).vr[1], one, "wfmaxxb");
}

#[test]
fn changing_the_format_makes_nans_quiet_and_keeps_the_payload() {
    // wflld: a signaling long NaN to extended.
    let before = State::new().with_vr(2, 0xfff0_0000_0000_0001 << 64);
    let expected = 0xffff_8000_0000_0000_1000 << 48;
    assert_eq!(after(0xe712_0008_30c4, &before).vr[1], expected);
    // wflrx and back, the payload cut at the right.
    let before = State::new().with_vr(2, expected | 1);
    let long = after(0xe712_0008_40c5, &before).vr[1];
    assert_eq!(long, 0xfff8_0000_0000_0001 << 64);
}
