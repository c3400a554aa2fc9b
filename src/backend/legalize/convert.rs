//! Conversions between integers and floats, reduced to those between `i64` or `i32` and floats.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstBuilder, Opcode, TrapCode, Type, Value, types};

use super::{Replacement, Site};

/// Expands what belongs here.
pub fn expand(s: &mut Site<'_, '_>) -> Option<Replacement> {
    let operand = *s.args.first()?;
    let result = s.result_ty_if_any()?;
    if result.is_vector() || s.ty_of(operand).is_vector() {
        return None;
    }
    let value = match s.opcode {
        Opcode::FcvtFromUint => from_unsigned(s, operand, result)?,
        Opcode::FcvtFromSint if s.ty_of(operand) == types::I32 => {
            let wide = s.ins().sextend(types::I64, operand);
            s.ins().fcvt_from_sint(result, wide)
        }
        Opcode::FcvtToSintSat => to_signed(s, operand, result)?,
        Opcode::FcvtToUintSat => to_unsigned(s, operand, result)?,
        Opcode::FcvtToSint | Opcode::FcvtToUint => checked(s, operand, result)?,
        _ => return None,
    };
    Some(value.into())
}

fn from_unsigned(s: &mut Site<'_, '_>, operand: Value, to: Type) -> Option<Value> {
    match s.ty_of(operand) {
        types::I32 => {
            let wide = s.ins().uextend(types::I64, operand);
            Some(s.ins().fcvt_from_sint(to, wide))
        }
        types::I64 => {
            // Beyond 63 bits: half of it, with the lowest bit kept sticky for the rounding.
            let direct = s.ins().fcvt_from_sint(to, operand);
            let one = s.int(types::I64, 1);
            let sticky = s.ins().band(operand, one);
            let half = s.ins().ushr(operand, one);
            let half = s.ins().bor(half, sticky);
            let half = s.ins().fcvt_from_sint(to, half);
            let doubled = s.ins().fadd(half, half);
            let all = s.int(types::I64, 63);
            let is_large = s.ins().ushr(operand, all);
            Some(s.ins().select(is_large, doubled, direct))
        }
        _ => None,
    }
}

/// Narrow saturating conversions clamp a wider one.
fn to_signed(s: &mut Site<'_, '_>, operand: Value, to: Type) -> Option<Value> {
    if to.bits() >= 64 {
        return None;
    }
    let wide = s.ins().fcvt_to_sint_sat(types::I64, operand);
    let shift = 64 - to.bits();
    let least = s.int(types::I64, i64::MIN >> shift);
    let most = s.int(types::I64, i64::MAX >> shift);
    let value = s.ins().smax(wide, least);
    let value = s.ins().smin(value, most);
    Some(s.ins().ireduce(to, value))
}

fn float_constant(s: &mut Site<'_, '_>, ty: Type, value: f64) -> Option<Value> {
    match ty {
        types::F64 => Some(s.ins().f64const(value)),
        // Only powers of two come here, and they are exact.
        types::F32 => {
            let narrow = cranelift_codegen::ir::immediates::Ieee32::with_float(narrowed(value));
            Some(s.ins().f32const(narrow))
        }
        _ => None,
    }
}

/// A power of two, or one more or less than it where `f32` has that, as an `f32`.
#[expect(
    clippy::as_conversions,
    reason = "there is no `TryFrom` between floats"
)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the values are exact in both types"
)]
fn narrowed(value: f64) -> f32 {
    value as f32
}

fn to_unsigned(s: &mut Site<'_, '_>, operand: Value, to: Type) -> Option<Value> {
    let zero = s.int(types::I64, 0);
    if to.bits() < 64 {
        let wide = s.ins().fcvt_to_sint_sat(types::I64, operand);
        let most = s.int(types::I64, i64::MAX >> (63 - to.bits()));
        let value = s.ins().smax(wide, zero);
        let value = s.ins().smin(value, most);
        return Some(s.ins().ireduce(to, value));
    }
    // The upper half of the range is moved into the lower one and back.
    let ty = s.ty_of(operand);
    let half = float_constant(s, ty, 9_223_372_036_854_775_808.0)?;
    let direct = s.ins().fcvt_to_sint_sat(types::I64, operand);
    let direct = s.ins().smax(direct, zero);
    let moved = s.ins().fsub(operand, half);
    let moved = s.ins().fcvt_to_sint_sat(types::I64, moved);
    let top = s.int(types::I64, i64::MIN);
    let moved = s.ins().bxor(moved, top);
    let is_low = s.ins().fcmp(FloatCC::UnorderedOrLessThan, operand, half);
    Some(s.ins().select(is_low, direct, moved))
}

/// Conversions that trap on NaN and out of range, from saturating ones.
fn checked(s: &mut Site<'_, '_>, operand: Value, to: Type) -> Option<Value> {
    let ty = s.ty_of(operand);
    if to.bits() > 64 || ty.bits() > 64 || ty.bits() < 32 {
        return None;
    }
    let signed = s.opcode == Opcode::FcvtToSint;
    let is_nan = s.ins().fcmp(FloatCC::Unordered, operand, operand);
    s.ins().trapnz(is_nan, TrapCode::BAD_CONVERSION_TO_INTEGER);
    let bits = i32::try_from(to.bits()).expect("at most 64");
    let above = 2f64.powi(if signed { bits - 1 } else { bits });
    // Truncation brings what lies above `least - 1` into range. Where the type is too coarse
    // to tell `least - 1` from `least`, nothing lies between them.
    let least = if signed { -above } else { 0.0 };
    let precision = if ty == types::F32 { 24 } else { 53 };
    let is_fine = !signed || bits - 1 < precision;
    let (bound, too_low) = if is_fine {
        (least - 1.0, FloatCC::LessThanOrEqual)
    } else {
        (least, FloatCC::LessThan)
    };
    let bound = float_constant(s, ty, bound)?;
    let is_low = s.ins().fcmp(too_low, operand, bound);
    s.ins().trapnz(is_low, TrapCode::INTEGER_OVERFLOW);
    let above = float_constant(s, ty, above)?;
    let is_high = s.ins().fcmp(FloatCC::GreaterThanOrEqual, operand, above);
    s.ins().trapnz(is_high, TrapCode::INTEGER_OVERFLOW);
    Some(if signed {
        s.ins().fcvt_to_sint_sat(to, operand)
    } else {
        s.ins().fcvt_to_uint_sat(to, operand)
    })
}
