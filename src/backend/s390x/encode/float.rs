//! Binary floating point in floating-point registers: formats RR, RRE, RRD, RRF-b and RRF-e.
//!
//! Short data lie in the left half of a register.

use super::operand::{Fpr, Gpr};
use super::register::rrf;
use super::table::operations;

operations! {
    /// A copy that leaves flags alone, format RR.
    FloatMove: u8 {
        Ler = 0x38 "ler" "a short datum; the rest stays",
        Ldr = 0x28 "ldr" "a long datum",
    }
}

operations! {
    /// Two floating-point registers, format RRE. What takes two operands leaves the result in the
    /// first.
    FloatPair: u16 {
        Aebr = 0xb30a "aebr" "short sum",
        Adbr = 0xb31a "adbr" "long sum",
        Sebr = 0xb30b "sebr" "short difference",
        Sdbr = 0xb31b "sdbr" "long difference",
        Meebr = 0xb317 "meebr" "short product",
        Mdbr = 0xb31c "mdbr" "long product",
        Debr = 0xb30d "debr" "short quotient",
        Ddbr = 0xb31d "ddbr" "long quotient",
        Sqebr = 0xb314 "sqebr" "short square root",
        Sqdbr = 0xb315 "sqdbr" "long square root",
        Cebr = 0xb309 "cebr" "compares short data; code 3 is unordered",
        Cdbr = 0xb319 "cdbr" "compares long data; code 3 is unordered",
        Lcdfr = 0xb373 "lcdfr" "inverts the sign, whatever the datum",
        Lpdfr = 0xb370 "lpdfr" "clears the sign, whatever the datum",
        Lndfr = 0xb371 "lndfr" "sets the sign, whatever the datum",
        Ldebr = 0xb304 "ldebr" "short to long",
        Ledbr = 0xb344 "ledbr" "long to short, rounded as the mode says",
    }
}

operations! {
    /// Zero, format RRE.
    FloatZero: u16 {
        Lzer = 0xb374 "lzer" "a short zero; the rest is zeros too",
        Lzdr = 0xb375 "lzdr" "a long zero",
    }
}

operations! {
    /// Product of two registers and a third, rounded once, format RRD.
    FloatMultiplyAdd: u16 {
        Maebr = 0xb30e "maebr" "short product plus R1",
        Madbr = 0xb31e "madbr" "long product plus R1",
        Msebr = 0xb30f "msebr" "short product minus R1",
        Msdbr = 0xb31f "msdbr" "long product minus R1",
    }
}

operations! {
    /// To an integral value in the same format, format RRF-e.
    FloatRound: u16 {
        Fiebr = 0xb357 "fiebr" "short",
        Fidbr = 0xb35f "fidbr" "long",
    }
}

operations! {
    /// From a general register to a floating-point register, format RRF-e.
    FloatFromInteger: u16 {
        Cefbra = 0xb394 "cefbra" "signed word to short",
        Cdfbra = 0xb395 "cdfbra" "signed word to long",
        Cegbra = 0xb3a4 "cegbra" "signed doubleword to short",
        Cdgbra = 0xb3a5 "cdgbra" "signed doubleword to long",
        Celfbr = 0xb390 "celfbr" "unsigned word to short",
        Cdlfbr = 0xb391 "cdlfbr" "unsigned word to long",
        Celgbr = 0xb3a0 "celgbr" "unsigned doubleword to short",
        Cdlgbr = 0xb3a1 "cdlgbr" "unsigned doubleword to long",
    }
}

operations! {
    /// From a floating-point register to a general register, saturating, format RRF-e. Code 3
    /// tells what did not fit. A NaN gives the least integer, which is zero of the unsigned ones.
    FloatToInteger: u16 {
        Cfebra = 0xb398 "cfebra" "short to signed word",
        Cfdbra = 0xb399 "cfdbra" "long to signed word",
        Cgebra = 0xb3a8 "cgebra" "short to signed doubleword",
        Cgdbra = 0xb3a9 "cgdbra" "long to signed doubleword",
        Clfebr = 0xb39c "clfebr" "short to unsigned word",
        Clfdbr = 0xb39d "clfdbr" "long to unsigned word",
        Clgebr = 0xb3ac "clgebr" "short to unsigned doubleword",
        Clgdbr = 0xb3ad "clgdbr" "long to unsigned doubleword",
    }
}

