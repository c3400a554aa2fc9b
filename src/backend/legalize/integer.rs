//! Rarer operations on scalar integers of any width from commoner ones.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, InstructionData, Opcode, Type, Value, types};

use super::{Replacement, Site};

/// Expands what belongs here.
pub fn expand(s: &mut Site<'_, '_>) -> Option<Replacement> {
    let ty = s.args.first().map(|&arg| s.ty_of(arg))?;
    if ty.is_vector() || !ty.is_int() {
        return None;
    }
    let args = s.args.clone();
    let value = match s.opcode {
        Opcode::Ineg => {
            let zero = constant(s, ty, 0);
            s.ins().isub(zero, args[0])
        }
        Opcode::Bnot => {
            let ones = constant(s, ty, -1);
            s.ins().bxor(args[0], ones)
        }
        Opcode::Iabs => {
            let sign = s.int(types::I32, i64::from(ty.bits()) - 1);
            let sign = s.ins().sshr(args[0], sign);
            let flipped = s.ins().bxor(args[0], sign);
            s.ins().isub(flipped, sign)
        }
        Opcode::Smin => pick(s, IntCC::SignedLessThan),
        Opcode::Smax => pick(s, IntCC::SignedGreaterThan),
        Opcode::Umin => pick(s, IntCC::UnsignedLessThan),
        Opcode::Umax => pick(s, IntCC::UnsignedGreaterThan),
        Opcode::Bitselect => {
            let chosen = s.ins().band(args[1], args[0]);
            let not = s.ins().bnot(args[0]);
            let other = s.ins().band(args[2], not);
            s.ins().bor(chosen, other)
        }
        Opcode::Bmask => {
            let to = s.result_ty();
            if to == types::I128 {
                return None;
            }
            let zero = constant(s, ty, 0);
            let any = s.ins().icmp(IntCC::NotEqual, args[0], zero);
            let any = if to == types::I8 {
                any
            } else {
                s.ins().uextend(to, any)
            };
            s.ins().ineg(any)
        }
        Opcode::UaddOverflow => {
            let sum = s.ins().iadd(args[0], args[1]);
            let over = s.ins().icmp(IntCC::UnsignedLessThan, sum, args[0]);
            return Some(Replacement::Values(vec![sum, over]));
        }
        Opcode::UsubOverflow => {
            let difference = s.ins().isub(args[0], args[1]);
            let over = s.ins().icmp(IntCC::UnsignedLessThan, args[0], args[1]);
            return Some(Replacement::Values(vec![difference, over]));
        }
        Opcode::SaddOverflow => {
            let sum = s.ins().iadd(args[0], args[1]);
            let (left, right) = (s.ins().bxor(sum, args[0]), s.ins().bxor(sum, args[1]));
            return Some(signs(s, sum, left, right));
        }
        Opcode::SsubOverflow => {
            let difference = s.ins().isub(args[0], args[1]);
            let left = s.ins().bxor(args[0], args[1]);
            let right = s.ins().bxor(args[0], difference);
            return Some(signs(s, difference, left, right));
        }
        Opcode::UmulOverflow | Opcode::SmulOverflow => return multiply(s, ty),
        Opcode::UaddOverflowTrap => {
            let InstructionData::IntAddTrap { code, .. } = s.data() else {
                return None;
            };
            let sum = s.ins().iadd(args[0], args[1]);
            let over = s.ins().icmp(IntCC::UnsignedLessThan, sum, args[0]);
            s.ins().trapnz(over, code);
            sum
        }
        Opcode::Umulhi | Opcode::Smulhi if ty == types::I32 => {
            let (a, b) = doubled(s, types::I64, s.opcode == Opcode::Smulhi);
            let product = s.ins().imul(a, b);
            let half = s.int(types::I32, 32);
            let high = s.ins().ushr(product, half);
            s.ins().ireduce(ty, high)
        }
        Opcode::SelectSpectreGuard => s.ins().select(args[0], args[1], args[2]),
        _ => return None,
    };
    Some(value.into())
}

/// A constant of any integer type, its sign extended.
fn constant(s: &mut Site<'_, '_>, ty: Type, value: i64) -> Value {
    if ty != types::I128 {
        return s.int(ty, value);
    }
    let low = s.int(types::I64, value);
    s.ins().sextend(types::I128, low)
}

fn pick(s: &mut Site<'_, '_>, cond: IntCC) -> Value {
    let (a, b) = (s.args[0], s.args[1]);
    let first = s.ins().icmp(cond, a, b);
    s.ins().select(first, a, b)
}

/// A result and whether both `left` and `right` are negative.
fn signs(s: &mut Site<'_, '_>, result: Value, left: Value, right: Value) -> Replacement {
    let both = s.ins().band(left, right);
    let ty = s.ty_of(both);
    let zero = constant(s, ty, 0);
    let over = s.ins().icmp(IntCC::SignedLessThan, both, zero);
    Replacement::Values(vec![result, over])
}

/// Both arguments extended to a type of at least twice the width.
fn doubled(s: &mut Site<'_, '_>, to: Type, signed: bool) -> (Value, Value) {
    let (a, b) = (s.args[0], s.args[1]);
    if signed {
        (s.ins().sextend(to, a), s.ins().sextend(to, b))
    } else {
        (s.ins().uextend(to, a), s.ins().uextend(to, b))
    }
}

fn multiply(s: &mut Site<'_, '_>, ty: Type) -> Option<Replacement> {
    let signed = s.opcode == Opcode::SmulOverflow;
    let (a, b) = (s.args[0], s.args[1]);
    let (product, over) = match ty {
        types::I64 => {
            let low = s.ins().imul(a, b);
            let high = if signed {
                s.ins().smulhi(a, b)
            } else {
                s.ins().umulhi(a, b)
            };
            let all = s.int(types::I32, 63);
            let fill = if signed {
                s.ins().sshr(low, all)
            } else {
                s.int(types::I64, 0)
            };
            (low, s.ins().icmp(IntCC::NotEqual, high, fill))
        }
        types::I8 | types::I16 | types::I32 => {
            let (a, b) = doubled(s, types::I64, signed);
            let wide = s.ins().imul(a, b);
            let low = s.ins().ireduce(ty, wide);
            let back = if signed {
                s.ins().sextend(types::I64, low)
            } else {
                s.ins().uextend(types::I64, low)
            };
            (low, s.ins().icmp(IntCC::NotEqual, wide, back))
        }
        _ => return None,
    };
    Some(Replacement::Values(vec![product, over]))
}
