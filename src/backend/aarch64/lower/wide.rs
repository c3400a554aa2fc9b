//! `i128`: two registers, the low half first.

use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, Value, types};

use super::super::encode::{Alu, Binary, Bitfield, Choose, Cond, MulAdd, Shift, Size, WideMul};
use super::super::registers::ZR;
use super::{Ctx, Lowered, logic, words};
use crate::backend::reg::Reg;

/// Both halves.
type Pair = (Reg, Reg);

/// Whether an operation on `i128` is lowered here or needs nothing but moves.
pub fn covers(opcode: Opcode) -> bool {
    use Opcode as O;
    logic(opcode).is_some()
        || matches!(
            opcode,
            O::Iadd
                | O::Isub
                | O::Imul
                | O::Ineg
                | O::Bnot
                | O::Ishl
                | O::Ushr
                | O::Sshr
                | O::Uextend
                | O::Sextend
                | O::Icmp
                | O::Select
                | O::SelectSpectreGuard
                | O::Bmask
                | O::Load
                | O::Store
                | O::Iconcat
                | O::Isplit
                | O::Ireduce
                | O::Bitcast
                | O::Iconst
                | O::Call
                | O::CallIndirect
                | O::Return
        )
}

impl Ctx<'_> {
    /// Sum or difference, the halves linked by the carry.
    pub(super) fn wide_sum(&mut self, to: Pair, subtract: bool, a: Pair, b: Pair, flags: bool) {
        let (low, high) = match (subtract, flags) {
            (false, false) => (Alu::ADDS, Binary::ADC),
            (false, true) => (Alu::ADDS, Binary::ADCS),
            (true, false) => (Alu::SUBS, Binary::SBC),
            (true, true) => (Alu::SUBS, Binary::SBCS),
        };
        // The low half is written while the high ones are still to be read, which the
        // allocator knows: they are separate instructions.
        self.put(to.0, words::alu(low, Size::X, a.0, b.0));
        self.put(to.1, words::binary(high, Size::X, a.1, b.1));
    }

    fn wide_product(&mut self, to: Pair, a: Pair, b: Pair) {
        let high = self.int_of(words::wide_mul(WideMul::UMULH, a.0, b.0));
        let high = self.int_of(words::mul_add(MulAdd::MADD, Size::X, (a.0, b.1), high));
        self.put(
            to.1,
            words::mul_add(MulAdd::MADD, Size::X, (a.1, b.0), high),
        );
        self.put(to.0, words::mul(Size::X, a.0, b.0));
    }

    /// Shifts by any amount, modulo 128: each half by the amount modulo 64 with what comes
    /// over from the other one, then the halves are put right where bit 6 is set.
    fn wide_shift(&mut self, to: Pair, opcode: Opcode, (low, high): Pair, amount: Reg) {
        let x = Size::X;
        let left = opcode == Opcode::Ishl;
        let (own, other, from, into) = match left {
            true => (Binary::LSL, Binary::LSR, low, high),
            false => (Binary::LSR, Binary::LSL, high, low),
        };
        // `63 - amount` modulo 64; one more bit is shifted beforehand, so that an amount of
        // zero takes nothing over.
        let rest = self.int_of(words::not(Size::W, amount));
        let one = if left { Shift::Lsr } else { Shift::Lsl };
        let over = self.int_of(words::shift(one, x, from, 1));
        let over = self.int_of(words::binary(other, x, over, rest));
        let kept = self.int_of(words::binary(own, x, into, amount));
        let merged = self.int_of(words::alu(Alu::ORR, x, kept, over));
        let op = if opcode == Opcode::Sshr {
            Binary::ASR
        } else {
            own
        };
        let moved = self.int_of(words::binary(op, x, from, amount));
        let fill = match opcode {
            Opcode::Sshr => self.int_of(words::shift(Shift::Asr, x, high, 63)),
            _ => ZR,
        };
        let test = words::test_imm(Size::W, amount, 64);
        self.put_plain(test.expect("a single bit"));
        let (near, far) = if left { to } else { (to.1, to.0) };
        self.put(
            far,
            words::choose(Choose::CSEL, x, (moved, merged), Cond::Ne),
        );
        self.put(
            near,
            words::choose(Choose::CSEL, x, (fill, moved), Cond::Ne),
        );
    }

    /// The same by a constant.
    fn wide_shift_by(&mut self, to: Pair, opcode: Opcode, (low, high): Pair, amount: u8) {
        let x = Size::X;
        let by = amount % 64;
        let filled = |ctx: &mut Self, to| match opcode {
            Opcode::Sshr => ctx.put(to, words::shift(Shift::Asr, x, high, 63)),
            _ => ctx.put(to, words::copy(x, ZR)),
        };
        match (opcode, amount >= 64) {
            (_, false) if by == 0 => {
                self.put(to.0, words::copy(x, low));
                self.put(to.1, words::copy(x, high));
            }
            (Opcode::Ishl, false) => {
                self.put(to.1, words::extract(x, (high, low), 64 - by));
                self.put(to.0, words::shift(Shift::Lsl, x, low, by));
            }
            (Opcode::Ishl, true) => {
                self.put(to.1, words::shift(Shift::Lsl, x, low, by));
                self.put(to.0, words::copy(x, ZR));
            }
            (_, false) => {
                self.put(to.0, words::extract(x, (high, low), by));
                let op = if opcode == Opcode::Sshr {
                    Shift::Asr
                } else {
                    Shift::Lsr
                };
                self.put(to.1, words::shift(op, x, high, by));
            }
            (_, true) => {
                let op = if opcode == Opcode::Sshr {
                    Shift::Asr
                } else {
                    Shift::Lsr
                };
                self.put(to.0, words::shift(op, x, high, by));
                filled(self, to.1);
            }
        }
    }

    fn wide_extend(&mut self, to: Pair, value: Value, signed: bool) {
        let from = self.ty(value);
        let n = self.reg(value);
        let last = u8::try_from(from.bits() - 1).expect("at most 63");
        let op = if signed {
            Bitfield::SBFM
        } else {
            Bitfield::UBFM
        };
        if from == types::I64 {
            self.put(to.0, words::copy(Size::X, n));
        } else {
            self.put(to.0, words::bitfield(op, Size::X, n, 0, last));
        }
        match signed {
            // All copies of the sign bit.
            true => self.put(to.1, words::bitfield(op, Size::X, n, last, last)),
            false => self.put(to.1, words::copy(Size::X, ZR)),
        }
    }
}

