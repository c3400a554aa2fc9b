//! Floating point in vector registers. Keystone has no vectors.

use super::vector::{names, quadruples, triples};
use super::*;

/// The register in the words that a scalar has for it.
fn scalar_name(v: Vr) -> String {
    v.fpr().map_or_else(|| v.name(), |f| f.name())
}

/// Names for the format: a scalar's registers are floating-point registers where they can be.
fn float_names(floats: Floats, registers: &[Vr]) -> String {
    if floats.single() == 0 {
        return names(registers);
    }
    registers
        .iter()
        .map(|v| scalar_name(*v))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Mnemonic with the format's first letter and last ones.
fn mnemonic(middle: &str, floats: Floats) -> String {
    let first = if floats.single() == 0 { "v" } else { "w" };
    let last = if floats.format() == 2 { "sb" } else { "db" };
    format!("{first}{middle}{last}")
}

fn vr_pairs() -> impl Iterator<Item = [Vr; 2]> {
    triples().map(|[a, b, _]| [a, b])
}

#[test]
fn arithmetic() {
    for &floats in Floats::ALL {
        for &op in VectorFloatBinary::ALL {
            let name = mnemonic(op.mnemonic(), floats);
            check(
                &name,
                triples().map(|v| {
                    let bytes = vector_float_binary(op, floats, v);
                    (format!("{name} {}", float_names(floats, &v)), bytes.into())
                }),
            );
        }
        for &op in VectorFloatExtreme::ALL {
            let name = mnemonic(op.mnemonic(), floats);
            check(
                &name,
                triples().map(|v| {
                    let bytes = vector_float_extreme(op, floats, v);
                    (
                        format!("{name} {}, 1", float_names(floats, &v)),
                        bytes.into(),
                    )
                }),
            );
        }
        for &op in VectorMultiplyAdd::ALL {
            let name = mnemonic(op.mnemonic(), floats);
            check(
                &name,
                quadruples().map(|v| {
                    let bytes = vector_multiply_add(op, floats, v);
                    (format!("{name} {}", float_names(floats, &v)), bytes.into())
                }),
            );
        }
        for &op in VectorSign::ALL {
            let name = mnemonic(op.mnemonic(), floats);
            check(
                &name,
                vr_pairs().map(|[a, b]| {
                    let bytes = vector_sign(op, floats, a, b);
                    (
                        format!("{name} {}", float_names(floats, &[a, b])),
                        bytes.into(),
                    )
                }),
            );
        }
        let name = mnemonic("fsq", floats);
        check(
            &name,
            vr_pairs().map(|[a, b]| {
                (
                    format!("{name} {}", float_names(floats, &[a, b])),
                    vfsq(floats, a, b).into(),
                )
            }),
        );
    }
    for (long, name) in [(true, "wfcdb"), (false, "wfcsb")] {
        check(
            name,
            vr_pairs().map(|[a, b]| {
                (
                    format!("{name} {}", float_names(Floats::Long, &[a, b])),
                    wfc(long, a, b).into(),
                )
            }),
        );
    }
}

#[test]
fn conversions() {
    for &mode in Rounding::ALL {
        for &floats in Floats::ALL {
            let name = mnemonic("fi", floats);
            check(
                &name,
                vr_pairs().map(|[a, b]| {
                    let registers = float_names(floats, &[a, b]);
                    let text = format!("{name} {registers}, 0, {}", mode.bits());
                    (text, vfi(floats, a, b, mode).into())
                }),
            );
        }
        for (single, floats) in [(true, Floats::Long), (false, Floats::Longs)] {
            let first = if single { "w" } else { "v" };
            for &op in VectorConvert::ALL {
                let name = format!("{first}{}b", op.mnemonic());
                check(
                    &name,
                    vr_pairs().map(|[a, b]| {
                        let registers = float_names(floats, &[a, b]);
                        let text = format!("{name} {registers}, 0, {}", mode.bits());
                        (text, vector_convert(op, single, (a, b), mode).into())
                    }),
                );
            }
            let name = format!("{first}ledb");
            check(
                &name,
                vr_pairs().map(|[a, b]| {
                    let registers = float_names(floats, &[a, b]);
                    let text = format!("{name} {registers}, 0, {}", mode.bits());
                    (text, vled(single, a, b, mode).into())
                }),
            );
            let name = format!("{first}ldeb");
            check(
                &name,
                vr_pairs().map(|[a, b]| {
                    let registers = float_names(floats, &[a, b]);
                    (format!("{name} {registers}"), vlde(single, a, b).into())
                }),
            );
        }
    }
}
