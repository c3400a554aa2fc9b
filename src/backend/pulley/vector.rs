//! Vector operations that are one instruction each.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{Opcode, Type, types};
use pulley_interpreter::encode;

use super::encode::{Put, binary, f, fields, insert, unary, v, x};

/// The encoder for an operation on operands like the first one, with a result of `to`.
pub fn one(opcode: Opcode, from: Type, to: Type) -> Option<Put> {
    if from.bits() != 128 && to.bits() != 128 {
        return None;
    }
    if !from.is_vector() {
        return (opcode == Opcode::Splat).then(|| splat(to)).flatten();
    }
    bits(opcode)
        .or_else(|| arithmetic(opcode, from))
        .or_else(|| shift(opcode, from))
        .or_else(|| float(opcode, from))
        .or_else(|| shape(opcode, from, to))
}

/// Whatever the lanes.
fn bits(opcode: Opcode) -> Option<Put> {
    Some(match opcode {
        Opcode::Band => binary!(vband128, v),
        Opcode::Bor => binary!(vbor128, v),
        Opcode::Bxor => binary!(vbxor128, v),
        Opcode::Bnot => unary!(vbnot128, v, v),
        Opcode::Bitselect => fields!(vbitselect128, v, v, v, v),
        _ => return None,
    })
}

fn splat(to: Type) -> Option<Put> {
    Some(match to {
        types::I8X16 => unary!(vsplatx8, v, x),
        types::I16X8 => unary!(vsplatx16, v, x),
        types::I32X4 => unary!(vsplatx32, v, x),
        types::I64X2 => unary!(vsplatx64, v, x),
        types::F32X4 => unary!(vsplatf32, v, f),
        types::F64X2 => unary!(vsplatf64, v, f),
        _ => return None,
    })
}

fn arithmetic(opcode: Opcode, ty: Type) -> Option<Put> {
    Some(match (opcode, ty) {
        (Opcode::Iadd, types::I8X16) => binary!(vaddi8x16, v),
        (Opcode::Iadd, types::I16X8) => binary!(vaddi16x8, v),
        (Opcode::Iadd, types::I32X4) => binary!(vaddi32x4, v),
        (Opcode::Iadd, types::I64X2) => binary!(vaddi64x2, v),
        (Opcode::Isub, types::I8X16) => binary!(vsubi8x16, v),
        (Opcode::Isub, types::I16X8) => binary!(vsubi16x8, v),
        (Opcode::Isub, types::I32X4) => binary!(vsubi32x4, v),
        (Opcode::Isub, types::I64X2) => binary!(vsubi64x2, v),
        (Opcode::Imul, types::I8X16) => binary!(vmuli8x16, v),
        (Opcode::Imul, types::I16X8) => binary!(vmuli16x8, v),
        (Opcode::Imul, types::I32X4) => binary!(vmuli32x4, v),
        (Opcode::Imul, types::I64X2) => binary!(vmuli64x2, v),
        (Opcode::Ineg, types::I8X16) => unary!(vneg8x16, v, v),
        (Opcode::Ineg, types::I16X8) => unary!(vneg16x8, v, v),
        (Opcode::Ineg, types::I32X4) => unary!(vneg32x4, v, v),
        (Opcode::Ineg, types::I64X2) => unary!(vneg64x2, v, v),
        (Opcode::Iabs, types::I8X16) => unary!(vabs8x16, v, v),
        (Opcode::Iabs, types::I16X8) => unary!(vabs16x8, v, v),
        (Opcode::Iabs, types::I32X4) => unary!(vabs32x4, v, v),
        (Opcode::Iabs, types::I64X2) => unary!(vabs64x2, v, v),
        (Opcode::Smin, types::I8X16) => binary!(vmin8x16_s, v),
        (Opcode::Smin, types::I16X8) => binary!(vmin16x8_s, v),
        (Opcode::Smin, types::I32X4) => binary!(vmin32x4_s, v),
        (Opcode::Umin, types::I8X16) => binary!(vmin8x16_u, v),
        (Opcode::Umin, types::I16X8) => binary!(vmin16x8_u, v),
        (Opcode::Umin, types::I32X4) => binary!(vmin32x4_u, v),
        (Opcode::Smax, types::I8X16) => binary!(vmax8x16_s, v),
        (Opcode::Smax, types::I16X8) => binary!(vmax16x8_s, v),
        (Opcode::Smax, types::I32X4) => binary!(vmax32x4_s, v),
        (Opcode::Umax, types::I8X16) => binary!(vmax8x16_u, v),
        (Opcode::Umax, types::I16X8) => binary!(vmax16x8_u, v),
        (Opcode::Umax, types::I32X4) => binary!(vmax32x4_u, v),
        (Opcode::UaddSat, types::I8X16) => binary!(vaddu8x16_sat, v),
        (Opcode::UaddSat, types::I16X8) => binary!(vaddu16x8_sat, v),
        (Opcode::SaddSat, types::I8X16) => binary!(vaddi8x16_sat, v),
        (Opcode::SaddSat, types::I16X8) => binary!(vaddi16x8_sat, v),
        (Opcode::UsubSat, types::I8X16) => binary!(vsubu8x16_sat, v),
        (Opcode::UsubSat, types::I16X8) => binary!(vsubu16x8_sat, v),
        (Opcode::SsubSat, types::I8X16) => binary!(vsubi8x16_sat, v),
        (Opcode::SsubSat, types::I16X8) => binary!(vsubi16x8_sat, v),
        (Opcode::AvgRound, types::I8X16) => binary!(vavground8x16, v),
        (Opcode::AvgRound, types::I16X8) => binary!(vavground16x8, v),
        (Opcode::SqmulRoundSat, types::I16X8) => binary!(vqmulrsi16x8, v),
        (Opcode::Popcnt, types::I8X16) => unary!(vpopcnt8x16, v, v),
        _ => return None,
    })
}

