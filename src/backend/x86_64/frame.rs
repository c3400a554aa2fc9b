//! Prologue, epilogue, calls and tail calls.
//!
//! The frame record is rbp, pushed; rsp is `size` bytes below it between prologue and epilogue.
//! None of this may lose a register of a `preserve_all` function, and there is no scratch
//! register: what needs one (a stack limit, probes of a large frame) pushes r11 and pops it, and
//! return addresses move by `push` and `pop` of memory.

use cranelift_codegen::ir::TrapCode;
use regalloc2::RegClass;

use super::emit::{Emitted, Out, gpr, put, skip, try_put, xmm};
use super::encode::integer::{self, Alu};
use super::encode::sse_move::{self, Width};
use super::encode::{Cond, Gpr, Mem, Size, flow, moves};
use crate::backend::call::{CallInfo, Callee};
use crate::backend::frame::{LimitStep, StackLimit};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;
use crate::codegen::RelocKind;

/// Bytes of the frame record.
pub const SETUP: u32 = 8;

/// Probes up to this number are not made by a loop.
const UNROLLED: u32 = 4;

fn near(offset: i64) -> Result<i32, Refusal> {
    i32::try_from(offset)
        .map_err(|_| Refusal::limit(format!("{offset} bytes from the stack pointer")))
}

fn signed(bytes: u32) -> Result<i32, Refusal> {
    near(i64::from(bytes))
}

/// Moves the stack pointer.
fn adjust(e: Out<'_, '_>, op: Alu, bytes: u32) -> Emitted {
    if bytes == 0 {
        return Ok(());
    }
    let bytes = signed(bytes)?;
    // -128 fits a byte, 128 does not.
    let (op, bytes) = match (op, bytes) {
        (Alu::Sub, 128) => (Alu::Add, -128),
        (Alu::Add, 128) => (Alu::Sub, -128),
        other => other,
    };
    try_put(e, |out| {
        integer::alu_imm(out, op, Size::B8, Gpr::RSP, bytes)
    })
}

/// Stores a whole register above the stack pointer.
pub fn spill(e: Out<'_, '_>, from: Reg, offset: i64) -> Emitted {
    let mem = Mem::base(Gpr::RSP, near(offset)?);
    put(e, |out| match from.class() {
        RegClass::Int => moves::store(out, Size::B8, mem, gpr(from)),
        _ => sse_move::store(out, Width::Vector, mem, xmm(from)),
    });
    Ok(())
}

/// Loads a whole register.
pub fn reload(e: Out<'_, '_>, to: Reg, offset: i64) -> Emitted {
    let mem = Mem::base(Gpr::RSP, near(offset)?);
    put(e, |out| match to.class() {
        RegClass::Int => moves::mov(out, Size::B8, gpr(to), mem),
        _ => sse_move::load(out, Width::Vector, xmm(to), mem),
    });
    Ok(())
}

/// See [`crate::backend::arch::Arch::emit_prologue`].
pub fn prologue(e: Out<'_, '_>) -> Emitted {
    let frame = e.frame;
    if let Some(limit) = &frame.stack_limit {
        let total = frame.size + frame.setup + frame.tail_room;
        check_limit(e, limit, total)?;
    }
    if frame.tail_room != 0 {
        // The return address goes to the new end of the stack.
        let rest = frame.tail_room - 8;
        adjust(e, Alu::Sub, rest)?;
        let old = Mem::base(Gpr::RSP, signed(rest)?);
        put(e, |out| moves::push_memory(out, old));
    }
    if frame.setup != 0 {
        put(e, |out| {
            moves::push(out, Gpr::RBP);
            moves::mov(out, Size::B8, Gpr::RBP, Gpr::RSP);
        });
    }
    probe(e, frame.size)?;
    adjust(e, Alu::Sub, frame.size)?;
    for saved in &frame.saved {
        spill(e, Reg::real(saved.reg), saved.offset)?;
    }
    Ok(())
}

/// Traps unless `total` bytes more are above the limit.
fn check_limit(e: Out<'_, '_>, limit: &StackLimit, total: u32) -> Emitted {
    let (trap, fits) = (e.buffer.new_label(), e.buffer.new_label());
    let base = gpr(Reg::real(limit.base));
    put(e, |out| {
        moves::push(out, Gpr::R11);
        moves::mov(out, Size::B8, Gpr::R11, base);
    });
    for step in &limit.steps {
        match step {
            LimitStep::Load(offset) => put(e, |out| {
                moves::mov(out, Size::B8, Gpr::R11, Mem::base(Gpr::R11, *offset));
            }),
            LimitStep::Add(amount) => {
                let amount = near(*amount)?;
                try_put(e, |out| {
                    integer::alu_imm(out, Alu::Add, Size::B8, Gpr::R11, amount)
                })?;
            }
        }
    }
    // What was pushed is 8 of them.
    let rest = signed(total.saturating_sub(8))?;
    try_put(e, |out| {
        integer::alu_imm(out, Alu::Add, Size::B8, Gpr::R11, rest)
    })?;
    skip(e, Cond::B, trap);
    put(e, |out| {
        integer::alu(out, Alu::Cmp, Size::B8, Gpr::RSP, Gpr::R11)
    });
    skip(e, Cond::Ae, fits);
    e.buffer.bind(trap);
    e.buffer.trap(TrapCode::STACK_OVERFLOW);
    put(e, flow::trap);
    e.buffer.bind(fits);
    put(e, |out| moves::pop(out, Gpr::R11));
    Ok(())
}

