//! Changes of one function that several passes are made of. They leave the function printable;
//! whether it is valid is for the reader and the verifier to say.

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::immediates::{Ieee16, Ieee32, Ieee64};
use cranelift_codegen::ir::{
    Block, BlockCall, ConstantData, FuncRef, Function, Inst, InstBuilder, InstructionData, Type,
    Value, ValueListPool, types,
};

/// The callee that an instruction names, called or not.
pub fn callee(function: &Function, inst: Inst) -> Option<FuncRef> {
    match function.dfg.insts[inst] {
        InstructionData::Call { func_ref, .. }
        | InstructionData::TryCall { func_ref, .. }
        | InstructionData::FuncAddr { func_ref, .. } => Some(func_ref),
        _ => None,
    }
}

/// Name of a callee as CLIF writes it.
pub fn callee_name(function: &Function, func_ref: FuncRef) -> String {
    let name = &function.dfg.ext_funcs[func_ref].name;
    name.display(Some(&function.params)).to_string()
}

/// Whether an instruction is a patchable call.
pub fn is_patchable(function: &Function, inst: Inst) -> bool {
    function.dfg.insts[inst].opcode().is_call()
        && callee(function, inst).is_some_and(|f| function.dfg.ext_funcs[f].patchable)
}

/// All instructions in layout order.
pub fn insts(function: &Function) -> Vec<Inst> {
    let blocks = function.layout.blocks();
    blocks
        .flat_map(|block| function.layout.block_insts(block))
        .collect()
}

/// Whether anything uses `value`.
pub fn is_used(function: &Function, value: Value) -> bool {
    let uses = |inst: &Inst| function.dfg.inst_values(*inst).any(|v| v == value);
    insts(function).iter().any(uses)
}

/// The zero of type `ty` before `inst`.
pub fn zero(function: &mut Function, inst: Inst, ty: Type) -> Value {
    if ty.is_vector() || ty == types::F128 {
        let bytes = vec![0; usize::try_from(ty.bytes()).unwrap_or_default()];
        let zeros = function.dfg.constants.insert(ConstantData::from(bytes));
        let mut cursor = FuncCursor::new(function).at_inst(inst);
        return if ty.is_vector() {
            cursor.ins().vconst(ty, zeros)
        } else {
            cursor.ins().f128const(zeros)
        };
    }
    let mut cursor = FuncCursor::new(function).at_inst(inst);
    match ty {
        types::F16 => cursor.ins().f16const(Ieee16::with_bits(0)),
        types::F32 => cursor.ins().f32const(Ieee32::with_bits(0)),
        types::F64 => cursor.ins().f64const(Ieee64::with_bits(0)),
        types::I128 => {
            let low = cursor.ins().iconst(types::I64, 0);
            cursor.ins().uextend(types::I128, low)
        }
        _ => cursor.ins().iconst(ty, 0),
    }
}

/// Removes an instruction that does not end a block; what it computed becomes zero.
pub fn remove(function: &mut Function, inst: Inst) -> Option<()> {
    if function.dfg.insts[inst].opcode().is_terminator() {
        return None;
    }
    for result in function.dfg.inst_results(inst).to_vec() {
        if is_used(function, result) {
            let zero = zero(function, inst, function.dfg.value_type(result));
            rename(function, result, zero);
        }
    }
    function.dfg.detach_inst_results(inst);
    function.layout.remove_inst(inst);
    Some(())
}

/// Uses `by` wherever `value` is used.
pub fn rename(function: &mut Function, value: Value, by: Value) {
    for inst in insts(function) {
        let swap = |v| if v == value { by } else { v };
        function.dfg.map_inst_values(inst, swap);
    }
}

/// Changes each edge into `block`, with the instruction that it belongs to.
pub fn change_edges(
    function: &mut Function,
    block: Block,
    mut change: impl FnMut(&mut BlockCall, &mut ValueListPool),
) {
    for inst in insts(function) {
        let dfg = &mut function.stencil.dfg;
        let edges =
            dfg.insts[inst].branch_destination_mut(&mut dfg.jump_tables, &mut dfg.exception_tables);
        for edge in edges {
            if edge.block(&dfg.value_lists) == block {
                change(edge, &mut dfg.value_lists);
            }
        }
    }
}

/// Removes parameter `index` of `block`, which becomes zero; edges are the caller's business.
pub fn remove_param(function: &mut Function, block: Block, index: usize) -> Option<()> {
    let param = *function.dfg.block_params(block).get(index)?;
    if is_used(function, param) {
        let first = function.layout.first_inst(block)?;
        let zero = zero(function, first, function.dfg.value_type(param));
        rename(function, param, zero);
    }
    function.dfg.remove_block_param(param);
    Some(())
}

/// Ends `block` in a return of zeros.
pub fn return_zeros(function: &mut Function, block: Block) -> Option<()> {
    let last = function.layout.last_inst(block)?;
    let types: Vec<Type> = function
        .signature
        .returns
        .iter()
        .map(|p| p.value_type)
        .collect();
    let zeros: Vec<Value> = types.iter().map(|ty| zero(function, last, *ty)).collect();
    function.dfg.detach_inst_results(last);
    function.replace(last).return_(&zeros);
    Some(())
}
