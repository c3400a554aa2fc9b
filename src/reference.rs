//! The reference for results: what the CLIF interpreter says that a run of a program does.
//!
//! Whatever executes a program, the outcome must be the one that CLIF's own semantics gives.
//! Cranelift's interpreter knows those semantics, one instruction at a time
//! ([`cranelift_interpreter::step::step`]); it knows neither patch sites, nor a host, nor data
//! symbols, and it calls itself for each call of the guest. So the suite drives it: calls,
//! memory and symbols are here, arithmetic and branches are the interpreter's. Where its
//! result differs from what CLIF's documentation says, `semantics.rs` has the instruction.
//!
//! A prediction is for any ISA, hence it is refused, with a reason, wherever the outcome would
//! depend on one: addresses out of bounds, stack that nothing wrote, calls through the wrong
//! signature. Such a refusal is no verdict on a code generator.
//!
//! Invariants, which the driver in `run.rs` keeps:
//! - a call lives in `Guest::activations`, never on the native stack, and each but the
//!   topmost stands at its call instruction;
//! - each instruction executed costs one unit of fuel, so a prediction ends;
//! - a panic of the library ends the prediction with its message and the opcode, not the suite.

mod access;
mod bytes;
mod calls;
mod guest;
mod memory;
mod order;
mod pointer;
mod prepare;
mod run;
mod semantics;
mod stock;
#[cfg(test)]
mod tests;

pub use order::depends_on_byte_order;
pub use pointer::Pointer;

use cranelift_codegen::ir::Endianness;

use crate::panic_guard;
use crate::program::{Invocation, Prediction, Program};
use prepare::Prepared;
use run::Run;

/// A program made ready to be predicted any number of times.
pub struct Reference<'a> {
    program: &'a Program,
    functions: Vec<Prepared<'a>>,
    world: World,
}

/// What of an ISA or its settings a program's outcome may depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct World {
    /// Byte order of accesses that say none.
    order: Endianness,
    /// Whether each NaN that arithmetic makes is the canonical one.
    canonical_nans: bool,
}

/// Why there is no prediction where a result is a NaN that arithmetic made.
pub const MADE_NAN: &str = "a result is a NaN that arithmetic made: its bits are the ISA's";

impl<'a> Reference<'a> {
    /// Looks up all names of `program` once. Memory is little-endian where it does not say.
    pub fn new(program: &'a Program) -> Reference<'a> {
        Reference::of_order(program, false)
    }

    /// As [`Reference::new`], with memory in either byte order where the program does not say.
    pub fn of_order(program: &'a Program, big_endian: bool) -> Reference<'a> {
        let functions = (program.functions.iter().enumerate())
            .map(|(index, function)| Prepared::new(program, index, function))
            .collect();
        let mut targets = program.targets.iter();
        let world = World {
            order: if big_endian {
                Endianness::Big
            } else {
                Endianness::Little
            },
            canonical_nans: targets.all(|t| t.clif.flags().enable_nan_canonicalization()),
        };
        Reference {
            program,
            functions,
            world,
        }
    }

    /// Predicts one run of `invocation` with the sites as `sites_live` says at the start, in at
    /// most `fuel` instructions.
    ///
    /// Arguments in events leave out those that the ABI passes as a copied struct
    /// ([`crate::program::Purpose::StructArgument`]), as the machines do. Addresses among
    /// arguments and results are the reference's own; see [`Pointer`].
    ///
    /// # Errors
    /// The reason why there is no prediction: an instruction that the interpreter does not cover
    /// (its opcode comes first), an outcome that depends on the ISA, or fuel that is used up.
    pub fn predict(
        &self,
        invocation: &Invocation,
        sites_live: &[bool],
        fuel: u64,
    ) -> Result<Prediction, String> {
        let interface = &*self.program.interface;
        if sites_live.len() != interface.sites.len() {
            return Err(format!(
                "states for {} sites given, the program has {}",
                sites_live.len(),
                interface.sites.len()
            ));
        }
        let mut run = Run::new(interface, &self.functions, self.world, sites_live, fuel);
        match panic_guard::catch(|| run.call_entry(invocation)) {
            Ok(exit) => Ok(run.finish(exit?)),
            Err(panic) => Err(run.blame(&panic.message)),
        }
    }
}

/// Predicts one run; see [`Reference::predict`], which is faster where a program runs often.
///
/// # Errors
/// As [`Reference::predict`].
pub fn predict(
    program: &Program,
    invocation: &Invocation,
    sites_live: &[bool],
    fuel: u64,
) -> Result<Prediction, String> {
    Reference::new(program).predict(invocation, sites_live, fuel)
}
