//! Prologue, epilogue, calls.
//!
//! The frame record, when there is one, lies at the top of the frame as the psABI's "Frame
//! Pointer Convention" has it: return address, below it the old frame pointer.
//!
//! A frame that 12 bits reach is set up by one instruction. Of a larger one the top comes first,
//! as far as registers are saved; only then is the scratch register free to hold the rest, which
//! is the order that makes a callee of `preserve_all` give that register back too.
//!
//! Of a stack limit nothing is stored below before it is checked, but for two registers where the
//! convention asks for them back.

use cranelift_codegen::ir::TrapCode;

use super::Riscv64;
use super::emit::{f, fits, x};
use super::encode::{
    self, Access, Alu, AluImm, Branch, FloatAccess, RETURN, X, alu, alu_imm, auipc, branch,
    jump_register, load, store,
};
use super::registers::{SCRATCH, SCRATCH_X, TAIL_CALLEE};
use crate::backend::call::{CallInfo, Callee};
use crate::backend::emit::Emitter;
use crate::backend::frame::{Frame, LimitStep, StackLimit};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;
use crate::codegen::RelocKind;

/// The frame record: return address and frame pointer.
pub const SETUP_BYTES: u32 = 16;

/// The most that one instruction moves the stack pointer by, and stays aligned.
const STEP: i64 = 2032;

/// Distance between probes; that of the settings is never less than a page of 4 KiB.
const PROBE: i64 = 4096;

/// How a frame is set up in two steps.
struct Steps {
    /// What is set up first, and reached from the stack pointer then.
    top: i64,
    /// What is below.
    rest: i64,
}

fn whole(frame: &Frame) -> i64 {
    i64::from(frame.size) + i64::from(frame.setup) + i64::from(frame.tail_room)
}

fn steps(frame: &Frame) -> Steps {
    let whole = whole(frame);
    if whole <= STEP {
        return Steps {
            top: whole,
            rest: 0,
        };
    }
    let lowest = frame.saved.iter().map(|saved| saved.offset).min();
    let setup = i64::from(frame.size);
    let rest = lowest.unwrap_or(setup).min(setup) / 16 * 16;
    Steps {
        top: whole - rest,
        rest,
    }
}

/// What a frame may hold beside slots, arguments and spills: 60 saved registers, the frame record,
/// alignment in between.
const REST: i64 = 60 * 8 + 16 + 64;

/// Whether 12 bits may not reach everything of a frame with so many bytes of places.
pub fn may_be_far(bytes: u32) -> bool {
    i64::from(bytes) + REST > STEP
}

/// Whether `s0` holds the frame's top.
fn has_frame_pointer(emitter: &Emitter<Riscv64>) -> bool {
    emitter.settings.frame_pointers || emitter.frame.anchored
}

impl Riscv64 {
    /// Moves the stack pointer by a distance that may need the scratch register.
    fn put_adjust(&self, emitter: &mut Emitter<Self>, distance: i64) {
        if distance == 0 {
            return;
        }
        if let Some(word) = alu_imm(AluImm::Addi, X::SP, X::SP, distance) {
            self.put(emitter, word);
        } else {
            self.put_constant(emitter, SCRATCH_X, distance);
            self.put(emitter, alu(Alu::Add, X::SP, X::SP, SCRATCH_X));
        }
    }

    /// Stores or loads the saved registers and the frame record, whose distances are from the
    /// final stack pointer; now it is `below` bytes higher.
    fn put_saves(
        &self,
        emitter: &mut Emitter<Self>,
        below: i64,
        loads: bool,
    ) -> Result<(), Refusal> {
        let frame = emitter.frame;
        let at = |offset: i64| offset - below;
        let record = i64::from(frame.size);
        if frame.setup != 0 {
            let access = if loads { load } else { store };
            self.put(
                emitter,
                fits(access(Access::D, X::RA, X::SP, at(record + 8)))?,
            );
            if has_frame_pointer(emitter) {
                self.put(emitter, fits(access(Access::D, X::FP, X::SP, at(record)))?);
            }
        }
        for saved in &frame.saved {
            let (reg, offset) = (Reg::real(saved.reg), at(saved.offset));
            let word = match (reg.class(), loads) {
                (regalloc2::RegClass::Float, true) => {
                    encode::float_load(FloatAccess::D, f(reg), X::SP, offset)
                }
                (regalloc2::RegClass::Float, false) => {
                    encode::float_store(FloatAccess::D, f(reg), X::SP, offset)
                }
                (_, true) => load(Access::D, x(reg), X::SP, offset),
                (_, false) => store(Access::D, x(reg), X::SP, offset),
            };
            self.put(emitter, fits(word)?);
        }
        Ok(())
    }

