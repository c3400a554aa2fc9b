//! What is made of conditions: bits, masks and choices.

use cranelift_codegen::ir::{Inst as ClifInst, Value, types};

use super::super::encode::{Choose, Cond, FloatSize, Lanes, Size, VecLogic, float_choose};
use super::super::inst::{EMPTY, word};
use super::super::registers::ZR;
use super::compare::Truth;
use super::{Ctx, Lowered, float_size, size_of, words};
use crate::backend::reg::Reg;

impl Ctx<'_> {
    /// 1 if either condition holds, else 0.
    pub(super) fn either(&mut self, a: Cond, b: Cond) -> Reg {
        let first = self.int_of(words::set_if(a));
        let op = (first, ZR);
        // Keeps the first where the second does not hold, else is zero plus one.
        self.int_of(words::choose(Choose::CSINC, Size::W, op, b.inverted()))
    }

    /// Puts 1 or 0 into `to`.
    pub(super) fn set(&mut self, to: Reg, truth: Truth) {
        match truth {
            Truth::One(cond) => self.put(to, words::set_if(cond)),
            Truth::Any(a, b) => {
                let first = self.int_of(words::set_if(a));
                let word = words::choose(Choose::CSINC, Size::W, (first, ZR), b.inverted());
                self.put(to, word);
            }
        }
    }

    pub(super) fn choose(&mut self, inst: ClifInst, [condition, a, b]: [Value; 3]) -> Lowered {
        let ty = self.ty(a);
        // Whatever makes operands comes before the flags.
        if ty == types::I128 {
            let (a, b) = (self.pair(a), self.pair(b));
            let (low, high) = self.result_pair(inst, 0);
            let cond = self.one(condition);
            self.put(low, words::choose(Choose::CSEL, Size::X, (a.0, b.0), cond));
            self.put(high, words::choose(Choose::CSEL, Size::X, (a.1, b.1), cond));
            return Ok(true);
        }
        let to = self.result(inst, 0);
        if ty.is_int() {
            let sources = (self.reg_or_zero(a), self.reg_or_zero(b));
            let cond = self.one(condition);
            self.put(to, words::choose(Choose::CSEL, size_of(ty), sources, cond));
            return Ok(true);
        }
        let (a, b) = (self.reg(a), self.reg(b));
        let cond = self.one(condition);
        if ty.bits() == 128 {
            let mask = self.int_of(words::mask_if(cond));
            let mask = self.vec_of(words::splat(Lanes::D2, mask));
            let word = words::vec_logic(VecLogic::BSL, a, b).over(to, mask);
            self.put_plain(word);
            return Ok(true);
        }
        let size = float_size(ty).unwrap_or(FloatSize::S);
        self.put(
            to,
            word(float_choose(size, EMPTY, (EMPTY, EMPTY), cond))
                .n(a)
                .m(b),
        );
        Ok(true)
    }

    /// One condition for `condition` not being zero.
    pub(super) fn one(&mut self, condition: Value) -> Cond {
        match self.truth(condition) {
            Truth::One(cond) => cond,
            Truth::Any(a, b) => {
                let either = self.either(a, b);
                let compare = words::compare_imm(Size::W, either, 0);
                self.put_plain(compare.expect("zero fits"));
                Cond::Ne
            }
        }
    }
}
