//! Signed sums of which the emulator misses the overflow.
//!
//! QEMU 5.0 infers overflow from the signs of operands and result, and takes zero for neither
//! sign: the least integer plus itself (zero) and zero minus the least integer (itself) pass for
//! no overflow. Cranelift's `sadd_overflow` and `ssub_overflow` read condition code 3.

use super::super::Registers;
use super::super::instruction::Instruction;

/// An addition or a subtraction between registers.
#[derive(Clone, Copy)]
pub(super) struct Sum {
    mnemonic: &'static str,
    subtract: bool,
    /// 32 or 64.
    bits: u32,
    /// Register numbers: result, first and second operand.
    registers: [u8; 3],
}

impl Sum {
    pub(super) fn decode(code: Instruction) -> Option<Self> {
        // Formats RR, RRE and RRF-a; the first two overwrite their first operand.
        let rr = [8, 8, 12];
        let rre = [24, 24, 28];
        let rrf = [24, 28, 16];
        let (mnemonic, subtract, bits, fields) = match (code.bits(0, 8), code.bits(0, 16)) {
            (0x1a, _) => ("ar", false, 32, rr),
            (0x1b, _) => ("sr", true, 32, rr),
            (_, 0xb908) => ("agr", false, 64, rre),
            (_, 0xb909) => ("sgr", true, 64, rre),
            (_, 0xb9f8) => ("ark", false, 32, rrf),
            (_, 0xb9f9) => ("srk", true, 32, rrf),
            (_, 0xb9e8) => ("agrk", false, 64, rrf),
            (_, 0xb9e9) => ("sgrk", true, 64, rrf),
            _ => return None,
        };
        Some(Sum {
            mnemonic,
            subtract,
            bits,
            registers: fields.map(|start| code.nibble(start)),
        })
    }

    pub(super) fn mnemonic(self) -> &'static str {
        self.mnemonic
    }

    /// `None` unless it is one of the two sums that go wrong.
    pub(super) fn execute(self, registers: &mut impl Registers) -> Option<()> {
        let [target, first, second] = self.registers;
        let mask = u64::MAX >> (64 - self.bits);
        let least = 1 << (self.bits - 1);
        let operands = [first, second].map(|n| registers.gpr(n) & mask);
        let result = match (self.subtract, operands) {
            (false, [a, b]) if a == least && b == least => 0,
            (true, [0, b]) if b == least => least,
            _ => return None,
        };
        let kept = registers.gpr(target) & !mask;
        registers.set_gpr(target, kept | result);
        registers.set_cc(3);
        Some(())
    }
}
