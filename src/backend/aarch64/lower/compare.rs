//! Comparisons, and what depends on them: choices, branches, conditional traps.
//!
//! A comparison that is only asked for by one of these sets the flags right before it.

use cranelift_codegen::ir::condcodes::{CondCode as _, FloatCC, IntCC};
use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, Value, types};

use super::super::encode::{
    Binary, Cond, CondCompare, FloatSize, Size, binary, cond_compare, float_compare,
    float_compare_zero,
};
use super::super::inst::{EMPTY, Inst, Test, word};
use super::{Ctx, Lowered, argument, extension, float_size, size_of, words};
use crate::backend::limit::Refusal;
use crate::backend::order::BlockId;

/// Conditions on the flags of which all or any must hold.
#[derive(Clone, Copy, Debug)]
pub enum Truth {
    /// This one.
    One(Cond),
    /// Either.
    Any(Cond, Cond),
}

/// The condition on the flags of a comparison of integers.
fn int_cond(cc: IntCC) -> Cond {
    match cc {
        IntCC::Equal => Cond::Eq,
        IntCC::NotEqual => Cond::Ne,
        IntCC::SignedLessThan => Cond::Lt,
        IntCC::SignedGreaterThanOrEqual => Cond::Ge,
        IntCC::SignedGreaterThan => Cond::Gt,
        IntCC::SignedLessThanOrEqual => Cond::Le,
        IntCC::UnsignedLessThan => Cond::Lo,
        IntCC::UnsignedGreaterThanOrEqual => Cond::Hs,
        IntCC::UnsignedGreaterThan => Cond::Hi,
        IntCC::UnsignedLessThanOrEqual => Cond::Ls,
    }
}

fn is_signed(cc: IntCC) -> bool {
    use IntCC::{
        SignedGreaterThan, SignedGreaterThanOrEqual, SignedLessThan, SignedLessThanOrEqual,
    };
    matches!(
        cc,
        SignedLessThan | SignedLessThanOrEqual | SignedGreaterThan | SignedGreaterThanOrEqual
    )
}

/// The condition on the flags of a comparison of floats (C6.2, FCMP): N less, Z equal, C not
/// less, C and V unordered.
fn float_truth(cc: FloatCC) -> Truth {
    Truth::One(match cc {
        FloatCC::Equal => Cond::Eq,
        FloatCC::NotEqual => Cond::Ne,
        FloatCC::LessThan => Cond::Mi,
        FloatCC::LessThanOrEqual => Cond::Ls,
        FloatCC::GreaterThan => Cond::Gt,
        FloatCC::GreaterThanOrEqual => Cond::Ge,
        FloatCC::Unordered => Cond::Vs,
        FloatCC::Ordered => Cond::Vc,
        FloatCC::UnorderedOrLessThan => Cond::Lt,
        FloatCC::UnorderedOrLessThanOrEqual => Cond::Le,
        FloatCC::UnorderedOrGreaterThan => Cond::Hi,
        FloatCC::UnorderedOrGreaterThanOrEqual => Cond::Pl,
        FloatCC::OrderedNotEqual => return Truth::Any(Cond::Mi, Cond::Gt),
        FloatCC::UnorderedOrEqual => return Truth::Any(Cond::Eq, Cond::Vs),
    })
}

