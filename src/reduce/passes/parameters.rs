//! Parameters, with the arguments of all callers.

use std::collections::{BTreeMap, BTreeSet};

use cranelift_codegen::ir::{Block, ExtFuncData, FuncRef, Function, InstructionData};

use super::edit::{callee_name, change_edges, insts, remove_param};
use super::run_lines::{arguments, set_arguments};
use super::{Edit, Source, in_each_function};

/// Parameters of functions, also of those that are only called.
pub fn of_functions(source: &Source) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for (name, count) in counts(source) {
        for index in 0..count {
            let name = name.clone();
            edits.push(Box::new(move |source| remove(source, &name, index)));
        }
    }
    edits
}

/// Names of all functions and callees with their number of parameters.
fn counts(source: &Source) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for unit in &source.units {
        let function = &unit.function;
        counts.insert(function.name.to_string(), function.signature.params.len());
        for (func_ref, data) in function.dfg.ext_funcs.iter() {
            let params = &function.dfg.signatures[data.signature].params;
            counts.insert(callee_name(function, func_ref), params.len());
        }
    }
    counts
}

fn remove(source: &mut Source, name: &str, index: usize) -> Option<()> {
    for unit in &mut source.units {
        let function = &mut unit.function;
        if function.name.to_string() == name {
            let entry = function.layout.entry_block()?;
            function.signature.params.get(index)?;
            function.signature.params.remove(index);
            remove_param(function, entry, index)?;
            for line in &mut unit.runs {
                let mut list = arguments(line)?;
                list.get(index)?;
                list.remove(index);
                set_arguments(line, &list)?;
            }
        }
        remove_arguments(function, name, index);
    }
    Some(())
}

fn remove_arguments(function: &mut Function, name: &str, index: usize) {
    let changed = change_signature(function, name, |signature| {
        if index < signature.params.len() {
            signature.params.remove(index);
        }
    });
    for inst in insts(function) {
        let dfg = &mut function.stencil.dfg;
        let called = match &mut dfg.insts[inst] {
            InstructionData::Call { func_ref, args, .. }
            | InstructionData::TryCall { func_ref, args, .. } => Some((*func_ref, args)),
            _ => None,
        };
        if let Some((func_ref, args)) = called
            && changed.contains(&func_ref)
            && index < args.len(&dfg.value_lists)
        {
            args.remove(index, &mut dfg.value_lists);
        }
    }
}

/// Gives every declaration of `name` a signature of its own, changed; which they are.
pub fn change_signature(
    function: &mut Function,
    name: &str,
    change: impl Fn(&mut cranelift_codegen::ir::Signature),
) -> BTreeSet<FuncRef> {
    let mut changed = BTreeSet::new();
    let all: Vec<(FuncRef, ExtFuncData)> = function
        .dfg
        .ext_funcs
        .iter()
        .map(|(func_ref, data)| (func_ref, data.clone()))
        .collect();
    for (func_ref, data) in all {
        if callee_name(function, func_ref) == name {
            let mut signature = function.dfg.signatures[data.signature].clone();
            change(&mut signature);
            let signature = function.dfg.signatures.push(signature);
            function.dfg.ext_funcs[func_ref].signature = signature;
            changed.insert(func_ref);
        }
    }
    changed
}

/// Parameters of blocks other than the entry.
pub fn of_blocks(source: &Source) -> Vec<Edit> {
    let list = |function: &Function| {
        let blocks = function.layout.blocks().skip(1);
        blocks
            .flat_map(|block| {
                let count = function.dfg.num_block_params(block);
                (0..count).map(move |index| (block, index))
            })
            .collect()
    };
    in_each_function(source, list, |function, (block, index): (Block, usize)| {
        remove_param(function, block, index)?;
        change_edges(function, block, |edge, pool| {
            if index < edge.len(pool) {
                edge.remove(index, pool);
            }
        });
        Some(())
    })
}
