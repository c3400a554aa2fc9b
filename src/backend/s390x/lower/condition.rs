//! Comparisons and what depends on them: conditions of branches, selections and traps.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, Type, Value, types};
use regalloc2::RegClass;

use super::constant::extended;
use super::{Ctx, build};
use crate::backend::reg::Reg;
use crate::backend::s390x::encode::{
    ConditionalCopy, ConditionalLoad, FloatPair, Halfword, LogicalHalfword, Mask, Pair, ShortPair,
    Triple, UnsignedWord, Word,
};
use crate::backend::s390x::form::Form;
use crate::backend::s390x::inst::{Inst, Test};

/// Lowers `icmp`, `fcmp` and `select` of scalars.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode) -> bool {
    match ctx.function.dfg.insts[inst] {
        InstructionData::IntCompare { args, cond, .. } if !ctx.ty(args[0]).is_vector() => {
            let mask = compare(ctx, cond, args);
            truth(ctx, inst, mask);
        }
        InstructionData::FloatCompare { args, cond, .. } if is_compared(ctx.ty(args[0])) => {
            let mask = float_compare(ctx, cond, args);
            truth(ctx, inst, mask);
        }
        InstructionData::Ternary { args, .. } if opcode == Opcode::Select => {
            select(ctx, inst, args);
        }
        _ => return false,
    }
    true
}

/// Whether one instruction compares floats of `ty`.
fn is_compared(ty: Type) -> bool {
    matches!(ty, types::F32 | types::F64)
}

/// 1 if the condition holds, else 0.
fn truth(ctx: &mut Ctx<'_>, inst: ClifInst, mask: Mask) {
    let to = ctx.result(inst, 0);
    set(ctx, to, mask);
}

/// 1 if the condition holds, else 0, in `to`.
pub fn set(ctx: &mut Ctx<'_>, to: Reg, mask: Mask) {
    let zero = build::int(ctx, Form::Halfword(Halfword::Lghi, 0), &[]);
    let one = Form::ConditionalLoad(ConditionalLoad::Locghi, mask, 1);
    build::put(ctx, one, to, &[zero]);
}

fn select(ctx: &mut Ctx<'_>, inst: ClifInst, [condition, then, other]: [Value; 3]) {
    let thens = ctx.all_regs(then);
    let others = ctx.all_regs(other);
    let mask = holds(ctx, condition);
    let (low, high) = ctx.result_pair(inst, 0);
    for ((to, then), other) in [low, high].into_iter().zip(thens).zip(others) {
        if to.class() == RegClass::Int {
            let form = Form::ConditionalCopy(ConditionalCopy::Locgr, mask);
            build::put(ctx, form, to, &[other, then]);
        } else {
            ctx.isa(Inst::Select {
                mask,
                to,
                other,
                then,
            });
        }
    }
}

/// Sets the condition code; the mask holds if `condition` is not zero.
pub fn holds(ctx: &mut Ctx<'_>, condition: Value) -> Mask {
    let compared = ctx
        .defined_by(condition, Opcode::Icmp)
        .or_else(|| ctx.defined_by(condition, Opcode::Fcmp));
    match compared.map(|inst| ctx.function.dfg.insts[inst]) {
        Some(InstructionData::IntCompare { args, cond, .. }) => return compare(ctx, cond, args),
        Some(InstructionData::FloatCompare { args, cond, .. }) if is_compared(ctx.ty(args[0])) => {
            return float_compare(ctx, cond, args);
        }
        _ => {}
    }
    let ty = ctx.ty(condition);
    if ty == types::I128 {
        let (low, high) = ctx.pair(condition);
        build::int(ctx, Form::Triple(Triple::Ogrk), &[low, high]);
        return Mask::NOT_EQUAL;
    }
    let reg = ctx.reg(condition);
    let form = match ty {
        types::I8 => Form::LogicalHalfwordOver(LogicalHalfword::Tmll, 0xff),
        types::I16 => Form::LogicalHalfwordOver(LogicalHalfword::Tmll, 0xffff),
        types::I32 => Form::HalfwordOver(Halfword::Chi, 0),
        _ => Form::HalfwordOver(Halfword::Cghi, 0),
    };
    build::test(ctx, Test::Immediate(form, reg));
    Mask::NOT_EQUAL
}

/// The mask of a condition behind a comparison.
fn mask(cond: IntCC) -> Mask {
    match cond {
        IntCC::Equal => Mask::EQUAL,
        IntCC::NotEqual => Mask::NOT_EQUAL,
        IntCC::SignedLessThan | IntCC::UnsignedLessThan => Mask::LOW,
        IntCC::SignedLessThanOrEqual | IntCC::UnsignedLessThanOrEqual => Mask::LOW_OR_EQUAL,
        IntCC::SignedGreaterThan | IntCC::UnsignedGreaterThan => Mask::HIGH,
        IntCC::SignedGreaterThanOrEqual | IntCC::UnsignedGreaterThanOrEqual => Mask::HIGH_OR_EQUAL,
    }
}

