//! The state right before a site, and what differs from it behind the site.

use std::collections::BTreeMap;

use super::super::registers::{RegisterRole, RegisterTable};
use super::super::{Cpu, PassEnd, RegisterChange, Registers};
use super::stack::Stack;
use crate::isa::Isa;

/// Registers and stack at one moment.
pub struct Snapshot {
    registers: Registers,
    /// Stack pointer.
    pub sp: u64,
    stack: Stack,
}

impl Snapshot {
    /// All registers, and the stack from `sp` up to `stack_top`.
    pub fn take(cpu: &mut dyn Cpu, sp: u64, stack_top: u64) -> Snapshot {
        let stack = Stack::copy(cpu, sp, stack_top);
        Snapshot {
            registers: cpu.registers(),
            sp,
            stack,
        }
    }

    /// Bytes of stack that it holds.
    pub fn stack_bytes(&self) -> usize {
        self.stack.size()
    }

    /// What differs now.
    pub fn compare(&self, cpu: &mut dyn Cpu, stack_top: u64) -> PassEnd {
        PassEnd {
            registers: register_changes(cpu, &self.registers),
            stack: self.stack.changes(cpu, stack_top),
        }
    }
}

/// All registers but the PC that are not as in `before`.
pub fn register_changes(cpu: &mut dyn Cpu, before: &Registers) -> Vec<RegisterChange> {
    let table = RegisterTable::of(cpu.isa());
    let now = cpu.registers();
    let changed = table.ids().filter(|&register| {
        table.info(register).role != RegisterRole::Pc && before.get(register) != now.get(register)
    });
    changed
        .map(|register| RegisterChange {
            register,
            before: before.get(register),
            after: now.get(register),
        })
        .collect()
}

/// Whether some register of each width shows bits in its upper half. At the call of an entry
/// all that have no meaning there hold junk.
pub fn shows_full_width(isa: Isa, registers: &Registers) -> bool {
    let table = RegisterTable::of(isa);
    let values = table.ids().filter(|id| {
        use RegisterRole::{Float, Int, Vector};
        matches!(table.info(*id).role, Int(_) | Float(_) | Vector(_))
    });
    let mut shown: BTreeMap<u8, bool> = BTreeMap::new();
    for id in values {
        let bytes = table.info(id).bytes;
        let upper = registers.get(id) >> (4 * u32::from(bytes));
        *shown.entry(bytes).or_default() |= upper != 0;
    }
    shown.values().all(|shown| *shown)
}
