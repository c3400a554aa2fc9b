//! Control flow: branches that become jumps or returns, blocks that nothing reaches, blocks that
//! are one. A loop becomes straight when its back edge does.

use std::collections::BTreeSet;

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::{
    Block, BlockArg, BlockCall, Function, Inst, InstBuilder, InstructionData, Value,
};

use super::edit::{insts, rename, return_zeros, zero};
use super::{Edit, Source, in_each_function};

/// Branches: each becomes a jump along one of its edges, or a return of zeros. Coarse ends
/// come last, which is where the search begins.
pub fn straighten(source: &Source) -> Vec<Edit> {
    let list = |function: &Function| {
        let mut choices = Vec::new();
        for block in function.layout.blocks() {
            let Some(last) = function.layout.last_inst(block) else {
                continue;
            };
            let edges = edges(function, last).len();
            if edges > 1 {
                choices.extend((0..edges).map(|edge| (block, Some(edge))));
            }
            if function.dfg.insts[last].opcode() != cranelift_codegen::ir::Opcode::Return {
                choices.push((block, None));
            }
        }
        choices
    };
    in_each_function(source, list, |function, (block, choice)| {
        let last = function.layout.last_inst(block)?;
        match choice {
            Some(edge) => jump_along(function, last, edge)?,
            None => return_zeros(function, block)?,
        }
        remove_unreachable(function);
        Some(())
    })
}

/// The edges of a block's last instruction.
fn edges(function: &Function, last: Inst) -> Vec<BlockCall> {
    let dfg = &function.dfg;
    dfg.insts[last]
        .branch_destination(&dfg.jump_tables, &dfg.exception_tables)
        .to_vec()
}

/// Replaces a branch by a jump along one of its edges; what a call would give becomes zero.
fn jump_along(function: &mut Function, last: Inst, edge: usize) -> Option<()> {
    let call = *edges(function, last).get(edge)?;
    let block = call.block(&function.dfg.value_lists);
    let arguments: Vec<BlockArg> = call.args(&function.dfg.value_lists).collect();
    let params = function.dfg.block_params(block).to_vec();
    let mut values = Vec::new();
    for (argument, param) in arguments.into_iter().zip(params) {
        let ty = function.dfg.value_type(param);
        let value = argument
            .as_value()
            .unwrap_or_else(|| zero(function, last, ty));
        values.push(BlockArg::Value(value));
    }
    function.dfg.detach_inst_results(last);
    function.replace(last).jump(block, &values);
    Some(())
}

/// Replaces a call that ends a block by a jump to where it returns to.
pub fn go_on(function: &mut Function, last: Inst) -> Option<()> {
    let InstructionData::TryCall { exception, .. } = function.dfg.insts[last] else {
        return None;
    };
    let normal = *function.dfg.exception_tables[exception].normal_return();
    let edge = edges(function, last)
        .iter()
        .position(|edge| *edge == normal)?;
    jump_along(function, last, edge)?;
    remove_unreachable(function);
    Some(())
}

/// Takes `block` out of the function.
pub fn remove(function: &mut Function, block: Block) {
    let insts: Vec<Inst> = function.layout.block_insts(block).collect();
    for inst in insts {
        function.layout.remove_inst(inst);
    }
    function.layout.remove_block(block);
}

fn unreachable(function: &Function) -> Vec<Block> {
    let mut reached = BTreeSet::new();
    let mut todo: Vec<Block> = function.layout.entry_block().into_iter().collect();
    while let Some(block) = todo.pop() {
        if reached.insert(block) {
            todo.extend(function.block_successors(block));
        }
    }
    let blocks = function.layout.blocks();
    blocks.filter(|block| !reached.contains(block)).collect()
}

fn remove_unreachable(function: &mut Function) {
    for block in unreachable(function) {
        remove(function, block);
    }
}

/// Blocks that no branch reaches, of each function together.
pub fn drop_unreachable(source: &Source) -> Vec<Edit> {
    let list = |function: &Function| {
        let any = !unreachable(function).is_empty();
        if any { vec![()] } else { Vec::new() }
    };
    in_each_function(source, list, |function, ()| {
        remove_unreachable(function);
        Some(())
    })
}