    pub(super) fn put_prologue(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        let frame = emitter.frame;
        if let Some(limit) = &frame.stack_limit {
            self.put_limit_check(emitter, limit)?;
        }
        let Steps { top, rest } = steps(frame);
        self.put_adjust(emitter, -top);
        self.put_saves(emitter, rest, false)?;
        if has_frame_pointer(emitter) && frame.setup != 0 {
            let record_end = i64::from(frame.size) + i64::from(frame.setup) - rest;
            self.put(
                emitter,
                fits(alu_imm(AluImm::Addi, X::FP, X::SP, record_end))?,
            );
        }
        match emitter.settings.probe_guard {
            Some(guard) if whole(frame) > i64::from(guard) => self.put_probed(emitter, rest)?,
            _ => self.put_adjust(emitter, -rest),
        }
        Ok(())
    }

    /// Moves the stack pointer down by `rest` and writes to each page on the way.
    fn put_probed(&self, emitter: &mut Emitter<Self>, rest: i64) -> Result<(), Refusal> {
        let pages = rest / PROBE;
        if pages > 0 {
            self.put_constant(emitter, SCRATCH_X, -pages * PROBE);
            self.put(emitter, alu(Alu::Add, SCRATCH_X, SCRATCH_X, X::SP));
            let words = [
                alu_imm(AluImm::Addi, X::SP, X::SP, -PROBE / 2),
                alu_imm(AluImm::Addi, X::SP, X::SP, -PROBE / 2),
                store(Access::D, X::ZERO, X::SP, 0),
                branch(Branch::Ne, X::SP, SCRATCH_X, -12),
            ];
            for word in words {
                emitter.buffer.put_u32(fits(word)?);
            }
        }
        self.put_adjust(emitter, -(rest % PROBE));
        Ok(())
    }

    /// Traps when the frame would reach below the limit. Both comparisons are of what is left
    /// above it, so that no sum can wrap.
    fn put_limit_check(
        &self,
        emitter: &mut Emitter<Self>,
        limit: &StackLimit,
    ) -> Result<(), Refusal> {
        let frame = emitter.frame;
        let kept = frame.saved.iter().any(|saved| saved.reg == SCRATCH);
        let stash = if kept { 16 } else { 0 };
        let (one, two) = (SCRATCH_X, X::T0);
        self.put_adjust(emitter, -stash);
        if kept {
            self.put(emitter, fits(store(Access::D, one, X::SP, 0))?);
            self.put(emitter, fits(store(Access::D, two, X::SP, 8))?);
        }
        let mut at = x(Reg::real(limit.base));
        for step in &limit.steps {
            let word = match *step {
                LimitStep::Load(offset) => load(Access::D, one, at, offset.into()),
                LimitStep::Add(value) => alu_imm(AluImm::Addi, one, at, value),
            };
            let beyond = || Refusal::limit("a step to the stack limit beyond 2 KiB");
            self.put(emitter, word.ok_or_else(beyond)?);
            at = one;
        }
        self.put(emitter, fits(alu_imm(AluImm::Addi, two, X::SP, stash))?);
        self.put_limit_trap(emitter, two, at)?;
        self.put(emitter, alu(Alu::Sub, one, two, at));
        self.put_constant(emitter, two, whole(frame));
        self.put_limit_trap(emitter, one, two)?;
        if kept {
            self.put(emitter, fits(load(Access::D, one, X::SP, 0))?);
            self.put(emitter, fits(load(Access::D, two, X::SP, 8))?);
        }
        self.put_adjust(emitter, stash);
        Ok(())
    }

