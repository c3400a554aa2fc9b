//! Scalar operations that are one instruction each.
//!
//! The bits above a narrow integer are anything, so that operations whose low bits depend on low
//! bits alone take the 32-bit instruction. Instructions that write the low half leave the upper
//! one alone.

use cranelift_codegen::ir::{Opcode, Type, types};
use pulley_interpreter::encode;

use super::encode::{Put, binary, f, unary, x};

/// The encoder for an operation on operands like the first one, with a result of `to`.
pub fn one(opcode: Opcode, from: Type, to: Type) -> Option<Put> {
    match from {
        types::I8 | types::I16 => narrow(opcode, from, to),
        types::I32 => narrow(opcode, from, to).or_else(|| word(opcode, to)),
        types::I64 => double(opcode, to),
        types::F32 => single_float(opcode, to),
        types::F64 => double_float(opcode, to),
        _ => None,
    }
}

/// Of at most 32 bits, whatever is above them.
fn narrow(opcode: Opcode, from: Type, to: Type) -> Option<Put> {
    let is_small = to.bits() <= 64;
    Some(match (opcode, from) {
        (Opcode::Iadd, _) => binary!(xadd32, x),
        (Opcode::Isub, _) => binary!(xsub32, x),
        (Opcode::Imul, _) => binary!(xmul32, x),
        (Opcode::Band, _) => binary!(xband32, x),
        (Opcode::Bor, _) => binary!(xbor32, x),
        (Opcode::Bxor, _) => binary!(xbxor32, x),
        (Opcode::Bnot, _) => unary!(xbnot32, x, x),
        (Opcode::Ineg, _) => unary!(xneg32, x, x),
        (Opcode::Uextend, types::I8) if is_small => unary!(zext8, x, x),
        (Opcode::Uextend, types::I16) if is_small => unary!(zext16, x, x),
        (Opcode::Uextend, types::I32) if is_small => unary!(zext32, x, x),
        (Opcode::Sextend, types::I8) if is_small => unary!(sext8, x, x),
        (Opcode::Sextend, types::I16) if is_small => unary!(sext16, x, x),
        (Opcode::Sextend, types::I32) if is_small => unary!(sext32, x, x),
        _ => return None,
    })
}

/// Of 32 bits that all count.
fn word(opcode: Opcode, to: Type) -> Option<Put> {
    Some(match (opcode, to) {
        (Opcode::Udiv, _) => binary!(xdiv32_u, x),
        (Opcode::Sdiv, _) => binary!(xdiv32_s, x),
        (Opcode::Urem, _) => binary!(xrem32_u, x),
        (Opcode::Srem, _) => binary!(xrem32_s, x),
        (Opcode::Smin, _) => binary!(xmin32_s, x),
        (Opcode::Umin, _) => binary!(xmin32_u, x),
        (Opcode::Smax, _) => binary!(xmax32_s, x),
        (Opcode::Umax, _) => binary!(xmax32_u, x),
        (Opcode::Ishl, _) => binary!(xshl32, x),
        (Opcode::Ushr, _) => binary!(xshr32_u, x),
        (Opcode::Sshr, _) => binary!(xshr32_s, x),
        (Opcode::Rotl, _) => binary!(xrotl32, x),
        (Opcode::Rotr, _) => binary!(xrotr32, x),
        (Opcode::Clz, _) => unary!(xclz32, x, x),
        (Opcode::Ctz, _) => unary!(xctz32, x, x),
        (Opcode::Popcnt, _) => unary!(xpopcnt32, x, x),
        (Opcode::Bswap, _) => unary!(bswap32, x, x),
        (Opcode::Iabs, _) => unary!(xabs32, x, x),
        (Opcode::Bitcast, types::F32) => unary!(bitcast_float_from_int_32, f, x),
        (Opcode::FcvtFromSint, types::F32) => unary!(f32_from_x32_s, f, x),
        (Opcode::FcvtFromUint, types::F32) => unary!(f32_from_x32_u, f, x),
        (Opcode::FcvtFromSint, types::F64) => unary!(f64_from_x32_s, f, x),
        (Opcode::FcvtFromUint, types::F64) => unary!(f64_from_x32_u, f, x),
        _ => return None,
    })
}

fn double(opcode: Opcode, to: Type) -> Option<Put> {
    Some(match (opcode, to) {
        (Opcode::Iadd, _) => binary!(xadd64, x),
        (Opcode::Isub, _) => binary!(xsub64, x),
        (Opcode::Imul, _) => binary!(xmul64, x),
        (Opcode::Umulhi, _) => binary!(xmulhi64_u, x),
        (Opcode::Smulhi, _) => binary!(xmulhi64_s, x),
        (Opcode::Udiv, _) => binary!(xdiv64_u, x),
        (Opcode::Sdiv, _) => binary!(xdiv64_s, x),
        (Opcode::Urem, _) => binary!(xrem64_u, x),
        (Opcode::Srem, _) => binary!(xrem64_s, x),
        (Opcode::Band, _) => binary!(xband64, x),
        (Opcode::Bor, _) => binary!(xbor64, x),
        (Opcode::Bxor, _) => binary!(xbxor64, x),
        (Opcode::Smin, _) => binary!(xmin64_s, x),
        (Opcode::Umin, _) => binary!(xmin64_u, x),
        (Opcode::Smax, _) => binary!(xmax64_s, x),
        (Opcode::Umax, _) => binary!(xmax64_u, x),
        (Opcode::Ishl, _) => binary!(xshl64, x),
        (Opcode::Ushr, _) => binary!(xshr64_u, x),
        (Opcode::Sshr, _) => binary!(xshr64_s, x),
        (Opcode::Rotl, _) => binary!(xrotl64, x),
        (Opcode::Rotr, _) => binary!(xrotr64, x),
        (Opcode::Bnot, _) => unary!(xbnot64, x, x),
        (Opcode::Ineg, _) => unary!(xneg64, x, x),
        (Opcode::Iabs, _) => unary!(xabs64, x, x),
        (Opcode::Clz, _) => unary!(xclz64, x, x),
        (Opcode::Ctz, _) => unary!(xctz64, x, x),
        (Opcode::Popcnt, _) => unary!(xpopcnt64, x, x),
        (Opcode::Bswap, _) => unary!(bswap64, x, x),
        (Opcode::Bmask, _) if to.bits() <= 64 => unary!(xbmask64, x, x),
        (Opcode::Bitcast, types::F64) => unary!(bitcast_float_from_int_64, f, x),
        (Opcode::FcvtFromSint, types::F32) => unary!(f32_from_x64_s, f, x),
        (Opcode::FcvtFromUint, types::F32) => unary!(f32_from_x64_u, f, x),
        (Opcode::FcvtFromSint, types::F64) => unary!(f64_from_x64_s, f, x),
        (Opcode::FcvtFromUint, types::F64) => unary!(f64_from_x64_u, f, x),
        _ => return None,
    })
}

