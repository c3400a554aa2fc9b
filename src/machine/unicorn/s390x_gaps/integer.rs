//! General instructions of the miscellaneous-instruction-extensions facility 2 (z14).

use super::Registers;
use super::instruction::Instruction;

/// One of the instructions, as decoded.
#[derive(Clone, Copy)]
pub(super) enum Integer {
    /// Product of two signed words, with condition code.
    MultiplyWord,
    /// Product of two signed doublewords, with condition code.
    MultiplyDoubleword,
    /// Signed 128-bit product of two doublewords into an even-odd pair.
    MultiplyWide,
    /// Adds a signed halfword from storage to a doubleword.
    AddHalfword,
    /// Subtracts a signed halfword in storage from a doubleword.
    SubtractHalfword,
    /// Multiplies a doubleword by a signed halfword in storage.
    MultiplyHalfword,
}

impl Integer {
    pub(super) fn decode(code: Instruction) -> Option<Self> {
        match code.bits(0, 16) {
            0xb9fd => return Some(Integer::MultiplyWord),
            0xb9ed => return Some(Integer::MultiplyDoubleword),
            // An odd R1 is a specification exception.
            0xb9ec if code.nibble(24).is_multiple_of(2) => return Some(Integer::MultiplyWide),
            _ => {}
        }
        match code.split_opcode() {
            0xe338 => Some(Integer::AddHalfword),
            0xe339 => Some(Integer::SubtractHalfword),
            0xe33c => Some(Integer::MultiplyHalfword),
            _ => None,
        }
    }

    pub(super) fn mnemonic(self) -> &'static str {
        match self {
            Integer::MultiplyWord => "msrkc",
            Integer::MultiplyDoubleword => "msgrkc",
            Integer::MultiplyWide => "mgrk",
            Integer::AddHalfword => "agh",
            Integer::SubtractHalfword => "sgh",
            Integer::MultiplyHalfword => "mgh",
        }
    }

    /// Executes it; `None` if its storage operand cannot be read.
    pub(super) fn execute(self, code: Instruction, registers: &mut impl Registers) -> Option<()> {
        match self {
            Integer::MultiplyWord => multiply_word(code, registers),
            Integer::MultiplyDoubleword => multiply_doubleword(code, registers),
            Integer::MultiplyWide => multiply_wide(code, registers),
            Integer::AddHalfword => {
                let (a, b) = halfword_operands(code, registers)?;
                set_with_code(code.nibble(8), a.overflowing_add(b), registers);
            }
            Integer::SubtractHalfword => {
                let (a, b) = halfword_operands(code, registers)?;
                set_with_code(code.nibble(8), a.overflowing_sub(b), registers);
            }
            Integer::MultiplyHalfword => {
                let (a, b) = halfword_operands(code, registers)?;
                registers.set_gpr(code.nibble(8), a.wrapping_mul(b).cast_unsigned());
            }
        }
        Some(())
    }
}

/// MSRKC, format RRF-a: R1 in bits 24-27, R2 in 28-31, R3 in 16-19. Bits 0-31 of R1 stay.
fn multiply_word(code: Instruction, registers: &mut impl Registers) {
    let word = |n: u8, registers: &dyn Fn(u8) -> u64| {
        let value = registers(n) & u64::from(u32::MAX);
        u32::try_from(value)
            .expect("masked to a word")
            .cast_signed()
    };
    let read = |n| registers.gpr(n);
    let (a, b) = (word(code.nibble(28), &read), word(code.nibble(16), &read));
    let (product, overflow) = a.overflowing_mul(b);
    let target = code.nibble(24);
    let high = registers.gpr(target) & !u64::from(u32::MAX);
    registers.set_gpr(target, high | u64::from(product.cast_unsigned()));
    registers.set_cc(condition_code(i64::from(product), overflow));
}

/// MSGRKC, format RRF-a.
fn multiply_doubleword(code: Instruction, registers: &mut impl Registers) {
    let a = registers.gpr(code.nibble(28)).cast_signed();
    let b = registers.gpr(code.nibble(16)).cast_signed();
    set_with_code(code.nibble(24), a.overflowing_mul(b), registers);
}

/// MGRK, format RRF-a: the high doubleword goes to R1, the low one to R1 + 1. No condition code.
fn multiply_wide(code: Instruction, registers: &mut impl Registers) {
    let a = registers.gpr(code.nibble(28)).cast_signed();
    let b = registers.gpr(code.nibble(16)).cast_signed();
    let product = i128::from(a) * i128::from(b);
    let half = |value: i128| {
        u64::try_from(value.cast_unsigned() & u128::from(u64::MAX)).expect("masked to 64 bits")
    };
    let target = code.nibble(24);
    registers.set_gpr(target, half(product >> 64));
    registers.set_gpr(target + 1, half(product));
}

/// Operands of AGH, SGH and MGH, format RXY: register R1, and the signed halfword in storage.
fn halfword_operands(code: Instruction, registers: &impl Registers) -> Option<(i64, i64)> {
    let (index, base, displacement) = code.rxy_operand();
    // Register 0 as base or index means none.
    let part = |n: u8| if n == 0 { 0 } else { registers.gpr(n) };
    let address = part(base)
        .wrapping_add(part(index))
        .wrapping_add_signed(displacement);
    let halfword = u16::try_from(registers.load(address, 2)?)
        .ok()?
        .cast_signed();
    let register = registers.gpr(code.nibble(8)).cast_signed();
    Some((register, i64::from(halfword)))
}

fn set_with_code(target: u8, (result, overflow): (i64, bool), registers: &mut impl Registers) {
    registers.set_gpr(target, result.cast_unsigned());
    registers.set_cc(condition_code(result, overflow));
}

/// Condition code of signed arithmetic: 0 zero, 1 negative, 2 positive, 3 overflow. The
/// fixed-point-overflow mask of the PSW is taken to be off, as the ABI has it.
fn condition_code(result: i64, overflow: bool) -> u8 {
    match (overflow, result.signum()) {
        (true, _) => 3,
        (false, 0) => 0,
        (false, -1) => 1,
        (false, _) => 2,
    }
}