/// The amount is taken modulo the width of a lane, as CLIF has it.
fn shift(opcode: Opcode, ty: Type) -> Option<Put> {
    Some(match (opcode, ty) {
        (Opcode::Ishl, types::I8X16) => binary!(vshli8x16, v, v, x),
        (Opcode::Ishl, types::I16X8) => binary!(vshli16x8, v, v, x),
        (Opcode::Ishl, types::I32X4) => binary!(vshli32x4, v, v, x),
        (Opcode::Ishl, types::I64X2) => binary!(vshli64x2, v, v, x),
        (Opcode::Ushr, types::I8X16) => binary!(vshri8x16_u, v, v, x),
        (Opcode::Ushr, types::I16X8) => binary!(vshri16x8_u, v, v, x),
        (Opcode::Ushr, types::I32X4) => binary!(vshri32x4_u, v, v, x),
        (Opcode::Ushr, types::I64X2) => binary!(vshri64x2_u, v, v, x),
        (Opcode::Sshr, types::I8X16) => binary!(vshri8x16_s, v, v, x),
        (Opcode::Sshr, types::I16X8) => binary!(vshri16x8_s, v, v, x),
        (Opcode::Sshr, types::I32X4) => binary!(vshri32x4_s, v, v, x),
        (Opcode::Sshr, types::I64X2) => binary!(vshri64x2_s, v, v, x),
        _ => return None,
    })
}

