//! Branches, addresses near the instruction, exceptions, instructions without operands.

use super::super::*;
use super::{Case, HERE, agree, cond, r, registers, x};

/// A target as both outsiders write it.
fn to(distance: i32) -> String {
    format!("#{:#x}", HERE.wrapping_add_signed(i64::from(distance)))
}

/// Forms at the ends of a reach of `bits` bits of words, and that nothing else is encoded.
fn reach(bits: u32, form: impl Fn(i32) -> Option<u32>, text: impl Fn(String) -> String) {
    let limit = 1i32 << (bits + 1);
    let near = [0, 4, -4, 0x100, limit - 4, -limit];
    // Keystone takes no target below zero.
    let whole = near
        .into_iter()
        .filter(|d| HERE.checked_add_signed(i64::from(*d)).is_some());
    agree(whole.map(|distance| (form(distance), text(to(distance)))));
    for out in [1, 2, limit, -limit - 4, limit + 1] {
        assert_eq!(form(out), None, "{out:#x}");
    }
}

#[test]
fn branches_reach_as_far_as_they_do() {
    for op in Branch::ALL {
        reach(26, |d| branch(*op, d), |to| format!("{} {to}", op.name()));
    }
    // The end that lies below zero from where the tests are: the field is all ones above.
    assert_eq!(branch(Branch::B, -0x800_0000), Some(0x1600_0000));
    for c in Cond::ALL {
        reach(19, |d| branch_if(c, d), |to| format!("b.{} {to}", cond(c)));
    }
    let r7 = Reg::new(7);
    for op in BranchZero::ALL {
        assert_ne!(op.inverted(), *op);
        assert_eq!(op.inverted().inverted(), *op);
        for size in [Size::W, Size::X] {
            let text = |to| format!("{} {}, {to}", op.name(), r(size, r7));
            reach(19, |d| branch_zero(*op, size, r7, d), text);
            agree(registers().map(|[t]| {
                let text = format!("{} {}, {}", op.name(), r(size, t), to(64));
                (branch_zero(*op, size, t, 64), text)
            }));
        }
    }
    for op in BranchBit::ALL {
        assert_ne!(op.inverted(), *op);
        assert_eq!(op.inverted().inverted(), *op);
        let text = |to| format!("{} x7, #0x21, {to}", op.name());
        reach(14, |d| branch_bit(*op, r7, 33, d), text);
        agree((0..64).map(|bit| {
            let size = if bit < 32 { Size::W } else { Size::X };
            let text = format!("{} {}, #{bit:#x}, {}", op.name(), r(size, r7), to(64));
            (branch_bit(*op, r7, bit, 64), text)
        }));
        assert_eq!(branch_bit(*op, r7, 64, 64), None);
    }
    for op in BranchReg::ALL {
        agree(registers().map(|[n]| (Some(branch_reg(*op, n)), format!("{} {}", op.name(), x(n)))));
    }
}

#[test]
fn addresses_near_the_instruction() {
    let d = Reg::new(4);
    let form = |distance| (adr(d, distance), format!("adr x4, {}", to(distance)));
    agree([0, 1, 2, 3, -1, 0xf_ffff, -0x10_0000].map(form));
    assert_eq!((adr(d, 0x10_0000), adr(d, -0x10_0001)), (None, None));
    agree(registers().map(|[d]| (adr(d, 5), format!("adr {}, {}", x(d), to(5)))));
    let form = |pages: i32| (adrp(d, pages), format!("adrp x4, {}", to(pages * 4096)));
    agree([0, 1, 2, 3, -1, 0x7_ffff, -0x400].map(form));
    assert_eq!((adrp(d, 0x10_0000), adrp(d, -0x10_0001)), (None, None));
    agree(registers().map(|[d]| (adrp(d, 5), format!("adrp {}, {}", x(d), to(5 * 4096)))));
}

#[test]
fn exceptions_and_instructions_without_operands() {
    for op in Exception::ALL {
        agree([0, 9, 0x1234, 0xffff].map(|n| {
            (
                Some(exception(*op, n)),
                format!("{} {}", op.name(), super::imm(n)),
            )
        }));
    }
    let names: Vec<Case> = Plain::ALL
        .iter()
        .map(|op| (Some(plain(*op)), op.name().to_owned()))
        .collect();
    agree(names);
    assert_eq!(plain(Plain::NOP), NOP);
}

#[test]
fn undefined_is_a_trap_to_the_disassembler() {
    // Neither outsider has a name for it (C6.2, UDF came after them).
    for number in [0, 1, 0xc11f, 0xffff] {
        let bytes = undefined(number).to_le_bytes();
        let decoded = crate::disasm::decode(crate::isa::Isa::Aarch64, &bytes, HERE);
        let kind = decoded.expect("there are bytes").kind;
        assert_eq!(kind, crate::disasm::Kind::Trap, "{number}");
    }
}
