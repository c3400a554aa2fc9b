//! Vector integer instructions of the vector-enhancements facility 1 (z14).

use super::Registers;
use super::instruction::Instruction;

/// One of the instructions, as decoded.
#[derive(Clone, Copy)]
pub(super) enum Vector {
    /// Gathers sixteen bits by their numbers.
    BitPermute,
    /// Ones in each element; elements of 16 << `size` bits.
    PopulationCount { size: u8 },
}

impl Vector {
    pub(super) fn decode(code: Instruction) -> Option<Self> {
        match code.split_opcode() {
            0xe785 => Some(Vector::BitPermute),
            // The emulator knows bytes only.
            0xe750 => match code.nibble(32) {
                size @ 1..=3 => Some(Vector::PopulationCount { size: size - 1 }),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn mnemonic(self) -> &'static str {
        match self {
            Vector::BitPermute => "vbperm",
            Vector::PopulationCount { size: 0 } => "vpopcth",
            Vector::PopulationCount { size: 1 } => "vpopctf",
            Vector::PopulationCount { .. } => "vpopctg",
        }
    }

    pub(super) fn execute(self, code: Instruction, registers: &mut impl Registers) {
        let operand = registers.vr(code.vector(2));
        let result = match self {
            Vector::BitPermute => bit_permute(operand, registers.vr(code.vector(3))),
            Vector::PopulationCount { size } => population_count(operand, 16 << size),
        };
        registers.set_vr(code.vector(1), result);
    }
}

/// Bit `i` of the result's sixteen is the bit of `source` that byte `i` of `numbers` names,
/// counted from the left; zero for numbers above 127. They go to bits 48-63, the rest is zero.
fn bit_permute(source: u128, numbers: u128) -> u128 {
    let picked = numbers.to_be_bytes().iter().fold(0, |bits, &number| {
        let bit = match number {
            0..128 => source >> (127 - u32::from(number)) & 1,
            _ => 0,
        };
        bits << 1 | bit
    });
    picked << 64
}

fn population_count(operand: u128, width: u32) -> u128 {
    let mask = (1 << width) - 1;
    (0..128 / width)
        .map(|lane| lane * width)
        .fold(0, |counts, shift| {
            let ones = (operand >> shift & mask).count_ones();
            counts | u128::from(ones) << shift
        })
}
