//! A function as the register allocator sees it: no instructions, only what they ask for.
//!
//! It knows no ISA, so that the allocator and its checker are compiled once for all of them.

use regalloc2::{Block, Inst, InstRange, Operand, PRegSet, RegClass, VReg};

use super::order::BlockId;

/// What an instruction is to control flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Goes on to the next one.
    Plain,
    /// Goes to other blocks.
    Branch,
    /// Leaves the function.
    Exit,
}

/// What is to be allocated.
#[derive(Debug)]
pub struct Problem {
    /// Where each block's instructions lie.
    pub ranges: Vec<InstRange>,
    /// Virtual registers that each block takes.
    pub params: Vec<Vec<VReg>>,
    /// Virtual registers that each edge carries, by source block and its branch.
    pub edge_args: Vec<Vec<Vec<VReg>>>,
    /// How many virtual registers there are.
    pub registers: usize,
    /// Number of 8-byte slots that a register of each class is spilled to.
    pub spill_slots: [u8; 3],
    /// By instruction.
    pub roles: Vec<Role>,
    /// Operands of all instructions.
    pub operands: Vec<Operand>,
    /// Where each instruction's operands end in [`Problem::operands`].
    pub operand_ends: Vec<u32>,
    /// Registers that each instruction writes beyond its operands.
    pub clobbers: Vec<PRegSet>,
    /// Targets of each block.
    pub succs: Vec<Vec<Block>>,
    /// Sources of each block.
    pub preds: Vec<Vec<Block>>,
}

/// Lists of blocks as the allocator names them.
pub fn blocks(lists: &[Vec<BlockId>]) -> Vec<Vec<Block>> {
    let block = |id: &BlockId| Block::new(id.index());
    let list = |ids: &Vec<BlockId>| ids.iter().map(block).collect();
    lists.iter().map(list).collect()
}

impl regalloc2::Function for Problem {
    fn num_insts(&self) -> usize {
        self.roles.len()
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
        self.roles[inst.index()] == Role::Exit
    }

    fn is_branch(&self, inst: Inst) -> bool {
        self.roles[inst.index()] == Role::Branch
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
