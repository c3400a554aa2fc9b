//! Integer computation: RV64I and M. There is no rotate, no carry flag, no bit counting and no
//! conditional move; all of these are sequences, and somebody else's business.

use super::format::{i, low, r, signed, u};
use super::register::X;

/// Operations on two registers. Those in `w` compute 32 bits and sign-extend the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alu {
    /// Add.
    Add,
    /// Subtract.
    Sub,
    /// Shift left; only the low 6 bits of the amount count, 5 in `w` forms.
    Sll,
    /// Set if less, signed.
    Slt,
    /// Set if less, unsigned.
    Sltu,
    /// Exclusive or.
    Xor,
    /// Shift right, zeros from the left.
    Srl,
    /// Shift right, copies of the sign from the left.
    Sra,
    /// Or.
    Or,
    /// And.
    And,
    /// Add, 32 bits.
    Addw,
    /// Subtract, 32 bits.
    Subw,
    /// Shift left, 32 bits.
    Sllw,
    /// Shift right logical, 32 bits.
    Srlw,
    /// Shift right arithmetic, 32 bits.
    Sraw,
    /// Low half of the product.
    Mul,
    /// High half, both signed.
    Mulh,
    /// High half, first signed, second unsigned.
    Mulhsu,
    /// High half, both unsigned.
    Mulhu,
    /// Quotient, signed. By zero all ones; no division traps.
    Div,
    /// Quotient, unsigned.
    Divu,
    /// Remainder, signed.
    Rem,
    /// Remainder, unsigned.
    Remu,
    /// Product, 32 bits.
    Mulw,
    /// Quotient, signed, 32 bits.
    Divw,
    /// Quotient, unsigned, 32 bits.
    Divuw,
    /// Remainder, signed, 32 bits.
    Remw,
    /// Remainder, unsigned, 32 bits.
    Remuw,
}

impl Alu {
    /// Operation code, function 3, function 7.
    const fn codes(self) -> (u32, u32, u32) {
        const OP: u32 = 0x33;
        const OP_32: u32 = 0x3b;
        match self {
            Alu::Add => (OP, 0, 0),
            Alu::Sub => (OP, 0, 0x20),
            Alu::Sll => (OP, 1, 0),
            Alu::Slt => (OP, 2, 0),
            Alu::Sltu => (OP, 3, 0),
            Alu::Xor => (OP, 4, 0),
            Alu::Srl => (OP, 5, 0),
            Alu::Sra => (OP, 5, 0x20),
            Alu::Or => (OP, 6, 0),
            Alu::And => (OP, 7, 0),
            Alu::Addw => (OP_32, 0, 0),
            Alu::Subw => (OP_32, 0, 0x20),
            Alu::Sllw => (OP_32, 1, 0),
            Alu::Srlw => (OP_32, 5, 0),
            Alu::Sraw => (OP_32, 5, 0x20),
            Alu::Mul => (OP, 0, 1),
            Alu::Mulh => (OP, 1, 1),
            Alu::Mulhsu => (OP, 2, 1),
            Alu::Mulhu => (OP, 3, 1),
            Alu::Div => (OP, 4, 1),
            Alu::Divu => (OP, 5, 1),
            Alu::Rem => (OP, 6, 1),
            Alu::Remu => (OP, 7, 1),
            Alu::Mulw => (OP_32, 0, 1),
            Alu::Divw => (OP_32, 4, 1),
            Alu::Divuw => (OP_32, 5, 1),
            Alu::Remw => (OP_32, 6, 1),
            Alu::Remuw => (OP_32, 7, 1),
        }
    }
}

/// `rd = rs1 op rs2`.
pub fn alu(op: Alu, rd: X, rs1: X, rs2: X) -> u32 {
    let (opcode, funct3, funct7) = op.codes();
    r(
        opcode,
        funct3,
        funct7,
        [rd.field(), rs1.field(), rs2.field()],
    )
}

/// Operations on a register and a signed immediate of 12 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AluImm {
    /// Add.
    Addi,
    /// Set if less, signed.
    Slti,
    /// Set if less than the sign-extended immediate, unsigned.
    Sltiu,
    /// Exclusive or.
    Xori,
    /// Or.
    Ori,
    /// And.
    Andi,
    /// Add, 32 bits.
    Addiw,
}

/// `rd = rs1 op immediate`; `None` outside of -2048 to 2047.
pub fn alu_imm(op: AluImm, rd: X, rs1: X, immediate: i64) -> Option<u32> {
    let (opcode, funct3) = match op {
        AluImm::Addi => (0x13, 0),
        AluImm::Slti => (0x13, 2),
        AluImm::Sltiu => (0x13, 3),
        AluImm::Xori => (0x13, 4),
        AluImm::Ori => (0x13, 6),
        AluImm::Andi => (0x13, 7),
        AluImm::Addiw => (0x1b, 0),
    };
    Some(i(
        opcode,
        funct3,
        [rd.field(), rs1.field()],
        signed(immediate, 12)?,
    ))
}

/// Shifts by a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shift {
    /// Left.
    Slli,
    /// Right, logical.
    Srli,
    /// Right, arithmetic.
    Srai,
    /// Left, 32 bits.
    Slliw,
    /// Right, logical, 32 bits.
    Srliw,
    /// Right, arithmetic, 32 bits.
    Sraiw,
}

/// `rd = rs1` shifted; `None` when `amount` is not less than the width.
pub fn shift_imm(op: Shift, rd: X, rs1: X, amount: u32) -> Option<u32> {
    let (opcode, funct3, above, width) = match op {
        Shift::Slli => (0x13, 1, 0, 64),
        Shift::Srli => (0x13, 5, 0, 64),
        Shift::Srai => (0x13, 5, 0x400, 64),
        Shift::Slliw => (0x1b, 1, 0, 32),
        Shift::Srliw => (0x1b, 5, 0, 32),
        Shift::Sraiw => (0x1b, 5, 0x400, 32),
    };
    let registers = [rd.field(), rs1.field()];
    (amount < width).then(|| i(opcode, funct3, registers, above | amount))
}

/// `rd = upper << 12`, sign-extended; `upper` is a signed number of 20 bits.
pub fn lui(rd: X, upper: i64) -> Option<u32> {
    upper_immediate(0x37, rd, upper)
}

/// `rd = pc + (upper << 12)`; `upper` is a signed number of 20 bits.
pub fn auipc(rd: X, upper: i64) -> Option<u32> {
    upper_immediate(0x17, rd, upper)
}

fn upper_immediate(opcode: u32, rd: X, upper: i64) -> Option<u32> {
    signed(upper, 20)?;
    Some(u(opcode, rd.field(), low(upper, 20)))
}
