//! Integer instructions.

use super::super::*;
use super::{agree, cond, imm, r, r_sp, registers, w, x};

const SIZES: [Size; 2] = [Size::W, Size::X];

#[test]
fn plain_and_shifted_operands() {
    for (op, size) in Alu::ALL.iter().flat_map(|op| SIZES.map(|size| (*op, size))) {
        agree(registers().map(|[d, n, m]| {
            let text = format!(
                "{} {}, {}, {}",
                op.name(),
                r(size, d),
                r(size, n),
                r(size, m)
            );
            (Some(alu(op, size, d, n, m)), text)
        }));
        let [d, n, m] = [1, 2, 3].map(Reg::new);
        let shifts = [Shift::Lsl, Shift::Lsr, Shift::Asr, Shift::Ror];
        for shift in shifts {
            let name = format!("{shift:?}").to_lowercase();
            let last = size.bits() - 1;
            let form = |amount| alu_shifted(op, size, (d, n, m), (shift, amount));
            if shift == Shift::Ror && op.is_arithmetic() {
                assert_eq!(form(1), None);
                continue;
            }
            assert_eq!(form(size.bits()), None);
            assert_eq!(
                alu_shifted(op, size, (d, n, m), (Shift::Lsl, 0)),
                Some(alu(op, size, d, n, m))
            );
            agree([1, 2, 31, last].map(|amount| {
                let registers = format!("{}, {}, {}", r(size, d), r(size, n), r(size, m));
                let text = format!("{} {registers}, {name} {}", op.name(), imm(amount));
                (form(amount), text)
            }));
        }
    }
}

#[test]
fn widened_operands() {
    let sums = Alu::ALL.iter().filter(|op| op.is_arithmetic());
    for (op, extend) in sums.flat_map(|op| Extend::ALL.map(|extend| (*op, extend))) {
        let name = format!("{extend:?}").to_lowercase();
        let sets_flags = op.name().ends_with('s');
        let index = |m| if extend.number() & 3 == 3 { x(m) } else { w(m) };
        agree(registers().map(|[d, n, m]| {
            let d_text = if sets_flags { x(d) } else { r_sp(Size::X, d) };
            let operands = format!("{d_text}, {}, {}", r_sp(Size::X, n), index(m));
            let form = alu_extended(op, Size::X, (d, n, m), (extend, 2));
            (form, format!("{} {operands}, {name} #2", op.name()))
        }));
        let [d, n, m] = [1, 2, 3].map(Reg::new);
        assert_eq!(alu_extended(op, Size::X, (d, n, m), (extend, 5)), None);
        agree([1, 4].map(|amount| {
            let text = format!("{} w1, w2, w3, {name} #{amount}", op.name());
            (alu_extended(op, Size::W, (d, n, m), (extend, amount)), text)
        }));
    }
    let [d, n, m] = [1, 2, 3].map(Reg::new);
    assert_eq!(
        alu_extended(Alu::AND, Size::X, (d, n, m), (Extend::Uxtb, 0)),
        None
    );
}

#[test]
fn two_operands_and_one() {
    for size in SIZES {
        for op in Binary::ALL {
            agree(registers().map(|[d, n, m]| {
                let text = format!(
                    "{} {}, {}, {}",
                    op.name(),
                    r(size, d),
                    r(size, n),
                    r(size, m)
                );
                (Some(binary(*op, size, d, n, m)), text)
            }));
        }
        for op in Unary::ALL {
            agree(registers().map(|[d, n]| {
                let text = format!("{} {}, {}", op.name(), r(size, d), r(size, n));
                (Some(unary(*op, size, d, n)), text)
            }));
        }
    }
}

#[test]
fn products() {
    for op in WideMul::ALL {
        let source = |reg| {
            if op.name().ends_with('h') {
                x(reg)
            } else {
                w(reg)
            }
        };
        agree(registers().map(|[d, n, m]| {
            let text = format!("{} {}, {}, {}", op.name(), x(d), source(n), source(m));
            (Some(wide_mul(*op, d, n, m)), text)
        }));
    }
    for (op, size) in MulAdd::ALL
        .iter()
        .flat_map(|op| SIZES.map(|size| (*op, size)))
    {
        agree(registers().map(|[d, n, m, a]| {
            let factors = format!("{}, {}", r(size, n), r(size, m));
            let text = format!("{} {}, {factors}, {}", op.name(), r(size, d), r(size, a));
            (Some(mul_add(op, size, d, (n, m), a)), text)
        }));
    }
}

#[test]
fn fields_of_bits() {
    for (op, size) in Bitfield::ALL
        .iter()
        .flat_map(|op| SIZES.map(|size| (*op, size)))
    {
        let last = size.bits() - 1;
        agree(registers().map(|[d, n]| {
            let text = format!("{} {}, {}, #3, #5", op.name(), r(size, d), r(size, n));
            (bitfield(op, size, (d, n), 3, 5), text)
        }));
        let [d, n] = [1, 2].map(Reg::new);
        let ends = [0, 1, 7, 15, 31, last];
        agree(
            ends.into_iter()
                .flat_map(|a| ends.map(|b| (a, b)))
                .map(|(a, b)| {
                    let numbers = format!("{}, {}", imm(a), imm(b));
                    let text = format!("{} {}, {}, {numbers}", op.name(), r(size, d), r(size, n));
                    (bitfield(op, size, (d, n), a, b), text)
                }),
        );
        assert_eq!(bitfield(op, size, (d, n), last + 1, 0), None);
        assert_eq!(bitfield(op, size, (d, n), 0, last + 1), None);
    }
}