/// Lowers what gives an `i128`.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst) -> Lowered {
    let data = ctx.function.dfg.insts[inst];
    let results = ctx.function.dfg.inst_results(inst);
    let &[result] = results else {
        return Ok(false);
    };
    if ctx.ty(result) != types::I128 {
        return Ok(false);
    }
    let to = ctx.result_pair(inst, 0);
    match data {
        InstructionData::Binary {
            opcode,
            args: [a, b],
        } => {
            if let Some(op) = logic(opcode) {
                let (a, b) = (ctx.pair(a), ctx.pair(b));
                ctx.put(to.0, words::alu(op, Size::X, a.0, b.0));
                ctx.put(to.1, words::alu(op, Size::X, a.1, b.1));
                return Ok(true);
            }
            match opcode {
                Opcode::Iadd | Opcode::Isub => {
                    let (a, b) = (ctx.pair(a), ctx.pair(b));
                    ctx.wide_sum(to, opcode == Opcode::Isub, a, b, false);
                }
                Opcode::Imul => {
                    let (a, b) = (ctx.pair(a), ctx.pair(b));
                    ctx.wide_product(to, a, b);
                }
                Opcode::Ishl | Opcode::Ushr | Opcode::Sshr => {
                    let value = ctx.pair(a);
                    if let Some(amount) = ctx.constant(b) {
                        let amount = u8::try_from(amount % 128).expect("below 128");
                        ctx.wide_shift_by(to, opcode, value, amount);
                    } else {
                        let wide = ctx.ty(b) == types::I128;
                        let amount = if wide { ctx.pair(b).0 } else { ctx.reg(b) };
                        ctx.wide_shift(to, opcode, value, amount);
                    }
                }
                _ => return Ok(false),
            }
        }
        InstructionData::Unary { opcode, arg } => match opcode {
            Opcode::Uextend | Opcode::Sextend => {
                ctx.wide_extend(to, arg, opcode == Opcode::Sextend);
            }
            Opcode::Bnot => {
                let (low, high) = ctx.pair(arg);
                ctx.put(to.0, words::not(Size::X, low));
                ctx.put(to.1, words::not(Size::X, high));
            }
            Opcode::Ineg => {
                let value = ctx.pair(arg);
                ctx.wide_sum(to, true, (ZR, ZR), value, false);
            }
            _ => return Ok(false),
        },
        _ => return Ok(false),
    }
    Ok(true)
}
