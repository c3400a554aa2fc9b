//! Conditions: comparisons as tests that their users make anew, and values as truths.

use cranelift_codegen::ir::condcodes::{CondCode as _, FloatCC, IntCC};
use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, Value, types};
use regalloc2::RegClass;

use super::super::arch::{size, width};
use super::super::encode::integer::Alu;
use super::super::encode::{Cond, Size};
use super::super::inst::{Flags, Inst, Source, Test};
use super::{Clif, Ctx, immediate, source, temp, uncovered};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

/// The flags of an integer comparison.
pub fn condition(cond: IntCC) -> Cond {
    match cond {
        IntCC::Equal => Cond::E,
        IntCC::NotEqual => Cond::Ne,
        IntCC::SignedLessThan => Cond::L,
        IntCC::SignedGreaterThanOrEqual => Cond::Ge,
        IntCC::SignedGreaterThan => Cond::G,
        IntCC::SignedLessThanOrEqual => Cond::Le,
        IntCC::UnsignedLessThan => Cond::B,
        IntCC::UnsignedGreaterThanOrEqual => Cond::Ae,
        IntCC::UnsignedGreaterThan => Cond::A,
        IntCC::UnsignedLessThanOrEqual => Cond::Be,
    }
}

/// The flags of `ucomis`, and whether its operands are swapped. Unordered sets zero, parity and
/// carry; so "above" is false for it, and "below" is true.
fn float_flags(cond: FloatCC) -> (Flags, bool) {
    let one = Flags::One;
    match cond {
        FloatCC::Ordered => (one(Cond::Np), false),
        FloatCC::Unordered => (one(Cond::P), false),
        FloatCC::Equal => (Flags::Equal, false),
        FloatCC::NotEqual => (Flags::NotEqual, false),
        FloatCC::OrderedNotEqual => (one(Cond::Ne), false),
        FloatCC::UnorderedOrEqual => (one(Cond::E), false),
        FloatCC::GreaterThan => (one(Cond::A), false),
        FloatCC::GreaterThanOrEqual => (one(Cond::Ae), false),
        FloatCC::LessThan => (one(Cond::A), true),
        FloatCC::LessThanOrEqual => (one(Cond::Ae), true),
        FloatCC::UnorderedOrLessThan => (one(Cond::B), false),
        FloatCC::UnorderedOrLessThanOrEqual => (one(Cond::Be), false),
        FloatCC::UnorderedOrGreaterThan => (one(Cond::B), true),
        FloatCC::UnorderedOrGreaterThanOrEqual => (one(Cond::Be), true),
    }
}

/// `fcmp` of scalars as a test.
fn float_test(ctx: &mut Ctx<'_>, inst: ClifInst) -> Option<Test> {
    let InstructionData::FloatCompare {
        args: [left, right],
        cond,
        ..
    } = ctx.function.dfg.insts[inst]
    else {
        return None;
    };
    let ty = ctx.ty(left);
    if ty != types::F32 && ty != types::F64 {
        return None;
    }
    let (flags, swapped) = float_flags(cond);
    let (left, right) = if swapped {
        (right, left)
    } else {
        (left, right)
    };
    let (left, right) = (ctx.reg(left), ctx.reg(right));
    Some(Test::Float {
        width: width(ty),
        left,
        right,
        flags,
    })
}

/// `icmp` of integers up to 64 bits as a test.
pub fn compare(ctx: &mut Ctx<'_>, inst: ClifInst) -> Option<Test> {
    let InstructionData::IntCompare {
        args: [left, right],
        cond,
        ..
    } = ctx.function.dfg.insts[inst]
    else {
        return None;
    };
    let ty = ctx.ty(left);
    if ty == types::I128 {
        return Some(compare_wide(ctx, (left, right), cond));
    }
    if !ty.is_int() || ty.bits() > 64 {
        return None;
    }
    let (left, right, cond) = if immediate(ctx, left).is_some() {
        (right, left, cond.swap_args())
    } else {
        (left, right, cond)
    };
    let (left, right) = (ctx.reg(left), source(ctx, right));
    Some(Test::Int {
        size: size(ty),
        left,
        right,
        cond: condition(cond),
    })
}

