//! References to labels.

use super::encode::{Branch, branch};
use crate::backend::buffer::{Fixup, Veneer};

/// A kind of reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// 26 bits of words: `b`.
    Jump,
    /// 19 bits of words: `b.cond`, `cbz`, `cbnz`.
    Branch,
    /// The same of a load of a literal.
    Literal,
    /// An entry of a jump table, so many bytes behind its start: the distance from that.
    Entry(u32),
}

/// Words that a signed field of `bits` bits reaches, as bytes back and forth.
const fn reach(bits: u32) -> (u32, u32) {
    (1 << (bits + 1), (1 << (bits + 1)) - 4)
}

impl Fixup for Distance {
    fn size(self) -> u32 {
        4
    }

    fn reach(self) -> (u32, u32) {
        match self {
            Distance::Jump => reach(26),
            Distance::Branch | Distance::Literal => reach(19),
            Distance::Entry(_) => (1 << 30, 1 << 30),
        }
    }

    fn patch(self, bytes: &mut [u8], from: u32, to: u32) {
        let start = match self {
            Distance::Entry(behind) => from - behind,
            _ => from,
        };
        let distance = i64::from(to) - i64::from(start);
        let distance = i32::try_from(distance)
            .expect("within reach")
            .cast_unsigned();
        let word = bytes
            .first_chunk::<4>()
            .map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let words = distance >> 2;
        let word = match self {
            Distance::Jump => word | words & 0x03ff_ffff,
            Distance::Branch | Distance::Literal => word | (words & 0x7_ffff) << 5,
            Distance::Entry(_) => distance,
        };
        bytes.copy_from_slice(&word.to_le_bytes());
    }

    fn veneer(self) -> Option<Veneer<Self>> {
        let jump = branch(Branch::B, 0).expect("the shortest distance");
        (self == Distance::Branch).then(|| Veneer {
            bytes: jump.to_le_bytes().to_vec(),
            offset: 0,
            fixup: Distance::Jump,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::aarch64::encode::{Cond, branch_if};

    #[test]
    fn patched_words_are_those_that_the_encoder_makes() {
        let patched = |kind: Distance, word: u32, from: u32, to: u32| {
            let mut bytes = word.to_le_bytes();
            kind.patch(&mut bytes, from, to);
            Some(u32::from_le_bytes(bytes))
        };
        let jump = |to| branch(Branch::B, to);
        let branch = |to| branch_if(Cond::Hi, to);
        for to in [4, 0x1000, -4, -0x2_0000, 0xf_fffc, -0x10_0000] {
            let at = 0x20_0000u32;
            let there = at.checked_add_signed(to).expect("above zero");
            let (plain_jump, plain) = (jump(0).expect("0"), branch(0).expect("0"));
            assert_eq!(patched(Distance::Jump, plain_jump, at, there), jump(to));
            assert_eq!(patched(Distance::Branch, plain, at, there), branch(to));
            let entry = patched(Distance::Entry(8), 0, at + 8, there);
            assert_eq!(entry, Some(to.cast_unsigned()));
        }
        for (kind, form) in [
            (Distance::Jump, &jump as &dyn Fn(i32) -> Option<u32>),
            (Distance::Branch, &branch),
        ] {
            let (back, forth) = kind.reach();
            let (back, forth) = (back.cast_signed(), forth.cast_signed());
            assert!(form(-back).is_some() && form(forth).is_some());
            assert!(form(-back - 4).is_none() && form(forth + 4).is_none());
        }
    }
}
