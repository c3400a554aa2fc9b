//! From allocated instructions to bytes: prologue, blocks in order with the allocator's moves
//! between the instructions, then veneers and constants.
//!
//! A block that only jumps on, with no moves in it, takes no bytes: its label stands for its
//! target's. A jump to the block that comes next takes none either.

use regalloc2::{Allocation, Edit, InstOrEdit, Output, PRegSet};

use super::arch::Arch;
use super::buffer::{CodeBuffer, Finished, Label};
use super::call::{CallInfo, FrameRef};
use super::frame::Frame;
use super::limit::Refusal;
use super::operands::Substitution;
use super::options::Settings;
use super::order::BlockId;
use super::reg::Reg;
use super::sites::atomic_word;
use super::vcode::{Op, VCode};
use crate::program::SiteId;

/// What an ISA's encoder works on.
#[derive(Debug)]
pub struct Emitter<'a, A: Arch> {
    /// The code so far.
    pub buffer: CodeBuffer<A::Fixup>,
    /// The function's frame.
    pub frame: &'a Frame,
    /// What the header asks for.
    pub settings: &'a Settings,
    /// The block laid out next, if any takes bytes.
    next: Option<Label>,
    /// Names of symbols in this function.
    function: &'a cranelift_codegen::ir::Function,
}

impl<'a, A: Arch> Emitter<'a, A> {
    /// The label of a block.
    pub fn label(&self, block: BlockId) -> Label {
        self.buffer.block(block)
    }

    /// Whether code that runs on reaches this block: no jump is needed.
    pub fn falls_into(&self, block: BlockId) -> bool {
        Some(self.label(block)) == self.next
    }

    /// Distance of a place in the frame from the stack pointer, in bytes.
    pub fn offset(&self, place: FrameRef) -> i64 {
        self.frame.offset(place)
    }

    /// Puts a call with `put`, inside a patch site if there is one.
    pub fn site(&mut self, site: Option<SiteId>, put: impl FnOnce(&mut Self)) {
        if let Some(site) = site {
            self.buffer.start_site(site);
            put(self);
            self.buffer.end_site();
        } else {
            put(self);
        }
        self.buffer.call_return();
    }

    /// The function's own convention.
    pub fn conv(&self) -> cranelift_codegen::isa::CallConv {
        self.function.signature.call_conv
    }

    /// Name of a symbol, as relocations use it.
    pub fn symbol(&self, name: &cranelift_codegen::ir::ExternalName) -> String {
        crate::program::symbol_name(self.function, name)
    }
}

/// The registers that a function writes: operands, moves and what calls lose.
pub fn written<A: Arch>(vcode: &VCode<A::Inst>, output: &Output) -> PRegSet {
    let mut set = PRegSet::empty();
    let mut add = |allocation: &Allocation| {
        if let Some(reg) = allocation.as_reg() {
            set.add(reg);
        }
    };
    use regalloc2::Function as _;
    for index in 0..vcode.ops.len() {
        let inst = regalloc2::Inst::new(index);
        let operands = vcode.problem.inst_operands(inst);
        for (operand, allocation) in operands.iter().zip(output.inst_allocs(inst)) {
            if operand.kind() == regalloc2::OperandKind::Def {
                add(allocation);
            }
        }
    }
    for (_, Edit::Move { to, .. }) in &output.edits {
        add(to);
    }
    for op in &vcode.ops {
        set.union_from(op.writes());
    }
    set
}

/// Emits a function and says where its blocks start.
///
/// # Errors
/// Limits of the ISA.
pub fn emit<A: Arch>(
    arch: &A,
    mut vcode: VCode<A::Inst>,
    output: &Output,
    frame: &Frame,
    settings: &Settings,
    function: &cranelift_codegen::ir::Function,
) -> Result<(Finished, Vec<u32>), Refusal> {
    let count = u32::try_from(vcode.problem.ranges.len()).expect("CLIF numbers blocks in 32 bits");
    let mut buffer = CodeBuffer::new(count);
    let skipped = thread_jumps::<A>(&vcode, output, &mut buffer);
    let labels: Vec<Label> = (0..count)
        .map(|block| buffer.block(BlockId(block)))
        .collect();
    let mut emitter = Emitter {
        buffer,
        frame,
        settings,
        next: None,
        function,
    };
    arch.emit_prologue(&mut emitter)?;
    let mut starts = Vec::new();
    for block in 0..vcode.problem.ranges.len() {
        if skipped[block] {
            continue;
        }
        emitter.next = (block + 1..vcode.problem.ranges.len())
            .find(|&b| !skipped[b])
            .map(|b| labels[b]);
        emitter.buffer.bind(labels[block]);
        starts.push(emitter.buffer.offset());
        emit_block(arch, &mut vcode, output, block, &mut emitter)?;
    }
    let finished = emitter.buffer.finish(0)?;
    Ok((finished, starts))
}

/// The most padding before a site.
const MAX_PADDING: u32 = 8;

