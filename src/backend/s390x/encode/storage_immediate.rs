//! Storage and an immediate: formats SI, SIY and SIL.

use super::operand::{Disp12, Disp20, Gpr};
use super::table::operations;

operations! {
    /// A byte in storage, format SI.
    ByteImmediate: u8 {
        Mvi = 0x92 "mvi" "stores the immediate",
        Tm = 0x91 "tm" "tests bits under the immediate",
        Cli = 0x95 "cli" "compares unsigned bytes",
    }
}

operations! {
    /// Storage and a signed halfword, format SIL.
    HalfwordImmediate: u16 {
        Mvhhi = 0xe544 "mvhhi" "stores it as a halfword",
        Mvhi = 0xe54c "mvhi" "stores it as a word",
        Mvghi = 0xe548 "mvghi" "stores it as a doubleword",
        Chsi = 0xe55c "chsi" "compares signed words",
        Cghsi = 0xe558 "cghsi" "compares signed doublewords",
    }
}

operations! {
    /// Storage and a signed byte, format SIY.
    AddImmediate: u16 {
        Asi = 0xeb6a "asi" "32-bit sum in storage",
        Agsi = 0xeb7a "agsi" "64-bit sum in storage",
    }
}

/// Format SI: the opcode in bits 0-7, I2 in 8-15, base and displacement in 16-31.
pub fn byte_immediate(operation: ByteImmediate, base: Gpr, at: Disp12, byte: u8) -> [u8; 4] {
    let [b, d] = at.with_base(base);
    [operation.code(), byte, b, d]
}

/// Format SIL: the opcode in bits 0-15, base and displacement in 16-31, I2 in 32-47.
pub fn halfword_immediate(
    operation: HalfwordImmediate,
    base: Gpr,
    at: Disp12,
    immediate: i16,
) -> [u8; 6] {
    let [first, second] = operation.code().to_be_bytes();
    let [b, d] = at.with_base(base);
    let [high, low] = immediate.to_be_bytes();
    [first, second, b, d, high, low]
}

/// Format SIY: the opcode in bits 0-7 and 40-47, I2 in 8-15, base and displacement in 16-39.
pub fn add_immediate(operation: AddImmediate, base: Gpr, at: Disp20, byte: i8) -> [u8; 6] {
    let [first, last] = operation.code().to_be_bytes();
    let [b, dl, dh] = at.with_base(base);
    [first, byte.cast_unsigned(), b, dl, dh, last]
}
