//! The passes, from coarse to fine. Each lists edits of a program as it is; none knows whether
//! they are wanted.

mod blocks;
mod calls;
mod constants;
mod conventions;
mod entry;
mod functions;
mod header;
mod instructions;
mod operands;
mod parameters;
mod results;
mod run_lines;
mod sites;
mod slots;
mod types;

use super::edit;
use super::search::{Edit, Pass};
use super::source::Source;
use cranelift_codegen::ir::Function;

/// All passes in the order in which a round runs them.
pub const ALL: &[Pass] = &[
    together(header::lines),
    together(functions::remove),
    single(entry::deeper),
    together(run_lines::remove),
    together(functions::empty),
    together(sites::remove),
    single(blocks::straighten),
    together(blocks::catch_nothing),
    together(calls::direct),
    together(calls::not_tail),
    together(blocks::drop_unreachable),
    together(blocks::merge),
    together(instructions::remove),
    single(instructions::forward),
    together(parameters::of_functions),
    together(parameters::of_blocks),
    together(results::remove),
    together(slots::remove),
    single(slots::shrink),
    single(operands::earlier),
    together(run_lines::forget_results),
    together(run_lines::zero_arguments),
    together(sites::make_ordinary),
    single(constants::simplify),
    single(constants::offsets),
    single(types::narrow),
    single(conventions::plainer),
    together(blocks::warm),
    together(header::target_flags),
];

const fn together(edits: fn(&Source) -> Vec<Edit>) -> Pass {
    Pass {
        edits,
        together: true,
    }
}

const fn single(edits: fn(&Source) -> Vec<Edit>) -> Pass {
    Pass {
        edits,
        together: false,
    }
}

/// One edit of each thing that `list` finds in a function.
fn in_each_function<T: 'static + Copy>(
    source: &Source,
    list: impl Fn(&Function) -> Vec<T>,
    change: fn(&mut Function, T) -> Option<()>,
) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for (index, unit) in source.units.iter().enumerate() {
        for one in list(&unit.function) {
            edits.push(Box::new(move |source| {
                change(&mut source.units.get_mut(index)?.function, one)
            }));
        }
    }
    edits
}
