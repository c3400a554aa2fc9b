//! `i128` as two halves.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    DataFlowGraph, Endianness, Inst, InstBuilder, InstructionData, MemFlagsData, Opcode, Type,
    Value, types,
};

use super::{Replacement, Site, little};

/// Whether an instruction reads or makes an `i128` and is none that lowering handles as it is
/// (branches carry and calls pass them).
pub fn is_wide(dfg: &DataFlowGraph, inst: Inst) -> bool {
    let opcode = dfg.insts[inst].opcode();
    let reads = match opcode {
        Opcode::Brif | Opcode::Trapz | Opcode::Trapnz => &dfg.inst_args(inst)[..1],
        _ if opcode.is_terminator() => &[],
        _ => dfg.inst_args(inst),
    };
    let makes = dfg.inst_results(inst);
    let is_wide = |&value: &Value| dfg.value_type(value) == types::I128;
    reads.iter().any(is_wide) || makes.iter().any(is_wide)
}

/// Expands what belongs here.
pub fn expand(s: &mut Site<'_, '_>) -> Option<Replacement> {
    let args = s.args.clone();
    let value = match s.opcode {
        Opcode::Ishl | Opcode::Ushr | Opcode::Sshr | Opcode::Rotl | Opcode::Rotr
            if s.ty_of(args[0]) != types::I128 =>
        {
            // Only the amount is wide, and of that only low bits count.
            let (low, _) = s.ins().isplit(args[1]);
            s.cursor.func.dfg.inst_args_mut(s.inst)[1] = low;
            return Some(Replacement::InPlace);
        }
        Opcode::Iadd | Opcode::Isub => add_or_subtract(s),
        Opcode::Imul => multiply(s),
        Opcode::Band | Opcode::Bor | Opcode::Bxor | Opcode::Bnot => by_halves(s),
        Opcode::Ishl => shift_left(s),
        Opcode::Ushr | Opcode::Sshr => shift_right(s),
        Opcode::Rotl => rotate(s, false),
        Opcode::Rotr => rotate(s, true),
        Opcode::Clz | Opcode::Ctz | Opcode::Popcnt => count(s),
        Opcode::Cls => {
            let one = s.int(types::I64, 127);
            let sign = s.ins().sshr(args[0], one);
            let folded = s.ins().bxor(args[0], sign);
            let zeros = s.ins().clz(folded);
            let one = s.int(types::I64, 1);
            let one = s.ins().uextend(types::I128, one);
            s.ins().isub(zeros, one)
        }
        Opcode::Bitrev | Opcode::Bswap => {
            let (low, high) = s.ins().isplit(args[0]);
            let (low, high) = if s.opcode == Opcode::Bitrev {
                (s.ins().bitrev(low), s.ins().bitrev(high))
            } else {
                (s.ins().bswap(low), s.ins().bswap(high))
            };
            s.ins().iconcat(high, low)
        }
        Opcode::Icmp => compare(s)?,
        Opcode::Select | Opcode::SelectSpectreGuard => select(s),
        Opcode::Uextend | Opcode::Sextend => extend(s),
        Opcode::Bmask => mask(s),
        Opcode::Load => load(s)?,
        Opcode::Store => return store(s),
        Opcode::Bitcast => bitcast(s)?,
        Opcode::Brif | Opcode::Trapz | Opcode::Trapnz => {
            let any = any_bit(s, args[0]);
            s.cursor.func.dfg.inst_args_mut(s.inst)[0] = any;
            return Some(Replacement::InPlace);
        }
        _ => return None,
    };
    Some(value.into())
}

/// An `i64` that is zero exactly if `value` is.
fn any_bit(s: &mut Site<'_, '_>, value: Value) -> Value {
    if s.ty_of(value) != types::I128 {
        return value;
    }
    let (low, high) = s.ins().isplit(value);
    s.ins().bor(low, high)
}

