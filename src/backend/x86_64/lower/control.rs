//! Conditions, branches, traps, addresses of symbols, and what else is none of the others.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{
    Function, GlobalValueData, Inst as ClifInst, InstructionData, Opcode, Type, Value, types,
};
use regalloc2::RegClass;

use super::super::abi::int;
use super::super::arch::{size, width};
use super::super::encode::integer::Alu;
use super::super::encode::{Cond, Size};
use super::super::inst::{Amount, Flags, Inst, Source, Test};
use super::{Clif, Ctx, arithmetic, temp, uncovered, zero_extended};
use crate::backend::limit::Refusal;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;
use crate::backend::vcode::Op;

/// Whether it is here.
pub fn covers(function: &Function, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
    let of = |n: usize| function.dfg.value_type(function.dfg.inst_args(inst)[n]);
    match opcode {
        Opcode::Icmp => of(0).is_int() && of(0).bits() <= 64,
        Opcode::Fcmp => of(0) == types::F32 || of(0) == types::F64,
        Opcode::Select
        | Opcode::SelectSpectreGuard
        | Opcode::Bmask
        | Opcode::Trap
        | Opcode::Trapz
        | Opcode::Trapnz
        | Opcode::SymbolValue
        | Opcode::FuncAddr
        | Opcode::GetPinnedReg
        | Opcode::SetPinnedReg
        | Opcode::Brif
        | Opcode::BrTable
        | Opcode::Iconst
        | Opcode::F16const
        | Opcode::F32const
        | Opcode::F64const
        | Opcode::F128const
        | Opcode::Vconst => true,
        Opcode::UaddOverflowTrap => ty.bits() <= 64,
        _ => false,
    }
}

/// Lowers one of them.
pub fn lower(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    let inst = clif.inst;
    let data = ctx.function.dfg.insts[inst];
    match data {
        InstructionData::IntCompare { .. } => {
            let test = arithmetic::compare(ctx, inst).ok_or_else(|| uncovered(clif))?;
            let to = clif.result(ctx);
            ctx.isa(Inst::Set {
                test,
                to,
                temp: None,
            });
        }
        InstructionData::FloatCompare { .. } => float_compare(ctx, clif)?,
        InstructionData::Trap { code, .. } => ctx.isa(Inst::Trap { code }),
        InstructionData::CondTrap { opcode, arg, code } => {
            let test = truth(ctx, arg)?;
            let test = if opcode == Opcode::Trapz {
                inverted(test)
            } else {
                test
            };
            ctx.isa(Inst::TrapIf { test, code });
        }
        InstructionData::IntAddTrap { args, code, .. } => {
            let (left, right) = (ctx.reg(args[0]), ctx.reg(args[1]));
            let (to, flag) = (clif.result(ctx), temp(ctx));
            let size = size(clif.ty);
            let right = Source::Reg(right);
            ctx.isa(Inst::AluFlag {
                op: Alu::Add,
                size,
                to,
                left,
                right,
                cond: Cond::B,
                flag,
            });
            let right = Source::Imm(0);
            let test = Test::Int {
                size: Size::B1,
                left: flag,
                right,
                cond: Cond::Ne,
            };
            ctx.isa(Inst::TrapIf { test, code });
        }
        InstructionData::UnaryGlobalValue { global_value, .. } => {
            let GlobalValueData::Symbol {
                name,
                offset,
                colocated,
                ..
            } = &ctx.function.global_values[global_value]
            else {
                return Err(uncovered(clif));
            };
            let (name, offset, near) = (name.clone(), i64::from(*offset), *colocated);
            let to = clif.result(ctx);
            ctx.isa(Inst::Symbol {
                to,
                name,
                offset,
                near,
            });
        }
        InstructionData::FuncAddr { func_ref, .. } => {
            let data = &ctx.function.dfg.ext_funcs[func_ref];
            let (name, near) = (data.name.clone(), data.colocated);
            let to = clif.result(ctx);
            ctx.isa(Inst::Symbol {
                to,
                name,
                offset: 0,
                near,
            });
        }
        _ => match clif.opcode {
            Opcode::Select | Opcode::SelectSpectreGuard => arithmetic::select(ctx, clif)?,
            Opcode::Bmask => arithmetic::bmask(ctx, clif)?,
            Opcode::GetPinnedReg => {
                let to = clif.result(ctx);
                ctx.emit(Op::Move {
                    to,
                    from: Reg::real(int(15)),
                });
            }
            Opcode::SetPinnedReg => {
                let from = clif.reg(ctx, 0);
                ctx.emit(Op::Move {
                    to: Reg::real(int(15)),
                    from,
                });
            }
            // Constants are made where they are used.
            _ => return Err(uncovered(clif)),
        },
    }
    Ok(())
}

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

fn float_compare(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
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
        && let Some(test) = arithmetic::compare(ctx, inst)
    {
        return Ok(test);
    }
    if let Some(inst) = ctx.defined_by(value, Opcode::Fcmp)
        && let Some(test) = float_test(ctx, inst)
    {
        return Ok(test);
    }
    let ty = ctx.ty(value);
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
        Test::Int { cond, .. }
        | Test::Bits { cond, .. }
        | Test::Pair { cond, .. }
        | Test::AllZero { cond, .. } => *cond = cond.inverted(),
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

/// `brif` and `br_table`.
///
/// # Errors
/// Conditions that are no integers.
pub fn branch(ctx: &mut Ctx<'_>, inst: ClifInst, targets: &[BlockId]) -> Result<(), Refusal> {
    match ctx.function.dfg.insts[inst] {
        InstructionData::Brif { arg, .. } => {
            let test = truth(ctx, arg)?;
            ctx.isa(Inst::Branch {
                test,
                yes: targets[0],
                no: targets[1],
            });
            Ok(())
        }
        InstructionData::BranchTable { arg, .. } => {
            let index = zero_extended(ctx, arg);
            let temps = [temp(ctx), temp(ctx)];
            ctx.isa(Inst::Table {
                index,
                temps,
                targets: targets.to_vec(),
            });
            Ok(())
        }
        data => Err(Refusal::uncovered(data.opcode().to_string())),
    }
}

/// Shifts by a constant, 64 bits.
pub fn shifted(
    ctx: &mut Ctx<'_>,
    op: super::super::encode::shift::Shift,
    from: Reg,
    count: u8,
) -> Reg {
    let to = temp(ctx);
    ctx.isa(Inst::Shift {
        op,
        size: Size::B8,
        to,
        from,
        amount: Amount::Imm(count),
    });
    to
}
