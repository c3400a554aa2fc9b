//! The two flavours of minimum and maximum that Cranelift asks for.

use super::{Format, order, propagated_nan};
use std::cmp::Ordering;

/// Function 1 of VECTOR FP MAXIMUM, as Java's `Math.max`: a NaN wins, plus zero is greater than
/// minus zero.
pub(in super::super) fn java_maximum(format: Format, a: u128, b: u128) -> u128 {
    java(format, a, b, Ordering::Greater)
}

/// Function 1 of VECTOR FP MINIMUM, as Java's `Math.min`.
pub(in super::super) fn java_minimum(format: Format, a: u128, b: u128) -> u128 {
    java(format, a, b, Ordering::Less)
}

fn java(format: Format, a: u128, b: u128, wanted: Ordering) -> u128 {
    if let Some(nan) = propagated_nan(format, &[a, b]) {
        return nan;
    }
    let by_value = order(format, a, b).unwrap_or(Ordering::Equal);
    let by_sign = format.is_negative(b).cmp(&format.is_negative(a));
    if by_value.then(by_sign) == wanted {
        a
    } else {
        b
    }
}

/// Function 3 of VECTOR FP MAXIMUM, as C++'s `std::max`: `a < b ? b : a`, so that `a` is the
/// result for equal and for unordered data, unchanged.
pub(in super::super) fn cpp_maximum(format: Format, a: u128, b: u128) -> u128 {
    if order(format, a, b) == Some(Ordering::Less) {
        b
    } else {
        a
    }
}

/// Function 3 of VECTOR FP MINIMUM, as C++'s `std::min`: `b < a ? b : a`.
pub(in super::super) fn cpp_minimum(format: Format, a: u128, b: u128) -> u128 {
    if order(format, a, b) == Some(Ordering::Greater) {
        b
    } else {
        a
    }
}
