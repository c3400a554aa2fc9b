//! Float operations from bit operations and comparisons.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{InstBuilder, Opcode, Type, Value};

use super::{Replacement, Site, little};

/// Expands what belongs here.
pub fn expand(s: &mut Site<'_, '_>) -> Option<Replacement> {
    let operand = *s.args.first()?;
    let ty = s.ty_of(operand);
    if !ty.lane_type().is_float() || ty.lane_bits() > 64 || ty.lane_bits() < 32 {
        return None;
    }
    let value = match s.opcode {
        Opcode::Fneg | Opcode::Fabs | Opcode::Fcopysign => signs(s, ty),
        Opcode::Fmin | Opcode::Fmax if !ty.is_vector() => extreme(s, ty),
        _ => return None,
    };
    Some(value.into())
}

/// The bits as an integer or a vector of them.
fn to_bits(s: &mut Site<'_, '_>, value: Value, ty: Type) -> Value {
    s.ins().bitcast(ty.as_int(), little(), value)
}

fn signs(s: &mut Site<'_, '_>, ty: Type) -> Value {
    let operand = s.args[0];
    let int = ty.as_int();
    let bits = to_bits(s, operand, ty);
    let sign = i64::MIN >> (64 - ty.lane_bits());
    let sign_bits = s.all(int, sign);
    let result = match s.opcode {
        Opcode::Fneg => s.ins().bxor(bits, sign_bits),
        Opcode::Fabs => {
            let rest = s.all(int, !sign);
            s.ins().band(bits, rest)
        }
        _ => {
            let other = to_bits(s, s.args[1], ty);
            let rest = s.all(int, !sign);
            let magnitude = s.ins().band(bits, rest);
            let sign = s.ins().band(other, sign_bits);
            s.ins().bor(magnitude, sign)
        }
    };
    s.ins().bitcast(ty, little(), result)
}

/// CLIF's minimum and maximum: NaN if either is, and negative zero below positive zero.
fn extreme(s: &mut Site<'_, '_>, ty: Type) -> Value {
    let (a, b) = (s.args[0], s.args[1]);
    let (a_bits, b_bits) = (to_bits(s, a, ty), to_bits(s, b, ty));
    // Equal operands are the same number, or zeros whose signs are joined.
    let (first, equal) = if s.opcode == Opcode::Fmin {
        (FloatCC::LessThan, s.ins().bor(a_bits, b_bits))
    } else {
        (FloatCC::GreaterThan, s.ins().band(a_bits, b_bits))
    };
    let equal = s.ins().bitcast(ty, little(), equal);
    // A NaN operand makes the sum one.
    let sum = s.ins().fadd(a, b);
    let is_nan = s.ins().fcmp(FloatCC::Unordered, a, b);
    let is_a = s.ins().fcmp(first, a, b);
    let is_b = s.ins().fcmp(first, b, a);
    let result = s.ins().select(is_nan, sum, equal);
    let result = s.ins().select(is_b, b, result);
    s.ins().select(is_a, a, result)
}