fn emit_block<A: Arch>(
    arch: &A,
    vcode: &mut VCode<A::Inst>,
    output: &Output,
    block: usize,
    emitter: &mut Emitter<A>,
) -> Result<(), Refusal> {
    // The iterator wants the code whole while the registers are put in.
    let steps: Vec<InstOrEdit<'_>> = output
        .block_insts_and_edits(&vcode.problem, regalloc2::Block::new(block))
        .collect();
    for step in steps {
        emitter
            .buffer
            .make_room(A::MAX_OP_BYTES + MAX_PADDING, |buffer, bytes| {
                arch.jump_over(buffer, bytes)
            })?;
        match step {
            InstOrEdit::Edit(Edit::Move { from, to }) => emit_edit(arch, emitter, *from, *to)?,
            InstOrEdit::Inst(inst) => {
                let op = &mut vcode.ops[inst.index()];
                op.operands(&mut Substitution(output.inst_allocs(inst).iter()));
                emit_op(arch, emitter, op)?;
            }
        }
    }
    Ok(())
}

fn emit_edit<A: Arch>(
    arch: &A,
    emitter: &mut Emitter<A>,
    from: Allocation,
    to: Allocation,
) -> Result<(), Refusal> {
    let slot = |allocation: Allocation| {
        let slot = allocation.as_stack().expect("neither none nor a register");
        FrameRef::Spill(u32::try_from(slot.index()).expect("spill slots are few"))
    };
    match (from.as_reg(), to.as_reg()) {
        (Some(from), Some(to)) => {
            arch.emit_move(emitter, Reg::real(to), Reg::real(from));
            Ok(())
        }
        (Some(from), None) => {
            let offset = emitter.offset(slot(to));
            arch.emit_spill(emitter, Reg::real(from), offset)
        }
        (None, Some(to)) => {
            let offset = emitter.offset(slot(from));
            arch.emit_reload(emitter, Reg::real(to), offset)
        }
        (None, None) => unreachable!("the allocator splits moves between slots"),
    }
}

fn emit_op<A: Arch>(arch: &A, emitter: &mut Emitter<A>, op: &Op<A::Inst>) -> Result<(), Refusal> {
    match op {
        Op::Args(_) => Ok(()),
        Op::Move { to, from } => {
            if to != from {
                arch.emit_move(emitter, *to, *from);
            }
            Ok(())
        }
        Op::Call(call) => emit_call(arch, emitter, call),
        Op::TailCall(call) => arch.emit_tail_call(emitter, call),
        Op::Return(_) => arch.emit_return(emitter),
        Op::Jump(target) => {
            if !emitter.falls_into(*target) {
                arch.emit_jump(emitter, *target);
            }
            Ok(())
        }
        Op::FrameAddress { to, place } => {
            let offset = emitter.offset(*place);
            arch.emit_frame_address(emitter, *to, offset)
        }
        Op::Isa(inst) => arch.emit(emitter, inst),
    }
}

/// A call, and what sets the stack aside again that its callee takes away.
///
/// Of a site that is no part of the range: a hook may switch its own site off, and returns to
/// whatever the range's end then holds. So the code behind the range makes the stack pointer anew
/// from a register that does not depend on whether the hook ran.
fn emit_call<A: Arch>(arch: &A, emitter: &mut Emitter<A>, call: &CallInfo) -> Result<(), Refusal> {
    arch.emit_call(emitter, call)?;
    let site = call.site.is_some();
    if site
        && emitter.settings.sites.atomic
        && let Some(word) = atomic_word(arch.isa())
    {
        emitter.buffer.align_site(word, &arch.nop_units())?;
    }
    match (call.popped, site) {
        (0, _) => {}
        (popped, false) => {
            arch.emit_reclaim(emitter, popped)?;
            arch.emit_behind_popping(emitter);
        }
        (popped, true) => {
            arch.emit_stack_pointer(emitter)?;
            emitter.buffer.rebuilt(popped);
            arch.emit_behind_popping(emitter);
        }
    }
    if let Some(targets) = &call.targets {
        for &(tag, block) in &targets.handlers {
            let label = emitter.label(block);
            emitter.buffer.handler(tag, label);
        }
        if !emitter.falls_into(targets.normal) {
            arch.emit_jump(emitter, targets.normal);
        }
    }
    Ok(())
}

/// Finds blocks that hold nothing but a jump and lets their labels stand for its target's.
/// The entry keeps its bytes: the prologue runs into it.
fn thread_jumps<A: Arch>(
    vcode: &VCode<A::Inst>,
    output: &Output,
    buffer: &mut CodeBuffer<A::Fixup>,
) -> Vec<bool> {
    let mut skipped = vec![false; vcode.problem.ranges.len()];
    for (block, range) in vcode.problem.ranges.iter().enumerate().skip(1) {
        if range.len() != 1 {
            continue;
        }
        let Op::Jump(target) = vcode.ops[range.first().index()] else {
            continue;
        };
        let id = BlockId(u32::try_from(block).expect("CLIF numbers blocks in 32 bits"));
        let mut steps = output.block_insts_and_edits(&vcode.problem, regalloc2::Block::new(block));
        let (own, other) = (buffer.block(id), buffer.block(target));
        if own != other && matches!(steps.next(), Some(InstOrEdit::Inst(_))) {
            buffer.alias(own, other);
            skipped[block] = true;
        }
    }
    skipped
}