impl Ctx<'_> {
    /// Emits the comparison of two integers and says what condition it is.
    fn compare_ints(&mut self, cc: IntCC, [a, b]: [Value; 2]) -> Cond {
        let ty = self.ty(a);
        if ty == types::I128 {
            return self.compare_wide(cc, [a, b]);
        }
        if self.constant(a).is_some() && self.constant(b).is_none() {
            return self.compare_ints(cc.swap_args(), [b, a]);
        }
        let (size, signed) = (size_of(ty), is_signed(cc));
        let first = self.extended(a, signed);
        let constant = match signed {
            true => self.signed_constant(b),
            false => self.constant(b).map(u64::cast_signed),
        };
        if let Some(value) = constant {
            let magnitude = value.unsigned_abs();
            let word = match value < 0 {
                // The flags of adding the negative are the same but for zero.
                true if signed || matches!(cc, IntCC::Equal | IntCC::NotEqual) => {
                    words::compare_negative(size, first, magnitude)
                }
                true => None,
                false => words::compare_imm(size, first, magnitude),
            };
            if let Some(word) = word {
                self.put_plain(word);
                return int_cond(cc);
            }
        }
        match extension(ty, signed).filter(|_| constant.is_none()) {
            Some(extend) => {
                let second = self.reg(b);
                self.put_plain(words::compare_extended(size, first, second, extend));
            }
            None => {
                let second = self.extended(b, signed);
                self.put_plain(words::compare(size, first, second));
            }
        }
        int_cond(cc)
    }

    /// The same of two `i128`.
    fn compare_wide(&mut self, cc: IntCC, [a, b]: [Value; 2]) -> Cond {
        let ((a_low, a_high), (b_low, b_high)) = (self.pair(a), self.pair(b));
        match cc {
            IntCC::Equal | IntCC::NotEqual => {
                self.put_plain(words::compare(Size::X, a_low, b_low));
                let form = cond_compare(CondCompare::CCMP, Size::X, (EMPTY, EMPTY), 0, Cond::Eq);
                self.put_plain(words::fits(form).n(a_high).m(b_high));
                int_cond(cc)
            }
            // The greater-than family has no flags of a subtraction with borrow of its own.
            IntCC::SignedGreaterThan
            | IntCC::SignedLessThanOrEqual
            | IntCC::UnsignedGreaterThan
            | IntCC::UnsignedLessThanOrEqual => self.compare_wide(cc.swap_args(), [b, a]),
            _ => {
                self.put_plain(words::compare(Size::X, a_low, b_low));
                let zero = super::super::encode::Reg::ZR;
                let form = binary(Binary::SBCS, Size::X, zero, EMPTY, EMPTY);
                self.put_plain(word(form).n(a_high).m(b_high));
                int_cond(cc)
            }
        }
    }

    fn compare_floats(&mut self, size: FloatSize, [a, b]: [Value; 2]) {
        let first = self.reg(a);
        if self.wide_constant(b) == Some(0) {
            return self.put_plain(word(float_compare_zero(size, EMPTY)).n(first));
        }
        let second = self.reg(b);
        self.put_plain(word(float_compare(size, EMPTY, EMPTY)).n(first).m(second));
    }

    /// Sets the flags to whether `condition` is not zero.
    pub(super) fn truth(&mut self, condition: Value) -> Truth {
        if let Some(inst) = self.definition(condition) {
            match self.function.dfg.insts[inst] {
                InstructionData::IntCompare { args, cond, .. } if !self.ty(args[0]).is_vector() => {
                    return Truth::One(self.compare_ints(cond, args));
                }
                InstructionData::FloatCompare { args, cond, .. } => {
                    if let Some(size) = float_size(self.ty(args[0])) {
                        self.compare_floats(size, args);
                        return float_truth(cond);
                    }
                }
                _ => {}
            }
        }
        let ty = self.ty(condition);
        if ty == types::I128 {
            let (low, high) = self.pair(condition);
            let either = self.int_of(words::alu(super::Alu::ORR, Size::X, low, high));
            let compare = words::compare_imm(Size::X, either, 0);
            self.put_plain(compare.expect("zero fits"));
            return Truth::One(Cond::Ne);
        }
        let reg = self.reg(condition);
        let mask = u64::MAX >> (64 - ty.bits().min(64));
        let word = match ty {
            types::I8 | types::I16 => words::test_imm(Size::W, reg, mask),
            _ => words::compare_imm(size_of(ty), reg, 0),
        };
        self.put_plain(word.expect("runs of ones and zero fit"));
        Truth::One(Cond::Ne)
    }

    /// What to branch on for `condition` not being zero.
    fn test(&mut self, condition: Value) -> Test {
        let ty = self.ty(condition);
        let compared = self.definition(condition).is_some_and(|inst| {
            let opcode = self.function.dfg.insts[inst].opcode();
            matches!(opcode, Opcode::Icmp | Opcode::Fcmp)
        });
        if !compared && matches!(ty, types::I32 | types::I64) {
            let reg = self.vreg(condition);
            return Test::NonZero(size_of(ty), reg);
        }
        if let Some(test) = self.compared_with_zero(condition) {
            return test;
        }
        match self.truth(condition) {
            Truth::One(cond) => Test::Flags(cond),
            Truth::Any(a, b) => {
                let either = self.either(a, b);
                Test::NonZero(Size::W, either)
            }
        }
    }

    /// Equality with zero, which needs no flags.
    fn compared_with_zero(&mut self, condition: Value) -> Option<Test> {
        let inst = self.defined_by(condition, Opcode::Icmp)?;
        let InstructionData::IntCompare {
            args: [a, b], cond, ..
        } = self.function.dfg.insts[inst]
        else {
            return None;
        };
        let ty = self.ty(a);
        let plain = matches!(ty, types::I32 | types::I64) && self.constant(b) == Some(0);
        match cond {
            IntCC::Equal if plain => Some(Test::Zero(size_of(ty), self.vreg(a))),
            IntCC::NotEqual if plain => Some(Test::NonZero(size_of(ty), self.vreg(a))),
            _ => None,
        }
    }
}

