//! Atomic memory operations of 32 and 64 bits: A. Addresses are a register alone, and must be
//! aligned. Narrower operations are loops over the word around them.

use super::format::{i, r};
use super::register::X;

/// Width of the access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Width {
    /// 32 bits; results are sign-extended.
    W,
    /// 64 bits.
    D,
}

impl Width {
    const fn funct3(self) -> u32 {
        match self {
            Width::W => 2,
            Width::D => 3,
        }
    }
}

/// What the operation is ordered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Nothing.
    Relaxed,
    /// Nothing later comes before it.
    Acquire,
    /// Nothing earlier comes after it.
    Release,
    /// Both.
    Both,
}

impl Order {
    const fn bits(self) -> u32 {
        match self {
            Order::Relaxed => 0,
            Order::Release => 1,
            Order::Acquire => 2,
            Order::Both => 3,
        }
    }
}

/// What is done to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Amo {
    /// Swap.
    Swap,
    /// Add.
    Add,
    /// Exclusive or.
    Xor,
    /// And.
    And,
    /// Or.
    Or,
    /// The smaller one, signed.
    Min,
    /// The larger one, signed.
    Max,
    /// The smaller one, unsigned.
    Minu,
    /// The larger one, unsigned.
    Maxu,
}

/// `rd = memory[address]`, then `memory[address] op= source`.
pub fn amo(op: Amo, width: Width, order: Order, rd: X, [address, source]: [X; 2]) -> u32 {
    let funct5 = match op {
        Amo::Add => 0x00,
        Amo::Swap => 0x01,
        Amo::Xor => 0x04,
        Amo::Or => 0x08,
        Amo::And => 0x0c,
        Amo::Min => 0x10,
        Amo::Max => 0x14,
        Amo::Minu => 0x18,
        Amo::Maxu => 0x1c,
    };
    atomic(funct5, width, order, [rd, address, source])
}

/// `rd = memory[address]`, and reserves it.
pub fn load_reserved(width: Width, order: Order, rd: X, address: X) -> u32 {
    atomic(0x02, width, order, [rd, address, X::ZERO])
}

/// `memory[address] = source` if it is still reserved; `rd` is 0 then and nonzero else.
pub fn store_conditional(width: Width, order: Order, rd: X, [address, source]: [X; 2]) -> u32 {
    atomic(0x03, width, order, [rd, address, source])
}

fn atomic(funct5: u32, width: Width, order: Order, [rd, address, source]: [X; 3]) -> u32 {
    let registers = [rd.field(), address.field(), source.field()];
    r(0x2f, width.funct3(), funct5 << 2 | order.bits(), registers)
}

/// Orders what `before` names of earlier accesses with what `after` names of later ones. Bits 3
/// to 0 are device input, device output, reads, writes; `None` for other bits.
pub fn fence(before: u32, after: u32) -> Option<u32> {
    (before < 16 && after < 16).then(|| i(0x0f, 0, [0, 0], before << 4 | after))
}