fn single_float(opcode: Opcode, to: Type) -> Option<Put> {
    Some(match (opcode, to) {
        (Opcode::Fadd, _) => binary!(fadd32, f),
        (Opcode::Fsub, _) => binary!(fsub32, f),
        (Opcode::Fmul, _) => binary!(fmul32, f),
        (Opcode::Fdiv, _) => binary!(fdiv32, f),
        (Opcode::Fmin, _) => binary!(fminimum32, f),
        (Opcode::Fmax, _) => binary!(fmaximum32, f),
        (Opcode::Fcopysign, _) => binary!(fcopysign32, f),
        (Opcode::Sqrt, _) => unary!(fsqrt32, f, f),
        (Opcode::Fneg, _) => unary!(fneg32, f, f),
        (Opcode::Fabs, _) => unary!(fabs32, f, f),
        (Opcode::Ceil, _) => unary!(fceil32, f, f),
        (Opcode::Floor, _) => unary!(ffloor32, f, f),
        (Opcode::Trunc, _) => unary!(ftrunc32, f, f),
        (Opcode::Nearest, _) => unary!(fnearest32, f, f),
        (Opcode::Fpromote, types::F64) => unary!(f64_from_f32, f, f),
        (Opcode::Bitcast, types::I32) => unary!(bitcast_int_from_float_32, x, f),
        (Opcode::FcvtToSint, types::I32) => unary!(x32_from_f32_s, x, f),
        (Opcode::FcvtToUint, types::I32) => unary!(x32_from_f32_u, x, f),
        (Opcode::FcvtToSint, types::I64) => unary!(x64_from_f32_s, x, f),
        (Opcode::FcvtToUint, types::I64) => unary!(x64_from_f32_u, x, f),
        (Opcode::FcvtToSintSat, types::I32) => unary!(x32_from_f32_s_sat, x, f),
        (Opcode::FcvtToUintSat, types::I32) => unary!(x32_from_f32_u_sat, x, f),
        (Opcode::FcvtToSintSat, types::I64) => unary!(x64_from_f32_s_sat, x, f),
        (Opcode::FcvtToUintSat, types::I64) => unary!(x64_from_f32_u_sat, x, f),
        _ => return None,
    })
}

fn double_float(opcode: Opcode, to: Type) -> Option<Put> {
    Some(match (opcode, to) {
        (Opcode::Fadd, _) => binary!(fadd64, f),
        (Opcode::Fsub, _) => binary!(fsub64, f),
        (Opcode::Fmul, _) => binary!(fmul64, f),
        (Opcode::Fdiv, _) => binary!(fdiv64, f),
        (Opcode::Fmin, _) => binary!(fminimum64, f),
        (Opcode::Fmax, _) => binary!(fmaximum64, f),
        (Opcode::Fcopysign, _) => binary!(fcopysign64, f),
        (Opcode::Sqrt, _) => unary!(fsqrt64, f, f),
        (Opcode::Fneg, _) => unary!(fneg64, f, f),
        (Opcode::Fabs, _) => unary!(fabs64, f, f),
        (Opcode::Ceil, _) => unary!(fceil64, f, f),
        (Opcode::Floor, _) => unary!(ffloor64, f, f),
        (Opcode::Trunc, _) => unary!(ftrunc64, f, f),
        (Opcode::Nearest, _) => unary!(fnearest64, f, f),
        (Opcode::Fdemote, types::F32) => unary!(f32_from_f64, f, f),
        (Opcode::Bitcast, types::I64) => unary!(bitcast_int_from_float_64, x, f),
        (Opcode::FcvtToSint, types::I32) => unary!(x32_from_f64_s, x, f),
        (Opcode::FcvtToUint, types::I32) => unary!(x32_from_f64_u, x, f),
        (Opcode::FcvtToSint, types::I64) => unary!(x64_from_f64_s, x, f),
        (Opcode::FcvtToUint, types::I64) => unary!(x64_from_f64_u, x, f),
        (Opcode::FcvtToSintSat, types::I32) => unary!(x32_from_f64_s_sat, x, f),
        (Opcode::FcvtToUintSat, types::I32) => unary!(x32_from_f64_u_sat, x, f),
        (Opcode::FcvtToSintSat, types::I64) => unary!(x64_from_f64_s_sat, x, f),
        (Opcode::FcvtToUintSat, types::I64) => unary!(x64_from_f64_u_sat, x, f),
        _ => return None,
    })
}
