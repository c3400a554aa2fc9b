//! Every form, over all registers and the bounds of its immediates, against Capstone, and a
//! sample of all of them against LLVM's assembler. Keystone has no RISC-V.

mod assembler;
mod atomic;
mod compress;
mod constant;
mod control;
mod float;
mod integer;
mod memory;
mod text;

use super::{F, X};
use crate::disasm::decode;
use crate::isa::Isa;
use text::{expand, number};

/// Where words are decoded: displacements are printed as they are, whatever it is.
const ADDRESS: u64 = 0x10_0000;

/// Numbers at and around the bounds of a signed field of `bits` bits.
fn around(bits: u32) -> Vec<i64> {
    let limit = 1i64 << (bits - 1);
    vec![
        -limit,
        1 - limit,
        -2,
        -1,
        0,
        1,
        2,
        limit / 2,
        limit - 2,
        limit - 1,
    ]
}

/// Numbers right outside of a signed field of `bits` bits, and far outside.
fn outside(bits: u32) -> [i64; 6] {
    let limit = 1i64 << (bits - 1);
    [-limit - 2, -limit - 1, limit, limit + 2, i64::MAX, i64::MIN]
}

fn xs() -> impl Iterator<Item = X> {
    (0..32).filter_map(X::new)
}

fn fs() -> impl Iterator<Item = F> {
    (0..32).filter_map(F::new)
}

/// All pairs of numbers of registers, with a third one that takes all values too.
fn triples() -> impl Iterator<Item = [u8; 3]> {
    (0..32u8).flat_map(|a| (0..32u8).map(move |b| [a, b, (a * 3 + b * 5) % 32]))
}

fn x(number: u8) -> X {
    X::new(number).expect("a number below 32")
}

fn f(number: u8) -> F {
    F::new(number).expect("a number below 32")
}

/// What Capstone says of a word, with assembler aliases written out.
fn decoded(word: u32) -> String {
    let instruction = decode(Isa::Riscv64gc, &word.to_le_bytes(), ADDRESS).expect("four bytes");
    assert_eq!(instruction.bytes.len(), 4, "{word:08x}");
    expand(&instruction.plain_text())
}

/// `word` is decoded as `text`.
#[track_caller]
fn is(word: u32, text: String) {
    assert_eq!(decoded(word), text, "{word:08x}");
}