    /// Traps if `a` is below `b`.
    fn put_limit_trap(&self, emitter: &mut Emitter<Self>, a: X, b: X) -> Result<(), Refusal> {
        emitter.buffer.put_u32(fits(branch(Branch::Geu, a, b, 8))?);
        self.put_trap(emitter, TrapCode::STACK_OVERFLOW);
        Ok(())
    }

    /// Gives everything back; the stack pointer ends `popped` bytes above where it was right
    /// before the call.
    fn put_epilogue(&self, emitter: &mut Emitter<Self>, popped: i64) -> Result<(), Refusal> {
        let Steps { top, rest } = steps(emitter.frame);
        self.put_adjust(emitter, rest);
        self.put_saves(emitter, rest, true)?;
        self.put_adjust(emitter, top + popped);
        Ok(())
    }

    pub(super) fn put_return(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        let popped = i64::from(emitter.frame.popped);
        self.put_epilogue(emitter, popped)?;
        self.put(emitter, RETURN);
        Ok(())
    }

    pub(super) fn put_call(
        &self,
        emitter: &mut Emitter<Self>,
        call: &CallInfo,
    ) -> Result<(), Refusal> {
        let mut outcome = Ok(());
        emitter.site(call.site, |emitter| {
            outcome = self.put_call_instructions(emitter, &call.callee);
        });
        outcome
    }

    fn put_call_instructions(
        &self,
        emitter: &mut Emitter<Self>,
        callee: &Callee,
    ) -> Result<(), Refusal> {
        match callee {
            Callee::Symbol { name, near: true } => {
                let symbol = emitter.symbol(name);
                put_far_jump(emitter, symbol, X::RA, X::RA)?;
            }
            Callee::Symbol { name, near: false } => {
                let symbol = emitter.symbol(name);
                self.put_got(emitter, X::RA, symbol)?;
                emitter
                    .buffer
                    .put_u32(fits(jump_register(X::RA, X::RA, 0))?);
            }
            Callee::Register(reg) => {
                emitter
                    .buffer
                    .put_u32(fits(jump_register(X::RA, x(*reg), 0))?);
            }
        }
        Ok(())
    }

    /// `sp = from - bytes`, by way of the scratch register where that is far.
    pub(super) fn put_set_sp(&self, emitter: &mut Emitter<Self>, from: X, bytes: u32) {
        let down = -i64::from(bytes);
        match alu_imm(AluImm::Addi, X::SP, from, down) {
            Some(word) => self.put(emitter, word),
            None => {
                self.put_constant(emitter, SCRATCH_X, down);
                self.put(emitter, alu(Alu::Add, X::SP, from, SCRATCH_X));
            }
        }
    }

    pub(super) fn put_tail_call(
        &self,
        emitter: &mut Emitter<Self>,
        call: &CallInfo,
    ) -> Result<(), Refusal> {
        let popped = i64::from(emitter.frame.popped) - i64::from(call.popped);
        self.put_epilogue(emitter, popped)?;
        let through = x(Reg::real(TAIL_CALLEE));
        match &call.callee {
            Callee::Symbol { name, near: true } => {
                let symbol = emitter.symbol(name);
                put_far_jump(emitter, symbol, X::ZERO, through)
            }
            Callee::Symbol { name, near: false } => {
                let symbol = emitter.symbol(name);
                self.put_got(emitter, through, symbol)?;
                emitter
                    .buffer
                    .put_u32(fits(jump_register(X::ZERO, through, 0))?);
                Ok(())
            }
            Callee::Register(reg) => {
                emitter
                    .buffer
                    .put_u32(fits(jump_register(X::ZERO, x(*reg), 0))?);
                Ok(())
            }
        }
    }
}

/// `auipc` and `jalr` to a symbol that is near.
fn put_far_jump(
    emitter: &mut Emitter<Riscv64>,
    symbol: String,
    link: X,
    through: X,
) -> Result<(), Refusal> {
    emitter.buffer.relocate(RelocKind::RiscvCall, symbol, 0);
    emitter.buffer.put_u32(fits(auipc(through, 0))?);
    emitter
        .buffer
        .put_u32(fits(jump_register(link, through, 0))?);
    Ok(())
}
