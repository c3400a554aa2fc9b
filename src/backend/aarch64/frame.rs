//! Prologue, epilogue, and what lies in the frame.
//!
//! From high addresses to low: room for tail calls, the frame record of x29 and x30 (AAPCS64
//! 6.4.6), saved registers, the rest. Saves are stored before the stack pointer moves down for
//! the rest, so that their offsets are small in frames of any size, and what comes behind them
//! may use a scratch register that was saved.
//!
//! Under `preserve_all` even x16 has to be given back. Where a frame is so large that offsets
//! do not fit into instructions, [`scratch`] says so and x16 is among the saved ones; the check
//! of a stack limit, which comes before all that, keeps it on the stack for so long.

use cranelift_codegen::ir::TrapCode;
use cranelift_codegen::isa::CallConv;
use regalloc2::{PRegSet, RegClass};

use super::Aarch64;
use super::encode::{
    Access, Address, Alu, BranchReg, Cond, Extend, Pair, Plain, Reg as Hw, Size, access,
    alu_extended, alu_imm, branch_if, branch_reg, constant, pair, plain, undefined,
};
use super::registers::{SCRATCH, hw, hw_of, x};
use crate::backend::emit::Emitter;
use crate::backend::frame::{LimitStep, Saved};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

/// Bytes of a frame record.
pub const RECORD: u32 = 16;

/// What `udf` is numbered for traps; the number has no meaning.
pub const TRAP: u16 = 0xc11f;

/// Largest frame in which every access fits into its instruction: a load of a byte reaches
/// 4095 bytes, and accesses of the frame are not narrower.
const NEAR: u32 = 4096;

type E<'a> = Emitter<'a, Aarch64>;

/// What frame accesses write in a frame of at least `bytes` bytes.
pub fn scratch(bytes: u32) -> PRegSet {
    let far = bytes >= NEAR - 1024;
    far.then(|| x(16)).into_iter().collect()
}

/// Puts a word that must exist.
pub fn put(emitter: &mut E, word: Option<u32>) -> Result<(), Refusal> {
    let word = word.ok_or_else(|| Refusal::limit("an immediate beyond its field"))?;
    emitter.buffer.put_u32(word);
    Ok(())
}

/// Moves the stack pointer by `bytes`, with immediates alone.
pub fn move_sp(emitter: &mut E, op: Alu, bytes: u32) -> Result<(), Refusal> {
    let mut rest = bytes;
    // 16 MiB at a time, then what is left above and below 4 KiB.
    while rest > 0 {
        let step = match rest {
            0x0100_0000.. => 0x00ff_f000,
            0x1000.. => rest & !0xfff,
            _ => rest,
        };
        put(emitter, alu_imm(op, Size::X, Hw::SP, Hw::SP, step.into()))?;
        rest -= step;
    }
    Ok(())
}

/// An access at `offset` bytes above the stack pointer, by [`SCRATCH`] where it is far.
pub fn frame_access(emitter: &mut E, op: Access, reg: Hw, offset: i64) -> Result<(), Refusal> {
    let near = i32::try_from(offset).ok();
    let word = near.and_then(|offset| access(op, reg, Address::Offset(Hw::SP, offset)));
    if word.is_some() {
        return put(emitter, word);
    }
    for word in constant(SCRATCH, offset.cast_unsigned()) {
        emitter.buffer.put_u32(word);
    }
    let far = Address::Index {
        base: Hw::SP,
        index: SCRATCH,
        extend: Extend::Uxtx,
        scaled: false,
    };
    put(emitter, access(op, reg, far))
}

/// Stores a whole register.
pub fn spill(emitter: &mut E, from: Reg, offset: i64) -> Result<(), Refusal> {
    let op = if from.class() == RegClass::Int {
        Access::STR_X
    } else {
        Access::STR_Q
    };
    frame_access(emitter, op, hw(from), offset)
}

