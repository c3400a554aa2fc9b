//! Jumps, branches, traps and NOPs.

use super::format::{b, i, j, signed};
use super::register::X;

/// Comparisons that branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Branch {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less, signed.
    Lt,
    /// Greater or equal, signed.
    Ge,
    /// Less, unsigned.
    Ltu,
    /// Greater or equal, unsigned.
    Geu,
}

impl Branch {
    /// The branch that is taken whenever this one is not.
    pub const fn inverted(self) -> Branch {
        match self {
            Branch::Eq => Branch::Ne,
            Branch::Ne => Branch::Eq,
            Branch::Lt => Branch::Ge,
            Branch::Ge => Branch::Lt,
            Branch::Ltu => Branch::Geu,
            Branch::Geu => Branch::Ltu,
        }
    }
}

/// To `distance` bytes from here if `rs1 op rs2`; `None` when it is odd or beyond 4 KiB.
pub fn branch(op: Branch, rs1: X, rs2: X, distance: i64) -> Option<u32> {
    let funct3 = match op {
        Branch::Eq => 0,
        Branch::Ne => 1,
        Branch::Lt => 4,
        Branch::Ge => 5,
        Branch::Ltu => 6,
        Branch::Geu => 7,
    };
    let field = even(distance, 13)?;
    Some(b(0x63, funct3, [rs1.field(), rs2.field()], field))
}

/// To `distance` bytes from here, with the address behind in `rd`; `None` when it is odd or
/// beyond 1 MiB.
pub fn jump(rd: X, distance: i64) -> Option<u32> {
    Some(j(0x6f, rd.field(), even(distance, 21)?))
}

fn even(distance: i64, bits: u32) -> Option<u32> {
    signed(distance, bits).filter(|field| field & 1 == 0)
}

/// To `base + offset`, with the address behind in `rd`; `None` when the offset does not fit.
pub fn jump_register(rd: X, base: X, offset: i64) -> Option<u32> {
    let field = signed(offset, 12)?;
    Some(i(0x67, 0, [rd.field(), base.field()], field))
}

/// Distances that `auipc` with a low part reaches: 2 GiB, shifted down by what the low part's
/// sign takes.
pub const FAR_REACH: std::ops::RangeInclusive<i64> = -0x8000_0800..=0x7fff_f7ff;

/// `distance` as the upper part for `auipc` and the signed low part of 12 bits that is added to
/// it; `None` outside of [`FAR_REACH`].
pub fn far_parts(distance: i64) -> Option<(i64, i64)> {
    if !FAR_REACH.contains(&distance) {
        return None;
    }
    let upper = (distance + 0x800) >> 12;
    Some((upper, distance - (upper << 12)))
}

/// `jalr zero, 0(ra)`.
pub const RETURN: u32 = 0x0000_8067;

/// `unimp`: a write to the read-only register `cycle`, which every machine refuses.
pub const TRAP: u32 = 0xc000_1073;

/// `addi zero, zero, 0`.
pub const NOP: u32 = 0x0000_0013;

/// `c.nop`.
pub const C_NOP: u16 = 0x0001;
