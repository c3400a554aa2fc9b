//! Conversion to unsigned integers: the emulator's mistake, and that it is the only one.

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