/// Loads a whole register.
pub fn reload(emitter: &mut E, to: Reg, offset: i64) -> Result<(), Refusal> {
    let op = if to.class() == RegClass::Int {
        Access::LDR_X
    } else {
        Access::LDR_Q
    };
    frame_access(emitter, op, hw(to), offset)
}

/// `to = sp + offset`.
pub fn address(emitter: &mut E, to: Reg, offset: i64) -> Result<(), Refusal> {
    let to = hw(to);
    let (op, amount) = if offset < 0 {
        (Alu::SUB, -offset)
    } else {
        (Alu::ADD, offset)
    };
    let amount = u64::try_from(amount).expect("made positive");
    let (high, low) = (amount & !0xfff, amount & 0xfff);
    if high >= 0x100_0000 {
        for word in constant(to, offset.cast_unsigned()) {
            emitter.buffer.put_u32(word);
        }
        return put(
            emitter,
            alu_extended(Alu::ADD, Size::X, (to, Hw::SP, to), (Extend::Uxtx, 0)),
        );
    }
    if high == 0 {
        return put(emitter, alu_imm(op, Size::X, to, Hw::SP, low));
    }
    put(emitter, alu_imm(op, Size::X, to, Hw::SP, high))?;
    if low != 0 {
        put(emitter, alu_imm(op, Size::X, to, to, low))?;
    }
    Ok(())
}

/// Saved registers two by two where they lie side by side, as `ldp` and `stp` have them: the
/// stack pointer is then `base` bytes below the lowest.
fn saves(emitter: &mut E, base: i64, load: bool) -> Result<(), Refusal> {
    let saved = emitter.frame.saved.clone();
    let mut rest = saved.as_slice();
    while let [first, others @ ..] = rest {
        let offset = i32::try_from(first.offset - base).expect("saves take few bytes");
        let at = Address::Offset(Hw::SP, offset);
        let behind = |next: &&Saved| {
            next.reg.class() == first.reg.class()
                && next.bytes == first.bytes
                && next.offset == first.offset + i64::from(first.bytes)
        };
        let (single, both) = save_ops(first, load);
        if let Some(second) = others.first().filter(behind) {
            let word = pair(both, hw_of(first.reg), hw_of(second.reg), at);
            if word.is_some() {
                put(emitter, word)?;
                rest = &others[1..];
                continue;
            }
        }
        put(emitter, access(single, hw_of(first.reg), at))?;
        rest = others;
    }
    Ok(())
}

fn save_ops(saved: &Saved, load: bool) -> (Access, Pair) {
    match (saved.reg.class(), saved.bytes, load) {
        (RegClass::Int, _, true) => (Access::LDR_X, Pair::LDP_X),
        (RegClass::Int, _, false) => (Access::STR_X, Pair::STP_X),
        (_, 8, true) => (Access::LDR_D, Pair::LDP_D),
        (_, 8, false) => (Access::STR_D, Pair::STP_D),
        (_, _, true) => (Access::LDR_Q, Pair::LDP_Q),
        (_, _, false) => (Access::STR_Q, Pair::STP_Q),
    }
}

/// How the frame below the record is divided: bytes below the saves, and from them upwards.
fn split(emitter: &E) -> (u32, u32) {
    let size = emitter.frame.size;
    let lowest = emitter.frame.saved.iter().map(|saved| saved.offset).min();
    let below = lowest.map_or(size, |at| {
        u32::try_from(at).expect("below the frame's size")
    });
    (below, size - below)
}

/// The instruction that signs the return address, and the one that checks it.
fn signing(emitter: &E) -> Option<(Plain, Plain)> {
    let settings = emitter.settings;
    let all = settings.has("sign_return_address_all");
    let on = settings.has("sign_return_address") && (all || emitter.frame.setup != 0);
    on.then(|| match settings.has("sign_return_address_with_bkey") {
        true => (Plain::PACIBSP, Plain::AUTIBSP),
        false => (Plain::PACIASP, Plain::AUTIASP),
    })
}

