//! Moves of vectors and floats: among registers, to and from memory and general registers,
//! conversions between integers and floats, single lanes.

use super::emit::{Map, Opcode, Rex, Rm, modrm};
use super::operand::{Gpr, GprMem, Mem, Size, Xmm, XmmMem};
use super::{Encoded, NoEncoding};

/// Width of a float operand in a vector register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Width {
    /// 32 bits, a float.
    Single,
    /// 64 bits, a double.
    Double,
    /// 128 bits, a vector, at any alignment.
    Vector,
}

const fn prefixed(prefix: u8, byte: u8) -> Opcode {
    Opcode {
        prefix,
        map: Map::Two,
        byte,
    }
}

const fn sse41(byte: u8) -> Opcode {
    Opcode {
        prefix: 0x66,
        map: Map::ThreeA,
        byte,
    }
}

/// `movaps`: `dst = src`, all 128 bits.
pub fn copy(out: &mut Vec<u8>, dst: Xmm, src: Xmm) {
    let opcode = Opcode::two(0x28);
    modrm(
        out,
        opcode,
        Rex::default(),
        dst.number(),
        XmmMem::Xmm(src).into(),
    );
}

/// `movss`, `movsd`, `movups`: loads, zeroes above.
pub fn load(out: &mut Vec<u8>, width: Width, dst: Xmm, src: Mem) {
    modrm(
        out,
        by_width(width, 0x10),
        Rex::default(),
        dst.number(),
        XmmMem::Mem(src).into(),
    );
}

/// `movss`, `movsd`, `movups`: stores.
pub fn store(out: &mut Vec<u8>, width: Width, dst: Mem, src: Xmm) {
    modrm(
        out,
        by_width(width, 0x11),
        Rex::default(),
        src.number(),
        XmmMem::Mem(dst).into(),
    );
}

fn by_width(width: Width, byte: u8) -> Opcode {
    match width {
        Width::Single => prefixed(0xf3, byte),
        Width::Double => prefixed(0xf2, byte),
        Width::Vector => prefixed(0, byte),
    }
}

/// `movss`, `movsd` among registers: only the lowest lane of `dst` changes; `movaps` for all.
pub fn merge(out: &mut Vec<u8>, width: Width, dst: Xmm, src: Xmm) {
    let opcode = match width {
        Width::Vector => prefixed(0, 0x28),
        _ => by_width(width, 0x10),
    };
    modrm(
        out,
        opcode,
        Rex::default(),
        dst.number(),
        XmmMem::Xmm(src).into(),
    );
}

/// `movq` among registers: the low 64 bits, zeroes above.
pub fn copy_low(out: &mut Vec<u8>, dst: Xmm, src: Xmm) {
    let opcode = prefixed(0xf3, 0x7e);
    modrm(
        out,
        opcode,
        Rex::default(),
        dst.number(),
        XmmMem::Xmm(src).into(),
    );
}

/// `movhlps`: the low half of `dst` becomes the high half of `src`.
pub fn high_to_low(out: &mut Vec<u8>, dst: Xmm, src: Xmm) {
    modrm(
        out,
        Opcode::two(0x12),
        Rex::default(),
        dst.number(),
        XmmMem::Xmm(src).into(),
    );
}

/// `movlhps`: the high half of `dst` becomes the low half of `src`.
pub fn low_to_high(out: &mut Vec<u8>, dst: Xmm, src: Xmm) {
    modrm(
        out,
        Opcode::two(0x16),
        Rex::default(),
        dst.number(),
        XmmMem::Xmm(src).into(),
    );
}

/// 32 or 64 bits; the prefix REX.W.
fn word(size: Size) -> Result<Rex, NoEncoding> {
    match size {
        Size::B4 | Size::B8 => Ok(Rex {
            wide: size == Size::B8,
            forced: false,
        }),
        _ => Err(NoEncoding("only 32 and 64 bits move between files")),
    }
}

/// `movd`, `movq`: bits of `src`, zeroes above.
///
/// # Errors
/// Below 32 bits.
pub fn from_gpr(out: &mut Vec<u8>, size: Size, dst: Xmm, src: impl Into<GprMem>) -> Encoded {
    let rex = word(size)?;
    modrm(
        out,
        prefixed(0x66, 0x6e),
        rex,
        dst.number(),
        src.into().into(),
    );
    Ok(())
}

