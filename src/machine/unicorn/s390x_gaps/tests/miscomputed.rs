//! The emulator's mistakes, and that there are no others in the same instructions.

use super::super::miscomputed::{execute, mnemonic};
use super::bytes;
use super::emulator::Emulator;
use super::extended::datum;
use super::host_floats::Data;
use super::registers::State;

/// `vclgdb %v4, %v0, 0, 5`, `clfxbr %r2, 5, %f0`, `clgxbr %r2, 5, %f0`: toward zero.
const VCLGDB: u64 = 0xe740_0050_30c0;
const CLFXBR: u64 = 0xb39e_5020;
const CLGXBR: u64 = 0xb3ae_5020;
const QUIET: u128 = 0x7fff_8000 << 96;

fn corrected(text: u64, before: &State) -> State {
    let mut state = before.clone();
    let length = execute(&bytes(text), &mut state).expect("one of them");
    assert_eq!(usize::from(length), bytes(text).len());
    state
}

/// The extended datum in the pair of floating-point registers 0 and 2.
fn pair(datum: u128) -> State {
    State::new().with_vr(0, datum).with_vr(2, datum << 64)
}

#[test]
fn a_nan_becomes_zero_and_only_the_emulator_disagrees() {
    for (text, name, wrong) in [
        (CLFXBR, "clfxbr", u64::from(u32::MAX)),
        (CLGXBR, "clgxbr", u64::MAX),
    ] {
        let mut emulator = Emulator::new(&bytes(text));
        emulator.set_pair(0, QUIET);
        assert_eq!(emulator.run(), None);
        let emulated = emulator.general(2);
        assert_eq!(
            emulated, wrong,
            "the emulator now computes {name} right: drop it"
        );
        assert_eq!(mnemonic(&bytes(text)), Some(name));
        let state = corrected(text, &pair(QUIET));
        assert_eq!(state.gpr[2] & wrong, 0, "{name}");
        assert_eq!(state.cc, Some(3), "{name}");
    }
}

#[test]
fn vclgdb_of_a_nan_is_zero() {
    let long = |x: f64| u128::from(x.to_bits());
    let mut emulator = Emulator::new(&bytes(VCLGDB));
    emulator.set_pair(0, long(f64::NAN) << 64);
    assert_eq!(emulator.run(), None);
    assert_eq!(
        emulator.pair(4) >> 64,
        u64::MAX.into(),
        "now right: drop it"
    );

    let before = State::new().with_vr(0, long(f64::NAN) << 64 | long(3.99));
    assert_eq!(corrected(VCLGDB, &before), before.clone().with_vr(4, 3));
    let before = State::new().with_vr(0, long(1e30) << 64 | long(-2.0));
    let greatest = u128::from(u64::MAX) << 64;
    assert_eq!(
        corrected(VCLGDB, &before),
        before.clone().with_vr(4, greatest)
    );
    let wclgdb = VCLGDB | 8 << 16;
    assert_eq!(mnemonic(&bytes(wclgdb)), Some("wclgdb"));
    let before = State::new().with_vr(0, long(5.0) << 64 | long(7.0));
    assert_eq!(
        corrected(wclgdb, &before),
        before.clone().with_vr(4, 5 << 64)
    );
}

#[test]
fn the_rest_agrees_with_the_host_and_the_emulator() {
    let mut data = Data(9);
    for text in [CLFXBR, CLGXBR] {
        for mode in [1, 4, 5, 6, 7] {
            let text = text & !0xf000 | mode << 12;
            let mut emulator = Emulator::new(&bytes(text));
            for _ in 0..1_000 {
                let source = datum(&mut data);
                emulator.set_pair(0, source);
                let before = pair(source).with_gpr(2, emulator.general(2));
                assert_eq!(emulator.run(), None);
                let result = corrected(text, &before).gpr[2];
                assert_eq!(result, emulator.general(2), "{text:x} {source:032x}");
            }
        }
    }
    for _ in 0..10_000 {
        let exponent = 1015 + data.word() % 80;
        let bits = data.word() & 0x800f_ffff_ffff_ffff | exponent << 52;
        let before = State::new().with_vr(0, u128::from(bits) << 64);
        let result = corrected(VCLGDB, &before).vr[4] >> 64;
        let host = f64::from_bits(bits) as u64;
        assert_eq!(result, host.into(), "{bits:016x}");
    }
}

#[test]
fn the_condition_code_tells_the_sign_or_that_it_did_not_fit() {
    let half = 0x3ffe << 112;
    let sign = 1 << 127;
    for (source, integer, cc) in [
        (0, 0, 0),
        (sign, 0, 0),
        (half, 0, 2),
        (half | sign, 0, 1),
        (0x3fff << 112, 1, 2),
        (0x3fff << 112 | sign, 0, 3),
        (0x403e << 112, 1 << 63, 2),
        (0x403f << 112, u64::MAX, 3),
    ] {
        let before = pair(source);
        let expected = before.clone().with_gpr(2, integer).with_cc(cc);
        assert_eq!(corrected(CLGXBR, &before), expected, "{source:032x}");
    }
}

/// 32-bit operands lie in the low words; `ar` and the like overwrite their first operand, so
/// that register 1 is both result and first operand there.
const SUMS: &[(u64, &str, u32)] = &[
    (0x1a13, "ar", 32),
    (0x1b13, "sr", 32),
    (0xb908_0013, "agr", 64),
    (0xb909_0013, "sgr", 64),
    (0xb9f8_3011, "ark", 32),
    (0xb9f9_3011, "srk", 32),
    (0xb9e8_3011, "agrk", 64),
    (0xb9e9_3011, "sgrk", 64),
];

#[test]
fn the_emulator_misses_overflow_in_two_sums_and_no_others() {
    let corners = [
        0,
        1,
        2,
        1 << 31,
        (1 << 31) - 1,
        u64::from(u32::MAX),
        1 << 63,
        (1 << 63) - 1,
    ];
    for &(text, name, bits) in SUMS {
        assert_eq!(mnemonic(&bytes(text)), Some(name));
        let mut emulator = Emulator::new(&bytes(text));
        for (a, b) in corners.iter().flat_map(|&a| corners.map(|b| (a, b))) {
            emulator.set_general(1, a);
            emulator.set_general(3, b);
            assert_eq!(emulator.run(), None);
            let emulated = (emulator.general(1), Some(emulator.condition_code()));
            let expected = sum(name.starts_with('s'), bits, a, b);
            let mut state = State::new().with_gpr(1, a).with_gpr(3, b);
            let corrected = execute(&bytes(text), &mut state).is_some();
            let told = if corrected {
                (state.gpr[1], state.cc)
            } else {
                emulated
            };
            assert_eq!(told, expected, "{name} {a:x} {b:x}");
            assert_eq!(
                corrected,
                emulated != expected,
                "{name} {a:x} {b:x}: needless or missing"
            );
        }
    }
}

/// Result and condition code by the manual: 0 zero, 1 negative, 2 positive, 3 overflow.
fn sum(subtract: bool, bits: u32, a: u64, b: u64) -> (u64, Option<u8>) {
    let signed = |value: u64| i128::from(value as i64) << (128 - bits) >> (128 - bits);
    let exact = if subtract {
        signed(a) - signed(b)
    } else {
        signed(a) + signed(b)
    };
    let mask = u64::MAX >> (64 - bits);
    let cc = match exact {
        _ if signed(exact as u64) != exact => 3,
        0 => 0,
        ..0 => 1,
        _ => 2,
    };
    (a & !mask | exact as u64 & mask, Some(cc))
}
