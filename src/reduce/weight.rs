//! Which of two programs is simpler. Every step of a reduction makes it lighter, so it ends.

use cranelift_codegen::ir::{Function, Opcode};
use cranelift_codegen::isa::CallConv;

use super::source::Source;

/// Weight of a program: of its instructions first, then of its calling conventions, the length
/// of the text and at last the text itself, so that of two texts one is always simpler.
pub type Weight = (usize, usize, usize, String);

/// The weight of `source`, which prints as `text`.
pub fn weight(source: &Source, text: &str) -> Weight {
    let functions = || source.units.iter().map(|unit| &unit.function);
    (
        functions().map(instructions).sum(),
        functions().map(conventions).sum(),
        text.len(),
        text.to_owned(),
    )
}

/// A constant is lighter than anything that computes, and as light as a parameter. A tail call
/// weighs more than a call and a return.
fn instructions(function: &Function) -> usize {
    let mut sum = 0;
    for block in function.layout.blocks() {
        sum += 2 * function.dfg.block_params(block).len() + 1;
        for inst in function.layout.block_insts(block) {
            sum += match function.dfg.insts[inst].opcode() {
                Opcode::Iconst
                | Opcode::F16const
                | Opcode::F32const
                | Opcode::F64const
                | Opcode::F128const
                | Opcode::Vconst => 2,
                opcode => {
                    let patchable = super::edit::is_patchable(function, inst);
                    let memory = opcode.can_load() || opcode.can_store();
                    let tail = opcode.is_call() && opcode.is_return();
                    4 + function.dfg.inst_values(inst).count()
                        + if tail { 16 } else { 0 }
                        + usize::from(patchable)
                        + usize::from(memory)
                }
            };
        }
    }
    sum
}

fn conventions(function: &Function) -> usize {
    let declared = function.dfg.signatures.values().map(|sig| sig.call_conv);
    declared
        .chain([function.signature.call_conv])
        .map(|convention| match convention {
            CallConv::SystemV => 0,
            CallConv::PreserveAll => 1,
            CallConv::Fast => 2,
            CallConv::Tail => 3,
            _ => 4,
        })
        .sum()
}
