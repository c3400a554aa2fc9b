//! Floating point in floating-point registers.

use super::*;

fn fpr_pairs() -> Vec<(Fpr, Fpr)> {
    let all: Vec<Fpr> = fprs().collect();
    pairs(&all, &all)
}

/// Registers of both kinds.
fn mixed() -> Vec<(Fpr, Gpr)> {
    pairs(&fprs().collect::<Vec<_>>(), &gprs().collect::<Vec<_>>())
}

#[test]
fn registers() {
    for &op in FloatMove::ALL {
        let name = op.mnemonic();
        check(
            name,
            fpr_pairs().into_iter().map(|(a, b)| {
                (
                    format!("{name} {}, {}", a.name(), b.name()),
                    float_move(op, a, b).into(),
                )
            }),
        );
    }
    for &op in FloatPair::ALL {
        let name = op.mnemonic();
        check(
            name,
            fpr_pairs().into_iter().map(|(a, b)| {
                (
                    format!("{name} {}, {}", a.name(), b.name()),
                    float_pair(op, a, b).into(),
                )
            }),
        );
    }
    for &op in FloatZero::ALL {
        let name = op.mnemonic();
        check(
            name,
            fprs().map(|r| (format!("{name} {}", r.name()), float_zero(op, r).into())),
        );
    }
    let triples = || {
        fpr_pairs()
            .into_iter()
            .flat_map(|(a, b)| [(a, b, a), (b, a, a), (a, a, b)])
    };
    for &op in FloatMultiplyAdd::ALL {
        let name = op.mnemonic();
        check(
            name,
            triples().map(|(a, b, c)| {
                let text = format!("{name} {}, {}, {}", a.name(), b.name(), c.name());
                (text, float_multiply_add(op, a, b, c).into())
            }),
        );
    }
    check(
        "cpsdr",
        triples().map(|(a, b, c)| {
            (
                format!("cpsdr {}, {}, {}", a.name(), b.name(), c.name()),
                cpsdr(a, b, c).into(),
            )
        }),
    );
    check(
        "ldgr",
        mixed().into_iter().map(|(f, r)| {
            (
                format!("ldgr {}, {}", f.name(), r.name()),
                ldgr(f, r).into(),
            )
        }),
    );
    check(
        "lgdr",
        mixed().into_iter().map(|(f, r)| {
            (
                format!("lgdr {}, {}", r.name(), f.name()),
                lgdr(r, f).into(),
            )
        }),
    );
}

#[test]
fn conversions() {
    let modes = || Rounding::ALL.iter().copied();
    for &op in FloatRound::ALL {
        let name = op.mnemonic();
        check(
            name,
            modes().flat_map(|mode| {
                fpr_pairs().into_iter().map(move |(a, b)| {
                    let text = format!("{name} {}, {}, {}", a.name(), mode.bits(), b.name());
                    (text, float_round(op, a, mode, b).into())
                })
            }),
        );
    }
    for &op in FloatFromInteger::ALL {
        let signed = op.mnemonic().strip_suffix('a');
        for mode in modes() {
            // With masks of zero the mnemonic of the z10 is meant.
            let old = signed.filter(|_| mode == Rounding::Current);
            let name = old.unwrap_or(op.mnemonic());
            check(
                name,
                mixed().into_iter().map(|(f, r)| {
                    let text = match old {
                        Some(_) => format!("{name} {}, {}", f.name(), r.name()),
                        None => format!("{name} {}, {}, {}, 0", f.name(), mode.bits(), r.name()),
                    };
                    (text, float_from_integer(op, f, mode, r).into())
                }),
            );
        }
    }
    for &op in FloatToInteger::ALL {
        // With the second mask zero the mnemonic of the z10 is meant.
        let old = op.mnemonic().strip_suffix('a');
        let name = old.unwrap_or(op.mnemonic());
        for mode in modes() {
            check(
                name,
                mixed().into_iter().map(|(f, r)| {
                    let text = format!("{name} {}, {}, {}", r.name(), mode.bits(), f.name());
                    let text = if old.is_some() { text } else { text + ", 0" };
                    (text, float_to_integer(op, r, mode, f).into())
                }),
            );
        }
    }
}
