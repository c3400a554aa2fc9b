//! Selection of machine instructions, backwards.
//!
//! Blocks are walked from the last to the first and each from its end, so that every user of a
//! value is seen before the value itself. An instruction without effects whose results nobody
//! asked for as registers is left out: constants are put in where they are used, comparisons
//! merge into branches, addresses into loads.
//!
//! Invariants: a value's register is asked for with [`Lower::reg`] exactly when the emitted
//! code reads it; what is emitted for one CLIF instruction keeps its order.

mod calls;
mod control;
mod try_call;
mod values;

use std::collections::HashMap;

use cranelift_codegen::entity::{EntitySet, SecondaryMap};
use cranelift_codegen::ir::{Function, Inst, Opcode, StackSlot, Type, Value};
use regalloc2::{InstRange, RegClass, VReg};

use super::arch::Arch;
use super::call::{CallLayout, FrameRef};
use super::limit::Refusal;
use super::options::Settings;
use super::order::{BlockOrder, Placed};
use super::reg::Reg;
use super::vcode::{Lowered, Op};
use try_call::Given;
pub use try_call::is_try;
use values::Atoms;

/// The state of lowering one function.
pub struct Lower<'f, A: Arch> {
    /// The ISA.
    pub arch: &'f A,
    /// The function, legalised.
    pub function: &'f Function,
    /// What the header asks for.
    pub settings: &'f Settings,
    /// Bytes that calls need for arguments.
    pub outgoing: u32,
    /// Bytes that tail calls need for arguments.
    pub tail: u32,
    /// Whether a call is made.
    pub makes_calls: bool,
    /// Whether a site's hook may pop its arguments.
    pub anchored: bool,
    /// The function's own layout.
    pub layout: CallLayout,
    /// All stack slots together, in bytes.
    pub slots: u32,
    order: BlockOrder,
    slot_at: SecondaryMap<StackSlot, u32>,
    atoms: SecondaryMap<Value, Atoms>,
    regs: SecondaryMap<Value, [Option<Reg>; 2]>,
    used: EntitySet<Value>,
    registers: usize,
    area_pointer: Option<Reg>,
    given: HashMap<Inst, Given>,
    pending: Vec<Op<A::Inst>>,
    reversed: Vec<Op<A::Inst>>,
}

/// What lowering delivers beside the code.
pub struct Facts {
    /// See [`Lower::outgoing`].
    pub outgoing: u32,
    /// See [`Lower::tail`].
    pub tail: u32,
    /// See [`Lower::slots`].
    pub slots: u32,
    /// See [`Lower::makes_calls`].
    pub makes_calls: bool,
    /// See [`Lower::anchored`].
    pub anchored: bool,
    /// See [`Lower::layout`].
    pub layout: CallLayout,
}

/// Lowers a function.
///
/// # Errors
/// What the ISA's back end does not cover.
pub fn lower<A: Arch>(
    arch: &A,
    function: &Function,
    settings: &Settings,
) -> Result<(Lowered<A::Inst>, Facts), Refusal> {
    let mut ctx = Lower::new(arch, function, settings)?;
    let count = ctx.order.blocks.len();
    let mut ends = vec![0; count];
    let mut edge_args = vec![Vec::new(); count];
    for block in (0..count).rev() {
        ends[block] = ctx.reversed.len();
        edge_args[block] = ctx.lower_block(block)?;
    }
    let total = ctx.reversed.len();
    ctx.reversed.reverse();
    let at = |reversed: usize| regalloc2::Inst::new(total - reversed);
    let ranges = (0..count)
        .map(|block| {
            let start = if block == 0 { total } else { ends[block - 1] };
            InstRange::new(at(start), at(ends[block]))
        })
        .collect();
    let params = (0..count).map(|block| ctx.block_params(block)).collect();
    let facts = Facts {
        outgoing: ctx.outgoing,
        tail: ctx.tail,
        slots: ctx.slots,
        makes_calls: ctx.makes_calls,
        anchored: ctx.anchored,
        layout: ctx.layout,
    };
    let lowered = Lowered {
        ops: ctx.reversed,
        ranges,
        order: ctx.order,
        params,
        edge_args,
        registers: ctx.registers,
    };
    Ok((lowered, facts))
}

/// Whether a patchable callee pops its arguments.
fn is_anchored<A: Arch>(arch: &A, function: &Function) -> bool {
    let mut callees = function.dfg.ext_funcs.values().filter(|f| f.patchable);
    callees.any(|callee| {
        let layout = arch.layout(&function.dfg.signatures[callee.signature]);
        layout.is_ok_and(|layout| layout.popped != 0)
    })
}

