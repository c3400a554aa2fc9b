//! Arithmetic with RISC-V's NaNs and flags: any NaN among the operands, and any invalid operation,
//! gives the canonical NaN; a signaling NaN is invalid.
//!
//! Source: RISC-V Instruction Set Manual, volume I, chapter "F", "NaN Generation and Propagation"
//! and "Single-Precision Floating-Point Computational Instructions".

use super::super::soft_float::round::{Rounded, Rounding, round};
use super::super::soft_float::{Finite, Format, Number, exact};

/// Invalid operation.
pub const INVALID: u32 = 16;
/// Division of a finite number by zero.
const BY_ZERO: u32 = 8;
const OVERFLOW: u32 = 4;
const UNDERFLOW: u32 = 2;
/// The exact result is another one.
pub const INEXACT: u32 = 1;

/// A result, and the bits of `fcsr` that its computation raises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flagged<T> {
    pub value: T,
    pub flags: u32,
}

/// A result that raises nothing.
pub fn quiet<T>(value: T) -> Flagged<T> {
    Flagged { value, flags: 0 }
}

/// What an invalid operation yields.
fn invalid(format: Format) -> Flagged<u128> {
    Flagged {
        value: format.default_nan(),
        flags: INVALID,
    }
}

/// The result when an operand is a NaN.
pub fn nan(format: Format, operands: &[u128]) -> Option<Flagged<u128>> {
    operands.iter().find(|&&datum| format.is_nan(datum))?;
    Some(Flagged {
        value: format.default_nan(),
        flags: signaling(format, operands),
    })
}

/// The flag that a signaling NaN among the operands raises.
pub fn signaling(format: Format, operands: &[u128]) -> u32 {
    let any = operands.iter().any(|&datum| format.is_signaling(datum));
    if any { INVALID } else { 0 }
}

/// An exact result in its format.
pub fn rounded(format: Format, exact: Option<Number>, rounding: Rounding) -> Flagged<u128> {
    match exact {
        None => invalid(format),
        Some(Number::Infinity { negative }) => quiet(format.infinity(negative)),
        Some(Number::Finite(value)) => flagged(round(format, value, rounding)),
    }
}

fn flagged(rounded: Rounded) -> Flagged<u128> {
    let raised = [
        (rounded.inexact, INEXACT),
        (rounded.underflow, UNDERFLOW),
        (rounded.overflow, OVERFLOW),
    ];
    let raised = raised.iter().filter(|(is_raised, _)| *is_raised);
    Flagged {
        value: rounded.datum,
        flags: raised.fold(0, |flags, (_, flag)| flags | flag),
    }
}

/// FADD.
pub fn add(format: Format, [a, b]: [u128; 2], rounding: Rounding) -> Flagged<u128> {
    nan(format, &[a, b]).unwrap_or_else(|| {
        let sum = exact::sum(format.number(a), format.number(b), rounding);
        rounded(format, sum, rounding)
    })
}

/// FSUB.
pub fn subtract(format: Format, [a, b]: [u128; 2], rounding: Rounding) -> Flagged<u128> {
    add(format, [a, b ^ format.sign_bit()], rounding)
}

/// FMUL.
pub fn multiply(format: Format, [a, b]: [u128; 2], rounding: Rounding) -> Flagged<u128> {
    nan(format, &[a, b]).unwrap_or_else(|| {
        let product = exact::product(format.number(a), format.number(b));
        rounded(format, product, rounding)
    })
}

/// FDIV.
pub fn divide(format: Format, [a, b]: [u128; 2], rounding: Rounding) -> Flagged<u128> {
    nan(format, &[a, b]).unwrap_or_else(|| {
        let (a, b) = (format.number(a), format.number(b));
        let mut quotient = rounded(format, exact::quotient(a, b), rounding);
        let is_finite = matches!(a, Number::Finite(value) if !is_zero(value));
        if is_finite && matches!(b, Number::Finite(value) if is_zero(value)) {
            quotient.flags |= BY_ZERO;
        }
        quotient
    })
}

fn is_zero(value: Finite) -> bool {
    value.significand.is_zero()
}

/// FSQRT.
pub fn square_root(format: Format, a: u128, rounding: Rounding) -> Flagged<u128> {
    let root = || rounded(format, exact::root(format.number(a)), rounding);
    nan(format, &[a]).unwrap_or_else(root)
}

/// FMADD: `a * b + c`, rounded once. Infinity times zero is invalid, also if `c` is a quiet NaN.
pub fn multiply_add(format: Format, [a, b, c]: [u128; 3], rounding: Rounding) -> Flagged<u128> {
    let product = match nan(format, &[a, b]) {
        Some(_) => None,
        None => match exact::product(format.number(a), format.number(b)) {
            None => return invalid(format),
            product => product,
        },
    };
    nan(format, &[a, b, c]).unwrap_or_else(|| {
        let sum = product.and_then(|product| exact::sum(product, format.number(c), rounding));
        rounded(format, sum, rounding)
    })
}
