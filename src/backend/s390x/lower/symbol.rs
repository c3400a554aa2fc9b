//! Addresses of symbols and functions.

use cranelift_codegen::ir::{GlobalValueData, Inst as ClifInst, InstructionData, Opcode};

use super::Ctx;
use crate::backend::s390x::inst::Inst;

/// Lowers `symbol_value` and `func_addr`.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode) -> bool {
    let (name, addend, near) = match ctx.function.dfg.insts[inst] {
        InstructionData::UnaryGlobalValue { global_value, .. } => {
            match &ctx.function.global_values[global_value] {
                GlobalValueData::Symbol {
                    name,
                    offset,
                    colocated,
                    ..
                } => (name.clone(), i64::from(*offset), *colocated),
                _ => return false,
            }
        }
        InstructionData::FuncAddr { func_ref, .. } => {
            let data = &ctx.function.dfg.ext_funcs[func_ref];
            (data.name.clone(), 0, data.colocated)
        }
        _ => return false,
    };
    debug_assert!(matches!(opcode, Opcode::SymbolValue | Opcode::FuncAddr));
    let to = ctx.result(inst, 0);
    ctx.isa(Inst::SymbolAddress {
        to,
        name,
        addend,
        near,
    });
    true
}