/// Of 128 bits: all differences joined, or one subtraction, whose flags tell less from not less.
fn compare_wide(ctx: &mut Ctx<'_>, (left, right): (Value, Value), cond: IntCC) -> Test {
    let (left, right, cond) = match cond {
        IntCC::SignedGreaterThan
        | IntCC::SignedLessThanOrEqual
        | IntCC::UnsignedGreaterThan
        | IntCC::UnsignedLessThanOrEqual => (right, left, cond.swap_args()),
        _ => (left, right, cond),
    };
    let ((low, high), (other_low, other_high)) = (ctx.pair(left), ctx.pair(right));
    if cond != IntCC::Equal && cond != IntCC::NotEqual {
        return Test::Pair {
            left: [low, high],
            right: [other_low, other_high],
            cond: condition(cond),
            temp: temp(ctx),
        };
    }
    let mut join = |op, left, right: Reg| {
        let to = temp(ctx);
        let (size, right) = (Size::B8, right.into());
        ctx.isa(Inst::Alu {
            op,
            size,
            to,
            left,
            right,
        });
        to
    };
    let low = join(Alu::Xor, low, other_low);
    let high = join(Alu::Xor, high, other_high);
    Test::Int {
        size: Size::B8,
        left: join(Alu::Or, low, high),
        right: Source::Imm(0),
        cond: condition(cond),
    }
}

/// `fcmp` of scalars.
///
/// # Errors
/// Other types.
pub fn float_compare(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    let test = float_test(ctx, clif.inst).ok_or_else(|| uncovered(clif))?;
    let two = matches!(
        test,
        Test::Float {
            flags: Flags::Equal | Flags::NotEqual,
            ..
        }
    );
    let temp = two.then(|| temp(ctx));
    let to = clif.result(ctx);
    ctx.isa(Inst::Set { test, to, temp });
    Ok(())
}

/// Whether a value is not zero.
///
/// # Errors
/// Values that are no integers.
pub fn truth(ctx: &mut Ctx<'_>, value: Value) -> Result<Test, Refusal> {
    if let Some(inst) = ctx.defined_by(value, Opcode::Icmp)
        && let Some(test) = compare(ctx, inst)
    {
        return Ok(test);
    }
    if let Some(inst) = ctx.defined_by(value, Opcode::Fcmp)
        && let Some(test) = float_test(ctx, inst)
    {
        return Ok(test);
    }
    let ty = ctx.ty(value);
    if let Some(inst) = ctx.defined_by(value, Opcode::Band)
        && ty.is_int()
        && ty.bits() <= 64
    {
        let (left, right) = (ctx.args(inst)[0], ctx.args(inst)[1]);
        let (left, right) = if immediate(ctx, left).is_some() {
            (right, left)
        } else {
            (left, right)
        };
        let (left, right) = (ctx.reg(left), source(ctx, right));
        return Ok(Test::Bits {
            size: size(ty),
            left,
            right,
            cond: Cond::Ne,
        });
    }
    if !ty.is_int() {
        return Err(Refusal::uncovered(format!("a condition of type {ty}")));
    }
    let regs = ctx.all_regs(value);
    let (mut left, mut size) = (regs[0], size(ty));
    if let Some(high) = regs.get(1) {
        let to = temp(ctx);
        size = Size::B8;
        ctx.isa(Inst::Alu {
            op: Alu::Or,
            size,
            to,
            left,
            right: (*high).into(),
        });
        left = to;
    }
    Ok(Test::Int {
        size,
        left,
        right: Source::Imm(0),
        cond: Cond::Ne,
    })
}

/// The opposite.
pub fn inverted(mut test: Test) -> Test {
    match &mut test {
        Test::Int { cond, .. } | Test::Bits { cond, .. } | Test::Pair { cond, .. } => {
            *cond = cond.inverted()
        }
        Test::Float { flags, .. } => {
            *flags = match *flags {
                Flags::One(cond) => Flags::One(cond.inverted()),
                Flags::Equal => Flags::NotEqual,
                Flags::NotEqual => Flags::Equal,
            };
        }
    }
    test
}

/// `to = yes` if the test holds, else `no`.
pub fn choose(ctx: &mut Ctx<'_>, test: Test, to: Reg, (yes, no): (Reg, Reg)) {
    if to.class() != RegClass::Int {
        ctx.isa(Inst::SelectVector { test, to, yes, no });
    } else if matches!(
        test,
        Test::Float {
            flags: Flags::Equal,
            ..
        }
    ) {
        let test = inverted(test);
        ctx.isa(Inst::Select {
            test,
            to,
            yes: no,
            no: yes,
        });
    } else {
        ctx.isa(Inst::Select { test, to, yes, no });
    }
}
