//! Moves, addresses, the stack, atomics.

use super::super::atomic;
use super::super::integer::{self, Alu};
use super::super::moves;
use super::super::{Gpr, Mem, Size};
use super::{Referee, address, addresses, few_addresses, gpr, gprs, memory, pattern};

#[test]
fn every_address_agrees() {
    let mut referee = Referee::default();
    for (n, mem) in addresses().into_iter().enumerate() {
        let reg = gprs().nth(n % 16).unwrap();
        referee.check(
            &format!("lea {}, {}", gpr(reg, Size::B8), address(mem)),
            |out| {
                moves::lea(out, reg, mem);
            },
        );
        for size in Size::ALL {
            let (name, place) = (gpr(reg, size), memory(mem, size.bytes()));
            referee.check(&format!("mov {name}, {place}"), |out| {
                moves::mov(out, size, reg, mem);
            });
            referee.check(&format!("mov {place}, {name}"), |out| {
                moves::store(out, size, mem, reg);
            });
        }
    }
    referee.finish(16 * 9 * 9);
}

#[test]
fn no_address_has_the_stack_pointer_as_index() {
    assert_eq!(Mem::indexed(Gpr::RAX, Gpr::RSP, 0, 0), None);
    assert_eq!(Mem::indexed(Gpr::RAX, Gpr::RBX, 4, 0), None);
}

#[test]
fn moves_agree() {
    let mut referee = Referee::default();
    for (dst, src) in gprs().flat_map(|dst| gprs().map(move |src| (dst, src))) {
        for size in Size::ALL {
            let text = format!("mov {}, {}", gpr(dst, size), gpr(src, size));
            referee.check(&text, |out| moves::mov(out, size, dst, src));
        }
        let wide = (gpr(dst, Size::B8), gpr(src, Size::B8));
        // Keystone swaps the operands, which means the same.
        let text = format!("xchg {}, {}", wide.1, wide.0);
        let bytes = referee.decoded(&text, |out| moves::swap(out, dst, src));
        assert_eq!(bytes.len(), 3);
        for from in [Size::B1, Size::B2] {
            let name = gpr(src, from);
            let text = format!("movzx {}, {name}", gpr(dst, Size::B4));
            referee.check(&text, |out| moves::zero_extend(out, from, dst, src));
            for to in [Size::B4, Size::B8] {
                let text = format!("movsx {}, {name}", gpr(dst, to));
                referee.check(&text, |out| {
                    moves::sign_extend(out, from, to, dst, src).unwrap();
                });
            }
        }
        let text = format!("movsxd {}, {}", wide.0, gpr(src, Size::B4));
        referee.check(&text, |out| {
            moves::sign_extend(out, Size::B4, Size::B8, dst, src).unwrap();
        });
    }
    referee.finish(256 * 12);
}

#[test]
fn extending_loads_agree() {
    let mut referee = Referee::default();
    for mem in few_addresses() {
        for (reg, from) in gprs().flat_map(|reg| Size::ALL.map(|from| (reg, from))) {
            let place = memory(mem, from.bytes());
            let (zero, name) = match from {
                Size::B1 | Size::B2 => ("movzx", gpr(reg, Size::B4)),
                _ => ("mov", gpr(reg, from)),
            };
            referee.check(&format!("{zero} {name}, {place}"), |out| {
                moves::zero_extend(out, from, reg, mem);
            });
            for to in [Size::B4, Size::B8] {
                let op = if from == Size::B4 { "movsxd" } else { "movsx" };
                let mut out = Vec::new();
                if from < to {
                    let text = format!("{op} {}, {place}", gpr(reg, to));
                    referee.check(&text, |out| {
                        moves::sign_extend(out, from, to, reg, mem).unwrap();
                    });
                } else {
                    assert!(moves::sign_extend(&mut out, from, to, reg, mem).is_err());
                    assert!(out.is_empty());
                }
            }
        }
    }
    referee.finish(16 * 9 * 8);
}