fn float(opcode: Opcode, ty: Type) -> Option<Put> {
    Some(match (opcode, ty) {
        (Opcode::Fadd, types::F32X4) => binary!(vaddf32x4, v),
        (Opcode::Fadd, types::F64X2) => binary!(vaddf64x2, v),
        (Opcode::Fsub, types::F32X4) => binary!(vsubf32x4, v),
        (Opcode::Fsub, types::F64X2) => binary!(vsubf64x2, v),
        (Opcode::Fmul, types::F32X4) => binary!(vmulf32x4, v),
        (Opcode::Fmul, types::F64X2) => binary!(vmulf64x2, v),
        (Opcode::Fdiv, types::F32X4) => binary!(vdivf32x4, v),
        (Opcode::Fdiv, types::F64X2) => binary!(vdivf64x2, v),
        (Opcode::Fmin, types::F32X4) => binary!(vminimumf32x4, v),
        (Opcode::Fmin, types::F64X2) => binary!(vminimumf64x2, v),
        (Opcode::Fmax, types::F32X4) => binary!(vmaximumf32x4, v),
        (Opcode::Fmax, types::F64X2) => binary!(vmaximumf64x2, v),
        (Opcode::Fma, types::F32X4) => fields!(vfma32x4, v, v, v, v),
        (Opcode::Fma, types::F64X2) => fields!(vfma64x2, v, v, v, v),
        (Opcode::Sqrt, types::F32X4) => unary!(vsqrt32x4, v, v),
        (Opcode::Sqrt, types::F64X2) => unary!(vsqrt64x2, v, v),
        (Opcode::Fneg, types::F32X4) => unary!(vnegf32x4, v, v),
        (Opcode::Fneg, types::F64X2) => unary!(vnegf64x2, v, v),
        (Opcode::Fabs, types::F32X4) => unary!(vabsf32x4, v, v),
        (Opcode::Fabs, types::F64X2) => unary!(vabsf64x2, v, v),
        (Opcode::Ceil, types::F32X4) => unary!(vceil32x4, v, v),
        (Opcode::Ceil, types::F64X2) => unary!(vceil64x2, v, v),
        (Opcode::Floor, types::F32X4) => unary!(vfloor32x4, v, v),
        (Opcode::Floor, types::F64X2) => unary!(vfloor64x2, v, v),
        (Opcode::Trunc, types::F32X4) => unary!(vtrunc32x4, v, v),
        (Opcode::Trunc, types::F64X2) => unary!(vtrunc64x2, v, v),
        (Opcode::Nearest, types::F32X4) => unary!(vnearest32x4, v, v),
        (Opcode::Nearest, types::F64X2) => unary!(vnearest64x2, v, v),
        (Opcode::FvpromoteLow, types::F32X4) => unary!(vfpromotelow, v, v),
        (Opcode::Fvdemote, types::F64X2) => unary!(vfdemote, v, v),
        (Opcode::FcvtToSintSat, types::F32X4) => unary!(vi32x4_from_f32x4_s, v, v),
        (Opcode::FcvtToUintSat, types::F32X4) => unary!(vi32x4_from_f32x4_u, v, v),
        (Opcode::FcvtToSintSat, types::F64X2) => unary!(vi64x2_from_f64x2_s, v, v),
        (Opcode::FcvtToUintSat, types::F64X2) => unary!(vi64x2_from_f64x2_u, v, v),
        (Opcode::FcvtFromSint, types::I32X4) => unary!(vf32x4_from_i32x4_s, v, v),
        (Opcode::FcvtFromUint, types::I32X4) => unary!(vf32x4_from_i32x4_u, v, v),
        (Opcode::FcvtFromSint, types::I64X2) => unary!(vf64x2_from_i64x2_s, v, v),
        (Opcode::FcvtFromUint, types::I64X2) => unary!(vf64x2_from_i64x2_u, v, v),
        _ => return None,
    })
}