/// Lowers comparisons, choices and traps.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst) -> Lowered {
    let data = ctx.function.dfg.insts[inst];
    match data {
        InstructionData::IntCompare { args, cond, .. } if !ctx.ty(args[0]).is_vector() => {
            let to = ctx.result(inst, 0);
            let cond = ctx.compare_ints(cond, args);
            ctx.set(to, Truth::One(cond));
        }
        InstructionData::FloatCompare { args, cond, .. } => {
            let Some(size) = float_size(ctx.ty(args[0])) else {
                return Ok(false);
            };
            let to = ctx.result(inst, 0);
            ctx.compare_floats(size, args);
            ctx.set(to, float_truth(cond));
        }
        InstructionData::Ternary {
            opcode: Opcode::Select | Opcode::SelectSpectreGuard,
            args,
        } => {
            return ctx.choose(inst, args);
        }
        InstructionData::Unary {
            opcode: Opcode::Bmask,
            ..
        } => {
            let condition = argument(ctx, inst);
            let cond = ctx.one(condition);
            let result = ctx.function.dfg.first_result(inst);
            if ctx.ty(result) == types::I128 {
                let (low, high) = ctx.result_pair(inst, 0);
                ctx.put(low, words::mask_if(cond));
                ctx.put(high, words::mask_if(cond));
            } else {
                let to = ctx.result(inst, 0);
                ctx.put(to, words::mask_if(cond));
            }
        }
        InstructionData::CondTrap { opcode, arg, code } => {
            let test = ctx.test(arg);
            let test = if opcode == Opcode::Trapz {
                test.inverted()
            } else {
                test
            };
            ctx.isa(Inst::TrapIf { test, code });
        }
        InstructionData::Trap {
            opcode: Opcode::Trap,
            code,
        } => ctx.isa(Inst::Trap(code)),
        _ => return Ok(false),
    }
    Ok(true)
}

/// Lowers `brif` and `br_table`.
pub fn branch(ctx: &mut Ctx<'_>, inst: ClifInst, targets: &[BlockId]) -> Result<(), Refusal> {
    match (&ctx.function.dfg.insts[inst], targets) {
        (InstructionData::Brif { arg, .. }, &[then, other]) => {
            let test = ctx.test(*arg);
            ctx.isa(Inst::Branch {
                test,
                targets: [then, other],
            });
        }
        (InstructionData::BranchTable { arg, .. }, targets) => {
            let index = ctx.vreg(*arg);
            let (address, distance) = (ctx.int(), ctx.int());
            ctx.isa(Inst::Table {
                index,
                address,
                distance,
                targets: targets.to_vec(),
            });
        }
        _ => return Err(Refusal::uncovered("a branch")),
    }
    Ok(())
}
