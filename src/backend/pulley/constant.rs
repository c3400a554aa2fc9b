//! Constants in as few bytes as they take.

use cranelift_codegen::ir::{Type, types};
use pulley_interpreter::encode;

use super::Pulley;
use super::encode::{Put, f, fields, unary, v, x};
use super::inst::Inst;
use crate::backend::lower::Lower;
use crate::backend::reg::Reg;

/// An integer's low bits, sign-extended: what is above them is anyone's.
fn signed(ty: Type, bits: u128) -> i128 {
    let shift = 128 - ty.bits();
    (bits << shift).cast_signed() >> shift
}

fn integer(value: i128) -> Put {
    if value == 0 {
        fields!(xzero, x)
    } else if value == 1 {
        fields!(xone, x)
    } else if i8::try_from(value).is_ok() {
        fields!(xconst8, x; i8)
    } else if i16::try_from(value).is_ok() {
        fields!(xconst16, x; i16)
    } else if i32::try_from(value).is_ok() {
        fields!(xconst32, x; i32)
    } else {
        fields!(xconst64, x; i64)
    }
}

/// The narrowest lane whose repetition the vector is, and its bits.
fn repeated(bits: u128) -> Option<(Type, u128, Put)> {
    let halves = |bits: u128, width: u32| {
        let mask = (1u128 << width) - 1;
        (bits >> width == bits & mask).then_some(bits & mask)
    };
    let double = halves(bits, 64)?;
    let Some(word) = halves(double, 32) else {
        return Some((types::I64, double, unary!(vsplatx64, v, x)));
    };
    let Some(half) = halves(word, 16) else {
        return Some((types::I32, word, unary!(vsplatx32, v, x)));
    };
    Some(match halves(half, 8) {
        None => (types::I16, half, unary!(vsplatx16, v, x)),
        Some(byte) => (types::I8, byte, unary!(vsplatx8, v, x)),
    })
}

/// Puts a constant into a new register.
pub fn constant(ctx: &mut Lower<Pulley>, ty: Type, bits: u128) -> Reg {
    let to = ctx.temp_for(ty);
    if ty.is_int() {
        let value = signed(ty, bits);
        ctx.isa(Inst::with(integer(value), vec![to], value));
        return to;
    }
    let from_integer = match ty {
        types::F32 if bits == 0 => Some((types::I32, 0, unary!(bitcast_float_from_int_32, f, x))),
        types::F64 if bits == 0 => Some((types::I64, 0, unary!(bitcast_float_from_int_64, f, x))),
        types::F32 | types::F64 => None,
        _ => repeated(bits),
    };
    if let Some((int, bits, put)) = from_integer {
        let from = constant(ctx, int, bits);
        ctx.isa(Inst::plain(put, vec![to, from]));
        return to;
    }
    let put = match ty {
        types::F32 => fields!(fconst32, f; u32),
        types::F64 => fields!(fconst64, f; u64),
        _ => fields!(vconst128, v; bits),
    };
    ctx.isa(Inst::with(put, vec![to], bits.cast_signed()));
    to
}
