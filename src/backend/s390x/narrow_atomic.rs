//! Atomic operations on bytes and halfwords.
//!
//! COMPARE AND SWAP has words. So the word around the field is loaded and rotated until the field
//! is at its left end; there it is taken out, changed and put back, the word is rotated back and
//! swapped, again and again until nobody came in between. An aligned field never crosses a word.

use cranelift_codegen::ir::{AtomicRmwOp, TrapCode};

use super::emit::change;
use super::encode::*;
use super::form::gpr;
use super::frame::{Out, put, refer};
use crate::backend::reg::Reg;

/// One of them.
#[derive(Clone, Copy, Debug)]
pub struct Narrow {
    /// How memory is changed; none for a comparison and a swap.
    pub op: Option<AtomicRmwOp>,
    /// 8 or 16.
    pub bits: u8,
    /// Whether memory has the other byte order.
    pub reversed: bool,
    /// Address; operand, or what is expected, extended as the operation compares; the new value.
    pub args: [Reg; 3],
    /// Written while the others are still read: the word's address, by how much the word is
    /// rotated and rotated back, the field's old value, and the rotated word.
    pub scratch: [Reg; 5],
    /// What it traps with, if it may.
    pub trap: Option<TrapCode>,
}

/// Whether an operation compares signed numbers.
pub fn is_signed(op: Option<AtomicRmwOp>) -> bool {
    matches!(op, Some(AtomicRmwOp::Smin | AtomicRmwOp::Smax))
}

const R0: Gpr = Gpr::NONE;

fn rotate(emitter: &mut Out<'_>, to: Gpr, from: Gpr, by: Gpr) {
    put(emitter, shift(Shift::Rll, (to, from), by, Disp20::ZERO));
}

impl Narrow {
    /// Emits it; the old value goes to `to`.
    pub fn emit(&self, emitter: &mut Out<'_>, to: Reg) {
        let r1 = gpr(1);
        let [address, operand, new] = self.args.map(|reg| gpr(reg.number()));
        let [word, there, back, old, turned] = self.scratch.map(|reg| gpr(reg.number()));
        let aligned = Selection::new(0, 61, 0, true).expect("in range");
        let code = rotate_then(RotateThen::Risbgn, word, address, aligned);
        put(emitter, code.expect("an insertion"));
        // Eight bits a byte; a rotation of 32 bits sees the last two bits of the byte's number.
        let three = Disp20::new(3).expect("small");
        put(
            emitter,
            shift(Shift::Sllg, (there, address), Gpr::NONE, three),
        );
        put(emitter, pair(Pair::Lcgr, back, there));
        self.trapping(emitter);
        let place = Address {
            base: word,
            index: Gpr::NONE,
            displacement: Disp12::ZERO,
        };
        put(emitter, short_storage(ShortStorage::L, R0, place));
        let start = emitter.buffer.offset();
        let done = emitter.buffer.new_label();
        rotate(emitter, turned, R0, there);
        self.take(emitter, old, turned);
        if let Some(op) = self.op {
            put(emitter, pair(Pair::Lgr, r1, old));
            change(emitter, op, 32, operand);
        } else {
            put(emitter, short_pair(ShortPair::Cr, old, operand));
            refer(
                emitter,
                done,
                brcl(Mask::NOT_EQUAL, 0).expect("a short distance"),
            );
            put(emitter, pair(Pair::Lgr, r1, new));
        }
        self.give(emitter, turned, r1);
        rotate(emitter, turned, turned, back);
        self.trapping(emitter);
        put(emitter, cs((R0, turned), word, Disp12::ZERO));
        let distance = i64::from(start) - i64::from(emitter.buffer.offset());
        put(
            emitter,
            brc(Mask::NOT_EQUAL, distance).expect("a short loop"),
        );
        emitter.buffer.bind(done);
        put(emitter, pair(Pair::Lgr, gpr(to.number()), old));
    }

    fn trapping(&self, emitter: &mut Out<'_>) {
        if let Some(code) = self.trap {
            emitter.buffer.trap(code);
        }
    }

    /// The field at the left end of `from`, extended.
    fn take(&self, emitter: &mut Out<'_>, to: Gpr, from: Gpr) {
        let op = match (self.bits, is_signed(self.op)) {
            (8, true) => Pair::Lgbr,
            (8, false) => Pair::Llgcr,
            (_, true) => Pair::Lghr,
            (_, false) => Pair::Llghr,
        };
        if self.bits == 16 && self.reversed {
            put(emitter, pair(Pair::Lrvr, to, from));
        } else {
            let by = Disp20::new(32 - i64::from(self.bits)).expect("small");
            put(emitter, shift(Shift::Srlk, (to, from), Gpr::NONE, by));
        }
        put(emitter, pair(op, to, to));
    }

    /// Puts a field to the left end of `to`, which keeps the rest; `from` is lost.
    fn give(&self, emitter: &mut Out<'_>, to: Gpr, from: Gpr) {
        let bits = self.bits;
        let turned = bits == 16 && self.reversed;
        if turned {
            put(emitter, pair(Pair::Lrvr, from, from));
        }
        let rotation = if turned { 0 } else { 32 - bits };
        let field = Selection::new(32, 31 + bits, rotation, false).expect("in range");
        let code = rotate_then(RotateThen::Risbgn, to, from, field);
        put(emitter, code.expect("an insertion"));
    }
}
