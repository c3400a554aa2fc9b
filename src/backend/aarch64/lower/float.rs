//! Scalar floats.

use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, Type, Value, types};

use super::super::encode::{
    Choose, Cond, FloatBinary, FloatMulAdd, FloatSize, FloatUnary, FromInt, Lanes, MoveBits, Size,
    ToInt, VecShift, float_from_int, float_mul_add, float_resize, float_to_int, insert_int,
};
use super::super::inst::{EMPTY, word};
use super::{Ctx, Lowered, float_size, size_of, words};
use crate::backend::reg::Reg;
use crate::backend::vcode::Op;

fn binary(opcode: Opcode) -> Option<FloatBinary> {
    Some(match opcode {
        Opcode::Fadd => FloatBinary::FADD,
        Opcode::Fsub => FloatBinary::FSUB,
        Opcode::Fmul => FloatBinary::FMUL,
        Opcode::Fdiv => FloatBinary::FDIV,
        Opcode::Fmin => FloatBinary::FMIN,
        Opcode::Fmax => FloatBinary::FMAX,
        _ => return None,
    })
}

fn unary(opcode: Opcode) -> Option<FloatUnary> {
    Some(match opcode {
        Opcode::Sqrt => FloatUnary::FSQRT,
        Opcode::Fneg => FloatUnary::FNEG,
        Opcode::Fabs => FloatUnary::FABS,
        Opcode::Ceil => FloatUnary::FRINTP,
        Opcode::Floor => FloatUnary::FRINTM,
        Opcode::Trunc => FloatUnary::FRINTZ,
        Opcode::Nearest => FloatUnary::FRINTN,
        _ => return None,
    })
}

impl Ctx<'_> {
    /// The magnitude of `a` under the sign of `b`: the sign is shifted to the bottom and
    /// inserted at the top.
    fn copysign(&mut self, to: Reg, size: FloatSize, [a, b]: [Value; 2]) {
        let (lanes, top) = match size {
            FloatSize::S => (Lanes::S2, 31),
            FloatSize::D => (Lanes::D2, 63),
        };
        let (a, b) = (self.vreg(a), self.reg(b));
        let sign = self.vec_of(words::vec_shift(VecShift::USHR, lanes, b, top));
        self.put_plain(words::vec_shift(VecShift::SLI, lanes, sign, top).over(to, a));
    }

    fn float_of_int(&mut self, to: Reg, size: FloatSize, signed: bool, value: Value) -> Lowered {
        let ty = self.ty(value);
        if ty.is_vector() || ty == types::I128 {
            return Ok(false);
        }
        let n = self.extended(value, signed);
        let op = if signed {
            FromInt::SCVTF
        } else {
            FromInt::UCVTF
        };
        let form = float_from_int(op, (size, EMPTY), (size_of(ty), EMPTY));
        self.put(to, word(form).n(n));
        Ok(true)
    }

    /// To the nearest integer of `ty` that there is; zero for a NaN.
    fn int_of_float(&mut self, to: Reg, ty: Type, signed: bool, value: Value) -> Lowered {
        let Some(from) = float_size(self.ty(value)) else {
            return Ok(false);
        };
        let op = if signed { ToInt::FCVTZS } else { ToInt::FCVTZU };
        let size = size_of(ty);
        let n = self.reg(value);
        let form = word(float_to_int(op, (size, EMPTY), (from, EMPTY))).n(n);
        if !matches!(ty, types::I8 | types::I16) {
            self.put(to, form);
            return Ok(true);
        }
        // What 32 bits hold, cut to the bounds of 8 or 16.
        let wide = self.int_of(form);
        let bits = ty.bits();
        let (least, most) = match signed {
            true => (Some(-(1i64 << (bits - 1))), (1u64 << (bits - 1)) - 1),
            false => (None, (1u64 << bits) - 1),
        };
        let most = self.number(most);
        self.put_plain(words::compare(Size::W, wide, most));
        let cond = if signed { Cond::Lt } else { Cond::Lo };
        let Some(least) = least else {
            self.put(to, words::choose(Choose::CSEL, Size::W, (wide, most), cond));
            return Ok(true);
        };
        let cut = self.int_of(words::choose(Choose::CSEL, Size::W, (wide, most), cond));
        let least = self.number(least.cast_unsigned() & 0xffff_ffff);
        self.put_plain(words::compare(Size::W, cut, least));
        self.put(
            to,
            words::choose(Choose::CSEL, Size::W, (cut, least), Cond::Gt),
        );
        Ok(true)
    }

    /// The same bits as another type.
    fn bitcast(&mut self, inst: ClifInst, value: Value) -> Lowered {
        let result = self.function.dfg.first_result(inst);
        let (from, ty) = (self.ty(value), self.ty(result));
        if from == types::I128 && ty != types::I128 {
            let (low, high) = self.pair(value);
            let to = self.result(inst, 0);
            let low = self.vec_of(words::move_bits(MoveBits::D_FROM_X, low));
            let form = words::fits(insert_int(3, EMPTY, 1, EMPTY));
            self.put_plain(form.n(high).over(to, low));
            return Ok(true);
        }
        if ty == types::I128 && from != types::I128 {
            let n = self.reg(value);
            let (low, high) = self.result_pair(inst, 0);
            self.put(low, words::move_bits(MoveBits::X_FROM_D, n));
            self.put(high, words::move_bits(MoveBits::X_FROM_HIGH, n));
            return Ok(true);
        }
        if ty == types::I128 {
            let (low, high) = self.pair(value);
            let to = self.result_pair(inst, 0);
            self.put(to.0, words::copy(Size::X, low));
            self.put(to.1, words::copy(Size::X, high));
            return Ok(true);
        }
        let to = self.result(inst, 0);
        let n = self.reg(value);
        let op = match (from.is_int(), ty.is_int(), ty.bits()) {
            (true, false, 64) => MoveBits::D_FROM_X,
            (true, false, _) => MoveBits::S_FROM_W,
            (false, true, 64) => MoveBits::X_FROM_D,
            (false, true, _) => MoveBits::W_FROM_S,
            _ => {
                self.emit(Op::Move { to, from: n });
                return Ok(true);
            }
        };
        self.put(to, words::move_bits(op, n));
        Ok(true)
    }
}

