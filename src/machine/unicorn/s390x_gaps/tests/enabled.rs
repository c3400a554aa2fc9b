//! Results of what flags enable, worked by hand.

use super::super::miscomputed;
use super::emulator::Emulator;
use super::registers::State;
use super::{after, bytes};

const A: u64 = 0xff00_ff00_ff00_ff00;
const B: u64 = 0xf0f0_f0f0_f0f0_f0f0;

#[test]
fn bitwise_operations_complement() {
    // Of r4 and r6 into r4 (`b9oo6045` has r5 and r6).
    for (text, result) in [
        (0xb964_6045, 0x0fff_0fff_0fff_0fff_u64),
        (0xb966_6045, 0x000f_000f_000f_000f),
        (0xb967_6045, 0xf00f_f00f_f00f_f00f),
        (0xb9e5_6045, 0x0f00_0f00_0f00_0f00),
        (0xb965_6045, 0xff0f_ff0f_ff0f_ff0f),
    ] {
        let before = State::new().with_gpr(5, A).with_gpr(6, B);
        let expected = before.clone().with_gpr(4, result).with_cc(1);
        assert_eq!(after(text, &before), expected, "{text:x}");
    }
    // Words: the high half stays, and does not count for the condition code.
    for (text, low, cc) in [
        (0xb974_6045, 0x0fff_0fff_u64, 1),
        (0xb976_6045, 0x000f_000f, 1),
        (0xb977_6045, 0xf00f_f00f, 1),
        (0xb9f5_6045, 0x0f00_0f00, 1),
        (0xb975_6045, 0xff0f_ff0f, 1),
    ] {
        let before = State::new().with_gpr(5, A).with_gpr(6, B);
        let high = before.gpr[4] >> 32 << 32;
        let expected = before.clone().with_gpr(4, high | low).with_cc(cc);
        assert_eq!(after(text, &before), expected, "{text:x}");
    }
    // ncrk, ncgrk of a value with itself: zero.
    let before = State::new().with_gpr(5, A).with_gpr(6, A);
    assert_eq!(after(0xb9f5_6045, &before).cc, Some(0));
    assert_eq!(after(0xb9e5_6045, &before).cc, Some(0));
}

#[test]
fn zeros_are_counted_and_the_condition_code_stays() {
    for (value, leading, trailing) in [
        (0, 64, 64),
        (1, 63, 0),
        (1 << 63, 0, 63),
        (0x0000_0100_0010_0000, 23, 20),
    ] {
        let before = State::new().with_gpr(10, value);
        let expected = before.clone().with_gpr(1, leading);
        assert_eq!(after(0xb968_001a, &before), expected, "{value:x}");
        let expected = before.clone().with_gpr(1, trailing);
        assert_eq!(after(0xb969_001a, &before), expected, "{value:x}");
    }
}

/// `lxa. %r1, -1(%r2, %r3)`: the index is in r2, the base in r3, the displacement 0xfffff.
#[test]
fn an_index_is_a_word_that_is_extended_and_shifted() {
    let at = |last: u64| 0xe312_3fff_ff00 | last;
    let value = |last, index| {
        let before = State::new().with_gpr(2, index).with_gpr(3, 0x1000);
        let state = after(at(last), &before);
        assert_eq!(state, before.with_gpr(1, state.gpr[1]), "nothing else");
        state.gpr[1]
    };
    // LXAB, LXAH, LXAF, LXAG, LXAQ of 5 - 1.
    for (last, expected) in [
        (0x60, 0x1004),
        (0x62, 0x1008),
        (0x64, 0x1010),
        (0x66, 0x1020),
        (0x68, 0x1040),
    ] {
        assert_eq!(value(last, 5), expected);
        assert_eq!(value(last + 1, 5), expected, "logical");
    }
    // 0 - 1 is minus one, or 2^32 - 1; what is above the word does not count.
    assert_eq!(value(0x66, 0xdead_beef_0000_0000), 0x1000 - 8);
    assert_eq!(value(0x67, 0xdead_beef_0000_0000), 0x1000 + 8 * 0xffff_ffff);
    // The word's sum wraps: -2^31 - 1 is 2^31 - 1.
    assert_eq!(value(0x60, 0x8000_0000), 0x1000 + 0x7fff_ffff);
    // No index, no base.
    let state = after(0xe310_0005_0062, &State::new());
    assert_eq!(state.gpr[1], 10);
}

#[test]
fn popcnt_of_a_register_is_counted_and_only_the_emulator_disagrees() {
    // popcnt %r1, %r10, 8
    const POPCNT: u64 = 0xb9e1_801a;
    let mut emulator = Emulator::new(&bytes(POPCNT));
    emulator.set_general(10, 0x0300_0000_0000_0701);
    assert_eq!(emulator.run(), None);
    let bytewise = 0x0200_0000_0000_0301;
    assert_eq!(emulator.general(1), bytewise, "now right: drop it");
    for (value, ones, cc) in [(0x0300_0000_0000_0701, 6, 1), (0, 0, 0), (u64::MAX, 64, 1)] {
        let mut state = State::new().with_gpr(10, value);
        let expected = state.clone().with_gpr(1, ones).with_cc(cc);
        let length = miscomputed::execute(&bytes(POPCNT), &mut state);
        assert_eq!((length, state), (Some(4), expected));
    }
    // Bytewise, it is the emulator's.
    assert_eq!(miscomputed::mnemonic(&bytes(0xb9e1_001a)), None);
}
