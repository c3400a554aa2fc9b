//! Ends of blocks, and what travels along edges.

use cranelift_codegen::ir::{BlockArg, BlockCall, Inst, InstructionData, Opcode};
use regalloc2::VReg;

use super::{Lower, Placed};
use crate::backend::arch::Arch;
use crate::backend::call::FrameRef;
use crate::backend::limit::Refusal;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;
use crate::backend::vcode::Op;

impl<A: Arch> Lower<'_, A> {
    /// Virtual registers that a block takes: none for the entry, whose parameters arrive by the
    /// calling convention, and for edge blocks.
    pub(super) fn block_params(&self, block: usize) -> Vec<VReg> {
        match self.order.blocks[block] {
            Placed::Block(source) if block != 0 => {
                let params = self.function.dfg.block_params(source);
                let regs = params.iter().flat_map(|&param| self.regs[param]);
                regs.flatten().filter_map(Reg::as_virt).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The registers that each edge carries; constants are put into registers here, before the
    /// terminator. None along an edge that an edge block carries on. `from` is the `try_call` that
    /// gives what is no value.
    ///
    /// # Errors
    /// What is not covered of a `try_call`.
    pub(super) fn edge_args(
        &mut self,
        calls: &[Option<BlockCall>],
        from: Option<Inst>,
    ) -> Result<Vec<Vec<VReg>>, Refusal> {
        let mut edges = Vec::with_capacity(calls.len());
        for call in calls {
            let args: Vec<_> = match call {
                Some(call) => call.args(&self.function.dfg.value_lists).collect(),
                None => Vec::new(),
            };
            let mut regs = Vec::with_capacity(args.len());
            for arg in args {
                let given = match (arg, from) {
                    (BlockArg::Value(value), _) => self.all_regs(value),
                    (_, Some(inst)) => self.given_by_try_call(inst, arg)?,
                    (_, None) => unreachable!("only edges of a try_call carry these"),
                };
                for reg in given {
                    let reg = self.virtual_copy(reg);
                    regs.extend(reg.as_virt());
                }
            }
            edges.push(regs);
        }
        Ok(edges)
    }

    pub(super) fn lower_terminator(
        &mut self,
        inst: Inst,
        targets: &[BlockId],
    ) -> Result<(), Refusal> {
        let opcode = self.function.dfg.insts[inst].opcode();
        match opcode {
            Opcode::Jump => self.emit(Op::Jump(targets[0])),
            Opcode::Return => self.lower_return(inst),
            Opcode::ReturnCall | Opcode::ReturnCallIndirect => self.lower_tail_call(inst)?,
            Opcode::Brif | Opcode::BrTable => {
                let arch = self.arch;
                arch.lower_branch(self, inst, targets)?;
            }
            Opcode::TryCall | Opcode::TryCallIndirect => self.lower_try_call(inst, targets)?,
            Opcode::Trap => {
                let arch = self.arch;
                arch.lower(self, inst)?;
            }
            _ => return Err(Refusal::uncovered(opcode.to_string())),
        }
        Ok(())
    }

    pub(super) fn lower_stack_addr(&mut self, inst: Inst) {
        let InstructionData::StackAddr {
            stack_slot, offset, ..
        } = self.function.dfg.insts[inst]
        else {
            unreachable!("the format of stack_addr");
        };
        let place = self.slot(stack_slot, offset.into());
        let to = self.result(inst, 0);
        self.emit(Op::FrameAddress { to, place });
    }

    /// The place in the frame that an address value is, if `stack_addr` makes it: loads and
    /// stores use it directly.
    pub fn frame_place(&self, address: cranelift_codegen::ir::Value) -> Option<FrameRef> {
        let inst = self.defined_by(address, Opcode::StackAddr)?;
        let InstructionData::StackAddr {
            stack_slot, offset, ..
        } = self.function.dfg.insts[inst]
        else {
            return None;
        };
        Some(self.slot(stack_slot, offset.into()))
    }
}
