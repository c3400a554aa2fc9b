//! Atomic accesses: exclusive pairs of load and store for loops, ordered loads and stores
//! (C4.1, "Load/store exclusive"), and the single instructions of FEAT_LSE. The base is an
//! address without offset and may be the stack pointer.

use super::{RA, RD, RM, RN, Reg, operations};

/// Bytes of an atomic access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AtomicSize {
    /// 1 byte, in the low bits of a register of 32.
    B,
    /// 2 bytes, in the low bits of a register of 32.
    H,
    /// 4 bytes.
    W,
    /// 8 bytes.
    X,
}

impl AtomicSize {
    /// All of them.
    pub const ALL: [AtomicSize; 4] = [AtomicSize::B, AtomicSize::H, AtomicSize::W, AtomicSize::X];

    /// The field `size`, bits 30 and 31.
    fn field(self) -> u32 {
        match self {
            AtomicSize::B => 0,
            AtomicSize::H => 1 << 30,
            AtomicSize::W => 2 << 30,
            AtomicSize::X => 3 << 30,
        }
    }
}

operations! {
    /// Accesses of one register: `a` acquires, `l` releases, `x` is exclusive.
    Ordered {
        LDXR = "ldxr" 0x085f_7c00,
        LDAXR = "ldaxr" 0x085f_fc00,
        LDAR = "ldar" 0x08df_fc00,
        STLR = "stlr" 0x089f_fc00,
    }
}

/// `op rt, [rn]`.
pub fn ordered(op: Ordered, size: AtomicSize, rt: Reg, rn: Reg) -> u32 {
    op.word | size.field() | rt.at(RD) | rn.at(RN)
}

operations! {
    /// Stores that happen if nobody came between: the status becomes 0 then, else 1.
    Exclusive {
        STXR = "stxr" 0x0800_7c00,
        STLXR = "stlxr" 0x0800_fc00,
    }
}

/// `op ws, rt, [rn]`. The status must be none of the others (C6.2.378, "constrained
/// unpredictable").
pub fn store_exclusive(op: Exclusive, size: AtomicSize, status: Reg, rt: Reg, rn: Reg) -> u32 {
    op.word | size.field() | status.at(RM) | rt.at(RD) | rn.at(RN)
}

operations! {
    /// Exclusive accesses of 16 bytes in two registers.
    ExclusivePair {
        LDXP = "ldxp" 0xc87f_0000,
        LDAXP = "ldaxp" 0xc87f_8000,
        STXP = "stxp" 0xc820_0000,
        STLXP = "stlxp" 0xc820_8000,
    }
}

/// `op first, second, [rn]` of a load, `op ws, first, second, [rn]` of a store; a load has no
/// status.
pub fn exclusive_pair(
    op: ExclusivePair,
    status: Option<Reg>,
    (first, second): (Reg, Reg),
    rn: Reg,
) -> Option<u32> {
    let stores = op.word >> 22 & 1 == 0;
    let status = match (stores, status) {
        (true, Some(status)) => status.at(RM),
        (false, None) => 0,
        _ => return None,
    };
    Some(op.word | status | first.at(RD) | second.at(RA) | rn.at(RN))
}

operations! {
    /// Read-modify-writes of FEAT_LSE, which acquire and release: `rt` becomes what was there.
    Rmw {
        LDADDAL = "ldaddal" 0x38e0_0000,
        LDCLRAL = "ldclral" 0x38e0_1000,
        LDEORAL = "ldeoral" 0x38e0_2000,
        LDSETAL = "ldsetal" 0x38e0_3000,
        LDSMAXAL = "ldsmaxal" 0x38e0_4000,
        LDSMINAL = "ldsminal" 0x38e0_5000,
        LDUMAXAL = "ldumaxal" 0x38e0_6000,
        LDUMINAL = "lduminal" 0x38e0_7000,
        SWPAL = "swpal" 0x38e0_8000,
        CASAL = "casal" 0x08e0_fc00,
    }
}

/// `op rs, rt, [rn]`. Of all but [`Rmw::CASAL`], `rs` is the operand and `rt` the destination;
/// of that, `rs` is what is expected and becomes what was there, and `rt` is the new value.
pub fn rmw(op: Rmw, size: AtomicSize, rs: Reg, rt: Reg, rn: Reg) -> u32 {
    op.word | size.field() | rs.at(RM) | rt.at(RD) | rn.at(RN)
}
