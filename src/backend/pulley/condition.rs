//! Truth: comparisons, selections, branches and conditional traps.
//!
//! A comparison that only a branch reads is made by the branch.

use cranelift_codegen::ir::condcodes::{CondCode as _, FloatCC, IntCC};
use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, Type, Value, types};
use pulley_interpreter::encode;

use super::Pulley;
use super::compare;
use super::encode::{Put, binary, branch, f, fields, unary, v, x};
use super::inst::{Condition, Inst};
use super::lower::Ctx;
use super::vector;
use crate::backend::arch::Arch as _;
use crate::backend::limit::Refusal;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;

/// Whether both sides are looked at as signed.
fn is_signed(cond: IntCC) -> bool {
    cond != cond.unsigned()
}

impl Pulley {
    /// A narrow integer with the bits above it filled, up to 32 bits at least.
    pub(super) fn filled(&self, ctx: &mut Ctx<'_>, value: Value, signed: bool) -> Reg {
        let ty = ctx.ty(value);
        if ty.bits() >= 32 {
            return ctx.reg(value);
        }
        if let Some(bits) = ctx.constant(value) {
            let bits = if signed {
                let sign = ctx.signed_constant(value).unwrap_or_default();
                u128::from(sign.cast_unsigned() & u64::from(u32::MAX))
            } else {
                u128::from(bits)
            };
            return self.constant(ctx, types::I32, bits);
        }
        if !signed && is_bit(ctx, value, 4) {
            return ctx.reg(value);
        }
        let put = match (ty, signed) {
            (types::I8, false) => unary!(zext8, x, x),
            (types::I8, true) => unary!(sext8, x, x),
            (_, false) => unary!(zext16, x, x),
            (_, true) => unary!(sext16, x, x),
        };
        let from = ctx.reg(value);
        let to = ctx.temp_for(types::I64);
        ctx.isa(Inst::plain(put, vec![to, from]));
        to
    }

    /// A register whose low 32 bits are zero exactly if the value is.
    pub(super) fn truth(&self, ctx: &mut Ctx<'_>, value: Value) -> Reg {
        if ctx.ty(value) != types::I64 {
            return self.filled(ctx, value, false);
        }
        let from = ctx.reg(value);
        let to = ctx.temp_for(types::I64);
        ctx.isa(Inst::plain(unary!(xbmask64, x, x), vec![to, from]));
        to
    }

    /// What a branch on the value asks.
    fn condition(&self, ctx: &mut Ctx<'_>, value: Value) -> Condition {
        if let Some(inst) = ctx.defined_by(value, Opcode::Icmp)
            && let InstructionData::IntCompare { args, cond, .. } = ctx.function.dfg.insts[inst]
            && ctx.ty(args[0]).bits() <= 64
        {
            return self.compared(ctx, cond, args);
        }
        if ctx.ty(value) == types::I64 {
            return Condition {
                holds: branch!(br_if_xneq64_i8, i8),
                fails: branch!(br_if_xeq64_i8, i8),
                regs: vec![ctx.reg(value)],
                imm: 0,
            };
        }
        Condition {
            holds: branch!(br_if32, 1),
            fails: branch!(br_if_not32, 1),
            regs: vec![self.filled(ctx, value, false)],
            imm: 0,
        }
    }

    fn compared(
        &self,
        ctx: &mut Ctx<'_>,
        mut cond: IntCC,
        [mut a, mut b]: [Value; 2],
    ) -> Condition {
        if ctx.constant(a).is_some() && ctx.constant(b).is_none() {
            (a, b) = (b, a);
            cond = cond.swap_args();
        }
        let ty = ctx.ty(a);
        let wide = ty == types::I64;
        // Narrow operands of conditions without a sign are filled with zeros.
        let is_equality = matches!(cond, IntCC::Equal | IntCC::NotEqual);
        let imm = if is_signed(cond) || (is_equality && ty.bits() >= 32) {
            ctx.signed_constant(b).map(i128::from)
        } else {
            ctx.constant(b).map(i128::from)
        };
        if let Some(imm) = imm
            && let Some(holds) = compare::immediate(cond, wide, imm)
            && let Some(fails) = compare::immediate(cond.complement(), wide, imm)
        {
            let regs = vec![self.filled(ctx, a, is_signed(cond))];
            return Condition {
                holds,
                fails,
                regs,
                imm,
            };
        }
        let a = self.filled(ctx, a, is_signed(cond));
        let b = self.filled(ctx, b, is_signed(cond));
        Condition {
            holds: compare::registers(cond, wide),
            fails: compare::registers(cond.complement(), wide),
            regs: vec![a, b],
            imm: 0,
        }
    }

