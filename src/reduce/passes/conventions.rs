//! Calling conventions, of a function and of all its callers.

use std::collections::BTreeSet;

use cranelift_codegen::isa::CallConv;

use super::parameters::change_signature;
use super::{Edit, Source, edit};

/// Plainer conventions, the plainest last: that is tried first.
const PLAINER: [CallConv; 3] = [CallConv::Fast, CallConv::PreserveAll, CallConv::SystemV];

/// A plainer convention for each function and callee.
pub fn plainer(source: &Source) -> Vec<Edit> {
    let mut names = BTreeSet::new();
    for unit in &source.units {
        let function = &unit.function;
        names.insert(function.name.to_string());
        let callees = function.dfg.ext_funcs.keys();
        names.extend(callees.map(|callee| edit::callee_name(function, callee)));
    }
    let mut edits: Vec<Edit> = Vec::new();
    for name in names {
        for convention in PLAINER {
            let name = name.clone();
            edits.push(Box::new(move |source| {
                for unit in &mut source.units {
                    let function = &mut unit.function;
                    if function.name.to_string() == name {
                        function.signature.call_conv = convention;
                    }
                    change_signature(function, &name, |s| s.call_conv = convention);
                }
                Some(())
            }));
        }
    }
    edits
}
