//! Shifts, rotations, counts of zeros and byte swaps of scalars.

use cranelift_codegen::ir::{Opcode, Type, Value, types};

use super::constant::extended;
use super::{Ctx, build};
use crate::backend::reg::Reg;
use crate::backend::s390x::encode::{
    AddHalfword, LogicalHalfword, Pair, RotateThen, Selection, Shift, Triple,
};
use crate::backend::s390x::form::Form;
use crate::backend::s390x::inst::Inst;

/// The and with so many ones at the right end.
pub fn low(bits: u64) -> Option<Form> {
    let ones = u8::try_from(bits.trailing_ones()).ok()?;
    if ones == 0 || ones == 64 || bits >> ones != 0 {
        return None;
    }
    let selection = Selection::new(64 - ones, 63, 0, true)?;
    Some(Form::Select(RotateThen::Risbgn, selection))
}

/// The register of a shift's amount, of whatever type.
fn amount(ctx: &mut Ctx<'_>, value: Value) -> Reg {
    if ctx.ty(value) == types::I128 {
        ctx.pair(value).0
    } else {
        ctx.reg(value)
    }
}

/// Lowers a shift.
pub fn shift(ctx: &mut Ctx<'_>, opcode: Opcode, ty: Type, to: Reg, [a, b]: [Value; 2]) {
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
    let form = low(u64::from(ty.bits()) - 1).expect("a width is a power of two above 1");
    build::int(ctx, form, &[amount])
}

/// Lowers a rotation of at least 32 bits.
pub fn rotate(ctx: &mut Ctx<'_>, opcode: Opcode, ty: Type, to: Reg, [a, b]: [Value; 2]) {
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

/// Lowers `clz`.
pub fn leading_zeros(ctx: &mut Ctx<'_>, ty: Type, to: Reg, value: Value) {
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
pub fn trailing_zeros(ctx: &mut Ctx<'_>, ty: Type, to: Reg, value: Value) {
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

/// Lowers `bswap`.
pub fn swap_bytes(ctx: &mut Ctx<'_>, ty: Type, to: Reg, a: Reg) {
    match ty {
        types::I64 => build::put(ctx, Form::Pair(Pair::Lrvgr), to, &[a]),
        types::I32 => build::put(ctx, Form::Pair(Pair::Lrvr), to, &[a]),
        _ => {
            let turned = build::int(ctx, Form::Pair(Pair::Lrvr), &[a]);
            build::put(ctx, Form::ShiftBy(Shift::Srlk, 16), to, &[turned]);
        }
    }
}
