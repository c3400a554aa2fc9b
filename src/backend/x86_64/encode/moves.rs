//! Integer moves: constants, loads, stores, extensions, addresses, the stack.

use super::emit::{Map, Opcode, Rex, in_opcode, modrm, needs_rex, sized};
use super::operand::{Gpr, GprMem, Mem, Size};
use super::{Encoded, NoEncoding};

const WIDE: Rex = Rex {
    wide: true,
    forced: false,
};
const NARROW: Rex = Rex {
    wide: false,
    forced: false,
};

/// `dst = src`; at 8 and 16 bits the rest of `dst` stays.
pub fn mov(out: &mut Vec<u8>, size: Size, dst: Gpr, src: impl Into<GprMem>) {
    sized(
        out,
        (Map::One, 0x8a),
        size,
        (dst.number(), src.into()),
        &[dst],
    );
}

/// Stores the low bytes of `src`.
pub fn store(out: &mut Vec<u8>, size: Size, dst: Mem, src: Gpr) {
    sized(
        out,
        (Map::One, 0x88),
        size,
        (src.number(), dst.into()),
        &[src],
    );
}

/// Stores a constant, sign-extended at 64 bits.
///
/// # Errors
/// When it does not fit 8 or 16 bits, signed, of that size.
pub fn store_imm(out: &mut Vec<u8>, size: Size, dst: Mem, imm: i32) -> Encoded {
    let bytes = match size {
        Size::B1 => i8::try_from(imm).map(|imm| imm.to_le_bytes().to_vec()),
        Size::B2 => i16::try_from(imm).map(|imm| imm.to_le_bytes().to_vec()),
        Size::B4 | Size::B8 => Ok(imm.to_le_bytes().to_vec()),
    };
    let bytes = bytes.map_err(|_| NoEncoding("an immediate wider than the store"))?;
    sized(out, (Map::One, 0xc6), size, (0, dst.into()), &[]);
    out.extend(bytes);
    Ok(())
}

/// `dst = imm`, all 64 bits, in the shortest form that leaves the flags alone: 5 bytes (6 for
/// r8 to r15) zero-extended, 7 sign-extended, 10 in full.
pub fn constant(out: &mut Vec<u8>, dst: Gpr, imm: u64) {
    if let Ok(low) = u32::try_from(imm) {
        in_opcode(out, Opcode::one(0xb8), NARROW, dst);
        out.extend(low.to_le_bytes());
    } else if let Ok(low) = i32::try_from(imm.cast_signed()) {
        modrm(out, Opcode::one(0xc7), WIDE, 0, GprMem::Gpr(dst).into());
        out.extend(low.to_le_bytes());
    } else {
        constant_in_full(out, dst, imm);
    }
}

/// `dst = imm` in 10 bytes, the last 8 of which are the constant: a relocation may lie there.
pub fn constant_in_full(out: &mut Vec<u8>, dst: Gpr, imm: u64) {
    in_opcode(out, Opcode::one(0xb8), WIDE, dst);
    out.extend(imm.to_le_bytes());
}

/// `dst = src` from `from` bits, zeroes above, all 64 bits. From 64 bits it is a move.
pub fn zero_extend(out: &mut Vec<u8>, from: Size, dst: Gpr, src: impl Into<GprMem>) {
    let src = src.into();
    match from {
        Size::B1 | Size::B2 => extend(out, 0xb6, from, NARROW, dst, src),
        Size::B4 | Size::B8 => mov(out, from, dst, src),
    }
}

/// `dst = src` from `from` bits, the sign above, to 32 bits (the upper half cleared) or 64.
///
/// # Errors
/// When `to` is below 32 bits or not above `from`.
pub fn sign_extend(
    out: &mut Vec<u8>,
    from: Size,
    to: Size,
    dst: Gpr,
    src: impl Into<GprMem>,
) -> Encoded {
    let src = src.into();
    let rex = if to == Size::B8 { WIDE } else { NARROW };
    match (from, to) {
        (Size::B1 | Size::B2, Size::B4 | Size::B8) => extend(out, 0xbe, from, rex, dst, src),
        (Size::B4, Size::B8) => modrm(out, Opcode::one(0x63), rex, dst.number(), src.into()),
        _ => return Err(NoEncoding("no such sign extension")),
    }
    Ok(())
}

/// `movzx` and `movsx`: the opcode is one more from 16 bits.
fn extend(out: &mut Vec<u8>, byte: u8, from: Size, rex: Rex, dst: Gpr, src: GprMem) {
    let opcode = Opcode::two(byte | u8::from(from == Size::B2));
    let forced = from == Size::B1 && matches!(src, GprMem::Gpr(gpr) if needs_rex(gpr));
    modrm(out, opcode, Rex { forced, ..rex }, dst.number(), src.into());
}

/// `dst =` the address itself, 64 bits.
pub fn lea(out: &mut Vec<u8>, dst: Gpr, src: Mem) {
    modrm(
        out,
        Opcode::one(0x8d),
        WIDE,
        dst.number(),
        GprMem::Mem(src).into(),
    );
}

/// Swaps two registers, 64 bits.
pub fn swap(out: &mut Vec<u8>, one: Gpr, other: Gpr) {
    modrm(
        out,
        Opcode::one(0x87),
        WIDE,
        one.number(),
        GprMem::Gpr(other).into(),
    );
}

/// Reverses the bytes.
///
/// # Errors
/// Below 32 bits; 16 bits are a rotation by 8.
pub fn bswap(out: &mut Vec<u8>, size: Size, dst: Gpr) -> Encoded {
    let rex = match size {
        Size::B4 => NARROW,
        Size::B8 => WIDE,
        _ => return Err(NoEncoding("a byte swap below 32 bits")),
    };
    in_opcode(out, Opcode::two(0xc8), rex, dst);
    Ok(())
}

/// Pushes 64 bits.
pub fn push(out: &mut Vec<u8>, src: Gpr) {
    in_opcode(out, Opcode::one(0x50), NARROW, src);
}

/// Pops 64 bits.
pub fn pop(out: &mut Vec<u8>, dst: Gpr) {
    in_opcode(out, Opcode::one(0x58), NARROW, dst);
}

/// Pushes 64 bits of memory, addressed by the stack pointer as it was.
pub fn push_memory(out: &mut Vec<u8>, src: Mem) {
    modrm(out, Opcode::one(0xff), NARROW, 6, GprMem::Mem(src).into());
}

/// Pops 64 bits to memory, addressed by the stack pointer as it becomes.
pub fn pop_memory(out: &mut Vec<u8>, dst: Mem) {
    modrm(out, Opcode::one(0x8f), NARROW, 0, GprMem::Mem(dst).into());
}
