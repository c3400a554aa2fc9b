//! Fields of an instruction, named by the manual's bit numbers.
//!
//! z/Architecture numbers the bits of an instruction from the left, starting at 0, and every
//! figure of the Principles of Operation gives fields in those numbers. Keeping the text left
//! aligned in a `u64` lets the code below quote the figures as they are.

/// One instruction of 2, 4 or 6 bytes, left aligned: bit 0 of the manual is the topmost bit.
#[derive(Clone, Copy)]
pub(super) struct Instruction {
    text: u64,
    bytes: u8,
}

impl Instruction {
    /// The instruction that `code` starts with; `None` if `code` ends inside it.
    ///
    /// The length is told by the first two bits (PoP, "Instruction Formats").
    pub(super) fn fetch(code: &[u8]) -> Option<Self> {
        let bytes = match code.first()? >> 6 {
            0 => 2,
            3 => 6,
            _ => 4,
        };
        let text = code
            .get(..usize::from(bytes))?
            .iter()
            .fold(0, |text, &byte| text << 8 | u64::from(byte));
        Some(Instruction {
            text: text << (64 - 8 * u32::from(bytes)),
            bytes,
        })
    }

    /// Length in bytes.
    pub(super) fn bytes(self) -> u8 {
        self.bytes
    }

    /// The `count` bits (at most 16) from bit `start` on.
    pub(super) fn bits(self, start: u32, count: u32) -> u16 {
        u16::try_from(self.text << start >> (64 - count)).expect("at most 16 bits are asked for")
    }

    /// A four-bit field: a register number or a mask.
    pub(super) fn nibble(self, start: u32) -> u8 {
        u8::try_from(self.bits(start, 4)).expect("four bits fit a byte")
    }

    /// The two bytes that tell a six-byte instruction's operation: bits 0-7 and 40-47.
    pub(super) fn split_opcode(self) -> u16 {
        self.bits(0, 8) << 8 | self.bits(40, 8)
    }

    /// Vector operand 1, 2, 3 or 4, its fifth bit taken from RXB (PoP, "Vector-Register
    /// Operands").
    pub(super) fn vector(self, operand: u32) -> u8 {
        let start = match operand {
            1 => 8,
            2 => 12,
            3 => 16,
            _ => 32,
        };
        let extension = u8::try_from(self.bits(35 + operand, 1)).expect("one bit");
        extension << 4 | self.nibble(start)
    }

    /// Index, base and signed 20-bit displacement of format RXY.
    pub(super) fn rxy_operand(self) -> (u8, u8, i64) {
        let low = i64::from(self.bits(20, 12));
        let high = i64::from(self.bits(32, 8).to_be_bytes()[1].cast_signed());
        (self.nibble(12), self.nibble(16), high << 12 | low)
    }
}
