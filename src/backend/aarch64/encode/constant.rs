//! Constants in integer registers, in as few instructions as moves of 16 bits and patterns of
//! bits give.

use super::{LogicImm, MoveWide, Reg, Size, logic_imm, move_wide};

/// Instructions that set `rd` to `value`: one to four. `rd` must be no stack pointer.
pub fn constant(rd: Reg, value: u64) -> Vec<u32> {
    let size = if value >> 32 == 0 { Size::W } else { Size::X };
    let others = |parts: &[(u8, u16)], common: u16| {
        let differing = parts.iter().filter(|(_, part)| *part != common);
        differing.copied().collect::<Vec<_>>()
    };
    let parts = parts(size, value);
    let (over_zeros, over_ones) = (others(&parts, 0), others(&parts, 0xffff));
    let invert = over_ones.len() < over_zeros.len();
    let (differing, first_op) = match invert {
        true => (over_ones, MoveWide::MOVN),
        false => (over_zeros, MoveWide::MOVZ),
    };
    if differing.len() > 1
        && let Some(word) = logic_imm(LogicImm::ORR, size, rd, Reg::ZR, value)
    {
        return vec![word];
    }
    let mut rest = differing.into_iter();
    let (shift, part) = rest.next().unwrap_or((0, if invert { 0xffff } else { 0 }));
    let first = if invert { !part } else { part };
    let word = |op, part, shift| {
        move_wide(op, size, rd, part, shift).expect("the shift is below the size")
    };
    let mut words = vec![word(first_op, first, shift)];
    words.extend(rest.map(|(shift, part)| word(MoveWide::MOVK, part, shift)));
    words
}

/// The value's 16-bit parts with their places, from the lowest.
fn parts(size: Size, value: u64) -> Vec<(u8, u16)> {
    let places = (0..size.bits()).step_by(16);
    let part = |place: u8| u16::try_from(value >> place & 0xffff).expect("16 bits are left");
    places.map(|place| (place, part(place))).collect()
}
