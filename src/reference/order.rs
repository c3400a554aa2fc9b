//! Programs whose outcome may depend on the byte order of the ISA that runs them.

use cranelift_codegen::ir::{Function, GlobalValueData};

use crate::program::Program;

/// Whether `program` accesses more than a byte of memory without saying in which order: what
/// stores and loads of different widths then give differs between ISAs, and is right on each.
pub fn depends_on_byte_order(program: &Program) -> bool {
    program.functions.iter().any(in_native_order)
}

fn in_native_order(function: &Function) -> bool {
    let dfg = &function.dfg;
    let native = |flags| dfg.mem_flags[flags].explicit_endianness().is_none();
    let mut globals = function.global_values.values();
    let from_memory =
        globals.any(|data| matches!(data, GlobalValueData::Load { flags, .. } if native(*flags)));
    let blocks = function.layout.blocks();
    let mut insts = blocks.flat_map(|block| function.layout.block_insts(block));
    from_memory
        || insts.any(|inst| {
            let data = &dfg.insts[inst];
            let opcode = data.opcode();
            (opcode.can_load() || opcode.can_store())
                && data.memflags().is_some_and(native)
                && dfg.ctrl_typevar(inst).bytes() != 1
        })
}