impl<'f, A: Arch> Lower<'f, A> {
    fn new(
        arch: &'f A,
        function: &'f Function,
        settings: &'f Settings,
    ) -> Result<Lower<'f, A>, Refusal> {
        let layout = calls::layout_of(arch, settings, &function.signature)?;
        let mut ctx = Lower {
            arch,
            function,
            settings,
            outgoing: 0,
            tail: 0,
            makes_calls: false,
            anchored: is_anchored(arch, function),
            layout,
            slots: 0,
            order: BlockOrder::new(function),
            slot_at: SecondaryMap::new(),
            atoms: SecondaryMap::new(),
            regs: SecondaryMap::new(),
            used: EntitySet::new(),
            registers: 0,
            area_pointer: None,
            given: HashMap::new(),
            pending: Vec::new(),
            reversed: Vec::new(),
        };
        ctx.place_slots()?;
        ctx.assign_registers()?;
        Ok(ctx)
    }

    fn place_slots(&mut self) -> Result<(), Refusal> {
        let mut at = 0u32;
        for (slot, data) in &self.function.sized_stack_slots {
            let align = 1u32 << data.align_shift.clamp(3, 4);
            if data.align_shift > 4 {
                return Err(Refusal::limit(format!(
                    "{slot} aligned to {} bytes, more than the stack's 16",
                    1u64 << data.align_shift
                )));
            }
            at = at.next_multiple_of(align);
            self.slot_at[slot] = at;
            at = at
                .checked_add(data.size)
                .filter(|&end| end < 1 << 30)
                .ok_or_else(|| Refusal::limit(format!("stack slots beyond 1 GiB at {slot}")))?;
        }
        self.slots = at;
        Ok(())
    }

    /// The place of a byte in a stack slot.
    pub fn slot(&self, slot: StackSlot, offset: i32) -> FrameRef {
        let at = i64::from(self.slot_at[slot]) + i64::from(offset);
        FrameRef::Slot(u32::try_from(at).expect("the verifier keeps offsets inside"))
    }

    /// Lowers a block and returns the registers that each of its edges carries.
    fn lower_block(&mut self, block: usize) -> Result<Vec<Vec<VReg>>, Refusal> {
        let targets = self.order.succs[block].clone();
        let calls = self.order.edge_calls[block].clone();
        let (source, insts) = match self.order.blocks[block] {
            Placed::Edge(target) => {
                let call = self.try_call_before(block);
                let args = self.edge_args(&calls, call)?;
                self.emit(Op::Jump(target));
                self.flush();
                return Ok(args);
            }
            Placed::Block(source) => {
                let insts: Vec<Inst> = self.function.layout.block_insts(source).collect();
                (source, insts)
            }
        };
        let (last, body) = insts.split_last().expect("the verifier wants a terminator");
        let args = self.edge_args(&calls, None)?;
        self.lower_terminator(*last, &targets)?;
        self.flush();
        for &inst in body.iter().rev() {
            self.lower_inst(inst)?;
            self.flush();
        }
        if Some(source) == self.function.layout.entry_block() {
            self.lower_params(source)?;
            self.flush();
        }
        Ok(args)
    }

    fn lower_inst(&mut self, inst: Inst) -> Result<(), Refusal> {
        let data = &self.function.dfg.insts[inst];
        let opcode = data.opcode();
        if self.is_transparent(inst) || !(self.has_effect(inst) || self.is_used(inst)) {
            return Ok(());
        }
        match opcode {
            Opcode::Call | Opcode::CallIndirect => self.lower_call(inst),
            Opcode::StackAddr => {
                self.lower_stack_addr(inst);
                Ok(())
            }
            Opcode::Nop | Opcode::SequencePoint => Ok(()),
            Opcode::GetStackPointer => {
                let to = self.result(inst, 0);
                let place = FrameRef::Outgoing(0);
                self.emit(Op::FrameAddress { to, place });
                Ok(())
            }
            _ => {
                let arch = self.arch;
                arch.lower(self, inst)
            }
        }
    }

    /// Whether leaving the instruction out would show.
    fn has_effect(&self, inst: Inst) -> bool {
        let data = &self.function.dfg.insts[inst];
        let opcode = data.opcode();
        let flags = data
            .memflags()
            .map(|flags| self.function.dfg.mem_flags[flags]);
        let trapping_load = opcode.can_load() && flags.is_none_or(|flags| !flags.notrap());
        opcode.is_terminator()
            || opcode.can_store()
            || opcode.is_call()
            || opcode.other_side_effects()
            || (opcode.can_trap() && !opcode.can_load())
            || trapping_load
    }

    /// Emits an instruction behind those already emitted for the same CLIF instruction.
    pub fn emit(&mut self, op: Op<A::Inst>) {
        self.pending.push(op);
    }

    /// Emits one of the ISA's instructions.
    pub fn isa(&mut self, inst: A::Inst) {
        self.emit(Op::Isa(inst));
    }

    fn flush(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        self.reversed.extend(pending.into_iter().rev());
    }

    /// A new virtual register.
    pub fn temp(&mut self, class: RegClass) -> Reg {
        let vreg = VReg::new(self.registers, class);
        self.registers += 1;
        Reg::virt(vreg)
    }

    /// A new virtual register for a value of `ty`, or for half of an `i128`.
    pub fn temp_for(&mut self, ty: Type) -> Reg {
        let class = self
            .arch
            .class(ty)
            .expect("types are checked before lowering");
        self.temp(class)
    }
}
