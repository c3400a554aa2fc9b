//! Integer arithmetic and logic at 8 to 64 bits.

use super::emit::{Map, Opcode, Rex, modrm, sized};
use super::operand::{Cond, Gpr, GprMem, Mem, Size};
use super::{Encoded, NoEncoding};

/// The eight operations of two operands that share one scheme of opcodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Alu {
    /// Add.
    Add,
    /// Bitwise or.
    Or,
    /// Add with carry.
    Adc,
    /// Subtract with borrow.
    Sbb,
    /// Bitwise and.
    And,
    /// Subtract.
    Sub,
    /// Bitwise exclusive or.
    Xor,
    /// Subtract for the flags alone.
    Cmp,
}

impl Alu {
    /// All of them, by number.
    pub const ALL: [Alu; 8] = [
        Alu::Add,
        Alu::Or,
        Alu::Adc,
        Alu::Sbb,
        Alu::And,
        Alu::Sub,
        Alu::Xor,
        Alu::Cmp,
    ];

    fn number(self) -> u8 {
        let place = Alu::ALL.iter().position(|op| *op == self);
        place.and_then(|n| u8::try_from(n).ok()).unwrap_or(0)
    }
}

/// `dst = dst op src`.
pub fn alu(out: &mut Vec<u8>, op: Alu, size: Size, dst: Gpr, src: impl Into<GprMem>) {
    let opcode = (Map::One, op.number() << 3 | 2);
    sized(out, opcode, size, (dst.number(), src.into()), &[dst]);
}

/// `memory = memory op src`.
pub fn alu_store(out: &mut Vec<u8>, op: Alu, size: Size, dst: Mem, src: Gpr) {
    let opcode = (Map::One, op.number() << 3);
    sized(out, opcode, size, (src.number(), dst.into()), &[src]);
}

/// `dst = dst op imm`. The immediate is sign-extended to 64 bits.
///
/// # Errors
/// When it does not fit 8 or 16 bits, signed, of that size.
pub fn alu_imm(
    out: &mut Vec<u8>,
    op: Alu,
    size: Size,
    dst: impl Into<GprMem>,
    imm: i32,
) -> Encoded {
    let dst = dst.into();
    match i8::try_from(imm) {
        Ok(short) => {
            // 80 is the form of 8 bits, 83 sign-extends a byte to more.
            let byte = if size == Size::B1 { 0x80 } else { 0x82 };
            sized(out, (Map::One, byte), size, (op.number(), dst), &[]);
            out.extend(short.to_le_bytes());
            Ok(())
        }
        Err(_) => {
            let bytes = immediate(size, imm)?;
            sized(out, (Map::One, 0x80), size, (op.number(), dst), &[]);
            out.extend(bytes);
            Ok(())
        }
    }
}

/// `imm` as the bytes of an immediate for operands of that size: 4 for 64 bits too.
fn immediate(size: Size, imm: i32) -> Result<Vec<u8>, NoEncoding> {
    match size {
        Size::B1 => i8::try_from(imm)
            .map(|imm| imm.to_le_bytes().to_vec())
            .map_err(|_| NoEncoding("an immediate of more than 8 bits")),
        Size::B2 => i16::try_from(imm)
            .map(|imm| imm.to_le_bytes().to_vec())
            .map_err(|_| NoEncoding("an immediate of more than 16 bits")),
        Size::B4 | Size::B8 => Ok(imm.to_le_bytes().to_vec()),
    }
}

/// Flags of `left & right`.
pub fn test(out: &mut Vec<u8>, size: Size, left: impl Into<GprMem>, right: Gpr) {
    sized(
        out,
        (Map::One, 0x84),
        size,
        (right.number(), left.into()),
        &[right],
    );
}

/// Flags of `left & imm`.
///
/// # Errors
/// As for [`alu_imm`].
pub fn test_imm(out: &mut Vec<u8>, size: Size, left: impl Into<GprMem>, imm: i32) -> Encoded {
    let bytes = immediate(size, imm)?;
    sized(out, (Map::One, 0xf6), size, (0, left.into()), &[]);
    out.extend(bytes);
    Ok(())
}

/// Operations of one operand, with rax and rdx where there is more to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unary {
    /// Bitwise not.
    Not,
    /// Two's complement.
    Neg,
    /// rdx:rax = rax * operand, unsigned (ax = al * operand at 8 bits).
    Mul,
    /// The same, signed.
    Imul,
    /// rax, rdx = quotient and remainder of rdx:rax / operand, unsigned (al and ah of ax at 8
    /// bits). Zero and overflow trap.
    Div,
    /// The same, signed.
    Idiv,
}

