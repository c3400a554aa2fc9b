//! patchproof's own code generator: patchable calls from the ground up, written from the ISA
//! manuals and the ABI documents, so that the suite judges more than one implementation.
//!
//! It shares with Cranelift the IR's types and the register allocator `regalloc2`, nothing of
//! lowering, ABI, buffer or encoding. The way of a function:
//!
//! 1. `legalize`: what an ISA does not do becomes what it does, still as CLIF;
//! 2. `lower`: CLIF to machine instructions over virtual registers, backwards (`order`
//!    places the blocks);
//! 3. `regalloc2` on the `problem` that `vcode` poses, checked by its own checker where asked;
//! 4. `frame`: what has to be saved, and where everything lies;
//! 5. `emit` into the `buffer`, which keeps labels, veneers and patch sites right.
//!
//! An ISA is an `arch::Arch`: registers, ABI, lowering, encoding.

mod aarch64;
mod arch;
mod buffer;
mod call;
mod emit;
mod frame;
mod generator;
mod legalize;
mod limit;
mod lower;
mod operands;
mod options;
mod order;
mod problem;
mod pulley;
mod reg;
mod riscv64;
mod s390x;
mod sites;
mod vcode;
mod x86_64;

pub use generator::Own;
pub use options::SiteOptions;
