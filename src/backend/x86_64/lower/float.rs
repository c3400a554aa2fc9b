//! Scalar floats, and lane-wise operations on vectors of them that have an instruction.

use cranelift_codegen::ir::{Opcode, Type, types};

use super::super::X64;
use super::super::arch::width;
use super::super::encode::sse::{Level, Sse};
use super::super::encode::sse_imm::SseImm;
use super::super::inst::{Address, Inst, Source};
use super::{Clif, Ctx, temp_vector, uncovered};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

/// The instruction for `f32`, `f64`, `f32x4`, `f64x2`.
fn by_type(ty: Type, [ss, sd, ps, pd]: [Sse; 4]) -> Option<Sse> {
    match ty {
        types::F32 => Some(ss),
        types::F64 => Some(sd),
        types::F32X4 => Some(ps),
        types::F64X2 => Some(pd),
        _ => None,
    }
}

fn binary(opcode: Opcode, ty: Type) -> Option<Sse> {
    let forms = match opcode {
        Opcode::Fadd => [Sse::Addss, Sse::Addsd, Sse::Addps, Sse::Addpd],
        Opcode::Fsub => [Sse::Subss, Sse::Subsd, Sse::Subps, Sse::Subpd],
        Opcode::Fmul => [Sse::Mulss, Sse::Mulsd, Sse::Mulps, Sse::Mulpd],
        Opcode::Fdiv => [Sse::Divss, Sse::Divsd, Sse::Divps, Sse::Divpd],
        _ => return None,
    };
    by_type(ty, forms)
}

fn round(opcode: Opcode, ty: Type) -> Option<(SseImm, u8)> {
    let op = match ty {
        types::F32 => SseImm::Roundss,
        types::F64 => SseImm::Roundsd,
        types::F32X4 => SseImm::Roundps,
        types::F64X2 => SseImm::Roundpd,
        _ => return None,
    };
    match opcode {
        Opcode::Nearest => Some((op, 0)),
        Opcode::Floor => Some((op, 1)),
        Opcode::Ceil => Some((op, 2)),
        Opcode::Trunc => Some((op, 3)),
        _ => None,
    }
}

/// The sign bits of a float, or of each lane.
fn signs(ty: Type) -> Option<u128> {
    match ty.lane_type() {
        types::F32 => Some(0x8000_0000_8000_0000_8000_0000_8000_0000),
        types::F64 => Some(0x8000_0000_0000_0000_8000_0000_0000_0000),
        _ => None,
    }
}

/// Whether it is here.
pub fn covers(arch: &X64, opcode: Opcode, ty: Type) -> bool {
    match opcode {
        Opcode::Sqrt | Opcode::Fneg | Opcode::Fabs | Opcode::Fcopysign => {
            signs(ty).is_some() && (!ty.is_vector() || ty.bits() == 128)
        }
        Opcode::Fmin | Opcode::Fmax => ty == types::F32 || ty == types::F64,
        _ => {
            binary(opcode, ty).is_some() || (round(opcode, ty).is_some() && arch.has(Level::Sse41))
        }
    }
}

/// Lowers one of them.
pub fn lower(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    let (opcode, ty) = (clif.opcode, clif.ty);
    let left = clif.reg(ctx, 0);
    let to = clif.result(ctx);
    if let Some(op) = binary(opcode, ty) {
        let right = Source::Reg(clif.reg(ctx, 1));
        ctx.isa(Inst::Vector {
            op,
            to,
            left,
            right,
        });
        return Ok(());
    }
    if let Some((op, imm)) = round(opcode, ty) {
        ctx.isa(Inst::VectorUnaryImm {
            op,
            to,
            from: left.into(),
            imm,
        });
        return Ok(());
    }
    let signs = signs(ty).ok_or_else(|| uncovered(clif))?;
    match opcode {
        Opcode::Sqrt => {
            let forms = [Sse::Sqrtss, Sse::Sqrtsd, Sse::Sqrtps, Sse::Sqrtpd];
            let op = by_type(ty, forms).ok_or_else(|| uncovered(clif))?;
            ctx.isa(Inst::VectorUnary {
                op,
                to,
                from: left.into(),
            });
        }
        Opcode::Fneg => masked(ctx, Sse::Xorps, to, left, signs),
        Opcode::Fabs => masked(ctx, Sse::Andps, to, left, !signs),
        Opcode::Fcopysign => {
            let (size, sign) = (temp_vector(ctx), temp_vector(ctx));
            let right = clif.reg(ctx, 1);
            masked(ctx, Sse::Andps, size, left, !signs);
            masked(ctx, Sse::Andps, sign, right, signs);
            ctx.isa(Inst::Vector {
                op: Sse::Orps,
                to,
                left: size,
                right: sign.into(),
            });
        }
        Opcode::Fmin | Opcode::Fmax => {
            let (right, max) = (clif.reg(ctx, 1), opcode == Opcode::Fmax);
            ctx.isa(Inst::FloatChoice {
                max,
                width: width(ty),
                to,
                left,
                right,
            });
        }
        _ => return Err(uncovered(clif)),
    }
    Ok(())
}

/// `to = left op mask`.
pub fn masked(ctx: &mut Ctx<'_>, op: Sse, to: Reg, left: Reg, mask: u128) {
    let right = Source::Mem(Address::Constant(mask));
    ctx.isa(Inst::Vector {
        op,
        to,
        left,
        right,
    });
}
