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

mod checks;
mod saves;

use cranelift_codegen::ir::TrapCode;
use regalloc2::{PRegSet, RegClass};

use super::Aarch64;
use super::encode::{
    Access, Address, Alu, BranchReg, Extend, Pair, Plain, Reg as Hw, Size, access, alu_extended,
    alu_imm, branch_reg, constant, pair, plain, undefined,
};
use super::registers::{SCRATCH, hw, x};
use crate::backend::emit::Emitter;
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

use checks::{probe, stack_limit};
use saves::saves;

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
    let far = bytes >= NEAR;
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

/// Bytes of the frame below the saved registers.
fn below(emitter: &E) -> u32 {
    let lowest = emitter.frame.saved.first();
    lowest.map_or(emitter.frame.size, |saved| {
        u32::try_from(saved.offset).expect("below the frame's size")
    })
}

/// `sp = from - bytes`: one instruction, or a distance in [`SCRATCH`] first, so that the stack
/// pointer is never in between.
pub fn set_sp(emitter: &mut E, from: Hw, bytes: u32) -> Result<(), Refusal> {
    if let Some(word) = alu_imm(Alu::SUB, Size::X, Hw::SP, from, bytes.into()) {
        emitter.buffer.put_u32(word);
        return Ok(());
    }
    for word in constant(SCRATCH, bytes.into()) {
        emitter.buffer.put_u32(word);
    }
    let by_register = (Hw::SP, from, SCRATCH);
    put(
        emitter,
        alu_extended(Alu::SUB, Size::X, by_register, (Extend::Uxtx, 0)),
    )
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
    let below = below(emitter);
    saves(emitter, false)?;
    match emitter.settings.probe_guard.filter(|&guard| below >= guard) {
        Some(guard) => probe(emitter, below, guard),
        None => move_sp(emitter, Alu::SUB, below),
    }
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
    let below = below(emitter);
    move_sp(emitter, Alu::ADD, below)?;
    saves(emitter, true)?;
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