/// Everything before the first block.
pub fn prologue(emitter: &mut E) -> Result<(), Refusal> {
    let frame = emitter.frame;
    let sign = signing(emitter).map(|(sign, _)| sign);
    // An instruction that signs is a target of indirect calls too, if it comes first.
    let first = sign.is_some() && frame.tail_room == 0 && frame.stack_limit.is_none();
    if emitter.settings.has("use_bti") && !first {
        emitter.buffer.put_u32(plain(Plain::BTI_C));
    }
    stack_limit(emitter)?;
    move_sp(emitter, Alu::SUB, frame.tail_room)?;
    // With the stack pointer where it is when the epilogue has nothing left to load.
    if let Some(sign) = sign {
        emitter.buffer.put_u32(plain(sign));
    }
    if frame.setup != 0 {
        let record = Address::PreIndex(Hw::SP, -16);
        put(emitter, pair(Pair::STP_X, Hw::FP, Hw::LR, record))?;
        put(emitter, alu_imm(Alu::ADD, Size::X, Hw::FP, Hw::SP, 0))?;
    }
    let (below, saved) = split(emitter);
    if saved != 0 {
        move_sp(emitter, Alu::SUB, saved)?;
        saves(emitter, below.into(), false)?;
    }
    match emitter.settings.probe_guard.filter(|&guard| below >= guard) {
        Some(guard) => probe(emitter, below, guard),
        None => move_sp(emitter, Alu::SUB, below),
    }
}

/// Moves the stack pointer down a page at a time, touching each.
fn probe(emitter: &mut E, bytes: u32, guard: u32) -> Result<(), Refusal> {
    let touch = access(Access::STR_X, Hw::ZR, Address::Offset(Hw::SP, 0));
    let pages = bytes / guard;
    if pages <= 8 {
        for _ in 0..pages {
            move_sp(emitter, Alu::SUB, guard)?;
            put(emitter, touch)?;
        }
        return move_sp(emitter, Alu::SUB, bytes % guard);
    }
    // A frame of more than a few pages is far: the scratch register is saved by now.
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
fn stack_limit(emitter: &mut E) -> Result<(), Refusal> {
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

/// An instruction that traps with `code`.
pub fn trap(emitter: &mut E, code: TrapCode) {
    emitter.buffer.trap(code);
    emitter.buffer.put_u32(undefined(TRAP));
}

/// Undoes the prologue; the stack pointer is `popped` bytes above where it was then, and the
/// return address is checked.
pub fn epilogue(emitter: &mut E, popped: i64) -> Result<(), Refusal> {
    let frame = emitter.frame;
    let (below, saved) = split(emitter);
    move_sp(emitter, Alu::ADD, below)?;
    if saved != 0 {
        saves(emitter, below.into(), true)?;
        move_sp(emitter, Alu::ADD, saved)?;
    }
    if frame.setup != 0 {
        put(
            emitter,
            pair(Pair::LDP_X, Hw::FP, Hw::LR, Address::PostIndex(Hw::SP, 16)),
        )?;
    }
    if let Some((_, check)) = signing(emitter) {
        emitter.buffer.put_u32(plain(check));
    }
    let rest = i64::from(frame.tail_room) + popped;
    let op = if rest < 0 { Alu::SUB } else { Alu::ADD };
    let amount = u32::try_from(rest.unsigned_abs());
    move_sp(
        emitter,
        op,
        amount.map_err(|_| Refusal::limit("arguments beyond 4 GiB"))?,
    )
}

/// The epilogue and the return.
pub fn return_(emitter: &mut E) -> Result<(), Refusal> {
    epilogue(emitter, emitter.frame.popped.into())?;
    emitter.buffer.put_u32(branch_reg(BranchReg::RET, Hw::LR));
    Ok(())
}