/// One of [`Unary`].
pub fn unary(out: &mut Vec<u8>, op: Unary, size: Size, operand: impl Into<GprMem>) {
    let extension = match op {
        Unary::Not => 2,
        Unary::Neg => 3,
        Unary::Mul => 4,
        Unary::Imul => 5,
        Unary::Div => 6,
        Unary::Idiv => 7,
    };
    sized(
        out,
        (Map::One, 0xf6),
        size,
        (extension, operand.into()),
        &[],
    );
}

/// The opcode of a form that 8 bits do not have.
fn no_bytes(out: &mut Vec<u8>, opcode: Opcode, size: Size, reg: Gpr, rm: GprMem) -> Encoded {
    if size == Size::B1 {
        return Err(NoEncoding("no form for 8 bits"));
    }
    // The operand-size prefix comes before a mandatory one; which is never 66 here.
    if size == Size::B2 {
        out.push(0x66);
    }
    let rex = Rex {
        wide: size == Size::B8,
        forced: false,
    };
    modrm(out, opcode, rex, reg.number(), rm.into());
    Ok(())
}

/// `dst = dst * src`, the low half, at 16 bits or more.
///
/// # Errors
/// At 8 bits.
pub fn imul(out: &mut Vec<u8>, size: Size, dst: Gpr, src: impl Into<GprMem>) -> Encoded {
    no_bytes(out, Opcode::two(0xaf), size, dst, src.into())
}

/// `dst = src * imm`, the low half, at 16 bits or more.
///
/// # Errors
/// At 8 bits, and as for [`alu_imm`].
pub fn imul_imm(
    out: &mut Vec<u8>,
    size: Size,
    dst: Gpr,
    src: impl Into<GprMem>,
    imm: i32,
) -> Encoded {
    let (byte, bytes) = match i8::try_from(imm) {
        Ok(short) => (0x6b, short.to_le_bytes().to_vec()),
        Err(_) => (0x69, immediate(size, imm)?),
    };
    no_bytes(out, Opcode::one(byte), size, dst, src.into())?;
    out.extend(bytes);
    Ok(())
}

/// rdx = the sign of rax, in each bit: `cwd`, `cdq`, `cqo`.
///
/// # Errors
/// At 8 bits.
pub fn sign_to_rdx(out: &mut Vec<u8>, size: Size) -> Encoded {
    match size {
        Size::B1 => return Err(NoEncoding("no form for 8 bits")),
        Size::B2 => out.push(0x66),
        Size::B4 => {}
        Size::B8 => out.push(0x48),
    }
    out.push(0x99);
    Ok(())
}

/// Counting bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Count {
    /// Place of the lowest bit; of zero, the zero flag and `dst` as it was.
    Bsf,
    /// Place of the highest bit; of zero as for [`Count::Bsf`].
    Bsr,
    /// Zeroes below the lowest bit (BMI1).
    Tzcnt,
    /// Zeroes above the highest bit (LZCNT).
    Lzcnt,
    /// Ones (POPCNT).
    Popcnt,
}

/// One of [`Count`].
///
/// # Errors
/// At 8 bits.
pub fn count(
    out: &mut Vec<u8>,
    op: Count,
    size: Size,
    dst: Gpr,
    src: impl Into<GprMem>,
) -> Encoded {
    let (prefix, byte) = match op {
        Count::Bsf => (0, 0xbc),
        Count::Bsr => (0, 0xbd),
        Count::Tzcnt => (0xf3, 0xbc),
        Count::Lzcnt => (0xf3, 0xbd),
        Count::Popcnt => (0xf3, 0xb8),
    };
    let opcode = Opcode {
        prefix,
        ..Opcode::two(byte)
    };
    no_bytes(out, opcode, size, dst, src.into())
}

/// The flag `cond` as 0 or 1 in a byte.
pub fn set(out: &mut Vec<u8>, cond: Cond, dst: impl Into<GprMem>) {
    let dst = dst.into();
    let forced = matches!(dst, GprMem::Gpr(gpr) if super::emit::needs_rex(gpr));
    let rex = Rex {
        wide: false,
        forced,
    };
    modrm(out, Opcode::two(0x90 | cond.number()), rex, 0, dst.into());
}

/// `dst = src` if `cond`. At 32 bits the upper half is cleared either way.
///
/// # Errors
/// At 8 bits.
pub fn cmov(
    out: &mut Vec<u8>,
    cond: Cond,
    size: Size,
    dst: Gpr,
    src: impl Into<GprMem>,
) -> Encoded {
    no_bytes(
        out,
        Opcode::two(0x40 | cond.number()),
        size,
        dst,
        src.into(),
    )
}
