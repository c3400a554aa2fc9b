//! Rotate then insert, and, or, exclusive or of selected bits: format RIE-f.

use super::operand::Gpr;
use super::table::operations;

operations! {
    /// The second operand is rotated to the left; its bits from a first to a last number, counted
    /// from the left, meet those of the first operand.
    RotateThen: u8 {
        Risbgn = 0x59 "risbgn" "inserts them, and leaves the condition code",
        Risbg = 0x55 "risbg" "inserts them",
        Rnsbg = 0x54 "rnsbg" "and",
        Rosbg = 0x56 "rosbg" "or",
        Rxsbg = 0x57 "rxsbg" "exclusive or",
    }
}

/// Which bits, and what becomes of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Selection {
    first: u8,
    last: u8,
    rotation: u8,
    zero_rest: bool,
}

impl Selection {
    /// Bits `first` to `last`, around the end if `last` is less, after rotating to the left by
    /// `rotation`. `zero_rest` clears the other bits of an insertion; in the three other
    /// operations that bit of the instruction is the test-results control, and is refused by
    /// [`rotate_then`]. `None` if a number exceeds 63.
    pub const fn new(first: u8, last: u8, rotation: u8, zero_rest: bool) -> Option<Selection> {
        if first < 64 && last < 64 && rotation < 64 {
            Some(Selection {
                first,
                last,
                rotation,
                zero_rest,
            })
        } else {
            None
        }
    }
}

/// Format RIE-f: EC, R1 in bits 8-11, R2 in 12-15, I3 in 16-23, I4 in 24-31, I5 in 32-39, the rest
/// of the opcode in 40-47. `None` if `zero_rest` goes with another operation than an insertion.
pub fn rotate_then(operation: RotateThen, r1: Gpr, r2: Gpr, bits: Selection) -> Option<[u8; 6]> {
    let inserts = matches!(operation, RotateThen::Risbg | RotateThen::Risbgn);
    if bits.zero_rest && !inserts {
        return None;
    }
    let registers = r1.number() << 4 | r2.number();
    // Bit 0 of I4 is the zero-remaining-bits control.
    let last = bits.last | if bits.zero_rest { 0x80 } else { 0 };
    Some([
        0xec,
        registers,
        bits.first,
        last,
        bits.rotation,
        operation.code(),
    ])
}