fn add_or_subtract(s: &mut Site<'_, '_>) -> Value {
    let (a_low, a_high) = {
        let a = s.args[0];
        s.ins().isplit(a)
    };
    let (b_low, b_high) = {
        let b = s.args[1];
        s.ins().isplit(b)
    };
    let (low, high, carry) = if s.opcode == Opcode::Iadd {
        let low = s.ins().iadd(a_low, b_low);
        let high = s.ins().iadd(a_high, b_high);
        (low, high, s.ins().icmp(IntCC::UnsignedLessThan, low, a_low))
    } else {
        let low = s.ins().isub(a_low, b_low);
        let high = s.ins().isub(a_high, b_high);
        (
            low,
            high,
            s.ins().icmp(IntCC::UnsignedLessThan, a_low, b_low),
        )
    };
    let carry = s.ins().uextend(types::I64, carry);
    let high = if s.opcode == Opcode::Iadd {
        s.ins().iadd(high, carry)
    } else {
        s.ins().isub(high, carry)
    };
    s.ins().iconcat(low, high)
}

fn multiply(s: &mut Site<'_, '_>) -> Value {
    let (a, b) = (s.args[0], s.args[1]);
    let (a_low, a_high) = s.ins().isplit(a);
    let (b_low, b_high) = s.ins().isplit(b);
    let low = s.ins().imul(a_low, b_low);
    let carried = s.ins().umulhi(a_low, b_low);
    let cross = s.ins().imul(a_low, b_high);
    let other = s.ins().imul(a_high, b_low);
    let high = s.ins().iadd(carried, cross);
    let high = s.ins().iadd(high, other);
    s.ins().iconcat(low, high)
}

fn by_halves(s: &mut Site<'_, '_>) -> Value {
    let a = s.args[0];
    let (a_low, a_high) = s.ins().isplit(a);
    if s.opcode == Opcode::Bnot {
        let (low, high) = (s.ins().bnot(a_low), s.ins().bnot(a_high));
        return s.ins().iconcat(low, high);
    }
    let b = s.args[1];
    let (b_low, b_high) = s.ins().isplit(b);
    let (low, high) = match s.opcode {
        Opcode::Band => (s.ins().band(a_low, b_low), s.ins().band(a_high, b_high)),
        Opcode::Bor => (s.ins().bor(a_low, b_low), s.ins().bor(a_high, b_high)),
        _ => (s.ins().bxor(a_low, b_low), s.ins().bxor(a_high, b_high)),
    };
    s.ins().iconcat(low, high)
}

/// A shift's amount as an `i64`; only its low 7 bits count.
fn amount(s: &mut Site<'_, '_>) -> Value {
    let amount = s.args[1];
    match s.ty_of(amount) {
        types::I128 => s.ins().isplit(amount).0,
        types::I64 => amount,
        _ => s.ins().uextend(types::I64, amount),
    }
}

/// Whether 64 or more is shifted by, as a condition.
fn is_far(s: &mut Site<'_, '_>, amount: Value) -> Value {
    let bit = s.int(types::I64, 64);
    s.ins().band(amount, bit)
}

/// `(first << amount) | (second >> (64 - amount))` for amounts of 0 to 63, which CLIF's shifts
/// take from the low bits themselves.
fn funnel_left(s: &mut Site<'_, '_>, first: Value, second: Value, amount: Value) -> Value {
    let one = s.int(types::I64, 1);
    let top = s.ins().ishl(first, amount);
    let second = s.ins().ushr(second, one);
    let rest = s.ins().bnot(amount);
    let bottom = s.ins().ushr(second, rest);
    s.ins().bor(top, bottom)
}

fn shift_left(s: &mut Site<'_, '_>) -> Value {
    let a = s.args[0];
    let (low, high) = s.ins().isplit(a);
    let amount = amount(s);
    let far = is_far(s, amount);
    let near_low = s.ins().ishl(low, amount);
    let near_high = funnel_left(s, high, low, amount);
    let zero = s.int(types::I64, 0);
    let result_low = s.ins().select(far, zero, near_low);
    let result_high = s.ins().select(far, near_low, near_high);
    s.ins().iconcat(result_low, result_high)
}

