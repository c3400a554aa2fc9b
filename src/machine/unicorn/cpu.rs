//! A stopped engine as a [`Cpu`].

use unicorn_engine::Unicorn;

use super::Shared;
use super::registers;
use super::stack;
use crate::image::Layout;
use crate::isa::Isa;
use crate::machine::{Cpu, MemoryFault, RegisterId, Registers};

/// Registers and memory of an engine.
pub struct UnicornCpu<'a, 'e> {
    /// The engine.
    pub engine: &'a mut Unicorn<'e, Shared>,
}

impl UnicornCpu<'_, '_> {
    /// Whether all of `size` bytes at `address` are the stack's, be they mapped or not.
    fn is_stack(&self, address: u64, size: usize) -> bool {
        let layout = Layout::of(self.engine.get_data().isa);
        let end = address.saturating_add(size as u64);
        layout.stack <= address && end <= layout.stack_top()
    }

    /// Reads the stack: a frame that the guest has not touched yet is compared too.
    fn load_stack(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), MemoryFault> {
        let end = address.saturating_add(buffer.len() as u64);
        let mut rest = buffer;
        for (range, mapped) in stack::stretches(self.engine, address..end) {
            let (start, size) = (range.start, range.end - range.start);
            let fault = MemoryFault { address: start };
            let size = usize::try_from(size).map_err(|_| fault)?;
            let (piece, behind) = rest.split_at_mut_checked(size).ok_or(fault)?;
            if mapped {
                self.engine.mem_read(start, piece).map_err(|_| fault)?;
            } else {
                piece.fill(0);
            }
            rest = behind;
        }
        Ok(())
    }

    /// Maps the stack's pieces there, as a guest that writes to them would; false when there is
    /// nothing to map.
    fn map_stack(&mut self, address: u64, size: usize) -> bool {
        let end = address.saturating_add(size as u64);
        let stretches = stack::stretches(self.engine, address..end);
        let unmapped = stretches.into_iter().filter(|(_, mapped)| !mapped);
        let done = unmapped.map(|(range, _)| stack::map(self.engine, range.start));
        done.fold(false, |any, done| any | done)
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
        match self.engine.mem_read(address, buffer) {
            Ok(()) => Ok(()),
            Err(_) if self.is_stack(address, buffer.len()) => self.load_stack(address, buffer),
            Err(_) => Err(MemoryFault { address }),
        }
    }

    /// The deep stack is mapped when it is touched first.
    fn untouched(&mut self, address: u64, size: usize) -> (usize, bool) {
        if !self.is_stack(address, size) {
            return (size, false);
        }
        let (length, mapped) = stack::stretch(self.engine, address);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        (length.min(size), !mapped)
    }

    fn store(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        let mut outcome = self.engine.mem_write(address, bytes);
        let size = bytes.len();
        if outcome.is_err() && self.is_stack(address, size) && self.map_stack(address, size) {
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
