//! Constants: in instructions where they fit, else out of memory behind the code.

use cranelift_codegen::ir::{Type, types};
use regalloc2::RegClass;

use super::super::encode::{Literal, MoveBits, VecImm, float_imm, float_imm8, vec_imm};
use super::super::inst::{EMPTY, Inst, word};
use super::super::registers::ZR;
use super::{Ctx, float_size, words};
use crate::backend::reg::Reg;

/// A constant in a new register.
pub fn constant(ctx: &mut Ctx<'_>, ty: Type, bits: u128) -> Reg {
    let low = u64::try_from(bits & u128::from(u64::MAX)).expect("masked");
    if super::super::abi::class(ty) == Some(RegClass::Int) {
        return ctx.number(low);
    }
    if bits == 0 {
        return ctx.vec_of(word(vec_imm(VecImm::MOVI_D, EMPTY, 0)));
    }
    if let Some(size) = float_size(ty) {
        let wide = match ty {
            types::F32 => {
                let bits = u32::try_from(low).expect("32 bits are set at most");
                f64::from(f32::from_bits(bits)).to_bits()
            }
            _ => low,
        };
        if let Some(imm8) = float_imm8(wide) {
            return ctx.vec_of(word(float_imm(size, EMPTY, imm8)));
        }
        // A zero below: one move of 16 bits and one between the files.
        if low.trailing_zeros() >= 48 {
            let number = ctx.number(low);
            return ctx.vec_of(words::move_bits(MoveBits::D_FROM_X, number));
        }
        if ty == types::F32 && low.trailing_zeros() >= 16 {
            let number = ctx.number(low);
            return ctx.vec_of(words::move_bits(MoveBits::S_FROM_W, number));
        }
    }
    if ty.bits() == 128 {
        return vector(ctx, bits);
    }
    let (op, bytes) = match ty {
        types::F64 => (Literal::LDR_D, 8),
        _ => (Literal::LDR_S, 4),
    };
    pool(ctx, op, &bits.to_le_bytes()[..bytes])
}

/// A vector in a new register.
pub fn vector(ctx: &mut Ctx<'_>, bits: u128) -> Reg {
    let bytes = bits.to_le_bytes();
    if bytes.iter().all(|byte| *byte == bytes[0]) {
        return ctx.vec_of(word(vec_imm(VecImm::MOVI_B, EMPTY, bytes[0])));
    }
    pool(ctx, Literal::LDR_Q, &bytes)
}

fn pool(ctx: &mut Ctx<'_>, op: Literal, bytes: &[u8]) -> Reg {
    let to = ctx.vec();
    ctx.isa(Inst::Pool {
        op,
        to,
        bytes: bytes.to_vec(),
    });
    to
}

impl crate::backend::lower::Lower<'_, super::Aarch64> {
    /// A value in a register, which is the zero register for a zero: for instructions that do
    /// not take number 31 as the stack pointer.
    pub(super) fn reg_or_zero(&mut self, value: cranelift_codegen::ir::Value) -> Reg {
        if self.constant(value) == Some(0) && self.ty(value).is_int() {
            return ZR;
        }
        self.reg(value)
    }
}