/// `movd`, `movq`: the low bits of `src`; 32 bits clear the upper half.
///
/// # Errors
/// Below 32 bits.
pub fn to_gpr(out: &mut Vec<u8>, size: Size, dst: impl Into<GprMem>, src: Xmm) -> Encoded {
    let rex = word(size)?;
    modrm(
        out,
        prefixed(0x66, 0x7e),
        rex,
        src.number(),
        dst.into().into(),
    );
    Ok(())
}

/// `cvtsi2ss`, `cvtsi2sd`: a signed integer as a float in the lowest lane; the others stay.
///
/// # Errors
/// From integers below 32 bits, and to a vector.
pub fn from_int(
    out: &mut Vec<u8>,
    width: Width,
    size: Size,
    dst: Xmm,
    src: impl Into<GprMem>,
) -> Encoded {
    let rex = word(size)?;
    modrm(
        out,
        scalar(width, 0x2a)?,
        rex,
        dst.number(),
        src.into().into(),
    );
    Ok(())
}

/// `cvttss2si`, `cvttsd2si`: a float as a signed integer, rounded to zero; the least integer
/// when it is none or does not fit.
///
/// # Errors
/// To integers below 32 bits, and from a vector.
pub fn to_int(
    out: &mut Vec<u8>,
    width: Width,
    size: Size,
    dst: Gpr,
    src: impl Into<XmmMem>,
) -> Encoded {
    let rex = word(size)?;
    modrm(
        out,
        scalar(width, 0x2c)?,
        rex,
        dst.number(),
        src.into().into(),
    );
    Ok(())
}

fn scalar(width: Width, byte: u8) -> Result<Opcode, NoEncoding> {
    match width {
        Width::Vector => Err(NoEncoding("a conversion of a vector")),
        _ => Ok(by_width(width, byte)),
    }
}

/// What signs are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signs {
    /// Of 16 bytes: `pmovmskb`.
    Bytes,
    /// Of 4 floats: `movmskps`.
    Floats,
    /// Of 2 doubles: `movmskpd`.
    Doubles,
}

/// The sign of each lane as a bit, zeroes above.
pub fn signs(out: &mut Vec<u8>, lanes: Signs, dst: Gpr, src: Xmm) {
    let opcode = match lanes {
        Signs::Bytes => prefixed(0x66, 0xd7),
        Signs::Floats => prefixed(0, 0x50),
        Signs::Doubles => prefixed(0x66, 0x50),
    };
    modrm(
        out,
        opcode,
        Rex::default(),
        dst.number(),
        XmmMem::Xmm(src).into(),
    );
}

/// `pinsrb`, `pinsrw`, `pinsrd`, `pinsrq`: lane `lane` of `dst` becomes the low bits of `src`.
/// All but 16 bits are SSE4.1.
///
/// # Errors
/// When there is no such lane.
pub fn insert(
    out: &mut Vec<u8>,
    size: Size,
    dst: Xmm,
    src: impl Into<GprMem>,
    lane: u8,
) -> Encoded {
    let opcode = match size {
        Size::B1 => sse41(0x20),
        Size::B2 => prefixed(0x66, 0xc4),
        Size::B4 | Size::B8 => sse41(0x22),
    };
    let rex = lane_rex(size, lane)?;
    modrm(out, opcode, rex, dst.number(), src.into().into());
    out.push(lane);
    Ok(())
}

/// `pextrb`, `pextrw`, `pextrd`, `pextrq`: lane `lane` of `src`, zeroes above, 64 bits. All but
/// 16 bits are SSE4.1.
///
/// # Errors
/// When there is no such lane.
pub fn extract(out: &mut Vec<u8>, size: Size, dst: Gpr, src: Xmm, lane: u8) -> Encoded {
    let rex = lane_rex(size, lane)?;
    let (dst, src) = (dst.number(), src.number());
    match size {
        // The old form has its operands the other way round.
        Size::B2 => modrm(out, prefixed(0x66, 0xc5), rex, dst, Rm::Reg(src)),
        Size::B1 => modrm(out, sse41(0x14), rex, src, Rm::Reg(dst)),
        _ => modrm(out, sse41(0x16), rex, src, Rm::Reg(dst)),
    }
    out.push(lane);
    Ok(())
}

fn lane_rex(size: Size, lane: u8) -> Result<Rex, NoEncoding> {
    if lane >= 16 / size.bytes() {
        return Err(NoEncoding("no such lane"));
    }
    Ok(Rex {
        wide: size == Size::B8,
        forced: false,
    })
}
