//! Constants, made in one register from nothing.
//!
//! Strategy: 12 bits are one `addi`, 32 bits `lui` and `addiw`. Wider ones are made from the top:
//! the low 12 bits come last, as a signed `addi` on what is above them; the zeros at the end of
//! that are one shift. A number with zeros at its top may be shorter as one that starts with ones
//! and is shifted right.

use super::integer::{AluImm, Shift, alu_imm, lui, shift_imm};
use super::register::X;

/// The most instructions that any constant takes: `lui` and `addiw` for the upper 32 bits, and
/// for the lower ones three times 12 bits in pairs.
pub const MAX_CONSTANT_STEPS: usize = 8;

/// Instructions that leave `value` in `rd` and change nothing else.
pub fn constant(rd: X, value: i64) -> Vec<u32> {
    let mut steps = Vec::with_capacity(2);
    make(rd, value, &mut steps);
    if value > 0 && steps.len() > 2 {
        let zeros = value.leading_zeros();
        let filled = (value << zeros) | ((1 << zeros) - 1);
        for top in [filled, value << zeros] {
            let mut shorter = Vec::with_capacity(steps.len());
            make(rd, top, &mut shorter);
            shorter.extend(shift_imm(Shift::Srli, rd, rd, zeros));
            if shorter.len() < steps.len() {
                steps = shorter;
            }
        }
    }
    debug_assert!(steps.len() <= MAX_CONSTANT_STEPS);
    steps
}

fn make(rd: X, value: i64, steps: &mut Vec<u32>) {
    if let Some(word) = alu_imm(AluImm::Addi, rd, X::ZERO, value) {
        return steps.push(word);
    }
    let low = low12(value);
    let above = value.wrapping_sub(low) >> 12;
    if i32::try_from(value).is_ok() {
        // The largest numbers round up beyond 31 bits; `addiw` wraps them back.
        let upper = (above << 44) >> 44;
        steps.extend(lui(rd, upper));
        if low != 0 {
            steps.extend(alu_imm(AluImm::Addiw, rd, rd, low));
        }
        return;
    }
    let zeros = above.trailing_zeros();
    make(rd, above >> zeros, steps);
    steps.extend(shift_imm(Shift::Slli, rd, rd, zeros + 12));
    if low != 0 {
        steps.extend(alu_imm(AluImm::Addi, rd, rd, low));
    }
}

/// The low 12 bits as a signed number.
fn low12(value: i64) -> i64 {
    (value << 52) >> 52
}
