//! The instruction sets that are verified, and what the suite must know of each before any
//! code exists: its triple, byte order, pointer width and code alignment.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use target_lexicon::{Architecture, Endianness, Triple};

/// An instruction set architecture under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Isa {
    /// x86-64, System V.
    #[serde(rename = "x86_64")]
    X86_64,
    /// AArch64, little-endian.
    Aarch64,
    /// RISC-V RV64GC.
    Riscv64gc,
    /// IBM z/Architecture, z14 baseline; big-endian.
    S390x,
    /// Pulley bytecode, 64-bit, little-endian.
    Pulley64,
    /// Pulley bytecode, 64-bit, big-endian data.
    Pulley64be,
    /// Pulley bytecode, 32-bit, little-endian: static checks only.
    Pulley32,
    /// Pulley bytecode, 32-bit, big-endian data: static checks only.
    Pulley32be,
}

impl Isa {
    /// All of them, in the order in which reports list them.
    pub const ALL: [Isa; 8] = [
        Isa::X86_64,
        Isa::Aarch64,
        Isa::Riscv64gc,
        Isa::S390x,
        Isa::Pulley64,
        Isa::Pulley64be,
        Isa::Pulley32,
        Isa::Pulley32be,
    ];

    /// The name used in CLIF `target` lines, on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Isa::X86_64 => "x86_64",
            Isa::Aarch64 => "aarch64",
            Isa::Riscv64gc => "riscv64gc",
            Isa::S390x => "s390x",
            Isa::Pulley64 => "pulley64",
            Isa::Pulley64be => "pulley64be",
            Isa::Pulley32 => "pulley32",
            Isa::Pulley32be => "pulley32be",
        }
    }

    /// The target triple.
    pub fn triple(self) -> Triple {
        self.name()
            .parse()
            .expect("every name in the list is an architecture that target-lexicon parses")
    }

    /// The ISA that runs code for `triple`, if it is one of ours.
    pub fn from_triple(triple: &Triple) -> Option<Isa> {
        if matches!(triple.architecture, Architecture::Riscv64(_)) {
            // Cranelift's RV64 is RV64GC whatever the triple says.
            return Some(Isa::Riscv64gc);
        }
        Isa::ALL
            .into_iter()
            .find(|isa| isa.triple().architecture == triple.architecture)
    }

    /// Byte order of data in memory.
    pub fn endianness(self) -> Endianness {
        self.triple()
            .endianness()
            .expect("every architecture in the list has a byte order")
    }

    /// Whether data in memory is big-endian.
    pub fn is_big_endian(self) -> bool {
        matches!(self, Isa::S390x | Isa::Pulley64be | Isa::Pulley32be)
    }

    /// Size of a pointer in bytes.
    pub fn pointer_bytes(self) -> u8 {
        if matches!(self, Isa::Pulley32 | Isa::Pulley32be) {
            4
        } else {
            8
        }
    }

    /// Alignment that instructions keep, in bytes: a patch site starts and ends on a multiple.
    ///
    /// RISC-V with compressed instructions has 2 (RISC-V unprivileged manual, "C" extension),
    /// z/Architecture 2 (Principles of Operation, "Instructions"), AArch64 4.
    pub fn code_alignment(self) -> u64 {
        match self {
            Isa::Aarch64 => 4,
            Isa::Riscv64gc | Isa::S390x => 2,
            _ => 1,
        }
    }

    /// Whether this is one of the Pulley bytecodes.
    pub fn is_pulley(self) -> bool {
        matches!(
            self,
            Isa::Pulley64 | Isa::Pulley64be | Isa::Pulley32 | Isa::Pulley32be
        )
    }

    /// Whether code can be run here; if not, only the static checks apply.
    ///
    /// The Pulley interpreter takes host pointers, so 32-bit bytecode does not run on a
    /// 64-bit host.
    pub fn is_executable(self) -> bool {
        !matches!(self, Isa::Pulley32 | Isa::Pulley32be)
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is none of the ISAs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown ISA '{0}': expected one of x86_64, aarch64, riscv64gc, s390x, pulley64, pulley64be, pulley32, pulley32be"
)]
pub struct UnknownIsa(pub String);

impl FromStr for Isa {
    type Err = UnknownIsa;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Isa::ALL
            .into_iter()
            .find(|isa| isa.name() == name || (name == "riscv64" && *isa == Isa::Riscv64gc))
            .ok_or_else(|| UnknownIsa(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use target_lexicon::PointerWidth;

    use super::*;

    #[test]
    fn names_parse_back_and_agree_with_their_triples() {
        for isa in Isa::ALL {
            assert_eq!(isa.name().parse(), Ok(isa));
            assert_eq!(Isa::from_triple(&isa.triple()), Some(isa));
            assert_eq!(isa.is_big_endian(), isa.endianness() == Endianness::Big);
            let width = isa.triple().pointer_width().map(PointerWidth::bytes);
            assert_eq!(width, Ok(isa.pointer_bytes()));
        }
        assert_eq!("mips".parse::<Isa>(), Err(UnknownIsa("mips".into())));
    }
}
