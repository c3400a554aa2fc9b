//! Values as bits and bytes, by their static type.
//!
//! The interpreter's vector values know their size and not their lanes, so that the order of
//! bytes in memory needs the type from the IR.

use cranelift_codegen::data_value::DataValue;
use cranelift_codegen::ir::{Endianness, Type};

/// The bits of a value of at most 128 bits, lane 0 lowest.
pub fn bits(value: &DataValue) -> u128 {
    let mut bytes = [0; 16];
    match value {
        // Already lane 0 first on every host, which `write_to_slice_le` would undo on a
        // big-endian one.
        DataValue::V128(v) => bytes = *v,
        DataValue::V64(v) => bytes[..8].copy_from_slice(v),
        DataValue::V32(v) => bytes[..4].copy_from_slice(v),
        DataValue::V16(v) => bytes[..2].copy_from_slice(v),
        scalar => scalar.write_to_slice_le(&mut bytes),
    }
    u128::from_le_bytes(bytes)
}

/// The value of type `ty` with the low bits of `bits`.
///
/// # Errors
/// When the interpreter has no values of this type.
pub fn from_bits(ty: Type, bits: u128) -> Result<DataValue, String> {
    let bytes = bits.to_le_bytes();
    let [b0, b1, b2, b3, b4, b5, b6, b7, ..] = bytes;
    if ty.is_dynamic_vector() || !matches!(ty.bytes(), 1 | 2 | 4 | 8 | 16) {
        return Err(format!("type {ty} is not covered"));
    }
    if !ty.is_vector() {
        return Ok(DataValue::read_from_slice_le(&bytes, ty));
    }
    Ok(match ty.bytes() {
        16 => DataValue::V128(bytes),
        8 => DataValue::V64([b0, b1, b2, b3, b4, b5, b6, b7]),
        4 => DataValue::V32([b0, b1, b2, b3]),
        _ => DataValue::V16([b0, b1]),
    })
}

/// A mask of the low `width` bits.
pub fn mask(width: u32) -> u128 {
    u128::MAX >> (128 - width.clamp(1, 128))
}

/// Sign-extends the low `width` bits.
pub fn signed(bits: u128, width: u32) -> i128 {
    let shift = 128 - width;
    (bits << shift).cast_signed() >> shift
}

/// Each lane of `bits`, read as lanes of `from`, through `lane` into the lanes of `to`.
///
/// # Errors
/// When the interpreter has no values of type `to`.
pub fn map_lanes(
    from: Type,
    bits: u128,
    to: Type,
    lane: impl Fn(u128) -> u128,
) -> Result<DataValue, String> {
    let (width_in, width_out) = (from.lane_bits(), to.lane_bits());
    let mut result = 0;
    for index in 0..from.lane_count() {
        let value = (bits >> (index * width_in)) & mask(width_in);
        result |= (lane(value) & mask(width_out)) << (index * width_out);
    }
    from_bits(to, result)
}

/// Between a value's bits and its bytes in memory: lane 0 has the lowest address, each lane is in
/// byte order `order`. The same function both ways. Bytes beyond the type stay.
pub fn reorder(ty: Type, order: Endianness, mut bytes: [u8; 16]) -> [u8; 16] {
    if order == Endianness::Big {
        let size = ty.bytes() as usize;
        bytes[..size]
            .chunks_mut(ty.lane_type().bytes() as usize)
            .for_each(<[u8]>::reverse);
    }
    bytes
}
