//! Prologue, epilogue and calls.
//!
//! The stack pointer goes down once, or twice where the frame is so large that the saved registers
//! would be out of a short displacement's reach: by what lies above the lowest saved register, then
//! by the rest. So saving needs no other register, in frames of any size.
//!
//! With `preserve_frame_pointers` a function that makes calls stores a back chain (ELF ABI 1.2.2).

use regalloc2::{PReg, RegClass};

use super::abi::int;
use super::arch::{Reference, S390x};
use super::encode::*;
use super::form::{Bytes, gpr};
use super::memory::{Access, At, Mover};
use crate::backend::call::{CallInfo, Callee};
use crate::backend::emit::Emitter;
use crate::backend::frame::{LimitStep, Saved, StackLimit};
use crate::backend::reg::Reg;
use crate::codegen::RelocKind;
use cranelift_codegen::ir::{ExternalName, TrapCode};

/// The emitter of this ISA.
pub type Out<'a> = Emitter<'a, S390x>;

/// The largest frame in which every place is in reach of a short displacement, a vector's second
/// half included.
pub const NEAR: u32 = 0xff0;

/// Appends an instruction.
pub fn put(emitter: &mut Out<'_>, bytes: impl Into<Bytes>) {
    emitter.buffer.put(bytes.into().as_slice());
}

/// How the stack pointer goes down.
struct Steps {
    /// Before registers are saved.
    first: i64,
    /// Behind that.
    second: i64,
}

fn steps(emitter: &Out<'_>) -> Steps {
    let total = emitter.frame.entry();
    let lowest = emitter.frame.saved.iter().map(|saved| saved.offset).min();
    let lowest = lowest.unwrap_or(i64::from(emitter.frame.size));
    match total <= i64::from(NEAR) {
        true => Steps {
            first: total,
            second: 0,
        },
        false => Steps {
            first: total - lowest,
            second: lowest,
        },
    }
}

/// Moves the stack pointer by `bytes`.
fn adjust(emitter: &mut Out<'_>, bytes: i64) {
    if bytes == 0 {
        return;
    }
    match i16::try_from(bytes) {
        Ok(bytes) => put(emitter, halfword(Halfword::Aghi, Gpr::SP, bytes)),
        Err(_) => {
            let bytes = i32::try_from(bytes).expect("a frame is below 1 GiB");
            put(emitter, word(Word::Agfi, Gpr::SP, bytes));
        }
    }
}

/// The registers to be saved or restored, the link register among them.
fn saved(emitter: &Out<'_>) -> Vec<Saved> {
    let frame = emitter.frame;
    let mut list = frame.saved.clone();
    if frame.setup != 0 {
        list.push(Saved {
            reg: int(14),
            bytes: 8,
            offset: frame.size.into(),
        });
    }
    list
}

/// Loads or stores the saved registers, runs of general ones by one instruction.
fn transfer(emitter: &mut Out<'_>, below: i64, op: PairStorage) {
    let list = saved(emitter);
    let mut rest = list.as_slice();
    while let Some((first, others)) = rest.split_first() {
        let at = first.offset - below;
        if first.reg.class() != RegClass::Int {
            whole(emitter, first, at, op == PairStorage::Lmg);
            rest = others;
            continue;
        }
        let follows = |pair: &&[Saved]| {
            let [a, b] = pair else { return false };
            b.reg.class() == RegClass::Int
                && b.reg.hw_enc() == a.reg.hw_enc() + 1
                && b.offset == a.offset + 8
        };
        let more = rest.windows(2).take_while(follows).count();
        let range = (number(first.reg), number(rest[more].reg));
        let place = Disp20::new(at).expect("saved registers are near");
        let one = match op {
            PairStorage::Lmg => Storage::Lg,
            _ => Storage::Stg,
        };
        let address = Address {
            base: Gpr::SP,
            index: Gpr::NONE,
            displacement: place,
        };
        if more == 0 {
            put(emitter, storage(one, range.0, address));
        } else {
            put(emitter, pair_storage(op, range, Gpr::SP, place));
        }
        rest = &rest[more + 1..];
    }
}

fn number(reg: PReg) -> Gpr {
    gpr(Reg::real(reg).number())
}

/// Loads or stores a floating-point or vector register, as many bytes of it as count.
fn whole(emitter: &mut Out<'_>, saved: &Saved, at: i64, load: bool) {
    let access = match saved.bytes {
        8 => Access::Long { reversed: false },
        _ => Access::Vector { reversed: false },
    };
    let reg = Reg::real(saved.reg).number();
    let from_sp = At::Sp(at);
    let mut mover = Mover {
        emitter,
        trap: None,
    };
    if load {
        mover.load(access, reg, &from_sp)
    } else {
        mover.store(access, reg, &from_sp)
    }
}

