//! Prologue, epilogue and calls.
//!
//! `push_frame` stores the link register and the frame pointer, which makes the setup area; a
//! hook that makes no calls and saves nothing leaves both alone. `push_frame_save` also moves
//! the stack pointer and saves registers from `x16` up, at the top of the frame, downwards: a
//! function that saves any of them has a frame record for that alone. `pop_frame` takes the
//! stack pointer from the frame pointer, so that nothing needs to free the frame before it.
//!
//! The stack pointer is checked by Pulley whenever it moves down, so that no probes are needed.

use cranelift_codegen::isa::CallConv;
use pulley_interpreter::encode;
use pulley_interpreter::regs::{UpperRegSet, XReg};
use regalloc2::{PReg, RegClass};

use super::Pulley;
use super::encode::{at, f, v, x};
use crate::backend::arch::Arch as _;
use crate::backend::call::{CallInfo, Callee};
use crate::backend::emit::Emitter;
use crate::backend::frame::{Frame, LimitStep};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;
use crate::codegen::RelocKind;

/// The stack pointer's number.
pub const SP: u8 = 30;

/// The register that the allocator never hands out, `spilltmp0` in the interpreter's words.
const SCRATCH: u8 = 31;

/// The register of an indirect tail call's target: neither an argument nor callee-saved.
const TARGET: u8 = 15;

/// Whether `push_frame_save` can save it.
pub(super) fn is_upper(reg: PReg) -> bool {
    reg.class() == RegClass::Int && reg.hw_enc() >= 16
}

/// The upper registers that a frame saves, if `push_frame_save` does it, and the frame's size.
fn saved_together(frame: &Frame) -> Option<(u16, UpperRegSet<XReg>)> {
    let amount = u16::try_from(frame.size)
        .ok()
        .filter(|_| frame.setup != 0)?;
    let mut set = UpperRegSet::<XReg>::default().to_bitset();
    for saved in frame.saved.iter().filter(|saved| is_upper(saved.reg)) {
        let place = u8::try_from(saved.reg.hw_enc() - 16).expect("there are 16 of them");
        set.insert(place);
    }
    (!set.is_empty()).then(|| (amount, set.into()))
}

impl Pulley {
    pub(super) fn prologue(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        self.check_limit(emitter)?;
        let frame = emitter.frame;
        let mut bytes = Vec::new();
        if frame.tail_room != 0 {
            encode::stack_alloc32(&mut bytes, frame.tail_room);
        }
        let together = saved_together(frame);
        if let Some((amount, regs)) = together {
            encode::push_frame_save(&mut bytes, amount, regs);
        } else {
            if frame.setup != 0 {
                encode::push_frame(&mut bytes);
            }
            if frame.size != 0 {
                encode::stack_alloc32(&mut bytes, frame.size);
            }
        }
        emitter.buffer.put(&bytes);
        for saved in &frame.saved {
            if together.is_none() || !is_upper(saved.reg) {
                self.emit_spill(emitter, Reg::real(saved.reg), saved.offset)?;
            }
        }
        Ok(())
    }

    /// The epilogue up to the return; the stack pointer ends up `above` bytes above where it
    /// was at the call.
    fn leave(&self, emitter: &mut Emitter<Self>, above: u32) -> Result<(), Refusal> {
        let frame = emitter.frame;
        let together = saved_together(frame);
        for saved in frame.saved.iter().rev() {
            if together.is_none() || !is_upper(saved.reg) {
                self.emit_reload(emitter, Reg::real(saved.reg), saved.offset)?;
            }
        }
        let mut bytes = Vec::new();
        let mut rest = frame.tail_room + above;
        if let Some((amount, regs)) = together {
            encode::pop_frame_restore(&mut bytes, amount, regs);
        } else if frame.setup != 0 {
            encode::pop_frame(&mut bytes);
        } else {
            rest += frame.size;
        }
        if rest != 0 {
            encode::stack_free32(&mut bytes, rest);
        }
        emitter.buffer.put(&bytes);
        Ok(())
    }

    pub(super) fn epilogue(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        self.leave(emitter, emitter.frame.popped)
    }

    pub(super) fn tail_call(
        &self,
        emitter: &mut Emitter<Self>,
        call: &CallInfo,
    ) -> Result<(), Refusal> {
        // Own arguments are taken away, those of the callee stay for it to take away; what it
        // has more of is in the room that the prologue made.
        let frame = emitter.frame;
        let down = i64::from(call.popped) - i64::from(frame.popped);
        let moved = i64::from(frame.tail_room) - down;
        let moved = u32::try_from(moved)
            .map_err(|_| Refusal::limit("a tail call with more arguments than there is room"))?;
        self.leave_moved(emitter, moved)?;
        let mut bytes = Vec::new();
        match &call.callee {
            Callee::Symbol { name, near: true } => {
                encode::jump(&mut bytes, 1);
                let symbol = emitter.symbol(name);
                let at = emitter.buffer.offset() + 1;
                let kind = RelocKind::PulleyPcRel;
                emitter.buffer.relocate_at(at, kind, symbol, 0);
            }
            Callee::Symbol { name, near: false } => {
                let (size, kind) = self.address_of(&mut bytes, TARGET, false);
                let end = u32::try_from(bytes.len()).expect("an instruction is short");
                let symbol = emitter.symbol(name);
                let at = emitter.buffer.offset() + end - size;
                emitter.buffer.relocate_at(at, kind, symbol, 0);
                encode::xjump(&mut bytes, x(TARGET));
            }
            Callee::Register(reg) => encode::xjump(&mut bytes, x(reg.number())),
        }
        emitter.buffer.put(&bytes);
        Ok(())
    }

