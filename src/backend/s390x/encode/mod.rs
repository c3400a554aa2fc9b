//! Instructions of z/Architecture as bytes.
//!
//! A code generator that writes a wrong bit is only found out when the bytes run, and then looks
//! like a wrong lowering. So encoding knows nothing but the manual's figures: each instruction
//! format is one function from an operation of that format and its operands to an array of two,
//! four or six bytes, and each operation is one row of a table with its opcode and its mnemonic.
//! The tests print every row over its registers and boundary values, as the manual's assembler
//! would, and hold that against Capstone and Keystone.
//!
//! What cannot be encoded cannot be asked for (register numbers, displacements and masks are
//! types that hold valid values only) or is `None`: an element size that a vector operation does
//! not have, a branch distance that its field does not hold. Nothing here knows of labels,
//! frames or values.
//!
//! Source: z/Architecture Principles of Operation (SA22-7832-12), "Instruction Formats" in
//! chapter 5 and the figure of each instruction; bit numbers in comments are the manual's, which
//! start with 0 at the left.

mod branch;
mod float;
mod immediate;
mod logical_immediate;
mod nop;
mod operand;
mod register;
mod rotate;
mod shift;
mod storage;
mod storage_immediate;
mod table;
mod vector_element;
mod vector_float;
mod vector_immediate;
mod vector_register;
mod vector_storage;

#[cfg(test)]
mod tests;

pub use branch::*;
pub use float::*;
pub use immediate::{
    AddHalfword, ConditionalLoad, Halfword, UnsignedWord, Word, add_halfword, conditional_load,
    halfword, unsigned_word, word,
};
pub use logical_immediate::*;
pub use nop::*;
pub use operand::{Address, Address12, Address20, Disp12, Disp20, Fpr, Gpr, Mask, Vr};
pub use register::{
    ConditionalCopy, Pair, ShortPair, Triple, conditional_copy, ipm, pair, short_pair, triple,
};
pub use rotate::*;
pub use shift::*;
pub use storage::{
    ConditionalStorage, FloatStorage, PairStorage, ShortFloatStorage, ShortStorage, Storage,
    conditional_storage, cs, float_storage, pair_storage, short_float_storage, short_storage,
    storage,
};
pub use storage_immediate::*;
pub use vector_element::*;
pub use vector_float::*;
pub use vector_immediate::*;
pub use vector_register::{
    QuadwordTernary, VectorBinary, VectorCompare, VectorTernary, VectorUnary, VectorWhole,
    quadword_ternary, vector_binary, vector_compare, vector_ternary, vector_unary, vector_whole,
    vlr, vpdi, vtm,
};
pub use vector_storage::*;
