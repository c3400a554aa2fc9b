//! Results of the general and the vector integer instructions, worked by hand.

use super::registers::State;
use super::{after, bytes};

const LEAST: u64 = 1 << 63;

/// `msrkc %r1, %r2, %r3` on the low words.
fn multiply_words(a: u32, b: u32) -> State {
    let before = State::new()
        .with_gpr(1, 0xaaaa_aaaa_bbbb_bbbb)
        .with_gpr(2, 0xdead_beef_0000_0000 | u64::from(a))
        .with_gpr(3, 0xdead_beef_0000_0000 | u64::from(b));
    let state = after(0xb9fd_3012, &before);
    let expected = before
        .with_gpr(1, state.gpr[1])
        .with_cc(state.cc.expect("a code"));
    assert_eq!(state, expected, "nothing else changes");
    state
}

#[test]
fn msrkc_multiplies_low_words_and_keeps_the_high_one() {
    for (a, b, product, cc) in [
        (3, 5, 15, 2),
        (u32::MAX, 7, 0xffff_fff9, 1),
        (0, 9, 0, 0),
        (0x1_0000, 0x1_0000, 0, 3),
        (0x8000_0000, 0xffff_ffff, 0x8000_0000, 3),
        (0x1_0000, 0x7fff, 0x7fff_0000, 2),
        (0x1_0000, 0x8000, 0x8000_0000, 3),
    ] {
        let state = multiply_words(a, b);
        assert_eq!(
            state.gpr[1],
            0xaaaa_aaaa_0000_0000 | product,
            "{a:x} * {b:x}"
        );
        assert_eq!(state.cc, Some(cc), "{a:x} * {b:x}");
    }
}

#[test]
fn msgrkc_multiplies_doublewords() {
    for (a, b, product, cc) in [
        (3_u64, 5_u64, 15_u64, 2),
        (u64::MAX, 7, 7_u64.wrapping_neg(), 1),
        (LEAST, 0, 0, 0),
        (1 << 32, 1 << 32, 0, 3),
        (LEAST, u64::MAX, LEAST, 3),
        (LEAST, 1, LEAST, 1),
    ] {
        let before = State::new().with_gpr(5, a).with_gpr(6, b);
        let expected = before.clone().with_gpr(4, product).with_cc(cc);
        assert_eq!(after(0xb9ed_6045, &before), expected, "{a:x} * {b:x}");
    }
}

#[test]
fn mgrk_gives_a_signed_quadword_and_no_condition_code() {
    for (a, b, high, low) in [
        (u64::MAX, u64::MAX, 0, 1),
        (u64::MAX, 2, u64::MAX, u64::MAX - 1),
        (LEAST, LEAST, 1 << 62, 0),
        (0x1_0000_0000, 0x3_0000_0000, 3, 0),
    ] {
        let before = State::new().with_gpr(5, a).with_gpr(6, b);
        let expected = before.clone().with_gpr(2, high).with_gpr(3, low);
        assert_eq!(after(0xb9ec_6025, &before), expected, "{a:x} * {b:x}");
    }
}

#[test]
fn mgrk_into_an_odd_register_is_left_to_the_emulator() {
    assert_eq!(super::super::mnemonic(&bytes(0xb9ec_6035)), None);
}

/// `op %r1, disp(%r3, %r2)`, with the halfword where that points.
fn with_halfword(operation: u64, register: u64, halfword: u16) -> State {
    let mut before = State::new()
        .with_gpr(1, register)
        .with_gpr(2, 0x8_0000)
        .with_gpr(3, 0x6);
    before.memory.0 = 0x8_0000 + 0x6 - 0x8_0000;
    before.memory.1[..2].copy_from_slice(&halfword.to_be_bytes());
    // Displacement -524288: DL 0, DH 0x80.
    after(0xe313_2000_8000 | operation, &before)
}

#[test]
fn agh_sgh_and_mgh_take_a_signed_halfword() {
    const AGH: u64 = 0x38;
    const SGH: u64 = 0x39;
    const MGH: u64 = 0x3c;
    for (operation, register, halfword, result, cc) in [
        (AGH, 10, 0xfffe, 8, Some(2)),
        (AGH, 2, 0xfffe, 0, Some(0)),
        (AGH, LEAST - 1, 1, LEAST, Some(3)),
        (AGH, LEAST, 0xffff, LEAST - 1, Some(3)),
        (SGH, 10, 0xfffe, 12, Some(2)),
        (SGH, 0, 1, u64::MAX, Some(1)),
        (SGH, LEAST - 1, 0xffff, LEAST, Some(3)),
        (MGH, 10, 0xfffe, 20_u64.wrapping_neg(), None),
        (MGH, LEAST, 3, LEAST, None),
    ] {
        let state = with_halfword(operation, register, halfword);
        assert_eq!(
            state.gpr[1], result,
            "{operation:x} {register:x} {halfword:x}"
        );
        assert_eq!(state.cc, cc, "{operation:x} {register:x} {halfword:x}");
    }
}

#[test]
fn register_0_is_no_base_and_no_index() {
    let mut before = State::new().with_gpr(1, 1);
    before.memory = (0x7_fff0, [0, 0, 0, 0, 0, 0, 0, 41]);
    // agh %r1, 0x7fff6(%r0, %r0)
    assert_eq!(after(0xe310_0ff6_7f38, &before).gpr[1], 42);
}

#[test]
fn an_access_fault_changes_nothing() {
    let mut state = State::new();
    let before = state.clone();
    assert_eq!(
        super::super::execute(&bytes(0xe310_2000_0038), &mut state),
        None
    );
    assert_eq!(state, before);
}

#[test]
fn vbperm_gathers_bits_into_the_fourth_halfword() {
    // Bits 0 and 127 are ones; numbers from 128 on give zeros.
    let numbers = [0, 1, 127, 126, 128, 255, 0, 0, 127, 64, 2, 3, 4, 5, 6, 127];
    let before = State::new()
        .with_vr(8, 1 << 127 | 1)
        .with_vr(12, u128::from_be_bytes(numbers));
    let expected = before.clone().with_vr(20, 0b1010_0011_1000_0001 << 64);
    assert_eq!(after(0xe748_c000_0885, &before), expected);
}

#[test]
fn vpopct_counts_in_elements_of_each_size() {
    let operand = 0xffff_0001_8000_0000_ffff_ffff_ffff_ffff;
    let before = State::new().with_vr(8, operand);
    for (text, counts) in [
        (0xe748_0000_1850, 0x0010_0001_0001_0000_0010_0010_0010_0010),
        (0xe748_0000_2850, 0x0000_0011_0000_0001_0000_0020_0000_0020),
        (0xe748_0000_3850, 0x0000_0000_0000_0012_0000_0000_0000_0040),
    ] {
        assert_eq!(after(text, &before), before.clone().with_vr(20, counts));
    }
}
