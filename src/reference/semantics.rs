//! Instructions that the suite interprets itself.
//!
//! Addresses and memory, because they are the suite's. And those that the interpreter's step
//! gets wrong or leaves out (release 0.135.8, measured against the documentation in Cranelift's
//! `shared/instructions.rs`):
//!
//! | opcode | the interpreter | the documentation |
//! |---|---|---|
//! | `load`, `store` and kin | zero-extends negative offsets; reverses whole vectors for `big` | a signed offset; lanes keep their order |
//! | `load.i64x2` of `i32x2` and kin | not implemented | extends each lane |
//! | `bitcast` | no `big` for vectors, no `i64` to `i8x8` | a store and a load of the other type |
//! | `srem` of least by -1 | traps | traps for zero only: the result is 0 |
//! | `sadd_overflow_cin`, `ssub_overflow_bin` | overflow when any of two steps overflows | when the whole sum does |
//! | `avg_round` | not for vectors, its only types | no overflow in between |
//! | `sequence_point` | not implemented | does nothing |
//!
//! NaNs that arithmetic makes are the host's; here they are the canonical one, which is what
//! Cranelift's `enable_nan_canonicalization` makes them.

use cranelift_codegen::data_value::DataValue;
use cranelift_codegen::ir::{
    Endianness, Function, Inst, InstructionData, Opcode, Type, Value, types,
};

use super::bytes::{bits, from_bits, map_lanes, mask, reorder, signed};
use super::guest::Guest;
use super::pointer::Pointer;
use super::prepare::Callee;

/// Executes `inst` when it is one that the suite interprets itself, and gives its results.
/// `None` when it is not.
///
/// # Errors
/// When the outcome depends on the ISA.
pub fn execute(guest: &mut Guest<'_, '_>, inst: Inst) -> Result<Option<Vec<DataValue>>, String> {
    let function = guest.prepared().function;
    let data = function.dfg.insts[inst];
    let ty = function.dfg.ctrl_typevar(inst);
    let one = |value: DataValue| Ok(Some(vec![value]));
    match data {
        InstructionData::Load { arg, offset, .. } => {
            let address = guest.address(arg)?.wrapping_add_signed(i64::from(offset));
            one(load(guest, function, inst, address)?)
        }
        InstructionData::Store { args, offset, .. } => {
            let address = guest
                .address(args[1])?
                .wrapping_add_signed(i64::from(offset));
            store(guest, function, inst, args[0], address)?;
            Ok(Some(Vec::new()))
        }
        InstructionData::StackAddr {
            stack_slot, offset, ..
        } => {
            let (slot, size) = guest.prepared().slot(stack_slot);
            let offset = u64::try_from(i64::from(offset)).unwrap_or(u64::MAX);
            if offset >= size {
                return Err(format!("offset {offset} into a slot of {size} bytes"));
            }
            let pointer = Pointer::Stack(guest.top().base + slot + offset);
            one(pointer_value(ty, pointer.bits()?)?)
        }
        InstructionData::FuncAddr { func_ref, .. } => {
            let pointer = match guest.prepared().callee(func_ref) {
                Callee::Function(index) => Pointer::Function(index),
                Callee::Hostcall(index) => Pointer::Hostcall(index),
                other => return Err(format!("the function is {other:?}")),
            };
            one(pointer_value(ty, pointer.bits()?)?)
        }
        InstructionData::UnaryGlobalValue {
            opcode: Opcode::SymbolValue,
            global_value,
        } => one(pointer_value(ty, guest.global(global_value)?)?),
        InstructionData::LoadNoOffset {
            opcode: Opcode::Bitcast,
            arg,
            flags,
        } => {
            let order = function.dfg.mem_flags[flags].endianness(Endianness::Little);
            let from = function.dfg.value_type(arg);
            let raw = reorder(from, order, bits(guest.get(arg)).to_le_bytes());
            one(from_bits(ty, u128::from_le_bytes(reorder(ty, order, raw)))?)
        }
        _ => arithmetic(guest, data.opcode(), ty, function.dfg.inst_args(inst)),
    }
}

fn pointer_value(ty: Type, bits: u64) -> Result<DataValue, String> {
    if ty == types::I64 {
        Ok(DataValue::I64(bits.cast_signed()))
    } else {
        Err(format!("address of type {ty}"))
    }
}

/// Type in memory of a load that extends or a store that cuts, and whether it is signed.
fn in_memory(opcode: Opcode) -> Option<(Type, bool)> {
    Some(match opcode {
        Opcode::Uload8 | Opcode::Istore8 => (types::I8, false),
        Opcode::Sload8 => (types::I8, true),
        Opcode::Uload16 | Opcode::Istore16 => (types::I16, false),
        Opcode::Sload16 => (types::I16, true),
        Opcode::Uload32 | Opcode::Istore32 => (types::I32, false),
        Opcode::Sload32 => (types::I32, true),
        Opcode::Uload8x8 => (types::I8X8, false),
        Opcode::Sload8x8 => (types::I8X8, true),
        Opcode::Uload16x4 => (types::I16X4, false),
        Opcode::Sload16x4 => (types::I16X4, true),
        Opcode::Uload32x2 => (types::I32X2, false),
        Opcode::Sload32x2 => (types::I32X2, true),
        _ => return None,
    })
}

