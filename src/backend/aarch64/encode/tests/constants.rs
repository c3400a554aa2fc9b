//! Immediates of bits, moves of 16 bits, and constants made of both.

use super::super::*;
use super::{Case, agree, imm, r, r_sp, registers};

const SIZES: [Size; 2] = [Size::W, Size::X];

/// Elements of 2 to 64 bits with runs of ones of all lengths, turned by all amounts.
fn patterns() -> Vec<u64> {
    let mut all = Vec::new();
    for bits in [2u32, 4, 8, 16, 32, 64] {
        for (ones, turn) in (1..bits).flat_map(|ones| (0..bits).map(move |turn| (ones, turn))) {
            let element = u128::from(u64::MAX >> (64 - ones));
            let turned = element << turn | element >> (bits - turn);
            let element = turned & u128::from(u64::MAX >> (64 - bits));
            let repeated = (0..64 / bits).fold(0, |all, n| all | element << (n * bits));
            all.push(u64::try_from(repeated).expect("64 bits were filled"));
        }
    }
    all
}

#[test]
fn patterns_of_bits() {
    let [d, n] = [1, 2].map(Reg::new);
    let patterns = patterns();
    assert_eq!(patterns.len(), 5334);
    agree(patterns.iter().map(|&value| {
        let text = format!("and x1, x2, {}", imm(value));
        (logic_imm(LogicImm::AND, Size::X, d, n, value), text)
    }));
    let words = patterns.iter().filter(|v| **v >> 32 == **v & 0xffff_ffff);
    agree(words.map(|value| {
        let value = value >> 32;
        let text = format!("eor w1, w2, {}", imm(value));
        (logic_imm(LogicImm::EOR, Size::W, d, n, value), text)
    }));
    for (op, size) in LogicImm::ALL
        .iter()
        .flat_map(|op| SIZES.map(|size| (*op, size)))
    {
        agree(registers().map(|[d, n]| {
            let d_text = if op.name() == "ands" {
                r(size, d)
            } else {
                r_sp(size, d)
            };
            let text = format!("{} {d_text}, {}, #0xff00", op.name(), r(size, n));
            (logic_imm(op, size, d, n, 0xff00), text)
        }));
    }
}

#[test]
fn other_bits_are_no_pattern() {
    let known: std::collections::BTreeSet<u64> = patterns().into_iter().collect();
    let mut value = 1u64;
    let others = [0, u64::MAX, 5, 0x1_0000_0001_0000, 0xdead_beef];
    let random = std::iter::repeat_with(|| {
        // Knuth's MMIX generator; masks make runs likelier.
        value = value
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        value >> 60 << (value % 61)
    });
    for value in others.into_iter().chain(random.take(5000)) {
        assert_eq!(
            bit_pattern(Size::X, value).is_some(),
            known.contains(&value),
            "{value:#x}"
        );
    }
    assert_eq!(bit_pattern(Size::W, 0x1_0000_0000), None);
    assert_eq!(bit_pattern(Size::W, 0xffff_ffff), None);
}

#[test]
fn moves_of_16_bits() {
    for (op, size) in MoveWide::ALL
        .iter()
        .flat_map(|op| SIZES.map(|size| (*op, size)))
    {
        agree(registers().map(|[d]| {
            (
                move_wide(op, size, d, 0x1234, 0),
                format!("{} {}, #0x1234", op.name(), r(size, d)),
            )
        }));
        let d = Reg::new(9);
        let places = (0..size.bits())
            .step_by(16)
            .flat_map(|at| [1, 9, 0x8000, 0xffff].map(|v| (at, v)));
        agree(places.map(|(at, value)| {
            let shift = if at == 0 {
                String::new()
            } else {
                format!(", lsl {}", imm(at))
            };
            let text = format!("{} {}, {}{shift}", op.name(), r(size, d), imm(value));
            (move_wide(op, size, d, value, at), text)
        }));
        assert_eq!(move_wide(op, size, d, 1, 8), None);
        assert_eq!(move_wide(op, size, d, 1, size.bits()), None);
    }
}

