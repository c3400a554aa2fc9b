//! One instruction that does nothing, of every length that an instruction can have.
//!
//! To 9 bytes: Intel's manual, volume 2, NOP, table 4-12. Beyond, `66` prefixes in front of the
//! longest: they change nothing and an instruction may have as many as fit 15 bytes. AMD's
//! optimisation guides recommend to 11 bytes; some cores take longer from the fourth prefix on,
//! which still is less than another instruction.

/// The longest.
pub const LONGEST: usize = 15;

const USUAL: [&[u8]; 9] = [
    &[0x90],
    &[0x66, 0x90],
    &[0x0f, 0x1f, 0x00],
    &[0x0f, 0x1f, 0x40, 0],
    &[0x0f, 0x1f, 0x44, 0, 0],
    &[0x66, 0x0f, 0x1f, 0x44, 0, 0],
    &[0x0f, 0x1f, 0x80, 0, 0, 0, 0],
    &[0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0],
    &[0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0],
];

/// The instruction of `len` bytes; `None` of none and beyond [`LONGEST`].
pub fn nop(len: usize) -> Option<Vec<u8>> {
    if !(1..=LONGEST).contains(&len) {
        return None;
    }
    let usual = USUAL[len.min(USUAL.len()) - 1];
    let mut bytes = vec![0x66; len - usual.len()];
    bytes.extend(usual);
    Some(bytes)
}
