//! Minimum, maximum, comparisons and classes.
//!
//! Source: RISC-V Instruction Set Manual, volume I, chapters "F" and "Zfa".

use std::cmp::Ordering;

use super::super::soft_float::{Format, compare};
use super::arithmetic::{Flagged, INVALID, nan, quiet, signaling};

/// FMIN and FMAX: of a NaN and a number the number, which is `wanted` (`Less` or `Greater`) than
/// the other; minus zero is less than plus zero.
pub fn extreme_number(format: Format, [a, b]: [u128; 2], wanted: Ordering) -> Flagged<u128> {
    let value = match (format.is_nan(a), format.is_nan(b)) {
        (true, true) => format.default_nan(),
        (true, false) => b,
        (false, true) => a,
        (false, false) => extreme(format, a, b, wanted),
    };
    Flagged {
        value,
        flags: signaling(format, &[a, b]),
    }
}

/// FMINM and FMAXM: a NaN wins.
pub fn extreme_or_nan(format: Format, [a, b]: [u128; 2], wanted: Ordering) -> Flagged<u128> {
    nan(format, &[a, b]).unwrap_or_else(|| quiet(extreme(format, a, b, wanted)))
}

fn extreme(format: Format, a: u128, b: u128, wanted: Ordering) -> u128 {
    let by_value = compare(format, a, b).unwrap_or(Ordering::Equal);
    let by_sign = format.is_negative(b).cmp(&format.is_negative(a));
    if by_value.then(by_sign) == wanted {
        a
    } else {
        b
    }
}

/// A comparison by its function: FLE, FLT, FEQ, FLEQ, FLTQ. FLE and FLT find any NaN invalid, the
/// others a signaling one. `None` for a function that there is not.
pub fn comparison(format: Format, [a, b]: [u128; 2], function: u32) -> Option<Flagged<u64>> {
    let ordering = compare(format, a, b);
    let holds = match function {
        0 | 4 => ordering.is_some_and(Ordering::is_le),
        1 | 5 => ordering.is_some_and(Ordering::is_lt),
        2 => ordering.is_some_and(Ordering::is_eq),
        _ => return None,
    };
    let flags = match (function, ordering) {
        (0 | 1, None) => INVALID,
        _ => signaling(format, &[a, b]),
    };
    Some(Flagged {
        value: u64::from(holds),
        flags,
    })
}

/// FCLASS: one of ten bits.
pub fn class(format: Format, a: u128) -> u64 {
    let least_normal = 1 << format.fraction_bits;
    let (of_negative, of_positive) = match format.magnitude(a) {
        _ if format.is_signaling(a) => (8, 8),
        _ if format.is_nan(a) => (9, 9),
        0 => (3, 4),
        magnitude if magnitude == format.infinity(false) => (0, 7),
        magnitude if magnitude < least_normal => (2, 5),
        _ => (1, 6),
    };
    let bit = if format.is_negative(a) {
        of_negative
    } else {
        of_positive
    };
    1 << bit
}
