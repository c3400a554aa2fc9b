//! A 256-bit unsigned integer: room for the exact product of two extended significands.

use std::cmp::Ordering;

/// `high * 2^128 + low`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wide {
    high: u128,
    low: u128,
}

impl From<u128> for Wide {
    fn from(low: u128) -> Self {
        Wide { high: 0, low }
    }
}

impl Wide {
    /// The exact product.
    pub fn product(a: u128, b: u128) -> Self {
        let half = |x: u128| (x >> 64, x & u128::from(u64::MAX));
        let ((a1, a0), (b1, b0)) = (half(a), half(b));
        let low = a0 * b0;
        let (middle, carry) = (a1 * b0).overflowing_add(a0 * b1);
        let (low, carry_low) = low.overflowing_add(middle << 64);
        let high = a1 * b1 + (middle >> 64) + (u128::from(carry) << 64) + u128::from(carry_low);
        Wide { high, low }
    }

    pub fn is_zero(self) -> bool {
        self.high == 0 && self.low == 0
    }

    /// Number of the leftmost one, counted from 0 at the right; the value must not be zero.
    pub fn top_bit(self) -> u32 {
        match self.high {
            0 => 127 - self.low.leading_zeros(),
            high => 255 - high.leading_zeros(),
        }
    }

    /// Shifts left; ones must not leave at the left.
    pub fn shift_left(self, by: u32) -> Self {
        match by {
            0 => self,
            1..128 => Wide {
                high: self.high << by | self.low >> (128 - by),
                low: self.low << by,
            },
            _ => Wide {
                high: self.low << (by - 128),
                low: 0,
            },
        }
    }

    /// Shifts right, and tells whether ones were lost and how they compare with half a unit.
    pub fn shift_right(self, by: u32) -> (Self, Lost) {
        let kept = match by {
            0 => self,
            1..128 => Wide {
                high: self.high >> by,
                low: self.low >> by | self.high << (128 - by),
            },
            128..256 => Wide::from(self.high >> (by - 128)),
            _ => Wide::default(),
        };
        (kept, self.lost_by(by))
    }

    fn lost_by(self, by: u32) -> Lost {
        if self.is_zero() || by <= self.trailing_zeros() {
            return Lost::Nothing;
        }
        match (self.top_bit_below(by), self.trailing_zeros()) {
            (Some(top), tail) if top + 1 == by && tail == top => Lost::Half,
            (Some(top), _) if top + 1 == by => Lost::MoreThanHalf,
            _ => Lost::LessThanHalf,
        }
    }

    fn trailing_zeros(self) -> u32 {
        match self.low {
            0 => 128 + self.high.trailing_zeros(),
            low => low.trailing_zeros(),
        }
    }

    /// Number of the leftmost one among the bits right of bit `limit`.
    fn top_bit_below(self, limit: u32) -> Option<u32> {
        let below = |word: u128, bits: u32| match bits {
            0 => 0,
            1..128 => word & ((1 << bits) - 1),
            _ => word,
        };
        let part = Wide {
            high: below(self.high, limit.saturating_sub(128)),
            low: below(self.low, limit),
        };
        (!part.is_zero()).then(|| part.top_bit())
    }

    /// Shifts right and ors what is lost into bit 0, so that the value still compares the
    /// same way with any multiple of 2.
    pub fn shift_right_sticky(self, by: u32) -> Self {
        let (kept, lost) = self.shift_right(by);
        match lost {
            Lost::Nothing => kept,
            _ => kept.with_sticky_bit(),
        }
    }

    /// The same with bit 0 set.
    pub fn with_sticky_bit(self) -> Self {
        Wide {
            low: self.low | 1,
            ..self
        }
    }

    /// The sum, which must fit.
    pub fn plus(self, other: Self) -> Self {
        let (low, carry) = self.low.overflowing_add(other.low);
        Wide {
            high: self.high + other.high + u128::from(carry),
            low,
        }
    }

    /// The absolute difference, and which of the two is greater.
    pub fn difference(self, other: Self) -> (Self, Ordering) {
        let order = self.cmp(&other);
        let (a, b) = if order.is_lt() {
            (other, self)
        } else {
            (self, other)
        };
        let (low, borrow) = a.low.overflowing_sub(b.low);
        let high = a.high - b.high - u128::from(borrow);
        (Wide { high, low }, order)
    }

    /// The low 128 bits; the rest must be zero.
    pub fn narrow(self) -> u128 {
        debug_assert_eq!(self.high, 0, "a rounded significand is narrow");
        self.low
    }
}

/// What a right shift lost, in units of the last place that it kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    Nothing,
    LessThanHalf,
    Half,
    MoreThanHalf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_of_the_greatest_factors_is_exact() {
        // (2^128 - 1)^2 = 2^256 - 2^129 + 1
        let product = Wide::product(u128::MAX, u128::MAX);
        assert_eq!(
            product,
            Wide {
                high: u128::MAX - 1,
                low: 1
            }
        );
    }

    #[test]
    fn a_right_shift_tells_what_it_lost() {
        let one_and = |low| Wide { high: 1, low };
        assert_eq!(one_and(0).shift_right(128).1, Lost::Nothing);
        assert_eq!(one_and(1).shift_right(128).1, Lost::LessThanHalf);
        assert_eq!(
            one_and(1 << 127).shift_right(128),
            (Wide::from(1), Lost::Half)
        );
        assert_eq!(one_and(1 << 127 | 1).shift_right(128).1, Lost::MoreThanHalf);
        assert_eq!(one_and(0).shift_right(129).1, Lost::Half);
        assert_eq!(one_and(0).shift_right(130).1, Lost::LessThanHalf);
        assert_eq!(
            one_and(5).shift_right(400),
            (Wide::default(), Lost::LessThanHalf)
        );
        assert_eq!(
            Wide {
                high: 1 << 127,
                low: 0
            }
            .shift_right(256)
            .1,
            Lost::Half
        );
    }
}
