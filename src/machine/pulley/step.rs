//! What an instruction does to the PC.

use super::cpu::PulleyCpu;
use super::engine::{Cause, LONGEST, Op, Outcome};

/// Why an instruction did not complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It trapped.
    Trap(Cause),
    /// It calls the host, by number. The PC is behind it already.
    Hostcall(u8),
    /// It is none, or one that has no meaning here.
    Illegal(Vec<u8>),
    /// A memory access that the guest may not make.
    Fault {
        /// Address that it wanted.
        address: u64,
        /// `read`, `write` or `fetch`.
        access: &'static str,
    },
}

/// `address + offset`.
fn displace(address: u64, offset: i32) -> u64 {
    address.wrapping_add_signed(i64::from(offset))
}

impl PulleyCpu {
    /// Executes the instruction at the PC and moves the PC on.
    pub(super) fn step(&mut self) -> Result<(), Stop> {
        let mut buffer = [0; LONGEST];
        let available = self.memory.fetch(self.pc, &mut buffer);
        let bytes = &buffer[..available];
        if bytes.is_empty() {
            return Err(Stop::Fault {
                address: self.pc,
                access: "fetch",
            });
        }
        let Some((op, width)) = self.interpreter.decode(bytes) else {
            return Err(Stop::Illegal(bytes.to_vec()));
        };
        self.execute(op, &bytes[..width])
    }

    fn execute(&mut self, op: Op, bytes: &[u8]) -> Result<(), Stop> {
        let next = self.pc + bytes.len() as u64;
        self.pc = match op {
            Op::Return => self.interpreter.lr(),
            Op::Jump(register) => self.interpreter.x(register),
            Op::CallIndirect(register) => {
                self.interpreter.set_lr(next);
                self.interpreter.x(register)
            }
            Op::Table { index, entries } => {
                let index = self.interpreter.x(index) as u32;
                self.table_target(next, index, entries)
                    .ok_or_else(|| Stop::Illegal(bytes.to_vec()))?
            }
            Op::AddPc { to, offset } => {
                let address = displace(self.pc, offset);
                self.interpreter.set_x(to, address);
                next
            }
            Op::Hostcall(number) => {
                self.pc = next;
                return Err(Stop::Hostcall(number));
            }
            Op::PushFrame => self.push_frame().map(|()| next)?,
            Op::PopFrame => self.pop_frame().map(|()| next)?,
            Op::PushFrameSave(amt, saved) => self.push_frame_save(amt, saved).map(|()| next)?,
            Op::PopFrameRestore(amt, saved) => self.pop_frame_restore(amt, saved).map(|()| next)?,
            Op::StackAlloc(amt) => self.stack_alloc32(amt).map(|()| next)?,
            Op::StackFree(amt) => {
                self.stack_free32(amt);
                next
            }
            Op::Call { .. } | Op::Branch(_) | Op::Other(_) => self.out_of_line(&op, bytes, next)?,
        };
        Ok(())
    }

    /// Where a branch table leads. The table is behind the instruction, each entry an offset
    /// from its own place; an index behind the last entry means the last one.
    fn table_target(&self, table: u64, index: u32, entries: u32) -> Option<u64> {
        let index = index.min(entries.checked_sub(1)?);
        let entry = table + 4 * u64::from(index);
        let mut offset = [0; 4];
        let read = self.memory.fetch(entry, &mut offset);
        (read == offset.len()).then(|| displace(entry, i32::from_le_bytes(offset)))
    }

    /// Lets the interpreter execute the instruction, gives the new PC.
    fn out_of_line(&mut self, op: &Op, bytes: &[u8], next: u64) -> Result<u64, Stop> {
        if let Op::Other(Some(access)) = op
            && !self.memory.admits(*access)
        {
            return Err(Stop::Fault {
                address: access.address,
                access: if access.writes { "write" } else { "read" },
            });
        }
        let branch = op.branch();
        match self.interpreter.execute(bytes, branch.is_some()) {
            Outcome::Next => Ok(next),
            Outcome::Taken => {
                if matches!(op, Op::Call { .. }) {
                    // The interpreter made this an address in the scratch buffer.
                    self.interpreter.set_lr(next);
                }
                Ok(displace(self.pc, branch.unwrap_or_default()))
            }
            Outcome::Trapped(Cause::Disabled) | Outcome::Left => Err(Stop::Illegal(bytes.to_vec())),
            Outcome::Trapped(cause) => Err(Stop::Trap(cause)),
        }
    }
}
