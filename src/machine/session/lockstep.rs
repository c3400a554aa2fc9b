//! The state right before a site, and what differs from it behind the site.

use super::super::registers::{RegisterRole, RegisterTable};
use super::super::{Cpu, PassEnd, RegisterChange, Registers};
use super::stack::Stack;

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