fn shape(opcode: Opcode, from: Type, to: Type) -> Option<Put> {
    Some(match (opcode, from) {
        (Opcode::Swizzle, _) => binary!(vswizzlei8x16, v),
        (Opcode::VanyTrue, types::I8X16) => unary!(vanytrue8x16, x, v),
        (Opcode::VanyTrue, types::I16X8) => unary!(vanytrue16x8, x, v),
        (Opcode::VanyTrue, types::I32X4) => unary!(vanytrue32x4, x, v),
        (Opcode::VanyTrue, types::I64X2) => unary!(vanytrue64x2, x, v),
        (Opcode::VallTrue, types::I8X16) => unary!(valltrue8x16, x, v),
        (Opcode::VallTrue, types::I16X8) => unary!(valltrue16x8, x, v),
        (Opcode::VallTrue, types::I32X4) => unary!(valltrue32x4, x, v),
        (Opcode::VallTrue, types::I64X2) => unary!(valltrue64x2, x, v),
        (Opcode::VhighBits, _) if to.bits() > 32 => return None,
        (Opcode::VhighBits, types::I8X16) => unary!(vbitmask8x16, x, v),
        (Opcode::VhighBits, types::I16X8) => unary!(vbitmask16x8, x, v),
        (Opcode::VhighBits, types::I32X4) => unary!(vbitmask32x4, x, v),
        (Opcode::VhighBits, types::I64X2) => unary!(vbitmask64x2, x, v),
        (Opcode::Snarrow, types::I16X8) => binary!(vnarrow16x8_s, v),
        (Opcode::Snarrow, types::I32X4) => binary!(vnarrow32x4_s, v),
        (Opcode::Snarrow, types::I64X2) => binary!(vnarrow64x2_s, v),
        (Opcode::Unarrow, types::I16X8) => binary!(vnarrow16x8_u, v),
        (Opcode::Unarrow, types::I32X4) => binary!(vnarrow32x4_u, v),
        (Opcode::Unarrow, types::I64X2) => binary!(vnarrow64x2_u, v),
        (Opcode::Uunarrow, types::I64X2) => binary!(vunarrow64x2_u, v),
        (Opcode::SwidenLow, types::I8X16) => unary!(vwidenlow8x16_s, v, v),
        (Opcode::SwidenLow, types::I16X8) => unary!(vwidenlow16x8_s, v, v),
        (Opcode::SwidenLow, types::I32X4) => unary!(vwidenlow32x4_s, v, v),
        (Opcode::SwidenHigh, types::I8X16) => unary!(vwidenhigh8x16_s, v, v),
        (Opcode::SwidenHigh, types::I16X8) => unary!(vwidenhigh16x8_s, v, v),
        (Opcode::SwidenHigh, types::I32X4) => unary!(vwidenhigh32x4_s, v, v),
        (Opcode::UwidenLow, types::I8X16) => unary!(vwidenlow8x16_u, v, v),
        (Opcode::UwidenLow, types::I16X8) => unary!(vwidenlow16x8_u, v, v),
        (Opcode::UwidenLow, types::I32X4) => unary!(vwidenlow32x4_u, v, v),
        (Opcode::UwidenHigh, types::I8X16) => unary!(vwidenhigh8x16_u, v, v),
        (Opcode::UwidenHigh, types::I16X8) => unary!(vwidenhigh16x8_u, v, v),
        (Opcode::UwidenHigh, types::I32X4) => unary!(vwidenhigh32x4_u, v, v),
        (Opcode::IaddPairwise, types::I16X8) => binary!(vaddpairwisei16x8_s, v),
        (Opcode::IaddPairwise, types::I32X4) => binary!(vaddpairwisei32x4_s, v),
        _ => return None,
    })
}

/// The encoder that takes a lane out.
pub fn extract(ty: Type) -> Option<Put> {
    Some(match ty {
        types::I8X16 => fields!(xextractv8x16, x, v; u8),
        types::I16X8 => fields!(xextractv16x8, x, v; u8),
        types::I32X4 => fields!(xextractv32x4, x, v; u8),
        types::I64X2 => fields!(xextractv64x2, x, v; u8),
        types::F32X4 => fields!(fextractv32x4, f, v; u8),
        types::F64X2 => fields!(fextractv64x2, f, v; u8),
        _ => return None,
    })
}

/// The encoder that puts a lane in.
pub fn inserted(ty: Type) -> Option<Put> {
    Some(match ty {
        types::I8X16 => insert!(vinsertx8, x),
        types::I16X8 => insert!(vinsertx16, x),
        types::I32X4 => insert!(vinsertx32, x),
        types::I64X2 => insert!(vinsertx64, x),
        types::F32X4 => insert!(vinsertf32, f),
        types::F64X2 => insert!(vinsertf64, f),
        _ => return None,
    })
}

