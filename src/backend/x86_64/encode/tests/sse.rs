//! Vectors and floats.

use super::super::sse::{self, Sse};
use super::super::sse_imm::{self, SseImm, VectorShift};
use super::super::sse_move::{self, Signs, Width};
use super::super::{GprMem, Size, XmmMem};
use super::{Referee, addresses, few_addresses, gpr, gpr_mem, gprs, memory, xmm, xmm_mem, xmms};

fn lower(name: impl std::fmt::Debug) -> String {
    format!("{name:?}").to_lowercase()
}

#[test]
fn the_table_agrees_for_all_registers() {
    let mut referee = Referee::default();
    for op in Sse::ALL {
        for (dst, src) in xmms().flat_map(|dst| xmms().map(move |src| (dst, src))) {
            let text = format!("{} {}, {}", op.name(), xmm(dst), xmm(src));
            referee.check(&text, |out| sse::op(out, *op, dst, src));
        }
        assert_eq!(op.name(), lower(op));
    }
    referee.finish(256 * 100);
}

#[test]
fn the_table_agrees_in_memory() {
    let mut referee = Referee::default();
    for op in Sse::ALL {
        for (n, mem) in few_addresses().into_iter().enumerate() {
            let dst = xmms().nth(n % 16).unwrap();
            let text = format!(
                "{} {}, {}",
                op.name(),
                xmm(dst),
                memory(mem, op.memory_bytes())
            );
            referee.check(&text, |out| sse::op(out, *op, dst, mem));
        }
    }
    referee.finish(16 * 100);
}

#[test]
fn immediates_agree() {
    let mut referee = Referee::default();
    for op in SseImm::ALL {
        let is_compare = lower(op).starts_with("cmp");
        for (dst, src) in xmms().flat_map(|dst| xmms().map(move |src| (dst, src))) {
            check_immediate(&mut referee, op, (dst, src.into()), dst.number() % 8);
        }
        for imm in 0..=255 {
            let (dst, src) = (xmms().nth(9).unwrap(), xmms().nth(2).unwrap());
            if imm < 8 || !is_compare {
                check_immediate(&mut referee, op, (dst, src.into()), imm);
            }
        }
        for (n, mem) in few_addresses().into_iter().enumerate() {
            check_immediate(
                &mut referee,
                op,
                (xmms().nth(n % 16).unwrap(), mem.into()),
                3,
            );
        }
    }
    referee.finish(16 * 280);
}

fn check_immediate(referee: &mut Referee, op: SseImm, (dst, src): (super::Xmm, XmmMem), imm: u8) {
    let names = format!("{}, {}", xmm(dst), xmm_mem(src, op.memory_bytes()));
    let conditions = ["eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord"];
    let text = match lower(op).strip_prefix("cmp") {
        Some(lanes) => format!("cmp{}{lanes} {names}", conditions[usize::from(imm)]),
        None => format!("{} {names}, {imm:#x}", lower(op)),
    };
    referee.check(&text, |out| sse_imm::op(out, op, dst, src, imm));
}

#[test]
fn vector_shifts_agree() {
    let mut referee = Referee::default();
    for op in VectorShift::ALL {
        for dst in xmms() {
            for count in [0, 1, op.limit() - 1] {
                let text = format!("{} {}, {count:#x}", lower(op), xmm(dst));
                referee.check(&text, |out| {
                    sse_imm::shift(out, op, dst, count).unwrap();
                });
            }
            let mut out = Vec::new();
            assert!(sse_imm::shift(&mut out, op, dst, op.limit()).is_err() && out.is_empty());
        }
    }
    referee.finish(10 * 16 * 3);
}

#[test]
fn moves_agree() {
    let mut referee = Referee::default();
    for (dst, src) in xmms().flat_map(|dst| xmms().map(move |src| (dst, src))) {
        let names = format!("{}, {}", xmm(dst), xmm(src));
        let mut check = |name: &str, encode: &dyn Fn(&mut Vec<u8>)| {
            referee.check(&format!("{name} {names}"), |out| encode(out));
        };
        check("movaps", &|out| sse_move::copy(out, dst, src));
        check("movss", &|out| {
            sse_move::merge(out, Width::Single, dst, src)
        });
        check("movsd", &|out| {
            sse_move::merge(out, Width::Double, dst, src)
        });
        check("movaps", &|out| {
            sse_move::merge(out, Width::Vector, dst, src)
        });
        check("movq", &|out| sse_move::copy_low(out, dst, src));
        check("movhlps", &|out| sse_move::high_to_low(out, dst, src));
        check("movlhps", &|out| sse_move::low_to_high(out, dst, src));
    }
    for (n, mem) in addresses().into_iter().enumerate() {
        let reg = xmms().nth(n % 16).unwrap();
        for (width, name, bytes) in [
            (Width::Single, "movss", 4),
            (Width::Double, "movsd", 8),
            (Width::Vector, "movups", 16),
        ] {
            let (place, reg_name) = (memory(mem, bytes), xmm(reg));
            referee.check(&format!("{name} {reg_name}, {place}"), |out| {
                sse_move::load(out, width, reg, mem);
            });
            referee.check(&format!("{name} {place}, {reg_name}"), |out| {
                sse_move::store(out, width, mem, reg);
            });
        }
    }
    referee.finish(256 * 7 + 16 * 9 * 6);
}