    /// As [`Pulley::leave`], with all of the way up given.
    fn leave_moved(&self, emitter: &mut Emitter<Self>, moved: u32) -> Result<(), Refusal> {
        let room = emitter.frame.tail_room;
        match moved.checked_sub(room) {
            Some(above) => self.leave(emitter, above),
            None => {
                self.leave(emitter, 0)?;
                let mut bytes = Vec::new();
                encode::stack_alloc32(&mut bytes, room - moved);
                emitter.buffer.put(&bytes);
                Ok(())
            }
        }
    }

    pub(super) fn callee_of_tail_call(conv: CallConv) -> Option<PReg> {
        debug_assert_eq!(conv, CallConv::Tail, "lowering refuses all others");
        Some(PReg::new(usize::from(TARGET), RegClass::Int))
    }

    /// Traps unless the frame fits above the limit.
    fn check_limit(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        let frame = emitter.frame;
        let Some(limit) = &frame.stack_limit else {
            return Ok(());
        };
        if self.pointer_bytes() != 8 {
            return Err(Refusal::uncovered("a stack limit of 32 bits"));
        }
        let mut bytes = Vec::new();
        let base = u8::try_from(limit.base.hw_enc()).expect("a register number");
        encode::xmov(&mut bytes, x(SCRATCH), x(base));
        let add = |bytes: &mut Vec<u8>, value: i64| {
            let magnitude = u32::try_from(value.unsigned_abs())
                .map_err(|_| Refusal::limit(format!("a step of {value} to the stack limit")))?;
            match (value, magnitude) {
                (_, 0) => {}
                (0.., _) => encode::xadd64_u32(bytes, x(SCRATCH), x(SCRATCH), magnitude),
                _ => encode::xsub64_u32(bytes, x(SCRATCH), x(SCRATCH), magnitude),
            }
            Ok::<(), Refusal>(())
        };
        for step in &limit.steps {
            match *step {
                LimitStep::Load(offset) if self.isa().is_big_endian() => {
                    encode::xload64be_o32(&mut bytes, x(SCRATCH), at(SCRATCH, offset));
                }
                LimitStep::Load(offset) => {
                    encode::xload64le_o32(&mut bytes, x(SCRATCH), at(SCRATCH, offset));
                }
                LimitStep::Add(value) => add(&mut bytes, value)?,
            }
        }
        add(&mut bytes, frame.entry())?;
        let mut trap = Vec::new();
        encode::trap(&mut trap);
        let start = bytes.len();
        encode::br_if_xulteq64(&mut bytes, x(SCRATCH), x(SP), 0);
        let over = i32::try_from(bytes.len() - start + trap.len()).expect("both are short");
        let field = bytes.len() - 4;
        bytes[field..].copy_from_slice(&over.to_le_bytes());
        emitter.buffer.put(&bytes);
        emitter
            .buffer
            .trap(cranelift_codegen::ir::TrapCode::STACK_OVERFLOW);
        emitter.buffer.put(&trap);
        Ok(())
    }

    pub(super) fn spill(&self, emitter: &mut Emitter<Self>, reg: Reg, offset: i64, load: bool) {
        let offset = i32::try_from(offset).expect("frames stay below 1 GiB");
        let at = at(SP, offset);
        let mut bytes = Vec::new();
        let number = reg.number();
        match (reg.class(), load) {
            (RegClass::Int, true) => encode::xload64le_o32(&mut bytes, x(number), at),
            (RegClass::Int, false) => encode::xstore64le_o32(&mut bytes, at, x(number)),
            (RegClass::Float, true) => encode::fload64le_o32(&mut bytes, f(number), at),
            (RegClass::Float, false) => encode::fstore64le_o32(&mut bytes, at, f(number)),
            (RegClass::Vector, true) => encode::vload128le_o32(&mut bytes, v(number), at),
            (RegClass::Vector, false) => encode::vstore128le_o32(&mut bytes, at, v(number)),
        }
        emitter.buffer.put(&bytes);
    }

    /// The call, alone in its site.
    pub(super) fn call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) {
        let mut bytes = Vec::new();
        let relocation = match &call.callee {
            Callee::Symbol { name, near } => {
                let symbol = emitter.symbol(name);
                if *near {
                    encode::call(&mut bytes, 1);
                    Some((1, RelocKind::PulleyPcRel, symbol))
                } else {
                    encode::call_indirect_host(&mut bytes, 0);
                    Some((0, RelocKind::PulleyHostcall, symbol))
                }
            }
            Callee::Register(reg) => {
                encode::call_indirect(&mut bytes, x(reg.number()));
                None
            }
        };
        emitter.site(call.site, |emitter| {
            if let Some((field, kind, symbol)) = relocation {
                let at = emitter.buffer.offset() + field;
                emitter.buffer.relocate_at(at, kind, symbol, 0);
            }
            emitter.buffer.put(&bytes);
        });
    }

    /// Sets arguments aside again that a callee took away.
    pub(super) fn reclaim(emitter: &mut Emitter<Self>, popped: u32) {
        let mut bytes = Vec::new();
        encode::stack_alloc32(&mut bytes, popped);
        emitter.buffer.put(&bytes);
    }

    /// The stack pointer from the frame pointer.
    pub(super) fn stack_pointer(&self, emitter: &mut Emitter<Self>) {
        let mut bytes = Vec::new();
        encode::xmov_fp(&mut bytes, x(SCRATCH));
        if self.pointer_bytes() == 8 {
            encode::xsub64_u32(&mut bytes, x(SP), x(SCRATCH), emitter.frame.size);
        } else {
            encode::xsub32_u32(&mut bytes, x(SP), x(SCRATCH), emitter.frame.size);
        }
        emitter.buffer.put(&bytes);
    }
}
