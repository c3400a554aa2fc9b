//! Integers of at most 64 bits.

use cranelift_codegen::ir::{
    Inst as ClifInst, InstructionData, Opcode, TrapCode, Type, Value, types,
};

use super::super::encode::{
    Across, Alu, Binary, Bitfield, Choose, Cond, CondCompare, Lanes, LogicImm, MoveBits, MulAdd,
    Shift, Size, Unary, VecUnary, WideMul, cond_compare_imm, extract_unsigned,
};
use super::super::inst::{EMPTY, Inst, Test};
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

    /// As [`Lower::extended`] of what is in a register.
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
        if let Some((n, m)) = self.product(b) {
            let op = if subtract { MulAdd::MSUB } else { MulAdd::MADD };
            let a = self.reg(a);
            return self.put(to, words::mul_add(op, size, (n, m), a));
        }
        if let Some((m, by)) = self.shifted(b) {
            let n = self.reg(a);
            return self.put(to, words::alu_shifted(plain, size, n, m, (Shift::Lsl, by)));
        }
        let (n, m) = (self.reg(a), self.reg(b));
        self.put(to, words::alu(plain, size, n, m));
    }

    /// The factors of a product that only one instruction asks for: it costs nothing more to
    /// multiply there.
    fn product(&mut self, _value: Value) -> Option<(Reg, Reg)> {
        None
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

    /// An amount of a shift by a register below `bits`: A64 takes it modulo 32 or 64.
    fn amount(&mut self, value: Value, bits: u32) -> Reg {
        let reg = match self.ty(value) {
            types::I128 => self.pair(value).0,
            _ => self.reg(value),
        };
        if bits >= 32 {
            return reg;
        }
        let mask = words::logic_imm(LogicImm::AND, Size::W, reg, u64::from(bits) - 1);
        self.int_of(mask.expect("a run of ones"))
    }

    /// A constant amount modulo the width.
    fn constant_amount(&self, value: Value, bits: u32) -> Option<u8> {
        let amount = self.constant(value)?;
        u8::try_from(amount % u64::from(bits)).ok()
    }

    fn shift(&mut self, to: Reg, opcode: Opcode, [value, amount]: [Value; 2]) {
        let ty = self.ty(value);
        let (size, bits) = (size_of(ty), ty.bits());
        let (by, op) = match opcode {
            Opcode::Ishl => (Shift::Lsl, Binary::LSL),
            Opcode::Ushr => (Shift::Lsr, Binary::LSR),
            _ => (Shift::Asr, Binary::ASR),
        };
        let narrow = bits < 32;
        if let Some(amount) = self.constant_amount(amount, bits) {
            let n = self.reg(value);
            let last = u8::try_from(bits - 1).expect("at most 63");
            let word = match by {
                // The field from the amount on, extended as the shift does.
                Shift::Lsr if narrow => words::bitfield(Bitfield::UBFM, size, n, amount, last),
                Shift::Asr if narrow => words::bitfield(Bitfield::SBFM, size, n, amount, last),
                _ => words::shift(by, size, n, amount),
            };
            return self.put(to, word);
        }
        let n = match by {
            Shift::Lsl => self.reg(value),
            _ => self.extended(value, by == Shift::Asr),
        };
        let m = self.amount(amount, bits);
        self.put(to, words::binary(op, size, n, m));
    }

    fn rotate(&mut self, to: Reg, left: bool, [value, amount]: [Value; 2]) {
        let ty = self.ty(value);
        let (size, bits) = (size_of(ty), ty.bits());
        let width = u8::try_from(bits).expect("at most 64");
        if let Some(amount) = self.constant_amount(amount, bits) {
            let right = if left {
                (width - amount) % width
            } else {
                amount
            };
            let n = if bits < 32 {
                self.doubled(value)
            } else {
                self.reg(value)
            };
            return self.put(to, words::extract(size, (n, n), right));
        }
        let n = if bits < 32 {
            self.doubled(value)
        } else {
            self.reg(value)
        };
        let m = match self.ty(amount) {
            types::I128 => self.pair(amount).0,
            _ => self.reg(amount),
        };
        // Copies of a narrow value fill the register, so that amounts count modulo its own
        // width too: 8 and 16 divide 32.
        let m = if left {
            self.int_of(words::neg(Size::W, m))
        } else {
            m
        };
        self.put(to, words::binary(Binary::ROR, size, n, m));
    }

    /// A narrow value beside itself until 32 bits are full.
    fn doubled(&mut self, value: Value) -> Reg {
        let reg = self.reg(value);
        let insert = |ctx: &mut Self, reg: Reg, width: u8| {
            // `bfi reg, reg, #width, #width`.
            let to = ctx.int();
            let word = words::bitfield(Bitfield::BFM, Size::W, reg, 32 - width, width - 1);
            ctx.put_plain(word.over(to, reg));
            to
        };
        let reg = self.virtual_copy(reg);
        let reg = if self.ty(value) == types::I8 {
            insert(self, reg, 8)
        } else {
            reg
        };
        insert(self, reg, 16)
    }

    fn multiply_high(&mut self, to: Reg, signed: bool, [a, b]: [Value; 2]) {
        let ty = self.ty(a);
        if ty == types::I64 {
            let (n, m) = (self.reg(a), self.reg(b));
            let op = if signed {
                WideMul::SMULH
            } else {
                WideMul::UMULH
            };
            return self.put(to, words::wide_mul(op, n, m));
        }
        let (n, m) = (self.extended(a, signed), self.extended(b, signed));
        let bits = u8::try_from(ty.bits()).expect("at most 32");
        let (product, size) = if ty == types::I32 {
            let op = if signed {
                WideMul::SMULL
            } else {
                WideMul::UMULL
            };
            (words::wide_mul(op, n, m), Size::X)
        } else {
            (words::mul(Size::W, n, m), Size::W)
        };
        let product = self.int_of(product);
        self.put(to, words::shift(Shift::Lsr, size, product, bits));
    }

    fn divide(&mut self, to: Reg, opcode: Opcode, [a, b]: [Value; 2]) {
        let ty = self.ty(a);
        let size = size_of(ty);
        let signed = matches!(opcode, Opcode::Sdiv | Opcode::Srem);
        let (n, m) = (self.extended(a, signed), self.extended(b, signed));
        let divisor = self.signed_constant(b);
        if divisor.is_none_or(|divisor| divisor == 0) {
            let m = self.virtual_copy(m);
            let (test, code) = (Test::Zero(size, m), TrapCode::INTEGER_DIVISION_BY_ZERO);
            self.isa(Inst::TrapIf { test, code });
        }
        if opcode == Opcode::Sdiv && divisor.is_none_or(|divisor| divisor == -1) {
            // V is set by least - 1 alone; where the divisor is not -1 it is cleared.
            let compare = words::compare_negative(size, m, 1);
            self.put_plain(compare.expect("one fits"));
            let narrow = 32u8.saturating_sub(u8::try_from(ty.bits()).expect("at most 64"));
            let top = match narrow {
                0 => n,
                narrow => self.int_of(words::shift(Shift::Lsl, Size::W, n, narrow)),
            };
            let form = cond_compare_imm(CondCompare::CCMP, size, (EMPTY, 1), 0, Cond::Eq);
            self.put_plain(words::fits(form).n(top));
            let (test, code) = (Test::Flags(Cond::Vs), TrapCode::INTEGER_OVERFLOW);
            self.isa(Inst::TrapIf { test, code });
        }
        let op = if signed { Binary::SDIV } else { Binary::UDIV };
        if matches!(opcode, Opcode::Sdiv | Opcode::Udiv) {
            return self.put(to, words::binary(op, size, n, m));
        }
        let quotient = self.int_of(words::binary(op, size, n, m));
        self.put(to, words::mul_add(MulAdd::MSUB, size, (quotient, m), n));
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

    /// Bits counted, reversed, and bytes reversed.
    fn bits(&mut self, to: Reg, opcode: Opcode, value: Value) {
        let ty = self.ty(value);
        let size = size_of(ty);
        let narrow = 32u32.saturating_sub(ty.bits());
        let above = u8::try_from(narrow).expect("at most 24");
        match opcode {
            Opcode::Clz if narrow == 0 => {
                let n = self.reg(value);
                self.put(to, words::unary(Unary::CLZ, size, n));
            }
            Opcode::Clz => {
                let n = self.extended(value, false);
                let count = self.int_of(words::unary(Unary::CLZ, size, n));
                let word = words::alu_imm(Alu::SUB, size, count, narrow.into());
                self.put(to, word.expect("a small number"));
            }
            Opcode::Cls => {
                let n = self.extended(value, true);
                let count = self.int_of(words::unary(Unary::CLS, size, n));
                let word = words::alu_imm(Alu::SUB, size, count, narrow.into());
                self.put(to, word.expect("a small number"));
            }
            Opcode::Ctz => {
                let n = self.reg(value);
                let n = match narrow {
                    0 => n,
                    // A bit behind the last one, where the count ends.
                    _ => {
                        let end = 1u64 << ty.bits();
                        let word = words::logic_imm(LogicImm::ORR, size, n, end);
                        self.int_of(word.expect("a single bit"))
                    }
                };
                let reversed = self.int_of(words::unary(Unary::RBIT, size, n));
                self.put(to, words::unary(Unary::CLZ, size, reversed));
            }
            _ => {
                let op = if opcode == Opcode::Bswap {
                    Unary::REV
                } else {
                    Unary::RBIT
                };
                let n = self.reg(value);
                if narrow == 0 {
                    return self.put(to, words::unary(op, size, n));
                }
                let reversed = self.int_of(words::unary(op, size, n));
                self.put(to, words::shift(Shift::Lsr, size, reversed, above));
            }
        }
    }

    /// Ones are counted in bytes of a vector register, then added up.
    fn popcnt(&mut self, to: Reg, value: Value) {
        let ty = self.ty(value);
        let n = self.extended(value, false);
        let op = if ty == types::I64 {
            MoveBits::D_FROM_X
        } else {
            MoveBits::S_FROM_W
        };
        let bits = self.vec_of(words::move_bits(op, n));
        let counts = words::vec_unary(VecUnary::CNT, Lanes::B8, bits);
        let counts = self.vec_of(counts.expect("bytes are counted"));
        let sum = match ty {
            types::I8 => counts,
            _ => self.vec_of(words::across(Across::ADDV, Lanes::B8, counts)),
        };
        self.put(to, words::fits(extract_unsigned(0, EMPTY, EMPTY, 0)).n(sum));
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
