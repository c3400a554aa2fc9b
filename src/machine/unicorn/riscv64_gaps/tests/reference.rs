//! Rounding to a half by search: every finite half is an integer in units of 2^-24, an exact
//! result is known by how it compares with integers, and the right half is looked for among all.

use std::cmp::Ordering;

/// Units of 2^-24 of a finite half.
pub fn units(half: u16) -> i128 {
    let (exponent, fraction) = (half >> 10 & 31, i128::from(half & 0x3ff));
    assert_ne!(exponent, 31, "finite");
    let magnitude = match exponent {
        0 => fraction,
        _ => (fraction + 0x400) << (exponent - 1),
    };
    if half >> 15 == 1 {
        -magnitude
    } else {
        magnitude
    }
}

/// The greatest finite half.
const GREATEST: u16 = 0x7bff;

/// Rounds an exact result that is not zero: the half and the flags (overflow 4, underflow 2,
/// inexact 1). `versus` compares a multiple of 2^-27 with its magnitude.
pub fn rounded(negative: bool, mode: u32, versus: impl Fn(i128) -> Ordering) -> (u16, u32) {
    let at = |half: u16| versus(units(half) * 8);
    // The greatest half that is not above: at most all of them by bisection.
    let (mut low, mut high) = (0, GREATEST + 1);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if at(middle) == Ordering::Greater {
            high = middle;
        } else {
            low = middle;
        }
    }
    let sign = if negative { 0x8000 } else { 0 };
    if at(low) == Ordering::Equal {
        return (low | sign, 0);
    }
    // Behind the greatest half follows what would be 2^16, 32 above.
    let step = if low == GREATEST {
        32 << 24
    } else {
        units(low + 1) - units(low)
    };
    let middle = units(low) * 8 + step * 4;
    let up = match (mode, versus(middle)) {
        (0, Ordering::Equal) => low % 2 == 1,
        (4, Ordering::Equal) => true,
        (0 | 4, ordering) => ordering == Ordering::Less,
        (1, _) => false,
        (2, _) => negative,
        _ => !negative,
    };
    let half = if up { low + 1 } else { low };
    // Overflow is told by the result without a limit of the exponent.
    let beyond = low == GREATEST && (up || versus((units(low) + step) * 8) != Ordering::Greater);
    let flags = if beyond {
        5
    } else if is_tiny(negative, mode, &versus) {
        3
    } else {
        1
    };
    (half | sign, flags)
}

/// Whether rounding to eleven bits, whatever the exponent, stays below 2^-14: that is 8192 in units
/// of 2^-27, and the numbers below it are 4 apart.
fn is_tiny(negative: bool, mode: u32, versus: &impl Fn(i128) -> Ordering) -> bool {
    let is_above = |limit| versus(limit) == Ordering::Less;
    let reaches = match mode {
        // From the middle on, which is a tie that goes to the even 8192.
        0 | 4 => versus(8190) != Ordering::Greater,
        1 => false,
        2 => negative && is_above(8188),
        _ => !negative && is_above(8188),
    };
    versus(8192) == Ordering::Greater && !reaches
}
