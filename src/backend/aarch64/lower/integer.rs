//! Integers of at most 64 bits.

use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, Type, Value, types};

use super::super::encode::{Alu, Bitfield, Choose, Cond, LogicImm, Shift, Size};
use super::{Ctx, Lowered, extension, logic, size_of, words};
use crate::backend::reg::Reg;

impl Ctx<'_> {
    /// A value with what is above it in 32 bits filled; of 32 and 64 bits it is as it is.
    pub(super) fn extended(&mut self, value: Value, signed: bool) -> Reg {
        let ty = self.ty(value);
        if extension(ty, signed).is_none() {
            return self.reg(value);
        }
        if let (Some(plain), Some(extended)) = (self.constant(value), self.signed_constant(value)) {
            let number = if signed {
                extended.cast_unsigned() & 0xffff_ffff
            } else {
                plain
            };
            return self.number(number);
        }
        let reg = self.reg(value);
        self.extended_reg(reg, ty, signed)
    }

    /// As `Lower::extended` of what is in a register.
    pub(super) fn extended_reg(&mut self, reg: Reg, ty: Type, signed: bool) -> Reg {
        match extension(ty, signed) {
            Some(_) => self.int_of(extend(reg, ty, signed)),
            None => reg,
        }
    }

    /// `a op b` with an immediate where it fits; for additions and subtractions.
    fn sum(&mut self, to: Reg, subtract: bool, size: Size, [a, b]: [Value; 2]) {
        if !subtract && self.constant(a).is_some() && self.constant(b).is_none() {
            return self.sum(to, subtract, size, [b, a]);
        }
        let (plain, opposite) = match subtract {
            true => (Alu::SUB, Alu::ADD),
            false => (Alu::ADD, Alu::SUB),
        };
        let constant = self.signed_constant(b);
        if let Some(value) = constant.filter(|value| value.unsigned_abs() < 1 << 24) {
            let op = if value < 0 { opposite } else { plain };
            let first = self.vreg(a);
            if let Some(word) = words::alu_imm(op, size, first, value.unsigned_abs()) {
                return self.put(to, word);
            }
        }
        if let Some((m, by)) = self.shifted(b) {
            let n = self.reg(a);
            return self.put(to, words::alu_shifted(plain, size, n, m, (Shift::Lsl, by)));
        }
        let (n, m) = (self.reg(a), self.reg(b));
        self.put(to, words::alu(plain, size, n, m));
    }

    /// A value shifted to the left by a constant, as the second operand of an addition.
    fn shifted(&mut self, value: Value) -> Option<(Reg, u8)> {
        let inst = self.defined_by(value, Opcode::Ishl)?;
        let [from, amount] = *self.args(inst) else {
            return None;
        };
        let amount = self.constant(amount)?;
        let bits = u64::from(self.ty(value).bits());
        let amount = u8::try_from(amount % bits).ok()?;
        Some((self.reg(from), amount))
    }

    fn bitwise(&mut self, to: Reg, op: Alu, size: Size, [a, b]: [Value; 2]) {
        if self.constant(a).is_some() && self.constant(b).is_none() {
            return self.bitwise(to, op, size, [b, a]);
        }
        let by_imm = match op {
            Alu::AND => LogicImm::AND,
            Alu::ORR => LogicImm::ORR,
            _ => LogicImm::EOR,
        };
        if let Some(value) = self.constant(b) {
            let n = self.reg(a);
            if let Some(word) = words::logic_imm(by_imm, size, n, value) {
                return self.put(to, word);
            }
        }
        let inverted = match op {
            Alu::AND => Alu::BIC,
            Alu::ORR => Alu::ORN,
            _ => Alu::EON,
        };
        if let Some(inst) = self.defined_by(b, Opcode::Bnot) {
            let from = self.args(inst)[0];
            let (n, m) = (self.reg(a), self.reg(from));
            return self.put(to, words::alu(inverted, size, n, m));
        }
        let (n, m) = (self.reg(a), self.reg(b));
        self.put(to, words::alu(op, size, n, m));
    }

    fn smaller_or_larger(&mut self, to: Reg, opcode: Opcode, [a, b]: [Value; 2]) {
        let size = size_of(self.ty(a));
        let (signed, cond) = match opcode {
            Opcode::Smin => (true, Cond::Lt),
            Opcode::Smax => (true, Cond::Gt),
            Opcode::Umin => (false, Cond::Lo),
            _ => (false, Cond::Hi),
        };
        let (n, m) = (self.extended(a, signed), self.extended(b, signed));
        self.put_plain(words::compare(size, n, m));
        self.put(to, words::choose(Choose::CSEL, size, (n, m), cond));
    }

    fn absolute(&mut self, to: Reg, value: Value) {
        let size = size_of(self.ty(value));
        let n = self.extended(value, true);
        self.put_plain(words::compare_imm(size, n, 0).expect("zero fits"));
        self.put(to, words::choose(Choose::CSNEG, size, (n, n), Cond::Ge));
    }

    /// The low bits of `value` extended to `ty`, of at most 64 bits.
    fn extend_to(&mut self, to: Reg, value: Value, signed: bool) {
        let from = self.ty(value);
        let n = self.reg(value);
        let word = match (from, signed) {
            (types::I32, false) => words::copy(Size::W, n),
            (_, true) => {
                let last = u8::try_from(from.bits() - 1).expect("at most 31");
                words::bitfield(Bitfield::SBFM, Size::X, n, 0, last)
            }
            _ => extend(n, from, false),
        };
        self.put(to, word);
    }
}

