//! What each instruction reads and writes, and where it must be.

use regalloc2::{OperandConstraint, OperandKind, OperandPos, PReg, PRegSet, RegClass};

use super::{Amount, Inst, Source};
use crate::backend::operands::Operands;
use crate::backend::reg::Reg;
use crate::backend::vcode::MachineInst;

const RAX: PReg = PReg::new(0, RegClass::Int);
const RCX: PReg = PReg::new(1, RegClass::Int);
const RDX: PReg = PReg::new(2, RegClass::Int);

/// Written in one given register before all reads are done.
fn write_early_in(operands: &mut impl Operands, reg: &mut Reg, real: PReg) {
    let constraint = OperandConstraint::FixedReg(real);
    operands.visit(reg, constraint, OperandKind::Def, OperandPos::Early);
}

/// A two-address instruction.
fn two_address(operands: &mut impl Operands, to: &mut Reg, left: &mut Reg, right: &mut Source) {
    operands.read(left);
    right.read(operands);
    operands.write_over(to, 0);
}

fn amount(operands: &mut impl Operands, amount: &mut Amount) {
    if let Amount::Reg(reg) = amount {
        operands.read_in(reg, RCX);
    }
}

impl MachineInst for Inst {
    fn operands(&mut self, operands: &mut impl Operands) {
        match self {
            Inst::Alu {
                to, left, right, ..
            }
            | Inst::Vector {
                to, left, right, ..
            }
            | Inst::VectorImm {
                to, left, right, ..
            } => two_address(operands, to, left, right),
            Inst::AluFlag {
                to,
                left,
                right,
                flag,
                ..
            } => {
                two_address(operands, to, left, right);
                operands.write(flag);
            }
            Inst::Pair {
                to,
                left,
                right,
                flag,
                ..
            } => {
                // The high half is read when the low one is written: the same value may be
                // first here and last there.
                left.iter_mut().for_each(|reg| operands.read(reg));
                right.iter_mut().for_each(|reg| operands.read_late(reg));
                operands.write_over(&mut to[0], 0);
                operands.write_over(&mut to[1], 1);
                if let Some((_, flag)) = flag {
                    operands.write(flag);
                }
            }
            Inst::Unary { to, from, .. }
            | Inst::ByteSwap { to, from, .. }
            | Inst::Mask { to, from, .. }
            | Inst::VectorShift { to, from, .. } => {
                operands.read(from);
                operands.write_over(to, 0);
            }
            Inst::Multiply {
                to,
                left,
                right,
                flag,
                ..
            } => {
                if let Source::Imm(_) = right {
                    operands.read(left);
                    operands.write(to);
                } else {
                    two_address(operands, to, left, right);
                }
                flag.iter_mut().for_each(|flag| operands.write(flag));
            }
            Inst::MultiplyWide {
                low,
                high,
                left,
                right,
                flag,
                ..
            } => {
                operands.read_in(left, RAX);
                operands.read(right);
                operands.write_in(low, RAX);
                operands.write_in(high, RDX);
                flag.iter_mut().for_each(|flag| operands.write(flag));
            }
            Inst::Divide {
                quotient,
                remainder,
                left,
                right,
                ..
            } => {
                operands.read_in(left, RAX);
                operands.read(right);
                operands.write_in(quotient, RAX);
                write_early_in(operands, remainder, RDX);
            }
            Inst::Shift {
                to,
                from,
                amount: by,
                ..
            } => {
                operands.read(from);
                amount(operands, by);
                operands.write_over(to, 0);
            }
            Inst::Scan { to, from, zero, .. } => {
                operands.read(from);
                operands.read(zero);
                operands.write_early(to);
            }
            Inst::Abs {
                to, from, again, ..
            } => {
                operands.read(from);
                operands.read_late(again);
                operands.write_over(to, 0);
            }
            Inst::Extend { to, from, .. }
            | Inst::VectorUnary { to, from, .. }
            | Inst::VectorUnaryImm { to, from, .. } => {
                from.read(operands);
                operands.write(to);
            }
            Inst::Count { to, from, .. }
            | Inst::VectorLow { to, from }
            | Inst::FromGpr { to, from, .. }
            | Inst::ToGpr { to, from, .. }
            | Inst::Extract { to, from, .. }
            | Inst::Signs { to, from, .. }
            | Inst::FloatFromInt { to, from, .. }
            | Inst::IntFromFloat { to, from, .. } => {
                operands.read(from);
                operands.write(to);
            }
            Inst::Constant { to, .. }
            | Inst::Symbol { to, .. }
            | Inst::VectorZero { to }
            | Inst::VectorOnes { to } => operands.write(to),
            Inst::Store { from, to, .. } => {
                from.read(operands);
                to.read(operands);
            }
            Inst::Set { test, to, temp } => {
                test.read(operands);
                operands.write(to);
                temp.iter_mut().for_each(|temp| operands.write(temp));
            }
            Inst::Select { test, to, yes, no } | Inst::SelectVector { test, to, yes, no } => {
                operands.read(no);
                operands.read(yes);
                test.read(operands);
                operands.write_over(to, 0);
            }
            Inst::Branch { test, .. } | Inst::TrapIf { test, .. } => test.read(operands),
            Inst::Table { index, temps, .. } => {
                operands.read(index);
                temps.iter_mut().for_each(|temp| operands.write_early(temp));
            }
            Inst::Trap { .. } | Inst::Fence => {}
            Inst::Exchange {
                to, from, address, ..
            } => {
                operands.read(from);
                address.read(operands);
                operands.write_over(to, 0);
            }
            Inst::CompareExchange {
                to,
                expected,
                new,
                address,
                ..
            } => {
                operands.read_in(expected, RAX);
                operands.read(new);
                address.read(operands);
                operands.write_in(to, RAX);
            }
            Inst::Update {
                to,
                operand,
                temp,
                address,
                ..
            } => {
                operands.read_late(operand);
                address.read_late(operands);
                operands.write_early(temp);
                write_early_in(operands, to, RAX);
            }
            Inst::VectorLoad { to, from, .. } => {
                from.read(operands);
                operands.write(to);
            }
            Inst::VectorStore { from, to, .. } => {
                operands.read(from);
                to.read(operands);
            }
            Inst::VectorMerge {
                to, left, right, ..
            } => {
                operands.read(left);
                operands.read(right);
                operands.write_over(to, 0);
            }
            Inst::Insert { to, into, from, .. } => two_address(operands, to, into, from),
            Inst::FloatFromWord {
                to, from, temps, ..
            } => {
                operands.read(from);
                operands.write_early(to);
                temps.iter_mut().for_each(|temp| operands.write_early(temp));
            }
            Inst::IntFromFloatSat { to, from, temp, .. } => {
                operands.read(from);
                operands.write_early(to);
                operands.write_early(temp);
            }
            Inst::FloatChoice {
                to, left, right, ..
            } => {
                operands.read(left);
                operands.read(right);
                operands.write_over(to, 0);
            }
        }
    }

    fn clobbers(&self) -> PRegSet {
        PRegSet::empty()
    }

    fn is_branch(&self) -> bool {
        matches!(self, Inst::Branch { .. } | Inst::Table { .. })
    }

    fn is_end(&self) -> bool {
        matches!(self, Inst::Trap { .. })
    }
}
