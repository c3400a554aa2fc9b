//! Branches and traps.

use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode};

use super::Ctx;
use super::build::Build;
use super::compare::truth;
use crate::backend::limit::Refusal;
use crate::backend::order::BlockId;
use crate::backend::riscv64::inst::{Condition, Inst};
use crate::backend::vcode::Op;

/// `brif` and `br_table`.
///
/// # Errors
/// Other branches.
pub fn lower_branch(ctx: &mut Ctx<'_>, inst: ClifInst, targets: &[BlockId]) -> Result<(), Refusal> {
    let b = &mut Build::new(ctx);
    match b.ctx.function.dfg.insts[inst] {
        InstructionData::Brif { arg, .. } => {
            let condition = truth(b, arg);
            b.push(Inst::Branch {
                condition,
                targets: [targets[0], targets[1]],
            });
        }
        InstructionData::BranchTable { arg, .. } => {
            let (default, targets) = (targets[0], targets[1..].to_vec());
            if targets.is_empty() {
                b.ctx.emit(Op::Jump(default));
                return Ok(());
            }
            let index = b.zero_extended(arg);
            let count = b.value(i64::try_from(targets.len()).unwrap_or(i64::MAX));
            let (base, part) = (b.lost(), b.lost());
            b.push(Inst::Table {
                index,
                count,
                base,
                part,
                default,
                targets,
            });
        }
        data => return Err(Refusal::uncovered(data.opcode().to_string())),
    }
    Ok(())
}

/// `trap`.
pub fn trap(b: &mut Build<'_, '_>, inst: ClifInst) {
    if let InstructionData::Trap { code, .. } = b.ctx.function.dfg.insts[inst] {
        b.push(Inst::Trap { code });
    }
}

/// `trapz`, `trapnz`.
pub fn trap_if(b: &mut Build<'_, '_>, inst: ClifInst) {
    if let InstructionData::CondTrap { opcode, arg, code } = b.ctx.function.dfg.insts[inst] {
        let condition = truth(b, arg);
        let op = if opcode == Opcode::Trapz {
            condition.op.inverted()
        } else {
            condition.op
        };
        b.push(Inst::TrapIf {
            condition: Condition { op, ..condition },
            code,
        });
    }
}
