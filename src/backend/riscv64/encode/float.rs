//! Scalar floats: F and D. Every rounding mode is in the instruction, so that results do not
//! depend on the one in `fcsr`. Converting to an integer saturates, and takes a NaN for the
//! largest number.

use super::format::{r, r4};
use super::register::{F, X};

/// Format of a float, as in bits 25 and 26.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// 32 bits.
    S,
    /// 64 bits.
    D,
}

impl Format {
    const fn code(self) -> u32 {
        match self {
            Format::S => 0,
            Format::D => 1,
        }
    }
}

/// Rounding mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// To nearest, ties to even.
    Rne,
    /// Towards zero.
    Rtz,
    /// Down.
    Rdn,
    /// Up.
    Rup,
    /// To nearest, ties away from zero.
    Rmm,
}

impl Rounding {
    const fn code(self) -> u32 {
        match self {
            Rounding::Rne => 0,
            Rounding::Rtz => 1,
            Rounding::Rdn => 2,
            Rounding::Rup => 3,
            Rounding::Rmm => 4,
        }
    }
}

const OP_FP: u32 = 0x53;

/// Arithmetic on two floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FloatOp {
    /// Add.
    Add,
    /// Subtract.
    Sub,
    /// Multiply.
    Mul,
    /// Divide.
    Div,
    /// The smaller one; the other one of a NaN. -0 is less than 0.
    Min,
    /// The larger one; the other one of a NaN.
    Max,
}

/// `rd = rs1 op rs2`, rounded to nearest even.
pub fn float(op: FloatOp, format: Format, rd: F, rs1: F, rs2: F) -> u32 {
    let (funct5, funct3) = match op {
        FloatOp::Add => (0x00, Rounding::Rne.code()),
        FloatOp::Sub => (0x01, Rounding::Rne.code()),
        FloatOp::Mul => (0x02, Rounding::Rne.code()),
        FloatOp::Div => (0x03, Rounding::Rne.code()),
        FloatOp::Min => (0x05, 0),
        FloatOp::Max => (0x05, 1),
    };
    op_fp(
        funct5,
        format,
        funct3,
        [rd.field(), rs1.field(), rs2.field()],
    )
}

/// `rd = sqrt(rs1)`, rounded to nearest even.
pub fn sqrt(format: Format, rd: F, rs1: F) -> u32 {
    let registers = [rd.field(), rs1.field(), 0];
    op_fp(0x0b, format, Rounding::Rne.code(), registers)
}

fn op_fp(funct5: u32, format: Format, funct3: u32, registers: [u32; 3]) -> u32 {
    r(OP_FP, funct3, funct5 << 2 | format.code(), registers)
}

/// What the sign of the result is made of. With one register as both sources these are move,
/// negate and absolute value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FloatSign {
    /// The second one's.
    Copy,
    /// The opposite of the second one's.
    Negate,
    /// Both, exclusive or.
    Xor,
}

/// `rd = rs1` with another sign. Bits only: no NaN is made canonical.
pub fn float_sign(sign: FloatSign, format: Format, rd: F, rs1: F, rs2: F) -> u32 {
    let funct3 = match sign {
        FloatSign::Copy => 0,
        FloatSign::Negate => 1,
        FloatSign::Xor => 2,
    };
    op_fp(0x04, format, funct3, [rd.field(), rs1.field(), rs2.field()])
}

/// Comparisons; false when an operand is a NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FloatCompare {
    /// Equal.
    Eq,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
}

/// `rd = rs1 op rs2`, 1 or 0.
pub fn float_compare(op: FloatCompare, format: Format, rd: X, rs1: F, rs2: F) -> u32 {
    let funct3 = match op {
        FloatCompare::Le => 0,
        FloatCompare::Lt => 1,
        FloatCompare::Eq => 2,
    };
    op_fp(0x14, format, funct3, [rd.field(), rs1.field(), rs2.field()])
}

/// `rd` = one bit for the class of `rs1`: 9 is a quiet NaN, 8 a signaling one, 7 infinity,
/// 0 minus infinity (unprivileged manual, "Single-Precision Floating-Point Classify
/// Instruction").
pub fn classify(format: Format, rd: X, rs1: F) -> u32 {
    op_fp(0x1c, format, 1, [rd.field(), rs1.field(), 0])
}

/// Multiply-add without rounding in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fused {
    /// `rs1 * rs2 + rs3`.
    Madd,
    /// `rs1 * rs2 - rs3`.
    Msub,
    /// `-(rs1 * rs2) + rs3`.
    Nmsub,
    /// `-(rs1 * rs2) - rs3`.
    Nmadd,
}

/// `rd` = product and sum, rounded to nearest even.
pub fn fused(op: Fused, format: Format, rd: F, [rs1, rs2, rs3]: [F; 3]) -> u32 {
    let opcode = match op {
        Fused::Madd => 0x43,
        Fused::Msub => 0x47,
        Fused::Nmsub => 0x4b,
        Fused::Nmadd => 0x4f,
    };
    let registers = [rd.field(), rs1.field(), rs2.field(), rs3.field()];
    r4(opcode, Rounding::Rne.code(), format.code(), registers)
}

/// Integers that are converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IntFormat {
    /// 32 bits, signed.
    W,
    /// 32 bits, unsigned.
    Wu,
    /// 64 bits, signed.
    L,
    /// 64 bits, unsigned.
    Lu,
}

impl IntFormat {
    const fn code(self) -> u32 {
        match self {
            IntFormat::W => 0,
            IntFormat::Wu => 1,
            IntFormat::L => 2,
            IntFormat::Lu => 3,
        }
    }
}

/// `rd = rs1` as an integer, saturating; a result of 32 bits is sign-extended, unsigned ones too.
pub fn to_int(int: IntFormat, format: Format, rounding: Rounding, rd: X, rs1: F) -> u32 {
    let registers = [rd.field(), rs1.field(), int.code()];
    op_fp(0x18, format, rounding.code(), registers)
}

/// `rd = rs1` as a float, rounded to nearest even where that is needed. Where it never is, as for
/// 32 bits to a double, the field counts for nothing, and assemblers write this mode.
pub fn float_from_int(int: IntFormat, format: Format, rd: F, rs1: X) -> u32 {
    let registers = [rd.field(), rs1.field(), int.code()];
    op_fp(0x1a, format, Rounding::Rne.code(), registers)
}

/// `rd = rs1`, a double, as a single, rounded to nearest even.
pub fn to_single(rd: F, rs1: F) -> u32 {
    let registers = [rd.field(), rs1.field(), Format::D.code()];
    op_fp(0x08, Format::S, Rounding::Rne.code(), registers)
}

/// `rd = rs1`, a single, as a double, which is exact.
pub fn to_double(rd: F, rs1: F) -> u32 {
    let registers = [rd.field(), rs1.field(), Format::S.code()];
    op_fp(0x08, Format::D, Rounding::Rne.code(), registers)
}

/// `rd` = the bits of `rs1`; 32 of them are sign-extended.
pub fn move_from_float(format: Format, rd: X, rs1: F) -> u32 {
    op_fp(0x1c, format, 0, [rd.field(), rs1.field(), 0])
}

/// `rd` = the bits in `rs1`; above 32 of them are ones.
pub fn move_to_float(format: Format, rd: F, rs1: X) -> u32 {
    op_fp(0x1e, format, 0, [rd.field(), rs1.field(), 0])
}
