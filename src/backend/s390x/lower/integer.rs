//! Scalar integers of at most 64 bits.
//!
//! Sums, products and bitwise operations are done on 64 bits whatever the type: their low bits do
//! not depend on the high ones.

use cranelift_codegen::ir::{Inst as ClifInst, Opcode, TrapCode, Type, Value, types};

use super::constant::{extended, integer};
use super::{Ctx, build, condition, control};
use crate::backend::reg::Reg;
use crate::backend::s390x::encode::*;
use crate::backend::s390x::form::Form;
use crate::backend::s390x::inst::{Inst, Test};

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
            divide(ctx, ty, to, opcode, [value(0), value(1)]);
        }
        Opcode::Ishl | Opcode::Ushr | Opcode::Sshr => {
            shift(ctx, opcode, ty, to, [value(0), value(1)]);
        }
        Opcode::Rotl | Opcode::Rotr if ty.bits() >= 32 => {
            rotate(ctx, opcode, ty, to, [value(0), value(1)]);
        }
        Opcode::Clz => leading_zeros(ctx, ty, to, value(0)),
        Opcode::Ctz => trailing_zeros(ctx, ty, to, value(0)),
        Opcode::Bswap => {
            let a = ctx.reg(value(0));
            swap_bytes(ctx, ty, to, a);
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
            overflow(ctx, inst, opcode, ty, [value(0), value(1)]);
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
    let bits = ctx.constant(value)?;
    // Of a type of 32 bits or less the left half of the register does not matter.
    let right = u32::try_from(bits).ok();
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
            let bits = u16::try_from(bits).ok()?;
            Some(Form::LogicalHalfwordOver(LogicalHalfword::Nill, bits))
        }
        Opcode::Band if ty.bits() == 32 => Some(Form::UnsignedWordOver(UnsignedWord::Nilf, right?)),
        Opcode::Band => low_bits(bits),
        Opcode::Bor => Some(Form::UnsignedWordOver(UnsignedWord::Oilf, right?)),
        Opcode::Bxor => Some(Form::UnsignedWordOver(UnsignedWord::Xilf, right?)),
        _ => None,
    }
}

