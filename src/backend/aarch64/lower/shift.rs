//! Shifts and rotations of at most 64 bits. Amounts count modulo the width.

use cranelift_codegen::ir::{Opcode, Value, types};

use super::super::encode::{Binary, Bitfield, LogicImm, Shift, Size};
use super::{Ctx, size_of, words};
use crate::backend::reg::Reg;

impl Ctx<'_> {
    /// An amount of a shift by a register below `bits`: A64 takes it modulo 32 or 64.
    fn amount(&mut self, value: Value, bits: u32) -> Reg {
        let reg = match self.ty(value) {
            types::I128 => self.pair(value).0,
            _ => self.reg(value),
        };
        if bits >= 32 {
            return reg;
        }
        let mask = words::logic_imm(LogicImm::AND, Size::W, reg, u64::from(bits) - 1);
        self.int_of(mask.expect("a run of ones"))
    }

    /// A constant amount modulo the width.
    fn constant_amount(&self, value: Value, bits: u32) -> Option<u8> {
        let amount = self.constant(value)?;
        u8::try_from(amount % u64::from(bits)).ok()
    }

    pub(super) fn shift(&mut self, to: Reg, opcode: Opcode, [value, amount]: [Value; 2]) {
        let ty = self.ty(value);
        let (size, bits) = (size_of(ty), ty.bits());
        let (by, op) = match opcode {
            Opcode::Ishl => (Shift::Lsl, Binary::LSL),
            Opcode::Ushr => (Shift::Lsr, Binary::LSR),
            _ => (Shift::Asr, Binary::ASR),
        };
        let narrow = bits < 32;
        if let Some(amount) = self.constant_amount(amount, bits) {
            let n = self.reg(value);
            let last = u8::try_from(bits - 1).expect("at most 63");
            let word = match by {
                // The field from the amount on, extended as the shift does.
                Shift::Lsr if narrow => words::bitfield(Bitfield::UBFM, size, n, amount, last),
                Shift::Asr if narrow => words::bitfield(Bitfield::SBFM, size, n, amount, last),
                _ => words::shift(by, size, n, amount),
            };
            return self.put(to, word);
        }
        let n = match by {
            Shift::Lsl => self.reg(value),
            _ => self.extended(value, by == Shift::Asr),
        };
        let m = self.amount(amount, bits);
        self.put(to, words::binary(op, size, n, m));
    }

    pub(super) fn rotate(&mut self, to: Reg, left: bool, [value, amount]: [Value; 2]) {
        let ty = self.ty(value);
        let (size, bits) = (size_of(ty), ty.bits());
        let width = u8::try_from(bits).expect("at most 64");
        if let Some(amount) = self.constant_amount(amount, bits) {
            let right = if left {
                (width - amount) % width
            } else {
                amount
            };
            let n = if bits < 32 {
                self.doubled(value)
            } else {
                self.reg(value)
            };
            return self.put(to, words::extract(size, (n, n), right));
        }
        let n = if bits < 32 {
            self.doubled(value)
        } else {
            self.reg(value)
        };
        let m = match self.ty(amount) {
            types::I128 => self.pair(amount).0,
            _ => self.reg(amount),
        };
        // Copies of a narrow value fill the register, so that amounts count modulo its own
        // width too: 8 and 16 divide 32.
        let m = if left {
            self.int_of(words::neg(Size::W, m))
        } else {
            m
        };
        self.put(to, words::binary(Binary::ROR, size, n, m));
    }

    /// A narrow value beside itself until 32 bits are full.
    fn doubled(&mut self, value: Value) -> Reg {
        let reg = self.reg(value);
        let insert = |ctx: &mut Self, reg: Reg, width: u8| {
            // `bfi reg, reg, #width, #width`.
            let to = ctx.int();
            let word = words::bitfield(Bitfield::BFM, Size::W, reg, 32 - width, width - 1);
            ctx.put_plain(word.over(to, reg));
            to
        };
        let reg = self.virtual_copy(reg);
        let reg = if self.ty(value) == types::I8 {
            insert(self, reg, 8)
        } else {
            reg
        };
        insert(self, reg, 16)
    }
}
