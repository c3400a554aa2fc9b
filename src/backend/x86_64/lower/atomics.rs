//! Atomic loads, stores and updates of 8 to 64 bits.

use cranelift_codegen::ir::{AtomicRmwOp, InstructionData, Opcode, Type};

use super::super::arch::size;
use super::super::encode::integer::{Alu, Unary};
use super::super::encode::{Cond, Size};
use super::super::inst::{Inst, Source, Update};
use super::access::{address, trap_code};
use super::{Clif, Ctx, temp, uncovered};
use crate::backend::limit::Refusal;

/// Whether it is here.
pub fn covers(opcode: Opcode, ty: Type) -> bool {
    match opcode {
        Opcode::AtomicLoad | Opcode::AtomicStore | Opcode::AtomicRmw | Opcode::AtomicCas => {
            ty.is_int() && ty.bits() <= 64
        }
        Opcode::Fence => true,
        _ => false,
    }
}

/// Lowers one of them.
pub fn lower(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    match ctx.function.dfg.insts[clif.inst] {
        InstructionData::LoadNoOffset { arg, flags, .. } => {
            let trap = trap_code(ctx, flags)?;
            let (from, to) = (address(ctx, arg, 0)?, clif.result(ctx));
            ctx.isa(Inst::Extend {
                signed: false,
                size: size(clif.ty),
                to,
                from: Source::Mem(from),
                trap,
            });
        }
        InstructionData::StoreNoOffset { args, flags, .. } => {
            let trap = trap_code(ctx, flags)?;
            let size = size(ctx.ty(args[0]));
            let (from, to) = (ctx.reg(args[0]), temp(ctx));
            let address = address(ctx, args[1], 0)?;
            ctx.isa(Inst::Exchange {
                add: false,
                size,
                to,
                from,
                address,
                trap,
            });
        }
        InstructionData::AtomicCas { args, flags, .. } => {
            let trap = trap_code(ctx, flags)?;
            let address = address(ctx, args[0], 0)?;
            let (expected, new) = (ctx.reg(args[1]), ctx.reg(args[2]));
            let (size, to) = (size(clif.ty), clif.result(ctx));
            ctx.isa(Inst::CompareExchange {
                size,
                to,
                expected,
                new,
                address,
                trap,
            });
        }
        InstructionData::AtomicRmw { op, .. } => update(ctx, clif, op)?,
        InstructionData::NullAry { .. } => ctx.isa(Inst::Fence),
        _ => return Err(uncovered(clif)),
    }
    Ok(())
}

fn update(ctx: &mut Ctx<'_>, clif: Clif, op: AtomicRmwOp) -> Result<(), Refusal> {
    let InstructionData::AtomicRmw { args, flags, .. } = ctx.function.dfg.insts[clif.inst] else {
        return Err(uncovered(clif));
    };
    let trap = trap_code(ctx, flags)?;
    let address = address(ctx, args[0], 0)?;
    let (from, to, size) = (ctx.reg(args[1]), clif.result(ctx), size(clif.ty));
    let update = match op {
        AtomicRmwOp::Add => {
            ctx.isa(Inst::Exchange {
                add: true,
                size,
                to,
                from,
                address,
                trap,
            });
            return Ok(());
        }
        AtomicRmwOp::Sub => {
            let negated = temp(ctx);
            ctx.isa(Inst::Unary {
                op: Unary::Neg,
                size: Size::B8,
                to: negated,
                from,
            });
            ctx.isa(Inst::Exchange {
                add: true,
                size,
                to,
                from: negated,
                address,
                trap,
            });
            return Ok(());
        }
        AtomicRmwOp::Xchg => {
            ctx.isa(Inst::Exchange {
                add: false,
                size,
                to,
                from,
                address,
                trap,
            });
            return Ok(());
        }
        AtomicRmwOp::And => Update::Alu(Alu::And),
        AtomicRmwOp::Or => Update::Alu(Alu::Or),
        AtomicRmwOp::Xor => Update::Alu(Alu::Xor),
        AtomicRmwOp::Nand => Update::Nand,
        AtomicRmwOp::Umin => Update::Choose(Cond::B),
        AtomicRmwOp::Umax => Update::Choose(Cond::A),
        AtomicRmwOp::Smin => Update::Choose(Cond::L),
        AtomicRmwOp::Smax => Update::Choose(Cond::G),
    };
    let (operand, temp) = (from, temp(ctx));
    ctx.isa(Inst::Update {
        update,
        size,
        to,
        operand,
        temp,
        address,
        trap,
    });
    Ok(())
}
