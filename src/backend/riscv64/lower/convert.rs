//! Between integers and floats.

use cranelift_codegen::ir::{TrapCode, Type, Value, types};

use super::build::Build;
use super::float::power_of_two;
use super::format;
use crate::backend::reg::Reg;
use crate::backend::riscv64::encode::{
    Alu, Branch, FloatCompare, FloatOp, Format, IntFormat, Rounding,
};
use crate::backend::riscv64::inst::{Condition, Inst};
use crate::backend::riscv64::registers::ZERO;
use crate::backend::vcode::Op;

fn int_format(ty: Type, signed: bool) -> IntFormat {
    match (ty.bits() > 32, signed) {
        (false, true) => IntFormat::W,
        (false, false) => IntFormat::Wu,
        (true, true) => IntFormat::L,
        (true, false) => IntFormat::Lu,
    }
}

/// `fcvt_from_sint`, `fcvt_from_uint`. Of a word the machine takes the low 32 bits alone.
pub fn from_int(b: &mut Build<'_, '_>, to: Reg, signed: bool, ty: Type, value: Value) {
    let from = b.ctx.ty(value);
    let a = match (from.bits() < 32, signed) {
        (true, true) => b.sign_extended(value),
        (true, false) => b.zero_extended(value),
        (false, _) => b.reg(value),
    };
    b.push(Inst::FromInt {
        int: int_format(from, signed),
        format: format(ty),
        to,
        a,
    });
}

/// `fcvt_to_sint_sat`, `fcvt_to_uint_sat`: the machine saturates too, but a NaN has to be zero.
pub fn to_int_saturating(b: &mut Build<'_, '_>, to: Reg, signed: bool, ty: Type, value: Value) {
    let format = format(b.ctx.ty(value));
    let x = b.reg(value);
    let int = int_format(ty, signed);
    let number = b.lost();
    b.push(Inst::ToInt {
        int,
        format,
        rounding: Rounding::Rtz,
        to: number,
        a: x,
    });
    let ordered = b.float_compare(FloatCompare::Eq, format, x, x);
    let mask = b.alu(Alu::Sub, ZERO, ordered);
    b.to(to).alu(Alu::And, number, mask);
}

/// `fcvt_to_sint`, `fcvt_to_uint`: trap on NaNs and on what does not fit.
pub fn to_int(b: &mut Build<'_, '_>, to: Reg, signed: bool, ty: Type, value: Value) {
    let format = format(b.ctx.ty(value));
    let x = b.reg(value);
    let ordered = b.float_compare(FloatCompare::Eq, format, x, x);
    trap_unless(b, ordered, TrapCode::BAD_CONVERSION_TO_INTEGER);
    let bits = ty.bits();
    let digits = if format == Format::S { 24 } else { 53 };
    let above = power_of_two(b, format, if signed { bits - 1 } else { bits }, false);
    let below = if !signed {
        // Everything above -1 becomes 0.
        let minus_one = power_of_two(b, format, 0, true);
        b.float_compare(FloatCompare::Lt, format, minus_one, x)
    } else if bits > digits {
        // No float lies between the least integer and one less.
        let least = power_of_two(b, format, bits - 1, true);
        b.float_compare(FloatCompare::Le, format, least, x)
    } else {
        let least = power_of_two(b, format, bits - 1, true);
        let one = power_of_two(b, format, 0, false);
        let less = b.float(FloatOp::Sub, format, least, one);
        b.float_compare(FloatCompare::Lt, format, less, x)
    };
    trap_unless(b, below, TrapCode::INTEGER_OVERFLOW);
    let fits = b.float_compare(FloatCompare::Lt, format, x, above);
    trap_unless(b, fits, TrapCode::INTEGER_OVERFLOW);
    let int = int_format(ty, signed);
    b.push(Inst::ToInt {
        int,
        format,
        rounding: Rounding::Rtz,
        to,
        a: x,
    });
}

fn trap_unless(b: &mut Build<'_, '_>, bit: Reg, code: TrapCode) {
    let condition = Condition {
        op: Branch::Eq,
        a: bit,
        b: ZERO,
    };
    b.push(Inst::TrapIf { condition, code });
}

/// `bitcast`.
pub fn bits(b: &mut Build<'_, '_>, to: Reg, value: Value) {
    let ty = b.ctx.ty(value);
    let from = b.reg(value);
    if from.class() == to.class() {
        b.ctx.emit(Op::Move { to, from });
    } else if ty.is_float() {
        b.push(Inst::FromFloat {
            format: format(ty),
            to,
            a: from,
        });
    } else {
        let format = if ty == types::I32 {
            Format::S
        } else {
            Format::D
        };
        b.push(Inst::ToFloat {
            format,
            to,
            a: from,
        });
    }
}
