//! Comparisons: as values, as parts of branches and selects.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, Value, types};

use super::build::{Build, not_zero};
use super::format;
use super::integer::immediate;
use crate::backend::reg::Reg;
use crate::backend::riscv64::encode::{Alu, AluImm, Branch, FloatCompare};
use crate::backend::riscv64::inst::Condition;
use crate::backend::riscv64::registers::ZERO;

/// The branch for a condition, and whether its operands change places.
fn branch(condition: IntCC) -> (Branch, bool) {
    match condition {
        IntCC::Equal => (Branch::Eq, false),
        IntCC::NotEqual => (Branch::Ne, false),
        IntCC::SignedLessThan => (Branch::Lt, false),
        IntCC::SignedGreaterThanOrEqual => (Branch::Ge, false),
        IntCC::SignedGreaterThan => (Branch::Lt, true),
        IntCC::SignedLessThanOrEqual => (Branch::Ge, true),
        IntCC::UnsignedLessThan => (Branch::Ltu, false),
        IntCC::UnsignedGreaterThanOrEqual => (Branch::Geu, false),
        IntCC::UnsignedGreaterThan => (Branch::Ltu, true),
        IntCC::UnsignedLessThanOrEqual => (Branch::Geu, true),
    }
}

/// The registers of operands, extended as the comparison wants them.
fn extended(b: &mut Build<'_, '_>, op: Branch, values: [Value; 2]) -> [Reg; 2] {
    let signed = matches!(op, Branch::Lt | Branch::Ge);
    values.map(|value| {
        if signed {
            b.sign_extended(value)
        } else {
            b.ordered(value)
        }
    })
}

/// A comparison of integers as a part of something else.
pub fn integers(b: &mut Build<'_, '_>, condition: IntCC, values: [Value; 2]) -> Condition {
    let (op, swapped) = branch(condition);
    let [x, y] = extended(b, op, values);
    let (a, b) = if swapped { (y, x) } else { (x, y) };
    Condition { op, a, b }
}

/// A comparison of floats: a register with 1 or 0, and whether 0 is what is asked for.
fn floats(b: &mut Build<'_, '_>, condition: FloatCC, values: [Value; 2]) -> (Reg, bool) {
    let format = format(b.ctx.ty(values[0]));
    let [x, y] = values.map(|value| b.reg(value));
    use FloatCompare::{Eq, Le, Lt};
    let mut one = |op, x, y| b.float_compare(op, format, x, y);
    let (pair, inverted) = match condition {
        FloatCC::Equal => return (one(Eq, x, y), false),
        FloatCC::NotEqual => return (one(Eq, x, y), true),
        FloatCC::LessThan => return (one(Lt, x, y), false),
        FloatCC::LessThanOrEqual => return (one(Le, x, y), false),
        FloatCC::GreaterThan => return (one(Lt, y, x), false),
        FloatCC::GreaterThanOrEqual => return (one(Le, y, x), false),
        // With a NaN the opposite is false.
        FloatCC::UnorderedOrLessThan => return (one(Le, y, x), true),
        FloatCC::UnorderedOrLessThanOrEqual => return (one(Lt, y, x), true),
        FloatCC::UnorderedOrGreaterThan => return (one(Le, x, y), true),
        FloatCC::UnorderedOrGreaterThanOrEqual => return (one(Lt, x, y), true),
        FloatCC::Ordered => ((one(Eq, x, x), one(Eq, y, y), Alu::And), false),
        FloatCC::Unordered => ((one(Eq, x, x), one(Eq, y, y), Alu::And), true),
        FloatCC::OrderedNotEqual => ((one(Lt, x, y), one(Lt, y, x), Alu::Or), false),
        FloatCC::UnorderedOrEqual => ((one(Lt, x, y), one(Lt, y, x), Alu::Or), true),
    };
    let (first, second, op) = pair;
    (b.alu(op, first, second), inverted)
}

