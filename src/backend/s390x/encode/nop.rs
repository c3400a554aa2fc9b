//! Instructions that do nothing, one of each length, and the one that stops.

use super::branch::bcr;
use super::operand::{Gpr, Mask};

/// BRANCH ON CONDITION never, through register 7: the assembler's `nopr`.
pub const NOP_2: [u8; 2] = [0x07, 0x07];

/// BRANCH ON CONDITION never, format RX-b: the assembler's `nop`.
pub const NOP_4: [u8; 4] = [0x47, 0, 0, 0];

/// BRANCH RELATIVE ON CONDITION LONG never: the assembler's `jgnop`.
pub const NOP_6: [u8; 6] = [0xc0, 0x04, 0, 0, 0, 0];

/// Two bytes of zeros, which are no operation code and never will be: an operation exception
/// (PoP, "Operation Exception").
pub const TRAP: [u8; 2] = [0, 0];

/// BRANCH ON CONDITION never that waits for all earlier storage accesses (PoP, "Serialization";
/// mask 14 needs the fast-BCR-serialization facility, which the z14 has).
pub fn serialize() -> [u8; 2] {
    bcr(Mask::NO_OVERFLOW, Gpr::NONE)
}
