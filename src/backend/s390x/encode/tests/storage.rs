//! Storage operands.

use super::*;

/// Base and displacement in the assembler's words.
pub fn based(displacement: impl Into<i64>, base: Gpr) -> String {
    match base {
        Gpr::NONE => number(displacement),
        base => format!("{}({})", number(displacement), base.name()),
    }
}

/// Index too.
fn indexed(displacement: i64, index: Gpr, base: Gpr) -> String {
    match (index, base) {
        (Gpr::NONE, base) => based(displacement, base),
        (index, Gpr::NONE) => format!("{}({})", number(displacement), index.name()),
        (index, base) => format!(
            "{}({}, {})",
            number(displacement),
            index.name(),
            base.name()
        ),
    }
}

const SHORT: [i64; 4] = [0, 1, 0x10, 0xfff];
const LONG: [i64; 7] = [-0x8_0000, -0x1000, -1, 0, 0xfff, 0x1000, 0x7_ffff];

/// Addresses with each register as base and as index. An index without a base is left out: text
/// cannot tell it from a base.
fn addresses<D>(values: &[i64], new: fn(i64) -> Option<D>) -> Vec<(String, Address<D>)> {
    let registers = gpr_pairs()
        .into_iter()
        .filter(|(base, index)| *base != Gpr::NONE || *index == Gpr::NONE);
    let none = (Gpr::NONE, Gpr::NONE);
    let all = registers
        .chain([none])
        .flat_map(|pair| values.iter().map(move |d| (pair, *d)));
    let address = |((base, index), d)| {
        let displacement = new(d).expect("in range");
        (
            indexed(d, index, base),
            Address {
                base,
                index,
                displacement,
            },
        )
    };
    all.map(address).collect()
}

fn short_addresses() -> Vec<(String, Address12)> {
    addresses(&SHORT, Disp12::new)
}

fn long_addresses() -> Vec<(String, Address20)> {
    addresses(&LONG, Disp20::new)
}

/// Each address with a register, all of which have their turn.
fn at<R: Name + Copy, D: Copy, const N: usize>(
    name: &str,
    addresses: &[(String, Address<D>)],
    registers: impl Iterator<Item = R> + Clone,
    encode: impl Fn(R, Address<D>) -> [u8; N],
) {
    let cases = addresses.iter().zip(registers.cycle());
    check(
        name,
        cases.map(|((text, address), r)| {
            (
                format!("{name} {}, {text}", r.name()),
                encode(r, *address).to_vec(),
            )
        }),
    );
}

#[test]
fn one_register() {
    let (short, long) = (short_addresses(), long_addresses());
    let all: Vec<Gpr> = gprs().collect();
    for &op in ShortStorage::ALL {
        at(op.mnemonic(), &short, all.iter().copied(), |r, a| {
            short_storage(op, r, a)
        });
    }
    for &op in Storage::ALL {
        let pair = matches!(op, Storage::Lpq | Storage::Stpq);
        let registers = all
            .iter()
            .copied()
            .filter(move |r| !pair || r.number() % 2 == 0);
        at(op.mnemonic(), &long, registers, |r, a| {
            super::super::storage(op, r, a)
        });
    }
    let all: Vec<Fpr> = fprs().collect();
    for &op in ShortFloatStorage::ALL {
        at(op.mnemonic(), &short, all.iter().copied(), |r, a| {
            short_float_storage(op, r, a)
        });
    }
    for &op in FloatStorage::ALL {
        at(op.mnemonic(), &long, all.iter().copied(), |r, a| {
            float_storage(op, r, a)
        });
    }
}

#[test]
fn two_registers() {
    for &op in PairStorage::ALL {
        let name = op.mnemonic();
        let even = op == PairStorage::Cdsg;
        let mut registers = gpr_pairs();
        if even {
            let all: Vec<Gpr> = gprs().filter(|r| r.number().is_multiple_of(2)).collect();
            registers = pairs(&all, &all);
        }
        check(
            name,
            registers.into_iter().flat_map(|(a, b)| {
                LONG.map(|d| {
                    let place = Disp20::new(d).expect("in range");
                    let text = format!("{name} {}, {}, {}", a.name(), b.name(), based(d, b));
                    (text, pair_storage(op, (a, b), b, place).into())
                })
            }),
        );
    }
    check(
        "cs",
        gpr_pairs().into_iter().flat_map(|(a, b)| {
            SHORT.map(|d| {
                let place = Disp12::new(d).expect("in range");
                let text = format!("cs {}, {}, {}", a.name(), b.name(), based(d, a));
                (text, cs((a, b), a, place).into())
            })
        }),
    );
}

#[test]
fn conditions() {
    for &op in ConditionalStorage::ALL {
        let name = op.mnemonic();
        for (mask, letters) in super::conditions() {
            check(
                name,
                gpr_pairs().into_iter().flat_map(|(r, base)| {
                    LONG.map(|d| {
                        let place = Disp20::new(d).expect("in range");
                        let text = format!("{name}{letters} {}, {}", r.name(), based(d, base));
                        (text, conditional_storage(op, mask, r, base, place).into())
                    })
                }),
            );
        }
    }
}

#[test]
fn immediates() {
    for &op in ByteImmediate::ALL {
        let name = op.mnemonic();
        check(
            name,
            gprs().flat_map(|base| {
                SHORT
                    .into_iter()
                    .zip([0, 1, 0x80, 0xff])
                    .map(move |(d, byte)| {
                        let place = Disp12::new(d).expect("in range");
                        let text = format!("{name} {}, {}", based(d, base), number(byte));
                        (text, byte_immediate(op, base, place, byte).into())
                    })
            }),
        );
    }
    for &op in HalfwordImmediate::ALL {
        let name = op.mnemonic();
        let values = [i16::MIN, -1, 0, i16::MAX];
        check(
            name,
            gprs().flat_map(|base| {
                SHORT.into_iter().zip(values).map(move |(d, value)| {
                    let place = Disp12::new(d).expect("in range");
                    let text = format!("{name} {}, {}", based(d, base), number(value));
                    (text, halfword_immediate(op, base, place, value).into())
                })
            }),
        );
    }
    for &op in AddImmediate::ALL {
        let name = op.mnemonic();
        let values = [i8::MIN, -1, 0, 1, 9, i8::MAX, 64];
        check(
            name,
            gprs().flat_map(|base| {
                LONG.into_iter().zip(values).map(move |(d, value)| {
                    let place = Disp20::new(d).expect("in range");
                    let text = format!("{name} {}, {}", based(d, base), number(value));
                    (text, add_immediate(op, base, place, value).into())
                })
            }),
        );
    }
}
