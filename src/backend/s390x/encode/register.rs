//! Integers from register to register: formats RR, RRE, RRF-a and RRF-c.
//!
//! The 32-bit operations leave the left half of a general register alone.

use super::operand::{Gpr, Mask};
use super::table::operations;

operations! {
    /// Two general registers, format RR.
    ShortPair: u8 {
        Lr = 0x18 "lr" "copies 32 bits",
        Ltr = 0x12 "ltr" "copies 32 bits and compares them with zero",
        Lcr = 0x13 "lcr" "32-bit negative",
        Lpr = 0x10 "lpr" "32-bit absolute value",
        Ar = 0x1a "ar" "32-bit sum",
        Sr = 0x1b "sr" "32-bit difference",
        Alr = 0x1e "alr" "32-bit sum; codes 2 and 3 tell a carry",
        Slr = 0x1f "slr" "32-bit difference; code 1 tells a borrow",
        Nr = 0x14 "nr" "32-bit and",
        Or = 0x16 "or" "32-bit or",
        Xr = 0x17 "xr" "32-bit exclusive or",
        Cr = 0x19 "cr" "compares signed words",
        Clr = 0x15 "clr" "compares unsigned words",
    }
}

operations! {
    /// Two general registers, format RRE. The result goes to the first, of a product or a
    /// quotient to a pair of which the first, an even number, is named.
    Pair: u16 {
        Lgr = 0xb904 "lgr" "copies 64 bits",
        Ltgr = 0xb902 "ltgr" "copies 64 bits and compares them with zero",
        Lcgr = 0xb903 "lcgr" "64-bit negative",
        Lpgr = 0xb900 "lpgr" "64-bit absolute value",
        Lbr = 0xb926 "lbr" "sign-extends a byte to 32 bits",
        Lhr = 0xb927 "lhr" "sign-extends a halfword to 32 bits",
        Lgbr = 0xb906 "lgbr" "sign-extends a byte",
        Lghr = 0xb907 "lghr" "sign-extends a halfword",
        Lgfr = 0xb914 "lgfr" "sign-extends a word",
        Ltgfr = 0xb912 "ltgfr" "sign-extends a word and compares it with zero",
        Llcr = 0xb994 "llcr" "zero-extends a byte to 32 bits",
        Llhr = 0xb995 "llhr" "zero-extends a halfword to 32 bits",
        Llgcr = 0xb984 "llgcr" "zero-extends a byte",
        Llghr = 0xb985 "llghr" "zero-extends a halfword",
        Llgfr = 0xb916 "llgfr" "zero-extends a word",
        Agr = 0xb908 "agr" "64-bit sum",
        Sgr = 0xb909 "sgr" "64-bit difference",
        Algr = 0xb90a "algr" "64-bit sum; codes 2 and 3 tell a carry",
        Slgr = 0xb90b "slgr" "64-bit difference; code 1 tells a borrow",
        Agfr = 0xb918 "agfr" "64-bit sum with a signed word",
        Sgfr = 0xb919 "sgfr" "64-bit difference from a signed word",
        Algfr = 0xb91a "algfr" "64-bit sum with an unsigned word",
        Slgfr = 0xb91b "slgfr" "64-bit difference from an unsigned word",
        Alcr = 0xb998 "alcr" "32-bit sum with carry",
        Alcgr = 0xb988 "alcgr" "64-bit sum with carry",
        Slbr = 0xb999 "slbr" "32-bit difference with borrow",
        Slbgr = 0xb989 "slbgr" "64-bit difference with borrow",
        Msr = 0xb252 "msr" "32-bit product",
        Msgr = 0xb90c "msgr" "64-bit product",
        Msgfr = 0xb91c "msgfr" "64-bit product with a signed word",
        Mlr = 0xb996 "mlr" "unsigned 64-bit product of words, in a pair",
        Mlgr = 0xb986 "mlgr" "unsigned 128-bit product, in a pair",
        Dsgr = 0xb90d "dsgr" "signed quotient (second of the pair) and remainder (first)",
        Dsgfr = 0xb91d "dsgfr" "the same by a signed word",
        Dlr = 0xb997 "dlr" "unsigned quotient and remainder of a pair of words",
        Dlgr = 0xb987 "dlgr" "unsigned quotient and remainder of a pair",
        Ngr = 0xb980 "ngr" "64-bit and",
        Ogr = 0xb981 "ogr" "64-bit or",
        Xgr = 0xb982 "xgr" "64-bit exclusive or",
        Cgr = 0xb920 "cgr" "compares signed doublewords",
        Cgfr = 0xb930 "cgfr" "compares a signed doubleword with a signed word",
        Clgr = 0xb921 "clgr" "compares unsigned doublewords",
        Clgfr = 0xb931 "clgfr" "compares an unsigned doubleword with an unsigned word",
        Lrvr = 0xb91f "lrvr" "reverses the bytes of a word",
        Lrvgr = 0xb90f "lrvgr" "reverses the bytes of a doubleword",
        Flogr = 0xb983 "flogr" "leading zeros (first of a pair), and the rest without the leftmost one",
        Popcnt = 0xb9e1 "popcnt" "ones in each byte",
    }
}

