//! Branches, calls and addresses relative to the instruction.
//!
//! Distances are in bytes from the start of the branch; they are even, and `None` comes of those
//! that are not or that the field does not hold.

use super::immediate::{ri, ril};
use super::operand::{Gpr, Mask};
use super::table::operations;

operations! {
    /// Compares two general registers and branches, format RIE-b.
    CompareBranch: u8 {
        Crj = 0x76 "crj" "signed words",
        Cgrj = 0x64 "cgrj" "signed doublewords",
        Clrj = 0x77 "clrj" "unsigned words",
        Clgrj = 0x65 "clgrj" "unsigned doublewords",
    }
}

operations! {
    /// Compares a general register with a byte and branches, format RIE-c. The byte is
    /// sign-extended where the comparison is signed, zero-extended where it is not.
    CompareImmediateBranch: u8 {
        Cij = 0x7e "cij" "signed words",
        Cgij = 0x7c "cgij" "signed doublewords",
        Clij = 0x7f "clij" "unsigned words",
        Clgij = 0x7d "clgij" "unsigned doublewords",
    }
}

operations! {
    /// Takes one from a general register and branches unless that leaves zero, format RI-b.
    CountBranch: u16 {
        Brct = 0xa706 "brct" "32 bits",
        Brctg = 0xa707 "brctg" "64 bits",
    }
}

operations! {
    /// Acts on the address that lies a signed 33-bit distance away, format RIL-b.
    Relative: u16 {
        Larl = 0xc000 "larl" "loads the address",
        Brasl = 0xc005 "brasl" "branches there; the register receives the address behind it",
        Lgrl = 0xc408 "lgrl" "loads a doubleword, which must be aligned",
        Lgfrl = 0xc40c "lgfrl" "loads and sign-extends a word, which must be aligned",
        Llgfrl = 0xc40e "llgfrl" "loads and zero-extends a word, which must be aligned",
    }
}

/// BRANCH ON CONDITION to the address in `target`, format RR; it never branches if that is
/// register 0.
pub fn bcr(mask: Mask, target: Gpr) -> [u8; 2] {
    [0x07, mask.bits() << 4 | target.number()]
}

/// BRANCH AND SAVE, format RR: to the address in `target`, with the one behind it in `link`.
pub fn basr(link: Gpr, target: Gpr) -> [u8; 2] {
    [0x0d, link.number() << 4 | target.number()]
}

/// BRANCH RELATIVE ON CONDITION, format RI-c: 64 KiB each way.
pub fn brc(mask: Mask, distance: i64) -> Option<[u8; 4]> {
    Some(ri(0xa704, mask.bits(), near(distance)?))
}

/// BRANCH RELATIVE ON CONDITION LONG, format RIL-c: 4 GiB each way.
pub fn brcl(mask: Mask, distance: i64) -> Option<[u8; 6]> {
    Some(ril(0xc004, mask.bits(), far(distance)?))
}

/// BRANCH RELATIVE AND SAVE, format RI-b.
pub fn bras(link: Gpr, distance: i64) -> Option<[u8; 4]> {
    Some(ri(0xa705, link.number(), near(distance)?))
}

/// Format RIL-b: the opcode in bits 0-7 and 12-15, R1 in 8-11, halfwords in 16-47.
pub fn relative(operation: Relative, r1: Gpr, distance: i64) -> Option<[u8; 6]> {
    Some(ril(operation.code(), r1.number(), far(distance)?))
}

/// Format RI-b: the opcode in bits 0-7 and 12-15, R1 in 8-11, halfwords in 16-31.
pub fn count_branch(operation: CountBranch, r1: Gpr, distance: i64) -> Option<[u8; 4]> {
    Some(ri(operation.code(), r1.number(), near(distance)?))
}

/// Format RIE-b: EC, R1 in bits 8-11, R2 in 12-15, halfwords in 16-31, M3 in 32-35, the rest of
/// the opcode in 40-47. The mask's bit for code 3 never matters.
pub fn compare_branch(
    operation: CompareBranch,
    mask: Mask,
    (r1, r2): (Gpr, Gpr),
    distance: i64,
) -> Option<[u8; 6]> {
    let [high, low] = near(distance)?;
    let registers = r1.number() << 4 | r2.number();
    Some([
        0xec,
        registers,
        high,
        low,
        mask.bits() << 4,
        operation.code(),
    ])
}

/// Format RIE-c: as RIE-b, with M3 in bits 12-15 and the byte in 32-39.
pub fn compare_immediate_branch(
    operation: CompareImmediateBranch,
    mask: Mask,
    (r1, byte): (Gpr, u8),
    distance: i64,
) -> Option<[u8; 6]> {
    let [high, low] = near(distance)?;
    let fields = r1.number() << 4 | mask.bits();
    Some([0xec, fields, high, low, byte, operation.code()])
}

/// A distance in halfwords, 16 bits of them.
fn near(distance: i64) -> Option<[u8; 2]> {
    let halfwords = i16::try_from(halfwords(distance)?).ok()?;
    Some(halfwords.to_be_bytes())
}

/// A distance in halfwords, 32 bits of them.
fn far(distance: i64) -> Option<[u8; 4]> {
    let halfwords = i32::try_from(halfwords(distance)?).ok()?;
    Some(halfwords.to_be_bytes())
}

fn halfwords(distance: i64) -> Option<i64> {
    (distance % 2 == 0).then_some(distance / 2)
}
