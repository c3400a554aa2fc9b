//! Integers in vector registers, and vectors in storage. Keystone has no vectors.

use super::storage::based;
use super::*;

fn vr_pairs() -> Vec<(Vr, Vr)> {
    let all: Vec<Vr> = vrs().collect();
    pairs(&all, &all)
}

/// Triples in which each place sees every register.
pub fn triples() -> impl Iterator<Item = [Vr; 3]> {
    vr_pairs()
        .into_iter()
        .flat_map(|(a, b)| [[a, b, b], [b, a, b], [b, b, a]])
}

/// Quadruples in which each place sees every register.
pub fn quadruples() -> impl Iterator<Item = [Vr; 4]> {
    let places = |(a, b)| [[a, b, b, b], [b, a, b, b], [b, b, a, b], [b, b, b, a]];
    vr_pairs().into_iter().flat_map(places)
}

pub fn names(registers: &[Vr]) -> String {
    registers
        .iter()
        .map(Vr::name)
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn whole_registers() {
    for &op in VectorWhole::ALL {
        let name = op.mnemonic();
        check(
            name,
            triples().map(|v| (format!("{name} {}", names(&v)), vector_whole(op, v).into())),
        );
    }
    for &op in VectorTernary::ALL {
        let name = op.mnemonic();
        check(
            name,
            quadruples().map(|v| {
                (
                    format!("{name} {}", names(&v)),
                    vector_ternary(op, v).into(),
                )
            }),
        );
    }
    for &op in QuadwordTernary::ALL {
        let name = op.mnemonic();
        check(
            name,
            quadruples().map(|v| {
                (
                    format!("{name} {}", names(&v)),
                    quadword_ternary(op, v).into(),
                )
            }),
        );
    }
    check(
        "vlr",
        vr_pairs()
            .into_iter()
            .map(|(a, b)| (format!("vlr {}", names(&[a, b])), vlr(a, b).into())),
    );
    check(
        "vtm",
        vr_pairs()
            .into_iter()
            .map(|(a, b)| (format!("vtm {}", names(&[a, b])), vtm(a, b).into())),
    );
    for (left, right, immediate) in [
        (false, false, 0),
        (false, true, 1),
        (true, false, 4),
        (true, true, 5),
    ] {
        check(
            "vpdi",
            triples().map(|v| {
                (
                    format!("vpdi {}, {immediate}", names(&v)),
                    vpdi(v, left, right).into(),
                )
            }),
        );
    }
}

#[test]
fn elements() {
    for &size in Element::ALL {
        for &op in VectorUnary::ALL {
            let Some(_) = vector_unary(op, size, vr(0), vr(0)) else {
                continue;
            };
            // The manual's letter for halfwords is taken by `vuplh`, the logical unpacking.
            let letter = match (op, size) {
                (VectorUnary::Vupl, Element::Halfword) => "hw",
                _ => size.letter(),
            };
            let name = format!("{}{letter}", op.mnemonic());
            check(
                &name,
                vr_pairs().into_iter().map(|(a, b)| {
                    let bytes = vector_unary(op, size, a, b).expect("it has that size");
                    (format!("{name} {}", names(&[a, b])), bytes.into())
                }),
            );
        }
        for &op in VectorBinary::ALL {
            let Some(_) = vector_binary(op, size, [vr(0); 3]) else {
                continue;
            };
            let name = format!("{}{}", op.mnemonic(), size.letter());
            // The manual tells `vmlhw`, the product of halfwords, from `vmlh`.
            let name = if name == "vmlh" {
                "vmlhw".to_owned()
            } else {
                name
            };
            check(
                &name,
                triples().map(|v| {
                    let bytes = vector_binary(op, size, v).expect("it has that size");
                    (format!("{name} {}", names(&v)), bytes.into())
                }),
            );
        }
        for &op in VectorCompare::ALL {
            let Some(_) = vector_compare(op, size, [vr(0); 3]) else {
                continue;
            };
            let name = format!("{}{}s", op.mnemonic(), size.letter());
            check(
                &name,
                triples().map(|v| {
                    let bytes = vector_compare(op, size, v).expect("it has that size");
                    (format!("{name} {}", names(&v)), bytes.into())
                }),
            );
        }
    }
}

pub fn vr(number: u8) -> Vr {
    Vr::new(number).expect("in range")
}

/// Vector and general registers, each of which has its turn.
fn mixed() -> Vec<(Vr, Gpr)> {
    pairs(&vrs().collect::<Vec<_>>(), &gprs().collect::<Vec<_>>())
}

#[test]
fn shifts_of_elements() {
    for &size in &Element::ALL[..4] {
        for &op in ElementShift::ALL {
            let name = format!("{}{}", op.mnemonic(), size.letter());
            let mut cases = Vec::new();
            for ((a, b), base) in vr_pairs().into_iter().zip(gprs().cycle()) {
                for amount in [0_u16, 7, 0x3f, 0xfff] {
                    let d = Disp12::new(amount.into()).expect("in range");
                    let bytes = element_shift(op, size, (a, b), base, d).expect("it has that size");
                    let text = format!("{name} {}, {}", names(&[a, b]), based(amount, base));
                    cases.push((text, bytes.into()));
                }
            }
            check(&name, cases);
        }
    }
}

#[test]
fn elements_and_general_registers() {
    for &size in &Element::ALL[..4] {
        let letter = size.letter();
        let mut to = Vec::new();
        let mut from = Vec::new();
        for ((v, r), base) in mixed().into_iter().zip(gprs().cycle()) {
            for element in [0, size.count() - 1] {
                let d = Disp12::new(element.into()).expect("in range");
                let place = based(element, base);
                let bytes = vlvg(size, v, r, base, d).expect("it has that size");
                to.push((
                    format!("vlvg{letter} {}, {}, {place}", v.name(), r.name()),
                    bytes.into(),
                ));
                let bytes = vlgv(size, r, v, base, d).expect("it has that size");
                from.push((
                    format!("vlgv{letter} {}, {}, {place}", r.name(), v.name()),
                    bytes.into(),
                ));
            }
        }
        check("vlvg", to);
        check("vlgv", from);
    }
    check(
        "vlvgp",
        mixed().into_iter().zip(gprs().cycle()).map(|((v, a), b)| {
            let text = format!("vlvgp {}, {}, {}", v.name(), a.name(), b.name());
            (text, vlvgp(v, a, b).into())
        }),
    );
}

#[test]
fn immediates() {
    check(
        "vgbm",
        vrs().flat_map(|v| {
            [0_u16, 1, 0x8000, 0xffff].map(|mask| {
                let text = match mask {
                    // Capstone has words for all zeros and all ones.
                    0 => format!("vzero {}", v.name()),
                    0xffff => format!("vone {}", v.name()),
                    _ => format!("vgbm {}, {}", v.name(), number(mask)),
                };
                (text, vgbm(v, mask).into())
            })
        }),
    );
    for &size in &Element::ALL[..4] {
        let letter = size.letter();
        let last = size.count() - 1;
        for v in vrs() {
            for value in [i16::MIN, -1, 0, 9, i16::MAX] {
                let text = format!("vrepi{letter} {}, {}", v.name(), number(value));
                check(
                    "vrepi",
                    [(
                        text,
                        vrepi(size, v, value).expect("it has that size").into(),
                    )],
                );
                for element in [0, last] {
                    let operands = format!("{}, {}, {}", v.name(), number(value), number(element));
                    let bytes = vlei(size, v, value, element).expect("in range");
                    check("vlei", [(format!("vlei{letter} {operands}"), bytes.into())]);
                }
            }
            let bits = (8 << size.code()) - 1;
            for (first, last) in [(0, 0), (0, bits), (bits, 0), (1, bits - 1)] {
                let operands = format!("{}, {}, {}", v.name(), number(first), number(last));
                let bytes = vgm(size, v, first, last).expect("in range");
                check("vgm", [(format!("vgm{letter} {operands}"), bytes.into())]);
            }
        }
        check(
            "vrep",
            vr_pairs().into_iter().flat_map(|(a, b)| {
                [0, last].map(|element| {
                    let text = format!("vrep{letter} {}, {}", names(&[a, b]), number(element));
                    (text, vrep(size, a, b, element).expect("in range").into())
                })
            }),
        );
    }
    check(
        "vsldb",
        triples().flat_map(|v| {
            [0, 1, 15].map(|bytes| {
                let [a, b, c] = v;
                let text = format!("vsldb {}, {}", names(&v), number(bytes));
                (text, vsldb(a, b, c, bytes).expect("in range").into())
            })
        }),
    );
}

#[test]
fn storage() {
    let place = |index: Gpr, base: Gpr, d: u16| {
        let displacement = Disp12::new(d.into()).expect("in range");
        let text = match index {
            Gpr::NONE => based(d, base),
            index => format!("{}({}, {})", number(d), index.name(), base.name()),
        };
        (
            text,
            Address12 {
                base,
                index,
                displacement,
            },
        )
    };
    // As in the tests of general registers, no index without a base.
    let registers = || {
        gpr_pairs()
            .into_iter()
            .filter(|(_, base)| *base != Gpr::NONE)
    };
    let places =
        || registers().flat_map(|(index, base)| [0, 1, 0xfff].map(|d| place(index, base, d)));
    for &op in VectorStorage::ALL {
        let name = op.mnemonic();
        for element in [0, op.elements() - 1] {
            check(
                name,
                places().zip(vrs().cycle()).map(|((text, address), v)| {
                    let element_text = match op.elements() {
                        1 => String::new(),
                        _ => format!(", {}", number(element)),
                    };
                    let bytes = vector_storage(op, v, element, address).expect("in range");
                    (
                        format!("{name} {}, {text}{element_text}", v.name()),
                        bytes.into(),
                    )
                }),
            );
        }
    }
    for size in 0..4 {
        let letter = Element::ALL[usize::from(size)].letter();
        check(
            "vlrep",
            places().zip(vrs().cycle()).map(|((text, address), v)| {
                let bytes = vlrep(v, size, address).expect("in range");
                (format!("vlrep{letter} {}, {text}", v.name()), bytes.into())
            }),
        );
        check(
            "vllez",
            places().zip(vrs().cycle()).map(|((text, address), v)| {
                let bytes = vllez(v, size, address).expect("in range");
                (format!("vllez{letter} {}, {text}", v.name()), bytes.into())
            }),
        );
    }
    for &op in VectorRange::ALL {
        let name = op.mnemonic();
        let ranges = [(0, 0), (0, 15), (16, 31), (31, 31), (8, 23)];
        check(
            name,
            gprs().flat_map(|base| {
                ranges.map(|(first, last)| {
                    let (first, last) = (vr(first), vr(last));
                    let bytes =
                        vector_range(op, (first, last), base, Disp12::ZERO).expect("in range");
                    (
                        format!("{name} {}, {}", names(&[first, last]), based(0, base)),
                        bytes.into(),
                    )
                })
            }),
        );
    }
}
