//! Vector operations that change the number or the order of lanes, lane by lane.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{
    InstBuilder, InstructionData, MemFlagsData, Opcode, StackSlotData, StackSlotKind, Type, Value,
    types,
};

use super::{Replacement, Site};

/// Expands what belongs here.
pub fn expand(s: &mut Site<'_, '_>) -> Option<Replacement> {
    let to = s.result_ty_if_any()?;
    let args = s.args.clone();
    let from = s.ty_of(*args.first()?);
    let value = match s.opcode {
        Opcode::ScalarToVector => {
            let zero = s.vector(to, 0);
            s.ins().insertlane(zero, args[0], 0)
        }
        Opcode::Shuffle => shuffle(s)?,
        Opcode::Swizzle => swizzle(s),
        Opcode::VhighBits => high_bits(s, from, to),
        Opcode::SwidenLow | Opcode::UwidenLow | Opcode::SwidenHigh | Opcode::UwidenHigh => {
            widen(s, to)
        }
        Opcode::Snarrow | Opcode::Unarrow | Opcode::Uunarrow => narrow(s, from, to)?,
        Opcode::IaddPairwise => pairwise(s, to),
        Opcode::FvpromoteLow => build(s, to, |s, lane| {
            let value = s.ins().extractlane(args[0], lane);
            s.ins().fpromote(types::F64, value)
        }),
        Opcode::Fvdemote => build(s, to, |s, lane| {
            if lane >= 2 {
                return s.ins().f32const(0.0);
            }
            let value = s.ins().extractlane(args[0], lane);
            s.ins().fdemote(types::F32, value)
        }),
        _ => return None,
    };
    Some(value.into())
}

/// A vector from its lanes.
fn build(
    s: &mut Site<'_, '_>,
    ty: Type,
    mut lane_value: impl FnMut(&mut Site<'_, '_>, u8) -> Value,
) -> Value {
    let first = lane_value(s, 0);
    let mut vector = s.ins().splat(ty, first);
    for lane in 1..u8::try_from(ty.lane_count()).expect("at most 16") {
        let value = lane_value(s, lane);
        vector = s.ins().insertlane(vector, value, lane);
    }
    vector
}

fn shuffle(s: &mut Site<'_, '_>) -> Option<Value> {
    let InstructionData::Shuffle { imm, .. } = s.data() else {
        return None;
    };
    let mask: Vec<u8> = s.cursor.func.dfg.immediates.get(imm)?.as_slice().to_vec();
    let (a, b) = (s.args[0], s.args[1]);
    Some(build(s, types::I8X16, |s, lane| {
        match mask[usize::from(lane)] {
            index @ 0..=15 => s.ins().extractlane(a, index),
            index @ 16..=31 => s.ins().extractlane(b, index - 16),
            _ => s.int(types::I8, 0),
        }
    }))
}

/// Bytes picked at run time, through memory.
fn swizzle(s: &mut Site<'_, '_>) -> Value {
    let (a, b) = (s.args[0], s.args[1]);
    let data = StackSlotData::new(StackSlotKind::ExplicitSlot, 16, 4);
    let slot = s.cursor.func.create_sized_stack_slot(data);
    let base = s.ins().stack_addr(types::I64, slot, 0);
    let trusted =
        MemFlagsData::trusted().with_endianness(cranelift_codegen::ir::Endianness::Little);
    s.ins().store(trusted, a, base, 0);
    build(s, types::I8X16, |s, lane| {
        let index = s.ins().extractlane(b, lane);
        let wide = s.ins().uextend(types::I64, index);
        let low = s.int(types::I64, 15);
        let inside = s.ins().band(wide, low);
        let address = s.ins().iadd(base, inside);
        let byte = s.ins().load(types::I8, trusted, address, 0);
        let end = s.int(types::I64, 16);
        let is_inside = s.ins().icmp(IntCC::UnsignedLessThan, wide, end);
        let zero = s.int(types::I8, 0);
        s.ins().select(is_inside, byte, zero)
    })
}

fn high_bits(s: &mut Site<'_, '_>, from: Type, to: Type) -> Value {
    let vector = s.args[0];
    let mut bits = s.int(types::I32, 0);
    for lane in 0..u8::try_from(from.lane_count()).expect("at most 16") {
        let value = s.ins().extractlane(vector, lane);
        let amount = s.int(types::I32, i64::from(from.lane_bits()) - 1);
        let bit = s.ins().ushr(value, amount);
        let bit = match from.lane_bits() {
            64 => s.ins().ireduce(types::I32, bit),
            32 => bit,
            _ => s.ins().uextend(types::I32, bit),
        };
        let place = s.int(types::I32, i64::from(lane));
        let bit = s.ins().ishl(bit, place);
        bits = s.ins().bor(bits, bit);
    }
    match to.bits() {
        64 => s.ins().uextend(to, bits),
        32 => bits,
        _ => s.ins().ireduce(to, bits),
    }
}

fn widen(s: &mut Site<'_, '_>, to: Type) -> Value {
    let vector = s.args[0];
    let lanes = u8::try_from(to.lane_count()).expect("at most 8");
    let first = match s.opcode {
        Opcode::SwidenHigh | Opcode::UwidenHigh => lanes,
        _ => 0,
    };
    let signed = matches!(s.opcode, Opcode::SwidenLow | Opcode::SwidenHigh);
    build(s, to, |s, lane| {
        let value = s.ins().extractlane(vector, first + lane);
        if signed {
            s.ins().sextend(to.lane_type(), value)
        } else {
            s.ins().uextend(to.lane_type(), value)
        }
    })
}

fn narrow(s: &mut Site<'_, '_>, from: Type, to: Type) -> Option<Value> {
    let (a, b) = (s.args[0], s.args[1]);
    let opcode = s.opcode;
    let lanes = u8::try_from(from.lane_count()).ok()?;
    let lane_ty = to.lane_type();
    let shift = 64 - lane_ty.bits();
    let (least, most) = if opcode == Opcode::Snarrow {
        (i64::MIN >> shift, i64::MAX >> shift)
    } else {
        (0, i64::MAX >> (shift - 1))
    };
    Some(build(s, to, |s, lane| {
        let value = if lane < lanes {
            s.ins().extractlane(a, lane)
        } else {
            s.ins().extractlane(b, lane - lanes)
        };
        let ty = s.ty_of(value);
        let (least, most) = (s.int(ty, least), s.int(ty, most));
        let value = if opcode == Opcode::Uunarrow {
            s.ins().umin(value, most)
        } else {
            let value = s.ins().smax(value, least);
            s.ins().smin(value, most)
        };
        s.ins().ireduce(lane_ty, value)
    }))
}

fn pairwise(s: &mut Site<'_, '_>, to: Type) -> Value {
    let (a, b) = (s.args[0], s.args[1]);
    let half = u8::try_from(to.lane_count() / 2).expect("at most 8");
    build(s, to, |s, lane| {
        let (vector, lane) = if lane < half {
            (a, lane)
        } else {
            (b, lane - half)
        };
        let first = s.ins().extractlane(vector, 2 * lane);
        let second = s.ins().extractlane(vector, 2 * lane + 1);
        s.ins().iadd(first, second)
    })
}
