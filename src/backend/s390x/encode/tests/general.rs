//! Integers in general registers.

use super::*;

#[test]
fn two_registers() {
    for &op in ShortPair::ALL {
        let name = op.mnemonic();
        check(
            name,
            gpr_pairs().into_iter().map(|(a, b)| {
                (
                    format!("{name} {}, {}", a.name(), b.name()),
                    short_pair(op, a, b).into(),
                )
            }),
        );
    }
    for &op in Pair::ALL {
        let name = op.mnemonic();
        // The pairs of products, quotients and counts begin with an even register.
        let even = ["mlr", "mlgr", "dsgr", "dsgfr", "dlr", "dlgr", "flogr"].contains(&name);
        let registers = gpr_pairs().into_iter();
        let registers = registers.filter(|(a, _)| !even || a.number() % 2 == 0);
        check(
            name,
            registers.map(|(a, b)| {
                (
                    format!("{name} {}, {}", a.name(), b.name()),
                    pair(op, a, b).into(),
                )
            }),
        );
    }
    check(
        "ipm",
        gprs().map(|r| (format!("ipm {}", r.name()), ipm(r).into())),
    );
}

#[test]
fn three_registers() {
    for &op in Triple::ALL {
        let name = op.mnemonic();
        let even = op == Triple::Mgrk;
        let all = gpr_pairs()
            .into_iter()
            .flat_map(|(a, b)| [(a, b, a), (b, a, b), (a, a, b)]);
        let all = all.filter(|(a, ..)| !even || a.number() % 2 == 0);
        check(
            name,
            all.map(|(a, b, c)| {
                let text = format!("{name} {}, {}, {}", a.name(), b.name(), c.name());
                (text, triple(op, a, b, c).into())
            }),
        );
    }
}

#[test]
fn copies_under_conditions() {
    for &op in ConditionalCopy::ALL {
        let name = op.mnemonic();
        for (mask, letters) in conditions() {
            check(
                name,
                gpr_pairs().into_iter().map(|(a, b)| {
                    let text = format!("{name}{letters} {}, {}", a.name(), b.name());
                    (text, conditional_copy(op, mask, a, b).into())
                }),
            );
        }
    }
    for &op in ConditionalLoad::ALL {
        let name = op.mnemonic();
        for (mask, letters) in conditions() {
            check(
                name,
                with(&HALFWORDS, |r, value| {
                    let text = format!("{name}{letters} {}, {}", r.name(), number(value));
                    (text, conditional_load(op, mask, r, value).into())
                }),
            );
        }
    }
}

const HALFWORDS: [i16; 8] = [i16::MIN, -0x100, -1, 0, 1, 9, 0xff, i16::MAX];
const WORDS: [i32; 8] = [i32::MIN, -0x1_0000, -1, 0, 1, 0xffff, 0x1_0000, i32::MAX];
const UNSIGNED: [u32; 6] = [0, 1, 0xffff, 0x1_0000, 0x8000_0000, u32::MAX];

/// Every register with every value.
fn with<V: Copy>(values: &[V], case: impl Fn(Gpr, V) -> Case) -> Vec<Case> {
    let all = gprs().flat_map(|r| values.iter().map(move |value| (r, *value)));
    all.map(|(r, value)| case(r, value)).collect()
}

#[test]
fn immediates() {
    for &op in Halfword::ALL {
        let name = op.mnemonic();
        check(
            name,
            with(&HALFWORDS, |r, value| {
                (
                    format!("{name} {}, {}", r.name(), number(value)),
                    halfword(op, r, value).into(),
                )
            }),
        );
    }
    for &op in Word::ALL {
        let name = op.mnemonic();
        check(
            name,
            with(&WORDS, |r, value| {
                (
                    format!("{name} {}, {}", r.name(), number(value)),
                    word(op, r, value).into(),
                )
            }),
        );
    }
    for &op in UnsignedWord::ALL {
        let name = op.mnemonic();
        check(
            name,
            with(&UNSIGNED, |r, value| {
                (
                    format!("{name} {}, {}", r.name(), number(value)),
                    unsigned_word(op, r, value).into(),
                )
            }),
        );
    }
    for &op in LogicalHalfword::ALL {
        let name = op.mnemonic();
        check(
            name,
            with(&[0_u16, 1, 0xff, 0x8000, u16::MAX], |r, value| {
                let text = format!("{name} {}, {}", r.name(), number(value));
                (text, logical_halfword(op, r, value).into())
            }),
        );
    }
    for &op in AddHalfword::ALL {
        let name = op.mnemonic();
        let all = gpr_pairs().into_iter().zip(HALFWORDS.iter().cycle());
        check(
            name,
            all.map(|((a, b), value)| {
                let text = format!("{name} {}, {}, {}", a.name(), b.name(), number(*value));
                (text, add_halfword(op, a, b, *value).into())
            }),
        );
    }
}

#[test]
fn rotations_with_selected_bits() {
    let selections = [
        (0, 63, 0, true),
        (32, 63, 0, false),
        (63, 0, 63, false),
        (1, 31, 32, true),
    ];
    for &op in RotateThen::ALL {
        let name = op.mnemonic();
        let inserts = matches!(op, RotateThen::Risbg | RotateThen::Risbgn);
        let mut cases = Vec::new();
        for (first, last, rotation, zero) in selections {
            let bits = Selection::new(first, last, rotation, zero).expect("in range");
            for (a, b) in gpr_pairs() {
                let Some(bytes) = rotate_then(op, a, b, bits) else {
                    assert!(zero && !inserts);
                    continue;
                };
                let last = if zero { last + 0x80 } else { last };
                let [first, last, rotation] = [first, last, rotation].map(number);
                let registers = format!("{}, {}", a.name(), b.name());
                cases.push((
                    format!("{name} {registers}, {first}, {last}, {rotation}"),
                    bytes.into(),
                ));
            }
        }
        check(name, cases);
    }
}

#[test]
fn shifts() {
    for &op in ShortShift::ALL {
        let name = op.mnemonic();
        check(
            name,
            gpr_pairs().into_iter().flat_map(|(r, base)| {
                [0_u16, 1, 0x3f, 0xfff].map(|d| {
                    let amount = Disp12::new(d.into()).expect("in range");
                    let text = format!("{name} {}, {}", r.name(), storage::based(d, base));
                    (text, short_shift(op, r, base, amount).into())
                })
            }),
        );
    }
    for &op in Shift::ALL {
        let name = op.mnemonic();
        check(
            name,
            gpr_pairs().into_iter().flat_map(|(a, b)| {
                [(0, a), (1, Gpr::NONE), (-0x8_0000, b), (0x7_ffff, a)].map(|(d, base)| {
                    let amount = Disp20::new(d).expect("in range");
                    let place = storage::based(d, base);
                    let text = format!("{name} {}, {}, {place}", a.name(), b.name());
                    (text, shift(op, (a, b), base, amount).into())
                })
            }),
        );
    }
}
