//! Conversions of scalars: extensions, floats from and to integers, bit casts.

use cranelift_codegen::ir::{Function, Inst as ClifInst, Opcode, Type, types};
use regalloc2::RegClass;

use super::super::arch::{size, width};
use super::super::encode::Size;
use super::super::encode::sse::Sse;
use super::super::inst::{Inst, Merge};
use super::{Clif, Ctx, arithmetic, extended, saturate, temp, temp_vector, uncovered};
use crate::backend::limit::Refusal;
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
        Opcode::FcvtToSintSat => saturate::to_signed(ctx, clif),
        Opcode::FcvtToUintSat => saturate::to_unsigned(ctx, clif),
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
    } else {
        ctx.isa(Inst::Extend {
            signed,
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