#[test]
fn shifts_by_a_number() {
    for size in SIZES {
        let [d, n, m] = [1, 2, 3].map(Reg::new);
        for shift in [Shift::Lsl, Shift::Lsr, Shift::Asr, Shift::Ror] {
            let name = format!("{shift:?}").to_lowercase();
            agree((0..size.bits()).map(|amount| {
                let text = format!("{name} {}, {}, {}", r(size, d), r(size, n), imm(amount));
                (shift_imm(shift, size, d, n, amount), text)
            }));
            assert_eq!(shift_imm(shift, size, d, n, size.bits()), None);
        }
        agree((0..size.bits()).map(|lsb| {
            let registers = format!("{}, {}, {}", r(size, d), r(size, n), r(size, m));
            (
                extract(size, d, (n, m), lsb),
                format!("extr {registers}, {}", imm(lsb)),
            )
        }));
        assert_eq!(extract(size, d, (n, m), size.bits()), None);
    }
}

#[test]
fn conditions() {
    let [d, n, m] = [1, 2, 3].map(Reg::new);
    for (size, c) in SIZES.iter().flat_map(|size| Cond::ALL.map(|c| (*size, c))) {
        assert_eq!(c.inverted().inverted(), c);
        assert_ne!(c.inverted(), c);
        let name = cond(c);
        agree(Choose::ALL.iter().map(|op| {
            let registers = format!("{}, {}, {}", r(size, d), r(size, n), r(size, m));
            let text = format!("{} {registers}, {name}", op.name());
            (Some(choose(*op, size, d, (n, m), c)), text)
        }));
        agree([
            (
                Some(set_if(size, d, c)),
                format!("cset {}, {name}", r(size, d)),
            ),
            (
                Some(mask_if(size, d, c)),
                format!("csetm {}, {name}", r(size, d)),
            ),
        ]);
        for op in CondCompare::ALL {
            let name = |last: String| format!("{} {}, {last}, {}", op.name(), r(size, n), cond(c));
            let flags = [0, 4, 9, 15];
            agree(flags.map(|nzcv| {
                let text = name(format!("{}, {}", r(size, m), imm(nzcv)));
                (cond_compare(*op, size, (n, m), nzcv, c), text)
            }));
            agree(flags.map(|nzcv| {
                let value = nzcv * 2 + 1;
                let text = name(format!("{}, {}", imm(value), imm(nzcv)));
                (cond_compare_imm(*op, size, (n, value), nzcv, c), text)
            }));
            assert_eq!(cond_compare(*op, size, (n, m), 16, c), None);
            assert_eq!(cond_compare_imm(*op, size, (n, 32), 0, c), None);
            assert_eq!(cond_compare_imm(*op, size, (n, 0), 16, c), None);
        }
    }
    for op in Choose::ALL {
        agree(registers().map(|[d, n, m]| {
            let text = format!("{} {}, {}, {}, lt", op.name(), x(d), x(n), x(m));
            (Some(choose(*op, Size::X, d, (n, m), Cond::Lt)), text)
        }));
    }
    for op in CondCompare::ALL {
        agree(registers().map(|[n, m]| {
            let text = format!("{} {}, {}, #2, hi", op.name(), w(n), w(m));
            (cond_compare(*op, Size::W, (n, m), 2, Cond::Hi), text)
        }));
    }
}

#[test]
fn sums_with_an_immediate() {
    for (op, size) in Alu::ALL.iter().flat_map(|op| SIZES.map(|size| (*op, size))) {
        let [d, n] = [1, 2].map(Reg::new);
        if !op.is_arithmetic() {
            assert_eq!(alu_imm(op, size, d, n, 1), None);
            continue;
        }
        let sets_flags = op.name().ends_with('s');
        agree(registers().map(|[d, n]| {
            let d_text = if sets_flags {
                r(size, d)
            } else {
                r_sp(size, d)
            };
            let text = format!("{} {d_text}, {}, #0x123", op.name(), r_sp(size, n));
            (alu_imm(op, size, d, n, 0x123), text)
        }));
        let values = [0u64, 1, 0x7ff, 0xfff, 0x1000, 0x7ff_000, 0xfff_000];
        agree(values.map(|value| {
            let (shown, shift) = match value {
                0..0x1000 => (value, ""),
                _ => (value >> 12, ", lsl #0xc"),
            };
            let text = format!(
                "{} {}, {}, {}{shift}",
                op.name(),
                r(size, d),
                r(size, n),
                imm(shown)
            );
            (alu_imm(op, size, d, n, value), text)
        }));
        for value in [0x1001, 0x100_0000, 0xfff_fff, u64::MAX, 1 << 32] {
            assert_eq!(alu_imm(op, size, d, n, value), None);
        }
    }
}
