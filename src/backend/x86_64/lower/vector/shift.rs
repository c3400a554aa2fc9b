//! Shifts of lanes by one amount.

use cranelift_codegen::ir::{Opcode, Type};

use super::super::super::encode::Size;
use super::super::super::encode::integer::Alu;
use super::super::super::encode::sse::Sse;
use super::super::super::encode::sse_imm::VectorShift;
use super::super::super::inst::{Inst, Source};
use super::super::{Clif, Ctx, temp, temp_vector, uncovered};
use super::shape::shifted;
use super::{ones, two};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

/// Whether it is here.
pub fn covers(opcode: Opcode, ty: Type) -> bool {
    ty.lane_type().is_int() && matches!(opcode, Opcode::Ishl | Opcode::Ushr | Opcode::Sshr)
}

/// Lowers one of them.
pub fn lower(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    let from = clif.reg(ctx, 0);
    let to = clif.result(ctx);
    let bits = clif.ty.lane_bits();
    let amount = amount(ctx, clif, bits)?;
    let op = match (clif.opcode, bits) {
        (Opcode::Ishl, 16) => Sse::Psllw,
        (Opcode::Ishl, 32) => Sse::Pslld,
        (Opcode::Ishl, 64) => Sse::Psllq,
        (Opcode::Ushr, 16) => Sse::Psrlw,
        (Opcode::Ushr, 32) => Sse::Psrld,
        (Opcode::Ushr, 64) => Sse::Psrlq,
        (Opcode::Sshr, 16) => Sse::Psraw,
        (Opcode::Sshr, 32) => Sse::Psrad,
        (Opcode::Sshr, 64) => {
            signed_quadwords(ctx, to, from, amount);
            return Ok(());
        }
        (opcode, _) => {
            bytes(ctx, opcode, to, (from, amount));
            return Ok(());
        }
    };
    ctx.isa(Inst::Vector {
        op,
        to,
        left: from,
        right: amount.into(),
    });
    Ok(())
}

/// The amount modulo the width, in a vector register.
fn amount(ctx: &mut Ctx<'_>, clif: Clif, bits: u32) -> Result<Reg, Refusal> {
    let amount = clif.arg(ctx, 1);
    let left = ctx.all_regs(amount)[0];
    let (masked, to) = (temp(ctx), temp_vector(ctx));
    let mask = i32::try_from(bits - 1).map_err(|_| uncovered(clif))?;
    let right = Source::Imm(mask);
    ctx.isa(Inst::Alu {
        op: Alu::And,
        size: Size::B4,
        to: masked,
        left,
        right,
    });
    ctx.isa(Inst::FromGpr {
        size: Size::B4,
        to,
        from: masked,
    });
    Ok(to)
}

/// `(x >> n ^ m) - m`, where `m` is the highest bit shifted as well.
fn signed_quadwords(ctx: &mut Ctx<'_>, to: Reg, from: Reg, amount: Reg) {
    let all = ones(ctx);
    let highest = shifted(ctx, VectorShift::Psllq, all, 63);
    let mark = two(ctx, Sse::Psrlq, highest, amount);
    let right = two(ctx, Sse::Psrlq, from, amount);
    let flipped = two(ctx, Sse::Pxor, right, mark);
    ctx.isa(Inst::Vector {
        op: Sse::Psubq,
        to,
        left: flipped,
        right: mark.into(),
    });
}

/// The even and the odd bytes as words, each cleared of what comes from its neighbour.
fn bytes(ctx: &mut Ctx<'_>, opcode: Opcode, to: Reg, (from, amount): (Reg, Reg)) {
    let all = ones(ctx);
    let low = shifted(ctx, VectorShift::Psrlw, all, 8);
    let (even, odd) = match opcode {
        Opcode::Ishl => {
            let even = two(ctx, Sse::Psllw, from, amount);
            let upper = two(ctx, Sse::Pandn, low, from);
            (
                two(ctx, Sse::Pand, even, low),
                two(ctx, Sse::Psllw, upper, amount),
            )
        }
        Opcode::Ushr => {
            let lower = two(ctx, Sse::Pand, from, low);
            let odd = two(ctx, Sse::Psrlw, from, amount);
            (
                two(ctx, Sse::Psrlw, lower, amount),
                two(ctx, Sse::Pandn, low, odd),
            )
        }
        _ => {
            let raised = shifted(ctx, VectorShift::Psllw, from, 8);
            let even = two(ctx, Sse::Psraw, raised, amount);
            let odd = two(ctx, Sse::Psraw, from, amount);
            (
                shifted(ctx, VectorShift::Psrlw, even, 8),
                two(ctx, Sse::Pandn, low, odd),
            )
        }
    };
    ctx.isa(Inst::Vector {
        op: Sse::Por,
        to,
        left: even,
        right: odd.into(),
    });
}
