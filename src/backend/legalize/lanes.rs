//! Vector operations lane by lane: the last resort.

use cranelift_codegen::ir::{InstBuilder, InstructionData, Opcode, Type, Value, types};

use super::{Replacement, Site};

/// Expands what belongs here.
pub fn expand(s: &mut Site<'_, '_>) -> Option<Replacement> {
    let result = s.result_ty_if_any()?;
    let source = s.ty_of(*s.args.first()?);
    if !result.is_vector() || !source.is_vector() || result.lane_count() != source.lane_count() {
        return None;
    }
    let count = u8::try_from(result.lane_count()).ok()?;
    let mut vector = None;
    for lane in 0..count {
        let value = one(s, lane, result.lane_type())?;
        vector = Some(match vector {
            None => s.ins().splat(result, value),
            Some(vector) => s.ins().insertlane(vector, value, lane),
        });
    }
    vector.map(Replacement::from)
}

/// The scalar operation on one lane of each vector argument.
fn one(s: &mut Site<'_, '_>, lane: u8, to: Type) -> Option<Value> {
    let all = s.args.clone();
    let mut args = Vec::with_capacity(all.len());
    for arg in all {
        args.push(if s.ty_of(arg).is_vector() {
            s.ins().extractlane(arg, lane)
        } else {
            arg
        });
    }
    let ty = s.ty_of(args[0]);
    let data = s.data();
    Some(match (s.opcode, args.as_slice()) {
        (Opcode::Icmp, &[a, b]) => {
            let InstructionData::IntCompare { cond, .. } = data else {
                return None;
            };
            let truth = s.ins().icmp(cond, a, b);
            s.ins().bmask(to, truth)
        }
        (Opcode::Fcmp, &[a, b]) => {
            let InstructionData::FloatCompare { cond, .. } = data else {
                return None;
            };
            let truth = s.ins().fcmp(cond, a, b);
            s.ins().bmask(to, truth)
        }
        (Opcode::Iadd, &[a, b]) => s.ins().iadd(a, b),
        (Opcode::Isub, &[a, b]) => s.ins().isub(a, b),
        (Opcode::Imul, &[a, b]) => s.ins().imul(a, b),
        (Opcode::Smin, &[a, b]) => s.ins().smin(a, b),
        (Opcode::Smax, &[a, b]) => s.ins().smax(a, b),
        (Opcode::Umin, &[a, b]) => s.ins().umin(a, b),
        (Opcode::Umax, &[a, b]) => s.ins().umax(a, b),
        (Opcode::Umulhi, &[a, b]) => s.ins().umulhi(a, b),
        (Opcode::Smulhi, &[a, b]) => s.ins().smulhi(a, b),
        (Opcode::Ishl, &[a, b]) => s.ins().ishl(a, b),
        (Opcode::Ushr, &[a, b]) => s.ins().ushr(a, b),
        (Opcode::Sshr, &[a, b]) => s.ins().sshr(a, b),
        (Opcode::Rotl, &[a, b]) => s.ins().rotl(a, b),
        (Opcode::Rotr, &[a, b]) => s.ins().rotr(a, b),
        (Opcode::Popcnt, &[a]) => s.ins().popcnt(a),
        (Opcode::Clz, &[a]) => s.ins().clz(a),
        (Opcode::Ctz, &[a]) => s.ins().ctz(a),
        (Opcode::Fadd, &[a, b]) => s.ins().fadd(a, b),
        (Opcode::Fsub, &[a, b]) => s.ins().fsub(a, b),
        (Opcode::Fmul, &[a, b]) => s.ins().fmul(a, b),
        (Opcode::Fdiv, &[a, b]) => s.ins().fdiv(a, b),
        (Opcode::Fmin, &[a, b]) => s.ins().fmin(a, b),
        (Opcode::Fmax, &[a, b]) => s.ins().fmax(a, b),
        (Opcode::Fma, &[a, b, c]) => s.ins().fma(a, b, c),
        (Opcode::Sqrt, &[a]) => s.ins().sqrt(a),
        (Opcode::Ceil, &[a]) => s.ins().ceil(a),
        (Opcode::Floor, &[a]) => s.ins().floor(a),
        (Opcode::Trunc, &[a]) => s.ins().trunc(a),
        (Opcode::Nearest, &[a]) => s.ins().nearest(a),
        (Opcode::FcvtFromSint, &[a]) => s.ins().fcvt_from_sint(to, a),
        (Opcode::FcvtFromUint, &[a]) => s.ins().fcvt_from_uint(to, a),
        (Opcode::FcvtToSintSat, &[a]) => s.ins().fcvt_to_sint_sat(to, a),
        (Opcode::FcvtToUintSat, &[a]) => s.ins().fcvt_to_uint_sat(to, a),
        (Opcode::UaddSat | Opcode::SaddSat | Opcode::UsubSat | Opcode::SsubSat, &[a, b]) => {
            saturate(s, a, b, ty)?
        }
        (Opcode::AvgRound, &[a, b]) => {
            let (a, b) = (
                s.ins().uextend(types::I64, a),
                s.ins().uextend(types::I64, b),
            );
            let sum = s.ins().iadd(a, b);
            let one = s.int(types::I64, 1);
            let sum = s.ins().iadd(sum, one);
            let mean = s.ins().ushr(sum, one);
            s.ins().ireduce(to, mean)
        }
        (Opcode::SqmulRoundSat, &[a, b]) => {
            let (a, b) = (
                s.ins().sextend(types::I64, a),
                s.ins().sextend(types::I64, b),
            );
            let product = s.ins().imul(a, b);
            let half = s.int(types::I64, 1 << (to.bits() - 2));
            let product = s.ins().iadd(product, half);
            let amount = s.int(types::I32, i64::from(to.bits()) - 1);
            let scaled = s.ins().sshr(product, amount);
            let most = s.int(types::I64, i64::MAX >> (64 - to.bits()));
            let clamped = s.ins().smin(scaled, most);
            s.ins().ireduce(to, clamped)
        }
        _ => return None,
    })
}

/// Saturating addition and subtraction of lanes below 64 bits, in 64 bits.
fn saturate(s: &mut Site<'_, '_>, a: Value, b: Value, ty: Type) -> Option<Value> {
    if ty.bits() >= 64 {
        return None;
    }
    let signed = matches!(s.opcode, Opcode::SaddSat | Opcode::SsubSat);
    let adds = matches!(s.opcode, Opcode::UaddSat | Opcode::SaddSat);
    let wide = types::I64;
    let (a, b) = if signed {
        (s.ins().sextend(wide, a), s.ins().sextend(wide, b))
    } else {
        (s.ins().uextend(wide, a), s.ins().uextend(wide, b))
    };
    let value = if adds {
        s.ins().iadd(a, b)
    } else {
        s.ins().isub(a, b)
    };
    let shift = 64 - ty.bits();
    let (least, most) = if signed {
        (i64::MIN >> shift, i64::MAX >> shift)
    } else {
        (0, i64::MAX >> (shift - 1))
    };
    let (least, most) = (s.int(wide, least), s.int(wide, most));
    let value = s.ins().smax(value, least);
    let value = s.ins().smin(value, most);
    Some(s.ins().ireduce(ty, value))
}