fn shift_right(s: &mut Site<'_, '_>) -> Value {
    let a = s.args[0];
    let (low, high) = s.ins().isplit(a);
    let amount = amount(s);
    let far = is_far(s, amount);
    let one = s.int(types::I64, 1);
    let shifted_low = s.ins().ushr(low, amount);
    let spill = s.ins().ishl(high, one);
    let rest = s.ins().bnot(amount);
    let spill = s.ins().ishl(spill, rest);
    let near_low = s.ins().bor(shifted_low, spill);
    let (near_high, fill) = if s.opcode == Opcode::Sshr {
        let all = s.int(types::I64, 63);
        (s.ins().sshr(high, amount), s.ins().sshr(high, all))
    } else {
        (s.ins().ushr(high, amount), s.int(types::I64, 0))
    };
    let result_low = s.ins().select(far, near_high, near_low);
    let result_high = s.ins().select(far, fill, near_high);
    s.ins().iconcat(result_low, result_high)
}

fn rotate(s: &mut Site<'_, '_>, right: bool) -> Value {
    let a = s.args[0];
    let (low, high) = s.ins().isplit(a);
    let mut amount = amount(s);
    if right {
        amount = s.ins().ineg(amount);
    }
    let far = is_far(s, amount);
    let first_low = s.ins().select(far, high, low);
    let first_high = s.ins().select(far, low, high);
    let result_low = funnel_left(s, first_low, first_high, amount);
    let result_high = funnel_left(s, first_high, first_low, amount);
    s.ins().iconcat(result_low, result_high)
}

fn count(s: &mut Site<'_, '_>) -> Value {
    let a = s.args[0];
    let (low, high) = s.ins().isplit(a);
    let sum = match s.opcode {
        Opcode::Popcnt => {
            let (low, high) = (s.ins().popcnt(low), s.ins().popcnt(high));
            s.ins().iadd(low, high)
        }
        Opcode::Clz => {
            let (near, far) = (s.ins().clz(high), s.ins().clz(low));
            let more = s.int(types::I64, 64);
            let far = s.ins().iadd(far, more);
            s.ins().select(high, near, far)
        }
        _ => {
            let (near, far) = (s.ins().ctz(low), s.ins().ctz(high));
            let more = s.int(types::I64, 64);
            let far = s.ins().iadd(far, more);
            s.ins().select(low, near, far)
        }
    };
    let zero = s.int(types::I64, 0);
    s.ins().iconcat(sum, zero)
}

fn compare(s: &mut Site<'_, '_>) -> Option<Value> {
    let InstructionData::IntCompare { cond, .. } = s.data() else {
        return None;
    };
    let (a, b) = (s.args[0], s.args[1]);
    let (a_low, a_high) = s.ins().isplit(a);
    let (b_low, b_high) = s.ins().isplit(b);
    if matches!(cond, IntCC::Equal | IntCC::NotEqual) {
        let low = s.ins().bxor(a_low, b_low);
        let high = s.ins().bxor(a_high, b_high);
        let any = s.ins().bor(low, high);
        let zero = s.int(types::I64, 0);
        return Some(s.ins().icmp(cond, any, zero));
    }
    let by_low = s.ins().icmp(cond.unsigned(), a_low, b_low);
    let by_high = s.ins().icmp(cond.without_equal(), a_high, b_high);
    let tie = s.ins().icmp(IntCC::Equal, a_high, b_high);
    let by_low = s.ins().band(tie, by_low);
    Some(s.ins().bor(by_high, by_low))
}

fn select(s: &mut Site<'_, '_>) -> Value {
    let (condition, a, b) = (s.args[0], s.args[1], s.args[2]);
    let condition = any_bit(s, condition);
    if s.ty_of(a) != types::I128 {
        return s.ins().select(condition, a, b);
    }
    let (a_low, a_high) = s.ins().isplit(a);
    let (b_low, b_high) = s.ins().isplit(b);
    let low = s.ins().select(condition, a_low, b_low);
    let high = s.ins().select(condition, a_high, b_high);
    s.ins().iconcat(low, high)
}

