//! Between integers and floats, between floats, and bits between register files.

use cranelift_codegen::ir::{Endianness, Inst as ClifInst, InstructionData, Opcode, Type, types};
use regalloc2::RegClass;

use super::constant::extended;
use super::{Ctx, build, condition, vector_shape};
use crate::backend::reg::Reg;
use crate::backend::s390x::abi;
use crate::backend::s390x::encode::{
    ConditionalLoad, FloatFromInteger, FloatPair, FloatToInteger, Mask, Shift,
};
use crate::backend::s390x::form::Form;

/// Lowers a conversion of scalars, or a bitcast.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode) -> bool {
    if ctx.function.dfg.inst_args(inst).len() != 1 || ctx.function.dfg.inst_results(inst).len() != 1
    {
        return false;
    }
    let arg = ctx.args(inst)[0];
    let (from_ty, to_ty) = (ctx.ty(arg), ctx.ty(ctx.function.dfg.first_result(inst)));
    if !covers(opcode, from_ty, to_ty) {
        return false;
    }
    let from = ctx.reg(arg);
    let to = ctx.result(inst, 0);
    match opcode {
        Opcode::Fpromote => build::put(ctx, Form::FloatPair(FloatPair::Ldebr), to, &[from]),
        Opcode::Fdemote => build::put(ctx, Form::FloatPair(FloatPair::Ledbr), to, &[from]),
        Opcode::FcvtFromSint | Opcode::FcvtFromUint => {
            from_integer(
                ctx,
                opcode == Opcode::FcvtFromSint,
                (from, from_ty),
                (to, to_ty),
            );
        }
        Opcode::FcvtToSintSat | Opcode::FcvtToUintSat => {
            to_integer(
                ctx,
                opcode == Opcode::FcvtToSintSat,
                (from, from_ty),
                (to, to_ty),
            );
        }
        _ => {
            let big = match ctx.function.dfg.insts[inst] {
                InstructionData::LoadNoOffset { flags, .. } => {
                    let flags = ctx.function.dfg.mem_flags[flags];
                    flags.endianness(Endianness::Big) == Endianness::Big
                }
                _ => true,
            };
            bitcast(ctx, big, (from, from_ty), (to, to_ty));
        }
    }
    true
}

fn from_integer(
    ctx: &mut Ctx<'_>,
    signed: bool,
    (from, from_ty): (Reg, Type),
    (to, to_ty): (Reg, Type),
) {
    use FloatFromInteger as F;
    let from = if from_ty.bits() < 32 {
        extended(ctx, from, from_ty, signed)
    } else {
        from
    };
    let op = match (signed, from_ty == types::I64, to_ty == types::F64) {
        (true, false, false) => F::Cefbra,
        (true, false, true) => F::Cdfbra,
        (true, true, false) => F::Cegbra,
        (true, true, true) => F::Cdgbra,
        (false, false, false) => F::Celfbr,
        (false, false, true) => F::Cdlfbr,
        (false, true, false) => F::Celgbr,
        (false, true, true) => F::Cdlgbr,
    };
    build::put(ctx, Form::FloatFromInteger(op), to, &[from]);
}

/// The machine saturates. Of a NaN it makes the least integer, which would be zero of the unsigned
/// ones; but QEMU 5.0 makes the greatest one of it, so that it is not left to it.
fn to_integer(
    ctx: &mut Ctx<'_>,
    signed: bool,
    (from, from_ty): (Reg, Type),
    (to, to_ty): (Reg, Type),
) {
    use FloatToInteger as F;
    let op = match (signed, from_ty == types::F64, to_ty == types::I64) {
        (true, false, false) => F::Cfebra,
        (true, true, false) => F::Cfdbra,
        (true, false, true) => F::Cgebra,
        (true, true, true) => F::Cgdbra,
        (false, false, false) => F::Clfebr,
        (false, true, false) => F::Clfdbr,
        (false, false, true) => F::Clgebr,
        (false, true, true) => F::Clgdbr,
    };
    let number = build::int(ctx, Form::FloatToInteger(op), &[from]);
    condition::compare_floats(ctx, from_ty, [from, from]);
    let zero = Form::ConditionalLoad(ConditionalLoad::Locghi, Mask::OVERFLOW, 0);
    build::put(ctx, zero, to, &[number]);
}

fn bitcast(ctx: &mut Ctx<'_>, big: bool, (from, from_ty): (Reg, Type), (to, to_ty): (Reg, Type)) {
    let left = |ty: Type| u8::try_from(64 - ty.bits()).expect("at most 64 bits");
    match (from.class(), to.class()) {
        (RegClass::Int, RegClass::Float) => {
            let by = left(from_ty);
            let from = match by {
                0 => from,
                _ => build::int(ctx, Form::ShiftBy(Shift::Sllg, by), &[from]),
            };
            build::put(ctx, Form::Ldgr, to, &[from]);
        }
        (RegClass::Float, RegClass::Int) => {
            let by = left(to_ty);
            if by == 0 {
                return build::put(ctx, Form::Lgdr, to, &[from]);
            }
            let bits = build::int(ctx, Form::Lgdr, &[from]);
            build::put(ctx, Form::ShiftBy(Shift::Srlg, by), to, &[bits]);
        }
        (RegClass::Vector, RegClass::Vector)
            if big && from_ty.lane_count() != to_ty.lane_count() =>
        {
            // As if stored and loaded: lanes in the order of memory, then back.
            let stored = ctx.temp(RegClass::Vector);
            vector_shape::reverse_lanes(ctx, stored, from, from_ty);
            vector_shape::reverse_lanes(ctx, to, stored, to_ty);
        }
        _ => build::copy(ctx, to, from),
    }
}

/// Whether it is lowered here.
pub fn covers(opcode: Opcode, from: Type, to: Type) -> bool {
    let float = |ty| matches!(ty, types::F32 | types::F64);
    let word = |ty| matches!(ty, types::I32 | types::I64);
    match opcode {
        Opcode::Fpromote => (from, to) == (types::F32, types::F64),
        Opcode::Fdemote => (from, to) == (types::F64, types::F32),
        Opcode::FcvtFromSint | Opcode::FcvtFromUint => {
            float(to) && from.is_int() && from.bits() <= 64
        }
        Opcode::FcvtToSintSat | Opcode::FcvtToUintSat => float(from) && word(to),
        Opcode::Bitcast => {
            let classes = (abi::class(from), abi::class(to));
            let apart =
                |a: RegClass, b: RegClass| (a == RegClass::Vector) != (b == RegClass::Vector);
            matches!(classes, (Some(a), Some(b)) if !apart(a, b))
        }
        _ => false,
    }
}
