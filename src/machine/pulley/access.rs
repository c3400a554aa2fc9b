//! Where a load or store goes, known before the interpreter makes it.
//!
//! The interpreter takes the guest's addresses for its own: a stray access would kill the process,
//! and with it all that the run had shown up to there. So an access that begins outside of what the
//! guest may touch is a fault of its instruction, as on any machine with a memory of its own. What
//! still kills is an access that begins inside and runs over the end, and WebAssembly's addressing
//! modes, whose bounds the interpreter checks by itself.

use super::engine::Engine;

/// A load or store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    /// Its first byte.
    pub address: u64,
    /// Whether it is a store.
    pub writes: bool,
}

/// How an instruction finds the address of its load or store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    /// The `x` register that the address counts from.
    pub base: u8,
    /// What is added to it.
    pub offset: i32,
    /// Whether a null base traps.
    pub null_traps: bool,
    /// Whether it is a store.
    pub writes: bool,
}

impl Reach {
    /// The access by what the registers hold now; `None` where it traps instead.
    pub(super) fn access(self, registers: &dyn Engine) -> Option<Access> {
        let base = registers.x(self.base);
        let traps = self.null_traps && base == 0;
        (!traps).then(|| Access {
            address: base.wrapping_add_signed(self.offset.into()),
            writes: self.writes,
        })
    }
}
