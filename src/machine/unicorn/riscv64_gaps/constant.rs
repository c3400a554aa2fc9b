//! The constants of FLI.
//!
//! Source: RISC-V Instruction Set Manual, volume I, chapter "Zfa", "Immediate loads".

use super::super::soft_float::round::{Rounding, round};
use super::super::soft_float::{Finite, Format};

/// Constants 2 to 29 as a factor and a power of two.
const FROM_2: [(u64, i32); 28] = [
    (1, -16),
    (1, -15),
    (1, -8),
    (1, -7),
    (1, -4),
    (1, -3),
    (4, -4),
    (5, -4),
    (6, -4),
    (7, -4),
    (4, -3),
    (5, -3),
    (6, -3),
    (7, -3),
    (4, -2),
    (5, -2),
    (6, -2),
    (7, -2),
    (4, -1),
    (5, -1),
    (3, 0),
    (4, 0),
    (8, 0),
    (16, 0),
    (1, 7),
    (1, 8),
    (1, 15),
    (1, 16),
];

/// Constant `number`, 0 to 31. What a format has not is what rounding makes of it.
pub fn constant(format: Format, number: u32) -> u128 {
    let nearest = |negative, factor, exponent| {
        let value = Finite {
            exponent,
            ..Finite::from_integer(negative, factor)
        };
        round(format, value, Rounding::NearestEven).datum
    };
    match number {
        0 => nearest(true, 1, 0),
        1 => 1 << format.fraction_bits,
        30 => format.infinity(false),
        31 => format.default_nan(),
        _ => {
            let (factor, exponent) = FROM_2[usize::try_from(number).expect("five bits") - 2];
            nearest(false, factor, exponent)
        }
    }
}
