//! Operands: values that are there earlier, so that what made the others can go.

use cranelift_codegen::ir::{Function, Value};

use super::edit::insts;
use super::{Edit, Source, in_each_function};

/// Operands that could be the first value of their type: a parameter of the entry, or the first
/// result in the entry block.
pub fn earlier(source: &Source) -> Vec<Edit> {
    let list = |function: &Function| {
        let mut choices = Vec::new();
        let early = early(function);
        for inst in insts(function) {
            for (position, operand) in function.dfg.inst_values(inst).enumerate() {
                let ty = function.dfg.value_type(operand);
                let first = early
                    .iter()
                    .find(|value| function.dfg.value_type(**value) == ty);
                if let Some(first) = first.filter(|first| first.as_u32() < operand.as_u32()) {
                    choices.push((inst, position, *first));
                }
            }
        }
        choices
    };
    in_each_function(source, list, |function, (inst, position, value)| {
        let mut values: Vec<Value> = function.dfg.inst_values(inst).collect();
        *values.get_mut(position)? = value;
        function.dfg.overwrite_inst_values(inst, values.into_iter());
        Some(())
    })
}

fn early(function: &Function) -> Vec<Value> {
    let Some(entry) = function.layout.entry_block() else {
        return Vec::new();
    };
    let params = function.dfg.block_params(entry).iter().copied();
    let results = function
        .layout
        .block_insts(entry)
        .flat_map(|inst| function.dfg.inst_results(inst).iter().copied());
    params.chain(results).collect()
}