#[test]
fn constants_agree() {
    let mut referee = Referee::default();
    let short = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
    let signed = [u64::MAX, u64::MAX - 127, 0xffff_ffff_8000_0000];
    let long = [
        0x1_0000_0000,
        0xffff_ffff_7fff_ffff,
        1 << 63,
        i64::MAX as u64,
    ];
    for dst in gprs() {
        let wide = gpr(dst, Size::B8);
        for imm in short {
            let text = format!("mov {}, {imm:#x}", gpr(dst, Size::B4));
            referee.check(&text, |out| moves::constant(out, dst, imm));
        }
        for imm in signed {
            let text = format!("mov {wide}, {imm:#x}");
            referee.check(&text, |out| moves::constant(out, dst, imm));
        }
        for imm in long {
            let text = format!("movabs {wide}, {imm:#x}");
            referee.check(&text, |out| moves::constant(out, dst, imm));
        }
        referee.decoded(&format!("movabs {wide}, 0"), |out| {
            moves::constant_in_full(out, dst, 0);
        });
        for size in [Size::B4, Size::B8] {
            referee.check(&format!("bswap {}", gpr(dst, size)), |out| {
                moves::bswap(out, size, dst).unwrap();
            });
        }
        referee.check(&format!("push {wide}"), |out| moves::push(out, dst));
        referee.check(&format!("pop {wide}"), |out| moves::pop(out, dst));
    }
    let mut out = Vec::new();
    assert!(moves::bswap(&mut out, Size::B2, Gpr::RAX).is_err() && out.is_empty());
    referee.finish(16 * 17);
}

#[test]
fn stored_constants_agree() {
    let mut referee = Referee::default();
    for mem in few_addresses() {
        // A displacement from rip counts from behind the immediate too.
        for (size, imm) in Size::ALL.into_iter().flat_map(|size| {
            [
                0,
                1,
                -1,
                127,
                -128,
                128,
                32_767,
                -32_768,
                32_768,
                i32::MAX,
                i32::MIN,
            ]
            .map(|imm| (size, imm))
        }) {
            let fits = match size {
                Size::B1 => i8::try_from(imm).is_ok(),
                Size::B2 => i16::try_from(imm).is_ok(),
                _ => true,
            };
            if !fits {
                let mut out = Vec::new();
                assert!(moves::store_imm(&mut out, size, mem, imm).is_err());
                assert!(out.is_empty());
                continue;
            }
            let value = pattern(imm.into(), size);
            let text = format!("mov {}, {value}", memory(mem, size.bytes()));
            referee.check(&text, |out| {
                moves::store_imm(out, size, mem, imm).unwrap();
            });
        }
    }
    referee.finish(16 * 20);
}

#[test]
fn operations_in_memory_agree() {
    let mut referee = Referee::default();
    for mem in few_addresses() {
        for (reg, size) in gprs().flat_map(|reg| Size::ALL.map(|size| (reg, size))) {
            let (name, place) = (gpr(reg, size), memory(mem, size.bytes()));
            for op in Alu::ALL {
                let op_name = format!("{op:?}").to_lowercase();
                referee.check(&format!("{op_name} {name}, {place}"), |out| {
                    integer::alu(out, op, size, reg, mem);
                });
                referee.check(&format!("{op_name} {place}, {name}"), |out| {
                    integer::alu_store(out, op, size, mem, reg);
                });
                let text = format!("lock {op_name} {place}, {name}");
                if op == Alu::Cmp {
                    let mut out = Vec::new();
                    assert!(atomic::locked(&mut out, op, size, mem, reg).is_err());
                    assert!(out.is_empty());
                } else {
                    referee.check(&text, |out| {
                        atomic::locked(out, op, size, mem, reg).unwrap();
                    });
                }
            }
            referee.check(&format!("test {place}, {name}"), |out| {
                integer::test(out, size, mem, reg);
            });
            referee.check(&format!("xchg {place}, {name}"), |out| {
                atomic::exchange(out, size, mem, reg);
            });
            referee.check(&format!("lock xadd {place}, {name}"), |out| {
                atomic::exchange_add(out, size, mem, reg);
            });
            referee.check(&format!("lock cmpxchg {place}, {name}"), |out| {
                atomic::compare_exchange(out, size, mem, reg);
            });
        }
        let place = memory(mem, 8);
        referee.check(&format!("push {place}"), |out| moves::push_memory(out, mem));
        referee.check(&format!("pop {place}"), |out| moves::pop_memory(out, mem));
        referee.check(&format!("lock cmpxchg16b {}", memory(mem, 16)), |out| {
            atomic::compare_exchange_16(out, mem);
        });
    }
    referee.check("mfence", atomic::fence);
    referee.finish(16 * 16 * 4 * 20);
}
