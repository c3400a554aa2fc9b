//! 8- and 16-bit operations as 32-bit ones.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, InstructionData, Opcode, TrapCode, Value, types};

use super::{Replacement, Site};

/// Expands what belongs here.
pub fn expand(s: &mut Site<'_, '_>) -> Option<Replacement> {
    let operand = *s.args.first()?;
    let ty = s.ty_of(operand);
    if ty != types::I8 && ty != types::I16 {
        return None;
    }
    let bits = i64::from(ty.bits());
    let value = match s.opcode {
        Opcode::Icmp => return compare(s),
        Opcode::Udiv | Opcode::Urem => {
            let (a, b) = (unsigned(s, s.args[0]), unsigned(s, s.args[1]));
            if s.opcode == Opcode::Udiv {
                s.ins().udiv(a, b)
            } else {
                s.ins().urem(a, b)
            }
        }
        Opcode::Sdiv => {
            trap_on_overflow(s);
            let (a, b) = (signed(s, s.args[0]), signed(s, s.args[1]));
            s.ins().sdiv(a, b)
        }
        Opcode::Srem => {
            let (a, b) = (signed(s, s.args[0]), signed(s, s.args[1]));
            s.ins().srem(a, b)
        }
        Opcode::Umulhi | Opcode::Smulhi => {
            let high = s.opcode == Opcode::Smulhi;
            let extend = if high { signed } else { unsigned };
            let (a, b) = (extend(s, s.args[0]), extend(s, s.args[1]));
            let product = s.ins().imul(a, b);
            let amount = s.int(types::I32, bits);
            s.ins().ushr(product, amount)
        }
        Opcode::Ishl | Opcode::Ushr | Opcode::Sshr => shift(s, bits),
        Opcode::Clz => {
            let a = unsigned(s, operand);
            let count = s.ins().clz(a);
            let above = s.int(types::I32, 32 - bits);
            s.ins().isub(count, above)
        }
        Opcode::Cls => {
            let a = signed(s, operand);
            let count = s.ins().cls(a);
            let above = s.int(types::I32, 32 - bits);
            s.ins().isub(count, above)
        }
        Opcode::Ctz => {
            let a = unsigned(s, operand);
            let stop = s.int(types::I32, 1 << bits);
            let a = s.ins().bor(a, stop);
            s.ins().ctz(a)
        }
        Opcode::Popcnt => {
            let a = unsigned(s, operand);
            s.ins().popcnt(a)
        }
        Opcode::Bitrev | Opcode::Bswap => {
            let a = unsigned(s, operand);
            let turned = if s.opcode == Opcode::Bitrev {
                s.ins().bitrev(a)
            } else {
                s.ins().bswap(a)
            };
            let amount = s.int(types::I32, 32 - bits);
            s.ins().ushr(turned, amount)
        }
        Opcode::FcvtFromSint => {
            let a = signed(s, operand);
            let to = s.result_ty();
            return Some(s.ins().fcvt_from_sint(to, a).into());
        }
        Opcode::FcvtFromUint => {
            let a = unsigned(s, operand);
            let to = s.result_ty();
            return Some(s.ins().fcvt_from_sint(to, a).into());
        }
        // Only the low bits of the result count, and only low bits go into it.
        Opcode::Iadd | Opcode::Isub | Opcode::Imul | Opcode::Band | Opcode::Bor | Opcode::Bxor => {
            let (a, b) = (unsigned(s, s.args[0]), unsigned(s, s.args[1]));
            match s.opcode {
                Opcode::Iadd => s.ins().iadd(a, b),
                Opcode::Isub => s.ins().isub(a, b),
                Opcode::Imul => s.ins().imul(a, b),
                Opcode::Band => s.ins().band(a, b),
                Opcode::Bor => s.ins().bor(a, b),
                _ => s.ins().bxor(a, b),
            }
        }
        _ => return None,
    };
    Some(s.ins().ireduce(ty, value).into())
}

fn unsigned(s: &mut Site<'_, '_>, value: Value) -> Value {
    s.ins().uextend(types::I32, value)
}

fn signed(s: &mut Site<'_, '_>, value: Value) -> Value {
    s.ins().sextend(types::I32, value)
}

fn compare(s: &mut Site<'_, '_>) -> Option<Replacement> {
    let InstructionData::IntCompare { cond, .. } = s.data() else {
        return None;
    };
    let is_signed = matches!(
        cond,
        IntCC::SignedLessThan
            | IntCC::SignedLessThanOrEqual
            | IntCC::SignedGreaterThan
            | IntCC::SignedGreaterThanOrEqual
    );
    let extend = if is_signed { signed } else { unsigned };
    let (a, b) = (extend(s, s.args[0]), extend(s, s.args[1]));
    Some(s.ins().icmp(cond, a, b).into())
}

/// The least value divided by minus one traps.
fn trap_on_overflow(s: &mut Site<'_, '_>) {
    let (a, b) = (s.args[0], s.args[1]);
    let ty = s.ty_of(a);
    let least = s.int(ty, i64::MIN >> (64 - ty.bits()));
    let minus_one = s.int(ty, -1);
    let is_least = s.ins().icmp(IntCC::Equal, a, least);
    let is_minus_one = s.ins().icmp(IntCC::Equal, b, minus_one);
    let both = s.ins().band(is_least, is_minus_one);
    s.ins().trapnz(both, TrapCode::INTEGER_OVERFLOW);
}

fn shift(s: &mut Site<'_, '_>, bits: i64) -> Value {
    let (value, amount) = (s.args[0], s.args[1]);
    let value = if s.opcode == Opcode::Sshr {
        signed(s, value)
    } else {
        unsigned(s, value)
    };
    let ty = s.ty_of(amount);
    let amount = if ty == types::I128 {
        s.ins().isplit(amount).0
    } else {
        amount
    };
    let ty = s.ty_of(amount);
    let amount = match ty.bits() {
        64 => s.ins().ireduce(types::I32, amount),
        32 => amount,
        _ => s.ins().uextend(types::I32, amount),
    };
    let low = s.int(types::I32, bits - 1);
    let amount = s.ins().band(amount, low);
    match s.opcode {
        Opcode::Ishl => s.ins().ishl(value, amount),
        Opcode::Ushr => s.ins().ushr(value, amount),
        _ => s.ins().sshr(value, amount),
    }
}
