//! Where a program begins: at a function that was called by others, which then are not needed.

use std::collections::BTreeSet;

use cranelift_codegen::ir::Signature;

use super::edit::callee_name;
use super::{Edit, Source};

/// Functions that could be called alone, with zeros.
pub fn deeper(source: &Source) -> Vec<Edit> {
    let edit = |index: usize| -> Edit {
        Box::new(move |source| {
            let function = &source.units.get(index)?.function;
            let arguments = zeros(&function.signature)?;
            let line = format!("; print: {}({arguments})", function.name);
            let needed = needed(source, index);
            for unit in &mut source.units {
                unit.runs.clear();
            }
            source.units[index].runs.push(line);
            let mut position = 0;
            source.units.retain(|_| {
                position += 1;
                needed.contains(&(position - 1))
            });
            Some(())
        })
    };
    (0..source.units.len()).map(edit).collect()
}

/// Arguments as a run line has them.
fn zeros(signature: &Signature) -> Option<String> {
    let zero = |ty: cranelift_codegen::ir::Type| match ty {
        _ if ty.is_int() => Some("0"),
        _ if ty.is_float() => Some("0.0"),
        _ => None,
    };
    let params = signature.params.iter().map(|param| zero(param.value_type));
    Some(params.collect::<Option<Vec<_>>>()?.join(", "))
}

/// Functions that function `index` mentions, and those that they mention.
fn needed(source: &Source, index: usize) -> BTreeSet<usize> {
    let mut needed = BTreeSet::new();
    let mut todo = vec![index];
    while let Some(index) = todo.pop() {
        if !needed.insert(index) {
            continue;
        }
        let function = &source.units[index].function;
        for func_ref in function.dfg.ext_funcs.keys() {
            let name = callee_name(function, func_ref);
            let found = source.units.iter();
            todo.extend(found.enumerate().filter_map(|(other, unit)| {
                (unit.function.name.to_string() == name).then_some(other)
            }));
        }
    }
    needed
}
