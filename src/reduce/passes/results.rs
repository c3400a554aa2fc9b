//! Results, with what all callers do with them.

use cranelift_codegen::ir::{Function, Inst, InstructionData, Opcode, Value};

use super::edit::{callee, insts, is_used, rename, zero};
use super::parameters::change_signature;
use super::run_lines::forget;
use super::{Edit, Source};

/// Results of functions, also of those that are only called.
pub fn remove(source: &Source) -> Vec<Edit> {
    let mut names = std::collections::BTreeMap::new();
    for unit in &source.units {
        let function = &unit.function;
        names.insert(function.name.to_string(), function.signature.returns.len());
        for (func_ref, data) in function.dfg.ext_funcs.iter() {
            let returns = &function.dfg.signatures[data.signature].returns;
            names.insert(super::edit::callee_name(function, func_ref), returns.len());
        }
    }
    let mut edits: Vec<Edit> = Vec::new();
    for (name, count) in names {
        for index in 0..count {
            let name = name.clone();
            edits.push(Box::new(move |source| remove_one(source, &name, index)));
        }
    }
    edits
}

fn remove_one(source: &mut Source, name: &str, index: usize) -> Option<()> {
    for unit in &mut source.units {
        let function = &mut unit.function;
        if function.name.to_string() == name {
            function.signature.returns.get(index)?;
            function.signature.returns.remove(index);
            for inst in insts(function) {
                let dfg = &mut function.stencil.dfg;
                if let InstructionData::MultiAry {
                    opcode: Opcode::Return,
                    args,
                } = &mut dfg.insts[inst]
                {
                    args.remove(index, &mut dfg.value_lists);
                }
            }
            for line in &mut unit.runs {
                let _ = forget(line);
            }
        }
        let changed = change_signature(function, name, |signature| {
            if index < signature.returns.len() {
                signature.returns.remove(index);
            }
        });
        for inst in insts(function) {
            let is_call = function.dfg.insts[inst].opcode() == Opcode::Call;
            if is_call && callee(function, inst).is_some_and(|f| changed.contains(&f)) {
                call_without(function, inst, index)?;
            }
        }
    }
    Some(())
}

/// The call again with one result less, which becomes zero.
fn call_without(function: &mut Function, inst: Inst, index: usize) -> Option<()> {
    let mut old: Vec<Value> = function.dfg.inst_results(inst).to_vec();
    let lost = *old.get(index)?;
    old.remove(index);
    if is_used(function, lost) {
        let zero = zero(function, inst, function.dfg.value_type(lost));
        rename(function, lost, zero);
    }
    let data = function.dfg.insts[inst];
    let call = function.dfg.make_inst(data);
    function
        .dfg
        .make_inst_results(call, cranelift_codegen::ir::types::INVALID);
    let new = function.dfg.inst_results(call).to_vec();
    for (old, new) in old.into_iter().zip(new) {
        rename(function, old, new);
    }
    function.layout.insert_inst(call, inst);
    function.layout.remove_inst(inst);
    Some(())
}
