//! Canonical NaNs: every operation that may make one is followed by a choice of the canonical
//! one (`enable_nan_canonicalization`).

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::immediates::{Ieee32, Ieee64};
use cranelift_codegen::ir::{Function, Inst, InstBuilder, Opcode, Type, Value, types};

/// Puts the choices in.
pub fn canonicalize(function: &mut Function) {
    let mut cursor = FuncCursor::new(function);
    while cursor.next_block().is_some() {
        while let Some(inst) = cursor.next_inst() {
            if makes_nans(cursor.func.dfg.insts[inst].opcode()) {
                choose(&mut cursor, inst);
            }
        }
    }
}

fn makes_nans(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::Fadd
            | Opcode::Fsub
            | Opcode::Fmul
            | Opcode::Fdiv
            | Opcode::Fmin
            | Opcode::Fmax
            | Opcode::Fma
            | Opcode::Sqrt
            | Opcode::Ceil
            | Opcode::Floor
            | Opcode::Trunc
            | Opcode::Nearest
            | Opcode::Fpromote
            | Opcode::Fdemote
            | Opcode::FvpromoteLow
            | Opcode::Fvdemote
    )
}

/// Lets all users of the instruction's result see the canonical value instead.
fn choose(cursor: &mut FuncCursor<'_>, inst: Inst) {
    let result = cursor.func.dfg.first_result(inst);
    let ty = cursor.func.dfg.value_type(result);
    if !matches!(ty.lane_type(), types::F32 | types::F64) {
        return;
    }
    // The instruction gets a new result, and the old one becomes the choice's.
    let raw = cursor.func.dfg.replace_result(result, ty);
    cursor.next_inst();
    let chosen = if ty.is_vector() {
        in_lanes(cursor, raw, ty)
    } else {
        scalar(cursor, raw, ty)
    };
    cursor.func.dfg.change_to_alias(result, chosen);
    let maker = cursor.func.dfg.value_def(chosen).unwrap_inst();
    cursor.goto_inst(maker);
}

fn scalar(cursor: &mut FuncCursor<'_>, raw: Value, ty: Type) -> Value {
    let canonical = if ty == types::F32 {
        cursor.ins().f32const(Ieee32::with_bits(0x7fc0_0000))
    } else {
        cursor
            .ins()
            .f64const(Ieee64::with_bits(0x7ff8_0000_0000_0000))
    };
    let is_nan = cursor.ins().fcmp(FloatCC::Unordered, raw, raw);
    cursor.ins().select(is_nan, canonical, raw)
}

fn in_lanes(cursor: &mut FuncCursor<'_>, raw: Value, ty: Type) -> Value {
    let lane: Vec<u8> = if ty.lane_type() == types::F32 {
        0x7fc0_0000u32.to_le_bytes().to_vec()
    } else {
        0x7ff8_0000_0000_0000u64.to_le_bytes().to_vec()
    };
    let all: Vec<u8> = lane.into_iter().cycle().take(16).collect();
    let constant = cursor.func.dfg.constants.insert(all.into());
    let canonical = cursor.ins().vconst(ty, constant);
    let flags = super::little();
    let mask = cursor.ins().fcmp(FloatCC::Unordered, raw, raw);
    let mask = cursor.ins().bitcast(ty, flags, mask);
    cursor.ins().bitselect(mask, canonical, raw)
}
