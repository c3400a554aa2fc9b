//! Saved registers of a function.

use regalloc2::{PReg, RegClass};

use super::abi::int;
use super::encode::*;
use super::form::gpr;
use super::frame::{Out, put};
use super::memory::{Access, At, Mover};
use crate::backend::frame::Saved;
use crate::backend::reg::Reg;

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
pub fn transfer(emitter: &mut Out<'_>, below: i64, op: PairStorage) {
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

/// A register of the allocator's.
pub fn number(reg: PReg) -> Gpr {
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
