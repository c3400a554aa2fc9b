//! Puts the calls in.

use std::collections::{BTreeMap, BTreeSet};

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::{
    ExtFuncData, ExternalName, FuncRef, Function, Inst, InstBuilder, Type, Value,
};

use super::hooks::{Chosen, Hooks};
use super::live::Live;
use super::points::{self, Sites};
use super::steady::Steady;

/// What was put in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inserted {
    /// Calls.
    pub sites: usize,
    /// Points for which there is no hook.
    pub without_hook: usize,
}

/// Puts calls into all of `functions`.
pub fn all(functions: &mut [Function], sites: Sites, hooks: &mut Hooks) -> Inserted {
    let steady = Steady::of(functions);
    let mut inserted = Inserted::default();
    for (index, function) in functions.iter_mut().enumerate() {
        // Locations of sources would be taken for the numbers of sites.
        function.srclocs.clear();
        let given = given(function, sites, &|value| steady.is_steady(index, value));
        let mut names = BTreeMap::new();
        for (inst, values) in given {
            // One turn a site of the file, so that neighbours give different values.
            match hooks.choose(&values, inserted.sites) {
                Some(chosen) => {
                    call_before(function, inst, chosen, &mut names);
                    inserted.sites += 1;
                }
                None => inserted.without_hook += 1,
            }
        }
    }
    inserted
}

/// Each point with what is live there and may be given to a hook.
pub fn given(
    function: &Function,
    sites: Sites,
    may_be_given: &dyn Fn(Value) -> bool,
) -> Vec<(Inst, Vec<(Value, Type)>)> {
    let wanted: BTreeSet<Inst> = points::of(function, sites).into_iter().collect();
    let live = Live::of(function);
    let blocks = function.layout.blocks();
    let points = blocks.flat_map(|block| live.before_each(block));
    points
        .filter(|(inst, _)| wanted.contains(inst))
        .map(|(inst, values)| {
            let values = values.into_iter().filter(|&value| may_be_given(value));
            let typed = values.map(|value| (value, function.dfg.value_type(value)));
            (inst, typed.collect())
        })
        .collect()
}

fn call_before(
    function: &mut Function,
    inst: Inst,
    (name, signature, args): Chosen,
    names: &mut BTreeMap<String, FuncRef>,
) {
    let reference = *names.entry(name).or_insert_with_key(|name| {
        let signature = function.import_signature(signature);
        function.import_function(ExtFuncData {
            name: ExternalName::testcase(name.trim_start_matches('%')),
            signature,
            colocated: true,
            patchable: true,
        })
    });
    let mut cursor = FuncCursor::new(function).at_inst(inst);
    cursor.ins().call(reference, &args);
}