    pub(super) fn branch(
        &self,
        ctx: &mut Ctx<'_>,
        inst: ClifInst,
        targets: &[BlockId],
    ) -> Result<(), Refusal> {
        let data = ctx.function.dfg.insts[inst];
        match data {
            InstructionData::Brif { arg, .. } => {
                let condition = self.condition(ctx, arg);
                ctx.isa(Inst::Branch {
                    condition,
                    then: targets[0],
                    other: targets[1],
                });
                Ok(())
            }
            InstructionData::BranchTable { arg, .. } => {
                let index = ctx.reg(arg);
                let (default, rest) = targets.split_first().expect("a table has a default");
                let mut targets = rest.to_vec();
                targets.push(*default);
                ctx.isa(Inst::Table { index, targets });
                Ok(())
            }
            _ => Err(Refusal::uncovered(data.opcode().to_string())),
        }
    }

    pub(super) fn conditional_trap(&self, ctx: &mut Ctx<'_>, inst: ClifInst) {
        let InstructionData::CondTrap { opcode, arg, code } = ctx.function.dfg.insts[inst] else {
            unreachable!("the format of trapz and trapnz");
        };
        let condition = self.condition(ctx, arg);
        let condition = if opcode == Opcode::Trapz {
            condition.inverse()
        } else {
            condition
        };
        ctx.isa(Inst::TrapIf { condition, code });
    }

    pub(super) fn int_compare(&self, ctx: &mut Ctx<'_>, inst: ClifInst) {
        let InstructionData::IntCompare { args, cond, .. } = ctx.function.dfg.insts[inst] else {
            unreachable!("the format of icmp");
        };
        let [a, b] = args;
        let ty = ctx.ty(a);
        let to = ctx.result(inst, 0);
        if ty.is_vector() {
            let (a, b) = (ctx.reg(a), ctx.reg(b));
            let swapped = vector::compare(cond.swap_args(), ty).map(|put| (put, vec![to, b, a]));
            let direct = vector::compare(cond, ty).map(|put| (put, vec![to, a, b]));
            let (put, regs) = direct.or(swapped).expect("one of the two is there");
            ctx.isa(Inst::plain(put, regs));
            return;
        }
        let signed = is_signed(cond);
        let (a, b) = (self.filled(ctx, a, signed), self.filled(ctx, b, signed));
        let put = compare::value(cond, ty == types::I64);
        ctx.isa(Inst::plain(put, vec![to, a, b]));
    }

    pub(super) fn float_compare(&self, ctx: &mut Ctx<'_>, inst: ClifInst) -> Result<(), Refusal> {
        let InstructionData::FloatCompare { args, cond, .. } = ctx.function.dfg.insts[inst] else {
            unreachable!("the format of fcmp");
        };
        let ty = ctx.ty(args[0]);
        let (a, b) = (ctx.reg(args[0]), ctx.reg(args[1]));
        let to = ctx.result(inst, 0);
        let result = self.float_truth(ctx, to, cond, ty, [a, b]);
        result.ok_or_else(|| Refusal::uncovered(format!("fcmp {cond} of {ty}")))
    }

