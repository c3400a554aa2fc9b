//! One halfword of a general register and an immediate: format RI-a.

use super::immediate::ri;
use super::operand::Gpr;
use super::table::operations;

operations! {
    /// Names end in the halfword that they act on: `hh` is the leftmost, `ll` the rightmost.
    LogicalHalfword: u16 {
        Iihh = 0xa500 "iihh" "replaces it",
        Iihl = 0xa501 "iihl" "replaces it",
        Iilh = 0xa502 "iilh" "replaces it",
        Iill = 0xa503 "iill" "replaces it",
        Nihh = 0xa504 "nihh" "and",
        Nihl = 0xa505 "nihl" "and",
        Nilh = 0xa506 "nilh" "and",
        Nill = 0xa507 "nill" "and",
        Oihh = 0xa508 "oihh" "or",
        Oihl = 0xa509 "oihl" "or",
        Oilh = 0xa50a "oilh" "or",
        Oill = 0xa50b "oill" "or",
        Llihh = 0xa50c "llihh" "loads it, zeros elsewhere",
        Llihl = 0xa50d "llihl" "loads it, zeros elsewhere",
        Llilh = 0xa50e "llilh" "loads it, zeros elsewhere",
        Llill = 0xa50f "llill" "loads it, zeros elsewhere",
        Tmlh = 0xa700 "tmlh" "tests bits under a mask",
        Tmll = 0xa701 "tmll" "tests bits under a mask",
        Tmhh = 0xa702 "tmhh" "tests bits under a mask",
        Tmhl = 0xa703 "tmhl" "tests bits under a mask",
    }
}

/// Format RI-a: the opcode in bits 0-7 and 12-15, R1 in 8-11, I2 in 16-31.
pub fn logical_halfword(operation: LogicalHalfword, r1: Gpr, immediate: u16) -> [u8; 4] {
    ri(operation.code(), r1.number(), immediate.to_be_bytes())
}