/// Emits the prologue.
pub fn prologue(emitter: &mut Out<'_>) {
    let Steps { first, second } = steps(emitter);
    let frame = emitter.frame;
    // Where registers 0 and 1 are to be kept, they are only free once they are saved.
    let keeps = frame.saved.iter().any(|saved| saved.reg == int(1));
    if let Some(limit) = frame.stack_limit.as_ref().filter(|_| !keeps) {
        check_limit(emitter, limit, first + second);
    }
    adjust(emitter, -first);
    transfer(emitter, second, PairStorage::Stmg);
    if let Some(limit) = frame.stack_limit.as_ref().filter(|_| keeps) {
        check_limit(emitter, limit, second);
    }
    lower(emitter, second);
    if emitter.settings.frame_pointers && frame.makes_calls {
        back_chain(emitter, frame.entry());
    }
}

/// Moves the stack pointer down, page by page where pages are to be probed.
fn lower(emitter: &mut Out<'_>, bytes: i64) {
    let guard = emitter
        .settings
        .probe_guard
        .map(i64::from)
        .filter(|guard| *guard < bytes);
    let Some(guard) = guard else {
        return adjust(emitter, -bytes);
    };
    let pages = i32::try_from(bytes / guard).expect("a frame is below 1 GiB");
    put(emitter, word(Word::Lgfi, Gpr::NONE, pages));
    let start = emitter.buffer.offset();
    adjust(emitter, -guard);
    put(
        emitter,
        byte_immediate(ByteImmediate::Mvi, Gpr::SP, Disp12::ZERO, 0),
    );
    let back = i64::from(start) - i64::from(emitter.buffer.offset());
    let count = count_branch(CountBranch::Brctg, Gpr::NONE, back);
    put(emitter, count.expect("a loop of three instructions"));
    adjust(emitter, -(bytes % guard));
}

/// Stores the stack pointer's old value at its new one.
fn back_chain(emitter: &mut Out<'_>, bytes: i64) {
    frame_address(emitter, gpr(1), bytes);
    let address = Address {
        base: Gpr::SP,
        index: Gpr::NONE,
        displacement: Disp20::ZERO,
    };
    put(emitter, storage(Storage::Stg, gpr(1), address));
}

/// Traps if the stack pointer would go below the limit.
fn check_limit(emitter: &mut Out<'_>, limit: &StackLimit, bytes: i64) {
    let r1 = gpr(1);
    put(emitter, pair(Pair::Lgr, r1, number(limit.base)));
    for step in &limit.steps {
        match *step {
            LimitStep::Load(offset) => {
                let reg = Reg::real(int(1));
                let access = Access::General(Storage::Lg);
                Mover {
                    emitter,
                    trap: None,
                }
                .load(access, 1, &At::Reg(reg, offset.into()));
            }
            LimitStep::Add(amount) => {
                let amount = i32::try_from(amount).expect("an offset of 32 bits");
                put(emitter, word(Word::Agfi, r1, amount));
            }
        }
    }
    put(emitter, pair(Pair::Lgr, Gpr::NONE, Gpr::SP));
    let bytes = i32::try_from(-bytes).expect("a frame is below 1 GiB");
    put(emitter, word(Word::Agfi, Gpr::NONE, bytes));
    put(emitter, pair(Pair::Clgr, Gpr::NONE, r1));
    trap_if(emitter, Mask::LOW, TrapCode::STACK_OVERFLOW);
}

/// Traps if the condition code is in the mask.
pub fn trap_if(emitter: &mut Out<'_>, mask: Mask, code: TrapCode) {
    put(emitter, brc(mask.negated(), 6).expect("a short distance"));
    emitter.buffer.trap(code);
    put(emitter, TRAP);
}

/// Undoes the prologue, then moves the stack pointer by `more`.
fn epilogue(emitter: &mut Out<'_>, more: i64) {
    let Steps { first, second } = steps(emitter);
    adjust(emitter, second);
    transfer(emitter, second, PairStorage::Lmg);
    adjust(emitter, first + more);
}

/// Emits the epilogue and the return.
pub fn leave(emitter: &mut Out<'_>) {
    epilogue(emitter, emitter.frame.popped.into());
    put(emitter, bcr(Mask::ALWAYS, Gpr::LINK));
}

/// Emits a call, and what brings the stack pointer back down where the callee pops.
pub fn call(emitter: &mut Out<'_>, call: &CallInfo) {
    let target = match &call.callee {
        Callee::Symbol { name, near: true } => Err(emitter.symbol(name)),
        Callee::Symbol { name, near: false } => {
            symbol_address(emitter, gpr(1), name, 0, false);
            Ok(gpr(1))
        }
        Callee::Register(reg) => Ok(gpr(reg.number())),
    };
    let popped = i64::from(call.popped);
    emitter.site(call.site, |emitter| {
        match target {
            Ok(register) => put(emitter, basr(Gpr::LINK, register)),
            Err(symbol) => {
                let code = relative(Relative::Brasl, Gpr::LINK, 0).expect("a short distance");
                relocated(emitter, symbol, 0, code);
            }
        }
        if popped != 0 {
            emitter.buffer.call_return();
            adjust(emitter, -popped);
        }
    });
}

