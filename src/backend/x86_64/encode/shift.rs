//! Shifts and rotates. The ISA takes counts modulo 32, or 64 at 64 bits, also at 8 and 16 bits.

use super::emit::{Map, Opcode, Rex, modrm, sized};
use super::operand::{Gpr, GprMem, Size};
use super::{Encoded, NoEncoding};

/// Shifts of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shift {
    /// Rotate left.
    Rol,
    /// Rotate right.
    Ror,
    /// Shift left.
    Shl,
    /// Shift right, zeroes in.
    Shr,
    /// Shift right, the sign in.
    Sar,
}

impl Shift {
    /// All of them.
    pub const ALL: [Shift; 5] = [Shift::Rol, Shift::Ror, Shift::Shl, Shift::Shr, Shift::Sar];

    fn number(self) -> u8 {
        match self {
            Shift::Rol => 0,
            Shift::Ror => 1,
            Shift::Shl => 4,
            Shift::Shr => 5,
            Shift::Sar => 7,
        }
    }
}

/// By the count in cl.
pub fn by_cl(out: &mut Vec<u8>, op: Shift, size: Size, dst: impl Into<GprMem>) {
    sized(out, (Map::One, 0xd2), size, (op.number(), dst.into()), &[]);
}

/// By a constant.
///
/// # Errors
/// When the count is not below the operand's bits.
pub fn by_imm(
    out: &mut Vec<u8>,
    op: Shift,
    size: Size,
    dst: impl Into<GprMem>,
    count: u8,
) -> Encoded {
    if count >= size.bits() {
        return Err(NoEncoding("a shift by all bits or more"));
    }
    let (byte, imm) = match count {
        1 => (0xd0, None),
        _ => (0xc0, Some(count)),
    };
    sized(out, (Map::One, byte), size, (op.number(), dst.into()), &[]);
    out.extend(imm);
    Ok(())
}

/// Which way a double shift goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Double {
    /// `shld`: left, the top of the source comes in below.
    Left,
    /// `shrd`: right, the bottom of the source comes in above.
    Right,
}

/// Shifts `dst` by the count in cl or a constant, bits of `src` come in; 32 or 64 bits.
///
/// # Errors
/// At 8 and 16 bits, and when a constant count is not below the operand's bits.
pub fn double(
    out: &mut Vec<u8>,
    way: Double,
    size: Size,
    dst: impl Into<GprMem>,
    src: Gpr,
    count: Option<u8>,
) -> Encoded {
    if size < Size::B4 {
        return Err(NoEncoding("a double shift below 32 bits"));
    }
    if count.is_some_and(|count| count >= size.bits()) {
        return Err(NoEncoding("a shift by all bits or more"));
    }
    let base = match way {
        Double::Left => 0xa4,
        Double::Right => 0xac,
    };
    let opcode = Opcode::two(base | u8::from(count.is_none()));
    let rex = Rex {
        wide: size == Size::B8,
        forced: false,
    };
    modrm(out, opcode, rex, src.number(), dst.into().into());
    out.extend(count);
    Ok(())
}
