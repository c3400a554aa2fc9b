//! Vectors between lanes and widths: single lanes, permutations, widening, narrowing, and
//! what is true of all lanes.

use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, Value, types};

use super::super::encode::Cond;
use super::super::encode::{
    Across, Alu, FloatLanes, FloatUnary, Lanes, MoveBits, Narrow, Shift, Size, Table, VecBinary,
    VecLogic, VecShift, VecUnary, Widen, dup_lane, extract_bytes, extract_unsigned, float_lanes,
    insert_int, insert_lane, narrow, scalar_lane, table, widen,
};
use super::super::inst::{EMPTY, Word, word};
use super::constants::vector;
use super::{Ctx, Lowered, float_size, imm8, lanes_of, words};
use crate::backend::reg::Reg;

impl Ctx<'_> {
    fn splat(&mut self, to: Reg, lanes: Lanes, value: Value) {
        let n = self.reg(value);
        let form = match self.ty(value).is_int() {
            true => words::splat(lanes, n),
            false => words::fits(dup_lane(lanes, EMPTY, EMPTY, 0)).n(n),
        };
        self.put(to, form);
    }

    /// A scalar in lane 0, zeros in all others.
    fn scalar_to_vector(&mut self, to: Reg, value: Value) {
        let ty = self.ty(value);
        if let Some(size) = float_size(ty) {
            let n = self.reg(value);
            return self.put(to, words::float_unary(FloatUnary::FMOV, size, n));
        }
        let n = self.extended(value, false);
        let op = if ty == types::I64 {
            MoveBits::D_FROM_X
        } else {
            MoveBits::S_FROM_W
        };
        self.put(to, words::move_bits(op, n));
    }

    fn insert(&mut self, to: Reg, lanes: Lanes, [vector, lane]: [Value; 2], index: u32) {
        let width = lanes.log2_bytes();
        let (vector, n) = (self.vreg(vector), self.reg(lane));
        let form = match self.ty(lane).is_int() {
            true => insert_int(width, EMPTY, index, EMPTY),
            false => insert_lane(width, (EMPTY, index), (EMPTY, 0)),
        };
        self.put_plain(words::fits(form).n(n).over(to, vector));
    }

    fn extract(&mut self, to: Reg, value: Value, index: u32) -> Lowered {
        let ty = self.ty(value);
        let Some(lanes) = lanes_of(ty) else {
            return Ok(false);
        };
        let n = self.reg(value);
        let form = match ty.lane_type().is_int() {
            true => extract_unsigned(lanes.log2_bytes(), EMPTY, EMPTY, index),
            false => scalar_lane(lanes.log2_bytes(), EMPTY, EMPTY, index),
        };
        self.put(to, words::fits(form).n(n));
        Ok(true)
    }

    /// Bytes of two vectors by number: two lookups, the second of which leaves bytes alone
    /// that it has no number for.
    fn shuffle(&mut self, to: Reg, [a, b]: [Value; 2], mask: &[u8]) {
        let as_vector = |bytes: Vec<u8>| {
            let bytes: [u8; 16] = bytes.try_into().expect("a mask of 16 bytes");
            u128::from_le_bytes(bytes)
        };
        let from_second = mask.iter().any(|index| *index >= 16);
        let first = self.reg(a);
        let indices = vector(self, as_vector(mask.to_vec()));
        let form = word(table(Table::TBL1, EMPTY, EMPTY, EMPTY))
            .n(first)
            .m(indices);
        if !from_second {
            return self.put(to, form);
        }
        let looked_up = self.vec_of(form);
        let second = self.reg(b);
        let moved = mask.iter().map(|index| index.wrapping_sub(16)).collect();
        let indices = vector(self, as_vector(moved));
        let form = word(table(Table::TBX1, EMPTY, EMPTY, EMPTY))
            .n(second)
            .m(indices);
        self.put_plain(form.over(to, looked_up));
    }

    /// 1 if a vector's bits are not all zero (or all zero), else 0.
    fn any_bit(&mut self, to: Reg, n: Reg, zero: bool) {
        let folded = words::vec_binary(VecBinary::UMAXP, Lanes::S4, n, n).expect("words");
        let folded = self.vec_of(folded);
        let bits = self.int_of(words::move_bits(MoveBits::X_FROM_D, folded));
        self.put_plain(words::compare_imm(Size::X, bits, 0).expect("zero fits"));
        self.put(to, words::set_if(if zero { Cond::Eq } else { Cond::Ne }));
    }

    /// The highest bit of each lane, that of lane 0 lowest: each lane becomes its own bit or
    /// zero, and all are added up.
    fn high_bits(&mut self, to: Reg, lanes: Lanes, n: Reg) {
        if lanes == Lanes::D2 {
            let high = self.int_of(words::move_bits(MoveBits::X_FROM_HIGH, n));
            let low = self.int_of(words::move_bits(MoveBits::X_FROM_D, n));
            let high = self.int_of(words::shift(Shift::Lsr, Size::X, high, 63));
            let low = self.int_of(words::shift(Shift::Lsr, Size::X, low, 63));
            let by = (Shift::Lsl, 1);
            return self.put(to, words::alu_shifted(Alu::ADD, Size::W, low, high, by));
        }
        let bits = 8u32 << lanes.log2_bytes();
        let signs = self.vec_of(words::vec_shift(VecShift::SSHR, lanes, n, bits - 1));
        // Lane number `n` has bit `n`; bytes start again in the upper half.
        let count = 128 / bits;
        let own = (0..count).fold(0u128, |all, lane| all | 1u128 << (lane * bits + lane % 8));
        let own = vector(self, own);
        let chosen = self.vec_of(words::vec_logic(VecLogic::AND, signs, own));
        let (chosen, lanes) = match lanes {
            Lanes::B16 => {
                // Upper bytes beside lower ones, to be added as 16 bits.
                let form = words::fits(extract_bytes(EMPTY, (EMPTY, EMPTY), 8));
                let upper = self.vec_of(form.n(chosen).m(chosen));
                let form = words::vec_binary(VecBinary::ZIP1, Lanes::B16, chosen, upper);
                (self.vec_of(form.expect("bytes")), Lanes::H8)
            }
            lanes => (chosen, lanes),
        };
        let sum = self.vec_of(words::across(Across::ADDV, lanes, chosen));
        self.put(
            to,
            words::fits(extract_unsigned(lanes.log2_bytes(), EMPTY, EMPTY, 0)).n(sum),
        );
    }

    /// Two vectors as one with lanes of half the width.
    fn narrow(&mut self, to: Reg, opcode: Opcode, lanes: Lanes, [a, b]: [Value; 2]) -> Lowered {
        let (low, high) = match opcode {
            Opcode::Snarrow => (Narrow::SQXTN, Narrow::SQXTN2),
            Opcode::Unarrow => (Narrow::SQXTUN, Narrow::SQXTUN2),
            Opcode::Uunarrow => (Narrow::UQXTN, Narrow::UQXTN2),
            _ => return Ok(false),
        };
        let form = |op, n| words::fits(narrow(op, lanes.log2_bytes(), EMPTY, EMPTY)).n(n);
        let (a, b) = (self.reg(a), self.reg(b));
        let first = self.vec_of(form(low, a));
        self.put_plain(form(high, b).over(to, first));
        Ok(true)
    }
}

