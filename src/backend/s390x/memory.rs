//! Loads and stores: what is moved, from where, and the sequences for the byte order that the
//! machine has no instruction for.
//!
//! General registers have byte-reversing loads and stores (LRV, STRV), floating-point and vector
//! registers of the z14 do not: their values go through general registers 0 and 1. A vector's
//! lane 0 is its rightmost element, so that a vector in little-endian memory is its 128 bits
//! reversed.

mod load;
mod store;

pub use load::Mover;

use super::encode::*;
use super::form::gpr;
use super::frame::Out;
use crate::backend::call::FrameRef;
use crate::backend::operands::Operands;
use crate::backend::reg::Reg;

/// Where a load or store goes.
#[derive(Clone, Copy, Debug)]
pub enum At {
    /// A register plus bytes.
    Reg(Reg, i64),
    /// A place in the frame plus bytes.
    Frame(FrameRef, i64),
    /// Bytes above the stack pointer.
    Sp(i64),
}

impl At {
    /// Shows the base register.
    pub fn operands(&mut self, operands: &mut impl Operands) {
        if let At::Reg(base, _) = self {
            operands.read(base);
        }
    }

    /// Whether no displacement may reach it. Places in the frame are looked after by whoever
    /// saves registers (see `frame.rs`).
    pub fn may_be_far(&self) -> bool {
        match self {
            At::Reg(_, offset) => !(0..0x0ff0).contains(offset),
            At::Frame(..) | At::Sp(_) => false,
        }
    }

    fn resolve(&self, emitter: &Out<'_>) -> (Gpr, i64) {
        match *self {
            At::Reg(base, offset) => (gpr(base.number()), offset),
            At::Frame(place, offset) => (Gpr::SP, emitter.offset(place) + offset),
            At::Sp(offset) => (Gpr::SP, offset),
        }
    }
}

/// What is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A general register, by an instruction with a long displacement.
    General(Storage),
    /// A loaded halfword or word, reversed, then extended.
    Extended(Storage, Pair),
    /// A short float, 4 bytes at the left of its register.
    Short {
        /// Little-endian.
        reversed: bool,
    },
    /// A long float.
    Long {
        /// Little-endian.
        reversed: bool,
    },
    /// A half-precision float: 2 bytes at the left of its register.
    Half {
        /// Little-endian.
        reversed: bool,
    },
    /// A whole vector register.
    Vector {
        /// Little-endian.
        reversed: bool,
    },
    /// Eight little-endian bytes, each half as wide as the lanes that they are widened to.
    Widened {
        /// Whether with their signs.
        signed: bool,
        /// Size of the lanes in memory.
        from: Element,
    },
}

impl Access {
    /// Whether registers 0 and 1 are used, however near the address is.
    pub fn uses_scratch(self) -> bool {
        match self {
            Access::General(_) | Access::Extended(..) => false,
            Access::Short { reversed }
            | Access::Long { reversed }
            | Access::Vector { reversed } => reversed,
            Access::Half { .. } | Access::Widened { .. } => true,
        }
    }
}