/// What a sequence of constant instructions leaves, by the manual's words on each.
fn executed(words: &[u32]) -> u64 {
    words.iter().fold(0, |before, word| {
        let mask = if word >> 31 == 1 {
            u64::MAX
        } else {
            0xffff_ffff
        };
        let shift = (word >> 21 & 3) * 16;
        let part = u64::from(word >> 5 & 0xffff) << shift;
        match word >> 23 & 0xff {
            0x25 => !part & mask,
            0xa5 => part,
            0xe5 => before & !(0xffff << shift) | part,
            0x64 => {
                let (n, immr, imms) = (word >> 22 & 1, word >> 16 & 63, word >> 10 & 63);
                let length = 31 - (n << 6 | !imms & 63).leading_zeros();
                let (bits, ones) = (1 << length, (imms & ((1 << length) - 1)) + 1);
                let run = u64::MAX >> (64 - ones);
                let element = run >> immr | if immr == 0 { 0 } else { run << (bits - immr) };
                let element = element & u64::MAX >> (64 - bits);
                let all = (0..64 / bits).fold(0, |all, n| all | element << (n * bits));
                all & mask
            }
            other => panic!("{word:08x}: group {other:#x} makes no constant"),
        }
    })
}

#[test]
fn constants_are_short_and_right() {
    let cases = [
        (0, 1),
        (1, 1),
        (0xffff, 1),
        (0xffff_0000, 1),
        (0x1_0000_0000, 1),
        (u64::MAX, 1),
        (0xffff_ffff, 1),
        (u64::MAX - 1, 1),
        (0xffff_ffff_1234_ffff, 1),
        (0x5555_5555_5555_5555, 1),
        (0x1234_5678, 2),
        (0xdead_beef, 2),
        (0xffff_ffff_dead_beef, 2),
        (0x1234_0000_5678_0000, 2),
        (0x1234_5678_9abc_ffff, 3),
        (0x1234_5678_9abc_def0, 4),
    ];
    for (value, length) in cases {
        let words = constant(Reg::new(5), value);
        assert_eq!(
            (executed(&words), words.len()),
            (value, length),
            "{value:#x}: {words:08x?}"
        );
    }
    let mut value = 7u64;
    for _ in 0..5000 {
        value = value
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        for value in [
            value,
            value >> 32,
            value >> 48 << 32,
            !(value >> 40),
            value & 0xffff_0000_ffff,
        ] {
            assert_eq!(executed(&constant(Reg::new(5), value)), value, "{value:#x}");
        }
    }
    for value in patterns() {
        assert_eq!(constant(Reg::new(5), value).len(), 1, "{value:#x}");
    }
}

#[test]
fn floats_of_8_bits() {
    let float = |imm8: u8| {
        // VFPExpandImm for 64 bits, from its words: sign, NOT b, b eight times, cd, efgh.
        let bit = |n: u8| u64::from(imm8 >> n & 1);
        let exponent = (1 - bit(6)) << 10 | (0xff * bit(6)) << 2 | u64::from(imm8 >> 4 & 3);
        bit(7) << 63 | exponent << 52 | u64::from(imm8 & 15) << 48
    };
    let cases: Vec<Case> = (0..=255)
        .flat_map(|imm8| {
            let value = f64::from_bits(float(imm8));
            assert_eq!(float_imm8(value.to_bits()), Some(imm8));
            let form = |size, letter| {
                (
                    Some(float_imm(size, Reg::new(3), imm8)),
                    format!("fmov {letter}3, #{value:.8}"),
                )
            };
            [form(FloatSize::S, 's'), form(FloatSize::D, 'd')]
        })
        .collect();
    agree(cases);
    for other in [0.0, 33.0, 0.1, 1e300, f64::NAN, f64::INFINITY, 0.0625] {
        assert_eq!(float_imm8(other.to_bits()), None, "{other}");
    }
}
