//! Pulley's machine instructions as the allocator sees them.

use cranelift_codegen::ir::{ExternalName, TrapCode};

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

/// What a branch asks.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Encoder of the branch if it holds.
    pub holds: Put,
    /// Encoder of the branch if it does not.
    pub fails: Put,
    /// Registers compared.
    pub regs: Vec<Reg>,
    /// Immediate, where there is one.
    pub imm: i128,
}

impl Condition {
    /// The opposite.
    pub fn inverse(self) -> Condition {
        Condition {
            holds: self.fails,
            fails: self.holds,
            ..self
        }
    }
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
    /// The same bits under another type: nothing, in the same register.
    Same {
        /// Written.
        to: Reg,
        /// Read.
        from: Reg,
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
    /// Goes to `then` if a condition holds, to `other` if not.
    Branch {
        /// The condition.
        condition: Condition,
        /// Target if it holds.
        then: BlockId,
        /// Target if not.
        other: BlockId,
    },
    /// Goes to one of the targets, to the last one beyond them.
    Table {
        /// Which one, in the low 32 bits.
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
    /// Traps if a condition holds.
    TrapIf {
        /// The condition.
        condition: Condition,
        /// What with.
        code: TrapCode,
    },
}

impl Inst {
    /// An instruction over registers, the first of which is written.
    pub fn plain(put: Put, regs: Vec<Reg>) -> Inst {
        Inst::with(put, regs, 0)
    }

    /// The same with an immediate.
    pub fn with(put: Put, regs: Vec<Reg>, imm: i128) -> Inst {
        Inst::Plain {
            put,
            regs,
            defs: 1,
            imm,
            trap: None,
        }
    }
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
            Inst::Same { to, from } => {
                operands.read(from);
                operands.write_over(to, 0);
            }
            Inst::Load { to, base: at, .. } => {
                base(at, operands);
                operands.write(to);
            }
            Inst::Store { from, base: at, .. } => {
                base(at, operands);
                operands.read(from);
            }
            Inst::Branch { condition, .. } | Inst::TrapIf { condition, .. } => {
                for reg in &mut condition.regs {
                    operands.read(reg);
                }
            }
            Inst::Table { index, .. } => operands.read(index),
            Inst::Address { to, .. } => operands.write(to),
            Inst::Trap(_) => {}
        }
    }

    fn is_branch(&self) -> bool {
        matches!(self, Inst::Branch { .. } | Inst::Table { .. })
    }

    fn is_end(&self) -> bool {
        matches!(self, Inst::Trap(_))
    }
}
