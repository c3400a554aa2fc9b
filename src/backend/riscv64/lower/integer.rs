//! Integer arithmetic. Words use the `w` forms, so that their sign is above them; narrower types
//! have anything there, and are extended where it counts.

use cranelift_codegen::ir::{Opcode, TrapCode, Type, Value, types};

use super::build::Build;
use crate::backend::reg::Reg;
use crate::backend::riscv64::encode::{Alu, AluImm, Branch, Shift};
use crate::backend::riscv64::inst::{Condition, Inst};
use crate::backend::riscv64::registers::ZERO;

/// A constant that fits into an immediate.
pub fn immediate(b: &Build<'_, '_>, value: Value) -> Option<i16> {
    let constant = b.ctx.signed_constant(value)?;
    i16::try_from(constant)
        .ok()
        .filter(|imm| (-2048..2048).contains(imm))
}

fn for_type(ty: Type, word: Alu, double: Alu) -> Alu {
    if ty == types::I32 { word } else { double }
}

/// `iadd`.
pub fn add(b: &mut Build<'_, '_>, to: Reg, [x, y]: [Value; 2]) {
    let ty = b.ctx.ty(x);
    let op = if ty == types::I32 {
        AluImm::Addiw
    } else {
        AluImm::Addi
    };
    for (value, constant) in [(x, y), (y, x)] {
        if let Some(imm) = immediate(b, constant) {
            let reg = b.reg(value);
            b.to(to).imm(op, reg, imm);
            return;
        }
    }
    let (x, y) = (b.reg(x), b.reg(y));
    b.to(to).alu(for_type(ty, Alu::Addw, Alu::Add), x, y);
}

/// `isub`.
pub fn sub(b: &mut Build<'_, '_>, to: Reg, [x, y]: [Value; 2]) {
    let ty = b.ctx.ty(x);
    let op = if ty == types::I32 {
        AluImm::Addiw
    } else {
        AluImm::Addi
    };
    if let Some(imm) = immediate(b, y).filter(|&imm| imm > -2048) {
        let reg = b.reg(x);
        b.to(to).imm(op, reg, -imm);
        return;
    }
    let (x, y) = (b.reg(x), b.reg(y));
    b.to(to).alu(for_type(ty, Alu::Subw, Alu::Sub), x, y);
}

/// `imul`.
pub fn mul(b: &mut Build<'_, '_>, to: Reg, [x, y]: [Value; 2]) {
    let op = for_type(b.ctx.ty(x), Alu::Mulw, Alu::Mul);
    let (x, y) = (b.reg(x), b.reg(y));
    b.to(to).alu(op, x, y);
}

/// `ineg`.
pub fn neg(b: &mut Build<'_, '_>, to: Reg, x: Value) {
    let op = for_type(b.ctx.ty(x), Alu::Subw, Alu::Sub);
    let x = b.reg(x);
    b.to(to).alu(op, ZERO, x);
}

/// `iabs`: with all bits turned over and one added, where the sign is set.
pub fn abs(b: &mut Build<'_, '_>, to: Reg, x: Value) {
    let x = b.sign_extended(x);
    let sign = b.shift(Shift::Srai, x, 63);
    let turned = b.alu(Alu::Xor, x, sign);
    b.to(to).alu(Alu::Sub, turned, sign);
}

/// And, or, exclusive or.
pub fn logic(b: &mut Build<'_, '_>, to: Reg, (op, imm_op): (Alu, AluImm), [x, y]: [Value; 2]) {
    for (value, constant) in [(x, y), (y, x)] {
        if let Some(imm) = immediate(b, constant) {
            let reg = b.reg(value);
            b.to(to).imm(imm_op, reg, imm);
            return;
        }
    }
    let (x, y) = (b.reg(x), b.reg(y));
    b.to(to).alu(op, x, y);
}

/// `bitselect`: what differs, where the condition is set, on top of the second one.
pub fn bit_select(b: &mut Build<'_, '_>, to: Reg, [condition, x, y]: [Value; 3]) {
    let (condition, x, y) = (b.reg(condition), b.reg(x), b.reg(y));
    let differs = b.alu(Alu::Xor, x, y);
    let taken = b.alu(Alu::And, differs, condition);
    b.to(to).alu(Alu::Xor, taken, y);
}

/// `umulhi`, `smulhi`. Products of narrower types fit into a register.
pub fn mul_high(b: &mut Build<'_, '_>, to: Reg, signed: bool, [x, y]: [Value; 2]) {
    let bits = b.ctx.ty(x).bits();
    if bits == 64 {
        let (x, y) = (b.reg(x), b.reg(y));
        b.to(to)
            .alu(if signed { Alu::Mulh } else { Alu::Mulhu }, x, y);
        return;
    }
    let [x, y] = [x, y].map(|v| {
        if signed {
            b.sign_extended(v)
        } else {
            b.zero_extended(v)
        }
    });
    let product = b.alu(Alu::Mul, x, y);
    b.to(to).shift(Shift::Srai, product, bits);
}

/// Division and remainder. No instruction traps: a divisor of zero is looked for, and for signed
/// quotients also the one that does not fit. Divisors that are known are not.
pub fn divide(b: &mut Build<'_, '_>, to: Reg, opcode: Opcode, [x, y]: [Value; 2]) {
    let ty = b.ctx.ty(x);
    let signed = matches!(opcode, Opcode::Sdiv | Opcode::Srem);
    let constant = b.ctx.signed_constant(y);
    let word = ty == types::I32;
    // The `w` forms look at the low 32 bits alone.
    let mut take = |value| match (word, signed) {
        (true, _) => b.ordered(value),
        (false, true) => b.sign_extended(value),
        (false, false) => b.zero_extended(value),
    };
    let (x, y) = (take(x), take(y));
    if constant.is_none_or(|divisor| divisor == 0) {
        let condition = Condition {
            op: Branch::Eq,
            a: y,
            b: ZERO,
        };
        b.push(Inst::TrapIf {
            condition,
            code: TrapCode::INTEGER_DIVISION_BY_ZERO,
        });
    }
    if opcode == Opcode::Sdiv && constant.is_none_or(|divisor| divisor == -1) {
        overflow(b, ty, x, y);
    }
    let op = match (opcode, word) {
        (Opcode::Udiv, true) => Alu::Divuw,
        (Opcode::Udiv, false) => Alu::Divu,
        (Opcode::Sdiv, true) => Alu::Divw,
        (Opcode::Sdiv, false) => Alu::Div,
        (Opcode::Urem, true) => Alu::Remuw,
        (Opcode::Urem, false) => Alu::Remu,
        (_, true) => Alu::Remw,
        (_, false) => Alu::Rem,
    };
    b.to(to).alu(op, x, y);
}

/// Traps if the least number is divided by minus one: only then are both of these zero.
fn overflow(b: &mut Build<'_, '_>, ty: Type, x: Reg, y: Reg) {
    let least = b.value(i64::MIN >> (64 - ty.bits()));
    let not_least = b.alu(Alu::Xor, x, least);
    let not_minus_one = b.imm(AluImm::Xori, y, -1);
    let either = b.alu(Alu::Or, not_least, not_minus_one);
    let condition = Condition {
        op: Branch::Eq,
        a: either,
        b: ZERO,
    };
    b.push(Inst::TrapIf {
        condition,
        code: TrapCode::INTEGER_OVERFLOW,
    });
}
