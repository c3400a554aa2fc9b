//! Bits counted and reversed, bytes reversed.

use cranelift_codegen::ir::{Opcode, Value, types};

use super::super::encode::{
    Across, Alu, Lanes, LogicImm, MoveBits, Shift, Unary, VecUnary, extract_unsigned,
};
use super::super::inst::EMPTY;
use super::{Ctx, size_of, words};
use crate::backend::reg::Reg;

impl Ctx<'_> {
    /// Bits counted, reversed, and bytes reversed.
    pub(super) fn bits(&mut self, to: Reg, opcode: Opcode, value: Value) {
        let ty = self.ty(value);
        let size = size_of(ty);
        let narrow = 32u32.saturating_sub(ty.bits());
        let above = u8::try_from(narrow).expect("at most 24");
        match opcode {
            Opcode::Clz if narrow == 0 => {
                let n = self.reg(value);
                self.put(to, words::unary(Unary::CLZ, size, n));
            }
            Opcode::Clz => {
                let n = self.extended(value, false);
                let count = self.int_of(words::unary(Unary::CLZ, size, n));
                let word = words::alu_imm(Alu::SUB, size, count, narrow.into());
                self.put(to, word.expect("a small number"));
            }
            Opcode::Cls => {
                let n = self.extended(value, true);
                let count = self.int_of(words::unary(Unary::CLS, size, n));
                let word = words::alu_imm(Alu::SUB, size, count, narrow.into());
                self.put(to, word.expect("a small number"));
            }
            Opcode::Ctz => {
                let n = self.reg(value);
                let n = match narrow {
                    0 => n,
                    // A bit behind the last one, where the count ends.
                    _ => {
                        let end = 1u64 << ty.bits();
                        let word = words::logic_imm(LogicImm::ORR, size, n, end);
                        self.int_of(word.expect("a single bit"))
                    }
                };
                let reversed = self.int_of(words::unary(Unary::RBIT, size, n));
                self.put(to, words::unary(Unary::CLZ, size, reversed));
            }
            _ => {
                let op = if opcode == Opcode::Bswap {
                    Unary::REV
                } else {
                    Unary::RBIT
                };
                let n = self.reg(value);
                if narrow == 0 {
                    return self.put(to, words::unary(op, size, n));
                }
                let reversed = self.int_of(words::unary(op, size, n));
                self.put(to, words::shift(Shift::Lsr, size, reversed, above));
            }
        }
    }

    /// Ones are counted in bytes of a vector register, then added up.
    pub(super) fn popcnt(&mut self, to: Reg, value: Value) {
        let ty = self.ty(value);
        let n = self.extended(value, false);
        let op = if ty == types::I64 {
            MoveBits::D_FROM_X
        } else {
            MoveBits::S_FROM_W
        };
        let bits = self.vec_of(words::move_bits(op, n));
        let counts = words::vec_unary(VecUnary::CNT, Lanes::B8, bits);
        let counts = self.vec_of(counts.expect("bytes are counted"));
        let sum = match ty {
            types::I8 => counts,
            _ => self.vec_of(words::across(Across::ADDV, Lanes::B8, counts)),
        };
        self.put(to, words::fits(extract_unsigned(0, EMPTY, EMPTY, 0)).n(sum));
    }
}
