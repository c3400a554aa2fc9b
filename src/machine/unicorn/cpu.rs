//! A stopped engine as a [`Cpu`].

use unicorn_engine::Unicorn;

use super::Shared;
use super::registers::{self, access};
use super::setup::map_deep_stack;
use crate::image::Layout;
use crate::isa::Isa;
use crate::machine::{Cpu, MemoryFault, RegisterId, RegisterTable, Registers};

/// Registers and memory of an engine.
pub struct UnicornCpu<'a, 'e> {
    /// The engine.
    pub engine: &'a mut Unicorn<'e, Shared>,
}

impl UnicornCpu<'_, '_> {
    /// The host's accesses map the deep part of the stack as the guest's do: a frame that the
    /// guest has not touched yet is compared too, and overwritten below.
    fn grow_stack(&mut self, address: u64, size: usize) -> bool {
        let layout = Layout::of(self.engine.get_data().isa);
        let end = address.saturating_add(size as u64);
        layout.stack <= address && end <= layout.stack_top() && map_deep_stack(self.engine)
    }
}

impl Cpu for UnicornCpu<'_, '_> {
    fn isa(&self) -> Isa {
        self.engine.get_data().isa
    }

    fn registers(&mut self) -> Registers {
        let table = RegisterTable::of(self.isa());
        Registers(table.ids().map(|register| self.read(register)).collect())
    }

    fn read(&mut self, register: RegisterId) -> u128 {
        let isa = self.isa();
        let info = RegisterTable::of(isa).info(register);
        registers::read(self.engine, access(isa, info))
    }

    fn write(&mut self, register: RegisterId, value: u128) {
        let isa = self.isa();
        let info = RegisterTable::of(isa).info(register);
        registers::write(self.engine, access(isa, info), value);
    }

    fn load(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), MemoryFault> {
        let mut outcome = self.engine.mem_read(address, buffer);
        if outcome.is_err() && self.grow_stack(address, buffer.len()) {
            outcome = self.engine.mem_read(address, buffer);
        }
        outcome.map_err(|_| MemoryFault { address })
    }

    fn store(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        let mut outcome = self.engine.mem_write(address, bytes);
        if outcome.is_err() && self.grow_stack(address, bytes.len()) {
            outcome = self.engine.mem_write(address, bytes);
        }
        outcome.map_err(|_| MemoryFault { address })
    }

    fn write_code(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        self.store(address, bytes)?;
        let end = address.wrapping_add(bytes.len() as u64);
        self.engine
            .ctl_remove_cache(address, end)
            .map_err(|_| MemoryFault { address })
    }
}
