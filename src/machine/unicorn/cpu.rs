//! A stopped engine as a [`Cpu`].

use unicorn_engine::Unicorn;

use super::Shared;
use super::registers;
use super::setup::map_deep_stack;
use crate::image::Layout;
use crate::isa::Isa;
use crate::machine::{Cpu, MemoryFault, RegisterId, Registers};

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
        let accesses = registers::accesses(self.isa()).iter();
        let values = accesses.map(|&access| registers::read(self.engine, access));
        Registers(values.collect())
    }

    fn read(&mut self, register: RegisterId) -> u128 {
        let access = registers::accesses(self.isa())[usize::from(register.0)];
        registers::read(self.engine, access)
    }

    fn write(&mut self, register: RegisterId, value: u128) {
        let access = registers::accesses(self.isa())[usize::from(register.0)];
        registers::write(self.engine, access, value);
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

    /// A write to memory that the guest must not write makes Unicorn lay out its memory twice:
    /// all pieces are written at once, with what lies between them. Translations are only
    /// removed of the pieces themselves.
    fn write_code_pieces(&mut self, pieces: &[(u64, Vec<u8>)]) -> Result<(), MemoryFault> {
        let ends = pieces.iter().map(|(address, bytes)| end(*address, bytes));
        let (Some(start), Some(behind)) = (pieces.iter().map(|p| p.0).min(), ends.max()) else {
            return Ok(());
        };
        let fault = MemoryFault { address: start };
        if behind - start > Layout::CODE_BYTES {
            return Err(fault);
        }
        let mut all = vec![0; usize::try_from(behind - start).map_err(|_| fault)?];
        self.load(start, &mut all)?;
        for (address, bytes) in pieces {
            let at = usize::try_from(address - start).map_err(|_| fault)?;
            let place = all.get_mut(at..at + bytes.len()).ok_or(fault)?;
            place.copy_from_slice(bytes);
        }
        self.store(start, &all)?;
        for (address, bytes) in pieces {
            self.engine
                .ctl_remove_cache(*address, end(*address, bytes))
                .map_err(|_| fault)?;
        }
        Ok(())
    }
}

/// Address behind `bytes` at `address`.
fn end(address: u64, bytes: &[u8]) -> u64 {
    address.saturating_add(bytes.len() as u64)
}
