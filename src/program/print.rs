//! A function as text that reads back as the same function.
//!
//! Cranelift's own printer leaves out the flags of `atomic_rmw` and `atomic_cas` (`write_operands`
//! in `write.rs`, release 0.135.8), and with them the byte order: the reader then takes the ISA's.

use std::fmt::{self, Write};

use cranelift_codegen::entity::SecondaryMap;
use cranelift_codegen::ir::{Block, Function, Inst, InstructionData, Value};
use cranelift_codegen::write::{FuncWriter, PlainWriter, decorate_function};

/// The text of `function`.
pub fn text(function: &Function) -> String {
    let mut text = String::new();
    decorate_function(&mut Writer, &mut text, function).expect("writing to a string never fails");
    text
}

struct Writer;

impl FuncWriter for Writer {
    fn write_block_header(
        &mut self,
        w: &mut dyn Write,
        func: &Function,
        block: Block,
        indent: usize,
    ) -> fmt::Result {
        PlainWriter.write_block_header(w, func, block, indent)
    }

    fn write_instruction(
        &mut self,
        w: &mut dyn Write,
        func: &Function,
        aliases: &SecondaryMap<Value, Vec<Value>>,
        inst: Inst,
        indent: usize,
    ) -> fmt::Result {
        let data = &func.dfg.insts[inst];
        let flags = match data {
            InstructionData::AtomicRmw { flags, .. } | InstructionData::AtomicCas { flags, .. } => {
                func.dfg.mem_flags[*flags]
            }
            _ => return PlainWriter.write_instruction(w, func, aliases, inst, indent),
        };
        let mut line = String::new();
        PlainWriter.write_instruction(&mut line, func, aliases, inst, indent)?;
        // In front of the operation, or of the first operand where there is none.
        let opcode = data.opcode().to_string();
        let at = line.find(&opcode).ok_or(fmt::Error)? + opcode.len();
        let operands = at + line[at..].find(' ').ok_or(fmt::Error)?;
        write!(w, "{}{flags}{}", &line[..operands], &line[operands..])
    }
}
