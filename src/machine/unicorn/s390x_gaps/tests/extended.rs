//! The extended format, which the host has not: against the emulator's instructions on register
//! pairs, which compute the same from other operands, and against literals.

use super::after;
use super::emulator::Emulator;
use super::host_floats::Data;
use super::registers::State;

const ONE: u128 = 0x3fff << 112;
const SIGN: u128 = 1 << 127;
const QUIET: u128 = 0x7fff_8000 << 96;

/// A datum that is no NaN: how those propagate is a known flaw of the emulator.
pub(super) fn datum(data: &mut Data) -> u128 {
    let bits = u128::from(data.word()) << 64 | u128::from(data.word());
    let fraction = match data.word() % 4 {
        0 => bits & (0xf << 108),
        1 => bits & (3 << 110 | 7),
        _ => bits & ((1 << 112) - 1),
    };
    let exponent = match data.word() % 12 {
        0 => 0,
        1 => 1,
        2 => return bits & SIGN | 0x7fff << 112,
        3 => 0x7ffe,
        4 => u128::from(data.word() % 0x7fff),
        5 => 0x3fff - 0x3fe + u128::from(data.word() % 0x7fc),
        _ => 0x3fff - 60 + u128::from(data.word() % 120),
    };
    bits & SIGN | exponent << 112 | fraction
}

/// Our `ours` on v1, v2, v3 against the pair instruction `pairs` on f0/f2, f4/f6.
fn same_as_on_pairs(ours: u64, pairs: u64) {
    let mut emulator = Emulator::new(&super::bytes(pairs));
    let mut data = Data(0x9e37_79b9_7f4a_7c15 ^ pairs);
    for _ in 0..2_000 {
        let (a, b) = (datum(&mut data), datum(&mut data));
        emulator.set_pair(0, a);
        emulator.set_pair(4, b);
        assert_eq!(emulator.run(), None);
        let state = after(ours, &State::new().with_vr(2, a).with_vr(3, b));
        assert_eq!(state.vr[1], emulator.pair(0), "{ours:x}: {a:032x} {b:032x}");
    }
}

#[test]
fn arithmetic_agrees_with_the_instructions_on_pairs() {
    same_as_on_pairs(0xe712_3008_40e3, 0xb34a_0004); // wfaxb, axbr
    same_as_on_pairs(0xe712_3008_40e2, 0xb34b_0004); // wfsxb, sxbr
    same_as_on_pairs(0xe712_3008_40e7, 0xb34c_0004); // wfmxb, mxbr
    same_as_on_pairs(0xe712_3008_40e5, 0xb34d_0004); // wfdxb, dxbr
}

#[test]
fn rounding_to_integers_agrees_with_fixbra() {
    for mode in [1, 4, 5, 6, 7] {
        // wfixb %v1, %v3, 0, mode
        same_as_on_pairs(0xe713_0008_40c7 | mode << 20, 0xb347_0004 | mode << 12);
    }
}

#[test]
fn rounding_to_long_agrees_with_ldxbra() {
    for mode in [1, 3, 4, 5, 6, 7] {
        let mut emulator = Emulator::new(&super::bytes(0xb345_0004 | mode << 12));
        let mut data = Data(77 + mode);
        for _ in 0..2_000 {
            let a = datum(&mut data);
            emulator.set_pair(4, a);
            assert_eq!(emulator.run(), None);
            // wflrx %v1, %v2, 0, mode
            let state = after(0xe712_0008_40c5 | mode << 20, &State::new().with_vr(2, a));
            assert_eq!(
                state.vr[1] >> 64,
                emulator.pair(0) >> 64,
                "mode {mode}: {a:032x}"
            );
        }
    }
}

#[test]
fn lengthening_agrees_with_lxdbr() {
    let mut emulator = Emulator::new(&super::bytes(0xb305_0004));
    let mut data = Data(5);
    for _ in 0..2_000 {
        let long = match data.word() {
            word if word % 4 == 0 => word >> 12,
            word => word & !(1 << 62),
        };
        emulator.set_pair(4, u128::from(long) << 64);
        assert_eq!(emulator.run(), None);
        // wflld %v1, %v2
        let before = State::new().with_vr(2, u128::from(long) << 64);
        assert_eq!(
            after(0xe712_0008_30c4, &before).vr[1],
            emulator.pair(0),
            "{long:016x}"
        );
    }
}

#[test]
fn comparison_agrees_with_cxbr() {
    let mut emulator = Emulator::new(&super::bytes(0xb349_0004));
    let mut data = Data(6);
    for round in 0..2_000 {
        let a = datum(&mut data);
        let b = match round % 4 {
            0 => a,
            1 => QUIET,
            _ => datum(&mut data),
        };
        emulator.set_pair(0, a);
        emulator.set_pair(4, b);
        assert_eq!(emulator.run(), None);
        // wfcxb %v1, %v2
        let before = State::new().with_vr(1, a).with_vr(2, b);
        let expected = before.clone().with_cc(emulator.condition_code());
        assert_eq!(
            after(0xe712_0000_40cb, &before),
            expected,
            "{a:032x} {b:032x}"
        );
    }
}

/// `sqxbr` of this emulator ends the process, so literals have to do.
#[test]
fn square_roots_are_rounded_from_the_infinite_expansion() {
    for (square, root) in [
        // The square roots of 2 and 3 in hexadecimal: 1.6a09e667f3bcc908b2fb1366ea957d3e...
        // and 1.bb67ae8584caa73b25742d7078b83b89...
        (0x4000 << 112, 0x3fff_6a09_e667_f3bc_c908_b2fb_1366_ea95),
        (0x4000_8000 << 96, 0x3fff_bb67_ae85_84ca_a73b_2574_2d70_78b8),
        (0x4001 << 112, 0x4000 << 112),
        (0x4002_2000 << 96, 0x4000_8000 << 96),
        // The least subnormal number is 2^-16494.
        (1, (0x3fff - 8247) << 112),
        (SIGN, SIGN),
        (SIGN | ONE, QUIET),
        (0x7fff << 112, 0x7fff << 112),
    ] {
        // wfsqxb %v1, %v2
        let state = after(0xe712_0008_40ce, &State::new().with_vr(2, square));
        assert_eq!(state.vr[1], root, "{square:032x}");
    }
}

#[test]
fn multiplication_and_addition_round_once() {
    let next = ONE | 1;
    // (1 + u)^2 - (1 + 2u) = u^2 with u = 2^-112: lost if the product is rounded first.
    let u_squared = (0x3fff - 224) << 112;
    for (text, addend) in [
        (0xe712_3408_408f, SIGN | ONE | 2), // wfmaxb
        (0xe712_3408_408e, ONE | 2),        // wfmsxb
    ] {
        let before = State::new()
            .with_vr(2, next)
            .with_vr(3, next)
            .with_vr(4, addend);
        assert_eq!(after(text, &before).vr[1], u_squared, "{text:x}");
    }
}
