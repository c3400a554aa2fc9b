//! Sums and products with a bit that says whether they overflowed.

use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, Value, types};

use super::super::encode::{Alu, Bitfield, Cond, Extend, Shift, Size, WideMul};
use super::super::inst::{Inst, Test};
use super::super::registers::ZR;
use super::{Ctx, Lowered, extension, size_of, words};

impl Ctx<'_> {
    fn sum_overflow(&mut self, inst: ClifInst, opcode: Opcode, [a, b]: [Value; 2]) {
        let ty = self.ty(a);
        let subtract = matches!(opcode, Opcode::UsubOverflow | Opcode::SsubOverflow);
        let signed = matches!(opcode, Opcode::SaddOverflow | Opcode::SsubOverflow);
        let cond = match (signed, subtract) {
            (true, _) => Cond::Vs,
            (false, false) => Cond::Hs,
            (false, true) => Cond::Lo,
        };
        let overflow = self.result(inst, 1);
        if ty == types::I128 {
            let (a, b) = (self.pair(a), self.pair(b));
            let to = self.result_pair(inst, 0);
            self.wide_sum(to, subtract, a, b, true);
            return self.put(overflow, words::set_if(cond));
        }
        let (n, m) = (self.extended(a, signed), self.extended(b, signed));
        let to = self.result(inst, 0);
        let size = size_of(ty);
        let Some(extend) = extension(ty, signed) else {
            let op = if subtract { Alu::SUBS } else { Alu::ADDS };
            self.put(to, words::alu(op, size, n, m));
            return self.put(overflow, words::set_if(cond));
        };
        let op = if subtract { Alu::SUB } else { Alu::ADD };
        self.put(to, words::alu(op, size, n, m));
        if signed {
            self.put_plain(words::compare_extended(size, to, to, extend));
            self.put(overflow, words::set_if(Cond::Ne));
        } else {
            // The bit above: a carry, or the sign of a difference below zero.
            let bit = u8::try_from(ty.bits()).expect("8 or 16");
            self.put(
                overflow,
                words::bitfield(Bitfield::UBFM, size, to, bit, bit),
            );
        }
    }

    fn product_overflow(&mut self, inst: ClifInst, signed: bool, [a, b]: [Value; 2]) {
        let ty = self.ty(a);
        let (n, m) = (self.extended(a, signed), self.extended(b, signed));
        let (to, overflow) = (self.result(inst, 0), self.result(inst, 1));
        match (ty, signed) {
            (types::I64, _) => {
                let op = if signed {
                    WideMul::SMULH
                } else {
                    WideMul::UMULH
                };
                let high = self.int_of(words::wide_mul(op, n, m));
                self.put(to, words::mul(Size::X, n, m));
                let expected = match signed {
                    true => self.int_of(words::shift(Shift::Asr, Size::X, to, 63)),
                    false => ZR,
                };
                self.put_plain(words::compare(Size::X, high, expected));
            }
            (types::I32, _) => {
                let (op, extend) = match signed {
                    true => (WideMul::SMULL, Extend::Sxtw),
                    false => (WideMul::UMULL, Extend::Uxtw),
                };
                self.put(to, words::wide_mul(op, n, m));
                self.put_plain(words::compare_extended(Size::X, to, to, extend));
            }
            _ => {
                self.put(to, words::mul(Size::W, n, m));
                let extend = extension(ty, signed).expect("8 or 16 bits");
                self.put_plain(words::compare_extended(Size::W, to, to, extend));
            }
        }
        self.put(overflow, words::set_if(Cond::Ne));
    }
}

/// Lowers operations with an overflow bit, and the sum that traps.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst) -> Lowered {
    match ctx.function.dfg.insts[inst] {
        InstructionData::Binary { opcode, args } => match opcode {
            Opcode::UaddOverflow
            | Opcode::SaddOverflow
            | Opcode::UsubOverflow
            | Opcode::SsubOverflow => ctx.sum_overflow(inst, opcode, args),
            Opcode::UmulOverflow | Opcode::SmulOverflow => {
                ctx.product_overflow(inst, opcode == Opcode::SmulOverflow, args);
            }
            _ => return Ok(false),
        },
        InstructionData::IntAddTrap {
            args: [a, b], code, ..
        } => {
            let ty = ctx.ty(a);
            if !matches!(ty, types::I32 | types::I64) {
                return Ok(false);
            }
            let (n, m) = (ctx.reg(a), ctx.reg(b));
            let to = ctx.result(inst, 0);
            ctx.put(to, words::alu(Alu::ADDS, size_of(ty), n, m));
            ctx.isa(Inst::TrapIf {
                test: Test::Flags(Cond::Hs),
                code,
            });
        }
        _ => return Ok(false),
    }
    Ok(true)
}
