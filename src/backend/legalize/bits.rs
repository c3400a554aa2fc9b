//! Rotating, counting and turning bits of 32- and 64-bit integers (and rotating narrower ones).

use cranelift_codegen::ir::{InstBuilder, Opcode, Type, Value, types};

use super::{Replacement, Site};

/// Expands what belongs here.
pub fn expand(s: &mut Site<'_, '_>) -> Option<Replacement> {
    let operand = *s.args.first()?;
    let ty = s.ty_of(operand);
    if ty.is_vector() || !ty.is_int() || ty.bits() > 64 {
        return None;
    }
    let value = match s.opcode {
        Opcode::Rotl | Opcode::Rotr => rotate(s),
        _ if ty.bits() < 32 => return None,
        Opcode::Popcnt => population(s, operand, ty),
        Opcode::Clz => {
            // Ones from the highest set bit down; the rest is counted.
            let mut smeared = operand;
            let mut distance = 1;
            while distance < i64::from(ty.bits()) {
                let shifted = right(s, smeared, distance);
                smeared = s.ins().bor(smeared, shifted);
                distance *= 2;
            }
            let rest = s.ins().bnot(smeared);
            s.ins().popcnt(rest)
        }
        Opcode::Ctz => {
            // Ones below the lowest set bit.
            let one = s.int(ty, 1);
            let less = s.ins().isub(operand, one);
            let not = s.ins().bnot(operand);
            let below = s.ins().band(less, not);
            s.ins().popcnt(below)
        }
        Opcode::Cls => {
            let amount = s.int(types::I32, i64::from(ty.bits()) - 1);
            let sign = s.ins().sshr(operand, amount);
            let folded = s.ins().bxor(operand, sign);
            let count = s.ins().clz(folded);
            let one = s.int(ty, 1);
            s.ins().isub(count, one)
        }
        Opcode::Bswap => swap_bytes(s, operand, ty),
        Opcode::Bitrev => {
            let mut value = operand;
            for (distance, pattern) in [
                (1, 0x5555_5555_5555_5555),
                (2, 0x3333_3333_3333_3333),
                (4, 0x0f0f_0f0f_0f0f_0f0f),
            ] {
                value = swap_groups(s, value, ty, distance, pattern);
            }
            s.ins().bswap(value)
        }
        _ => return None,
    };
    Some(value.into())
}

fn right(s: &mut Site<'_, '_>, value: Value, distance: i64) -> Value {
    let amount = s.int(types::I32, distance);
    s.ins().ushr(value, amount)
}

fn left(s: &mut Site<'_, '_>, value: Value, distance: i64) -> Value {
    let amount = s.int(types::I32, distance);
    s.ins().ishl(value, amount)
}

/// CLIF takes a shift's amount modulo the width, so that the negated amount shifts the rest.
fn rotate(s: &mut Site<'_, '_>) -> Value {
    let (value, mut amount) = (s.args[0], s.args[1]);
    if s.ty_of(amount) == types::I128 {
        amount = s.ins().isplit(amount).0;
    }
    let rest = s.ins().ineg(amount);
    let (up, down) = if s.opcode == Opcode::Rotl {
        (amount, rest)
    } else {
        (rest, amount)
    };
    let high = s.ins().ishl(value, up);
    let low = s.ins().ushr(value, down);
    s.ins().bor(high, low)
}

/// Sums of neighbouring groups of 1, 2 and 4 bits; a multiplication adds up the bytes.
fn population(s: &mut Site<'_, '_>, value: Value, ty: Type) -> Value {
    let fives = s.int(ty, 0x5555_5555_5555_5555);
    let threes = s.int(ty, 0x3333_3333_3333_3333);
    let nibbles = s.int(ty, 0x0f0f_0f0f_0f0f_0f0f);
    let ones = s.int(ty, 0x0101_0101_0101_0101);
    let odd = right(s, value, 1);
    let odd = s.ins().band(odd, fives);
    let pairs = s.ins().isub(value, odd);
    let low = s.ins().band(pairs, threes);
    let high = right(s, pairs, 2);
    let high = s.ins().band(high, threes);
    let fours = s.ins().iadd(low, high);
    let high = right(s, fours, 4);
    let bytes = s.ins().iadd(fours, high);
    let bytes = s.ins().band(bytes, nibbles);
    let sum = s.ins().imul(bytes, ones);
    right(s, sum, i64::from(ty.bits()) - 8)
}

/// Swaps neighbouring groups of `distance` bits, of which `pattern` masks the lower ones.
fn swap_groups(s: &mut Site<'_, '_>, value: Value, ty: Type, distance: i64, pattern: i64) -> Value {
    let pattern = s.int(ty, pattern);
    let high = right(s, value, distance);
    let high = s.ins().band(high, pattern);
    let low = s.ins().band(value, pattern);
    let low = left(s, low, distance);
    s.ins().bor(high, low)
}

fn swap_bytes(s: &mut Site<'_, '_>, value: Value, ty: Type) -> Value {
    let mut value = swap_groups(s, value, ty, 8, 0x00ff_00ff_00ff_00ff);
    if ty == types::I64 {
        value = swap_groups(s, value, ty, 16, 0x0000_ffff_0000_ffff);
    }
    let half = i64::from(ty.bits() / 2);
    let (high, low) = (left(s, value, half), right(s, value, half));
    s.ins().bor(high, low)
}
