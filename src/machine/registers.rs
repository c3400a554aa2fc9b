//! Register tables: every architectural register of an ISA with name, width and role.

mod aarch64;
mod pulley;
mod riscv64;
mod s390x;
mod x86_64;

use serde::{Deserialize, Serialize};

use crate::isa::Isa;

/// Index of a register in the table of its ISA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RegisterId(pub u16);

/// What a register is to the suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RegisterRole {
    /// General-purpose integer register number n.
    Int(u8),
    /// Floating-point or vector register number n (RISC-V: `f`; Pulley: `f`).
    Float(u8),
    /// Vector register number n where vectors have a file of their own (Pulley: `v`).
    Vector(u8),
    /// The program counter.
    Pc,
    /// Condition flags: no ABI preserves them over a call.
    Flags,
    /// Control bits that the ABI preserves (rounding mode and the like) mixed with sticky
    /// status bits that it does not; the mask has the preserved ones.
    Control(u64),
    /// Pulley's frame pointer and link register, which are no `x` registers.
    Special,
}

/// A register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterInfo {
    /// Name in the ISA's assembler.
    pub name: &'static str,
    /// Width in bytes, at most 16.
    pub bytes: u8,
    /// What it is.
    pub role: RegisterRole,
}

/// All registers of an ISA. [`RegisterId`] is the index.
#[derive(Debug)]
pub struct RegisterTable {
    /// The registers.
    pub registers: &'static [RegisterInfo],
    /// The stack pointer.
    pub sp: RegisterId,
    /// The program counter.
    pub pc: RegisterId,
    /// The register in which a call leaves its return address; `None` when it pushes it.
    pub link: Option<RegisterId>,
}

impl RegisterTable {
    /// The table of `isa`.
    pub fn of(isa: Isa) -> &'static RegisterTable {
        match isa {
            Isa::X86_64 => &x86_64::TABLE,
            Isa::Aarch64 => &aarch64::TABLE,
            Isa::Riscv64gc => &riscv64::TABLE,
            Isa::S390x => &s390x::TABLE,
            _ => &pulley::TABLE,
        }
    }

    /// The register of that name.
    pub fn by_name(&self, name: &str) -> Option<RegisterId> {
        self.find(|info| info.name == name)
    }

    /// The register of that role.
    pub fn by_role(&self, role: RegisterRole) -> Option<RegisterId> {
        self.find(|info| info.role == role)
    }

    /// Name, width and role of a register.
    pub fn info(&self, register: RegisterId) -> &'static RegisterInfo {
        &self.registers[usize::from(register.0)]
    }

    /// All register numbers.
    pub fn ids(&self) -> impl Iterator<Item = RegisterId> + use<> {
        (0..u16::try_from(self.registers.len()).expect("a table has few registers")).map(RegisterId)
    }

    fn find(&self, wanted: impl Fn(&RegisterInfo) -> bool) -> Option<RegisterId> {
        let index = self.registers.iter().position(wanted)?;
        u16::try_from(index).ok().map(RegisterId)
    }
}

/// A snapshot of all registers, each zero-extended, in the order of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registers(pub Vec<u128>);

impl Registers {
    /// One register.
    pub fn get(&self, register: RegisterId) -> u128 {
        self.0[usize::from(register.0)]
    }
}
