//! References to labels. All count from the end of the instruction that they are in, and all
//! but the shortest reach everything, so that there are no veneers.

use crate::backend::buffer::{Fixup, Veneer};

/// A reference to a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The 8 bits of a short jump: within one sequence only.
    Short,
    /// 32 bits, with so many bytes of the instruction behind them.
    Near {
        /// Bytes of an immediate.
        behind: u8,
    },
}

impl Reference {
    /// The displacement of a jump.
    pub const JUMP: Reference = Reference::Near { behind: 0 };

    /// Bytes from the first one of the reference to the end of the instruction.
    fn to_end(self) -> u32 {
        match self {
            Reference::Short => 1,
            Reference::Near { behind } => 4 + u32::from(behind),
        }
    }
}

impl Fixup for Reference {
    fn size(self) -> u32 {
        match self {
            Reference::Short => 1,
            Reference::Near { .. } => 4,
        }
    }

    fn reach(self) -> (u32, u32) {
        match self {
            Reference::Short => (127, 128),
            Reference::Near { .. } => (i32::MAX.unsigned_abs() - 16, i32::MAX.unsigned_abs()),
        }
    }

    fn patch(self, bytes: &mut [u8], from: u32, to: u32) {
        let distance = i64::from(to) - i64::from(from) - i64::from(self.to_end());
        match self {
            Reference::Short => {
                let distance = i8::try_from(distance).expect("within reach");
                bytes.copy_from_slice(&distance.to_le_bytes());
            }
            Reference::Near { .. } => {
                let distance = i32::try_from(distance).expect("within reach");
                bytes.copy_from_slice(&distance.to_le_bytes());
            }
        }
    }

    fn veneer(self) -> Option<Veneer<Reference>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_from_the_end_of_the_instruction() {
        let mut byte = [0];
        Reference::Short.patch(&mut byte, 11, 12);
        assert_eq!(byte, [0]);
        Reference::Short.patch(&mut byte, 11, 10);
        assert_eq!(byte, [0xfe]);
        let mut word = [0; 4];
        Reference::JUMP.patch(&mut word, 1, 0x105);
        assert_eq!(word, [0, 1, 0, 0]);
        Reference::Near { behind: 1 }.patch(&mut word, 0x10, 0);
        assert_eq!(i32::from_le_bytes(word), -0x15);
    }

    #[test]
    fn what_is_in_reach_can_be_patched() {
        let (back, forth) = Reference::Short.reach();
        let mut byte = [0];
        Reference::Short.patch(&mut byte, 1000, 1000 - back);
        assert_eq!(byte, [0x80]);
        Reference::Short.patch(&mut byte, 1000, 1000 + forth);
        assert_eq!(byte, [0x7f]);
        let (back, forth) = Reference::JUMP.reach();
        let mut word = [0; 4];
        for behind in [0, 4] {
            Reference::Near { behind }.patch(&mut word, back, 0);
            Reference::Near { behind }.patch(&mut word, 0, forth);
        }
    }
}
