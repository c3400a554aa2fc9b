//! Branches and traps.

use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, types};
use regalloc2::RegClass;

use super::constant::extended;
use super::{Ctx, condition, controlling, uncovered};
use crate::backend::limit::Refusal;
use crate::backend::order::BlockId;
use crate::backend::s390x::encode::Mask;
use crate::backend::s390x::inst::Inst;

/// Lowers `brif` and `br_table`.
///
/// # Errors
/// Other branches.
pub fn branch(ctx: &mut Ctx<'_>, inst: ClifInst, targets: &[BlockId]) -> Result<(), Refusal> {
    match ctx.function.dfg.insts[inst] {
        InstructionData::Brif { arg, .. } => {
            let mask = condition::holds(ctx, arg);
            let (then, other) = (targets[0], targets[1]);
            ctx.isa(Inst::Branch { mask, then, other });
        }
        InstructionData::BranchTable { arg, .. } => {
            let index = ctx.reg(arg);
            let index = extended(ctx, index, ctx.ty(arg), false);
            let (default, targets) = (targets[0], targets[1..].to_vec());
            let scratch = ctx.temp(RegClass::Int);
            ctx.isa(Inst::Table {
                index,
                scratch,
                default,
                targets,
            });
        }
        data => return Err(uncovered(data.opcode(), controlling(ctx, inst))),
    }
    Ok(())
}

/// Lowers traps.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode) -> bool {
    match ctx.function.dfg.insts[inst] {
        InstructionData::Trap { code, .. } => ctx.isa(Inst::Trap(code)),
        InstructionData::CondTrap { arg, code, .. } => {
            let mask = condition::holds(ctx, arg);
            let mask = if opcode == Opcode::Trapz {
                mask.negated()
            } else {
                mask
            };
            ctx.isa(Inst::TrapIf { mask, code });
        }
        InstructionData::NullAry {
            opcode: Opcode::Fence,
        } => ctx.isa(Inst::Fence),
        _ => return false,
    }
    true
}

/// Traps if an integer is zero.
pub fn trap_if_zero(
    ctx: &mut Ctx<'_>,
    value: cranelift_codegen::ir::Value,
    code: cranelift_codegen::ir::TrapCode,
) {
    debug_assert_ne!(ctx.ty(value), types::I128);
    let mask = condition::holds(ctx, value);
    ctx.isa(Inst::TrapIf {
        mask: Mask::negated(mask),
        code,
    });
}
