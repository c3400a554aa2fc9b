//! What executes an image, and what is recorded while it runs.
//!
//! A [`Machine`] knows registers, memory and breakpoints, and nothing of programs. Everything
//! that a run means (hostcalls, hostility, patching, what a pass through a site looks like) is
//! in [`Session`], once for all machines.

pub mod abi;
pub mod child;
pub mod pulley;
pub mod unicorn;

mod changes;
mod event;
#[cfg(test)]
mod fake;
mod lacking;
mod registers;
mod session;
pub mod tampering;

pub use event::{Event, Exit, Pass, PassEnd, RegisterChange, RunEvidence, Scrutiny, StackChange};
pub use lacking::lacking;
pub use registers::{RegisterId, RegisterInfo, RegisterRole, RegisterTable, Registers};
pub use session::{CallError, Plan, PlanError, Session};

use crate::image::CodeImage;
use crate::isa::Isa;

/// An access outside of guest memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no guest memory at {address:#x}")]
pub struct MemoryFault {
    /// First address that is not mapped.
    pub address: u64,
}

/// The suite's side of a machine is broken; never the guest's doing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MachineError(pub String);

/// Registers and memory of a stopped guest.
pub trait Cpu {
    /// What it executes.
    fn isa(&self) -> Isa;
    /// All registers of the table at full width.
    fn registers(&mut self) -> Registers;
    /// One register, zero-extended to 128 bits.
    fn read(&mut self, register: RegisterId) -> u128;
    /// Sets one register to the low bits of `value`.
    fn write(&mut self, register: RegisterId, value: u128);
    /// Reads guest memory.
    fn load(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), MemoryFault>;
    /// How many of the `size` bytes at `address` are alike, and whether so in that nobody has
    /// written them in this run: they are zeros then. A machine that does not know says no.
    fn untouched(&mut self, _address: u64, size: usize) -> (usize, bool) {
        (size, false)
    }
    /// Writes guest data.
    fn store(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault>;
    /// Writes guest code; what was translated from these bytes, and no more, is forgotten.
    fn write_code(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault>;

    /// Writes several pieces of code, as [`Cpu::write_code`] does each.
    ///
    /// # Errors
    /// As there; some pieces may have been written then.
    fn write_code_pieces(&mut self, pieces: &[(u64, Vec<u8>)]) -> Result<(), MemoryFault> {
        let mut pieces = pieces.iter();
        pieces.try_for_each(|(address, bytes)| self.write_code(*address, bytes))
    }
    /// Values that the instruction at the PC is about to move into argument registers itself,
    /// as (destination, value). Pulley's `call1` to `call4` do; no other ISA's calls.
    fn pending_moves(&mut self) -> Vec<(RegisterId, u128)> {
        Vec::new()
    }
}

/// What happens after a breakpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on at the PC.
    Continue,
    /// End the run as a jump to where nothing is.
    Stop,
}

/// Executes images of one ISA. Belongs to one thread; is reused for many images.
pub trait Machine {
    /// Lets `work` at registers and memory between runs.
    fn with_cpu(&mut self, work: &mut dyn FnMut(&mut dyn Cpu));

    /// Makes `image` the guest's code, all sites live, and forgets the image before it. The
    /// guest has `data_symbols` data symbols. `breakpoints` are the addresses that [`Session::breakpoint`] wants to hear of, hostcall
    /// stubs excepted, which are always heard of.
    fn load(
        &mut self,
        image: &CodeImage,
        data_symbols: usize,
        breakpoints: &[u64],
    ) -> Result<(), MachineError>;

    /// Clears data and stack as a fresh guest has them: zero.
    fn clear_memory(&mut self) -> Result<(), MachineError>;

    /// Runs from `entry` until the exit stub, a fault, or the end of the fuel. Registers are
    /// as set before. No guest behaviour panics. Gives the session back with how the run ended.
    fn run(&mut self, entry: u64, session: Session) -> (Exit, Session);
}
