//! Scalar integers of at most 64 bits.
//!
//! Sums, products and bitwise operations are done on 64 bits whatever the type: their low bits do
//! not depend on the high ones.

use cranelift_codegen::ir::{Inst as ClifInst, Opcode, Type, Value, types};

use super::constant::{extended, integer};
use super::{Ctx, bits, build, condition, divide, overflow};
use crate::backend::reg::Reg;
use crate::backend::s390x::encode::*;
use crate::backend::s390x::form::Form;
use crate::backend::s390x::inst::Inst;

/// Lowers one.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
    if !ty.is_int() || ty.bits() > 64 {
        return false;
    }
    let args = ctx.args(inst).to_vec();
    let value = |n: usize| args[n];
    let to = ctx.result(inst, 0);
    match opcode {
        Opcode::Iadd | Opcode::Isub | Opcode::Imul | Opcode::Band | Opcode::Bor | Opcode::Bxor => {
            binary(ctx, opcode, ty, to, [value(0), value(1)]);
        }
        Opcode::Ineg => unary(ctx, Pair::Lcgr, to, value(0)),
        Opcode::Iabs => {
            let a = ctx.reg(value(0));
            let a = extended(ctx, a, ty, true);
            build::put(ctx, Form::Pair(Pair::Lpgr), to, &[a]);
        }
        Opcode::Bnot => {
            let a = ctx.reg(value(0));
            not(ctx, ty, to, a);
        }
        Opcode::Bitselect => {
            let [c, a, b] = [0, 1, 2].map(|n| ctx.reg(args[n]));
            // b ^ ((a ^ b) & c)
            let differ = build::int(ctx, Form::Triple(Triple::Xgrk), &[a, b]);
            let taken = build::int(ctx, Form::Triple(Triple::Ngrk), &[differ, c]);
            build::put(ctx, Form::Triple(Triple::Xgrk), to, &[taken, b]);
        }
        Opcode::Smin => extreme(ctx, ty, to, (true, Mask::LOW), &args),
        Opcode::Umin => extreme(ctx, ty, to, (false, Mask::LOW), &args),
        Opcode::Smax => extreme(ctx, ty, to, (true, Mask::HIGH), &args),
        Opcode::Umax => extreme(ctx, ty, to, (false, Mask::HIGH), &args),
        Opcode::Umulhi | Opcode::Smulhi => {
            multiply_high(ctx, ty, to, opcode == Opcode::Smulhi, &args);
        }
        Opcode::Udiv | Opcode::Urem | Opcode::Sdiv | Opcode::Srem => {
            divide::divide(ctx, ty, to, opcode, [value(0), value(1)]);
        }
        Opcode::Ishl | Opcode::Ushr | Opcode::Sshr => {
            bits::shift(ctx, opcode, ty, to, [value(0), value(1)]);
        }
        Opcode::Rotl | Opcode::Rotr if ty.bits() >= 32 => {
            bits::rotate(ctx, opcode, ty, to, [value(0), value(1)]);
        }
        Opcode::Clz => bits::leading_zeros(ctx, ty, to, value(0)),
        Opcode::Ctz => bits::trailing_zeros(ctx, ty, to, value(0)),
        Opcode::Bswap => {
            let a = ctx.reg(value(0));
            bits::swap_bytes(ctx, ty, to, a);
        }
        Opcode::Uextend | Opcode::Sextend => {
            let from = ctx.reg(value(0));
            let from_ty = ctx.ty(value(0));
            let wide = extended(ctx, from, from_ty, opcode == Opcode::Sextend);
            build::copy(ctx, to, wide);
        }
        Opcode::UaddOverflow
        | Opcode::UsubOverflow
        | Opcode::SaddOverflow
        | Opcode::SsubOverflow
        | Opcode::UmulOverflow
        | Opcode::SmulOverflow => {
            overflow::overflow(ctx, inst, opcode, ty, [value(0), value(1)]);
        }
        _ => return false,
    }
    true
}

fn unary(ctx: &mut Ctx<'_>, op: Pair, to: Reg, value: Value) {
    let a = ctx.reg(value);
    build::put(ctx, Form::Pair(op), to, &[a]);
}

fn binary(ctx: &mut Ctx<'_>, opcode: Opcode, ty: Type, to: Reg, [a, b]: [Value; 2]) {
    if let Some(form) = immediate(ctx, opcode, ty, b) {
        let a = ctx.reg(a);
        return build::put(ctx, form, to, &[a]);
    }
    let [a, b] = [a, b].map(|value| ctx.reg(value));
    let form = match opcode {
        Opcode::Iadd => Form::Triple(Triple::Agrk),
        Opcode::Isub => Form::Triple(Triple::Sgrk),
        Opcode::Band => Form::Triple(Triple::Ngrk),
        Opcode::Bor => Form::Triple(Triple::Ogrk),
        Opcode::Bxor => Form::Triple(Triple::Xgrk),
        _ => Form::PairOver(Pair::Msgr),
    };
    build::put(ctx, form, to, &[a, b]);
}

