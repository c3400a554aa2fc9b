//! Numbers in instructions.

use cranelift_codegen::ir::immediates::{Ieee32, Ieee64, Imm64, Offset32};
use cranelift_codegen::ir::{Function, Inst, InstructionData};

use super::edit::insts;
use super::{Edit, Source, in_each_function};

/// Constants: 0, 1, and what has half the digits.
pub fn simplify(source: &Source) -> Vec<Edit> {
    let list = |function: &Function| {
        let mut choices: Vec<(Inst, i64)> = Vec::new();
        for inst in insts(function) {
            match function.dfg.insts[inst] {
                InstructionData::UnaryImm { imm, .. } => {
                    let old = imm.bits();
                    let bits = i64::BITS - old.unsigned_abs().leading_zeros();
                    let half = old >> (bits / 2).min(62);
                    let simpler = [half, old / 2, 2, 1, 0];
                    let simpler = simpler.into_iter().filter(|new| *new != old);
                    choices.extend(simpler.map(|number| (inst, number)));
                }
                InstructionData::UnaryIeee32 { .. } | InstructionData::UnaryIeee64 { .. } => {
                    choices.extend([(inst, 1), (inst, 0)]);
                }
                _ => {}
            }
        }
        choices
    };
    in_each_function(source, list, |function, (inst, number)| {
        let one = number == 1;
        match &mut function.dfg.insts[inst] {
            InstructionData::UnaryImm { imm, .. } => *imm = Imm64::new(number),
            InstructionData::UnaryIeee32 { imm, .. } => {
                *imm = Ieee32::with_float(if one { 1.0 } else { 0.0 });
            }
            InstructionData::UnaryIeee64 { imm, .. } => {
                *imm = Ieee64::with_float(if one { 1.0 } else { 0.0 });
            }
            _ => return None,
        }
        Some(())
    })
}

/// Offsets of addresses, which become none; address and value of a load at once.
pub fn offsets(source: &Source) -> Vec<Edit> {
    let list = |function: &Function| {
        let mut list = insts(function);
        list.retain(|inst| match function.dfg.insts[*inst] {
            InstructionData::StackAddr { offset, .. }
            | InstructionData::Load { offset, .. }
            | InstructionData::Store { offset, .. } => i64::from(offset) != 0,
            _ => false,
        });
        list
    };
    in_each_function(source, list, |function, inst| {
        match &mut function.dfg.insts[inst] {
            InstructionData::StackAddr { offset, .. }
            | InstructionData::Load { offset, .. }
            | InstructionData::Store { offset, .. } => *offset = Offset32::new(0),
            _ => return None,
        }
        Some(())
    })
}
