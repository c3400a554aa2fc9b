//! Copies, spills and addresses in the frame. Nothing here touches the condition code.

use regalloc2::RegClass;

use super::encode::*;
use super::form::{fpr, gpr, vr};
use super::frame::{Out, put};
use super::memory::{Access, At, Mover};
use crate::backend::reg::Reg;

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
            let (d, s) = (fpr(d), fpr(s));
            put(emitter, float_move(FloatMove::Ldr, d, s));
        }
        RegClass::Vector => put(emitter, vlr(vr(d), vr(s))),
    }
}

/// Loads a number.
pub fn load_number(emitter: &mut Out<'_>, to: Gpr, number: i64) {
    if let Ok(number) = i32::try_from(number) {
        return put(emitter, word(Word::Lgfi, to, number));
    }
    let half = |n: i64| u32::try_from(n & i64::from(u32::MAX)).expect("masked to 32 bits");
    put(
        emitter,
        unsigned_word(UnsignedWord::Llihf, to, half(number >> 32)),
    );
    put(emitter, unsigned_word(UnsignedWord::Iilf, to, half(number)));
}