fn load(
    guest: &Guest<'_, '_>,
    function: &Function,
    inst: Inst,
    address: u64,
) -> Result<DataValue, String> {
    let ty = function.dfg.value_type(function.dfg.first_result(inst));
    let data = &function.dfg.insts[inst];
    let flags = data.memflags().ok_or("a load without flags")?;
    let flags = function.dfg.mem_flags[flags];
    match in_memory(data.opcode()) {
        None => guest.load(address, ty, flags),
        Some((narrow, is_signed)) => {
            let loaded = guest.load(address, narrow, flags)?;
            let width = narrow.lane_bits();
            map_lanes(narrow, bits(&loaded), ty, |lane| {
                if is_signed {
                    signed(lane, width).cast_unsigned()
                } else {
                    lane
                }
            })
        }
    }
}

fn store(
    guest: &mut Guest<'_, '_>,
    function: &Function,
    inst: Inst,
    value: Value,
    address: u64,
) -> Result<(), String> {
    let data = &function.dfg.insts[inst];
    let flags = data.memflags().ok_or("a store without flags")?;
    let flags = function.dfg.mem_flags[flags];
    let ty = match in_memory(data.opcode()) {
        Some((narrow, _)) => narrow,
        None => function.dfg.value_type(value),
    };
    let stored = bits(guest.get(value));
    guest.store(address, ty, stored, flags)
}

fn arithmetic(
    guest: &Guest<'_, '_>,
    opcode: Opcode,
    ty: Type,
    args: &[Value],
) -> Result<Option<Vec<DataValue>>, String> {
    let arg = |index: usize| bits(guest.get(args[index]));
    let width = ty.lane_bits();
    Ok(Some(match opcode {
        Opcode::SequencePoint => Vec::new(),
        Opcode::Srem if signed(arg(1), width) == -1 => vec![from_bits(ty, 0)?],
        Opcode::SaddOverflowCin => carried(ty, arg(0), arg(1), arg(2), true)?,
        Opcode::SsubOverflowBin => carried(ty, arg(0), arg(1), arg(2), false)?,
        Opcode::AvgRound => {
            let (mut left, mut right) = (arg(0), arg(1));
            let mut result = 0;
            for index in 0..ty.lane_count() {
                // Lanes have at most 64 bits: there is room for the carry.
                let sum = (left & mask(width)) + (right & mask(width)) + 1;
                result |= (sum >> 1) << (index * width);
                left = left.checked_shr(width).unwrap_or(0);
                right = right.checked_shr(width).unwrap_or(0);
            }
            vec![from_bits(ty, result)?]
        }
        _ => return Ok(None),
    }))
}

/// Signed `left + right + carry` or `left - right - carry`, and whether that overflows `ty`.
fn carried(
    ty: Type,
    left: u128,
    right: u128,
    carry: u128,
    add: bool,
) -> Result<Vec<DataValue>, String> {
    let width = ty.lane_bits();
    let (left, right) = (signed(left, width), signed(right, width));
    let carry = i128::from(carry != 0);
    let (partial, over) = if add {
        left.overflowing_add(right)
    } else {
        left.overflowing_sub(right)
    };
    let (second, over_again) = if add {
        partial.overflowing_add(carry)
    } else {
        partial.overflowing_sub(carry)
    };
    let result = second.cast_unsigned() & mask(width);
    // Of 128 bits, two overflows are in opposite directions and cancel out; narrower types do
    // not overflow 128 bits at all.
    let overflow = (over != over_again) || signed(result, width) != second;
    Ok(vec![
        from_bits(ty, result)?,
        DataValue::I8(i8::from(overflow)),
    ])
}

/// Whether `opcode` computes floats, and so may make a NaN of its own.
pub fn makes_nan(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::Ceil
            | Opcode::Floor
            | Opcode::Nearest
            | Opcode::Sqrt
            | Opcode::Trunc
            | Opcode::Fdemote
            | Opcode::Fpromote
            | Opcode::FvpromoteLow
            | Opcode::Fvdemote
            | Opcode::Fadd
            | Opcode::Fdiv
            | Opcode::Fmax
            | Opcode::Fmin
            | Opcode::Fmul
            | Opcode::Fsub
            | Opcode::Fma
    )
}

/// The canonical NaN in place of any NaN that `opcode` made, in each lane.
///
/// # Errors
/// When the interpreter has no values of type `ty`.
pub fn canonical_nan(opcode: Opcode, ty: Type, value: DataValue) -> Result<DataValue, String> {
    let (infinity, canonical) = match ty.lane_type() {
        types::F32 => (0x7f80_0000_u128, 0x7fc0_0000_u128),
        types::F64 => (0x7ff0_0000_0000_0000, 0x7ff8_0000_0000_0000),
        _ => return Ok(value),
    };
    if !makes_nan(opcode) {
        return Ok(value);
    }
    let magnitude = mask(ty.lane_bits() - 1);
    map_lanes(ty, bits(&value), ty, |lane| {
        if lane & magnitude > infinity {
            canonical
        } else {
            lane
        }
    })
}