    /// The four conditions that there are, exchanged, negated or joined.
    fn float_truth(
        &self,
        ctx: &mut Ctx<'_>,
        to: Reg,
        cond: FloatCC,
        ty: Type,
        [a, b]: [Reg; 2],
    ) -> Option<()> {
        if let Some(put) = vector::compare_floats(cond, ty) {
            ctx.isa(Inst::plain(put, vec![to, a, b]));
            return Some(());
        }
        if let Some(put) = vector::compare_floats(cond.swap_args(), ty) {
            ctx.isa(Inst::plain(put, vec![to, b, a]));
            return Some(());
        }
        let is_vector = ty.is_vector();
        let temp = |ctx: &mut Ctx<'_>| ctx.temp_for(if is_vector { ty } else { types::I32 });
        let (first, second, joined) = match cond {
            FloatCC::Ordered => ((FloatCC::Equal, [a, a]), (FloatCC::Equal, [b, b]), true),
            FloatCC::Unordered => {
                let differs = FloatCC::NotEqual;
                ((differs, [a, a]), (differs, [b, b]), false)
            }
            FloatCC::OrderedNotEqual => {
                let less = FloatCC::LessThan;
                ((less, [a, b]), (less, [b, a]), false)
            }
            _ => {
                // The rest are the opposites of those.
                let opposite = temp(ctx);
                self.float_truth(ctx, opposite, cond.complement(), ty, [a, b])?;
                ctx.isa(if is_vector {
                    Inst::plain(unary!(vbnot128, v, v), vec![to, opposite])
                } else {
                    Inst::with(fields!(xbxor32_s8, x, x; i8), vec![to, opposite], 1)
                });
                return Some(());
            }
        };
        let (left, right) = (temp(ctx), temp(ctx));
        self.float_truth(ctx, left, first.0, ty, first.1)?;
        self.float_truth(ctx, right, second.0, ty, second.1)?;
        let put = match (is_vector, joined) {
            (true, true) => binary!(vband128, v),
            (true, false) => binary!(vbor128, v),
            (false, true) => binary!(xband32, x),
            (false, false) => binary!(xbor32, x),
        };
        ctx.isa(Inst::plain(put, vec![to, left, right]));
        Some(())
    }

    pub(super) fn select(&self, ctx: &mut Ctx<'_>, inst: ClifInst) -> Result<(), Refusal> {
        let args = ctx.args(inst).to_vec();
        let ty = ctx.ty(args[1]);
        let put = match ty {
            types::I8 | types::I16 | types::I32 => fields!(xselect32, x, x, x, x),
            types::I64 => fields!(xselect64, x, x, x, x),
            types::F32 => fields!(fselect32, f, x, f, f),
            types::F64 => fields!(fselect64, f, x, f, f),
            _ if ty.is_vector() => fields!(vselect, v, x, v, v),
            _ => return Err(Refusal::uncovered(format!("select.{ty}"))),
        };
        let condition = self.truth(ctx, args[0]);
        let (a, b) = (ctx.reg(args[1]), ctx.reg(args[2]));
        let to = ctx.result(inst, 0);
        ctx.isa(Inst::plain(put, vec![to, condition, a, b]));
        Ok(())
    }
}

/// Whether all 32 low bits of a narrow value's register are known to be 0 or 1: it is made of
/// comparisons, at most `depth` operations back.
fn is_bit(ctx: &Ctx<'_>, value: Value, depth: u8) -> bool {
    if ctx.constant(value).is_some_and(|bits| bits <= 1) {
        return true;
    }
    let Some(inst) = ctx.definition(value) else {
        return false;
    };
    match ctx.function.dfg.insts[inst].opcode() {
        Opcode::Icmp | Opcode::Fcmp | Opcode::VanyTrue | Opcode::VallTrue => true,
        Opcode::Band | Opcode::Bor | Opcode::Bxor if depth > 0 => {
            let args = ctx.args(inst);
            args.iter().all(|&arg| is_bit(ctx, arg, depth - 1))
        }
        _ => false,
    }
}

impl Pulley {
    /// Whether the low 32 bits of a register are so much.
    pub(super) fn equals(&self, reg: Reg, imm: i128) -> Condition {
        let cond = IntCC::Equal;
        let branch = |cond| compare::immediate(cond, false, imm).expect("a small number");
        Condition {
            holds: branch(cond),
            fails: branch(cond.complement()),
            regs: vec![reg],
            imm,
        }
    }
}
