//! Rounding: to a format, to an integer, from one format to another.

use super::wide::{Lost, Wide};
use super::{Finite, Format, Number};

/// An effective rounding method (PoP chapter 9, "Rounding Methods").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Rounding {
    /// To nearest, ties to even.
    NearestEven,
    /// To nearest, ties away from zero.
    NearestAway,
    /// To prepare for shorter precision: an inexact result gets an odd last digit, so that
    /// rounding it again to fewer digits rounds as once.
    Odd,
    /// Toward zero.
    Zero,
    /// Toward plus infinity.
    Up,
    /// Toward minus infinity.
    Down,
}

impl Rounding {
    /// Decodes a rounding-mode field; `None` for reserved values.
    ///
    /// Mode 0 means what the FPC says, which is `NearestEven` as long as nobody changes it.
    pub(in super::super) fn from_mask(mask: u8) -> Option<Self> {
        Some(match mask {
            0 | 4 => Rounding::NearestEven,
            1 => Rounding::NearestAway,
            3 => Rounding::Odd,
            5 => Rounding::Zero,
            6 => Rounding::Up,
            7 => Rounding::Down,
            _ => return None,
        })
    }

    /// Rounds a magnitude of which `lost` was cut off.
    fn apply(self, kept: u128, lost: Lost, negative: bool) -> u128 {
        if lost == Lost::Nothing {
            return kept;
        }
        let away = match self {
            Rounding::NearestEven => {
                lost == Lost::MoreThanHalf || lost == Lost::Half && kept & 1 == 1
            }
            Rounding::NearestAway => lost != Lost::LessThanHalf,
            Rounding::Odd => kept & 1 == 0,
            Rounding::Zero => false,
            Rounding::Up => !negative,
            Rounding::Down => negative,
        };
        kept + u128::from(away)
    }

    /// What stands for a magnitude that is too great for the format.
    fn overflow(self, format: Format, negative: bool) -> u128 {
        let infinite = match self {
            Rounding::NearestEven | Rounding::NearestAway => true,
            Rounding::Odd | Rounding::Zero => false,
            Rounding::Up => !negative,
            Rounding::Down => negative,
        };
        let infinity = format.infinity(negative);
        // Data are ordered by magnitude like integers: below infinity is the greatest number.
        if infinite { infinity } else { infinity - 1 }
    }
}

/// The datum of `format` for an exact value.
pub(super) fn round(format: Format, value: Finite, rounding: Rounding) -> u128 {
    let Finite {
        negative,
        exponent,
        significand,
    } = value;
    if significand.is_zero() {
        return format.zero(negative);
    }
    let precision = format.fraction_bits.cast_signed();
    let top = exponent + significand.top_bit().cast_signed();
    let last_place = (top - precision).max(format.least_exponent());
    let shift = last_place - exponent;
    let (kept, lost) = if shift > 0 {
        significand.shift_right(shift.unsigned_abs())
    } else {
        (significand.shift_left(shift.unsigned_abs()), Lost::Nothing)
    };
    let rounded = rounding.apply(kept.narrow(), lost, negative);
    // The hidden bit adds one to the exponent field: a subnormal that rounds up to a normal
    // number, and a carry into the next power of two, come out right by themselves.
    let steps = u128::from((last_place - format.least_exponent()).unsigned_abs());
    let magnitude = (steps << format.fraction_bits) + rounded;
    if magnitude >= format.infinity(false) {
        return rounding.overflow(format, negative);
    }
    format.signed(negative, magnitude)
}

/// Rounds to an integral value in the same format (LOAD FP INTEGER). The sign stays, also when
/// the result is zero.
pub(in super::super) fn to_integral(format: Format, datum: u128, rounding: Rounding) -> u128 {
    if let Some(nan) = super::propagated_nan(format, &[datum]) {
        return nan;
    }
    match format.number(datum) {
        Number::Finite(value) if value.exponent < 0 => {
            let (kept, lost) = value.significand.shift_right(value.exponent.unsigned_abs());
            let integer = Finite {
                negative: value.negative,
                exponent: 0,
                significand: Wide::from(rounding.apply(kept.narrow(), lost, value.negative)),
            };
            round(format, integer, rounding)
        }
        _ => datum,
    }
}

/// Converts between formats. A NaN keeps its sign and the left part of its payload, and is
/// made quiet.
pub(in super::super) fn convert(from: Format, to: Format, datum: u128, rounding: Rounding) -> u128 {
    if let Some(nan) = super::propagated_nan(from, &[datum]) {
        let payload = nan & ((1 << from.fraction_bits) - 1);
        let aligned = match to.fraction_bits.checked_sub(from.fraction_bits) {
            Some(wider) => payload << wider,
            None => payload >> (from.fraction_bits - to.fraction_bits),
        };
        return to.infinity(from.is_negative(nan)) | aligned;
    }
    match from.number(datum) {
        Number::Infinity { negative } => to.infinity(negative),
        Number::Finite(value) => round(to, value, rounding),
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
    match format.number(to_integral(format, datum, rounding)) {
        Number::Finite(Finite { significand, .. }) if significand.is_zero() => (0, false),
        number if number.is_negative() => (0, true),
        Number::Finite(value) if value.is_below_power(bits) => {
            let shift = value.exponent.unsigned_abs();
            let integer = match value.exponent {
                0.. => value.significand.shift_left(shift),
                _ => value.significand.shift_right(shift).0,
            };
            let integer = u64::try_from(integer.narrow()).expect("below the power");
            (integer, false)
        }
        _ => (greatest, true),
    }
}

impl Finite {
    /// Whether the magnitude, not zero, is below 2 to the power `bits`.
    fn is_below_power(self, bits: u32) -> bool {
        self.exponent + self.significand.top_bit().cast_signed() < bits.cast_signed()
    }
}
