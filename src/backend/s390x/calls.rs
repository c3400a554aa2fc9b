//! Calls, tail calls and the addresses of symbols.

use cranelift_codegen::ir::ExternalName;

use super::encode::*;
use super::form::gpr;
use super::frame::{ANCHOR, Out, back_chain, drop_anchor, epilogue, put};
use crate::backend::call::{CallInfo, Callee};
use crate::codegen::RelocKind;

/// Emits a call. One that loses the anchor is followed by a new one: it leaves the stack pointer
/// where it is.
pub fn call(emitter: &mut Out<'_>, call: &CallInfo) {
    if call.popped != 0 {
        back_chain(emitter, call.popped);
    }
    let target = match &call.callee {
        Callee::Symbol { name, near: true } => Err(emitter.symbol(name)),
        Callee::Symbol { name, near: false } => {
            symbol_address(emitter, gpr(1), name, 0, false);
            Ok(gpr(1))
        }
        Callee::Register(reg) => Ok(gpr(reg.number())),
    };
    emitter.site(call.site, |emitter| match target {
        Ok(register) => put(emitter, basr(Gpr::LINK, register)),
        Err(symbol) => {
            let code = relative(Relative::Brasl, Gpr::LINK, 0).expect("a short distance");
            relocated(emitter, RelocKind::S390xPc32Dbl, (symbol, 0), code);
        }
    });
    if emitter.frame.anchored && call.clobbers.contains(ANCHOR) {
        drop_anchor(emitter);
    }
}

/// Puts an instruction of format RIL, its distance relocated.
fn relocated(
    emitter: &mut Out<'_>,
    kind: RelocKind,
    (symbol, addend): (String, i64),
    code: [u8; 6],
) {
    let field = emitter.buffer.offset() + 2;
    // The distance counts from the instruction, two bytes before the field.
    emitter.buffer.relocate_at(field, kind, symbol, addend + 2);
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
            relocated(emitter, RelocKind::S390xPc32Dbl, (symbol, 0), code);
        }
        None => put(emitter, bcr(Mask::ALWAYS, gpr(1))),
    }
}

/// The address of a symbol: relative to the code, from the GOT, or from eight bytes between the
/// code. None of these touches the condition code.
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
        return relocated(emitter, RelocKind::S390xPc32Dbl, (symbol, addend), code);
    }
    if emitter.settings.is_pic
        && let Some(displacement) = Disp20::new(addend)
    {
        let code = relative(Relative::Lgrl, to, 0).expect("a short distance");
        relocated(emitter, RelocKind::S390xGotPc32Dbl, (symbol, 0), code);
        let address = Address {
            base: to,
            index: Gpr::NONE,
            displacement,
        };
        if addend != 0 {
            put(emitter, storage(Storage::Lay, to, address));
        }
        return;
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
