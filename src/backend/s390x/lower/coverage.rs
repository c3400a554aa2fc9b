//! What is lowered here, so that legalisation takes apart the rest.

use cranelift_codegen::ir::{Function, Inst as ClifInst, Opcode, Type, types};

use super::{convert, float, integer, memory, vector, vector_float, vector_shape, wide};

/// Whether an instruction of controlling type `ty` is lowered.
pub fn covers(function: &Function, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
    let dfg = &function.dfg;
    let arg = dfg
        .inst_args(inst)
        .first()
        .map(|&value| dfg.value_type(value));
    let result = dfg
        .inst_results(inst)
        .first()
        .map(|&value| dfg.value_type(value));
    use Opcode as O;
    match opcode {
        O::Iconst | O::F16const | O::F32const | O::F64const | O::F128const | O::Vconst => true,
        O::Jump | O::Return | O::Trap | O::StackAddr | O::SymbolValue | O::FuncAddr | O::Nop => {
            true
        }
        O::BrTable | O::Fence | O::SequencePoint => true,
        O::Brif | O::Trapz | O::Trapnz => arg != Some(types::I128),
        O::Load | O::Store => {
            let moved = if opcode == O::Load { result } else { arg };
            moved.is_some_and(|ty| memory::covers(opcode, ty))
        }
        _ if opcode.can_load() || opcode.can_store() => {
            let atomic = matches!(
                opcode,
                O::AtomicLoad | O::AtomicStore | O::AtomicRmw | O::AtomicCas
            );
            atomic || memory::covers(opcode, ty)
        }
        O::Select => arg != Some(types::I128) || ty == types::I128,
        _ => {
            let (Some(from), Some(to)) = (arg, result) else {
                return false;
            };
            operation(opcode, ty, from, to)
        }
    }
}

fn operation(opcode: Opcode, ty: Type, from: Type, to: Type) -> bool {
    let wide = from == types::I128 || to == types::I128 || ty == types::I128;
    if wide {
        let shift = matches!(opcode, Opcode::Ishl | Opcode::Ushr | Opcode::Sshr);
        return wide::covers(opcode) && !shift;
    }
    if convert::covers(opcode, from, to) || vector_shape::covers(opcode, from, to) {
        return true;
    }
    if matches!(opcode, Opcode::FcvtToSintSat | Opcode::FcvtToUintSat) {
        return false;
    }
    if from.is_vector() || to.is_vector() {
        return vector::covers(opcode, ty) || vector_float::covers(opcode, ty);
    }
    match opcode {
        Opcode::Icmp => true,
        Opcode::Fcmp => matches!(ty, types::F32 | types::F64),
        _ => integer_or_float(opcode, ty),
    }
}

fn integer_or_float(opcode: Opcode, ty: Type) -> bool {
    (ty.is_int() && integer::covers(opcode, ty)) || float::covers(opcode, ty)
}
