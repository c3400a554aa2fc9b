//! Addresses of symbols, and the pinned register.

use cranelift_codegen::ir::{
    ExternalName, GlobalValueData, Inst as ClifInst, InstructionData, Opcode,
};

use super::super::inst::Inst;
use super::super::registers::PINNED;
use super::{Ctx, Lowered};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;
use crate::backend::vcode::Op;

impl Ctx<'_> {
    fn address_of(&mut self, to: Reg, name: ExternalName, addend: i64, near: bool) {
        self.isa(Inst::Address {
            to,
            name,
            addend,
            near,
        });
    }
}

/// Lowers addresses of symbols and what concerns the pinned register.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst) -> Lowered {
    match ctx.function.dfg.insts[inst] {
        InstructionData::FuncAddr { func_ref, .. } => {
            let to = ctx.result(inst, 0);
            let data = &ctx.function.dfg.ext_funcs[func_ref];
            let (name, near) = (data.name.clone(), data.colocated);
            ctx.address_of(to, name, 0, near);
            Ok(true)
        }
        InstructionData::UnaryGlobalValue {
            opcode: Opcode::SymbolValue,
            global_value,
        } => {
            let to = ctx.result(inst, 0);
            let data = ctx.function.global_values[global_value].clone();
            let GlobalValueData::Symbol {
                name,
                offset,
                colocated,
                tls: false,
            } = data
            else {
                return Err(Refusal::uncovered(format!("address of {data}")));
            };
            ctx.address_of(to, name, offset.bits(), colocated);
            Ok(true)
        }
        InstructionData::NullAry {
            opcode: Opcode::GetPinnedReg,
        } => {
            let (to, from) = (ctx.result(inst, 0), Reg::real(PINNED));
            ctx.emit(Op::Move { to, from });
            Ok(true)
        }
        InstructionData::Unary {
            opcode: Opcode::SetPinnedReg,
            arg,
        } => {
            let from = ctx.reg(arg);
            ctx.emit(Op::Move {
                to: Reg::real(PINNED),
                from,
            });
            Ok(true)
        }
        _ => Ok(false),
    }
}