/// The encoder that compares, for conditions that need no exchange of the operands.
pub fn compare(cond: IntCC, ty: Type) -> Option<Put> {
    Some(match (cond, ty) {
        (IntCC::Equal, types::I8X16) => binary!(veq8x16, v),
        (IntCC::Equal, types::I16X8) => binary!(veq16x8, v),
        (IntCC::Equal, types::I32X4) => binary!(veq32x4, v),
        (IntCC::Equal, types::I64X2) => binary!(veq64x2, v),
        (IntCC::NotEqual, types::I8X16) => binary!(vneq8x16, v),
        (IntCC::NotEqual, types::I16X8) => binary!(vneq16x8, v),
        (IntCC::NotEqual, types::I32X4) => binary!(vneq32x4, v),
        (IntCC::NotEqual, types::I64X2) => binary!(vneq64x2, v),
        (IntCC::SignedLessThan, types::I8X16) => binary!(vslt8x16, v),
        (IntCC::SignedLessThan, types::I16X8) => binary!(vslt16x8, v),
        (IntCC::SignedLessThan, types::I32X4) => binary!(vslt32x4, v),
        (IntCC::SignedLessThan, types::I64X2) => binary!(vslt64x2, v),
        (IntCC::SignedLessThanOrEqual, types::I8X16) => binary!(vslteq8x16, v),
        (IntCC::SignedLessThanOrEqual, types::I16X8) => binary!(vslteq16x8, v),
        (IntCC::SignedLessThanOrEqual, types::I32X4) => binary!(vslteq32x4, v),
        (IntCC::SignedLessThanOrEqual, types::I64X2) => binary!(vslteq64x2, v),
        (IntCC::UnsignedLessThan, types::I8X16) => binary!(vult8x16, v),
        (IntCC::UnsignedLessThan, types::I16X8) => binary!(vult16x8, v),
        (IntCC::UnsignedLessThan, types::I32X4) => binary!(vult32x4, v),
        (IntCC::UnsignedLessThan, types::I64X2) => binary!(vult64x2, v),
        (IntCC::UnsignedLessThanOrEqual, types::I8X16) => binary!(vulteq8x16, v),
        (IntCC::UnsignedLessThanOrEqual, types::I16X8) => binary!(vulteq16x8, v),
        (IntCC::UnsignedLessThanOrEqual, types::I32X4) => binary!(vulteq32x4, v),
        (IntCC::UnsignedLessThanOrEqual, types::I64X2) => binary!(vulteq64x2, v),
        _ => return None,
    })
}

/// The encoder that compares floats, scalars too, for the four conditions that there are.
pub fn compare_floats(cond: FloatCC, ty: Type) -> Option<Put> {
    Some(match (cond, ty) {
        (FloatCC::Equal, types::F32) => fields!(feq32, x, f, f),
        (FloatCC::Equal, types::F64) => fields!(feq64, x, f, f),
        (FloatCC::Equal, types::F32X4) => binary!(veqf32x4, v),
        (FloatCC::Equal, types::F64X2) => binary!(veqf64x2, v),
        (FloatCC::NotEqual, types::F32) => fields!(fneq32, x, f, f),
        (FloatCC::NotEqual, types::F64) => fields!(fneq64, x, f, f),
        (FloatCC::NotEqual, types::F32X4) => binary!(vneqf32x4, v),
        (FloatCC::NotEqual, types::F64X2) => binary!(vneqf64x2, v),
        (FloatCC::LessThan, types::F32) => fields!(flt32, x, f, f),
        (FloatCC::LessThan, types::F64) => fields!(flt64, x, f, f),
        (FloatCC::LessThan, types::F32X4) => binary!(vltf32x4, v),
        (FloatCC::LessThan, types::F64X2) => binary!(vltf64x2, v),
        (FloatCC::LessThanOrEqual, types::F32) => fields!(flteq32, x, f, f),
        (FloatCC::LessThanOrEqual, types::F64) => fields!(flteq64, x, f, f),
        (FloatCC::LessThanOrEqual, types::F32X4) => binary!(vlteqf32x4, v),
        (FloatCC::LessThanOrEqual, types::F64X2) => binary!(vlteqf64x2, v),
        _ => return None,
    })
}
