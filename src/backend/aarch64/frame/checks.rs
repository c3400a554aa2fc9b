//! What a prologue checks: that the stack goes down as far as its limit at most, and that each
//! page of it is there.

use cranelift_codegen::ir::TrapCode;
use cranelift_codegen::isa::CallConv;

use super::super::encode::{
    Access, Address, Alu, Cond, Extend, Reg as Hw, Size, access, alu_extended, alu_imm, branch_if,
    constant,
};
use super::super::registers::{SCRATCH, hw_of};
use super::{E, NEAR, move_sp, put, trap};
use crate::backend::frame::LimitStep;
use crate::backend::limit::Refusal;

/// Moves the stack pointer down a page at a time, touching each.
pub fn probe(emitter: &mut E, bytes: u32, guard: u32) -> Result<(), Refusal> {
    let touch = access(Access::STR_X, Hw::ZR, Address::Offset(Hw::SP, 0));
    let pages = bytes / guard;
    if pages <= 8 || bytes < NEAR {
        for _ in 0..pages {
            move_sp(emitter, Alu::SUB, guard)?;
            put(emitter, touch)?;
        }
        return move_sp(emitter, Alu::SUB, bytes % guard);
    }
    // In so large a frame the scratch register is saved by now.
    for word in constant(SCRATCH, pages.into()) {
        emitter.buffer.put_u32(word);
    }
    let start = emitter.buffer.offset();
    move_sp(emitter, Alu::SUB, guard)?;
    put(emitter, touch)?;
    put(emitter, alu_imm(Alu::SUBS, Size::X, SCRATCH, SCRATCH, 1))?;
    let back = i32::try_from(emitter.buffer.offset() - start).expect("a short loop");
    put(emitter, branch_if(Cond::Ne, -back))?;
    move_sp(emitter, Alu::SUB, bytes % guard)
}

/// Traps if the frame would go below the stack limit.
pub fn stack_limit(emitter: &mut E) -> Result<(), Refusal> {
    let frame = emitter.frame;
    let Some(limit) = &frame.stack_limit else {
        return Ok(());
    };
    let kept = emitter.conv() == CallConv::PreserveAll;
    let mut needed = u64::try_from(frame.entry()).expect("frames lie below their entry");
    if kept {
        put(
            emitter,
            access(Access::STR_X, SCRATCH, Address::PreIndex(Hw::SP, -16)),
        )?;
        needed = needed.saturating_sub(16);
    }
    let base = hw_of(limit.base);
    put(emitter, alu_imm(Alu::ADD, Size::X, SCRATCH, base, 0))?;
    for step in &limit.steps {
        match *step {
            LimitStep::Load(offset) => {
                let address = Address::Offset(SCRATCH, offset);
                put(emitter, access(Access::LDR_X, SCRATCH, address))?;
            }
            LimitStep::Add(amount) => add(emitter, amount)?,
        }
    }
    add(
        emitter,
        i64::try_from(needed).expect("frames stay below 1 GiB"),
    )?;
    // The stack pointer against what it must not be below.
    let form = alu_extended(
        Alu::SUBS,
        Size::X,
        (Hw::ZR, Hw::SP, SCRATCH),
        (Extend::Uxtx, 0),
    );
    put(emitter, form)?;
    if kept {
        put(
            emitter,
            access(Access::LDR_X, SCRATCH, Address::PostIndex(Hw::SP, 16)),
        )?;
    }
    put(emitter, branch_if(Cond::Hs, 8))?;
    trap(emitter, TrapCode::STACK_OVERFLOW);
    Ok(())
}

/// Adds a constant of at most 24 bits and a sign to [`SCRATCH`].
fn add(emitter: &mut E, amount: i64) -> Result<(), Refusal> {
    let op = if amount < 0 { Alu::SUB } else { Alu::ADD };
    let amount = amount.unsigned_abs();
    if amount >= 0x100_0000 {
        return Err(Refusal::limit(format!(
            "a stack limit {amount:#x} bytes off, beyond 16 MiB"
        )));
    }
    for part in [amount & !0xfff, amount & 0xfff] {
        if part != 0 {
            put(emitter, alu_imm(op, Size::X, SCRATCH, SCRATCH, part))?;
        }
    }
    Ok(())
}
