//! Conversions of scalars: extensions, floats from and to integers, bit casts.

use cranelift_codegen::ir::{Function, Inst as ClifInst, Opcode, Type, types};
use regalloc2::RegClass;

use super::super::arch::{size, width};
use super::super::encode::integer::Alu;
use super::super::encode::shift::Shift;
use super::super::encode::sse::Sse;
use super::super::encode::sse_move::Width;
use super::super::encode::{Cond, Size};
use super::super::inst::{Inst, Merge, Source, Test};
use super::control::{choose, shifted};
use super::{
    Clif, Ctx, arithmetic, constant, constant_reg, extended, temp, temp_vector, uncovered,
};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;
use crate::backend::vcode::Op;

fn is_float(ty: Type) -> bool {
    ty == types::F32 || ty == types::F64
}

fn is_word(ty: Type) -> bool {
    ty.is_int() && ty.bits() <= 64
}

/// Whether it is here.
pub fn covers(function: &Function, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
    let from = || function.dfg.value_type(function.dfg.inst_args(inst)[0]);
    match opcode {
        Opcode::Uextend | Opcode::Sextend | Opcode::Bitcast => true,
        Opcode::Fpromote | Opcode::Fdemote => is_float(ty) && is_float(from()),
        Opcode::FcvtFromSint | Opcode::FcvtFromUint => is_float(ty) && is_word(from()),
        Opcode::FcvtToSintSat | Opcode::FcvtToUintSat => is_word(ty) && is_float(from()),
        _ => false,
    }
}

/// Lowers one of them.
pub fn lower(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    let arg = clif.arg(ctx, 0);
    let from_ty = ctx.ty(arg);
    match clif.opcode {
        Opcode::Uextend => extend(ctx, clif, false),
        Opcode::Sextend => extend(ctx, clif, true),
        Opcode::Bitcast => bitcast(ctx, clif)?,
        Opcode::Fpromote | Opcode::Fdemote => {
            let op = if from_ty == types::F32 {
                Sse::Cvtss2sd
            } else {
                Sse::Cvtsd2ss
            };
            let (from, to) = (ctx.reg(arg), clif.result(ctx));
            ctx.isa(Inst::VectorUnary {
                op,
                to,
                from: from.into(),
            });
        }
        Opcode::FcvtFromSint | Opcode::FcvtFromUint => from_int(ctx, clif),
        Opcode::FcvtToSintSat => to_signed(ctx, clif),
        Opcode::FcvtToUintSat => to_unsigned(ctx, clif),
        _ => return Err(uncovered(clif)),
    }
    Ok(())
}

fn extend(ctx: &mut Ctx<'_>, clif: Clif, signed: bool) {
    let arg = clif.arg(ctx, 0);
    let from = ctx.reg(arg);
    let own = size(ctx.ty(arg));
    let (to, high) = ctx.result_pair(clif.inst, 0);
    if own == Size::B8 {
        ctx.emit(Op::Move { to, from });
    } else if signed {
        ctx.isa(Inst::Sign {
            size: own,
            to,
            from: from.into(),
            trap: None,
        });
    } else {
        ctx.isa(Inst::Zero {
            size: own,
            to,
            from: from.into(),
            trap: None,
        });
    }
    if clif.ty == types::I128 && signed {
        arithmetic::sign_of(ctx, to, high);
    } else if clif.ty == types::I128 {
        ctx.isa(Inst::Constant { to: high, bits: 0 });
    }
}

fn bitcast(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    let arg = clif.arg(ctx, 0);
    let from_ty = ctx.ty(arg);
    let (to, high) = ctx.result_pair(clif.inst, 0);
    match (from_ty == types::I128, clif.ty == types::I128) {
        (true, true) => {
            let (low, second) = ctx.pair(arg);
            ctx.emit(Op::Move { to, from: low });
            ctx.emit(Op::Move {
                to: high,
                from: second,
            });
        }
        (true, false) => {
            let (low, second) = ctx.pair(arg);
            let halves = [temp_vector(ctx), temp_vector(ctx)];
            ctx.isa(Inst::FromGpr {
                size: Size::B8,
                to: halves[0],
                from: low,
            });
            ctx.isa(Inst::FromGpr {
                size: Size::B8,
                to: halves[1],
                from: second,
            });
            let (merge, [left, right]) = (Merge::LowToHigh, halves);
            ctx.isa(Inst::VectorMerge {
                merge,
                to,
                left,
                right,
            });
        }
        (false, true) => {
            let from = ctx.reg(arg);
            let upper = temp_vector(ctx);
            ctx.isa(Inst::ToGpr {
                size: Size::B8,
                to,
                from,
            });
            let merge = Merge::HighToLow;
            ctx.isa(Inst::VectorMerge {
                merge,
                to: upper,
                left: from,
                right: from,
            });
            ctx.isa(Inst::ToGpr {
                size: Size::B8,
                to: high,
                from: upper,
            });
        }
        (false, false) => {
            let from = ctx.reg(arg);
            let size = size(clif.ty).max(Size::B4);
            match (from.class(), to.class()) {
                (RegClass::Int, RegClass::Float) => ctx.isa(Inst::FromGpr { size, to, from }),
                (RegClass::Float, RegClass::Int) => ctx.isa(Inst::ToGpr { size, to, from }),
                _ => ctx.emit(Op::Move { to, from }),
            }
        }
    }
    Ok(())
}

/// An unsigned integer below 64 bits is a signed one of 64.
fn from_int(ctx: &mut Ctx<'_>, clif: Clif) {
    let arg = clif.arg(ctx, 0);
    let signed = clif.opcode == Opcode::FcvtFromSint;
    let own = size(ctx.ty(arg));
    let (width, to) = (width(clif.ty), clif.result(ctx));
    if own == Size::B8 && !signed {
        let from = ctx.reg(arg);
        let temps = [temp(ctx), temp(ctx)];
        ctx.isa(Inst::FloatFromWord {
            width,
            to,
            from,
            temps,
        });
        return;
    }
    let (from, size) = if own == Size::B4 && signed {
        (ctx.reg(arg), Size::B4)
    } else {
        (extended(ctx, arg, signed), Size::B8)
    };
    ctx.isa(Inst::FloatFromInt {
        width,
        size,
        to,
        from,
    });
}

/// Below 32 bits the result is that of 32 bits, cut to the range.
fn to_signed(ctx: &mut Ctx<'_>, clif: Clif) {
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
fn to_unsigned(ctx: &mut Ctx<'_>, clif: Clif) {
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