/// A narrow integer in 32 bits; what is above those becomes zero.
fn extend(n: Reg, ty: Type, signed: bool) -> super::Word {
    let last = u8::try_from(ty.bits() - 1).expect("a narrow integer");
    let op = if signed {
        Bitfield::SBFM
    } else {
        Bitfield::UBFM
    };
    words::bitfield(op, Size::W, n, 0, last)
}

/// Lowers integer operations.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst) -> Lowered {
    let data = ctx.function.dfg.insts[inst];
    let Some(&result) = ctx.function.dfg.inst_results(inst).first() else {
        return Ok(false);
    };
    let ty = ctx.ty(result);
    if !ty.is_int() || ty == types::I128 {
        return Ok(false);
    }
    let (to, size) = (ctx.result(inst, 0), size_of(ty));
    match data {
        InstructionData::Binary { opcode, args } => {
            if let Some(op) = logic(opcode) {
                ctx.bitwise(to, op, size, args);
                return Ok(true);
            }
            match opcode {
                Opcode::Iadd => ctx.sum(to, false, size, args),
                Opcode::Isub => ctx.sum(to, true, size, args),
                Opcode::Imul => {
                    let (n, m) = (ctx.reg(args[0]), ctx.reg(args[1]));
                    ctx.put(to, words::mul(size, n, m));
                }
                Opcode::Ishl | Opcode::Ushr | Opcode::Sshr => ctx.shift(to, opcode, args),
                Opcode::Rotl | Opcode::Rotr => ctx.rotate(to, opcode == Opcode::Rotl, args),
                Opcode::Umulhi | Opcode::Smulhi => {
                    ctx.multiply_high(to, opcode == Opcode::Smulhi, args);
                }
                Opcode::Udiv | Opcode::Sdiv | Opcode::Urem | Opcode::Srem => {
                    ctx.divide(to, opcode, args);
                }
                Opcode::Smin | Opcode::Smax | Opcode::Umin | Opcode::Umax => {
                    ctx.smaller_or_larger(to, opcode, args);
                }
                _ => return Ok(false),
            }
        }
        InstructionData::Unary { opcode, arg } => match opcode {
            Opcode::Ineg => {
                let m = ctx.reg(arg);
                ctx.put(to, words::neg(size, m));
            }
            Opcode::Bnot => {
                let m = ctx.reg(arg);
                ctx.put(to, words::not(size, m));
            }
            Opcode::Iabs => ctx.absolute(to, arg),
            Opcode::Clz | Opcode::Cls | Opcode::Ctz | Opcode::Bitrev | Opcode::Bswap => {
                ctx.bits(to, opcode, arg);
            }
            Opcode::Popcnt => ctx.popcnt(to, arg),
            Opcode::Uextend | Opcode::Sextend => ctx.extend_to(to, arg, opcode == Opcode::Sextend),
            _ => return Ok(false),
        },
        InstructionData::Ternary {
            opcode: Opcode::Bitselect,
            args,
        } => {
            let [mask, a, b] = args.map(|value| ctx.reg(value));
            let a = ctx.int_of(words::alu(Alu::AND, size, a, mask));
            let b = ctx.int_of(words::alu(Alu::BIC, size, b, mask));
            ctx.put(to, words::alu(Alu::ORR, size, a, b));
        }
        _ => return Ok(false),
    }
    Ok(true)
}
