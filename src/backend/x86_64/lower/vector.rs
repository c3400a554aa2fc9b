//! Vectors of 128 bits.
//!
//! Lane-wise operations with an instruction of their own are a table; the rest are short
//! sequences, for which baseline SSE2 is enough unless [`covers`] asks for more. What is left
//! out is taken apart into lanes by legalisation.

mod compare;
mod convert;
mod lanes;
mod shape;
mod shift;

use cranelift_codegen::ir::{Function, Inst as ClifInst, Opcode, Type, types};

use super::super::X64;
use super::super::encode::sse::{Level, Sse};
use super::super::inst::{Inst, Source};
use super::{Clif, Ctx, temp_vector, uncovered};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

pub use shape::widen;

/// The type that tells what an instruction works on: of its first argument, or its own.
fn working_type(function: &Function, inst: ClifInst, ty: Type) -> Type {
    let first = function.dfg.inst_args(inst).first();
    let first = first.map(|&value| function.dfg.value_type(value));
    first.filter(|first| first.is_vector()).unwrap_or(ty)
}

/// Whether it is here.
pub fn covers(arch: &X64, function: &Function, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
    let ty = working_type(function, inst, ty);
    if !ty.is_vector() || ty.bits() != 128 {
        return false;
    }
    binary(arch, opcode, ty).is_some()
        || matches!(opcode, Opcode::Bnot | Opcode::Bitselect | Opcode::Ineg)
        || lanes::covers(opcode)
        || compare::covers(arch, function, inst, opcode, ty)
        || shift::covers(opcode, ty)
        || shape::covers(arch, opcode, ty)
        || convert::covers(function, inst, opcode, ty)
}

/// Lowers one of them.
pub fn lower(arch: &X64, ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    let (function, inst, opcode) = (ctx.function, clif.inst, clif.opcode);
    let ty = working_type(function, inst, clif.ty);
    if let Some(op) = binary(arch, opcode, ty) {
        let (left, right) = (clif.reg(ctx, 0), clif.reg(ctx, 1));
        let to = clif.result(ctx);
        ctx.isa(Inst::Vector {
            op,
            to,
            left,
            right: right.into(),
        });
        return Ok(());
    }
    match opcode {
        Opcode::Bnot => {
            let (from, to) = (clif.reg(ctx, 0), clif.result(ctx));
            invert(ctx, to, from);
            Ok(())
        }
        Opcode::Ineg => {
            let op = binary(arch, Opcode::Isub, ty).ok_or_else(|| uncovered(clif))?;
            let from = clif.reg(ctx, 0);
            let (left, to) = (zero(ctx), clif.result(ctx));
            ctx.isa(Inst::Vector {
                op,
                to,
                left,
                right: from.into(),
            });
            Ok(())
        }
        Opcode::Bitselect => {
            let [c, x, y] = [0, 1, 2].map(|n| clif.reg(ctx, n));
            let to = clif.result(ctx);
            blend(ctx, to, c, (x, y));
            Ok(())
        }
        _ if lanes::covers(opcode) => lanes::lower(arch, ctx, clif),
        _ if compare::covers(arch, function, inst, opcode, ty) => {
            compare::lower(arch, ctx, clif, ty)
        }
        _ if shift::covers(opcode, ty) => shift::lower(ctx, clif),
        _ if shape::covers(arch, opcode, ty) => shape::lower(arch, ctx, clif, ty),
        _ => convert::lower(ctx, clif),
    }
}

/// The instruction for lanes of 8, 16, 32, 64 bits.
fn by_lanes(ty: Type, forms: [Option<Sse>; 4]) -> Option<Sse> {
    match ty.lane_bits() {
        8 => forms[0],
        16 => forms[1],
        32 => forms[2],
        _ => forms[3],
    }
}

