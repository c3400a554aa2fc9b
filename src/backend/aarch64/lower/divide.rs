//! Divisions, and upper halves of products.

use cranelift_codegen::ir::{Opcode, TrapCode, Value, types};

use super::super::encode::{
    Binary, Cond, CondCompare, MulAdd, Shift, Size, WideMul, cond_compare_imm,
};
use super::super::inst::{EMPTY, Inst, Test};
use super::{Ctx, size_of, words};
use crate::backend::reg::Reg;

impl Ctx<'_> {
    pub(super) fn multiply_high(&mut self, to: Reg, signed: bool, [a, b]: [Value; 2]) {
        let ty = self.ty(a);
        if ty == types::I64 {
            let (n, m) = (self.reg(a), self.reg(b));
            let op = if signed {
                WideMul::SMULH
            } else {
                WideMul::UMULH
            };
            return self.put(to, words::wide_mul(op, n, m));
        }
        let (n, m) = (self.extended(a, signed), self.extended(b, signed));
        let bits = u8::try_from(ty.bits()).expect("at most 32");
        let (product, size) = if ty == types::I32 {
            let op = if signed {
                WideMul::SMULL
            } else {
                WideMul::UMULL
            };
            (words::wide_mul(op, n, m), Size::X)
        } else {
            (words::mul(Size::W, n, m), Size::W)
        };
        let product = self.int_of(product);
        self.put(to, words::shift(Shift::Lsr, size, product, bits));
    }

    pub(super) fn divide(&mut self, to: Reg, opcode: Opcode, [a, b]: [Value; 2]) {
        let ty = self.ty(a);
        let size = size_of(ty);
        let signed = matches!(opcode, Opcode::Sdiv | Opcode::Srem);
        let (n, m) = (self.extended(a, signed), self.extended(b, signed));
        let divisor = self.signed_constant(b);
        if divisor.is_none_or(|divisor| divisor == 0) {
            let m = self.virtual_copy(m);
            let (test, code) = (Test::Zero(size, m), TrapCode::INTEGER_DIVISION_BY_ZERO);
            self.isa(Inst::TrapIf { test, code });
        }
        if opcode == Opcode::Sdiv && divisor.is_none_or(|divisor| divisor == -1) {
            // V is set by least - 1 alone; where the divisor is not -1 it is cleared.
            let compare = words::compare_negative(size, m, 1);
            self.put_plain(compare.expect("one fits"));
            let narrow = 32u8.saturating_sub(u8::try_from(ty.bits()).expect("at most 64"));
            let top = match narrow {
                0 => n,
                narrow => self.int_of(words::shift(Shift::Lsl, Size::W, n, narrow)),
            };
            let form = cond_compare_imm(CondCompare::CCMP, size, (EMPTY, 1), 0, Cond::Eq);
            self.put_plain(words::fits(form).n(top));
            let (test, code) = (Test::Flags(Cond::Vs), TrapCode::INTEGER_OVERFLOW);
            self.isa(Inst::TrapIf { test, code });
        }
        let op = if signed { Binary::SDIV } else { Binary::UDIV };
        if matches!(opcode, Opcode::Sdiv | Opcode::Udiv) {
            return self.put(to, words::binary(op, size, n, m));
        }
        let quotient = self.int_of(words::binary(op, size, n, m));
        self.put(to, words::mul_add(MulAdd::MSUB, size, (quotient, m), n));
    }
}
