//! Patch sites.

use cranelift_codegen::ir::{Function, Inst, InstructionData};

use super::edit::{callee, insts, is_patchable, remove as remove_inst};
use super::{Edit, Source, blocks, in_each_function};

fn sites(function: &Function) -> Vec<Inst> {
    let mut sites = insts(function);
    sites.retain(|inst| is_patchable(function, *inst));
    sites
}

/// Patchable calls.
pub fn remove(source: &Source) -> Vec<Edit> {
    in_each_function(source, sites, |function, inst| {
        if matches!(function.dfg.insts[inst], InstructionData::TryCall { .. }) {
            blocks::go_on(function, inst)
        } else {
            remove_inst(function, inst)
        }
    })
}

/// Patchable calls that become ordinary calls.
pub fn make_ordinary(source: &Source) -> Vec<Edit> {
    in_each_function(source, sites, |function, inst| {
        let mut ordinary = function.dfg.ext_funcs[callee(function, inst)?].clone();
        ordinary.patchable = false;
        let known = function.dfg.ext_funcs.iter();
        let known = known
            .filter(|(_, other)| **other == ordinary)
            .map(|(func_ref, _)| func_ref)
            .next();
        let other = known.unwrap_or_else(|| function.dfg.ext_funcs.push(ordinary));
        match &mut function.dfg.insts[inst] {
            InstructionData::Call { func_ref, .. } | InstructionData::TryCall { func_ref, .. } => {
                *func_ref = other;
                Some(())
            }
            _ => None,
        }
    })
}
