//! A function as machine instructions over virtual registers, in the form that `regalloc2`
//! reads.
//!
//! Invariants: every virtual register is written once (SSA); the last instruction of a block is
//! its only branch or return; no edge is critical ([`super::order`]); flags do not live from
//! one [`Op`] to the next unless the ISA's moves, spills and reloads leave them alone.

use std::fmt::Debug;

use regalloc2::{Block, Inst, InstRange, Operand, PRegSet, RegClass, VReg};

use super::call::{CallInfo, FrameRef};
use super::operands::{Collector, Operands};
use super::order::{BlockId, BlockOrder};
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
    /// Where each block lies in [`VCode::ops`].
    pub ranges: Vec<InstRange>,
    /// Targets and sources.
    pub order: BlockOrder,
    /// Virtual registers that each block takes.
    pub params: Vec<Vec<VReg>>,
    /// Virtual registers that each edge carries, by source block and its branch.
    pub edge_args: Vec<Vec<Vec<VReg>>>,
    /// How many virtual registers there are.
    pub registers: usize,
    /// Number of 8-byte slots that a register of each class is spilled to.
    pub spill_slots: [u8; 3],
    operands: Vec<Operand>,
    operand_ends: Vec<u32>,
    clobbers: Vec<PRegSet>,
    succs: Vec<Vec<Block>>,
    preds: Vec<Vec<Block>>,
}

/// What [`VCode::new`] takes over from lowering.
pub struct Lowered<I> {
    /// See [`VCode::ops`].
    pub ops: Vec<Op<I>>,
    /// See [`VCode::ranges`].
    pub ranges: Vec<InstRange>,
    /// See [`VCode::order`].
    pub order: BlockOrder,
    /// See [`VCode::params`].
    pub params: Vec<Vec<VReg>>,
    /// See [`VCode::edge_args`].
    pub edge_args: Vec<Vec<Vec<VReg>>>,
    /// See [`VCode::registers`].
    pub registers: usize,
}

fn block(id: &BlockId) -> Block {
    Block::new(id.index())
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
        for op in &mut ops {
            op.operands(&mut collector);
            operand_ends.push(u32::try_from(collector.0.len()).expect("operands are few"));
            clobbers.push(op.clobbers());
        }
        let lists = |lists: &[Vec<BlockId>]| -> Vec<Vec<Block>> {
            lists
                .iter()
                .map(|ids| ids.iter().map(block).collect())
                .collect()
        };
        VCode {
            succs: lists(&order.succs),
            preds: lists(&order.preds),
            operands: collector.0,
            operand_ends,
            clobbers,
            ops,
            ranges,
            order,
            params,
            edge_args,
            registers,
            spill_slots,
        }
    }
}

impl<I: MachineInst> regalloc2::Function for VCode<I> {
    fn num_insts(&self) -> usize {
        self.ops.len()
    }

    fn num_blocks(&self) -> usize {
        self.ranges.len()
    }

    fn entry_block(&self) -> Block {
        Block::new(0)
    }

    fn block_insns(&self, block: Block) -> InstRange {
        self.ranges[block.index()]
    }

    fn block_succs(&self, block: Block) -> &[Block] {
        &self.succs[block.index()]
    }

    fn block_preds(&self, block: Block) -> &[Block] {
        &self.preds[block.index()]
    }

    fn block_params(&self, block: Block) -> &[VReg] {
        &self.params[block.index()]
    }

    fn is_ret(&self, inst: Inst) -> bool {
        self.ops[inst.index()].is_exit()
    }

    fn is_branch(&self, inst: Inst) -> bool {
        self.ops[inst.index()].is_branch()
    }

    fn branch_blockparams(&self, block: Block, _: Inst, succ_idx: usize) -> &[VReg] {
        &self.edge_args[block.index()][succ_idx]
    }

    fn inst_operands(&self, inst: Inst) -> &[Operand] {
        let at = |i: usize| usize::try_from(self.operand_ends[i]).expect("32 bits fit");
        let start = inst.index().checked_sub(1).map_or(0, at);
        &self.operands[start..at(inst.index())]
    }

    fn inst_clobbers(&self, inst: Inst) -> PRegSet {
        self.clobbers[inst.index()]
    }

    fn num_vregs(&self) -> usize {
        self.registers
    }

    fn spillslot_size(&self, class: RegClass) -> usize {
        let class = match class {
            RegClass::Int => 0,
            RegClass::Float => 1,
            RegClass::Vector => 2,
        };
        usize::from(self.spill_slots[class])
    }
}
