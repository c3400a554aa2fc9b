//! POPULATION COUNT of a whole register, which came with z15's miscellaneous-instruction-extensions
//! facility 3. The emulator ignores its M3 field and counts the ones of each byte by itself.

use super::super::Registers;
use super::super::instruction::Instruction;

/// POPCNT with the leftmost bit of M3 set.
#[derive(Clone, Copy)]
pub(super) struct Population;

impl Population {
    pub(super) fn decode(code: Instruction) -> Option<Self> {
        (code.bits(0, 16) == 0xb9e1 && code.nibble(16) & 8 != 0).then_some(Population)
    }

    /// Format RRF-c. Condition code 0 for zero, 1 otherwise.
    pub(super) fn execute(self, code: Instruction, registers: &mut impl Registers) {
        let ones = registers.gpr(code.nibble(28)).count_ones();
        registers.set_gpr(code.nibble(24), ones.into());
        registers.set_cc(u8::from(ones != 0));
    }
}
