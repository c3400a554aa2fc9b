//! Pulley's machine instructions as the allocator sees them.

use cranelift_codegen::ir::{ExternalName, TrapCode};
use regalloc2::PRegSet;

use super::encode::{Put, PutMemory};
use crate::backend::call::FrameRef;
use crate::backend::operands::Operands;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;
use crate::backend::vcode::MachineInst;

/// Where a load or store goes.
#[derive(Clone, Copy, Debug)]
pub enum Base {
    /// A register.
    Reg(Reg),
    /// The frame.
    Frame(FrameRef),
}

/// A machine instruction.
#[derive(Clone, Debug)]
pub enum Inst {
    /// Registers, the first `defs` of them written, and an immediate.
    Plain {
        /// Its encoder.
        put: Put,
        /// Operands in the encoder's order.
        regs: Vec<Reg>,
        /// How many are written.
        defs: usize,
        /// Immediate.
        imm: i128,
        /// What it traps with, if it may.
        trap: Option<TrapCode>,
    },
    /// A load.
    Load {
        /// Its encoder.
        put: PutMemory,
        /// Written.
        to: Reg,
        /// From where.
        base: Base,
        /// Bytes from there.
        offset: i32,
        /// What it traps with, if it may.
        trap: Option<TrapCode>,
    },
    /// A store.
    Store {
        /// Its encoder.
        put: PutMemory,
        /// Read.
        from: Reg,
        /// To where.
        base: Base,
        /// Bytes from there.
        offset: i32,
        /// What it traps with, if it may.
        trap: Option<TrapCode>,
    },
    /// Goes to `then` if a condition over registers holds, to `other` if not.
    Branch {
        /// Encoder of the branch if it holds; its immediate is the distance.
        put: Put,
        /// Encoder of the branch if it does not hold.
        inverse: Put,
        /// Registers compared.
        regs: Vec<Reg>,
        /// Target if it holds.
        then: BlockId,
        /// Target if not.
        other: BlockId,
    },
    /// Goes to one of the targets, to the last one beyond them.
    Table {
        /// Which one.
        index: Reg,
        /// All of them.
        targets: Vec<BlockId>,
    },
    /// Address of a symbol.
    Address {
        /// Written.
        to: Reg,
        /// The symbol.
        name: ExternalName,
        /// Added to it.
        addend: i64,
        /// Whether it is reached pc-relatively.
        near: bool,
    },
    /// Traps always.
    Trap(TrapCode),
    /// Traps if the register's low 32 bits are zero, or if they are not.
    TrapIf {
        /// The condition.
        condition: Reg,
        /// Whether zero is what traps.
        zero: bool,
        /// What with.
        code: TrapCode,
    },
}

fn base(base: &mut Base, operands: &mut impl Operands) {
    if let Base::Reg(reg) = base {
        operands.read(reg);
    }
}

impl MachineInst for Inst {
    fn operands(&mut self, operands: &mut impl Operands) {
        match self {
            Inst::Plain { regs, defs, .. } => {
                let (written, read) = regs.split_at_mut(*defs);
                for reg in read {
                    operands.read(reg);
                }
                for reg in written {
                    operands.write(reg);
                }
            }
            Inst::Load { to, base: at, .. } => {
                base(at, operands);
                operands.write(to);
            }
            Inst::Store { from, base: at, .. } => {
                base(at, operands);
                operands.read(from);
            }
            Inst::Branch { regs, .. } => {
                for reg in regs {
                    operands.read(reg);
                }
            }
            Inst::Table { index, .. } => operands.read(index),
            Inst::Address { to, .. } => operands.write(to),
            Inst::Trap(_) => {}
            Inst::TrapIf { condition, .. } => operands.read(condition),
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
