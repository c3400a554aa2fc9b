//! Conversions: to an integral value, between formats, to integers.

use super::super::super::soft_float::Number;
use super::super::super::soft_float::round::{integral, round};
use super::{Format, Rounding, propagated_nan};

/// Rounds to an integral value in the same format (LOAD FP INTEGER). The sign stays, also when
/// the result is zero.
pub(in super::super) fn to_integral(format: Format, datum: u128, rounding: Rounding) -> u128 {
    if let Some(nan) = propagated_nan(format, &[datum]) {
        return nan;
    }
    match format.number(datum) {
        Number::Finite(value) => round(format, integral(value, rounding).0, rounding).datum,
        Number::Infinity { .. } => datum,
    }
}

/// Converts between formats. A NaN keeps its sign and the left part of its payload, and is
/// made quiet.
pub(in super::super) fn convert(from: Format, to: Format, datum: u128, rounding: Rounding) -> u128 {
    if let Some(nan) = propagated_nan(from, &[datum]) {
        let payload = nan & ((1 << from.fraction_bits) - 1);
        let aligned = match to.fraction_bits.checked_sub(from.fraction_bits) {
            Some(wider) => payload << wider,
            None => payload >> (from.fraction_bits - to.fraction_bits),
        };
        return to.infinity(from.is_negative(nan)) | aligned;
    }
    match from.number(datum) {
        Number::Infinity { negative } => to.infinity(negative),
        Number::Finite(value) => round(to, value, rounding).datum,
    }
}

/// An unsigned integer of `bits` (32 or 64), and whether the datum was outside of its range
/// (after rounding) or a NaN: then the result is the nearest integer in range, for a NaN zero
/// (PoP chapter 19, figure of results of CONVERT TO LOGICAL).
pub(in super::super) fn to_unsigned(
    format: Format,
    datum: u128,
    rounding: Rounding,
    bits: u32,
) -> (u64, bool) {
    if format.is_nan(datum) {
        return (0, true);
    }
    let greatest = u64::MAX >> (64 - bits);
    match format.number(datum) {
        Number::Infinity { negative: true } => (0, true),
        Number::Infinity { negative: false } => (greatest, true),
        Number::Finite(value) => match integral(value, rounding).0.magnitude_below(bits) {
            Some(0) => (0, false),
            _ if value.negative => (0, true),
            Some(integer) => (integer, false),
            None => (greatest, true),
        },
    }
}
