//! Binary floating point by the rules of z/Architecture, on [`soft_float`](super::super::soft_float).
//!
//! Out of scope: FPC flags and traps. Cranelift neither reads the flags nor enables a trap, and
//! leaves the FPC's rounding mode as the ABI has it, round to nearest with ties to even.
//!
//! Source: z/Architecture Principles of Operation (SA22-7832), chapters 9 and 19.

pub(super) mod arithmetic;
pub(super) mod compare;
pub(super) mod convert;

pub(super) use super::super::soft_float::round::Rounding;
pub(super) use super::super::soft_float::{Format, compare as order};

/// Decodes a rounding-mode field; `None` for reserved values.
///
/// Mode 0 means what the FPC says, which is `NearestEven` as long as nobody changes it.
pub(super) fn rounding_mode(mask: u8) -> Option<Rounding> {
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
