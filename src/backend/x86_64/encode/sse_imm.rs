//! Vector and float operations with an immediate byte, in a table like that of [`super::sse`],
//! and shifts by a constant.

use super::emit::{Map, Opcode, Rex, modrm};
use super::operand::{Xmm, XmmMem};
use super::{Encoded, NoEncoding};

/// An operation with an immediate byte; named as in the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SseImm {
    /// Compares floats (packed): 0 eq, 1 lt, 2 le, 3 unord, 4 neq, 5 nlt, 6 nle, 7 ord.
    Cmpps,
    /// The same, doubles.
    Cmppd,
    /// The same, the lowest float.
    Cmpss,
    /// The same, the lowest double.
    Cmpsd,
    /// Floats 0 and 1 of `dst` and 2 and 3 of `src`, two bits each.
    Shufps,
    /// A double of `dst` and one of `src`, a bit each.
    Shufpd,
    /// Doublewords of `src`, two bits each.
    Pshufd,
    /// Low words of `src`, two bits each; the high half as it is.
    Pshuflw,
    /// High words of `src`, two bits each; the low half as it is.
    Pshufhw,
    /// Bytes of `dst:src` from the immediate's place on (SSSE3).
    Palignr,
    /// Rounds (SSE4.1): 0 to nearest even, 1 down, 2 up, 3 to zero.
    Roundps,
    /// The same, doubles.
    Roundpd,
    /// The same, the lowest float.
    Roundss,
    /// The same, the lowest double.
    Roundsd,
    /// Words of `src` where a bit is set, else of `dst` (SSE4.1).
    Pblendw,
    /// Puts float `imm >> 6` of `src` at `imm >> 4 & 3` and clears floats by `imm & 15` (SSE4.1).
    Insertps,
}

impl SseImm {
    /// All of them.
    pub const ALL: [SseImm; 16] = [
        SseImm::Cmpps,
        SseImm::Cmppd,
        SseImm::Cmpss,
        SseImm::Cmpsd,
        SseImm::Shufps,
        SseImm::Shufpd,
        SseImm::Pshufd,
        SseImm::Pshuflw,
        SseImm::Pshufhw,
        SseImm::Palignr,
        SseImm::Roundps,
        SseImm::Roundpd,
        SseImm::Roundss,
        SseImm::Roundsd,
        SseImm::Pblendw,
        SseImm::Insertps,
    ];

    fn opcode(self) -> Opcode {
        let (prefix, map, byte) = match self {
            SseImm::Cmpps => (0, Map::Two, 0xc2),
            SseImm::Cmppd => (0x66, Map::Two, 0xc2),
            SseImm::Cmpss => (0xf3, Map::Two, 0xc2),
            SseImm::Cmpsd => (0xf2, Map::Two, 0xc2),
            SseImm::Shufps => (0, Map::Two, 0xc6),
            SseImm::Shufpd => (0x66, Map::Two, 0xc6),
            SseImm::Pshufd => (0x66, Map::Two, 0x70),
            SseImm::Pshuflw => (0xf2, Map::Two, 0x70),
            SseImm::Pshufhw => (0xf3, Map::Two, 0x70),
            SseImm::Roundps => (0x66, Map::ThreeA, 0x08),
            SseImm::Roundpd => (0x66, Map::ThreeA, 0x09),
            SseImm::Roundss => (0x66, Map::ThreeA, 0x0a),
            SseImm::Roundsd => (0x66, Map::ThreeA, 0x0b),
            SseImm::Pblendw => (0x66, Map::ThreeA, 0x0e),
            SseImm::Palignr => (0x66, Map::ThreeA, 0x0f),
            SseImm::Insertps => (0x66, Map::ThreeA, 0x21),
        };
        Opcode { prefix, map, byte }
    }

    /// Bytes that it reads of a memory operand; 16 must be aligned.
    pub fn memory_bytes(self) -> u8 {
        match self {
            SseImm::Cmpss | SseImm::Roundss | SseImm::Insertps => 4,
            SseImm::Cmpsd | SseImm::Roundsd => 8,
            _ => 16,
        }
    }
}

/// `dst = op(dst, src, imm)` or `dst = op(src, imm)`.
pub fn op(out: &mut Vec<u8>, op: SseImm, dst: Xmm, src: impl Into<XmmMem>, imm: u8) {
    modrm(
        out,
        op.opcode(),
        Rex::default(),
        dst.number(),
        src.into().into(),
    );
    out.push(imm);
}

/// Shifts of each lane by a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VectorShift {
    /// Words left.
    Psllw,
    /// Doublewords left.
    Pslld,
    /// Quadwords left.
    Psllq,
    /// Words right, zeroes in.
    Psrlw,
    /// Doublewords right, zeroes in.
    Psrld,
    /// Quadwords right, zeroes in.
    Psrlq,
    /// Words right, the sign in.
    Psraw,
    /// Doublewords right, the sign in.
    Psrad,
    /// All of it left, by bytes.
    Pslldq,
    /// All of it right, by bytes.
    Psrldq,
}

impl VectorShift {
    /// All of them.
    pub const ALL: [VectorShift; 10] = [
        VectorShift::Psllw,
        VectorShift::Pslld,
        VectorShift::Psllq,
        VectorShift::Psrlw,
        VectorShift::Psrld,
        VectorShift::Psrlq,
        VectorShift::Psraw,
        VectorShift::Psrad,
        VectorShift::Pslldq,
        VectorShift::Psrldq,
    ];

    /// Opcode, its extension, and the first count that shifts everything out.
    fn parts(self) -> (u8, u8, u8) {
        match self {
            VectorShift::Psllw => (0x71, 6, 16),
            VectorShift::Pslld => (0x72, 6, 32),
            VectorShift::Psllq => (0x73, 6, 64),
            VectorShift::Psrlw => (0x71, 2, 16),
            VectorShift::Psrld => (0x72, 2, 32),
            VectorShift::Psrlq => (0x73, 2, 64),
            VectorShift::Psraw => (0x71, 4, 16),
            VectorShift::Psrad => (0x72, 4, 32),
            VectorShift::Pslldq => (0x73, 7, 16),
            VectorShift::Psrldq => (0x73, 3, 16),
        }
    }

    /// The first count that shifts everything out.
    pub fn limit(self) -> u8 {
        self.parts().2
    }
}

/// `dst = dst` shifted by `count` bits, or bytes.
///
/// # Errors
/// When the count shifts everything out: no lowering means that.
pub fn shift(out: &mut Vec<u8>, op: VectorShift, dst: Xmm, count: u8) -> Encoded {
    let (byte, extension, limit) = op.parts();
    if count >= limit {
        return Err(NoEncoding("a vector shift by all of a lane"));
    }
    let opcode = Opcode {
        prefix: 0x66,
        ..Opcode::two(byte)
    };
    modrm(
        out,
        opcode,
        Rex::default(),
        extension,
        XmmMem::Xmm(dst).into(),
    );
    out.push(count);
    Ok(())
}
