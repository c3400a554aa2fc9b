//! Scalar floats.

use super::super::*;
use super::{agree, cond, imm, r, registers, x};

const SIZES: [FloatSize; 2] = [FloatSize::S, FloatSize::D];

fn f(size: FloatSize, reg: Reg) -> String {
    let letter = if size == FloatSize::S { 's' } else { 'd' };
    format!("{letter}{}", reg.number())
}

#[test]
fn arithmetic() {
    for size in SIZES {
        for op in FloatBinary::ALL {
            agree(registers().map(|[d, n, m]| {
                let text = format!(
                    "{} {}, {}, {}",
                    op.name(),
                    f(size, d),
                    f(size, n),
                    f(size, m)
                );
                (Some(float_binary(*op, size, d, n, m)), text)
            }));
        }
        for op in FloatUnary::ALL {
            agree(registers().map(|[d, n]| {
                let text = format!("{} {}, {}", op.name(), f(size, d), f(size, n));
                (Some(float_unary(*op, size, d, n)), text)
            }));
        }
        for op in FloatMulAdd::ALL {
            agree(registers().map(|[d, n, m, a]| {
                let sources = [n, m, a].map(|reg| f(size, reg)).join(", ");
                let text = format!("{} {}, {sources}", op.name(), f(size, d));
                (Some(float_mul_add(*op, size, d, (n, m), a)), text)
            }));
        }
    }
}

#[test]
fn comparisons_and_choices() {
    for size in SIZES {
        agree(registers().map(|[n, m]| {
            (
                Some(float_compare(size, n, m)),
                format!("fcmp {}, {}", f(size, n), f(size, m)),
            )
        }));
        agree(registers().map(|[n]| {
            (
                Some(float_compare_zero(size, n)),
                format!("fcmp {}, #0.0", f(size, n)),
            )
        }));
        agree(registers().map(|[d, n, m]| {
            let text = format!("fcsel {}, {}, {}, mi", f(size, d), f(size, n), f(size, m));
            (Some(float_choose(size, d, (n, m), Cond::Mi)), text)
        }));
        agree(registers().map(|[n, m]| {
            let text = format!("fccmp {}, {}, #1, eq", f(size, n), f(size, m));
            (float_cond_compare(size, (n, m), 1, Cond::Eq), text)
        }));
        let [d, n, m] = [1, 2, 3].map(Reg::new);
        for c in Cond::ALL {
            let sources = format!("{}, {}", f(size, n), f(size, m));
            let choose = format!("fcsel {}, {sources}, {}", f(size, d), cond(c));
            agree([(Some(float_choose(size, d, (n, m), c)), choose)]);
            agree([0, 15].map(|nzcv| {
                let text = format!("fccmp {sources}, {}, {}", imm(nzcv), cond(c));
                (float_cond_compare(size, (n, m), nzcv, c), text)
            }));
            assert_eq!(float_cond_compare(size, (n, m), 16, c), None);
        }
    }
}

#[test]
fn conversions() {
    for to in SIZES {
        let from = if to == FloatSize::S {
            FloatSize::D
        } else {
            FloatSize::S
        };
        agree(registers().map(|[d, n]| {
            (
                Some(float_resize(to, d, n)),
                format!("fcvt {}, {}", f(to, d), f(from, n)),
            )
        }));
    }
    for (float, int) in SIZES
        .into_iter()
        .flat_map(|f| [Size::W, Size::X].map(|i| (f, i)))
    {
        for op in FromInt::ALL {
            agree(registers().map(|[d, n]| {
                let text = format!("{} {}, {}", op.name(), f(float, d), r(int, n));
                (Some(float_from_int(*op, (float, d), (int, n))), text)
            }));
        }
        for op in ToInt::ALL {
            agree(registers().map(|[d, n]| {
                let text = format!("{} {}, {}", op.name(), r(int, d), f(float, n));
                (Some(float_to_int(*op, (int, d), (float, n))), text)
            }));
        }
    }
}

#[test]
fn moves_of_bits() {
    for op in MoveBits::ALL {
        let operand = |kind: &str, reg: Reg| match kind {
            "w" => r(Size::W, reg),
            "x" => x(reg),
            "high" => format!("v{}.d[1]", reg.number()),
            float => format!("{float}{}", reg.number()),
        };
        let kinds: Vec<&str> = op.name().split(' ').collect();
        let [_, to, from] = kinds[..] else {
            panic!("{op:?} does not name two operands")
        };
        agree(registers().map(|[d, n]| {
            let text = format!("fmov {}, {}", operand(to, d), operand(from, n));
            (Some(move_bits(*op, d, n)), text)
        }));
    }
}
