//! Conditions, branches, traps, addresses of symbols, and what else is none of the others.

use cranelift_codegen::ir::{
    Function, GlobalValueData, Inst as ClifInst, InstructionData, Opcode, Type, types,
};

use super::super::abi::int;
use super::super::arch::size;
use super::super::encode::integer::Alu;
use super::super::encode::{Cond, Size};
use super::super::inst::{Amount, Inst, Source, Test};
use super::{Clif, Ctx, condition, select, temp, uncovered, zero_extended};
use crate::backend::limit::Refusal;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;
use crate::backend::vcode::Op;

/// Whether it is here.
pub fn covers(function: &Function, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
    let of = |n: usize| function.dfg.value_type(function.dfg.inst_args(inst)[n]);
    match opcode {
        Opcode::Icmp => of(0).is_int(),
        Opcode::Fcmp => of(0) == types::F32 || of(0) == types::F64,
        Opcode::Select
        | Opcode::SelectSpectreGuard
        | Opcode::Bmask
        | Opcode::Trap
        | Opcode::Trapz
        | Opcode::Trapnz
        | Opcode::SymbolValue
        | Opcode::FuncAddr
        | Opcode::GetPinnedReg
        | Opcode::SetPinnedReg
        | Opcode::Brif
        | Opcode::BrTable
        | Opcode::Iconst
        | Opcode::F16const
        | Opcode::F32const
        | Opcode::F64const
        | Opcode::F128const
        | Opcode::Vconst => true,
        Opcode::UaddOverflowTrap => ty.bits() <= 64,
        _ => false,
    }
}

/// Lowers one of them.
pub fn lower(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    let inst = clif.inst;
    let data = ctx.function.dfg.insts[inst];
    match data {
        InstructionData::IntCompare { .. } => {
            let test = condition::compare(ctx, inst).ok_or_else(|| uncovered(clif))?;
            let to = clif.result(ctx);
            ctx.isa(Inst::Set {
                test,
                to,
                temp: None,
            });
        }
        InstructionData::FloatCompare { .. } => condition::float_compare(ctx, clif)?,
        InstructionData::Trap { code, .. } => ctx.isa(Inst::Trap { code }),
        InstructionData::CondTrap { opcode, arg, code } => {
            let test = condition::truth(ctx, arg)?;
            let test = if opcode == Opcode::Trapz {
                condition::inverted(test)
            } else {
                test
            };
            ctx.isa(Inst::TrapIf { test, code });
        }
        InstructionData::IntAddTrap { args, code, .. } => {
            let (left, right) = (ctx.reg(args[0]), ctx.reg(args[1]));
            let (to, flag) = (clif.result(ctx), temp(ctx));
            let size = size(clif.ty);
            let right = Source::Reg(right);
            ctx.isa(Inst::AluFlag {
                op: Alu::Add,
                size,
                to,
                left,
                right,
                cond: Cond::B,
                flag,
            });
            let right = Source::Imm(0);
            let test = Test::Int {
                size: Size::B1,
                left: flag,
                right,
                cond: Cond::Ne,
            };
            ctx.isa(Inst::TrapIf { test, code });
        }
        InstructionData::UnaryGlobalValue { global_value, .. } => {
            let GlobalValueData::Symbol {
                name,
                offset,
                colocated,
                ..
            } = &ctx.function.global_values[global_value]
            else {
                return Err(uncovered(clif));
            };
            let (name, offset, near) = (name.clone(), i64::from(*offset), *colocated);
            let to = clif.result(ctx);
            ctx.isa(Inst::Symbol {
                to,
                name,
                offset,
                near,
            });
        }
        InstructionData::FuncAddr { func_ref, .. } => {
            let data = &ctx.function.dfg.ext_funcs[func_ref];
            let (name, near) = (data.name.clone(), data.colocated);
            let to = clif.result(ctx);
            ctx.isa(Inst::Symbol {
                to,
                name,
                offset: 0,
                near,
            });
        }
        _ => match clif.opcode {
            Opcode::Select | Opcode::SelectSpectreGuard => select::select(ctx, clif)?,
            Opcode::Bmask => select::bmask(ctx, clif)?,
            Opcode::GetPinnedReg => {
                let to = clif.result(ctx);
                ctx.emit(Op::Move {
                    to,
                    from: Reg::real(int(15)),
                });
            }
            Opcode::SetPinnedReg => {
                let from = clif.reg(ctx, 0);
                ctx.emit(Op::Move {
                    to: Reg::real(int(15)),
                    from,
                });
            }
            // Constants are made where they are used.
            _ => return Err(uncovered(clif)),
        },
    }
    Ok(())
}

/// `brif` and `br_table`.
///
/// # Errors
/// Conditions that are no integers.
pub fn branch(ctx: &mut Ctx<'_>, inst: ClifInst, targets: &[BlockId]) -> Result<(), Refusal> {
    match ctx.function.dfg.insts[inst] {
        InstructionData::Brif { arg, .. } => {
            let test = condition::truth(ctx, arg)?;
            ctx.isa(Inst::Branch {
                test,
                yes: targets[0],
                no: targets[1],
            });
            Ok(())
        }
        InstructionData::BranchTable { arg, .. } => {
            let index = zero_extended(ctx, arg);
            let temps = [temp(ctx), temp(ctx)];
            ctx.isa(Inst::Table {
                index,
                temps,
                targets: targets.to_vec(),
            });
            Ok(())
        }
        data => Err(Refusal::uncovered(data.opcode().to_string())),
    }
}

/// Shifts by a constant, 64 bits.
pub fn shifted(
    ctx: &mut Ctx<'_>,
    op: super::super::encode::shift::Shift,
    from: Reg,
    count: u8,
) -> Reg {
    let to = temp(ctx);
    ctx.isa(Inst::Shift {
        op,
        size: Size::B8,
        to,
        from,
        amount: Amount::Imm(count),
    });
    to
}