/// How a result is rounded (PoP, "IEEE BFP Rounding Modes").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// As the floating-point-control register says.
    Current,
    /// To the nearest, ties to even.
    NearestEven,
    /// Toward zero.
    Zero,
    /// Toward plus infinity.
    Up,
    /// Toward minus infinity.
    Down,
}

impl Rounding {
    /// All of them.
    pub const ALL: &'static [Rounding] = &[
        Rounding::Current,
        Rounding::NearestEven,
        Rounding::Zero,
        Rounding::Up,
        Rounding::Down,
    ];

    /// The mask that tells it.
    pub const fn bits(self) -> u8 {
        match self {
            Rounding::Current => 0,
            Rounding::NearestEven => 4,
            Rounding::Zero => 5,
            Rounding::Up => 6,
            Rounding::Down => 7,
        }
    }
}

/// Format RR: the opcode in bits 0-7, R1 in 8-11, R2 in 12-15.
pub fn float_move(operation: FloatMove, r1: Fpr, r2: Fpr) -> [u8; 2] {
    [operation.code(), r1.number() << 4 | r2.number()]
}

/// Format RRE: the opcode in bits 0-15, R1 in 24-27, R2 in 28-31.
pub fn float_pair(operation: FloatPair, r1: Fpr, r2: Fpr) -> [u8; 4] {
    rrf(operation.code(), 0, r1.number(), r2.number())
}

/// Format RRE.
pub fn float_zero(operation: FloatZero, r1: Fpr) -> [u8; 4] {
    rrf(operation.code(), 0, r1.number(), 0)
}

/// LOAD FPR FROM GR, format RRE: 64 bits as they are.
pub fn ldgr(r1: Fpr, r2: Gpr) -> [u8; 4] {
    rrf(0xb3c1, 0, r1.number(), r2.number())
}

/// LOAD GR FROM FPR, format RRE: 64 bits as they are.
pub fn lgdr(r1: Gpr, r2: Fpr) -> [u8; 4] {
    rrf(0xb3cd, 0, r1.number(), r2.number())
}

/// Format RRD: R1, which is added and receives the result, in bits 16-19, the factors R3 and R2
/// in 24-27 and 28-31.
pub fn float_multiply_add(operation: FloatMultiplyAdd, r1: Fpr, r3: Fpr, r2: Fpr) -> [u8; 4] {
    let third = r1.number() << 4;
    rrf(operation.code(), third, r3.number(), r2.number())
}

/// COPY SIGN, long, format RRF-b: R2 with the sign of R3, which is in bits 16-19.
pub fn cpsdr(r1: Fpr, r3: Fpr, r2: Fpr) -> [u8; 4] {
    rrf(0xb372, r3.number() << 4, r1.number(), r2.number())
}

/// Format RRF-e: the rounding in bits 16-19.
pub fn float_round(operation: FloatRound, r1: Fpr, rounding: Rounding, r2: Fpr) -> [u8; 4] {
    let third = rounding.bits() << 4;
    rrf(operation.code(), third, r1.number(), r2.number())
}

/// Format RRF-e.
pub fn float_from_integer(
    operation: FloatFromInteger,
    r1: Fpr,
    rounding: Rounding,
    r2: Gpr,
) -> [u8; 4] {
    let third = rounding.bits() << 4;
    rrf(operation.code(), third, r1.number(), r2.number())
}

/// Format RRF-e.
pub fn float_to_integer(
    operation: FloatToInteger,
    r1: Gpr,
    rounding: Rounding,
    r2: Fpr,
) -> [u8; 4] {
    let third = rounding.bits() << 4;
    rrf(operation.code(), third, r1.number(), r2.number())
}
