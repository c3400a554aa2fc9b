//! What instructions are made of: addresses, operands, conditions.

use super::super::encode::integer::Alu;
use super::super::encode::sse_move::Width;
use super::super::encode::{Cond, Size};
use crate::backend::call::FrameRef;
use crate::backend::operands::Operands;
use crate::backend::reg::Reg;

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A register plus a constant.
    Base {
        /// The register.
        base: Reg,
        /// Bytes.
        disp: i32,
    },
    /// Two registers plus a constant.
    Index {
        /// The first.
        base: Reg,
        /// The second.
        index: Reg,
        /// Bytes.
        disp: i32,
    },
    /// A place in the frame plus a constant.
    Frame(FrameRef, i32),
    /// A constant behind the code, aligned to 16 bytes.
    Constant(u128),
}

/// An operand that is a register, a constant or in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A register.
    Reg(Reg),
    /// A constant, sign-extended.
    Imm(i32),
    /// In memory.
    Mem(Address),
}

impl From<Reg> for Source {
    fn from(reg: Reg) -> Source {
        Source::Reg(reg)
    }
}

impl From<Address> for Source {
    fn from(address: Address) -> Source {
        Source::Mem(address)
    }
}

/// How far to shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many bits.
    Imm(u8),
    /// As many as a register says, of which the machine takes the low five bits, or six at 64.
    Reg(Reg),
}

/// Which flags hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flags {
    /// One condition.
    One(Cond),
    /// Floats are equal: zero and no parity.
    Equal,
    /// Floats are unequal or unordered: no zero, or parity.
    NotEqual,
}

/// Something that sets flags, and the condition on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `cmp`.
    Int {
        /// Width.
        size: Size,
        /// First operand.
        left: Reg,
        /// Second operand.
        right: Source,
        /// Condition.
        cond: Cond,
    },
    /// `test`: flags of the bitwise and.
    Bits {
        /// Width.
        size: Size,
        /// First operand.
        left: Reg,
        /// Second operand, no memory.
        right: Source,
        /// Condition.
        cond: Cond,
    },
    /// `cmp` of the low halves and `sbb` of the high ones: only less and below, and their
    /// opposites, mean anything.
    Pair {
        /// First operand, low half first.
        left: [Reg; 2],
        /// Second operand.
        right: [Reg; 2],
        /// Condition.
        cond: Cond,
        /// Scratch.
        temp: Reg,
    },
    /// `ucomiss`, `ucomisd`.
    Float {
        /// Single or double.
        width: Width,
        /// First operand.
        left: Reg,
        /// Second operand.
        right: Reg,
        /// Condition.
        flags: Flags,
    },
}

/// Moves that keep part of the first operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// The lowest 32 bits come from the second.
    Single,
    /// The lowest 64 bits come from the second.
    Double,
    /// The low half comes from the high half of the second.
    HighToLow,
    /// The high half comes from the low half of the second.
    LowToHigh,
}

/// What an atomic loop computes from what memory holds and its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// One of the two-operand operations.
    Alu(Alu),
    /// Bitwise and, inverted.
    Nand,
    /// What memory holds if that is `cond` compared with the operand, else the operand.
    Choose(Cond),
}

impl Address {
    fn registers(&mut self) -> impl Iterator<Item = &mut Reg> {
        let (first, second) = match self {
            Address::Base { base, .. } => (Some(base), None),
            Address::Index { base, index, .. } => (Some(base), Some(index)),
            Address::Frame(..) | Address::Constant(_) => (None, None),
        };
        first.into_iter().chain(second)
    }

    /// Shows its registers, read before anything is written.
    pub fn read(&mut self, operands: &mut impl Operands) {
        self.registers().for_each(|reg| operands.read(reg));
    }

    /// Shows its registers, read to the end.
    pub fn read_late(&mut self, operands: &mut impl Operands) {
        self.registers().for_each(|reg| operands.read_late(reg));
    }
}

impl Source {
    /// Shows its registers, read before anything is written.
    pub fn read(&mut self, operands: &mut impl Operands) {
        match self {
            Source::Reg(reg) => operands.read(reg),
            Source::Imm(_) => {}
            Source::Mem(address) => address.read(operands),
        }
    }
}

impl Test {
    /// Shows its registers, read before anything is written.
    pub fn read(&mut self, operands: &mut impl Operands) {
        match self {
            Test::Int { left, right, .. } | Test::Bits { left, right, .. } => {
                operands.read(left);
                right.read(operands);
            }
            Test::Pair {
                left, right, temp, ..
            } => {
                left.iter_mut()
                    .chain(right)
                    .for_each(|reg| operands.read(reg));
                operands.write_early(temp);
            }
            Test::Float { left, right, .. } => {
                operands.read(left);
                operands.read(right);
            }
        }
    }
}
