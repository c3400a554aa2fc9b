//! Single instructions.

use cranelift_codegen::ir::{Function, Inst, Value};

use super::edit::{insts, is_used, remove as remove_inst, rename};
use super::{Edit, Source, in_each_function};

/// Instructions that do not end a block; what they computed becomes zero.
pub fn remove(source: &Source) -> Vec<Edit> {
    let list = |function: &Function| {
        let mut list = insts(function);
        list.retain(|inst| !function.dfg.insts[*inst].opcode().is_terminator());
        list
    };
    in_each_function(source, list, |function, inst| {
        let constant = function.dfg.insts[inst].arguments(&function.dfg.value_lists);
        let pure = constant.is_empty() && !function.dfg.insts[inst].opcode().is_call();
        let results = function.dfg.inst_results(inst);
        if pure && results.iter().any(|v| is_used(function, *v)) {
            let memory = function.dfg.insts[inst].opcode();
            // A constant for a constant is no gain; an address is.
            if memory.to_string().ends_with("const") {
                return None;
            }
        }
        remove_inst(function, inst)
    })
}

/// Instructions whose result could be one of their operands, or another value of the entry.
pub fn forward(source: &Source) -> Vec<Edit> {
    let list = |function: &Function| {
        let mut choices: Vec<(Inst, Value)> = Vec::new();
        for inst in insts(function) {
            let &[result] = function.dfg.inst_results(inst) else {
                continue;
            };
            let ty = function.dfg.value_type(result);
            let entry = function.layout.entry_block();
            let params = entry.map_or(&[][..], |entry| function.dfg.block_params(entry));
            let operands = function.dfg.inst_values(inst);
            let mut values: Vec<Value> = operands.chain(params.iter().copied()).collect();
            values.retain(|value| function.dfg.value_type(*value) == ty);
            values.dedup();
            choices.extend(values.into_iter().take(4).map(|value| (inst, value)));
        }
        choices
    };
    in_each_function(source, list, |function, (inst, value)| {
        let &[result] = function.dfg.inst_results(inst) else {
            return None;
        };
        rename(function, result, value);
        remove_inst(function, inst)
    })
}
