//! Floats to integers, what does not fit becoming the nearest integer that does.

use cranelift_codegen::ir::{Type, types};

use super::super::arch::{size, width};
use super::super::encode::integer::Alu;
use super::super::encode::shift::Shift;
use super::super::encode::sse::Sse;
use super::super::encode::sse_move::Width;
use super::super::encode::{Cond, Size};
use super::super::inst::{Inst, Source, Test};
use super::condition::choose;
use super::control::shifted;
use super::{Clif, Ctx, constant, constant_reg, temp, temp_vector};
use crate::backend::reg::Reg;

/// Below 32 bits the result is that of 32 bits, cut to the range.
pub fn to_signed(ctx: &mut Ctx<'_>, clif: Clif) {
    let arg = clif.arg(ctx, 0);
    let (width, from) = (width(ctx.ty(arg)), ctx.reg(arg));
    let (bits, to, zero) = (size(clif.ty).bits(), clif.result(ctx), temp_vector(ctx));
    if bits >= 32 {
        let size = size(clif.ty);
        ctx.isa(Inst::IntFromFloatSat {
            width,
            size,
            to,
            from,
            temp: zero,
        });
        return;
    }
    let (wide, above) = (temp(ctx), temp(ctx));
    let size = Size::B4;
    ctx.isa(Inst::IntFromFloatSat {
        width,
        size,
        to: wide,
        from,
        temp: zero,
    });
    let most = (1_i32 << (bits - 1)) - 1;
    let limit = |imm: i32, cond| (Source::Imm(imm), u64::from(imm.cast_unsigned()), cond);
    let (right, bits, cond) = limit(most, Cond::G);
    let yes = constant_reg(ctx, bits);
    let test = Test::Int {
        size,
        left: wide,
        right,
        cond,
    };
    choose(ctx, test, above, (yes, wide));
    let (right, bits, cond) = limit(-most - 1, Cond::L);
    let yes = constant_reg(ctx, bits);
    let test = Test::Int {
        size,
        left: above,
        right,
        cond,
    };
    choose(ctx, test, to, (yes, above));
}

/// What is negative or a NaN becomes zero first: `maxss` gives its second operand for a NaN.
pub fn to_unsigned(ctx: &mut Ctx<'_>, clif: Clif) {
    let arg = clif.arg(ctx, 0);
    let (ty, from) = (ctx.ty(arg), ctx.reg(arg));
    let width = width(ty);
    let (zero, positive) = (temp_vector(ctx), temp_vector(ctx));
    let (op, less) = match width {
        Width::Single => (Sse::Maxss, Sse::Subss),
        _ => (Sse::Maxsd, Sse::Subsd),
    };
    ctx.isa(Inst::VectorZero { to: zero });
    ctx.isa(Inst::Vector {
        op,
        to: positive,
        left: from,
        right: zero.into(),
    });
    let to = clif.result(ctx);
    if clif.ty == types::I64 {
        to_word(ctx, (ty, less), positive, to);
        return;
    }
    // As a signed integer of 64 bits; what does not fit that is above all limits as well.
    let wide = temp(ctx);
    ctx.isa(Inst::IntFromFloat {
        width,
        size: Size::B8,
        to: wide,
        from: positive,
    });
    let most = u64::MAX >> (64 - clif.ty.bits());
    let yes = constant_reg(ctx, most);
    let test = Test::Int {
        size: Size::B8,
        left: wide,
        right: yes.into(),
        cond: Cond::A,
    };
    choose(ctx, test, to, (yes, wide));
}

/// Up to 2^63 the conversion is the signed one. From there on that gives 2^63, to which comes
/// what the value is more; and if that does not fit either, all bits.
fn to_word(ctx: &mut Ctx<'_>, (ty, less): (Type, Sse), from: Reg, to: Reg) {
    let width = width(ty);
    let (limit, rest) = (temp_vector(ctx), temp_vector(ctx));
    let bits = if ty == types::F32 {
        0x5f00_0000
    } else {
        0x43e0_0000_0000_0000
    };
    constant(ctx, limit, ty, bits);
    ctx.isa(Inst::Vector {
        op: less,
        to: rest,
        left: from,
        right: limit.into(),
    });
    let (low, high, more, sum) = (temp(ctx), temp(ctx), temp(ctx), temp(ctx));
    let size = Size::B8;
    ctx.isa(Inst::IntFromFloat {
        width,
        size,
        to: low,
        from,
    });
    ctx.isa(Inst::IntFromFloat {
        width,
        size,
        to: high,
        from: rest,
    });
    let large = shifted(ctx, Shift::Sar, low, 63);
    ctx.isa(Inst::Alu {
        op: Alu::And,
        size,
        to: more,
        left: high,
        right: large.into(),
    });
    ctx.isa(Inst::Alu {
        op: Alu::Or,
        size,
        to: sum,
        left: low,
        right: more.into(),
    });
    let beyond = shifted(ctx, Shift::Sar, more, 63);
    ctx.isa(Inst::Alu {
        op: Alu::Or,
        size,
        to,
        left: sum,
        right: beyond.into(),
    });
}