/// The operation with a constant on its right, if `value` is one that fits.
fn immediate(ctx: &Ctx<'_>, opcode: Opcode, ty: Type, value: Value) -> Option<Form> {
    let number = ctx.signed_constant(value)?;
    let word = i32::try_from(number).ok();
    let halfword = i16::try_from(number).ok();
    let known = ctx.constant(value)?;
    // Of a type of 32 bits or less the left half of the register does not matter.
    let right = u32::try_from(known).ok();
    match opcode {
        Opcode::Iadd => match halfword {
            Some(number) => Some(Form::AddHalfword(AddHalfword::Aghik, number)),
            None => word.map(|number| Form::WordOver(Word::Agfi, number)),
        },
        Opcode::Isub => {
            let negative = number.checked_neg()?;
            match i16::try_from(negative) {
                Ok(number) => Some(Form::AddHalfword(AddHalfword::Aghik, number)),
                Err(_) => {
                    let number = i32::try_from(negative).ok()?;
                    Some(Form::WordOver(Word::Agfi, number))
                }
            }
        }
        Opcode::Imul => match halfword {
            Some(number) => Some(Form::HalfwordOver(Halfword::Mghi, number)),
            None => word.map(|number| Form::WordOver(Word::Msgfi, number)),
        },
        Opcode::Band if ty.bits() <= 16 => {
            let bits = u16::try_from(known).ok()?;
            Some(Form::LogicalHalfwordOver(LogicalHalfword::Nill, bits))
        }
        Opcode::Band if ty.bits() == 32 => Some(Form::UnsignedWordOver(UnsignedWord::Nilf, right?)),
        Opcode::Band => bits::low(known),
        Opcode::Bor => Some(Form::UnsignedWordOver(UnsignedWord::Oilf, right?)),
        Opcode::Bxor => Some(Form::UnsignedWordOver(UnsignedWord::Xilf, right?)),
        _ => None,
    }
}

/// All bits inverted.
pub fn not(ctx: &mut Ctx<'_>, ty: Type, to: Reg, a: Reg) {
    if ty.bits() <= 32 {
        let form = Form::UnsignedWordOver(UnsignedWord::Xilf, u32::MAX);
        return build::put(ctx, form, to, &[a]);
    }
    let ones = integer(ctx, -1);
    build::put(ctx, Form::Triple(Triple::Xgrk), to, &[a, ones]);
}

fn extreme(ctx: &mut Ctx<'_>, ty: Type, to: Reg, (signed, mask): (bool, Mask), args: &[Value]) {
    let (a, b) = (ctx.reg(args[0]), ctx.reg(args[1]));
    condition::compare_registers(ctx, ty, signed, [a, b]);
    build::put(
        ctx,
        Form::ConditionalCopy(ConditionalCopy::Locgr, mask),
        to,
        &[b, a],
    );
}

fn multiply_high(ctx: &mut Ctx<'_>, ty: Type, to: Reg, signed: bool, args: &[Value]) {
    let [a, b] = [0, 1].map(|n| ctx.reg(args[n]));
    if ty == types::I64 {
        let low = ctx.temp_for(types::I64);
        ctx.isa(Inst::MultiplyWide {
            signed,
            to: [to, low],
            args: [a, b],
        });
        return;
    }
    let [a, b] = [a, b].map(|reg| extended(ctx, reg, ty, signed));
    let product = build::int(ctx, Form::PairOver(Pair::Msgr), &[a, b]);
    let bits = u8::try_from(ty.bits()).expect("at most 32");
    build::put(ctx, Form::ShiftBy(Shift::Srlg, bits), to, &[product]);
}

/// Which of the operations here there are for a type of at most 64 bits.
pub fn covers(opcode: Opcode, ty: Type) -> bool {
    use Opcode as O;
    match opcode {
        O::Iadd
        | O::Isub
        | O::Imul
        | O::Band
        | O::Bor
        | O::Bxor
        | O::Ineg
        | O::Iabs
        | O::Bnot
        | O::Bitselect
        | O::Smin
        | O::Umin
        | O::Smax
        | O::Umax
        | O::Umulhi
        | O::Smulhi
        | O::Udiv
        | O::Urem
        | O::Sdiv
        | O::Srem
        | O::Ishl
        | O::Ushr
        | O::Sshr
        | O::Clz
        | O::Ctz
        | O::Bswap
        | O::Uextend
        | O::Sextend
        | O::UaddOverflow
        | O::UsubOverflow
        | O::SaddOverflow
        | O::SsubOverflow
        | O::UmulOverflow
        | O::SmulOverflow => true,
        O::Rotl | O::Rotr => ty.bits() >= 32,
        _ => false,
    }
}
