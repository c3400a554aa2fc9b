//! Machine instructions as the allocator sees them.
//!
//! Nearly all are one word: [`Word`] is that word with its register fields empty, and the
//! registers with the places of their fields. What remains are instructions that name a place
//! of the frame, a symbol, a constant or a block, and short sequences.

use cranelift_codegen::ir::{AtomicRmwOp, ExternalName, TrapCode};
use regalloc2::PRegSet;

use super::encode::{self, Access, AtomicSize, Cond, Literal, Size};
use super::registers::hw;
use crate::backend::call::FrameRef;
use crate::backend::operands::Operands;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;
use crate::backend::vcode::MachineInst;

/// Stands in an empty register field.
pub const EMPTY: encode::Reg = encode::Reg::new(0);

/// A word without its registers.
#[derive(Clone, Debug)]
pub struct Word {
    word: u32,
    /// What the written register holds before, where the instruction reads it.
    over: Option<Reg>,
    reads: [Option<(Reg, u8)>; 3],
    write: Option<(Reg, u8)>,
    /// What it traps with, if it may.
    pub trap: Option<TrapCode>,
}

/// Wraps a word whose register fields are [`EMPTY`].
pub fn word(word: u32) -> Word {
    Word {
        word,
        over: None,
        reads: [None; 3],
        write: None,
        trap: None,
    }
}

impl Word {
    fn read(mut self, reg: Reg, place: u8) -> Word {
        let free = self.reads.iter_mut().find(|read| read.is_none());
        *free.expect("no instruction reads more") = Some((reg, place));
        self
    }

    /// Writes `Rd`.
    pub fn to(mut self, reg: Reg) -> Word {
        self.write = Some((reg, 0));
        self
    }

    /// Reads `Rd` (a store's value).
    pub fn t(self, reg: Reg) -> Word {
        self.read(reg, 0)
    }

    /// Reads `Rn`.
    pub fn n(self, reg: Reg) -> Word {
        self.read(reg, 5)
    }

    /// Reads `Ra`.
    pub fn a(self, reg: Reg) -> Word {
        self.read(reg, 10)
    }

    /// Reads `Rm`.
    pub fn m(self, reg: Reg) -> Word {
        self.read(reg, 16)
    }

    /// Reads `from` in the register that it writes, `Rd`. It must be virtual.
    pub fn over(mut self, to: Reg, from: Reg) -> Word {
        self.over = Some(from);
        self.write = Some((to, 0));
        self
    }

    /// As [`Word::over`] with `Rs`, which is where `Rm` is.
    pub fn over_s(mut self, to: Reg, from: Reg) -> Word {
        self.over = Some(from);
        self.write = Some((to, 16));
        self
    }

    /// May trap.
    pub fn traps(mut self, code: Option<TrapCode>) -> Word {
        self.trap = code;
        self
    }

    fn operands(&mut self, operands: &mut impl Operands) {
        if let Some(over) = &mut self.over {
            operands.read(over);
        }
        for (reg, _) in self.reads.iter_mut().flatten() {
            operands.read(reg);
        }
        if let Some((reg, _)) = &mut self.write {
            match self.over {
                Some(_) => operands.write_over(reg, 0),
                None => operands.write(reg),
            }
        }
    }

    /// The instruction, after allocation.
    pub fn encoded(&self) -> u32 {
        let fields = self.reads.iter().flatten().chain(&self.write);
        fields.fold(self.word, |word, (reg, place)| {
            word | u32::from(hw(*reg).number()) << place
        })
    }
}

/// What a branch or trap depends on.
#[derive(Clone, Copy, Debug)]
pub enum Test {
    /// The flags.
    Flags(Cond),
    /// A register that is zero.
    Zero(Size, Reg),
    /// A register that is not zero.
    NonZero(Size, Reg),
}

impl Test {
    /// The opposite.
    pub fn inverted(self) -> Test {
        match self {
            Test::Flags(cond) => Test::Flags(cond.inverted()),
            Test::Zero(size, reg) => Test::NonZero(size, reg),
            Test::NonZero(size, reg) => Test::Zero(size, reg),
        }
    }