/// The instruction that does it, where there is one.
fn binary(arch: &X64, opcode: Opcode, ty: Type) -> Option<Sse> {
    let op = match opcode {
        Opcode::Band => return Some(Sse::Pand),
        Opcode::Bor => return Some(Sse::Por),
        Opcode::Bxor => return Some(Sse::Pxor),
        _ if !ty.lane_type().is_int() => return None,
        Opcode::Iadd => by_lanes(
            ty,
            [Sse::Paddb, Sse::Paddw, Sse::Paddd, Sse::Paddq].map(Some),
        ),
        Opcode::Isub => by_lanes(
            ty,
            [Sse::Psubb, Sse::Psubw, Sse::Psubd, Sse::Psubq].map(Some),
        ),
        Opcode::Imul => by_lanes(ty, [None, Some(Sse::Pmullw), Some(Sse::Pmulld), None]),
        Opcode::UaddSat => by_lanes(ty, [Some(Sse::Paddusb), Some(Sse::Paddusw), None, None]),
        Opcode::SaddSat => by_lanes(ty, [Some(Sse::Paddsb), Some(Sse::Paddsw), None, None]),
        Opcode::UsubSat => by_lanes(ty, [Some(Sse::Psubusb), Some(Sse::Psubusw), None, None]),
        Opcode::SsubSat => by_lanes(ty, [Some(Sse::Psubsb), Some(Sse::Psubsw), None, None]),
        Opcode::AvgRound => by_lanes(ty, [Some(Sse::Pavgb), Some(Sse::Pavgw), None, None]),
        Opcode::Umin => by_lanes(
            ty,
            [
                Some(Sse::Pminub),
                Some(Sse::Pminuw),
                Some(Sse::Pminud),
                None,
            ],
        ),
        Opcode::Umax => by_lanes(
            ty,
            [
                Some(Sse::Pmaxub),
                Some(Sse::Pmaxuw),
                Some(Sse::Pmaxud),
                None,
            ],
        ),
        Opcode::Smin => by_lanes(
            ty,
            [
                Some(Sse::Pminsb),
                Some(Sse::Pminsw),
                Some(Sse::Pminsd),
                None,
            ],
        ),
        Opcode::Smax => by_lanes(
            ty,
            [
                Some(Sse::Pmaxsb),
                Some(Sse::Pmaxsw),
                Some(Sse::Pmaxsd),
                None,
            ],
        ),
        Opcode::IaddPairwise => by_lanes(ty, [None, Some(Sse::Phaddw), Some(Sse::Phaddd), None]),
        _ => None,
    };
    op.filter(|op| arch.has(op.level()))
}

/// `to = op(left, right)`, in a new register.
fn two(ctx: &mut Ctx<'_>, op: Sse, left: Reg, right: impl Into<Source>) -> Reg {
    let to = temp_vector(ctx);
    let right = right.into();
    ctx.isa(Inst::Vector {
        op,
        to,
        left,
        right,
    });
    to
}

/// All zeroes, in a new register.
fn zero(ctx: &mut Ctx<'_>) -> Reg {
    let to = temp_vector(ctx);
    ctx.isa(Inst::VectorZero { to });
    to
}

/// All ones, in a new register.
fn ones(ctx: &mut Ctx<'_>) -> Reg {
    let to = temp_vector(ctx);
    ctx.isa(Inst::VectorOnes { to });
    to
}

/// `to = !from`.
fn invert(ctx: &mut Ctx<'_>, to: Reg, from: Reg) {
    let left = ones(ctx);
    ctx.isa(Inst::Vector {
        op: Sse::Pxor,
        to,
        left,
        right: from.into(),
    });
}

/// Bits of `yes` where `mask` has ones, else of `no`.
fn blend(ctx: &mut Ctx<'_>, to: Reg, mask: Reg, (yes, no): (Reg, Reg)) {
    let chosen = two(ctx, Sse::Pand, yes, mask);
    let rest = two(ctx, Sse::Pandn, mask, no);
    ctx.isa(Inst::Vector {
        op: Sse::Por,
        to,
        left: chosen,
        right: rest.into(),
    });
}

/// Whether lanes are integers of so many bits.
fn is_lanes(ty: Type, bits: u32) -> bool {
    ty.lane_type().is_int() && ty.lane_bits() == bits
}

/// Whether the target has SSE4.1.
fn has_sse41(arch: &X64) -> bool {
    arch.has(Level::Sse41)
}

/// The lanes of a float vector are doubles.
fn is_double(ty: Type) -> bool {
    ty.lane_type() == types::F64
}
