//! Prologue and epilogue.
//!
//! The stack pointer goes down once, or twice where the frame is so large that the saved registers
//! would be out of a short displacement's reach: by what lies above the lowest saved register, then
//! by the rest. So saving needs no other register, in frames of any size.
//!
//! With `preserve_frame_pointers` a function that makes calls stores a back chain (ELF ABI 1.2.2).
//! A callee that pops its arguments takes the word at the stack pointer away with them, and by a
//! tail call already hands on a stack pointer above them: so there is a chain there as well. A
//! tail call whose arguments take other room than its caller's hands on one without a chain.

use cranelift_codegen::ir::TrapCode;
use regalloc2::PReg;

use super::abi::int;
use super::arch::{Reference, S390x};
use super::encode::*;
use super::form::{Bytes, gpr};
use super::guard::{check_limit, lower};
use super::moves::frame_address;
use super::saves::{number, transfer};
use crate::backend::buffer::Label;
use crate::backend::emit::Emitter;

/// The emitter of this ISA.
pub type Out<'a> = Emitter<'a, S390x>;

/// The largest frame in which every place is in reach of a short displacement, a vector's second
/// half included.
pub const NEAR: u32 = 0xff0;

/// Holds the stack pointer in a function with sites whose hooks pop their arguments. GCC's frame
/// pointer: callee-saved, and no argument.
pub const ANCHOR: PReg = int(11);

/// Sets the anchor.
pub fn drop_anchor(emitter: &mut Out<'_>) {
    put(emitter, pair(Pair::Lgr, number(ANCHOR), Gpr::SP));
}

/// Sets the stack pointer to the anchor.
pub fn stack_pointer(emitter: &mut Out<'_>) {
    put(emitter, pair(Pair::Lgr, Gpr::SP, number(ANCHOR)));
}

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
pub fn adjust(emitter: &mut Out<'_>, bytes: i64) {
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

/// Emits the prologue.
pub fn prologue(emitter: &mut Out<'_>) {
    let Steps { first, second } = steps(emitter);
    let frame = emitter.frame;
    // Where registers 0 and 1 are to be kept, they are only free once they are saved.
    let keeps = frame.saved.iter().any(|saved| saved.reg == int(1));
    if let Some(limit) = frame.stack_limit.as_ref().filter(|_| !keeps) {
        check_limit(emitter, limit, first + second);
    }
    if keeps {
        adjust(emitter, -first);
    } else {
        lower(emitter, first);
    }
    transfer(emitter, second, PairStorage::Stmg);
    if let Some(limit) = frame.stack_limit.as_ref().filter(|_| keeps) {
        check_limit(emitter, limit, second);
    }
    lower(emitter, second);
    if frame.anchored {
        drop_anchor(emitter);
    }
    if frame.makes_calls {
        back_chain(emitter, 0);
    }
}

/// Stores the back chain where the stack pointer is or, from when a callee has popped its
/// arguments, will be: `above` bytes above. Only with `preserve_frame_pointers`.
pub fn back_chain(emitter: &mut Out<'_>, above: u32) {
    if !emitter.settings.frame_pointers {
        return;
    }
    frame_address(emitter, gpr(0), emitter.frame.entry());
    let mut base = Gpr::SP;
    let displacement = Disp20::new(above.into()).unwrap_or_else(|| {
        frame_address(emitter, gpr(1), above.into());
        base = gpr(1);
        Disp20::ZERO
    });
    let address = Address {
        base,
        index: Gpr::NONE,
        displacement,
    };
    put(emitter, storage(Storage::Stg, gpr(0), address));
}

/// Traps if the condition code is in the mask.
pub fn trap_if(emitter: &mut Out<'_>, mask: Mask, code: TrapCode) {
    put(emitter, brc(mask.negated(), 6).expect("a short distance"));
    emitter.buffer.trap(code);
    put(emitter, TRAP);
}

/// Undoes the prologue, then moves the stack pointer by `more`.
pub fn epilogue(emitter: &mut Out<'_>, more: i64) {
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

/// Puts an instruction of format RIL, its distance a reference to a label.
pub fn refer(emitter: &mut Out<'_>, label: Label, code: [u8; 6]) {
    let field = emitter.buffer.offset() + 2;
    emitter.buffer.refer_at(field, label, Reference);
    put(emitter, code);
}
