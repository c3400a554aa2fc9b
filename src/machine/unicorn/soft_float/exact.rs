//! Sum, product, quotient and root, exact but for a sticky bit where the exact result has no end.
//! `None` is an invalid operation; what comes of NaNs is the ISA's to say.

use super::round::Rounding;
use super::wide::Wide;
use super::{Finite, Number};

/// `a + b`. The rounding mode that follows decides the sign of an exact zero (IEEE 754, 6.3).
pub fn sum(a: Number, b: Number, rounding: Rounding) -> Option<Number> {
    match (a, b) {
        (Number::Infinity { negative: x }, Number::Infinity { negative: y }) if x != y => None,
        (Number::Infinity { .. }, _) => Some(a),
        (_, Number::Infinity { .. }) => Some(b),
        (Number::Finite(x), Number::Finite(y)) => Some(Number::Finite(finite_sum(x, y, rounding))),
    }
}

fn finite_sum(a: Finite, b: Finite, rounding: Rounding) -> Finite {
    let minus_zero = rounding == Rounding::Down;
    if a.significand.is_zero() || b.significand.is_zero() {
        return sum_with_zero(a, b, minus_zero);
    }
    let (a, b) = (a.normalized(), b.normalized());
    let (high, low) = if a.exponent >= b.exponent {
        (a, b)
    } else {
        (b, a)
    };
    // `high` has at least 28 zeros at its right end (a product has 226 bits of 254). If the
    // shift loses ones at all it is longer than that, so that no more than one bit cancels,
    // and the sticky bit stays far right of the last place of any format.
    let shift = (high.exponent - low.exponent).unsigned_abs();
    let aligned = low.significand.shift_right_sticky(shift);
    if high.negative == low.negative {
        let significand = high.significand.plus(aligned);
        return Finite {
            significand,
            ..high
        };
    }
    let (significand, order) = high.significand.difference(aligned);
    let negative = match order {
        std::cmp::Ordering::Greater => high.negative,
        std::cmp::Ordering::Less => low.negative,
        // An exact difference of zero is plus zero, except when rounding down.
        std::cmp::Ordering::Equal => minus_zero,
    };
    Finite {
        negative,
        exponent: high.exponent,
        significand,
    }
}

fn sum_with_zero(a: Finite, b: Finite, minus_zero: bool) -> Finite {
    match (a.significand.is_zero(), b.significand.is_zero()) {
        (true, true) if a.negative == b.negative => a,
        (true, true) => Finite {
            negative: minus_zero,
            ..a
        },
        (true, false) => b,
        _ => a,
    }
}

impl Finite {
    /// The same value with the leftmost one at bit 253: a sum still fits, and most of the
    /// width is left for what alignment shifts right.
    fn normalized(self) -> Self {
        let shift = 253 - self.significand.top_bit();
        Finite {
            exponent: self.exponent - shift.cast_signed(),
            significand: self.significand.shift_left(shift),
            ..self
        }
    }

    /// The significand of a datum, with its leftmost one at bit 112, and its exponent.
    fn normalized_narrow(self) -> (u128, i32) {
        let shift = 112 - self.significand.top_bit();
        let significand = self.significand.shift_left(shift).narrow();
        (significand, self.exponent - shift.cast_signed())
    }
}

/// `a * b`; invalid for infinity times zero.
pub fn product(a: Number, b: Number) -> Option<Number> {
    let negative = a.is_negative() != b.is_negative();
    match (a, b) {
        (Number::Finite(x), Number::Finite(y)) => Some(Number::Finite(Finite {
            negative,
            exponent: x.exponent + y.exponent,
            significand: Wide::product(x.significand.narrow(), y.significand.narrow()),
        })),
        (Number::Finite(zero), _) | (_, Number::Finite(zero)) if zero.significand.is_zero() => None,
        _ => Some(Number::Infinity { negative }),
    }
}

/// `a / b`; invalid for infinity by infinity and zero by zero.
pub fn quotient(a: Number, b: Number) -> Option<Number> {
    let negative = a.is_negative() != b.is_negative();
    let zero = Finite {
        negative,
        exponent: 0,
        significand: Wide::default(),
    };
    match (a, b) {
        (Number::Infinity { .. }, Number::Infinity { .. }) => None,
        (Number::Infinity { .. }, _) => Some(Number::Infinity { negative }),
        (_, Number::Infinity { .. }) => Some(Number::Finite(zero)),
        (Number::Finite(x), Number::Finite(y)) => {
            match (x.significand.is_zero(), y.significand.is_zero()) {
                (true, true) => None,
                (true, false) => Some(Number::Finite(zero)),
                (false, true) => Some(Number::Infinity { negative }),
                (false, false) => Some(Number::Finite(finite_quotient(negative, x, y))),
            }
        }
    }
}

/// Long division, a bit at a time, to two bits more than the longest significand has; what
/// remains goes into the sticky bit.
fn finite_quotient(negative: bool, a: Finite, b: Finite) -> Finite {
    const BITS: i32 = 116;
    let (mut remainder, exponent_a) = a.normalized_narrow();
    let (divisor, exponent_b) = b.normalized_narrow();
    let mut quotient = 0_u128;
    for _ in 0..BITS {
        quotient <<= 1;
        if remainder >= divisor {
            remainder -= divisor;
            quotient |= 1;
        }
        remainder <<= 1;
    }
    Finite {
        negative,
        // The sticky bit takes one more place.
        exponent: exponent_a - exponent_b - (BITS - 1) - 1,
        significand: with_sticky(quotient, remainder),
    }
}

/// The square root; of minus zero, minus zero; invalid for anything else below zero.
pub fn root(a: Number) -> Option<Number> {
    match a {
        Number::Finite(value) if value.significand.is_zero() => Some(a),
        _ if a.is_negative() => None,
        Number::Infinity { .. } => Some(a),
        Number::Finite(value) => Some(Number::Finite(finite_root(value))),
    }
}

/// The square root by digits: two bits of the radicand give one of the root.
fn finite_root(value: Finite) -> Finite {
    const BITS: i32 = 116;
    let (significand, exponent) = value.normalized_narrow();
    // An even exponent and 114 bits of radicand; zeros follow them for ever.
    let odd = exponent.rem_euclid(2);
    let radicand = significand << odd;
    let (mut root, mut remainder) = (0_u128, 0_u128);
    for step in 0..BITS {
        let place = 112 - 2 * step;
        let digits = if place >= 0 { radicand >> place & 3 } else { 0 };
        remainder = remainder << 2 | digits;
        let trial = root << 2 | 1;
        root <<= 1;
        if remainder >= trial {
            remainder -= trial;
            root |= 1;
        }
    }
    // 57 steps consume the radicand; each later one adds a binary place to the root.
    Finite {
        negative: false,
        // The sticky bit takes one more.
        exponent: (exponent - odd) / 2 - (BITS - 57) - 1,
        significand: with_sticky(root, remainder),
    }
}

fn with_sticky(significand: u128, remainder: u128) -> Wide {
    let exact = Wide::from(significand).shift_left(1);
    if remainder == 0 {
        exact
    } else {
        exact.with_sticky_bit()
    }
}