/// Blocks whose only way in is a jump: they become part of where it comes from.
pub fn merge(source: &Source) -> Vec<Edit> {
    let list = |function: &Function| {
        let mut jumps = insts(function);
        jumps.retain(|inst| {
            let InstructionData::Jump { destination, .. } = function.dfg.insts[*inst] else {
                return false;
            };
            let block = destination.block(&function.dfg.value_lists);
            Some(block) != function.layout.entry_block()
                && Some(block) != function.layout.inst_block(*inst)
                && ways_in(function, block) == 1
        });
        jumps
    };
    in_each_function(source, list, merge_at)
}

/// Puts the block that `jump` leads to in its place.
fn merge_at(function: &mut Function, jump: Inst) -> Option<()> {
    let InstructionData::Jump { destination, .. } = function.dfg.insts[jump] else {
        return None;
    };
    let block = destination.block(&function.dfg.value_lists);
    let values: Option<Vec<Value>> = destination
        .args(&function.dfg.value_lists)
        .map(|argument| argument.as_value())
        .collect();
    let params = function.dfg.block_params(block).to_vec();
    for (param, value) in params.into_iter().zip(values?) {
        rename(function, param, value);
    }
    let moved: Vec<Inst> = function.layout.block_insts(block).collect();
    for inst in moved {
        function.layout.remove_inst(inst);
        function.layout.insert_inst(inst, jump);
    }
    function.layout.remove_inst(jump);
    function.layout.remove_block(block);
    Some(())
}

/// Calls that may throw: each becomes an ordinary call, and goes on where it returns to.
pub fn catch_nothing(source: &Source) -> Vec<Edit> {
    let list = |function: &Function| {
        let mut calls = insts(function);
        calls.retain(|inst| matches!(function.dfg.insts[*inst], InstructionData::TryCall { .. }));
        calls
    };
    in_each_function(source, list, |function, inst| {
        let InstructionData::TryCall {
            func_ref,
            args,
            exception,
            ..
        } = function.dfg.insts[inst]
        else {
            return None;
        };
        let args = args.as_slice(&function.dfg.value_lists).to_vec();
        let mut cursor = FuncCursor::new(function).at_inst(inst);
        let call = cursor.ins().call(func_ref, &args);
        let results = function.dfg.inst_results(call).to_vec();
        let normal = *function.dfg.exception_tables[exception].normal_return();
        let pool = &function.dfg.value_lists;
        let block = normal.block(pool);
        let arguments: Option<Vec<BlockArg>> = normal
            .args(pool)
            .map(|argument| match argument {
                BlockArg::TryCallRet(index) => {
                    let index = usize::try_from(index).ok()?;
                    results.get(index).copied().map(BlockArg::Value)
                }
                other => Some(other),
            })
            .collect();
        function.dfg.detach_inst_results(inst);
        function.replace(inst).jump(block, &arguments?);
        remove_unreachable(function);
        if ways_in(function, block) == 1 {
            merge_at(function, inst)?;
        }
        Some(())
    })
}

fn ways_in(function: &Function, block: Block) -> usize {
    let ends = function
        .layout
        .blocks()
        .filter_map(|b| function.layout.last_inst(b));
    ends.flat_map(|end| edges(function, end))
        .filter(|edge| edge.block(&function.dfg.value_lists) == block)
        .count()
}

/// `cold` on blocks.
pub fn warm(source: &Source) -> Vec<Edit> {
    let cold = |function: &Function| {
        let blocks = function.layout.blocks();
        blocks.filter(|b| function.layout.is_cold(*b)).collect()
    };
    in_each_function(source, cold, |function, block| {
        // There is no way back to warm: a block of the same position that never was cold.
        let warm = function.dfg.make_block();
        function.layout.insert_block(warm, block);
        let params = function.dfg.block_params(block).to_vec();
        for param in params {
            let ty = function.dfg.value_type(param);
            let new = function.dfg.append_block_param(warm, ty);
            rename(function, param, new);
        }
        let moved: Vec<Inst> = function.layout.block_insts(block).collect();
        for inst in moved {
            function.layout.remove_inst(inst);
            function.layout.append_inst(inst, warm);
        }
        super::edit::change_edges(function, block, |edge, pool| edge.set_block(warm, pool));
        function.layout.remove_block(block);
        Some(())
    })
}
