//! Lets AArch64 code run on past instructions that the emulator computes wrong.
//!
//! QEMU 5.0 compares the operands of LDSMAX and LDSMIN below 64 bits without extending their
//! signs first (target/arm/translate-a64.c, `disas_ldst_atomic`; later releases load them with
//! `MO_SIGN`), so that the minimum and maximum of negative numbers come out wrong.
//!
//! Source: Arm ARM, "LDSMAX", "LDSMAXB", "LDSMAXH", "LDSMIN" and their kin.

use unicorn_engine::{RegisterARM64, UcHookId, Unicorn, uc_error};

use super::Shared;
use super::registers::{self, Access};
use crate::image::CodeImage;

/// A signed minimum or maximum in memory, of less than 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extreme {
    /// Operand in bytes: 1, 2 or 4.
    bytes: usize,
    is_max: bool,
    operand: u8,
    address: u8,
    result: u8,
}

impl Extreme {
    /// `size 111000 A R 1 Rs 0 opc 00 Rn Rt` with `opc` 4 or 5.
    fn decode(word: u32) -> Option<Extreme> {
        let field = |at: u32| u8::try_from(word >> at & 31).expect("five bits");
        let size = word >> 30;
        let is_one = word & 0x3f20_ec00 == 0x3820_4000;
        (is_one && size < 3).then_some(Extreme {
            bytes: 1 << size,
            is_max: word >> 12 & 1 == 0,
            operand: field(16),
            address: field(5),
            result: field(0),
        })
    }

    /// What is stored in place of `old`.
    fn new_value(self, old: u64, operand: u64) -> u64 {
        let shift = 64 - 8 * self.bytes;
        let signed = |value: u64| (value << shift).cast_signed() >> shift;
        let (a, b) = (signed(old), signed(operand));
        let value = if self.is_max { a.max(b) } else { a.min(b) };
        value.cast_unsigned()
    }

    /// Executes it, unless its memory cannot be accessed: the emulator then faults on it.
    fn execute(self, engine: &mut Unicorn<'_, Shared>, at: u64) {
        let address = match self.address {
            31 => register(RegisterARM64::SP),
            number => numbered(number),
        };
        let address = read(engine, address);
        let operand = match self.operand {
            31 => 0,
            number => read(engine, numbered(number)),
        };
        let mut memory = [0; 8];
        if engine.mem_read(address, &mut memory[..self.bytes]).is_err() {
            return;
        }
        let old = u64::from_le_bytes(memory);
        let new = self.new_value(old, operand).to_le_bytes();
        if engine.mem_write(address, &new[..self.bytes]).is_err() {
            return;
        }
        if self.result != 31 {
            registers::write(engine, numbered(self.result), old.into());
        }
        let next = u128::from(at) + 4;
        registers::write(engine, register(RegisterARM64::PC), next);
    }
}

fn register(id: RegisterARM64) -> Access {
    Access::Word(id as i32)
}

/// `x0` to `x30`.
fn numbered(number: u8) -> Access {
    match number {
        29 => register(RegisterARM64::X29),
        30 => register(RegisterARM64::X30),
        _ => Access::Word(RegisterARM64::X0 as i32 + i32::from(number)),
    }
}

fn read(engine: &Unicorn<'_, Shared>, access: Access) -> u64 {
    u64::try_from(registers::read(engine, access)).unwrap_or(0)
}

/// Hooks the addresses of `image` where an instruction may stand that the emulator computes
/// wrong. Data that looks like one may be among them; it is never executed.
pub fn hook_miscomputed(
    engine: &mut Unicorn<'static, Shared>,
    image: &CodeImage,
) -> Result<Vec<UcHookId>, uc_error> {
    let words = image.bytes.chunks_exact(4);
    let found = (image.base..)
        .step_by(4)
        .zip(words)
        .filter_map(|(at, word)| {
            let word = u32::from_le_bytes(word.try_into().expect("four bytes"));
            Extreme::decode(word).map(|extreme| (at, extreme))
        });
    found
        .map(|(at, extreme)| {
            engine.add_code_hook(at, at, move |engine, at, _| extreme.execute(engine, at))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_extremes_below_64_bits_are_decoded() {
        // ldsmaxalb w1, w0, [x2]; ldsminalh w3, w4, [sp]; ldsmin w1, w0, [x2].
        let byte = Extreme::decode(0x38e1_4040).unwrap();
        assert_eq!((byte.bytes, byte.is_max), (1, true));
        assert_eq!((byte.operand, byte.address, byte.result), (1, 2, 0));
        let half = Extreme::decode(0x78e3_53e4).unwrap();
        assert_eq!((half.bytes, half.is_max, half.address), (2, false, 31));
        assert_eq!(Extreme::decode(0xb821_5040).map(|e| e.bytes), Some(4));
        // ldsmaxal x1, x0, [x2]; ldumaxalb; ldaddal; ldr w0, [x2].
        for other in [0xf8e1_4040, 0x38e1_6040, 0xb8e1_0040, 0xb940_0040] {
            assert_eq!(Extreme::decode(other), None, "{other:#x}");
        }
    }

    #[test]
    fn signs_count_in_the_operands_width() {
        let extreme = |bytes, is_max| Extreme {
            bytes,
            is_max,
            operand: 0,
            address: 0,
            result: 0,
        };
        assert_eq!(extreme(1, true).new_value(0xff, 0x01), 1);
        assert_eq!(extreme(1, false).new_value(0x7f, 0x80) & 0xff, 0x80);
        assert_eq!(extreme(4, true).new_value(0x8000_0000, 0) & 0xffff_ffff, 0);
    }
}