    fn operands(&mut self, operands: &mut impl Operands) {
        match self {
            Test::Flags(_) => {}
            Test::Zero(_, reg) | Test::NonZero(_, reg) => operands.read(reg),
        }
    }
}

/// A machine instruction.
#[derive(Clone, Debug)]
pub enum Inst {
    /// One word.
    Word(Word),
    /// A load from or a store to the frame.
    Frame {
        /// Which.
        op: Access,
        /// Loaded or stored.
        reg: Reg,
        /// The place.
        place: FrameRef,
    },
    /// A constant in an integer register.
    Constant {
        /// Written.
        to: Reg,
        /// The constant.
        value: u64,
    },
    /// A constant out of memory in a vector register.
    Pool {
        /// The load.
        op: Literal,
        /// Written.
        to: Reg,
        /// Its bytes in memory.
        bytes: Vec<u8>,
    },
    /// Address of a symbol.
    Address {
        /// Written.
        to: Reg,
        /// The symbol.
        name: ExternalName,
        /// Added to it.
        addend: i64,
        /// Whether it lies within 4 GiB; else its address comes out of the GOT.
        near: bool,
    },
    /// Goes to the first block if the test holds, else to the second.
    Branch {
        /// The test.
        test: Test,
        /// Both targets.
        targets: [BlockId; 2],
    },
    /// Goes to block number `index + 1`, or to the first one where there is none.
    Table {
        /// Number of the target, 32 bits.
        index: Reg,
        /// Scratch.
        address: Reg,
        /// Scratch.
        distance: Reg,
        /// Targets, the default first.
        targets: Vec<BlockId>,
    },
    /// Traps always.
    Trap(TrapCode),
    /// Traps if the test holds.
    TrapIf {
        /// The test.
        test: Test,
        /// What with.
        code: TrapCode,
    },
    /// Reads, modifies and writes memory until nobody came between.
    RmwLoop {
        /// Bytes accessed.
        size: AtomicSize,
        /// What is done; the operand of signed comparisons is sign-extended.
        op: AtomicRmwOp,
        /// Where.
        address: Reg,
        /// The other operand.
        operand: Reg,
        /// What was there.
        old: Reg,
        /// Scratch.
        new: Reg,
        /// Scratch.
        status: Reg,
    },
    /// Writes memory if it holds what is expected.
    CasLoop {
        /// Bytes accessed.
        size: AtomicSize,
        /// Where.
        address: Reg,
        /// What is expected, with zeros above it.
        expected: Reg,
        /// What is written.
        new: Reg,
        /// What was there.
        old: Reg,
        /// Scratch.
        status: Reg,
    },
}

impl From<Word> for Inst {
    fn from(word: Word) -> Inst {
        Inst::Word(word)
    }
}

impl MachineInst for Inst {
    fn operands(&mut self, operands: &mut impl Operands) {
        match self {
            Inst::Word(word) => word.operands(operands),
            Inst::Frame { op, reg, .. } if op.is_load() => operands.write(reg),
            Inst::Frame { reg, .. } => operands.read(reg),
            Inst::Constant { to, .. } | Inst::Pool { to, .. } | Inst::Address { to, .. } => {
                operands.write(to);
            }
            Inst::Branch { test, .. } | Inst::TrapIf { test, .. } => test.operands(operands),
            Inst::Table {
                index,
                address,
                distance,
                ..
            } => {
                operands.read(index);
                operands.write_early(address);
                operands.write_early(distance);
            }
            Inst::Trap(_) => {}
            Inst::RmwLoop {
                address,
                operand,
                old,
                new,
                status,
                ..
            } => {
                operands.read(address);
                operands.read(operand);
                for scratch in [old, new, status] {
                    operands.write_early(scratch);
                }
            }
            Inst::CasLoop {
                address,
                expected,
                new,
                old,
                status,
                ..
            } => {
                for reg in [address, expected, new] {
                    operands.read(reg);
                }
                operands.write_early(old);
                operands.write_early(status);
            }
        }
    }

    fn clobbers(&self) -> PRegSet {
        PRegSet::empty()
    }

    fn is_branch(&self) -> bool {
        matches!(self, Inst::Branch { .. } | Inst::Table { .. })
    }

    fn is_end(&self) -> bool {
        matches!(self, Inst::Trap(_))
    }
}