/// The and with so many ones at the right end.
fn low_bits(bits: u64) -> Option<Form> {
    let ones = u8::try_from(bits.trailing_ones()).ok()?;
    if ones == 0 || ones == 64 || bits >> ones != 0 {
        return None;
    }
    let selection = Selection::new(64 - ones, 63, 0, true)?;
    Some(Form::Select(RotateThen::Risbgn, selection))
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

fn divide(ctx: &mut Ctx<'_>, ty: Type, to: Reg, opcode: Opcode, [a, b]: [Value; 2]) {
    let signed = matches!(opcode, Opcode::Sdiv | Opcode::Srem);
    let remainder = matches!(opcode, Opcode::Urem | Opcode::Srem);
    let known = ctx.signed_constant(b);
    if known.is_none_or(|number| number == 0) {
        control::trap_if_zero(ctx, b, TrapCode::INTEGER_DIVISION_BY_ZERO);
    }
    let may_overflow = signed && known.is_none_or(|number| number == -1);
    let [mut x, mut y] = [a, b].map(|value| ctx.reg(value));
    let bits = if ty == types::I64 { 64 } else { 32 };
    if ty.bits() < 32 {
        [x, y] = [x, y].map(|reg| extended(ctx, reg, ty, signed));
    }
    if may_overflow {
        y = avoid_overflow(ctx, ty, remainder, [x, y]);
    }
    ctx.isa(Inst::Divide {
        signed,
        bits,
        remainder,
        to,
        args: [x, y],
    });
}

/// The least integer divided by -1: a trap for the quotient; for the remainder, which is zero, the
/// divisor becomes 1.
fn avoid_overflow(ctx: &mut Ctx<'_>, ty: Type, remainder: bool, [x, y]: [Reg; 2]) -> Reg {
    let op = if ty == types::I64 {
        Halfword::Cghi
    } else {
        Halfword::Chi
    };
    if remainder {
        build::test(ctx, Test::Immediate(Form::HalfwordOver(op, -1), y));
        let one = Form::ConditionalLoad(ConditionalLoad::Locghi, Mask::EQUAL, 1);
        return build::int(ctx, one, &[y]);
    }
    // Both at once: x ^ least and y ^ -1 are zero together.
    let least = integer(ctx, i64::MIN >> (64 - ty.bits()));
    let other = build::int(ctx, Form::Triple(Triple::Xgrk), &[x, least]);
    let ones = integer(ctx, -1);
    let inverted = build::int(ctx, Form::Triple(Triple::Xgrk), &[y, ones]);
    let both = build::int(ctx, Form::Triple(Triple::Ogrk), &[other, inverted]);
    build::test(ctx, Test::Immediate(Form::HalfwordOver(op, 0), both));
    ctx.isa(Inst::TrapIf {
        mask: Mask::EQUAL,
        code: TrapCode::INTEGER_OVERFLOW,
    });
    y
}

/// The register of a shift's amount, of whatever type.
fn amount(ctx: &mut Ctx<'_>, value: Value) -> Reg {
    if ctx.ty(value) == types::I128 {
        ctx.pair(value).0
    } else {
        ctx.reg(value)
    }
}

fn shift(ctx: &mut Ctx<'_>, opcode: Opcode, ty: Type, to: Reg, [a, b]: [Value; 2]) {
    let a = ctx.reg(a);
    let narrow = ty.bits() < 32;
    let a = match opcode {
        Opcode::Ushr if narrow => extended(ctx, a, ty, false),
        Opcode::Sshr if narrow => extended(ctx, a, ty, true),
        _ => a,
    };
    let op = match (opcode, ty) {
        (Opcode::Ishl, _) => Shift::Sllg,
        (Opcode::Ushr, types::I64) => Shift::Srlg,
        (Opcode::Ushr, _) => Shift::Srlk,
        (_, types::I64) => Shift::Srag,
        _ => Shift::Srak,
    };
    if let Some(form) = by_constant(ctx, op, ty, b) {
        return build::put(ctx, form, to, &[a]);
    }
    let by = amount(ctx, b);
    // The machine takes six bits of the amount.
    let by = if ty == types::I64 {
        by
    } else {
        masked(ctx, ty, by)
    };
    build::put(ctx, Form::Shift(op), to, &[a, by]);
}

fn by_constant(ctx: &Ctx<'_>, op: Shift, ty: Type, amount: Value) -> Option<Form> {
    let number = ctx.constant(amount)? % u64::from(ty.bits());
    Some(Form::ShiftBy(op, u8::try_from(number).ok()?))
}

/// An amount modulo the type's width.
fn masked(ctx: &mut Ctx<'_>, ty: Type, amount: Reg) -> Reg {
    let form = low_bits(u64::from(ty.bits()) - 1).expect("a width is a power of two above 1");
    build::int(ctx, form, &[amount])
}

fn rotate(ctx: &mut Ctx<'_>, opcode: Opcode, ty: Type, to: Reg, [a, b]: [Value; 2]) {
    let op = if ty == types::I64 {
        Shift::Rllg
    } else {
        Shift::Rll
    };
    let right = opcode == Opcode::Rotr;
    let a = ctx.reg(a);
    if let Some(number) = ctx.constant(b) {
        let width = u64::from(ty.bits());
        let number = number % width;
        let number = if right {
            (width - number) % width
        } else {
            number
        };
        let number = u8::try_from(number).expect("below the width");
        return build::put(ctx, Form::ShiftBy(op, number), to, &[a]);
    }
    let by = amount(ctx, b);
    let by = if right {
        build::int(ctx, Form::Pair(Pair::Lcgr), &[by])
    } else {
        by
    };
    build::put(ctx, Form::Shift(op), to, &[a, by]);
}

fn leading_zeros(ctx: &mut Ctx<'_>, ty: Type, to: Reg, value: Value) {
    let from = ctx.reg(value);
    let wide = extended(ctx, from, ty, false);
    if ty == types::I64 {
        return ctx.isa(Inst::LeadingZeros { to, from: wide });
    }
    let count = ctx.temp_for(types::I64);
    ctx.isa(Inst::LeadingZeros {
        to: count,
        from: wide,
    });
    let more = i16::try_from(ty.bits()).expect("at most 32") - 64;
    build::put(
        ctx,
        Form::AddHalfword(AddHalfword::Aghik, more),
        to,
        &[count],
    );
}

/// 64 less the leading zeros of the ones below the rightmost one. A one is put above a narrow
/// type, so that there is one.
fn trailing_zeros(ctx: &mut Ctx<'_>, ty: Type, to: Reg, value: Value) {
    let from = ctx.reg(value);
    let from = match ty {
        types::I8 => {
            let form = Form::LogicalHalfwordOver(LogicalHalfword::Oill, 0x100);
            build::int(ctx, form, &[from])
        }
        types::I16 => {
            let form = Form::LogicalHalfwordOver(LogicalHalfword::Oilh, 1);
            build::int(ctx, form, &[from])
        }
        types::I32 => {
            let form = Form::LogicalHalfwordOver(LogicalHalfword::Oihl, 1);
            build::int(ctx, form, &[from])
        }
        _ => from,
    };
    let less = build::int(ctx, Form::AddHalfword(AddHalfword::Aghik, -1), &[from]);
    let common = build::int(ctx, Form::Triple(Triple::Ngrk), &[less, from]);
    let below = build::int(ctx, Form::Triple(Triple::Xgrk), &[less, common]);
    let zeros = ctx.temp_for(types::I64);
    ctx.isa(Inst::LeadingZeros {
        to: zeros,
        from: below,
    });
    let negative = build::int(ctx, Form::Pair(Pair::Lcgr), &[zeros]);
    build::put(
        ctx,
        Form::AddHalfword(AddHalfword::Aghik, 64),
        to,
        &[negative],
    );
}

fn swap_bytes(ctx: &mut Ctx<'_>, ty: Type, to: Reg, a: Reg) {
    match ty {
        types::I64 => build::put(ctx, Form::Pair(Pair::Lrvgr), to, &[a]),
        types::I32 => build::put(ctx, Form::Pair(Pair::Lrvr), to, &[a]),
        _ => {
            let turned = build::int(ctx, Form::Pair(Pair::Lrvr), &[a]);
            build::put(ctx, Form::ShiftBy(Shift::Srlk, 16), to, &[turned]);
        }
    }
}

/// A result and whether it overflowed.
fn overflow(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode, ty: Type, values: [Value; 2]) {
    use Opcode as O;
    let signed = matches!(opcode, O::SaddOverflow | O::SsubOverflow | O::SmulOverflow);
    let (to, bit) = (ctx.result(inst, 0), ctx.result(inst, 1));
    let registers = values.map(|value| ctx.reg(value));
    if ty != types::I64 {
        // Exact in 64 bits; it fits if extending its low bits gives it again.
        let wide = registers.map(|reg| extended(ctx, reg, ty, signed));
        let form = match opcode {
            O::UaddOverflow | O::SaddOverflow => Form::Triple(Triple::Agrk),
            O::UsubOverflow | O::SsubOverflow => Form::Triple(Triple::Sgrk),
            _ => Form::PairOver(Pair::Msgr),
        };
        build::put(ctx, form, to, &wide);
        let again = extended(ctx, to, ty, signed);
        build::test(ctx, Test::Pair(Form::PairOver(Pair::Cgr), to, again));
        return condition::set(ctx, bit, Mask::NOT_EQUAL);
    }
    let (form, mask) = match opcode {
        O::UaddOverflow => (Form::Triple(Triple::Algrk), 3),
        O::UsubOverflow => (Form::Triple(Triple::Slgrk), 4),
        O::SaddOverflow => (Form::Triple(Triple::Agrk), 1),
        O::SsubOverflow => (Form::Triple(Triple::Sgrk), 1),
        O::SmulOverflow => (Form::Triple(Triple::Msgrkc), 1),
        _ => {
            let high = ctx.temp_for(types::I64);
            ctx.isa(Inst::MultiplyWide {
                signed: false,
                to: [high, to],
                args: registers,
            });
            build::test(
                ctx,
                Test::Immediate(Form::HalfwordOver(Halfword::Cghi, 0), high),
            );
            return condition::set(ctx, bit, Mask::NOT_EQUAL);
        }
    };
    build::put(ctx, form, to, &registers);
    condition::set(ctx, bit, Mask::new(mask).expect("four bits"));
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
