//! Loads and stores. All address a register plus a signed immediate of 12 bits, and memory is
//! little-endian.

use super::format::{i, s, signed};
use super::register::{F, X};

/// Width of an access, and how a load fills the rest of its register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// 1 byte, sign-extended.
    B,
    /// 2 bytes, sign-extended.
    H,
    /// 4 bytes, sign-extended.
    W,
    /// 8 bytes.
    D,
    /// 1 byte, zero-extended.
    Bu,
    /// 2 bytes, zero-extended.
    Hu,
    /// 4 bytes, zero-extended.
    Wu,
}

impl Access {
    const fn funct3(self) -> u32 {
        match self {
            Access::B => 0,
            Access::H => 1,
            Access::W => 2,
            Access::D => 3,
            Access::Bu => 4,
            Access::Hu => 5,
            Access::Wu => 6,
        }
    }
}

/// `rd = memory[base + offset]`; `None` when the offset does not fit.
pub fn load(access: Access, rd: X, base: X, offset: i64) -> Option<u32> {
    let registers = [rd.field(), base.field()];
    Some(i(0x03, access.funct3(), registers, signed(offset, 12)?))
}

/// `memory[base + offset] = source`; `None` when the offset does not fit. Whether `access`
/// extends is of no account.
pub fn store(access: Access, source: X, base: X, offset: i64) -> Option<u32> {
    let registers = [base.field(), source.field()];
    Some(s(0x23, access.funct3() & 3, registers, signed(offset, 12)?))
}

/// Width of an access of a floating-point register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FloatAccess {
    /// 4 bytes; a load fills the upper half with ones ("NaN boxing").
    W,
    /// 8 bytes.
    D,
}

impl FloatAccess {
    const fn funct3(self) -> u32 {
        match self {
            FloatAccess::W => 2,
            FloatAccess::D => 3,
        }
    }
}

/// `rd = memory[base + offset]`; `None` when the offset does not fit.
pub fn float_load(access: FloatAccess, rd: F, base: X, offset: i64) -> Option<u32> {
    let registers = [rd.field(), base.field()];
    Some(i(0x07, access.funct3(), registers, signed(offset, 12)?))
}

/// `memory[base + offset] = source`; `None` when the offset does not fit.
pub fn float_store(access: FloatAccess, source: F, base: X, offset: i64) -> Option<u32> {
    let registers = [base.field(), source.field()];
    Some(s(0x27, access.funct3(), registers, signed(offset, 12)?))
}
