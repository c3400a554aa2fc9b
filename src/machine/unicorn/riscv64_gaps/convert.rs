//! Conversions: between formats, to integral values, from and to integers.
//!
//! Source: RISC-V Instruction Set Manual, volume I, chapters "F" ("Single-Precision Floating-Point
//! Conversion and Move Instructions") and "Zfa" ("Round-to-Integer Instructions", "Modular
//! Convert-to-Integer Instruction").

use super::super::soft_float::round::{Rounding, integral, round};
use super::super::soft_float::{Finite, Format, Number};
use super::arithmetic::{Flagged, INEXACT, INVALID, nan, quiet, rounded};

/// An integer as the second source field has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integer {
    bits: u32,
    is_signed: bool,
}

impl Integer {
    /// W, WU, L or LU; `None` for what there is not.
    pub fn decode(field: u32) -> Option<Integer> {
        (field < 4).then_some(Integer {
            bits: if field < 2 { 32 } else { 64 },
            is_signed: field.is_multiple_of(2),
        })
    }

    /// The integer in a register.
    fn read(self, register: u64) -> Finite {
        let free = 64 - self.bits;
        if !self.is_signed {
            return Finite::from_integer(false, register << free >> free);
        }
        let value = (register << free).cast_signed() >> free;
        Finite::from_integer(value < 0, value.unsigned_abs())
    }

    /// A register with it: 32 bits are sign-extended, unsigned ones too.
    fn write(self, negative: bool, magnitude: u64) -> u64 {
        let value = if negative {
            magnitude.wrapping_neg()
        } else {
            magnitude
        };
        let free = 64 - self.bits;
        ((value << free).cast_signed() >> free).cast_unsigned()
    }

    /// The greatest magnitude of that sign.
    fn limit(self, negative: bool) -> u64 {
        match (self.is_signed, negative) {
            (true, true) => 1 << (self.bits - 1),
            (true, false) => (1 << (self.bits - 1)) - 1,
            (false, true) => 0,
            (false, false) => u64::MAX >> (64 - self.bits),
        }
    }
}

/// FCVT between formats.
pub fn between(from: Format, to: Format, a: u128, rounding: Rounding) -> Flagged<u128> {
    match nan(from, &[a]) {
        Some(Flagged { flags, .. }) => Flagged {
            value: to.default_nan(),
            flags,
        },
        None => rounded(to, Some(from.number(a)), rounding),
    }
}

/// FROUND, and FROUNDNX if an inexact result `tells`.
pub fn to_integral(format: Format, a: u128, rounding: Rounding, tells: bool) -> Flagged<u128> {
    nan(format, &[a]).unwrap_or_else(|| match format.number(a) {
        Number::Infinity { .. } => quiet(a),
        Number::Finite(value) => {
            let (integer, is_inexact) = integral(value, rounding);
            Flagged {
                value: round(format, integer, rounding).datum,
                flags: if is_inexact && tells { INEXACT } else { 0 },
            }
        }
    })
}

/// FCVT to an integer: out of range gives the nearest one, a NaN the greatest.
pub fn to_integer(format: Format, a: u128, rounding: Rounding, to: Integer) -> Flagged<u64> {
    let saturated = |negative| Flagged {
        value: to.write(negative, to.limit(negative)),
        flags: INVALID,
    };
    if format.is_nan(a) {
        return saturated(false);
    }
    let value = match format.number(a) {
        Number::Infinity { negative } => return saturated(negative),
        Number::Finite(value) => value,
    };
    let (integer, is_inexact) = integral(value, rounding);
    let magnitude = integer.magnitude_below(64);
    match magnitude.filter(|magnitude| *magnitude <= to.limit(value.negative)) {
        None => saturated(value.negative),
        Some(magnitude) => Flagged {
            value: to.write(value.negative, magnitude),
            flags: if is_inexact { INEXACT } else { 0 },
        },
    }
}

/// FCVT from an integer.
pub fn from_integer(format: Format, a: u64, rounding: Rounding, from: Integer) -> Flagged<u128> {
    rounded(format, Some(Number::Finite(from.read(a))), rounding)
}

/// FCVTMOD.W: truncated, modulo 2 to the power 32, sign-extended; zero for what is not finite.
/// Flags are those of FCVT.W.
pub fn modular(format: Format, a: u128) -> Flagged<u64> {
    let word = Integer {
        bits: 32,
        is_signed: true,
    };
    let Flagged { flags, .. } = to_integer(format, a, Rounding::Zero, word);
    let value = match finite(format, a).map(|value| integral(value, Rounding::Zero).0) {
        None => 0,
        Some(integer) if integer.exponent >= 32 => 0,
        Some(integer) => {
            let magnitude = integer.significand.narrow() << integer.exponent;
            let low = u64::try_from(magnitude & 0xffff_ffff).expect("masked to 32 bits");
            word.write(integer.negative, low)
        }
    };
    Flagged { value, flags }
}

fn finite(format: Format, a: u128) -> Option<Finite> {
    if format.is_nan(a) {
        return None;
    }
    match format.number(a) {
        Number::Infinity { .. } => None,
        Number::Finite(value) => Some(value),
    }
}
