//! Atomic operations on words and doublewords, and what all of them do to the old value.

use cranelift_codegen::ir::{AtomicRmwOp, TrapCode};

use super::{R0, r1};
use crate::backend::s390x::encode::*;
use crate::backend::s390x::frame::{Out, put};

/// An atomic operation on a word or a doubleword.
pub struct Atomic {
    /// 32 or 64.
    pub bits: u8,
    /// Whether memory has the other byte order.
    pub reversed: bool,
    /// Where.
    pub address: Gpr,
}

impl Atomic {
    /// A copy in the byte order of memory.
    fn turn(&self, emitter: &mut Out<'_>, to: Gpr, from: Gpr) {
        let op = match (self.reversed, self.bits) {
            (true, 64) => Pair::Lrvgr,
            (true, _) => Pair::Lrvr,
            (false, _) => Pair::Lgr,
        };
        put(emitter, pair(op, to, from));
    }

    /// If memory equals register 0, stores `new`; else loads register 0.
    fn swap(&self, emitter: &mut Out<'_>, new: Gpr) {
        if self.bits == 64 {
            let registers = (R0, new);
            put(
                emitter,
                pair_storage(PairStorage::Csg, registers, self.address, Disp20::ZERO),
            );
        } else {
            put(emitter, cs((R0, new), self.address, Disp12::ZERO));
        }
    }

    /// Emits COMPARE AND SWAP.
    pub fn compare_and_swap(
        &self,
        emitter: &mut Out<'_>,
        [_, expected, new]: [Gpr; 3],
        to: Gpr,
        trap: Option<TrapCode>,
    ) {
        self.turn(emitter, R0, expected);
        self.turn(emitter, r1(), new);
        if let Some(code) = trap {
            emitter.buffer.trap(code);
        }
        self.swap(emitter, r1());
        self.turn(emitter, to, R0);
    }

    /// Emits a loop that changes memory.
    pub fn modify(
        &self,
        emitter: &mut Out<'_>,
        op: AtomicRmwOp,
        operand: Gpr,
        to: Gpr,
        trap: Option<TrapCode>,
    ) {
        let address = Address {
            base: self.address,
            index: Gpr::NONE,
            displacement: Disp20::ZERO,
        };
        if let Some(code) = trap {
            emitter.buffer.trap(code);
        }
        let load = if self.bits == 64 {
            Storage::Lg
        } else {
            Storage::Ly
        };
        put(emitter, storage(load, R0, address));
        let start = emitter.buffer.offset();
        self.turn(emitter, r1(), R0);
        change(emitter, op, self.bits, operand);
        self.turn(emitter, r1(), r1());
        if let Some(code) = trap {
            emitter.buffer.trap(code);
        }
        self.swap(emitter, r1());
        let back = i64::from(start) - i64::from(emitter.buffer.offset());
        put(emitter, brc(Mask::NOT_EQUAL, back).expect("a short loop"));
        self.turn(emitter, to, R0);
    }
}

/// Applies `op` to register 1, comparing so many bits. Whatever it does to bits above 32 bits of it
/// is not stored.
pub fn change(emitter: &mut Out<'_>, op: AtomicRmwOp, bits: u8, operand: Gpr) {
    let mut apply = |op| put(emitter, pair(op, r1(), operand));
    match op {
        AtomicRmwOp::Add => apply(Pair::Agr),
        AtomicRmwOp::Sub => apply(Pair::Sgr),
        AtomicRmwOp::And => apply(Pair::Ngr),
        AtomicRmwOp::Or => apply(Pair::Ogr),
        AtomicRmwOp::Xor => apply(Pair::Xgr),
        AtomicRmwOp::Xchg => apply(Pair::Lgr),
        AtomicRmwOp::Nand => {
            apply(Pair::Ngr);
            put(emitter, unsigned_word(UnsignedWord::Xihf, r1(), u32::MAX));
            put(emitter, unsigned_word(UnsignedWord::Xilf, r1(), u32::MAX));
        }
        AtomicRmwOp::Umin => keep_if(emitter, (false, bits), Mask::LOW_OR_EQUAL, operand),
        AtomicRmwOp::Umax => keep_if(emitter, (false, bits), Mask::HIGH_OR_EQUAL, operand),
        AtomicRmwOp::Smin => keep_if(emitter, (true, bits), Mask::LOW_OR_EQUAL, operand),
        AtomicRmwOp::Smax => keep_if(emitter, (true, bits), Mask::HIGH_OR_EQUAL, operand),
    }
}

/// Register 1 stays where the comparison with the operand holds.
fn keep_if(emitter: &mut Out<'_>, signed_bits: (bool, u8), mask: Mask, operand: Gpr) {
    match signed_bits {
        (true, 64) => put(emitter, pair(Pair::Cgr, r1(), operand)),
        (false, 64) => put(emitter, pair(Pair::Clgr, r1(), operand)),
        (true, _) => put(emitter, short_pair(ShortPair::Cr, r1(), operand)),
        (false, _) => put(emitter, short_pair(ShortPair::Clr, r1(), operand)),
    }
    put(
        emitter,
        conditional_copy(ConditionalCopy::Locgr, mask.negated(), r1(), operand),
    );
}
