//! The addresses that loads and stores compute (C1.3.3 "Load/store addressing modes").

use super::{Extend, RM, RN, Reg, scaled, signed, unsigned};

/// An address. The base may be the stack pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// `[base, #offset]`, in bytes: a multiple of the access from 0 to 4095 times its size, or
    /// anything from -256 to 255.
    Offset(Reg, i32),
    /// `[base, #offset]!`, -256 to 255: the base is moved before the access.
    PreIndex(Reg, i32),
    /// `[base], #offset`, -256 to 255: the base is moved after the access.
    PostIndex(Reg, i32),
    /// `[base, index]`, the index widened and then multiplied by the access's size or not.
    Index {
        /// The base.
        base: Reg,
        /// The index, no stack pointer.
        index: Reg,
        /// `Uxtw`, `Uxtx` (an index of 64 bits, as `lsl`), `Sxtw` or `Sxtx`.
        extend: Extend,
        /// Whether the index counts in units of the access.
        scaled: bool,
    },
}

impl Address {
    /// Fields of an access of `1 << log2_bytes` bytes, with the bits that choose the form.
    /// `None` when the instruction has no such address.
    pub(super) fn fields(self, log2_bytes: u32) -> Option<u32> {
        match self {
            Address::Offset(base, offset) => {
                let fields = units(offset, log2_bytes).map(|field| 1 << 24 | field << 10);
                let unscaled = || Some(signed(offset, 9)? << 12);
                Some(fields.or_else(unscaled)? | base.at(RN))
            }
            Address::PreIndex(base, offset) => Some(signed(offset, 9)? << 12 | 0xc00 | base.at(RN)),
            Address::PostIndex(base, offset) => {
                Some(signed(offset, 9)? << 12 | 0x400 | base.at(RN))
            }
            Address::Index {
                base,
                index,
                extend,
                scaled,
            } => {
                let option = extend.number();
                // The other four, of bytes and halfwords, are unallocated.
                let fields = option << 13 | u32::from(scaled) << 12 | 1 << 21 | 0x800;
                (option & 2 != 0).then_some(fields | index.at(RM) | base.at(RN))
            }
        }
    }
}

/// An offset as an unsigned number of units.
fn units(offset: i32, log2_bytes: u32) -> Option<u32> {
    let units = scaled(offset, 1 << log2_bytes)?;
    unsigned(u32::try_from(units).ok()?, 12)
}
