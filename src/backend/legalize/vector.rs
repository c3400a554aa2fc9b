//! Vector operations from other vector operations.

use cranelift_codegen::ir::condcodes::{CondCode, IntCC};
use cranelift_codegen::ir::{InstBuilder, InstructionData, Opcode, Type, Value, types};

use super::{Replacement, Site, little};

/// Expands what belongs here.
pub fn expand(s: &mut Site<'_, '_>) -> Option<Replacement> {
    let last = *s.args.last()?;
    let ty = s.ty_of(last);
    if !ty.is_vector() || ty.bits() != 128 {
        return None;
    }
    let args = s.args.clone();
    let value = match s.opcode {
        Opcode::Select | Opcode::SelectSpectreGuard => {
            let mask = s.ins().bmask(types::I64, args[0]);
            let mask = s.ins().splat(types::I64X2, mask);
            let (a, b) = (
                recast(s, args[1], types::I64X2),
                recast(s, args[2], types::I64X2),
            );
            let chosen = s.ins().bitselect(mask, a, b);
            recast(s, chosen, ty)
        }
        Opcode::Bitselect if ty.lane_type().is_float() => {
            let int = ty.as_int();
            let c = recast(s, args[0], int);
            let (a, b) = (recast(s, args[1], int), recast(s, args[2], int));
            let chosen = s.ins().bitselect(c, a, b);
            recast(s, chosen, ty)
        }
        Opcode::Bitselect => {
            let chosen = s.ins().band(args[1], args[0]);
            let not = s.ins().bnot(args[0]);
            let other = s.ins().band(args[2], not);
            s.ins().bor(chosen, other)
        }
        Opcode::Band | Opcode::Bor | Opcode::Bxor | Opcode::Bnot if ty != types::I64X2 => {
            let a = recast(s, args[0], types::I64X2);
            let value = if s.opcode == Opcode::Bnot {
                s.ins().bnot(a)
            } else {
                let b = recast(s, args[1], types::I64X2);
                match s.opcode {
                    Opcode::Band => s.ins().band(a, b),
                    Opcode::Bor => s.ins().bor(a, b),
                    _ => s.ins().bxor(a, b),
                }
            };
            recast(s, value, ty)
        }
        Opcode::Bnot => {
            let ones = s.all(ty, -1);
            s.ins().bxor(args[0], ones)
        }
        Opcode::Ineg => {
            let zero = s.all(ty, 0);
            s.ins().isub(zero, args[0])
        }
        Opcode::Iabs => {
            let amount = s.int(types::I32, i64::from(ty.lane_bits()) - 1);
            let sign = s.ins().sshr(args[0], amount);
            let flipped = s.ins().bxor(args[0], sign);
            s.ins().isub(flipped, sign)
        }
        Opcode::Smin => pick(s, IntCC::SignedLessThan),
        Opcode::Smax => pick(s, IntCC::SignedGreaterThan),
        Opcode::Umin => pick(s, IntCC::UnsignedLessThan),
        Opcode::Umax => pick(s, IntCC::UnsignedGreaterThan),
        Opcode::Icmp => compare(s, ty)?,
        Opcode::VanyTrue => {
            let lanes = recast(s, args[0], types::I64X2);
            let (low, high) = (s.ins().extractlane(lanes, 0), s.ins().extractlane(lanes, 1));
            let any = s.ins().bor(low, high);
            let zero = s.int(types::I64, 0);
            s.ins().icmp(IntCC::NotEqual, any, zero)
        }
        Opcode::VallTrue => {
            let zero = s.all(ty, 0);
            let zeros = s.ins().icmp(IntCC::Equal, args[0], zero);
            let any = s.ins().vany_true(zeros);
            let one = s.int(types::I8, 1);
            s.ins().bxor(any, one)
        }
        _ => return None,
    };
    Some(value.into())
}

fn recast(s: &mut Site<'_, '_>, value: Value, ty: Type) -> Value {
    s.recast(value, ty, little())
}

fn pick(s: &mut Site<'_, '_>, cond: IntCC) -> Value {
    let (a, b) = (s.args[0], s.args[1]);
    let mask = s.ins().icmp(cond, a, b);
    s.ins().bitselect(mask, a, b)
}

/// All conditions from `eq`, `sgt` and `ugt`, and `ugt` from `sgt` of numbers moved by half of
/// the range.
fn compare(s: &mut Site<'_, '_>, ty: Type) -> Option<Value> {
    let InstructionData::IntCompare { cond, .. } = s.data() else {
        return None;
    };
    let (a, b) = (s.args[0], s.args[1]);
    Some(match cond {
        IntCC::Equal | IntCC::SignedGreaterThan => return None,
        IntCC::SignedLessThan => s.ins().icmp(IntCC::SignedGreaterThan, b, a),
        IntCC::UnsignedLessThan => s.ins().icmp(IntCC::UnsignedGreaterThan, b, a),
        IntCC::UnsignedGreaterThan => {
            let half = s.all(ty, i64::MIN >> (64 - ty.lane_bits()));
            let (a, b) = (s.ins().bxor(a, half), s.ins().bxor(b, half));
            s.ins().icmp(IntCC::SignedGreaterThan, a, b)
        }
        IntCC::NotEqual
        | IntCC::SignedLessThanOrEqual
        | IntCC::SignedGreaterThanOrEqual
        | IntCC::UnsignedLessThanOrEqual
        | IntCC::UnsignedGreaterThanOrEqual => {
            let inverse = s.ins().icmp(cond.complement(), a, b);
            s.ins().bnot(inverse)
        }
    })
}
