//! Sets of ISAs.

use crate::isa::Isa;

/// A set of ISAs; bit `n` is number `n` of [`Isa::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isas(pub u8);

/// x86-64.
pub const X86: Isas = Isas(1);
/// AArch64.
pub const ARM: Isas = Isas(2);
/// RISC-V.
pub const RISCV: Isas = Isas(4);
/// s390x.
pub const S390X: Isas = Isas(8);
/// Pulley with pointers of 32 bits.
pub const PULLEY32: Isas = Isas(0xc0);
/// Pulley.
pub const PULLEY: Isas = Isas(0xf0);
/// All of them.
pub const ALL: Isas = Isas(0xff);

impl Isas {
    /// Whether any is in both.
    pub const fn meets(self, other: Isas) -> bool {
        self.0 & other.0 != 0
    }

    /// What is in `self` alone.
    pub const fn without(self, other: Isas) -> Isas {
        Isas(self.0 & !other.0)
    }

    /// Both.
    pub const fn or(self, other: Isas) -> Isas {
        Isas(self.0 | other.0)
    }

    /// Its members.
    pub fn list(self) -> impl Iterator<Item = Isa> {
        let numbered = Isa::ALL.into_iter().enumerate();
        numbered.filter_map(move |(n, isa)| (self.0 >> n & 1 == 1).then_some(isa))
    }
}