/// Lowers operations on floats, and casts of any type.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst) -> Lowered {
    let data = ctx.function.dfg.insts[inst];
    let Some(&result) = ctx.function.dfg.inst_results(inst).first() else {
        return Ok(false);
    };
    let ty = ctx.ty(result);
    match data {
        InstructionData::LoadNoOffset {
            opcode: Opcode::Bitcast,
            arg,
            ..
        } => {
            return ctx.bitcast(inst, arg);
        }
        InstructionData::Unary {
            opcode: opcode @ (Opcode::FcvtToSintSat | Opcode::FcvtToUintSat),
            arg,
        } if ty.is_int() && ty != types::I128 => {
            let to = ctx.result(inst, 0);
            return ctx.int_of_float(to, ty, opcode == Opcode::FcvtToSintSat, arg);
        }
        _ => {}
    }
    let Some(size) = float_size(ty) else {
        return Ok(false);
    };
    let to = ctx.result(inst, 0);
    match data {
        InstructionData::Binary { opcode, args } => {
            if opcode == Opcode::Fcopysign {
                ctx.copysign(to, size, args);
                return Ok(true);
            }
            let Some(op) = binary(opcode) else {
                return Ok(false);
            };
            let (n, m) = (ctx.reg(args[0]), ctx.reg(args[1]));
            ctx.put(to, words::float_binary(op, size, n, m));
        }
        InstructionData::Unary { opcode, arg } => match opcode {
            Opcode::Fpromote | Opcode::Fdemote => {
                let n = ctx.reg(arg);
                ctx.put(to, word(float_resize(size, EMPTY, EMPTY)).n(n));
            }
            Opcode::FcvtFromSint | Opcode::FcvtFromUint => {
                return ctx.float_of_int(to, size, opcode == Opcode::FcvtFromSint, arg);
            }
            _ => {
                let Some(op) = unary(opcode) else {
                    return Ok(false);
                };
                let n = ctx.reg(arg);
                ctx.put(to, words::float_unary(op, size, n));
            }
        },
        InstructionData::Ternary {
            opcode: Opcode::Fma,
            args,
        } => {
            let [n, m, a] = args.map(|value| ctx.reg(value));
            let form = float_mul_add(FloatMulAdd::FMADD, size, EMPTY, (EMPTY, EMPTY), EMPTY);
            ctx.put(to, word(form).n(n).m(m).a(a));
        }
        _ => return Ok(false),
    }
    Ok(true)
}
