//! The text of a function, by the IR's own display, with what that leaves out: Cranelift 0.135
//! reads flags of atomic operations (`atomic_rmw.i64 little add v0, v1`) and does not write them.

use std::fmt::{self, Write};

use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::{Block, Function, Inst, InstructionData, Value};
use cranelift_codegen::write::{FuncWriter, PlainWriter, decorate_function};

struct Writer;

/// `function` as text.
pub fn print(function: &Function) -> String {
    let mut text = String::new();
    let _ = decorate_function(&mut Writer, &mut text, function);
    text
}

impl FuncWriter for Writer {
    fn write_block_header(
        &mut self,
        w: &mut dyn Write,
        function: &Function,
        block: Block,
        indent: usize,
    ) -> fmt::Result {
        PlainWriter.write_block_header(w, function, block, indent)
    }

    fn write_instruction(
        &mut self,
        w: &mut dyn Write,
        function: &Function,
        aliases: &SecondaryMap<Value, Vec<Value>>,
        inst: Inst,
        indent: usize,
    ) -> fmt::Result {
        let mut line = String::new();
        PlainWriter.write_instruction(&mut line, function, aliases, inst, indent)?;
        if let InstructionData::AtomicRmw { flags, .. } | InstructionData::AtomicCas { flags, .. } =
            function.dfg.insts[inst]
        {
            let flags = function.dfg.mem_flags[flags].to_string();
            let opcode = line.find("atomic_").unwrap_or_default();
            let behind = line[opcode..]
                .find(' ')
                .map_or(line.len(), |at| opcode + at);
            line.insert_str(behind, &flags);
        }
        w.write_str(&line)
    }
}
