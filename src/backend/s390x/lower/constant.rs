//! Constants, and registers filled to 64 bits. Nothing here touches the condition code.

use cranelift_codegen::ir::{Type, types};
use regalloc2::RegClass;

use super::{Ctx, build};
use crate::backend::call::Fill;
use crate::backend::reg::Reg;
use crate::backend::s390x::abi;
use crate::backend::s390x::encode::{
    Element, FloatZero, Halfword, LogicalHalfword, Pair, UnsignedWord, Word,
};
use crate::backend::s390x::form::Form;
use crate::backend::s390x::inst::Inst;

/// Low 64 bits.
fn low(bits: u128) -> u64 {
    u64::try_from(bits & u128::from(u64::MAX)).expect("masked")
}

/// Puts a constant into a register.
pub fn constant(ctx: &mut Ctx<'_>, ty: Type, bits: u128) -> Reg {
    match abi::class(ty) {
        Some(RegClass::Int) => {
            let shift = 64 - ty.bits();
            integer(ctx, (low(bits) << shift).cast_signed() >> shift)
        }
        Some(RegClass::Float) => float(ctx, low(bits) << (64 - ty.bits())),
        _ => vector(ctx, bits),
    }
}

/// A number in 64 bits.
pub fn integer(ctx: &mut Ctx<'_>, number: i64) -> Reg {
    if let Ok(number) = i16::try_from(number) {
        return build::int(ctx, Form::Halfword(Halfword::Lghi, number), &[]);
    }
    let bits = number.cast_unsigned();
    let halfwords = [
        (48, LogicalHalfword::Llihh),
        (32, LogicalHalfword::Llihl),
        (16, LogicalHalfword::Llilh),
        (0, LogicalHalfword::Llill),
    ];
    for (shift, op) in halfwords {
        let part = bits >> shift & 0xffff;
        if part << shift == bits {
            let part = u16::try_from(part).expect("masked");
            return build::int(ctx, Form::LogicalHalfword(op, part), &[]);
        }
    }
    if let Ok(number) = i32::try_from(number) {
        return build::int(ctx, Form::Word(Word::Lgfi, number), &[]);
    }
    let half = |bits: u64| u32::try_from(bits & u64::from(u32::MAX)).expect("masked");
    let (left, right) = (half(bits >> 32), half(bits));
    if left == 0 {
        return build::int(ctx, Form::UnsignedWord(UnsignedWord::Llilf, right), &[]);
    }
    let high = build::int(ctx, Form::UnsignedWord(UnsignedWord::Llihf, left), &[]);
    if right == 0 {
        return high;
    }
    build::int(
        ctx,
        Form::UnsignedWordOver(UnsignedWord::Iilf, right),
        &[high],
    )
}

/// 64 bits in a floating-point register.
pub fn float(ctx: &mut Ctx<'_>, bits: u64) -> Reg {
    if bits == 0 {
        return build::float(ctx, Form::FloatZero(FloatZero::Lzdr), &[]);
    }
    let from = integer(ctx, bits.cast_signed());
    build::float(ctx, Form::Ldgr, &[from])
}

/// A vector, or anything else of 128 bits.
pub fn vector(ctx: &mut Ctx<'_>, bits: u128) -> Reg {
    if let Some(mask) = byte_mask(bits) {
        return build::vector(ctx, Form::Vgbm(mask), &[]);
    }
    if let Some((size, number)) = replicated(bits) {
        return build::vector(ctx, Form::Vrepi(size, number), &[]);
    }
    let to = ctx.temp(RegClass::Vector);
    ctx.isa(Inst::Constant { to, bits });
    to
}

/// The mask of its bytes, if each is all zeros or all ones.
fn byte_mask(bits: u128) -> Option<u16> {
    bits.to_be_bytes()
        .iter()
        .try_fold(0, |mask, byte| match byte {
            0 => Some(mask << 1),
            0xff => Some(mask << 1 | 1),
            _ => None,
        })
}

/// An element size and the signed halfword that all elements hold, if they do.
fn replicated(bits: u128) -> Option<(Element, i16)> {
    for &size in &Element::ALL[..4] {
        let width = 8_u32 << size.code();
        let shift = 128 - width;
        let first = (bits << shift).cast_signed() >> shift;
        let same = (0..u32::from(size.count()))
            .all(|n| (bits >> (n * width) << shift).cast_signed() >> shift == first);
        if let (true, Ok(number)) = (same, i16::try_from(first)) {
            return Some((size, number));
        }
    }
    None
}

/// A register with the bits above `fill`'s width filled.
pub fn fill(ctx: &mut Ctx<'_>, from: Reg, fill: Fill) -> Reg {
    let op = match fill {
        Fill::Zero(8) => Pair::Llgcr,
        Fill::Zero(16) => Pair::Llghr,
        Fill::Zero(32) => Pair::Llgfr,
        Fill::Sign(8) => Pair::Lgbr,
        Fill::Sign(16) => Pair::Lghr,
        Fill::Sign(32) => Pair::Lgfr,
        _ => return from,
    };
    build::int(ctx, Form::Pair(op), &[from])
}

/// An integer of type `ty` in all 64 bits.
pub fn extended(ctx: &mut Ctx<'_>, from: Reg, ty: Type, signed: bool) -> Reg {
    if ty == types::I64 {
        return from;
    }
    let bits = u8::try_from(ty.bits()).expect("at most 64");
    fill(
        ctx,
        from,
        if signed {
            Fill::Sign(bits)
        } else {
            Fill::Zero(bits)
        },
    )
}