fn widening(opcode: Opcode) -> Option<Widen> {
    Some(match opcode {
        Opcode::SwidenLow => Widen::SXTL,
        Opcode::SwidenHigh => Widen::SXTL2,
        Opcode::UwidenLow => Widen::UXTL,
        Opcode::UwidenHigh => Widen::UXTL2,
        _ => return None,
    })
}

fn unary(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode, arg: Value) -> Lowered {
    let to = ctx.result(inst, 0);
    let ty = ctx.ty(ctx.function.dfg.first_result(inst));
    let from = lanes_of(ctx.ty(arg));
    match (opcode, lanes_of(ty), from) {
        (Opcode::Splat, Some(lanes), _) => ctx.splat(to, lanes, arg),
        (Opcode::ScalarToVector, Some(_), _) => ctx.scalar_to_vector(to, arg),
        (Opcode::VanyTrue, _, Some(_)) => {
            let n = ctx.reg(arg);
            ctx.any_bit(to, n, false);
        }
        (Opcode::VallTrue, _, Some(lanes)) => {
            let n = ctx.reg(arg);
            let zeros = words::vec_unary(VecUnary::CMEQ_ZERO, lanes, n).expect("all lanes");
            let zeros = ctx.vec_of(zeros);
            ctx.any_bit(to, zeros, true);
        }
        (Opcode::VhighBits, _, Some(lanes)) => {
            let n = ctx.reg(arg);
            ctx.high_bits(to, lanes, n);
        }
        (Opcode::FvpromoteLow, ..) => {
            let n = ctx.reg(arg);
            ctx.put(to, word(float_lanes(FloatLanes::FCVTL, EMPTY, EMPTY)).n(n));
        }
        (Opcode::Fvdemote, ..) => {
            let n = ctx.reg(arg);
            ctx.put(to, word(float_lanes(FloatLanes::FCVTN, EMPTY, EMPTY)).n(n));
        }
        (_, Some(_), Some(from)) => {
            let Some(op) = widening(opcode) else {
                return Ok(false);
            };
            let n = ctx.reg(arg);
            let form: Word = words::fits(widen(op, from.log2_bytes(), EMPTY, EMPTY));
            ctx.put(to, form.n(n));
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Lowers what moves between lanes.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst) -> Lowered {
    let Some(&result) = ctx.function.dfg.inst_results(inst).first() else {
        return Ok(false);
    };
    let lanes = lanes_of(ctx.ty(result));
    let to = ctx.result(inst, 0);
    let immediate = imm8(ctx, inst);
    match (ctx.function.dfg.insts[inst], lanes) {
        (InstructionData::Unary { opcode, arg }, _) => return unary(ctx, inst, opcode, arg),
        (
            InstructionData::TernaryImm8 {
                opcode: Opcode::Insertlane,
                args,
                ..
            },
            Some(lanes),
        ) => {
            let Some(index) = immediate else {
                return Ok(false);
            };
            ctx.insert(to, lanes, args, index);
        }
        (
            InstructionData::BinaryImm8 {
                opcode: Opcode::Extractlane,
                arg,
                ..
            },
            _,
        ) => {
            let Some(index) = immediate else {
                return Ok(false);
            };
            return ctx.extract(to, arg, index);
        }
        (InstructionData::Shuffle { args, imm, .. }, _) => {
            let mask = ctx.function.dfg.immediates[imm].as_slice().to_vec();
            ctx.shuffle(to, args, &mask);
        }
        (
            InstructionData::Binary {
                opcode: Opcode::Swizzle,
                args: [a, b],
            },
            _,
        ) => {
            let (n, m) = (ctx.reg(a), ctx.reg(b));
            ctx.put(to, word(table(Table::TBL1, EMPTY, EMPTY, EMPTY)).n(n).m(m));
        }
        (InstructionData::Binary { opcode, args }, Some(lanes)) => {
            return ctx.narrow(to, opcode, lanes, args);
        }
        _ => return Ok(false),
    }
    Ok(true)
}
