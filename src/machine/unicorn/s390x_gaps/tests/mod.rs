//! Judges of the gaps: the emulator says what it does not know, the host's floating point and
//! the emulator's register-pair instructions compute the same in other ways, and literals come
//! from the manual's definitions worked by hand.

mod emulator;
mod enabled;
mod encodings;
mod extended;
mod general;
mod host_floats;
mod miscomputed;
mod registers;
mod resumption;
mod unknown;
mod vector_floats;
mod wider;

use registers::State;

/// The bytes of an instruction written as a number, as in `0xb9fd3012`.
fn bytes(text: u64) -> Vec<u8> {
    let bytes = text.to_be_bytes();
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    bytes[zeros..].to_vec()
}

/// Executes a gap on a copy of `before`.
fn after(text: u64, before: &State) -> State {
    let mut state = before.clone();
    let code = bytes(text);
    let length = super::execute(&code, &mut state).expect("a gap that does not fault");
    assert_eq!(usize::from(length), code.len(), "{text:x}: length");
    state
}
