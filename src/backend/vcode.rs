//! A function as machine instructions over virtual registers, in the form that `regalloc2`
//! reads.
//!
//! Invariants: every virtual register is written once (SSA); the last instruction of a block is
//! its only branch or return; no edge is critical ([`super::order`]); flags do not live from
//! one [`Op`] to the next unless the ISA's moves, spills and reloads leave them alone.

use std::fmt::Debug;

use regalloc2::{InstRange, PRegSet, VReg};

use super::call::{CallInfo, FrameRef};
use super::operands::{Collector, Operands};
use super::order::{BlockId, BlockOrder};
use super::problem::{Problem, Role, blocks};
use super::reg::Reg;

/// A machine instruction of one ISA, or a short sequence that the allocator sees as one.
pub trait MachineInst: Clone + Debug {
    /// Shows every register operand, in an order that is always the same.
    fn operands(&mut self, operands: &mut impl Operands);

    /// Real registers that it writes beyond its operands, reserved scratch included: they count
    /// as written when the prologue decides what to save.
    fn clobbers(&self) -> PRegSet {
        PRegSet::empty()
    }

    /// Whether it ends its block with jumps to labels.
    fn is_branch(&self) -> bool {
        false
    }

    /// Whether it ends its block, and nothing of the function runs behind it: a trap that is
    /// always taken.
    fn is_end(&self) -> bool {
        false
    }
}

/// An instruction: what all ISAs have alike, or one of the ISA's own.
#[derive(Clone, Debug)]
pub enum Op<I> {
    /// The function's register arguments, at its start: virtual register and where it arrives.
    Args(Vec<(Reg, regalloc2::PReg)>),
    /// Copies a register of the same class.
    Move {
        /// Written.
        to: Reg,
        /// Read.
        from: Reg,
    },
    /// A call.
    Call(Box<CallInfo>),
    /// A call in the place of a return: the frame is gone when it is made.
    TailCall(Box<CallInfo>),
    /// The epilogue and the return, with the results in their registers.
    Return(Vec<(Reg, regalloc2::PReg)>),
    /// Goes to a block.
    Jump(BlockId),
    /// Address of a place in the frame.
    FrameAddress {
        /// Written.
        to: Reg,
        /// The place.
        place: FrameRef,
    },
    /// One of the ISA's.
    Isa(I),
}

impl<I: MachineInst> Op<I> {
    /// Shows every register operand.
    pub fn operands(&mut self, operands: &mut impl Operands) {
        match self {
            Op::Args(defs) => {
                for (reg, real) in defs {
                    operands.write_in(reg, *real);
                }
            }
            Op::Move { to, from } => {
                operands.read(from);
                operands.write(to);
            }
            Op::Call(call) | Op::TailCall(call) => call.operands(operands),
            Op::Return(uses) => {
                for (reg, real) in uses {
                    operands.read_in(reg, *real);
                }
            }
            Op::Jump(_) => {}
            Op::FrameAddress { to, .. } => operands.write(to),
            Op::Isa(inst) => inst.operands(operands),
        }
    }

    /// Real registers written beyond the operands.
    pub fn clobbers(&self) -> PRegSet {
        match self {
            Op::Call(call) => call.clobbers,
            Op::Isa(inst) => inst.clobbers(),
            _ => PRegSet::empty(),
        }
    }

    /// Real registers that count as written beyond the operands.
    pub fn writes(&self) -> PRegSet {
        match self {
            Op::Call(call) => call.writes,
            _ => self.clobbers(),
        }
    }

    /// Whether control leaves the function here.
    pub fn is_exit(&self) -> bool {
        match self {
            Op::Return(_) | Op::TailCall(_) => true,
            Op::Isa(inst) => inst.is_end(),
            _ => false,
        }
    }

    /// Whether it jumps to blocks.
    pub fn is_branch(&self) -> bool {
        match self {
            Op::Jump(_) => true,
            Op::Call(call) => call.targets.is_some(),
            Op::Isa(inst) => inst.is_branch(),
            _ => false,
        }
    }
}

/// A function over virtual registers.
#[derive(Debug)]
pub struct VCode<I> {
    /// Instructions by block.
    pub ops: Vec<Op<I>>,
    /// The same as the allocator sees it.
    pub problem: Problem,
}

/// What [`VCode::new`] takes over from lowering.
pub struct Lowered<I> {
    /// See [`VCode::ops`].
    pub ops: Vec<Op<I>>,
    /// See [`Problem::ranges`].
    pub ranges: Vec<InstRange>,
    /// Targets and sources of blocks.
    pub order: BlockOrder,
    /// See [`Problem::params`].
    pub params: Vec<Vec<VReg>>,
    /// See [`Problem::edge_args`].
    pub edge_args: Vec<Vec<Vec<VReg>>>,
    /// See [`Problem::registers`].
    pub registers: usize,
}

impl<I: MachineInst> VCode<I> {
    /// Collects what the allocator asks for.
    pub fn new(lowered: Lowered<I>, spill_slots: [u8; 3]) -> VCode<I> {
        let Lowered {
            mut ops,
            ranges,
            order,
            params,
            edge_args,
            registers,
        } = lowered;
        let mut collector = Collector(Vec::with_capacity(ops.len() * 3));
        let mut operand_ends = Vec::with_capacity(ops.len());
        let mut clobbers = Vec::with_capacity(ops.len());
        let mut roles = Vec::with_capacity(ops.len());
        for op in &mut ops {
            op.operands(&mut collector);
            operand_ends.push(u32::try_from(collector.0.len()).expect("operands are few"));
            clobbers.push(op.clobbers());
            roles.push(match (op.is_exit(), op.is_branch()) {
                (true, _) => Role::Exit,
                (false, true) => Role::Branch,
                (false, false) => Role::Plain,
            });
        }
        let problem = Problem {
            ranges,
            params,
            edge_args,
            registers,
            spill_slots,
            roles,
            operands: collector.0,
            operand_ends,
            clobbers,
            succs: blocks(&order.succs),
            preds: blocks(&order.preds),
        };
        VCode { ops, problem }
    }
}