/// General registers and a few addresses.
fn sources() -> Vec<GprMem> {
    let registers = gprs().map(GprMem::from);
    registers
        .chain(few_addresses().into_iter().map(GprMem::from))
        .collect()
}

#[test]
fn moves_between_files_agree() {
    let mut referee = Referee::default();
    for (vector, other) in xmms().flat_map(|x| sources().into_iter().map(move |g| (x, g))) {
        let name = xmm(vector);
        for (size, op) in [(Size::B4, "movd"), (Size::B8, "movq")] {
            let place = gpr_mem(other, size);
            referee.check(&format!("{op} {name}, {place}"), |out| {
                sse_move::from_gpr(out, size, vector, other).unwrap();
            });
            referee.check(&format!("{op} {place}, {name}"), |out| {
                sse_move::to_gpr(out, size, other, vector).unwrap();
            });
            for (width, letter) in [(Width::Single, "ss"), (Width::Double, "sd")] {
                referee.check(&format!("cvtsi2{letter} {name}, {place}"), |out| {
                    sse_move::from_int(out, width, size, vector, other).unwrap();
                });
            }
        }
    }
    let operands = || {
        xmms()
            .map(XmmMem::from)
            .chain(few_addresses().into_iter().map(XmmMem::from))
    };
    for (reg, other) in gprs().flat_map(|g| operands().map(move |x| (g, x))) {
        for size in [Size::B4, Size::B8] {
            for (width, letter, bytes) in [(Width::Single, "ss", 4), (Width::Double, "sd", 8)] {
                let text = format!(
                    "cvtt{letter}2si {}, {}",
                    gpr(reg, size),
                    xmm_mem(other, bytes)
                );
                referee.check(&text, |out| {
                    sse_move::to_int(out, width, size, reg, other).unwrap();
                });
            }
        }
    }
    for (reg, vector) in gprs().flat_map(|g| xmms().map(move |x| (g, x))) {
        for (lanes, op) in [
            (Signs::Bytes, "pmovmskb"),
            (Signs::Floats, "movmskps"),
            (Signs::Doubles, "movmskpd"),
        ] {
            let text = format!("{op} {}, {}", gpr(reg, Size::B4), xmm(vector));
            referee.check(&text, |out| sse_move::signs(out, lanes, reg, vector));
        }
    }
    let mut out = Vec::new();
    let (rax, xmm0) = (gprs().next().unwrap(), xmms().next().unwrap());
    assert!(sse_move::from_gpr(&mut out, Size::B2, xmm0, rax).is_err());
    assert!(sse_move::to_gpr(&mut out, Size::B1, rax, xmm0).is_err());
    assert!(sse_move::from_int(&mut out, Width::Vector, Size::B4, xmm0, rax).is_err());
    assert!(sse_move::to_int(&mut out, Width::Vector, Size::B4, rax, xmm0).is_err());
    assert!(out.is_empty());
    referee.finish(256 * 8);
}

#[test]
fn lanes_agree() {
    let mut referee = Referee::default();
    for (reg, vector) in gprs().flat_map(|g| xmms().map(move |x| (g, x))) {
        for (size, letter, lanes) in [
            (Size::B1, "b", 16),
            (Size::B2, "w", 8),
            (Size::B4, "d", 4),
            (Size::B8, "q", 2),
        ] {
            let wide = if size == Size::B8 { Size::B8 } else { Size::B4 };
            let mut out = Vec::new();
            assert!(sse_move::insert(&mut out, size, vector, reg, lanes).is_err());
            assert!(sse_move::extract(&mut out, size, reg, vector, lanes).is_err());
            assert!(out.is_empty());
            for lane in 0..lanes {
                let (general, float) = (gpr(reg, wide), xmm(vector));
                referee.check(
                    &format!("pinsr{letter} {float}, {general}, {lane:#x}"),
                    |out| {
                        sse_move::insert(out, size, vector, reg, lane).unwrap();
                    },
                );
                referee.check(
                    &format!("pextr{letter} {general}, {float}, {lane:#x}"),
                    |out| {
                        sse_move::extract(out, size, reg, vector, lane).unwrap();
                    },
                );
            }
        }
    }
    referee.finish(256 * 30);
}
