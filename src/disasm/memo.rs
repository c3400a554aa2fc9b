//! A bounded memory of what encodings come to.
//!
//! Where an encoding does not tell its length (x86-64, Pulley), each length would have to be tried.
//! So it is also remembered which lengths the encodings have that begin with some bytes: seldom
//! more than two.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::ops::RangeInclusive;

use rustc_hash::FxBuildHasher;

use crate::isa::Isa;

/// Encodings after which everything is forgotten.
const BOUND: usize = 1 << 17;

/// A value for each ISA and encoding. Forgets all when it is full, so that a campaign of any
/// length takes no more than so much memory.
#[derive(Clone, Debug)]
pub struct Memo<V> {
    known: HashMap<u128, V, FxBuildHasher>,
    lengths: Lengths,
}

impl<V> Default for Memo<V> {
    fn default() -> Self {
        Memo {
            known: HashMap::default(),
            lengths: Lengths::default(),
        }
    }
}

impl<V> Memo<V> {
    /// Longest encoding that is remembered, in bytes.
    pub const LONGEST: usize = 15;

    /// What was remembered of the shortest start of `bytes` that is, of these `lengths`.
    pub fn get_start(&self, isa: Isa, bytes: &[u8], lengths: RangeInclusive<usize>) -> Option<&V> {
        let known = bytes.len().min(Self::LONGEST);
        let mut all = [0; 16];
        all[..known].copy_from_slice(&bytes[..known]);
        let all = u128::from_le_bytes(all);
        let (first, last) = (*lengths.start(), (*lengths.end()).min(known));
        let some = match first < last {
            true => self.lengths.of(isa, all),
            false => u16::MAX,
        };
        (first..=last)
            .filter(|&length| some >> length & 1 == 1)
            .find_map(|length| {
                let start = all & !(u128::MAX << (8 * length));
                self.known.get(&marked(isa, start, length))
            })
    }

    /// Remembers `value`, unless the encoding is too long.
    pub fn insert(&mut self, isa: Isa, bytes: &[u8], value: V) {
        let Some(key) = key(isa, bytes) else { return };
        if self.known.len() >= BOUND {
            self.known.clear();
            self.lengths = Lengths::default();
        }
        self.lengths.add(isa, key, bytes.len());
        self.known.insert(key, value);
    }
}

/// Which lengths the encodings have that begin with three bytes, or two, or one, if they have no
/// more: bit n is length n. Starts that fall together have each other's lengths too, which costs
/// time only.
#[derive(Clone, Debug, Default)]
struct Lengths([Vec<u16>; 3]);

impl Lengths {
    /// Starts of one size that are told apart.
    const ROOM: usize = 1 << 15;

    /// Where the first `size` bytes have their lengths.
    fn place(isa: Isa, bytes: u128, size: usize) -> usize {
        let start = marked(isa, bytes & !(u128::MAX << (8 * size)), size);
        let place = FxBuildHasher.hash_one(start) % Self::ROOM as u64;
        usize::try_from(place).unwrap_or_default()
    }

    fn of(&self, isa: Isa, bytes: u128) -> u16 {
        let sizes = (1..).zip(&self.0);
        let some = sizes.map(|(size, known)| known.get(Self::place(isa, bytes, size)));
        some.flatten().fold(0, |all, some| all | some)
    }

    fn add(&mut self, isa: Isa, bytes: u128, length: usize) {
        let size = length.clamp(1, self.0.len());
        let known = &mut self.0[size - 1];
        known.resize(Self::ROOM, 0);
        known[Self::place(isa, bytes, size)] |= 1 << length;
    }
}

/// Encodings that have come once. One may push out another, which is new again then.
#[derive(Clone, Debug, Default)]
pub struct Once(Vec<u64>);

impl Once {
    /// Encodings that it has room for.
    const ROOM: usize = 1 << 15;

    /// Whether the encoding has not come before, as far as is known; it has from now on.
    pub fn is_new(&mut self, isa: Isa, bytes: &[u8]) -> bool {
        let hash = FxBuildHasher.hash_one((isa as u64, bytes));
        self.0.resize(Self::ROOM, 0);
        let place = usize::try_from(hash % Self::ROOM as u64).unwrap_or_default();
        std::mem::replace(&mut self.0[place], hash) != hash
    }
}

/// Bytes, their number and the ISA.
fn key(isa: Isa, bytes: &[u8]) -> Option<u128> {
    let mut all = [0; 16];
    all.get_mut(..bytes.len())?.copy_from_slice(bytes);
    (bytes.len() < all.len()).then(|| marked(isa, u128::from_le_bytes(all), bytes.len()))
}

/// The key of `length` bytes, at most 15, which are the low ones of `bytes`.
fn marked(isa: Isa, bytes: u128, length: usize) -> u128 {
    bytes | (length as u128) << 124 | (isa as u128) << 120
}

#[cfg(test)]
mod tests {
    use super::*;

    impl<V> Memo<V> {
        fn get(&self, isa: Isa, bytes: &[u8]) -> Option<&V> {
            self.get_start(isa, bytes, bytes.len()..=bytes.len())
        }
    }

    #[test]
    fn isa_and_length_tell_equal_bytes_apart() {
        let mut memo = Memo::default();
        memo.insert(Isa::X86_64, &[0x90], 1);
        memo.insert(Isa::X86_64, &[0x90, 0], 2);
        memo.insert(Isa::S390x, &[0x90], 3);
        assert_eq!(memo.get(Isa::X86_64, &[0x90]), Some(&1));
        assert_eq!(memo.get(Isa::X86_64, &[0x90, 0]), Some(&2));
        assert_eq!(memo.get(Isa::S390x, &[0x90]), Some(&3));
        assert_eq!(memo.get(Isa::Aarch64, &[0x90]), None);
    }

    #[test]
    fn the_start_that_is_known_is_found() {
        let mut memo = Memo::default();
        memo.insert(Isa::X86_64, &[0x0f, 0x0b], 2);
        memo.insert(Isa::X86_64, &[7; 15], 15);
        let start = |bytes: &[u8], lengths| memo.get_start(Isa::X86_64, bytes, lengths).copied();
        assert_eq!(start(&[0x0f, 0x0b], 1..=15), Some(2));
        assert_eq!(start(&[0x0f, 0x0b, 0x90], 1..=15), Some(2));
        assert_eq!(start(&[0x0f, 0x0b, 0x90], 3..=3), None);
        assert_eq!(start(&[0x0f], 1..=15), None);
        assert_eq!(start(&[7; 40], 1..=15), Some(15));
        assert_eq!(start(&[7; 14], 1..=15), None);
        assert_eq!(memo.get_start(Isa::S390x, &[7; 15], 1..=15), None);
    }

    #[test]
    fn an_encoding_is_new_once() {
        let mut once = Once::default();
        for isa in [Isa::X86_64, Isa::S390x] {
            for bytes in [&[0x90][..], &[0x90, 0], &[7; 40]] {
                assert!(once.is_new(isa, bytes), "{isa} {bytes:?}");
                assert!(!once.is_new(isa, bytes), "{isa} {bytes:?}");
            }
        }
    }

    #[test]
    fn it_is_bounded_and_long_encodings_are_left_out() {
        let mut memo = Memo::default();
        memo.insert(Isa::Pulley64, &[0; 16], 0);
        assert_eq!(memo.get(Isa::Pulley64, &[0; 16]), None);
        for number in 0..u32::try_from(2 * BOUND + 1).expect("a few thousand") {
            memo.insert(Isa::Aarch64, &number.to_le_bytes(), 0);
        }
        assert!(memo.known.len() <= BOUND);
    }
}
