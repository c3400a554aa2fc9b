//! Everything but arithmetic: rows of an encoding, its operands, and what the manual's definitions
//! give for them, worked by hand.

mod compare;
mod convert;
mod encodings;
mod zfa;

use unicorn_engine::RegisterRISCV as R;

use super::Hart;

/// A single as a register holds it.
fn single(value: f32) -> u64 {
    0xffff_ffff_0000_0000 | u64::from(value.to_bits())
}

fn double(value: f64) -> u64 {
    value.to_bits()
}

const NAN: u64 = 0xffff_ffff_ffff_7e00;
/// A signaling NaN.
const SIGNALING: u64 = 0xffff_ffff_ffff_7d00;
const ONE: u64 = 0xffff_ffff_ffff_3c00;
const INFINITY: u64 = 0xffff_ffff_ffff_7c00;
const MINUS_INFINITY: u64 = 0xffff_ffff_ffff_fc00;
const MINUS_ZERO: u64 = 0xffff_ffff_ffff_8000;
const ZERO: u64 = 0xffff_ffff_ffff_0000;

/// Runs each row: `word` with `fa1` and `fa2`, what is then in `result`, and the flags.
#[track_caller]
fn check(result: R, word: u32, rows: &[([u64; 2], u64, u64)]) {
    let mut hart = Hart::new();
    for &([a, b], expected, flags) in rows {
        hart.set(R::F11, a);
        hart.set(R::F12, b);
        hart.set(R::X10, 0x5555);
        hart.set(R::F10, 0x5555);
        hart.set(R::FCSR, 0);
        hart.execute(word);
        let seen = (hart.get(result), hart.get(R::FCSR));
        assert_eq!(
            seen,
            (expected, flags),
            "{word:#x} of {a:#x}, {b:#x}: {:#x}",
            seen.0
        );
    }
}

#[track_caller]
fn floats(word: u32, rows: &[([u64; 2], u64, u64)]) {
    check(R::F10, word, rows);
}

#[track_caller]
fn integers(word: u32, rows: &[([u64; 2], u64, u64)]) {
    check(R::X10, word, rows);
}

/// Rows of one operand.
fn one<const N: usize>(rows: [(u64, u64, u64); N]) -> [([u64; 2], u64, u64); N] {
    rows.map(|(a, expected, flags)| ([a, 0], expected, flags))
}
