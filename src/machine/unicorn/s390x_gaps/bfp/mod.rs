//! Binary floating point in software, in the formats and by the rules of z/Architecture.
//!
//! The extended (128-bit) format has no counterpart on the host, and the others need rounding
//! modes that the host has not, so one implementation serves all three: a datum is taken apart
//! ([`Number`]), computed exactly (with a sticky bit where the exact result has no end), and
//! rounded once ([`round`](round::round)). The host's `f32` and `f64` then judge it in the tests.
//!
//! Out of scope: FPC flags and traps. Cranelift neither reads the flags nor enables a trap, and
//! leaves the FPC's rounding mode as the ABI has it, round to nearest with ties to even.
//!
//! Source: z/Architecture Principles of Operation (SA22-7832), chapters 9 and 19.

pub(super) mod arithmetic;
pub(super) mod compare;
pub(super) mod round;
mod wide;

use wide::Wide;

/// A BFP data format. A datum is its bits, right aligned in a `u128`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    fraction_bits: u32,
    exponent_bits: u32,
}

impl Format {
    /// 32 bits.
    pub(super) const SHORT: Format = Format {
        fraction_bits: 23,
        exponent_bits: 8,
    };
    /// 64 bits.
    pub(super) const LONG: Format = Format {
        fraction_bits: 52,
        exponent_bits: 11,
    };
    /// 128 bits.
    pub(super) const EXTENDED: Format = Format {
        fraction_bits: 112,
        exponent_bits: 15,
    };

    /// Width of a datum, in bits.
    pub(super) fn bits(self) -> u32 {
        1 + self.exponent_bits + self.fraction_bits
    }

    /// The bit that tells negative data.
    pub(super) fn sign_bit(self) -> u128 {
        1 << (self.bits() - 1)
    }

    /// Infinity of the given sign.
    fn infinity(self, negative: bool) -> u128 {
        let exponent = (1 << self.exponent_bits) - 1;
        self.signed(negative, exponent << self.fraction_bits)
    }

    /// Zero of the given sign.
    fn zero(self, negative: bool) -> u128 {
        self.signed(negative, 0)
    }

    /// What an invalid operation yields: a positive quiet NaN with an empty payload.
    fn default_nan(self) -> u128 {
        self.infinity(false) | self.quiet_bit()
    }

    fn quiet_bit(self) -> u128 {
        1 << (self.fraction_bits - 1)
    }

    fn signed(self, negative: bool, magnitude: u128) -> u128 {
        if negative {
            magnitude | self.sign_bit()
        } else {
            magnitude
        }
    }

    fn is_negative(self, datum: u128) -> bool {
        datum & self.sign_bit() != 0
    }

    fn magnitude(self, datum: u128) -> u128 {
        datum & (self.sign_bit() - 1)
    }

    fn is_nan(self, datum: u128) -> bool {
        self.magnitude(datum) > self.infinity(false)
    }

    fn is_signaling(self, datum: u128) -> bool {
        self.is_nan(datum) && datum & self.quiet_bit() == 0
    }

    /// Exponent of the last place of subnormal data.
    fn least_exponent(self) -> i32 {
        let bias = (1 << (self.exponent_bits - 1)) - 1;
        1 - bias - self.fraction_bits.cast_signed()
    }

    /// Takes a datum apart that is no NaN.
    fn number(self, datum: u128) -> Number {
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
enum Number {
    Infinity { negative: bool },
    Finite(Finite),
}

impl Number {
    fn is_negative(self) -> bool {
        match self {
            Number::Infinity { negative } | Number::Finite(Finite { negative, .. }) => negative,
        }
    }
}

/// `±significand * 2^exponent`, exactly. Zero keeps its sign.
#[derive(Clone, Copy)]
struct Finite {
    negative: bool,
    exponent: i32,
    significand: Wide,
}

/// The NaN that an operation on `operands` yields, if one of them is a NaN: the first signaling
/// one, made quiet, or else the first quiet one (PoP chapter 19, "T*" and "T" in the figures of
/// results).
fn propagated_nan(format: Format, operands: &[u128]) -> Option<u128> {
    let first = |wanted: fn(Format, u128) -> bool| {
        operands
            .iter()
            .find(|&&datum| wanted(format, datum))
            .copied()
    };
    let nan = first(Format::is_signaling).or_else(|| first(Format::is_nan))?;
    Some(nan | format.quiet_bit())
}
