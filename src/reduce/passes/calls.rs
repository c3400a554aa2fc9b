//! Calls through addresses, and calls in place of returns: each as an ordinary call.

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::{FuncRef, Function, Inst, InstBuilder, InstructionData, Opcode, Value};

use super::edit::{insts, rename};
use super::{Edit, Source, in_each_function};

/// Indirect calls of a function that is known.
pub fn direct(source: &Source) -> Vec<Edit> {
    let list = |function: &Function| {
        let mut calls = insts(function);
        calls.retain(|inst| known_callee(function, *inst).is_some());
        calls
    };
    in_each_function(source, list, |function, inst| {
        let callee = known_callee(function, inst)?;
        let args = function.dfg.inst_args(inst).get(1..)?.to_vec();
        let call = FuncCursor::new(function)
            .at_inst(inst)
            .ins()
            .call(callee, &args);
        let old = function.dfg.inst_results(inst).to_vec();
        let new = function.dfg.inst_results(call).to_vec();
        for (old, new) in old.into_iter().zip(new) {
            rename(function, old, new);
        }
        function.layout.remove_inst(inst);
        Some(())
    })
}

/// The function whose address `inst` calls.
fn known_callee(function: &Function, inst: Inst) -> Option<FuncRef> {
    let dfg = &function.dfg;
    if dfg.insts[inst].opcode() != Opcode::CallIndirect {
        return None;
    }
    let address = dfg.value_def(*dfg.inst_args(inst).first()?).inst()?;
    match dfg.insts[address] {
        InstructionData::FuncAddr { func_ref, .. } => Some(func_ref),
        _ => None,
    }
}

/// Tail calls: a call and a return.
pub fn not_tail(source: &Source) -> Vec<Edit> {
    let list = |function: &Function| {
        let mut calls = insts(function);
        calls.retain(|inst| function.dfg.insts[*inst].opcode() == Opcode::ReturnCall);
        calls
    };
    in_each_function(source, list, |function, inst| {
        let InstructionData::Call { func_ref, args, .. } = function.dfg.insts[inst] else {
            return None;
        };
        let args: Vec<Value> = args.as_slice(&function.dfg.value_lists).to_vec();
        let mut cursor = FuncCursor::new(function).at_inst(inst);
        let call = cursor.ins().call(func_ref, &args);
        let results = function.dfg.inst_results(call).to_vec();
        function.replace(inst).return_(&results);
        Some(())
    })
}
