//! Shifts, rotates, counting and reversing. Amounts count modulo the width, which the machine
//! does for 32 and 64 bits.

use cranelift_codegen::ir::{Opcode, Value};

use super::build::Build;
use crate::backend::reg::Reg;
use crate::backend::riscv64::encode::{Alu, AluImm, Shift};
use crate::backend::riscv64::inst::Inst;
use crate::backend::riscv64::registers::ZERO;

/// An amount below the width, if it is known.
fn known(b: &Build<'_, '_>, amount: Value, bits: u32) -> Option<u32> {
    let amount = b.ctx.constant(amount)? % u64::from(bits);
    u32::try_from(amount).ok()
}

/// The register of an amount; of narrow types it counts modulo their width.
fn amount(b: &mut Build<'_, '_>, value: Value, bits: u32) -> Reg {
    let reg = b.reg(value);
    if bits >= 32 {
        return reg;
    }
    b.imm(AluImm::Andi, reg, if bits == 8 { 7 } else { 15 })
}

/// `ishl`, `ushr`, `sshr`.
pub fn shift(b: &mut Build<'_, '_>, to: Reg, opcode: Opcode, [x, by]: [Value; 2]) {
    let bits = b.ctx.ty(x).bits();
    let word = bits == 32;
    let constant = known(b, by, bits);
    // The `w` forms take no notice of what is above a word.
    let x = match opcode {
        _ if word => b.reg(x),
        Opcode::Ushr => b.zero_extended(x),
        Opcode::Sshr => b.sign_extended(x),
        _ => b.reg(x),
    };
    let (by_register, by_constant) = match (opcode, word) {
        (Opcode::Ishl, true) => (Alu::Sllw, Shift::Slliw),
        (Opcode::Ishl, false) => (Alu::Sll, Shift::Slli),
        (Opcode::Ushr, true) => (Alu::Srlw, Shift::Srliw),
        (Opcode::Ushr, false) => (Alu::Srl, Shift::Srli),
        (_, true) => (Alu::Sraw, Shift::Sraiw),
        (_, false) => (Alu::Sra, Shift::Srai),
    };
    match constant {
        Some(by) => b.to(to).shift(by_constant, x, by),
        None => {
            let by = amount(b, by, bits);
            b.to(to).alu(by_register, x, by)
        }
    };
}

/// `rotl`, `rotr`: both shifts, by amounts that add up to the width.
pub fn rotate(b: &mut Build<'_, '_>, to: Reg, left: bool, [x, by]: [Value; 2]) {
    let bits = b.ctx.ty(x).bits();
    let word = bits == 32;
    let constant = known(b, by, bits);
    let x = if bits < 32 {
        b.zero_extended(x)
    } else {
        b.reg(x)
    };
    let (one, other) = if let Some(by) = constant {
        let by = if left { by } else { (bits - by) % bits };
        let back = (bits - by) % bits;
        let (up, down) = if word {
            (Shift::Slliw, Shift::Srliw)
        } else {
            (Shift::Slli, Shift::Srli)
        };
        (b.shift(up, x, by), b.shift(down, x, back))
    } else {
        let by = amount(b, by, bits);
        let minus = b.alu(Alu::Sub, ZERO, by);
        let back = if bits < 32 {
            b.imm(AluImm::Andi, minus, if bits == 8 { 7 } else { 15 })
        } else {
            minus
        };
        let (up_by, down_by) = if left { (by, back) } else { (back, by) };
        let (up, down) = if word {
            (Alu::Sllw, Alu::Srlw)
        } else {
            (Alu::Sll, Alu::Srl)
        };
        (b.alu(up, x, up_by), b.alu(down, x, down_by))
    };
    b.to(to).alu(Alu::Or, one, other);
}

/// How many bits there are up to the highest one.
fn length(b: &mut Build<'_, '_>, a: Reg) -> Reg {
    let (to, rest) = (b.lost(), b.lost());
    b.push(Inst::BitLength { to, rest, a });
    to
}

fn small(value: u32) -> i16 {
    i16::try_from(value).expect("a width")
}

/// `width - length`, less `off`.
fn width_minus(b: &mut Build<'_, '_>, to: Reg, length: Reg, width: u32, off: i16) {
    let minus = b.alu(Alu::Sub, ZERO, length);
    b.to(to).imm(AluImm::Addi, minus, small(width) - off);
}

/// `clz`.
pub fn leading_zeros(b: &mut Build<'_, '_>, to: Reg, x: Value) {
    let bits = b.ctx.ty(x).bits();
    let x = b.zero_extended(x);
    let length = length(b, x);
    width_minus(b, to, length, bits, 0);
}

/// `ctz`: the length of ones where the zeros at the end are.
pub fn trailing_zeros(b: &mut Build<'_, '_>, to: Reg, x: Value) {
    let bits = b.ctx.ty(x).bits();
    let x = b.reg(x);
    let less = b.imm(AluImm::Addi, x, -1);
    let not = b.imm(AluImm::Xori, x, -1);
    let mut ones = b.alu(Alu::And, less, not);
    if bits < 64 {
        ones = b.zeros_above(ones, bits);
    }
    let rest = b.lost();
    b.push(Inst::BitLength { to, rest, a: ones });
}

/// `cls`: copies of the sign behind it.
pub fn leading_signs(b: &mut Build<'_, '_>, to: Reg, x: Value) {
    let bits = b.ctx.ty(x).bits();
    let x = b.sign_extended(x);
    let sign = b.shift(Shift::Srai, x, 63);
    let differs = b.alu(Alu::Xor, x, sign);
    let length = length(b, differs);
    width_minus(b, to, length, bits, 1);
}

/// `popcnt`.
pub fn count(b: &mut Build<'_, '_>, to: Reg, x: Value) {
    let a = b.zero_extended(x);
    let (rest, part) = (b.lost(), b.lost());
    b.push(Inst::BitCount { to, rest, part, a });
}

/// `bitrev`, `bswap`: pieces of `unit` bits in the opposite order.
pub fn reverse(b: &mut Build<'_, '_>, to: Reg, unit: u8, x: Value) {
    let bits = u8::try_from(b.ctx.ty(x).bits()).expect("a width");
    let a = b.reg(x);
    reverse_register(b, to, unit, bits, a);
}

/// The same for the low `bits` bits of a register; zeros come above them.
pub fn reverse_register(b: &mut Build<'_, '_>, to: Reg, unit: u8, bits: u8, a: Reg) {
    let (rest, left, part) = (b.lost(), b.lost(), b.lost());
    b.push(Inst::Reverse {
        unit,
        count: bits / unit,
        to,
        rest,
        left,
        part,
        a,
    });
}
