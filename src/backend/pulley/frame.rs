//! Prologue, epilogue and calls.
//!
//! `push_frame` stores the link register and the frame pointer, which makes the setup area of
//! 16 bytes; a hook that makes no calls and needs no frame leaves both alone.

use pulley_interpreter::encode;
use pulley_interpreter::regs::AddrO32;
use regalloc2::RegClass;

use super::Pulley;
use super::encode::{f, v, x};
use crate::backend::arch::Arch as _;
use crate::backend::call::{CallInfo, Callee};
use crate::backend::emit::Emitter;
use crate::backend::frame::Saved;
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;
use crate::codegen::RelocKind;

/// The stack pointer's number.
pub const SP: u8 = 30;

impl Pulley {
    pub(super) fn prologue(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        let frame = emitter.frame;
        if frame.tail_room != 0 || frame.stack_limit.is_some() {
            return Err(Refusal::uncovered("tail calls and stack limits"));
        }
        let mut bytes = Vec::new();
        if frame.setup != 0 {
            encode::push_frame(&mut bytes);
        }
        if frame.size != 0 {
            encode::stack_alloc32(&mut bytes, frame.size);
        }
        emitter.buffer.put(&bytes);
        for saved in &frame.saved {
            self.save(emitter, saved)?;
        }
        Ok(())
    }

    fn save(&self, emitter: &mut Emitter<Self>, saved: &Saved) -> Result<(), Refusal> {
        self.emit_spill(emitter, Reg::real(saved.reg), saved.offset)
    }

    pub(super) fn epilogue(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        let frame = emitter.frame;
        for saved in frame.saved.iter().rev() {
            self.emit_reload(emitter, Reg::real(saved.reg), saved.offset)?;
        }
        let mut bytes = Vec::new();
        if frame.size != 0 {
            encode::stack_free32(&mut bytes, frame.size);
        }
        if frame.setup != 0 {
            encode::pop_frame(&mut bytes);
        }
        if frame.popped != 0 {
            encode::stack_free32(&mut bytes, frame.popped);
        }
        emitter.buffer.put(&bytes);
        Ok(())
    }

    pub(super) fn spill(&self, emitter: &mut Emitter<Self>, reg: Reg, offset: i64, load: bool) {
        let offset = i32::try_from(offset).expect("frames stay below 1 GiB");
        let at = AddrO32 {
            addr: x(SP),
            offset,
        };
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

    pub(super) fn call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) -> Result<(), Refusal> {
        let mut bytes = Vec::new();
        match &call.callee {
            Callee::Symbol { name, near: true } => {
                encode::call(&mut bytes, 1);
                let symbol = emitter.symbol(name);
                emitter.site(call.site, |emitter| {
                    let at = emitter.buffer.offset() + 1;
                    emitter
                        .buffer
                        .relocate_at(at, RelocKind::PulleyPcRel, symbol, 0);
                    emitter.buffer.put(&bytes);
                });
            }
            Callee::Symbol { name, near: false } => {
                encode::call_indirect_host(&mut bytes, 0);
                let symbol = emitter.symbol(name);
                emitter.site(call.site, |emitter| {
                    emitter
                        .buffer
                        .relocate(RelocKind::PulleyHostcall, symbol, 0);
                    emitter.buffer.put(&bytes);
                });
            }
            Callee::Register(reg) => {
                encode::call_indirect(&mut bytes, x(reg.number()));
                emitter.site(call.site, |emitter| emitter.buffer.put(&bytes));
            }
        }
        if call.popped != 0 {
            return Err(Refusal::uncovered("callees that pop their arguments"));
        }
        Ok(())
    }
}