/// Touches a byte in every guard-sized step of `size` bytes below the stack pointer.
fn probe(e: Out<'_, '_>, size: u32) -> Emitted {
    let Some(guard) = e.settings.probe_guard.filter(|guard| size >= *guard) else {
        return Ok(());
    };
    let (step, end) = (signed(guard)?, signed(size)?);
    let touch = |e: Out<'_, '_>, mem: Mem| {
        try_put(e, |out| integer::alu_imm(out, Alu::Or, Size::B4, mem, 0))
    };
    if size / guard <= UNROLLED {
        for n in 1..=size / guard {
            touch(e, Mem::base(Gpr::RSP, -signed(n * guard)?))?;
        }
        return Ok(());
    }
    let again = e.buffer.new_label();
    let place = Mem::indexed(Gpr::RSP, Gpr::R11, 0, 0)
        .ok_or_else(|| Refusal::limit("the stack pointer as an index"))?;
    put(e, |out| moves::push(out, Gpr::R11));
    try_put(e, |out| {
        moves::constant(out, Gpr::R11, i64::from(-step).cast_unsigned());
        Ok(())
    })?;
    e.buffer.bind(again);
    touch(e, place)?;
    try_put(e, |out| {
        integer::alu_imm(out, Alu::Sub, Size::B8, Gpr::R11, step)?;
        integer::alu_imm(out, Alu::Cmp, Size::B8, Gpr::R11, -end)
    })?;
    skip(e, Cond::Ge, again);
    put(e, |out| moves::pop(out, Gpr::R11));
    Ok(())
}

/// Leaves the stack pointer at the return address, saved registers restored.
fn epilogue(e: Out<'_, '_>) -> Emitted {
    let frame = e.frame;
    for saved in &frame.saved {
        reload(e, Reg::real(saved.reg), saved.offset)?;
    }
    if frame.setup == 0 {
        adjust(e, Alu::Add, frame.size)
    } else {
        put(e, |out| {
            if frame.size != 0 {
                moves::mov(out, Size::B8, Gpr::RSP, Gpr::RBP);
            }
            moves::pop(out, Gpr::RBP);
        });
        Ok(())
    }
}

/// See [`crate::backend::arch::Arch::emit_return`].
pub fn emit_return(e: Out<'_, '_>) -> Emitted {
    epilogue(e)?;
    let popped = e.frame.popped + e.frame.tail_room;
    match u16::try_from(popped) {
        Ok(0) => put(e, flow::ret),
        Ok(popped) => put(e, |out| flow::ret_popping(out, popped)),
        Err(_) => {
            // Only `tail` pops, and leaves r11 to nobody.
            put(e, |out| moves::pop(out, Gpr::R11));
            adjust(e, Alu::Add, popped)?;
            put(e, |out| flow::jump_indirect(out, Gpr::R11));
        }
    }
    Ok(())
}

/// See [`crate::backend::arch::Arch::emit_call`]. Far callees are called through the GOT.
pub fn call(e: Out<'_, '_>, call: &CallInfo) {
    e.site(call.site, |e| match &call.callee {
        Callee::Symbol { name, near } => {
            let symbol = e.symbol(name);
            let kind = if *near {
                put(e, |out| flow::call(out, 0));
                RelocKind::X86PcRel4
            } else {
                put(e, |out| flow::call_indirect(out, Mem::Rip(0)));
                RelocKind::X86GotPcRel4
            };
            let at = e.buffer.offset() - 4;
            e.buffer.relocate_at(at, kind, symbol, -4);
        }
        Callee::Register(reg) => put(e, |out| flow::call_indirect(out, gpr(*reg))),
    });
}

/// See [`crate::backend::arch::Arch::emit_reclaim`].
pub fn reclaim(e: Out<'_, '_>, bytes: u32) -> Emitted {
    adjust(e, Alu::Sub, bytes)
}

/// See [`crate::backend::arch::Arch::emit_stack_pointer`].
pub fn stack_pointer(e: Out<'_, '_>) -> Emitted {
    let size = signed(e.frame.size)?;
    put(e, |out| {
        moves::lea(out, Gpr::RSP, Mem::base(Gpr::RBP, -size))
    });
    Ok(())
}

/// See [`crate::backend::arch::Arch::emit_tail_call`].
pub fn tail_call(e: Out<'_, '_>, call: &CallInfo) -> Emitted {
    epilogue(e)?;
    // The return address goes right below the callee's arguments.
    let up = (e.frame.popped + e.frame.tail_room).checked_sub(call.popped);
    let up = up.ok_or_else(|| Refusal::limit("a tail call with less room than it needs"))?;
    if up != 0 {
        let rest = up - 8;
        let new = Mem::base(Gpr::RSP, signed(rest)?);
        put(e, |out| moves::pop_memory(out, new));
        adjust(e, Alu::Add, rest)?;
    }
    match &call.callee {
        Callee::Symbol { name, near } => {
            let symbol = e.symbol(name);
            let kind = if *near {
                put(e, |out| flow::jump(out, 0));
                RelocKind::X86PcRel4
            } else {
                put(e, |out| flow::jump_indirect(out, Mem::Rip(0)));
                RelocKind::X86GotPcRel4
            };
            let at = e.buffer.offset() - 4;
            e.buffer.relocate_at(at, kind, symbol, -4);
        }
        Callee::Register(reg) => put(e, |out| flow::jump_indirect(out, gpr(*reg))),
    }
    Ok(())
}
