//! References to labels and how far they reach (unprivileged manual, "Control Transfer
//! Instructions"): branches 4 KiB, jumps 1 MiB, pairs with `auipc` 2 GiB.
//!
//! A branch that does not reach is pointed at a jump. A jump that does not reach has nothing to
//! stand in for it, since a farther one needs a register that nobody keeps a value in: functions
//! end at 1 MiB of code.

use super::encode::{self, NOP, X};
use crate::backend::buffer::{Fixup, Veneer};

/// A reference to a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The distance of a conditional branch.
    Branch,
    /// The distance of `jal`.
    Jump,
    /// The two parts of a distance in `auipc` and the `addi` behind it.
    Address,
}

impl Fixup for Reference {
    fn size(self) -> u32 {
        match self {
            Reference::Branch | Reference::Jump => 4,
            Reference::Address => 8,
        }
    }

    fn reach(self) -> (u32, u32) {
        match self {
            Reference::Branch => (1 << 12, (1 << 12) - 2),
            Reference::Jump => (1 << 20, (1 << 20) - 2),
            Reference::Address => (1 << 31, (1 << 31) - 0x802),
        }
    }

    fn patch(self, bytes: &mut [u8], from: u32, to: u32) {
        let distance = i64::from(to) - i64::from(from);
        let (first, second) = bytes.split_at_mut(4);
        match self {
            Reference::Branch => {
                let field = encode::branch(encode::Branch::Eq, X::ZERO, X::ZERO, distance);
                merge(first, field);
            }
            Reference::Jump => merge(first, encode::jump(X::ZERO, distance)),
            Reference::Address => {
                let (upper, low) = encode::far_parts(distance).unwrap_or_default();
                merge(first, encode::auipc(X::ZERO, upper));
                merge(
                    second,
                    encode::alu_imm(encode::AluImm::Addi, X::ZERO, X::ZERO, low),
                );
            }
        }
    }

    fn veneer(self) -> Option<Veneer<Self>> {
        (self == Reference::Branch).then(|| {
            let word = encode::jump(X::ZERO, 0).unwrap_or(NOP);
            Veneer {
                bytes: word.to_le_bytes().to_vec(),
                offset: 0,
                fixup: Reference::Jump,
            }
        })
    }
}

/// Puts the immediate of `field`, whose other operands are all number 0, into a word whose
/// immediate is zero. The operation code and function of both are the same bits or none.
fn merge(bytes: &mut [u8], field: Option<u32>) {
    let word = bytes.first_chunk().map(|chunk| u32::from_le_bytes(*chunk));
    let (Some(word), Some(field)) = (word, field) else {
        unreachable!("the buffer patches whole words within reach");
    };
    // What is no immediate: operation code and, but for the long immediates, function 3.
    let merged = word | (field & !0x7f);
    bytes.copy_from_slice(&merged.to_le_bytes());
}
