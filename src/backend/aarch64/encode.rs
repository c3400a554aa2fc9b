//! A64 instructions as words.
//!
//! Every instruction is 4 bytes, little-endian in memory, and most of its word is the same for
//! all operands. So an operation is a row in a table, its name and its word with all operands
//! zero, and a handful of functions put registers and immediates into the fields that a whole
//! group of instructions shares. Fields and words: Arm Architecture Reference Manual for
//! A-profile, C4.1 "A64 instruction set encoding" and the pages of each instruction in C6 and C7.
//!
//! Invariants:
//! - A function gives the instruction that was asked for or `None`: an immediate that does not
//!   fit its field is never cut.
//! - Nothing here knows labels or relocations: branches and addresses take distances in bytes
//!   from the instruction itself.
//! - Register number 31 is the zero register or the stack pointer, as the instruction has it;
//!   functions that take it as the stack pointer say so.

mod address;
mod atomic;
mod branch;
mod constant;
mod float;
mod immediate;
mod integer;
mod lanes;
mod memory;
mod vector;

pub use address::*;
pub use atomic::*;
pub use branch::*;
pub use constant::*;
pub use float::*;
pub use immediate::*;
pub use integer::*;
pub use lanes::*;
pub use memory::*;
pub use vector::*;

/// Number of a register, of either file: `x0..x30` or `v0..v31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reg(u8);

impl Reg {
    /// The zero register, where the instruction does not take number 31 as the stack pointer.
    pub const ZR: Reg = Reg(31);
    /// The stack pointer, where the instruction takes number 31 as that.
    pub const SP: Reg = Reg(31);
    /// The link register, x30.
    pub const LR: Reg = Reg(30);
    /// The frame pointer, x29 (AAPCS64, 6.4.6 "The Frame Pointer").
    pub const FP: Reg = Reg(29);

    /// Register `number`.
    ///
    /// # Panics
    /// When there is no such register.
    pub const fn new(number: u8) -> Reg {
        assert!(number < 32, "registers are numbered 0 to 31");
        Reg(number)
    }

    /// Its number, 0 to 31.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The number at bit `place`.
    fn at(self, place: u32) -> u32 {
        u32::from(self.0) << place
    }
}

/// Where most instructions have their destination, `Rd` or `Rt`.
const RD: u32 = 0;
/// Where most instructions have their first source or base, `Rn`.
const RN: u32 = 5;
/// Where most instructions have a third source, `Ra` or `Rt2`.
const RA: u32 = 10;
/// Where most instructions have their second source, `Rm`.
const RM: u32 = 16;

/// How much of an integer register an instruction takes. The upper half of a destination of
/// 32 bits becomes zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Size {
    /// 32 bits, `w0..w30`.
    W,
    /// 64 bits, `x0..x30`.
    X,
}

impl Size {
    /// 32 or 64.
    pub const fn bits(self) -> u8 {
        match self {
            Size::W => 32,
            Size::X => 64,
        }
    }

    /// The field `sf`, bit 31.
    fn sf(self) -> u32 {
        match self {
            Size::W => 0,
            Size::X => 1 << 31,
        }
    }
}

/// A condition on the flags (C1.2.4 "Condition code").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cond {
    /// Equal: Z.
    Eq,
    /// Not equal.
    Ne,
    /// Carry set, unsigned higher or same.
    Hs,
    /// Carry clear, unsigned lower.
    Lo,
    /// Negative; of a float comparison: less.
    Mi,
    /// Positive or zero; of a float comparison: not less.
    Pl,
    /// Overflow; of a float comparison: unordered.
    Vs,
    /// No overflow; of a float comparison: ordered.
    Vc,
    /// Unsigned higher.
    Hi,
    /// Unsigned lower or same; of a float comparison: less or equal.
    Ls,
    /// Signed greater or equal.
    Ge,
    /// Signed less; of a float comparison: less or unordered.
    Lt,
    /// Signed greater.
    Gt,
    /// Signed less or equal; of a float comparison: not greater.
    Le,
}

impl Cond {
    /// All of them, by number.
    pub const ALL: [Cond; 14] = [
        Cond::Eq,
        Cond::Ne,
        Cond::Hs,
        Cond::Lo,
        Cond::Mi,
        Cond::Pl,
        Cond::Vs,
        Cond::Vc,
        Cond::Hi,
        Cond::Ls,
        Cond::Ge,
        Cond::Lt,
        Cond::Gt,
        Cond::Le,
    ];

    /// The condition that holds when this one does not.
    pub fn inverted(self) -> Cond {
        // Numbers of opposites differ in the lowest bit.
        let opposite = Cond::ALL
            .iter()
            .zip(0u32..)
            .find(|(_, n)| *n == (self.number() ^ 1));
        *opposite.expect("all 14 come in pairs").0
    }

    fn number(self) -> u32 {
        let numbered = Cond::ALL.iter().zip(0u32..).find(|(one, _)| **one == self);
        numbered.expect("all are in the list").1
    }
}

/// A table of operations: constants of a type that only the table can make.
macro_rules! operations {
    (
        $(#[$doc:meta])*
        $Name:ident { $($OP:ident = $text:literal $word:literal,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $Name {
            pub(super) word: u32,
            name: &'static str,
        }

        impl $Name {
            $(
                #[doc = concat!("`", $text, "`")]
                pub const $OP: $Name = $Name { word: $word, name: $text };
            )+

            /// All of them.
            pub const ALL: &[$Name] = &[$($Name::$OP),+];

            /// The mnemonic.
            pub const fn name(self) -> &'static str {
                self.name
            }
        }

        impl std::fmt::Debug for $Name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name)
            }
        }
    };
}
use operations;

/// `value` if it fits `bits` bits, unsigned.
fn unsigned(value: u32, bits: u32) -> Option<u32> {
    (value >> bits == 0).then_some(value)
}

/// `value` as a field of `bits` bits in two's complement, if it fits.
fn signed(value: i32, bits: u32) -> Option<u32> {
    let limit = 1i32 << (bits - 1);
    let fits = (-limit..limit).contains(&value);
    fits.then(|| value.cast_unsigned() & ((1 << bits) - 1))
}

/// `value / unit` if nothing remains.
fn scaled(value: i32, unit: i32) -> Option<i32> {
    (value % unit == 0).then_some(value / unit)
}

#[cfg(test)]
mod tests;