fn is_signed(cond: IntCC) -> bool {
    use IntCC as C;
    matches!(
        cond,
        C::SignedLessThan
            | C::SignedLessThanOrEqual
            | C::SignedGreaterThan
            | C::SignedGreaterThanOrEqual
    )
}

/// Compares two integers.
pub fn compare(ctx: &mut Ctx<'_>, cond: IntCC, [a, b]: [Value; 2]) -> Mask {
    let ty = ctx.ty(a);
    if ty == types::I128 {
        return super::wide::compare(ctx, cond, [a, b]);
    }
    let signed = is_signed(cond);
    let narrow = ty.bits() < 32;
    // Whether a number is equal can be asked of signed ones, whose immediates are shorter.
    let equality = matches!(cond, IntCC::Equal | IntCC::NotEqual);
    if let Some(form) = immediate(ctx, ty, signed || equality, b) {
        let a = ctx.reg(a);
        let a = if narrow {
            extended(ctx, a, ty, signed || equality)
        } else {
            a
        };
        build::test(ctx, Test::Immediate(form, a));
        return mask(cond);
    }
    let [a, b] = [a, b].map(|value| ctx.reg(value));
    compare_registers(ctx, ty, signed, [a, b]);
    mask(cond)
}

/// Compares two integers of a type of at most 64 bits.
pub fn compare_registers(ctx: &mut Ctx<'_>, ty: Type, signed: bool, registers: [Reg; 2]) {
    let narrow = ty.bits() < 32;
    let [a, b] = if narrow {
        registers.map(|reg| extended(ctx, reg, ty, signed))
    } else {
        registers
    };
    let form = match (ty, signed) {
        (types::I64, true) => Form::PairOver(Pair::Cgr),
        (types::I64, false) => Form::PairOver(Pair::Clgr),
        (_, true) => Form::ShortPairOver(ShortPair::Cr),
        (_, false) => Form::ShortPairOver(ShortPair::Clr),
    };
    build::test(ctx, Test::Pair(form, a, b));
}

/// A comparison with a constant, if `value` is one that fits.
fn immediate(ctx: &Ctx<'_>, ty: Type, signed: bool, value: Value) -> Option<Form> {
    let wide = ty == types::I64;
    if !signed {
        let number = u32::try_from(ctx.constant(value)?).ok()?;
        let op = if wide {
            UnsignedWord::Clgfi
        } else {
            UnsignedWord::Clfi
        };
        return Some(Form::UnsignedWordOver(op, number));
    }
    let number = ctx.signed_constant(value)?;
    if let Ok(number) = i16::try_from(number) {
        let op = if wide { Halfword::Cghi } else { Halfword::Chi };
        return Some(Form::HalfwordOver(op, number));
    }
    let op = if wide { Word::Cgfi } else { Word::Cfi };
    Some(Form::WordOver(op, i32::try_from(number).ok()?))
}

/// The mask of a condition behind a comparison of floats, of which code 3 is unordered.
fn float_mask(cond: FloatCC) -> Mask {
    let bits = match cond {
        FloatCC::Ordered => 14,
        FloatCC::Unordered => 1,
        FloatCC::Equal => 8,
        FloatCC::NotEqual => 7,
        FloatCC::OrderedNotEqual => 6,
        FloatCC::UnorderedOrEqual => 9,
        FloatCC::LessThan => 4,
        FloatCC::LessThanOrEqual => 12,
        FloatCC::GreaterThan => 2,
        FloatCC::GreaterThanOrEqual => 10,
        FloatCC::UnorderedOrLessThan => 5,
        FloatCC::UnorderedOrLessThanOrEqual => 13,
        FloatCC::UnorderedOrGreaterThan => 3,
        FloatCC::UnorderedOrGreaterThanOrEqual => 11,
    };
    Mask::new(bits).expect("four bits")
}

fn float_compare(ctx: &mut Ctx<'_>, cond: FloatCC, [a, b]: [Value; 2]) -> Mask {
    let ty = ctx.ty(a);
    let [a, b] = [a, b].map(|value| ctx.reg(value));
    compare_floats(ctx, ty, [a, b]);
    float_mask(cond)
}

/// Compares two floats.
pub fn compare_floats(ctx: &mut Ctx<'_>, ty: Type, [a, b]: [Reg; 2]) {
    debug_assert!(is_compared(ty));
    let op = if ty == types::F32 {
        FloatPair::Cebr
    } else {
        FloatPair::Cdbr
    };
    build::test(ctx, Test::Pair(Form::FloatPairOver(op), a, b));
}
