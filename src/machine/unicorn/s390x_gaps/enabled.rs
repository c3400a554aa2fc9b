//! General instructions that Cranelift emits only when a flag enables them: of the
//! miscellaneous-instruction-extensions facilities 3 (z15) and 4 (z17).

use super::Registers;
use super::instruction::Instruction;

/// One of the instructions, as decoded.
#[derive(Clone, Copy)]
pub(super) enum Enabled {
    /// A bitwise operation on two registers into a third, of 32 or 64 bits.
    Logic {
        mnemonic: &'static str,
        bits: u32,
        compute: fn(u64, u64) -> u64,
    },
    /// CLZG and CTZG.
    CountZeros { leading: bool },
    /// LXA and LLXA: base + ((low word of the index + displacement, as a word) << `shift`).
    IndexedAddress { is_signed: bool, shift: u32 },
}

/// Mnemonics of LXA and LLXA by shift.
const INDEXED: [[&str; 2]; 5] = [
    ["lxab", "llxab"],
    ["lxah", "llxah"],
    ["lxaf", "llxaf"],
    ["lxag", "llxag"],
    ["lxaq", "llxaq"],
];

impl Enabled {
    pub(super) fn decode(code: Instruction) -> Option<Self> {
        let logic = |mnemonic, bits, compute| {
            Some(Enabled::Logic {
                mnemonic,
                bits,
                compute,
            })
        };
        match code.bits(0, 16) {
            0xb974 => return logic("nnrk", 32, |a, b| !(a & b)),
            0xb964 => return logic("nngrk", 64, |a, b| !(a & b)),
            0xb976 => return logic("nork", 32, |a, b| !(a | b)),
            0xb966 => return logic("nogrk", 64, |a, b| !(a | b)),
            0xb977 => return logic("nxrk", 32, |a, b| !(a ^ b)),
            0xb967 => return logic("nxgrk", 64, |a, b| !(a ^ b)),
            0xb9f5 => return logic("ncrk", 32, |a, b| a & !b),
            0xb9e5 => return logic("ncgrk", 64, |a, b| a & !b),
            0xb975 => return logic("ocrk", 32, |a, b| a | !b),
            0xb965 => return logic("ocgrk", 64, |a, b| a | !b),
            0xb968 => return Some(Enabled::CountZeros { leading: true }),
            0xb969 => return Some(Enabled::CountZeros { leading: false }),
            _ => {}
        }
        let number = code.split_opcode().checked_sub(0xe360)?;
        (number < 10).then_some(Enabled::IndexedAddress {
            is_signed: number % 2 == 0,
            shift: u32::from(number / 2),
        })
    }

    pub(super) fn mnemonic(self) -> &'static str {
        match self {
            Enabled::Logic { mnemonic, .. } => mnemonic,
            Enabled::CountZeros { leading: true } => "clzg",
            Enabled::CountZeros { leading: false } => "ctzg",
            Enabled::IndexedAddress { is_signed, shift } => {
                INDEXED[shift as usize][usize::from(!is_signed)]
            }
        }
    }

    pub(super) fn execute(self, code: Instruction, registers: &mut impl Registers) {
        match self {
            // Format RRF-a; the other half of a word's register stays. Condition code 0 for zero.
            Enabled::Logic { bits, compute, .. } => {
                let (a, b) = (
                    registers.gpr(code.nibble(28)),
                    registers.gpr(code.nibble(16)),
                );
                let mask = u64::MAX >> (64 - bits);
                let result = compute(a, b) & mask;
                let target = code.nibble(24);
                let kept = registers.gpr(target) & !mask;
                registers.set_gpr(target, kept | result);
                registers.set_cc(u8::from(result != 0));
            }
            // Format RRE; the condition code stays.
            Enabled::CountZeros { leading } => {
                let value = registers.gpr(code.nibble(28));
                let count = if leading {
                    value.leading_zeros()
                } else {
                    value.trailing_zeros()
                };
                registers.set_gpr(code.nibble(24), count.into());
            }
            Enabled::IndexedAddress { is_signed, shift } => {
                let (index, base, displacement) = code.rxy_operand();
                // Register 0 as base or index means none.
                let part = |n: u8| if n == 0 { 0 } else { registers.gpr(n) };
                let sum = part(index).wrapping_add_signed(displacement) << 32;
                let index = if is_signed {
                    (sum.cast_signed() >> 32).cast_unsigned()
                } else {
                    sum >> 32
                };
                let address = part(base).wrapping_add(index << shift);
                registers.set_gpr(code.nibble(8), address);
            }
        }
    }
}
