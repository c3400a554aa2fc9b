//! Arithmetic, logic, shifts, bits, conditions.

use super::super::integer::{self, Alu, Count, Unary};
use super::super::shift::{self, Double, Shift};
use super::super::{Cond, Gpr, NoEncoding, Size};
use super::{Referee, gpr, gprs, pattern};

fn lower(name: impl std::fmt::Debug) -> String {
    format!("{name:?}").to_lowercase()
}

/// Immediates of that size at which encodings change.
fn immediates(size: Size) -> Vec<i32> {
    let all = [
        0,
        1,
        -1,
        127,
        128,
        -128,
        -129,
        255,
        32_767,
        -32_768,
        32_768,
        i32::MAX,
        i32::MIN,
    ];
    let fits = |imm: &i32| match size {
        Size::B1 => i8::try_from(*imm).is_ok(),
        Size::B2 => i16::try_from(*imm).is_ok(),
        _ => true,
    };
    all.into_iter().filter(fits).collect()
}

/// As Capstone prints an arithmetic immediate: one of 8 bits that is sign-extended as a pattern
/// of 64 bits (`83 c0 ff` is `add eax, 0xffffffffffffffff`), all others cut to size.
fn extended(imm: i32, size: Size) -> String {
    match size {
        Size::B1 => pattern(imm.into(), size),
        _ if i8::try_from(imm).is_ok() => pattern(imm.into(), Size::B8),
        _ => pattern(imm.into(), size),
    }
}

#[test]
fn two_operands_agree() {
    let mut referee = Referee::default();
    for size in Size::ALL {
        for (dst, src) in gprs().flat_map(|dst| gprs().map(move |src| (dst, src))) {
            let names = format!("{}, {}", gpr(dst, size), gpr(src, size));
            for op in Alu::ALL {
                referee.check(&format!("{} {names}", lower(op)), |out| {
                    integer::alu(out, op, size, dst, src);
                });
            }
            referee.check(&format!("test {names}"), |out| {
                integer::test(out, size, dst, src);
            });
            if size == Size::B1 {
                continue;
            }
            referee.check(&format!("imul {names}"), |out| {
                integer::imul(out, size, dst, src).unwrap();
            });
            for op in [
                Count::Bsf,
                Count::Bsr,
                Count::Tzcnt,
                Count::Lzcnt,
                Count::Popcnt,
            ] {
                referee.check(&format!("{} {names}", lower(op)), |out| {
                    integer::count(out, op, size, dst, src).unwrap();
                });
            }
        }
    }
    referee.finish(4 * 256 * 9);
}

#[test]
fn immediates_agree() {
    let mut referee = Referee::default();
    for size in Size::ALL {
        for (dst, imm) in gprs().flat_map(|dst| immediates(size).into_iter().map(move |i| (dst, i)))
        {
            let names = format!("{}, {}", gpr(dst, size), pattern(imm.into(), size));
            for op in Alu::ALL {
                let mask = matches!(op, Alu::And | Alu::Or | Alu::Xor);
                let shown = if mask {
                    pattern(imm.into(), size)
                } else {
                    extended(imm, size)
                };
                let (name, op_name) = (gpr(dst, size), lower(op));
                let text = format!("{op_name} {name}, {shown}");
                referee.check_as(&text, &format!("{op_name} {names}"), |out| {
                    integer::alu_imm(out, op, size, dst, imm).unwrap();
                });
            }
            referee.check(&format!("test {names}"), |out| {
                integer::test_imm(out, size, dst, imm).unwrap();
            });
            for src in gprs().filter(|_| size != Size::B1) {
                let (to, from) = (gpr(dst, size), gpr(src, size));
                let text = format!("imul {to}, {from}, {}", extended(imm, size));
                let words = format!("imul {to}, {from}, {}", pattern(imm.into(), size));
                referee.check_as(&text, &words, |out| {
                    integer::imul_imm(out, size, dst, src, imm).unwrap();
                });
            }
        }
    }
    referee.finish(16 * 40 * 8);
}

