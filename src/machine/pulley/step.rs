//! What an instruction does to the PC.

use pulley_interpreter::decode::{Decoder, OpVisitor, SafeBytecodeStream};
use pulley_interpreter::op::MaterializeOpsVisitor;
use pulley_interpreter::{ExtendedOp, Op, PcRelOffset, XReg, for_each_op};

use super::access::access;
use super::cpu::PulleyCpu;
use super::interpreter::{Cause, LONGEST, Outcome};

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

/// The first instruction of `bytes` and its length.
pub(super) fn decode(bytes: &[u8]) -> Option<(Op, usize)> {
    let mut visitor = MaterializeOpsVisitor::new(SafeBytecodeStream::new(bytes));
    let op = Decoder::new().decode_one(&mut visitor).ok()?;
    Some((op, visitor.bytecode().position()))
}

/// The registers that `call1` to `call4` move to `x0`, `x1` and so on.
pub(super) fn call_arguments(op: &Op) -> Vec<XReg> {
    match *op {
        Op::Call1(c) => vec![c.arg1],
        Op::Call2(c) => vec![c.arg1, c.arg2],
        Op::Call3(c) => vec![c.arg1, c.arg2, c.arg3],
        Op::Call4(c) => vec![c.arg1, c.arg2, c.arg3, c.arg4],
        _ => vec![],
    }
}

fn is_direct_call(op: &Op) -> bool {
    matches!(
        op,
        Op::Call(_) | Op::Call1(_) | Op::Call2(_) | Op::Call3(_) | Op::Call4(_)
    )
}

/// A field that is called `offset` is an operand's [`PcRelOffset`]; no other field is.
macro_rules! branch_offset {
    ($op:ident, offset) => {
        Some($op.offset)
    };
    ($op:ident, $other:ident) => {
        None
    };
}

macro_rules! define_branch {
    ($(
        $( #[$attr:meta] )*
        $snake:ident = $name:ident $( { $( $field:ident : $ty:ty ),* } )? ;
    )*) => {
        /// The offset of a branch or direct call from its own start, in bytes. It is encoded in
        /// the instruction's last four bytes, little-endian.
        pub(super) fn branch(op: &Op) -> Option<i32> {
            let offset: Option<PcRelOffset> = match op {
                $(
                    Op::$name(_op) => None $( $( .or(branch_offset!(_op, $field)) )* )?,
                )*
                // `xpcadd` has an offset too, but does not go there.
                Op::ExtendedOp(_) => None,
            };
            offset.map(i32::from)
        }
    };
}
for_each_op!(define_branch);

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
        let Some((op, width)) = decode(bytes) else {
            return Err(Stop::Illegal(bytes.to_vec()));
        };
        self.execute(op, &bytes[..width])
    }

    fn execute(&mut self, op: Op, bytes: &[u8]) -> Result<(), Stop> {
        let next = self.pc + bytes.len() as u64;
        self.pc = match op {
            Op::Ret(_) => self.interpreter.lr(),
            Op::XJump(op) => self.interpreter.x(op.reg),
            Op::CallIndirect(op) => {
                self.interpreter.set_lr(next);
                self.interpreter.x(op.reg)
            }
            Op::BrTable32(op) => {
                let index = self.interpreter.x(op.idx) as u32;
                self.table_target(next, index, op.amt)
                    .ok_or_else(|| Stop::Illegal(bytes.to_vec()))?
            }
            Op::ExtendedOp(ExtendedOp::Xpcadd(op)) => {
                let address = displace(self.pc, op.offset.into());
                self.interpreter.set_x(op.dst, address);
                next
            }
            Op::ExtendedOp(ExtendedOp::CallIndirectHost(op)) => {
                self.pc = next;
                return Err(Stop::Hostcall(op.id));
            }
            Op::PushFrame(_) => self.push_frame().map(|()| next)?,
            Op::PopFrame(_) => self.pop_frame().map(|()| next)?,
            Op::PushFrameSave(op) => self.push_frame_save(op).map(|()| next)?,
            Op::PopFrameRestore(op) => self.pop_frame_restore(op).map(|()| next)?,
            Op::StackAlloc32(op) => self.stack_alloc32(op.amt).map(|()| next)?,
            Op::StackFree32(op) => {
                self.stack_free32(op.amt);
                next
            }
            _ => self.out_of_line(&op, bytes, next)?,
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
        if let Some(access) = access(op, &self.interpreter)
            && !self.memory.admits(access)
        {
            return Err(Stop::Fault {
                address: access.address,
                access: if access.writes { "write" } else { "read" },
            });
        }
        let branch = branch(op);
        match self.interpreter.execute(bytes, branch.is_some()) {
            Outcome::Next => Ok(next),
            Outcome::Taken => {
                if is_direct_call(op) {
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
