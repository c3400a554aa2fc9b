//! Sum, product, quotient, root and fused product: exact, then rounded once to nearest even.

use super::super::super::soft_float::Number;
use super::super::super::soft_float::exact::{product, quotient, root, sum};
use super::super::super::soft_float::round::round;
use super::{Format, Rounding, propagated_nan};

/// `a + b`.
pub(in super::super) fn add(format: Format, a: u128, b: u128) -> u128 {
    if let Some(nan) = propagated_nan(format, &[a, b]) {
        return nan;
    }
    finish(format, rounded_sum(format.number(a), format.number(b)))
}

/// `a - b`. A NaN in `b` keeps its sign.
pub(in super::super) fn subtract(format: Format, a: u128, b: u128) -> u128 {
    if let Some(nan) = propagated_nan(format, &[a, b]) {
        return nan;
    }
    add(format, a, b ^ format.sign_bit())
}

/// `a * b`.
pub(in super::super) fn multiply(format: Format, a: u128, b: u128) -> u128 {
    if let Some(nan) = propagated_nan(format, &[a, b]) {
        return nan;
    }
    finish(format, product(format.number(a), format.number(b)))
}

/// `a * b + c`, rounded once. Infinity times zero is invalid whatever `c` is.
pub(in super::super) fn multiply_add(format: Format, a: u128, b: u128, c: u128) -> u128 {
    fused(format, [a, b, c], false)
}

/// `a * b - c`, rounded once. A NaN in `c` keeps its sign.
pub(in super::super) fn multiply_subtract(format: Format, a: u128, b: u128, c: u128) -> u128 {
    fused(format, [a, b, c], true)
}

fn fused(format: Format, [a, b, c]: [u128; 3], negate_c: bool) -> u128 {
    let multiplied = if format.is_nan(a) || format.is_nan(b) {
        None
    } else {
        match product(format.number(a), format.number(b)) {
            Some(exact) => Some(exact),
            None => return format.default_nan(),
        }
    };
    if let Some(nan) = propagated_nan(format, &[a, b, c]) {
        return nan;
    }
    let c = if negate_c { c ^ format.sign_bit() } else { c };
    finish(
        format,
        multiplied.and_then(|exact| rounded_sum(exact, format.number(c))),
    )
}

/// `a / b`.
pub(in super::super) fn divide(format: Format, a: u128, b: u128) -> u128 {
    if let Some(nan) = propagated_nan(format, &[a, b]) {
        return nan;
    }
    finish(format, quotient(format.number(a), format.number(b)))
}

/// The square root; of minus zero, minus zero.
pub(in super::super) fn square_root(format: Format, a: u128) -> u128 {
    if let Some(nan) = propagated_nan(format, &[a]) {
        return nan;
    }
    finish(format, root(format.number(a)))
}

/// Rounds an exact result; `None` stands for an invalid operation.
fn finish(format: Format, exact: Option<Number>) -> u128 {
    match exact {
        None => format.default_nan(),
        Some(Number::Infinity { negative }) => format.infinity(negative),
        Some(Number::Finite(value)) => round(format, value, Rounding::NearestEven).datum,
    }
}

fn rounded_sum(a: Number, b: Number) -> Option<Number> {
    sum(a, b, Rounding::NearestEven)
}