#[test]
fn immediates_that_do_not_fit_are_refused() {
    let mut out = Vec::new();
    for (size, imm) in [
        (Size::B1, 128),
        (Size::B1, -129),
        (Size::B2, 32_768),
        (Size::B2, -32_769),
    ] {
        assert!(integer::alu_imm(&mut out, Alu::Add, size, Gpr::RBX, imm).is_err());
        assert!(integer::test_imm(&mut out, size, Gpr::RBX, imm).is_err());
        assert!(integer::imul_imm(&mut out, size, Gpr::RBX, Gpr::RBX, imm).is_err());
    }
    let none: Result<(), NoEncoding> = integer::imul(&mut out, Size::B1, Gpr::RBX, Gpr::RBX);
    assert!(none.is_err());
    assert!(integer::imul_imm(&mut out, Size::B1, Gpr::RBX, Gpr::RBX, 1).is_err());
    assert!(integer::count(&mut out, Count::Bsf, Size::B1, Gpr::RBX, Gpr::RBX).is_err());
    assert!(integer::cmov(&mut out, Cond::E, Size::B1, Gpr::RBX, Gpr::RBX).is_err());
    assert!(integer::sign_to_rdx(&mut out, Size::B1).is_err());
    for size in Size::ALL {
        assert!(shift::by_imm(&mut out, Shift::Shl, size, Gpr::RBX, size.bits()).is_err());
        let by = Some(size.bits());
        assert!(shift::double(&mut out, Double::Left, size, Gpr::RBX, Gpr::RBX, by).is_err());
    }
    assert!(shift::double(&mut out, Double::Left, Size::B2, Gpr::RBX, Gpr::RBX, None).is_err());
    assert!(out.is_empty(), "{out:02x?}");
}

#[test]
fn one_operand_agrees() {
    let mut referee = Referee::default();
    for size in Size::ALL {
        for dst in gprs() {
            let name = gpr(dst, size);
            for op in [
                Unary::Not,
                Unary::Neg,
                Unary::Mul,
                Unary::Imul,
                Unary::Div,
                Unary::Idiv,
            ] {
                referee.check(&format!("{} {name}", lower(op)), |out| {
                    integer::unary(out, op, size, dst);
                });
            }
        }
    }
    for (size, text) in [(Size::B2, "cwd"), (Size::B4, "cdq"), (Size::B8, "cqo")] {
        referee.check(text, |out| integer::sign_to_rdx(out, size).unwrap());
    }
    referee.finish(4 * 16 * 6 + 3);
}

#[test]
fn shifts_agree() {
    let mut referee = Referee::default();
    for size in Size::ALL {
        for dst in gprs() {
            let name = gpr(dst, size);
            for op in Shift::ALL {
                referee.check(&format!("{} {name}, cl", lower(op)), |out| {
                    shift::by_cl(out, op, size, dst);
                });
                for count in [0, 1, 2, size.bits() - 1] {
                    let text = format!("{} {name}, {count:#x}", lower(op));
                    let short = format!("{} {name}, 1", lower(op));
                    let text = if count == 1 { &short } else { &text };
                    referee.check(text, |out| {
                        shift::by_imm(out, op, size, dst, count).unwrap();
                    });
                }
            }
            for src in gprs().filter(|_| size >= Size::B4) {
                for (way, op) in [(Double::Left, "shld"), (Double::Right, "shrd")] {
                    let names = format!("{op} {name}, {}", gpr(src, size));
                    referee.check(&format!("{names}, cl"), |out| {
                        shift::double(out, way, size, dst, src, None).unwrap();
                    });
                    for count in [0, 1, size.bits() - 1] {
                        referee.check(&format!("{names}, {count:#x}"), |out| {
                            shift::double(out, way, size, dst, src, Some(count)).unwrap();
                        });
                    }
                }
            }
        }
    }
    referee.finish(4 * 16 * 5 * 5);
}

#[test]
fn conditions_agree() {
    let mut referee = Referee::default();
    for cond in Cond::ALL {
        assert_eq!(cond.inverted().inverted(), cond);
        assert_ne!(cond.inverted(), cond);
        let name = lower(cond);
        for dst in gprs() {
            referee.check(&format!("set{name} {}", gpr(dst, Size::B1)), |out| {
                integer::set(out, cond, dst);
            });
            for (size, src) in gprs().flat_map(|src| Size::ALL.map(|size| (size, src))) {
                let text = format!("cmov{name} {}, {}", gpr(dst, size), gpr(src, size));
                if size != Size::B1 {
                    referee.check(&text, |out| {
                        integer::cmov(out, cond, size, dst, src).unwrap();
                    });
                }
            }
        }
    }
    referee.finish(16 * 16 * 49);
}
