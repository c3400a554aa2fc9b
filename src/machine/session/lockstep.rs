//! The state right before a site, and what differs from it behind the site.

use std::collections::BTreeMap;

use super::super::registers::{RegisterRole, RegisterTable};
use super::super::{Cpu, PassEnd, RegisterChange, Registers, StackChange};
use crate::isa::Isa;

/// Registers and stack at one moment.
pub struct Snapshot {
    registers: Registers,
    /// Stack pointer.
    pub sp: u64,
    stack: Vec<u8>,
}

impl Snapshot {
    /// All registers, and the stack from `sp` up to `stack_top`.
    pub fn take(cpu: &mut dyn Cpu, sp: u64, stack_top: u64) -> Snapshot {
        let stack = stack_bytes(cpu, sp, stack_top);
        Snapshot {
            registers: cpu.registers(),
            sp,
            stack,
        }
    }

    /// Bytes of stack that it holds.
    pub fn stack_bytes(&self) -> usize {
        self.stack.len()
    }

    /// What differs now.
    pub fn compare(&self, cpu: &mut dyn Cpu, stack_top: u64) -> PassEnd {
        let after = stack_bytes(cpu, self.sp, stack_top);
        PassEnd {
            registers: register_changes(cpu, &self.registers),
            stack: changes(&self.stack, &after),
        }
    }
}

/// The stack from `sp` upwards; empty when `sp` is not in the stack.
fn stack_bytes(cpu: &mut dyn Cpu, sp: u64, stack_top: u64) -> Vec<u8> {
    let size = stack_top
        .checked_sub(sp)
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(0);
    if size as u64 > crate::image::Layout::STACK_BYTES {
        return Vec::new();
    }
    let mut bytes = vec![0; size];
    if cpu.load(sp, &mut bytes).is_err() {
        bytes.clear();
    }
    bytes
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

/// Runs of bytes that differ.
fn changes(before: &[u8], after: &[u8]) -> Vec<StackChange> {
    if before == after {
        return Vec::new();
    }
    if before.len() != after.len() {
        let (before, after) = (before.to_vec(), after.to_vec());
        return vec![StackChange {
            offset: 0,
            before,
            after,
        }];
    }
    let mut list: Vec<StackChange> = Vec::new();
    let mut last = usize::MAX;
    for (index, (old, new)) in before.iter().zip(after).enumerate() {
        if old == new {
            continue;
        }
        match list.last_mut() {
            Some(change) if index == last + 1 => {
                change.before.push(*old);
                change.after.push(*new);
            }
            _ => list.push(StackChange {
                offset: index as u64,
                before: vec![*old],
                after: vec![*new],
            }),
        }
        last = index;
    }
    list
}
