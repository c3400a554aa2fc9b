//! Immediates in arithmetic: formats RI-a, RIL-a, RIE-d and RIE-g.

use super::operand::{Gpr, Mask};
use super::table::operations;

operations! {
    /// A general register and a signed halfword, format RI-a.
    Halfword: u16 {
        Lhi = 0xa708 "lhi" "loads it into 32 bits",
        Lghi = 0xa709 "lghi" "loads it",
        Ahi = 0xa70a "ahi" "32-bit sum",
        Aghi = 0xa70b "aghi" "64-bit sum",
        Mhi = 0xa70c "mhi" "32-bit product",
        Mghi = 0xa70d "mghi" "64-bit product",
        Chi = 0xa70e "chi" "compares signed words",
        Cghi = 0xa70f "cghi" "compares signed doublewords",
    }
}

operations! {
    /// A general register and a signed word, format RIL-a.
    Word: u16 {
        Lgfi = 0xc001 "lgfi" "loads it",
        Msfi = 0xc201 "msfi" "32-bit product",
        Msgfi = 0xc200 "msgfi" "64-bit product",
        Afi = 0xc209 "afi" "32-bit sum",
        Agfi = 0xc208 "agfi" "64-bit sum",
        Cfi = 0xc20d "cfi" "compares signed words",
        Cgfi = 0xc20c "cgfi" "compares signed doublewords",
    }
}

operations! {
    /// A general register and an unsigned word, format RIL-a.
    UnsignedWord: u16 {
        Slfi = 0xc205 "slfi" "32-bit difference; code 1 tells a borrow",
        Slgfi = 0xc204 "slgfi" "64-bit difference; code 1 tells a borrow",
        Alfi = 0xc20b "alfi" "32-bit sum; codes 2 and 3 tell a carry",
        Algfi = 0xc20a "algfi" "64-bit sum; codes 2 and 3 tell a carry",
        Clfi = 0xc20f "clfi" "compares unsigned words",
        Clgfi = 0xc20e "clgfi" "compares unsigned doublewords",
        Xihf = 0xc006 "xihf" "exclusive or of the left half",
        Xilf = 0xc007 "xilf" "exclusive or of the right half",
        Iihf = 0xc008 "iihf" "replaces the left half",
        Iilf = 0xc009 "iilf" "replaces the right half",
        Nihf = 0xc00a "nihf" "and of the left half",
        Nilf = 0xc00b "nilf" "and of the right half",
        Oihf = 0xc00c "oihf" "or of the left half",
        Oilf = 0xc00d "oilf" "or of the right half",
        Llihf = 0xc00e "llihf" "loads it into the left half, zero into the right",
        Llilf = 0xc00f "llilf" "loads it, zero-extended",
    }
}

operations! {
    /// Sum of a general register and a signed halfword in another one, format RIE-d.
    AddHalfword: u8 {
        Ahik = 0xd8 "ahik" "32-bit sum",
        Aghik = 0xd9 "aghik" "64-bit sum",
        Alhsik = 0xda "alhsik" "32-bit sum; codes 2 and 3 tell a carry",
        Alghsik = 0xdb "alghsik" "64-bit sum; codes 2 and 3 tell a carry",
    }
}

operations! {
    /// A signed halfword to a general register under a condition, format RIE-g.
    ConditionalLoad: u8 {
        Lochi = 0x42 "lochi" "loads it into 32 bits if the condition holds",
        Locghi = 0x46 "locghi" "loads it if the condition holds",
    }
}

/// Format RI-a: the opcode in bits 0-7 and 12-15, R1 in 8-11, I2 in 16-31.
pub fn halfword(operation: Halfword, r1: Gpr, immediate: i16) -> [u8; 4] {
    ri(operation.code(), r1.number(), immediate.to_be_bytes())
}

/// Format RIL-a: as RI-a, with I2 in bits 16-47.
pub fn word(operation: Word, r1: Gpr, immediate: i32) -> [u8; 6] {
    ril(operation.code(), r1.number(), immediate.to_be_bytes())
}

/// Format RIL-a.
pub fn unsigned_word(operation: UnsignedWord, r1: Gpr, immediate: u32) -> [u8; 6] {
    ril(operation.code(), r1.number(), immediate.to_be_bytes())
}

/// Format RIE-d: EC in bits 0-7, R1 in 8-11, R3 in 12-15, I2 in 16-31, the rest of the opcode in
/// 40-47.
pub fn add_halfword(operation: AddHalfword, r1: Gpr, r3: Gpr, immediate: i16) -> [u8; 6] {
    let [high, low] = immediate.to_be_bytes();
    let registers = r1.number() << 4 | r3.number();
    [0xec, registers, high, low, 0, operation.code()]
}

/// Format RIE-g: as RIE-d, with the mask M3 in bits 12-15.
pub fn conditional_load(
    operation: ConditionalLoad,
    mask: Mask,
    r1: Gpr,
    immediate: i16,
) -> [u8; 6] {
    let [high, low] = immediate.to_be_bytes();
    let fields = r1.number() << 4 | mask.bits();
    [0xec, fields, high, low, 0, operation.code()]
}

/// The opcode's third hexadecimal digit lies behind the register: `0xa708` is A7 r 8.
pub(super) fn ri(code: u16, r1: u8, [high, low]: [u8; 2]) -> [u8; 4] {
    let [first, last] = code.to_be_bytes();
    [first, r1 << 4 | last, high, low]
}

/// As [`ri`].
pub(super) fn ril(code: u16, r1: u8, [a, b, c, d]: [u8; 4]) -> [u8; 6] {
    let [first, last] = code.to_be_bytes();
    [first, r1 << 4 | last, a, b, c, d]
}
