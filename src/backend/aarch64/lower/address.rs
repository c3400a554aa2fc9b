//! Addresses of loads and stores: what of a sum fits into the access itself.

use cranelift_codegen::ir::{Opcode, TrapCode, Value, types};

use super::super::encode::{Access, Address, Extend, access};
use super::super::inst::{EMPTY, Word, word};
use super::memory::{frame_access, registered};
use super::{Ctx, words};
use crate::backend::call::FrameRef;
use crate::backend::reg::Reg;
use crate::backend::vcode::Op;

impl Ctx<'_> {
    /// A load or store of `reg` at `offset` bytes from an address.
    pub(super) fn access(
        &mut self,
        op: Access,
        reg: Reg,
        (address, offset): (Value, i64),
        trap: Option<TrapCode>,
    ) {
        if let Some(FrameRef::Slot(at)) = self.frame_place(address)
            && let Ok(at) = u32::try_from(i64::from(at) + offset)
        {
            return self.access_slot(op, reg, at);
        }
        if let Some((base, more)) = self.constant_part(address)
            && plain(op, offset + more).is_some()
        {
            return self.access(op, reg, (base, offset + more), trap);
        }
        if let Some(form) = plain(op, offset) {
            if offset == 0 && self.indexed(op, reg, address, trap) {
                return;
            }
            let base = self.reg(address);
            return self.put_plain(registered(op, form, reg).n(base).traps(trap));
        }
        let base = self.reg(address);
        let index = self.number(offset.cast_unsigned());
        let form = index_form(op, Extend::Uxtx, false);
        self.put_plain(registered(op, form, reg).n(base).m(index).traps(trap));
    }

    /// A load or store in a stack slot. Offsets that are no multiple of the access reach 255
    /// bytes only: an address of its own then needs no scratch register.
    fn access_slot(&mut self, op: Access, reg: Reg, at: u32) {
        let place = FrameRef::Slot(at);
        if at.is_multiple_of(1 << op.log2_bytes()) {
            return self.isa(frame_access(op, reg, place));
        }
        let base = self.int();
        self.emit(Op::FrameAddress { to: base, place });
        let form = plain(op, 0).expect("every access has an offset of zero");
        self.put_plain(registered(op, form, reg).n(base));
    }

    /// An address that is a sum with a constant, taken apart.
    fn constant_part(&self, address: Value) -> Option<(Value, i64)> {
        let inst = self.defined_by(address, Opcode::Iadd)?;
        let [a, b] = *self.args(inst) else {
            return None;
        };
        match (self.signed_constant(a), self.signed_constant(b)) {
            (None, Some(more)) => Some((a, more)),
            (Some(more), None) => Some((b, more)),
            _ => None,
        }
        .filter(|(_, more)| i32::try_from(*more).is_ok())
    }

    /// An access of an address that is a sum, if it is one.
    fn indexed(&mut self, op: Access, reg: Reg, address: Value, trap: Option<TrapCode>) -> bool {
        let Some(inst) = self.defined_by(address, Opcode::Iadd) else {
            return false;
        };
        let [base, index] = *self.args(inst) else {
            return false;
        };
        let base = self.reg(base);
        let (value, scaled) = match self.scale(index, op) {
            Some(from) => (from, true),
            None => (index, false),
        };
        let (extend, index) = match self.extended_word(value) {
            Some((extend, from)) => (extend, self.reg(from)),
            None => (Extend::Uxtx, self.reg(value)),
        };
        let form = index_form(op, extend, scaled);
        self.put_plain(registered(op, form, reg).n(base).m(index).traps(trap));
        true
    }

    /// What is shifted to the left by as much as an access is wide.
    fn scale(&self, value: Value, op: Access) -> Option<Value> {
        let inst = self.defined_by(value, Opcode::Ishl)?;
        let [from, amount] = *self.args(inst) else {
            return None;
        };
        (self.constant(amount)? % 64 == u64::from(op.log2_bytes())).then_some(from)
    }

    /// What an `i64` is extended from, if that has 32 bits.
    fn extended_word(&self, value: Value) -> Option<(Extend, Value)> {
        let unsigned = self.defined_by(value, Opcode::Uextend);
        let signed = self.defined_by(value, Opcode::Sextend);
        let extend = if unsigned.is_some() {
            Extend::Uxtw
        } else {
            Extend::Sxtw
        };
        let from = self.args(unsigned.or(signed)?)[0];
        (self.ty(from) == types::I32).then_some((extend, from))
    }
}

/// An access at a constant offset from a base, if it reaches that far.
fn plain(op: Access, offset: i64) -> Option<Word> {
    let offset = i32::try_from(offset).ok()?;
    access(op, EMPTY, Address::Offset(EMPTY, offset)).map(word)
}

fn index_form(op: Access, extend: Extend, scaled: bool) -> Word {
    let address = Address::Index {
        base: EMPTY,
        index: EMPTY,
        extend,
        scaled,
    };
    words::fits(access(op, EMPTY, address))
}