fn extend(s: &mut Site<'_, '_>) -> Value {
    let mut low = s.args[0];
    let signed = s.opcode == Opcode::Sextend;
    if s.ty_of(low) != types::I64 {
        low = if signed {
            s.ins().sextend(types::I64, low)
        } else {
            s.ins().uextend(types::I64, low)
        };
    }
    let high = if signed {
        let all = s.int(types::I64, 63);
        s.ins().sshr(low, all)
    } else {
        s.int(types::I64, 0)
    };
    s.ins().iconcat(low, high)
}

fn mask(s: &mut Site<'_, '_>) -> Value {
    let value = s.args[0];
    let any = any_bit(s, value);
    let result = s.result_ty();
    if result != types::I128 {
        return s.ins().bmask(result, any);
    }
    let half = s.ins().bmask(types::I64, any);
    s.ins().iconcat(half, half)
}

/// Flags and offsets of the low and the high half of a memory access.
fn halves(s: &Site<'_, '_>) -> Option<(MemFlagsData, i32, i32)> {
    let (flags, offset) = match s.data() {
        InstructionData::Load { flags, offset, .. }
        | InstructionData::Store { flags, offset, .. } => (flags, offset),
        _ => return None,
    };
    let flags = s.cursor.func.dfg.mem_flags[flags];
    let first = i32::from(offset);
    let second = first.checked_add(8)?;
    Some(match flags.endianness(s.endianness) {
        Endianness::Little => (flags, first, second),
        Endianness::Big => (flags, second, first),
    })
}

fn load(s: &mut Site<'_, '_>) -> Option<Value> {
    let (flags, low_at, high_at) = halves(s)?;
    let address = s.args[0];
    let low = s.ins().load(types::I64, flags, address, low_at);
    let high = s.ins().load(types::I64, flags, address, high_at);
    Some(s.ins().iconcat(low, high))
}

fn store(s: &mut Site<'_, '_>) -> Option<Replacement> {
    let (flags, low_at, high_at) = halves(s)?;
    let (value, address) = (s.args[0], s.args[1]);
    let (low, high) = s.ins().isplit(value);
    s.ins().store(flags, low, address, low_at);
    s.ins().store(flags, high, address, high_at);
    Some(Replacement::Values(Vec::new()))
}

/// Between `i128` and vectors or a quadruple float, through `i64x2`.
fn bitcast(s: &mut Site<'_, '_>) -> Option<Value> {
    let InstructionData::LoadNoOffset { flags, .. } = s.data() else {
        return None;
    };
    let from = s.args[0];
    let (source, target): (Type, Type) = (s.ty_of(from), s.result_ty());
    // Between scalars there is no order of lanes but the one in between.
    let flags = if source.is_vector() || target.is_vector() {
        s.cursor.func.dfg.mem_flags[flags]
    } else {
        little()
    };
    let has_lanes = |ty: Type| ty.is_vector() || ty == types::F128;
    if source == target {
        return Some(from);
    }
    // Lane 0 is the first in memory.
    let big = flags.endianness(s.endianness) == Endianness::Big;
    if target == types::I128 {
        if !has_lanes(source) {
            return None;
        }
        let lanes = s.recast(from, types::I64X2, flags);
        let (first, second) = (s.ins().extractlane(lanes, 0), s.ins().extractlane(lanes, 1));
        let (low, high) = if big {
            (second, first)
        } else {
            (first, second)
        };
        return Some(s.ins().iconcat(low, high));
    }
    if !has_lanes(target) {
        return None;
    }
    let (low, high) = s.ins().isplit(from);
    let (first, second) = if big { (high, low) } else { (low, high) };
    let lanes = s.ins().splat(types::I64X2, first);
    let lanes = s.ins().insertlane(lanes, second, 1);
    Some(s.recast(lanes, target, flags))
}