operations! {
    /// Three general registers, format RRF-a.
    Triple: u16 {
        Ark = 0xb9f8 "ark" "32-bit sum",
        Agrk = 0xb9e8 "agrk" "64-bit sum",
        Srk = 0xb9f9 "srk" "32-bit difference",
        Sgrk = 0xb9e9 "sgrk" "64-bit difference",
        Alrk = 0xb9fa "alrk" "32-bit sum; codes 2 and 3 tell a carry",
        Algrk = 0xb9ea "algrk" "64-bit sum; codes 2 and 3 tell a carry",
        Slrk = 0xb9fb "slrk" "32-bit difference; code 1 tells a borrow",
        Slgrk = 0xb9eb "slgrk" "64-bit difference; code 1 tells a borrow",
        Nrk = 0xb9f4 "nrk" "32-bit and",
        Ngrk = 0xb9e4 "ngrk" "64-bit and",
        Ork = 0xb9f6 "ork" "32-bit or",
        Ogrk = 0xb9e6 "ogrk" "64-bit or",
        Xrk = 0xb9f7 "xrk" "32-bit exclusive or",
        Xgrk = 0xb9e7 "xgrk" "64-bit exclusive or",
        Msrkc = 0xb9fd "msrkc" "32-bit product; code 3 tells an overflow",
        Msgrkc = 0xb9ed "msgrkc" "64-bit product; code 3 tells an overflow",
        Mgrk = 0xb9ec "mgrk" "signed 128-bit product, in a pair",
    }
}

operations! {
    /// A copy under a condition, format RRF-c.
    ConditionalCopy: u16 {
        Locr = 0xb9f2 "locr" "copies 32 bits if the condition holds",
        Locgr = 0xb9e2 "locgr" "copies 64 bits if the condition holds",
    }
}

/// Format RR: the opcode in bits 0-7, R1 in 8-11, R2 in 12-15.
pub fn short_pair(operation: ShortPair, r1: Gpr, r2: Gpr) -> [u8; 2] {
    [operation.code(), r1.number() << 4 | r2.number()]
}

/// Format RRE: the opcode in bits 0-15, R1 in 24-27, R2 in 28-31.
pub fn pair(operation: Pair, r1: Gpr, r2: Gpr) -> [u8; 4] {
    rrf(operation.code(), 0, r1.number(), r2.number())
}

/// Format RRF-a: R3, the second source, in bits 16-19.
pub fn triple(operation: Triple, r1: Gpr, r2: Gpr, r3: Gpr) -> [u8; 4] {
    rrf(operation.code(), r3.number() << 4, r1.number(), r2.number())
}

/// Format RRF-c: the mask M3 in bits 16-19.
pub fn conditional_copy(operation: ConditionalCopy, mask: Mask, r1: Gpr, r2: Gpr) -> [u8; 4] {
    rrf(operation.code(), mask.bits() << 4, r1.number(), r2.number())
}

/// INSERT PROGRAM MASK, format RRE: the condition code to bits 34 and 35 of `r1`, the program mask
/// to 36-39, zeros to 32 and 33; the rest stays.
pub fn ipm(r1: Gpr) -> [u8; 4] {
    rrf(0xb222, 0, r1.number(), 0)
}

/// Opcode in bits 0-15, the third byte as it is, R1 in 24-27, R2 in 28-31.
pub(super) fn rrf(code: u16, third: u8, r1: u8, r2: u8) -> [u8; 4] {
    let [high, low] = code.to_be_bytes();
    [high, low, third, r1 << 4 | r2]
}
