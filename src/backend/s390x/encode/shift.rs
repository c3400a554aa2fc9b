//! Shifts and rotations: formats RS-a and RSY-a. The amount is the sum of base and displacement,
//! of which the last six bits count.

use super::operand::{Disp12, Disp20, Gpr};
use super::storage::rsy;
use super::table::operations;

operations! {
    /// Of 32 bits in place, format RS-a.
    ShortShift: u8 {
        Sll = 0x89 "sll" "to the left",
        Srl = 0x88 "srl" "to the right, zeros coming in",
        Sra = 0x8a "sra" "to the right, the sign coming in",
    }
}

operations! {
    /// From one general register to another, format RSY-a.
    Shift: u16 {
        Sllk = 0xebdf "sllk" "32 bits to the left",
        Srlk = 0xebde "srlk" "32 bits to the right, zeros coming in",
        Srak = 0xebdc "srak" "32 bits to the right, the sign coming in",
        Rll = 0xeb1d "rll" "32 bits around to the left",
        Sllg = 0xeb0d "sllg" "64 bits to the left",
        Srlg = 0xeb0c "srlg" "64 bits to the right, zeros coming in",
        Srag = 0xeb0a "srag" "64 bits to the right, the sign coming in",
        Rllg = 0xeb1c "rllg" "64 bits around to the left",
    }
}

/// Format RS-a: the opcode in bits 0-7, R1 in 8-11, base and displacement in 16-31.
pub fn short_shift(operation: ShortShift, r1: Gpr, base: Gpr, amount: Disp12) -> [u8; 4] {
    let [b, d] = amount.with_base(base);
    [operation.code(), r1.number() << 4, b, d]
}

/// Format RSY-a: of R3, to R1.
pub fn shift(operation: Shift, (r1, r3): (Gpr, Gpr), base: Gpr, amount: Disp20) -> [u8; 6] {
    rsy(operation.code(), (r1.number(), r3.number()), base, amount)
}
