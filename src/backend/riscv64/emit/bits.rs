//! Counting and reversing bits, as loops: without the bit-manipulation extensions anything else
//! takes dozens of instructions and 64-bit masks.
//!
//! Distances inside count bytes, so that no word here is put in its short form.

use super::{Riscv64, fits};
use crate::backend::emit::Emitter;
use crate::backend::limit::Refusal;
use crate::backend::riscv64::encode::{
    Alu, AluImm, Branch, Shift, X, alu, alu_imm, branch, shift_imm,
};

fn put_all<const N: usize>(
    emitter: &mut Emitter<Riscv64>,
    words: [Option<u32>; N],
) -> Result<(), Refusal> {
    for word in words {
        emitter.buffer.put_u32(fits(word)?);
    }
    Ok(())
}

impl Riscv64 {
    /// Shifts right until nothing is left, and counts.
    pub(super) fn put_bit_length(
        &self,
        emitter: &mut Emitter<Self>,
        [to, rest, a]: [X; 3],
    ) -> Result<(), Refusal> {
        put_all(
            emitter,
            [
                alu_imm(AluImm::Addi, rest, a, 0),
                alu_imm(AluImm::Addi, to, X::ZERO, 0),
                branch(Branch::Eq, rest, X::ZERO, 16),
                shift_imm(Shift::Srli, rest, rest, 1),
                alu_imm(AluImm::Addi, to, to, 1),
                branch(Branch::Ne, rest, X::ZERO, -8),
            ],
        )
    }

    /// Takes the lowest one away until none is left, and counts.
    pub(super) fn put_bit_count(
        &self,
        emitter: &mut Emitter<Self>,
        [to, rest, part, a]: [X; 4],
    ) -> Result<(), Refusal> {
        put_all(
            emitter,
            [
                alu_imm(AluImm::Addi, rest, a, 0),
                alu_imm(AluImm::Addi, to, X::ZERO, 0),
                branch(Branch::Eq, rest, X::ZERO, 20),
                alu_imm(AluImm::Addi, part, rest, -1),
                Some(alu(Alu::And, rest, rest, part)),
                alu_imm(AluImm::Addi, to, to, 1),
                branch(Branch::Ne, rest, X::ZERO, -12),
            ],
        )
    }

    /// Moves pieces from the right end of one register to that of another.
    pub(super) fn put_reverse(
        &self,
        emitter: &mut Emitter<Self>,
        unit: u8,
        count: u8,
        [to, rest, left, part, a]: [X; 5],
    ) -> Result<(), Refusal> {
        let mask = (1 << unit) - 1;
        put_all(
            emitter,
            [
                alu_imm(AluImm::Addi, rest, a, 0),
                alu_imm(AluImm::Addi, to, X::ZERO, 0),
                alu_imm(AluImm::Addi, left, X::ZERO, count.into()),
                shift_imm(Shift::Slli, to, to, unit.into()),
                alu_imm(AluImm::Andi, part, rest, mask),
                Some(alu(Alu::Or, to, to, part)),
                shift_imm(Shift::Srli, rest, rest, unit.into()),
                alu_imm(AluImm::Addi, left, left, -1),
                branch(Branch::Ne, left, X::ZERO, -20),
            ],
        )
    }
}
