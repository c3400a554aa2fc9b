//! From plans to text.
//!
//! Invariants, which hold for every plan:
//! - functions only call functions before them, or themselves under a counter, and loops count
//!   down from a constant: a program ends;
//! - what a call costs is known where it is made, and a call that would cost too much is left
//!   out: a program ends soon;
//! - addresses are made where they are used and never are values;
//! - each byte of a stack slot that is loaded was stored at the function's entry;
//! - hooks, and what they call, write to no memory of the program.

mod access;
mod calls;
mod control;
mod ending;
mod function;
mod operate;
mod program;
mod signature;

pub use program::build;
#[cfg(test)]
pub use program::single_operation;