/// What makes the truth of a value: a comparison, or that it is not zero.
pub fn truth(b: &mut Build<'_, '_>, value: Value) -> Condition {
    let compare = [Opcode::Icmp, Opcode::Fcmp];
    let made = compare
        .into_iter()
        .find_map(|opcode| b.ctx.defined_by(value, opcode));
    if let Some(inst) = made {
        let data = b.ctx.function.dfg.insts[inst];
        match data {
            InstructionData::IntCompare { cond, args, .. }
                if b.ctx.ty(args[0]) != types::I128 && !b.ctx.ty(args[0]).is_vector() =>
            {
                return integers(b, cond, args);
            }
            InstructionData::FloatCompare { cond, args, .. }
                if matches!(b.ctx.ty(args[0]), types::F32 | types::F64) =>
            {
                let (bit, inverted) = floats(b, cond, args);
                let op = if inverted { Branch::Eq } else { Branch::Ne };
                return Condition {
                    op,
                    a: bit,
                    b: ZERO,
                };
            }
            _ => {}
        }
    }
    if b.ctx.ty(value) == types::I128 {
        let (low, high) = b.ctx.pair(value);
        let both = b.alu(Alu::Or, low, high);
        return not_zero(both);
    }
    let reg = b.ordered(value);
    not_zero(reg)
}

/// `icmp`, `fcmp`.
pub fn as_value(b: &mut Build<'_, '_>, to: Reg, inst: ClifInst) {
    match b.ctx.function.dfg.insts[inst] {
        InstructionData::IntCompare { cond, args, .. } => integer_value(b, to, cond, args),
        InstructionData::FloatCompare { cond, args, .. } => {
            let (bit, inverted) = floats(b, cond, args);
            let mask = if inverted { 1 } else { 0 };
            b.to(to).imm(AluImm::Xori, bit, mask);
        }
        _ => unreachable!("the formats of icmp and fcmp"),
    }
}

fn integer_value(b: &mut Build<'_, '_>, to: Reg, condition: IntCC, values: [Value; 2]) {
    let (op, swapped) = branch(condition);
    let less = if matches!(op, Branch::Lt | Branch::Ge) {
        Alu::Slt
    } else {
        Alu::Sltu
    };
    let less_imm = if less == Alu::Slt {
        AluImm::Slti
    } else {
        AluImm::Sltiu
    };
    match op {
        Branch::Eq | Branch::Ne => {
            let [x, y] = extended(b, op, values);
            let differs = if y == ZERO { x } else { b.alu(Alu::Xor, x, y) };
            if op == Branch::Eq {
                b.to(to).imm(AluImm::Sltiu, differs, 1);
            } else {
                b.to(to).alu(Alu::Sltu, ZERO, differs);
            }
        }
        Branch::Lt | Branch::Ltu if !swapped && immediate(b, values[1]).is_some() => {
            // An immediate is sign-extended, and so must an unsigned operand be if that matters.
            let imm = immediate(b, values[1]).unwrap_or_default();
            let x = if less == Alu::Slt || imm < 0 {
                b.sign_extended(values[0])
            } else {
                b.ordered(values[0])
            };
            b.to(to).imm(less_imm, x, imm);
        }
        _ => {
            let [x, y] = extended(b, op, values);
            let (x, y) = if swapped { (y, x) } else { (x, y) };
            if matches!(op, Branch::Lt | Branch::Ltu) {
                b.to(to).alu(less, x, y);
            } else {
                let bit = b.alu(less, x, y);
                b.to(to).imm(AluImm::Xori, bit, 1);
            }
        }
    }
}

/// `smin`, `umin`, `smax`, `umax`.
pub fn extreme(b: &mut Build<'_, '_>, to: Reg, opcode: Opcode, values: [Value; 2]) {
    let condition = match opcode {
        Opcode::Smin => IntCC::SignedLessThan,
        Opcode::Umin => IntCC::UnsignedLessThan,
        Opcode::Smax => IntCC::SignedGreaterThan,
        _ => IntCC::UnsignedGreaterThan,
    };
    let condition = integers(b, condition, values);
    let [x, y] = values.map(|value| b.reg(value));
    b.to(to).select(condition, x, y);
}

/// `select`.
pub fn select(b: &mut Build<'_, '_>, to: Reg, [condition, x, y]: [Value; 3]) {
    let condition = truth(b, condition);
    let (x, y) = (b.reg(x), b.reg(y));
    let y = b.ctx.virtual_copy(y);
    b.to(to).select(condition, x, y);
}
