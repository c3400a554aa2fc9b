//! CLIF to simpler CLIF: what an ISA does not do becomes what it does.
//!
//! Working on the IR keeps this independent of the ISA and testable without one: the CLIF
//! interpreter runs a function before and after, and the results must be the same.

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::{Function, Inst};

use super::arch::Arch;
use super::limit::Refusal;
use super::options::Settings;

/// Rewrites `function` in place until `arch` covers every instruction that can be taken apart.
///
/// # Errors
/// What has no expansion.
pub fn legalize<A: Arch>(
    function: &mut Function,
    arch: &A,
    settings: &Settings,
) -> Result<(), Refusal> {
    function.dfg.resolve_all_aliases();
    let mut cursor = FuncCursor::new(function);
    while cursor.next_block().is_some() {
        // What an instruction is replaced by is looked at again: expansions may use operations
        // that need one themselves.
        while let Some(inst) = cursor.next_inst() {
            let before = cursor.layout().prev_inst(inst);
            if expand(&mut cursor, inst, arch, settings)? {
                match before {
                    Some(before) => cursor.goto_inst(before),
                    None => {
                        let block = cursor.current_block().expect("the cursor is in a block");
                        cursor.goto_top(block);
                    }
                }
            }
        }
    }
    function.dfg.resolve_all_aliases();
    Ok(())
}

/// Replaces one instruction, if it has to be; says whether it did.
fn expand<A: Arch>(
    _cursor: &mut FuncCursor<'_>,
    _inst: Inst,
    _arch: &A,
    _settings: &Settings,
) -> Result<bool, Refusal> {
    Ok(false)
}
