//! The instructions that check the stack pointer, by hand.
//!
//! The interpreter compares a new stack pointer with the lowest address of a stack that it
//! allocates itself, wherever the host's allocator puts it, while the guest's stack is at a
//! fixed address. So these instructions are computed here, in the very order in which
//! `interp.rs` of pulley-interpreter 48.0.8 does it, with the bounds of the guest's stack. A
//! test compares them with the interpreter, on its own stack.
//!
//! Saved registers are in the host's byte order, also in big-endian Pulley: so the
//! interpreter has it.

use super::cpu::PulleyCpu;
use super::engine::{Cause, SP};
use super::step::Stop;
use crate::machine::MemoryFault;

/// Size of a saved register in bytes.
const SLOT: u64 = 8;

fn write_fault(fault: MemoryFault) -> Stop {
    Stop::Fault {
        address: fault.address,
        access: "write",
    }
}

fn read_fault(fault: MemoryFault) -> Stop {
    Stop::Fault {
        address: fault.address,
        access: "read",
    }
}

impl PulleyCpu {
    fn sp(&self) -> u64 {
        self.interpreter.x(SP)
    }

    /// `Interpreter::set_sp`: sets the stack pointer unless it is below the stack.
    fn set_sp(&mut self, sp: u64) -> Result<(), Stop> {
        if sp < self.memory.layout().stack {
            return Err(Stop::Trap(Cause::StackOverflow));
        }
        self.interpreter.set_x(SP, sp);
        Ok(())
    }

    fn push(&mut self, value: u64) -> Result<(), Stop> {
        let sp = self.sp().wrapping_sub(SLOT);
        self.set_sp(sp)?;
        self.memory.write_u64(sp, value).map_err(write_fault)
    }

    fn pop(&mut self) -> Result<u64, Stop> {
        let sp = self.sp();
        let value = self.memory.read_u64(sp).map_err(read_fault)?;
        self.interpreter.set_x(SP, sp.wrapping_add(SLOT));
        Ok(value)
    }

    /// `push lr; push fp; fp = sp`
    pub(super) fn push_frame(&mut self) -> Result<(), Stop> {
        self.push(self.interpreter.lr())?;
        self.push(self.interpreter.fp())?;
        self.interpreter.set_fp(self.sp());
        Ok(())
    }

    /// `sp = fp; pop fp; pop lr`
    pub(super) fn pop_frame(&mut self) -> Result<(), Stop> {
        self.interpreter.set_x(SP, self.interpreter.fp());
        let fp = self.pop()?;
        let lr = self.pop()?;
        self.interpreter.set_fp(fp);
        self.interpreter.set_lr(lr);
        Ok(())
    }

    /// `push_frame`, `stack_alloc32 amt`, and the registers from the top of that downwards.
    pub(super) fn push_frame_save(&mut self, amt: u32, registers: Vec<u8>) -> Result<(), Stop> {
        let amt = u64::from(amt);
        self.set_sp(self.sp().wrapping_sub(amt + 2 * SLOT))?;
        let fp = self.sp().wrapping_add(amt);
        self.save(fp.wrapping_add(SLOT), self.interpreter.lr())?;
        self.save(fp, self.interpreter.fp())?;
        self.interpreter.set_fp(fp);
        let mut slot = fp;
        for register in registers {
            slot = slot.wrapping_sub(SLOT);
            self.save(slot, self.interpreter.x(register))?;
        }
        Ok(())
    }

    fn save(&mut self, address: u64, value: u64) -> Result<(), Stop> {
        self.memory.write_u64(address, value).map_err(write_fault)
    }

    /// The inverse of `push_frame_save`.
    pub(super) fn pop_frame_restore(&mut self, amt: u32, registers: Vec<u8>) -> Result<(), Stop> {
        // `sp` is read anew each time: it may itself be among the registers.
        let mut offset = u64::from(amt);
        for register in registers {
            offset = offset.wrapping_sub(SLOT);
            let address = self.sp().wrapping_add(offset);
            let value = self.memory.read_u64(address).map_err(read_fault)?;
            self.interpreter.set_x(register, value);
        }
        self.pop_frame()
    }

    /// `sp = sp.checked_sub(amt)`
    pub(super) fn stack_alloc32(&mut self, amt: u32) -> Result<(), Stop> {
        self.set_sp(self.sp().wrapping_sub(u64::from(amt)))
    }

    /// `sp = sp + amt`
    pub(super) fn stack_free32(&mut self, amt: u32) {
        let sp = self.sp().wrapping_add(u64::from(amt));
        self.interpreter.set_x(SP, sp);
    }
}
