//! Rounding: to a format, with what IEEE 754 has flags for, and to an integer.

use super::wide::{Lost, Wide};
use super::{Finite, Format};

/// How an inexact result is rounded (IEEE 754, 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To nearest, ties to even.
    NearestEven,
    /// To nearest, ties away from zero.
    NearestAway,
    /// To prepare for shorter precision: an inexact result gets an odd last digit, so that
    /// rounding it again to fewer digits rounds as once. z/Architecture's own.
    Odd,
    /// Toward zero.
    Zero,
    /// Toward plus infinity.
    Up,
    /// Toward minus infinity.
    Down,
}

/// A result in its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounded {
    pub datum: u128,
    pub inexact: bool,
    /// Too great for the format.
    pub overflow: bool,
    /// Inexact and tiny: below the least normal number also if the exponent had no limit
    /// ("tininess after rounding"; IEEE 754, 7.5).
    pub underflow: bool,
}

impl Rounded {
    /// A result that lost nothing.
    pub fn exact(datum: u128) -> Rounded {
        Rounded {
            datum,
            inexact: false,
            overflow: false,
            underflow: false,
        }
    }
}

impl Rounding {
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
pub fn round(format: Format, value: Finite, rounding: Rounding) -> Rounded {
    let negative = value.negative;
    if value.significand.is_zero() {
        return Rounded::exact(format.zero(negative));
    }
    let top = value.exponent + value.significand.top_bit().cast_signed();
    let full = top - format.fraction_bits.cast_signed();
    let last_place = full.max(format.least_exponent());
    let (rounded, lost) = at_place(value, last_place, rounding);
    // The hidden bit adds one to the exponent field: a subnormal that rounds up to a normal
    // number, and a carry into the next power of two, come out right by themselves.
    let steps = u128::from((last_place - format.least_exponent()).unsigned_abs());
    let magnitude = (steps << format.fraction_bits) + rounded;
    if magnitude >= format.infinity(false) {
        return Rounded {
            datum: rounding.overflow(format, negative),
            inexact: true,
            overflow: true,
            underflow: false,
        };
    }
    let inexact = lost != Lost::Nothing;
    Rounded {
        datum: if negative {
            magnitude | format.sign_bit()
        } else {
            magnitude
        },
        inexact,
        overflow: false,
        underflow: inexact && is_tiny(format, value, full, rounding),
    }
}

/// Whether `value`, rounded in full precision (with `full` as the exponent of its last place), is
/// below the least normal number.
fn is_tiny(format: Format, value: Finite, full: i32, rounding: Rounding) -> bool {
    match full - format.least_exponent() {
        0.. => false,
        // A carry makes it the least normal number.
        -1 => at_place(value, full, rounding).0 < 2 << format.fraction_bits,
        _ => true,
    }
}

/// The magnitude in units of `2^place`, and what was cut off.
fn at_place(value: Finite, place: i32, rounding: Rounding) -> (u128, Lost) {
    let shift = place - value.exponent;
    let (kept, lost) = if shift > 0 {
        value.significand.shift_right(shift.unsigned_abs())
    } else {
        let shifted = value.significand.shift_left(shift.unsigned_abs());
        (shifted, Lost::Nothing)
    };
    (rounding.apply(kept.narrow(), lost, value.negative), lost)
}

/// The nearest integral value in the sense of `rounding`, with the sign of `value`, and whether it
/// is another one.
pub fn integral(value: Finite, rounding: Rounding) -> (Finite, bool) {
    if value.exponent >= 0 {
        return (value, false);
    }
    let (magnitude, lost) = at_place(value, 0, rounding);
    let integer = Finite {
        negative: value.negative,
        exponent: 0,
        significand: Wide::from(magnitude),
    };
    (integer, lost != Lost::Nothing)
}

impl Finite {
    /// The magnitude of an integral value below 2 to the power `bits`, 64 at most.
    pub fn magnitude_below(self, bits: u32) -> Option<u64> {
        if self.significand.is_zero() {
            return Some(0);
        }
        let top = self.exponent + self.significand.top_bit().cast_signed();
        if top >= bits.cast_signed() {
            return None;
        }
        let shift = self.exponent.unsigned_abs();
        let integer = match self.exponent {
            0.. => self.significand.shift_left(shift),
            _ => self.significand.shift_right(shift).0,
        };
        u64::try_from(integer.narrow()).ok()
    }

    /// An integer.
    pub fn from_integer(negative: bool, magnitude: u64) -> Finite {
        Finite {
            negative,
            exponent: 0,
            significand: Wide::from(u128::from(magnitude)),
        }
    }
}
