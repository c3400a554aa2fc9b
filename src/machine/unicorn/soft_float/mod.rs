//! Binary floating point in software, for the instructions that the emulator lacks.
//!
//! The host has neither a half nor an extended (128-bit) format, and no rounding modes that safe
//! code can choose, so one implementation serves all formats: a datum is taken apart ([`Number`]),
//! computed exactly (with a sticky bit where the exact result has no end), and rounded once
//! ([`round`](round::round)), which tells what IEEE 754 has flags for. The host's `f32` and `f64`
//! then judge it in the tests. What becomes of NaNs differs from ISA to ISA and is left to them.
//!
//! Source: IEEE 754-2008, chapters 3, 4 and 7.

pub mod exact;
pub mod round;
mod wide;

use std::cmp::Ordering;

use wide::Wide;

/// A binary interchange format of IEEE 754. A datum is its bits, right aligned in a `u128`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Bits of the fraction, without the hidden one.
    pub fraction_bits: u32,
    exponent_bits: u32,
}

impl Format {
    /// 16 bits.
    pub const HALF: Format = Format {
        fraction_bits: 10,
        exponent_bits: 5,
    };
    /// 32 bits.
    pub const SHORT: Format = Format {
        fraction_bits: 23,
        exponent_bits: 8,
    };
    /// 64 bits.
    pub const LONG: Format = Format {
        fraction_bits: 52,
        exponent_bits: 11,
    };
    /// 128 bits.
    pub const EXTENDED: Format = Format {
        fraction_bits: 112,
        exponent_bits: 15,
    };

    /// Width of a datum, in bits.
    pub fn bits(self) -> u32 {
        1 + self.exponent_bits + self.fraction_bits
    }

    /// The bit that tells negative data.
    pub fn sign_bit(self) -> u128 {
        1 << (self.bits() - 1)
    }

    /// Infinity of the given sign.
    pub fn infinity(self, negative: bool) -> u128 {
        let exponent = (1 << self.exponent_bits) - 1;
        self.signed(negative, exponent << self.fraction_bits)
    }

    /// Zero of the given sign.
    pub fn zero(self, negative: bool) -> u128 {
        self.signed(negative, 0)
    }

    /// A positive quiet NaN with an empty payload.
    pub fn default_nan(self) -> u128 {
        self.infinity(false) | self.quiet_bit()
    }

    /// The bit that is set in quiet NaNs.
    pub fn quiet_bit(self) -> u128 {
        1 << (self.fraction_bits - 1)
    }

    fn signed(self, negative: bool, magnitude: u128) -> u128 {
        if negative {
            magnitude | self.sign_bit()
        } else {
            magnitude
        }
    }

    /// Whether the sign bit is set.
    pub fn is_negative(self, datum: u128) -> bool {
        datum & self.sign_bit() != 0
    }

    /// All but the sign; data of one sign are ordered by it.
    pub fn magnitude(self, datum: u128) -> u128 {
        datum & (self.sign_bit() - 1)
    }

    /// Whether it is a NaN of either kind.
    pub fn is_nan(self, datum: u128) -> bool {
        self.magnitude(datum) > self.infinity(false)
    }

    /// Whether it is a signaling NaN.
    pub fn is_signaling(self, datum: u128) -> bool {
        self.is_nan(datum) && datum & self.quiet_bit() == 0
    }

    /// Exponent of the last place of subnormal data.
    pub fn least_exponent(self) -> i32 {
        let bias = (1 << (self.exponent_bits - 1)) - 1;
        1 - bias - self.fraction_bits.cast_signed()
    }

    /// Takes a datum apart that is no NaN.
    pub fn number(self, datum: u128) -> Number {
        let negative = self.is_negative(datum);
        let magnitude = self.magnitude(datum);
        if magnitude == self.infinity(false) {
            return Number::Infinity { negative };
        }
        let hidden = 1 << self.fraction_bits;
        let fraction = magnitude & (hidden - 1);
        let biased = i32::try_from(magnitude >> self.fraction_bits).expect("15 bits at most");
        let (exponent, significand) = match biased {
            0 => (self.least_exponent(), fraction),
            _ => (self.least_exponent() + biased - 1, fraction | hidden),
        };
        Number::Finite(Finite {
            negative,
            exponent,
            significand: Wide::from(significand),
        })
    }
}

/// What a datum stands for when it is no NaN.
#[derive(Clone, Copy)]
pub enum Number {
    Infinity { negative: bool },
    Finite(Finite),
}

impl Number {
    /// Its sign, also that of zero.
    pub fn is_negative(self) -> bool {
        match self {
            Number::Infinity { negative } | Number::Finite(Finite { negative, .. }) => negative,
        }
    }
}

/// `±significand * 2^exponent`, exactly. Zero keeps its sign.
#[derive(Clone, Copy)]
pub struct Finite {
    pub negative: bool,
    pub exponent: i32,
    pub significand: Wide,
}

/// How `a` compares with `b`; `None` if they are unordered. Zeros of either sign are equal.
pub fn compare(format: Format, a: u128, b: u128) -> Option<Ordering> {
    if format.is_nan(a) || format.is_nan(b) {
        return None;
    }
    Some(rank(format, a).cmp(&rank(format, b)))
}

/// An integer that orders data as their values do; a magnitude has 127 bits at most.
fn rank(format: Format, datum: u128) -> i128 {
    let magnitude = format.magnitude(datum).cast_signed();
    if format.is_negative(datum) {
        -magnitude
    } else {
        magnitude
    }
}