/// Puts an instruction of format RIL, its distance relocated.
fn relocated(emitter: &mut Out<'_>, symbol: String, addend: i64, code: [u8; 6]) {
    let field = emitter.buffer.offset() + 2;
    // The distance counts from the instruction, two bytes before the field.
    emitter
        .buffer
        .relocate_at(field, RelocKind::S390xPc32Dbl, symbol, addend + 2);
    put(emitter, code);
}

/// Emits the epilogue and a jump to the callee, whose arguments lie in place.
pub fn tail_call(emitter: &mut Out<'_>, call: &CallInfo) {
    let near = match &call.callee {
        Callee::Symbol { name, near: true } => Some(emitter.symbol(name)),
        Callee::Symbol { name, near: false } => {
            symbol_address(emitter, gpr(1), name, 0, false);
            None
        }
        Callee::Register(reg) => {
            put(emitter, pair(Pair::Lgr, gpr(1), gpr(reg.number())));
            None
        }
    };
    epilogue(
        emitter,
        i64::from(emitter.frame.popped) - i64::from(call.popped),
    );
    match near {
        Some(symbol) => {
            let code = brcl(Mask::ALWAYS, 0).expect("a short distance");
            relocated(emitter, symbol, 0, code);
        }
        None => put(emitter, bcr(Mask::ALWAYS, gpr(1))),
    }
}

/// The address of a symbol: relative to the code, or from eight bytes between the code.
pub fn symbol_address(
    emitter: &mut Out<'_>,
    to: Gpr,
    name: &ExternalName,
    addend: i64,
    near: bool,
) {
    let symbol = emitter.symbol(name);
    // A distance counts halfwords: an odd address is not reached.
    if near && addend % 2 == 0 {
        let code = relative(Relative::Larl, to, 0).expect("a short distance");
        return relocated(emitter, symbol, addend, code);
    }
    put(emitter, bras(to, 12).expect("a short distance"));
    emitter.buffer.relocate(RelocKind::Abs8, symbol, addend);
    put(emitter, [0; 4]);
    put(emitter, [0; 4]);
    let address = Address {
        base: to,
        index: Gpr::NONE,
        displacement: Disp20::ZERO,
    };
    put(emitter, storage(Storage::Lg, to, address));
}

/// `to = sp + offset`.
pub fn frame_address(emitter: &mut Out<'_>, to: Gpr, offset: i64) {
    let (base, index) = (Gpr::SP, Gpr::NONE);
    if let Some(displacement) = Disp12::new(offset) {
        let address = Address {
            base,
            index,
            displacement,
        };
        put(emitter, short_storage(ShortStorage::La, to, address));
    } else if let Some(displacement) = Disp20::new(offset) {
        put(
            emitter,
            storage(
                Storage::Lay,
                to,
                Address {
                    base,
                    index,
                    displacement,
                },
            ),
        );
    } else {
        let offset = i32::try_from(offset).expect("a frame is below 1 GiB");
        put(emitter, word(Word::Lgfi, to, offset));
        let address = Address {
            base,
            index: to,
            displacement: Disp12::ZERO,
        };
        put(emitter, short_storage(ShortStorage::La, to, address));
    }
}

/// A whole register to or from `offset` bytes above the stack pointer.
pub fn spill(emitter: &mut Out<'_>, reg: Reg, offset: i64, load: bool) {
    let access = match (reg.class(), load) {
        (RegClass::Int, true) => Access::General(Storage::Lg),
        (RegClass::Int, false) => Access::General(Storage::Stg),
        (RegClass::Float, _) => Access::Long { reversed: false },
        (RegClass::Vector, _) => Access::Vector { reversed: false },
    };
    let place = At::Sp(offset);
    let mut mover = Mover {
        emitter,
        trap: None,
    };
    match load {
        true => mover.load(access, reg.number(), &place),
        false => mover.store(access, reg.number(), &place),
    }
}

/// Copies a register.
pub fn copy(emitter: &mut Out<'_>, to: Reg, from: Reg) {
    let (d, s) = (to.number(), from.number());
    match to.class() {
        RegClass::Int => put(emitter, pair(Pair::Lgr, gpr(d), gpr(s))),
        RegClass::Float => {
            let (d, s) = (super::form::fpr(d), super::form::fpr(s));
            put(emitter, float_move(FloatMove::Ldr, d, s));
        }
        RegClass::Vector => put(emitter, vlr(super::form::vr(d), super::form::vr(s))),
    }
}

/// Puts an instruction of format RIL, its distance a reference to a label.
pub fn refer(emitter: &mut Out<'_>, label: crate::backend::buffer::Label, code: [u8; 6]) {
    let field = emitter.buffer.offset() + 2;
    emitter.buffer.refer_at(field, label, Reference);
    put(emitter, code);
}
