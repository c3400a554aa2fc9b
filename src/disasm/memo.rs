//! Instructions that this thread has decoded before. Decoding costs thousands of times as much as
//! looking up, and programs repeat themselves: every prologue saves the same registers.
//!
//! Most instructions read the same wherever they lie; those that name an address relative to
//! their own do not. Which is which is found by decoding at a second address, once for each
//! encoding: what differs is remembered for its address only.
//!
//! Invariant: what is looked up is what decoding would give. On x86-64 no instruction is the
//! beginning of another one, so that at most one remembered encoding fits; elsewhere the encoding
//! tells its length.

use std::cell::RefCell;
use std::collections::HashMap;

use super::Instruction;
use crate::isa::Isa;

/// Entries after which all is forgotten, so that memory stays flat in long campaigns.
const MOST: usize = 20_000;

/// Longest instruction of x86-64 in bytes (Intel SDM volume 2, 2.3.11).
const LONGEST: usize = 15;

/// Far enough to change every relative address, and a multiple of every ISA's alignment.
const ELSEWHERE: u64 = 0x1_0000;

#[derive(Default)]
struct Memo {
    anywhere: HashMap<Vec<u8>, Instruction>,
    here: HashMap<(u64, Vec<u8>), Instruction>,
}

thread_local! {
    static MEMOS: RefCell<HashMap<Isa, Memo>> = RefCell::default();
}

/// The instruction at the start of `bytes`, by `decode` if it has not been seen before. `length`
/// is what the encoding tells of its own length, if it does.
pub fn remembered(
    isa: Isa,
    bytes: &[u8],
    address: u64,
    length: Option<usize>,
    decode: impl Fn(&[u8], u64) -> Instruction,
) -> Instruction {
    MEMOS.with_borrow_mut(|memos| {
        let memo = memos.entry(isa).or_default();
        if let Some(found) = memo.find(bytes, address, length) {
            return found;
        }
        let decoded = decode(bytes, address);
        // Half an instruction, or none at all, says nothing of what begins alike.
        let whole = match length {
            Some(length) => decoded.bytes.len() == length && bytes.len() >= length,
            None => decoded.kind != super::Kind::Unknown,
        };
        if whole {
            memo.keep(&decoded, decode);
        }
        decoded
    })
}

impl Memo {
    fn find(&self, bytes: &[u8], address: u64, length: Option<usize>) -> Option<Instruction> {
        let lengths = match length {
            Some(length) => length..=length,
            None => 1..=LONGEST.min(bytes.len()),
        };
        for length in lengths {
            let encoding = bytes.get(..length)?;
            if let Some(known) = self.anywhere.get(encoding) {
                return Some(Instruction {
                    address,
                    ..known.clone()
                });
            }
        }
        // A relative address needs at least two bytes; few instructions come here.
        let longest = length.unwrap_or(LONGEST.min(bytes.len()));
        let shortest = length.unwrap_or(2);
        (shortest..=longest).find_map(|length| {
            let encoding = bytes.get(..length)?.to_vec();
            self.here.get(&(address, encoding)).cloned()
        })
    }

    fn keep(&mut self, decoded: &Instruction, decode: impl Fn(&[u8], u64) -> Instruction) {
        if self.anywhere.len() + self.here.len() >= MOST {
            *self = Memo::default();
        }
        let bytes = decoded.bytes.clone();
        let elsewhere = decode(&bytes, decoded.address.wrapping_add(ELSEWHERE));
        let same = Instruction {
            address: decoded.address,
            ..elsewhere
        };
        if same == *decoded {
            self.anywhere.insert(bytes, same);
        } else {
            self.here.insert((decoded.address, bytes), decoded.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode;
    use super::*;

    /// What is remembered is what is decoded: each instruction twice, at several addresses.
    #[test]
    fn remembering_changes_nothing() {
        let samples: [(Isa, &[&[u8]]); 4] = [
            (
                Isa::X86_64,
                &[
                    &[0xe8, 0, 1, 0, 0],
                    &[0x90],
                    &[0x0f, 0x1f, 0x44, 0, 0],
                    &[0x48, 0x8b, 5, 0, 1, 0, 0],
                    &[0x74, 5],
                    &[0xf],
                ],
            ),
            (Isa::Aarch64, &[&[0x1f, 0x20, 3, 0xd5], &[1, 0, 0, 0x94]]),
            (
                Isa::Riscv64gc,
                &[
                    &[1, 0],
                    &[0x97, 0x20, 0, 0],
                    &[0xef, 0, 0, 1],
                    &[0x57, 0x70],
                ],
            ),
            (
                Isa::S390x,
                &[&[7, 7], &[0xc0, 0xe5, 0, 0, 0, 8], &[0xa7, 0xf4, 0, 4]],
            ),
        ];
        for (isa, list) in samples {
            for address in [0x1_0000, 0x2_0040, 0x1_0000] {
                for bytes in list {
                    let direct = super::super::native::decode_anew(isa, bytes, address);
                    let longer = [bytes, &[0x90; 8][..]].concat();
                    assert_eq!(decode(isa, bytes, address), Some(direct.clone()), "{isa}");
                    let after = super::super::native::decode_anew(isa, &longer, address);
                    assert_eq!(decode(isa, &longer, address), Some(after), "{isa}");
                }
            }
        }
    }
}
