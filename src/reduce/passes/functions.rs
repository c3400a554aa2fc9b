//! Whole functions.

use cranelift_codegen::ir::{Function, InstructionData};

use super::edit::{callee, callee_name, insts, remove as remove_inst, return_zeros};
use super::{Edit, Source, blocks};

/// Functions, with every mention of them.
pub fn remove(source: &Source) -> Vec<Edit> {
    let edit = |index: usize| -> Edit {
        Box::new(move |source| {
            let name = source.units.get(index)?.function.name.to_string();
            source.units.remove(index);
            for unit in &mut source.units {
                forget(&mut unit.function, &name)?;
            }
            Some(())
        })
    };
    (0..source.units.len()).map(edit).collect()
}

/// Removes the calls of `name` and its addresses.
fn forget(function: &mut Function, name: &str) -> Option<()> {
    for inst in insts(function) {
        let named = callee(function, inst).is_some_and(|f| callee_name(function, f) == name);
        if !named {
            continue;
        }
        match function.dfg.insts[inst] {
            InstructionData::TryCall { .. } => blocks::go_on(function, inst)?,
            _ if function.dfg.insts[inst].opcode().is_return() => {
                let block = function.layout.inst_block(inst)?;
                return_zeros(function, block)?;
            }
            _ => remove_inst(function, inst)?,
        }
    }
    Some(())
}

/// Bodies: a function that returns zeros at once.
pub fn empty(source: &Source) -> Vec<Edit> {
    let edit = |index: usize| -> Edit {
        Box::new(move |source| {
            let function = &mut source.units.get_mut(index)?.function;
            let entry = function.layout.entry_block()?;
            let mut blocks: Vec<_> = function.layout.blocks().collect();
            blocks.retain(|block| *block != entry);
            return_zeros(function, entry)?;
            for block in blocks {
                blocks::remove(function, block);
            }
            let own: Vec<_> = function.layout.block_insts(entry).collect();
            for inst in own.into_iter().rev() {
                if function.dfg.insts[inst].opcode().is_terminator() {
                    continue;
                }
                let results = function.dfg.inst_results(inst);
                if !results.iter().any(|v| super::edit::is_used(function, *v)) {
                    remove_inst(function, inst)?;
                }
            }
            Some(())
        })
    };
    (0..source.units.len()).map(edit).collect()
}
