//! What looks after the stack's end: limits and probes.

use cranelift_codegen::ir::TrapCode;

use super::abi::int;
use super::encode::*;
use super::form::gpr;
use super::frame::{Out, adjust, put, trap_if};
use super::memory::{Access, At, Mover};
use super::moves::load_number;
use super::saves::number;
use crate::backend::frame::{LimitStep, StackLimit};
use crate::backend::reg::Reg;

/// Moves the stack pointer down, page by page where pages are to be probed.
pub fn lower(emitter: &mut Out<'_>, bytes: i64) {
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

/// Traps if the stack pointer would go below the limit.
pub fn check_limit(emitter: &mut Out<'_>, limit: &StackLimit, bytes: i64) {
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
                load_number(emitter, Gpr::NONE, amount);
                put(emitter, pair(Pair::Agr, r1, Gpr::NONE));
            }
        }
    }
    put(emitter, pair(Pair::Lgr, Gpr::NONE, Gpr::SP));
    let bytes = i32::try_from(-bytes).expect("a frame is below 1 GiB");
    put(emitter, word(Word::Agfi, Gpr::NONE, bytes));
    put(emitter, pair(Pair::Clgr, Gpr::NONE, r1));
    trap_if(emitter, Mask::LOW, TrapCode::STACK_OVERFLOW);
}
