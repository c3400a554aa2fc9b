//! How values travel between functions: places that a convention assigns, calls as the
//! allocator and the encoder see them, and places in the frame.

use cranelift_codegen::ir::{ExternalName, Type};
use regalloc2::{PReg, PRegSet};

use super::operands::Operands;
use super::order::BlockId;
use super::reg::Reg;
use crate::program::SiteId;

/// Where a register-sized piece of an argument or result travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In a register.
    Reg(PReg),
    /// In the argument area, so many bytes above the stack pointer right before the call
    /// instruction (what s390x's save area and Windows' home space take is counted in).
    Stack(u32),
}

/// How the bits above a narrow integer are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// With anything.
    None,
    /// With zeros from so many bits upwards.
    Zero(u8),
    /// With the sign from so many bits upwards.
    Sign(u8),
    /// With ones from so many bits upwards.
    Ones(u8),
    /// Nothing is filled: a vector travels with its lanes in the order opposite to the one that it
    /// has in registers.
    Lanes,
}

/// A register-sized piece of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it travels.
    pub location: Location,
    /// Its type: the value's own, or `i64` for half of an `i128`. The store of a stack part
    /// writes this type; a part that is filled is stored as the filled `i64`.
    pub ty: Type,
    /// How a wider register or slot is filled.
    pub fill: Fill,
}

/// Where one argument or result travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In one piece, or the low and the high half of an `i128`.
    Parts(Vec<Part>),
    /// As a pointer to a copy that the caller makes.
    Reference {
        /// The pointer, of type `i64`.
        pointer: Part,
        /// Where the caller puts the copy: bytes above the stack pointer right before the call.
        copy: u32,
    },
}

/// Where all arguments and results of a signature travel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallLayout {
    /// By parameter.
    pub params: Vec<Place>,
    /// By result, never by reference. Parts that find no register lie in a memory area that the
    /// caller provides: [`Location::Stack`] counts from its start.
    pub returns: Vec<Place>,
    /// Size of that area in bytes; zero if there is none.
    pub area_bytes: u32,
    /// The hidden argument that points to the area.
    pub area_pointer: Option<Part>,
    /// Bytes from the stack pointer right before the call that arguments and copies take,
    /// rounded to the stack's alignment.
    pub argument_bytes: u32,
    /// Bytes of stack that the callee takes away when it returns (CLIF's `tail`).
    pub popped: u32,
}

/// What a call goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A symbol; `near` if it is colocated, so that a direct call reaches it.
    Symbol {
        /// Its name.
        name: ExternalName,
        /// Whether a direct call reaches it.
        near: bool,
    },
    /// The address in a register.
    Register(Reg),
}

/// A call, as the allocator and the encoder see it. Arguments on the stack are stored by
/// instructions before it.
#[derive(Clone, Debug)]
pub struct CallInfo {
    /// What it goes to.
    pub callee: Callee,
    /// A register that the address must be in, where the ISA wants one.
    pub callee_in: Option<PReg>,
    /// Register arguments.
    pub uses: Vec<(Reg, PReg)>,
    /// Register results.
    pub defs: Vec<(Reg, PReg)>,
    /// Everything else that the callee may lose.
    pub clobbers: PRegSet,
    /// What of the clobbers counts as written when the prologue decides what to save.
    pub writes: PRegSet,
    /// Bytes of stack that the callee takes away, which have to be set aside again.
    pub popped: u32,
    /// Patch site, if the call is patchable.
    pub site: Option<SiteId>,
    /// Where a `try_call` comes back; a call without goes on behind itself.
    pub targets: Option<Targets>,
}

/// Where a `try_call` comes back.
#[derive(Clone, Debug)]
pub struct Targets {
    /// When the callee returns.
    pub normal: BlockId,
    /// Handlers of exceptions in the order of the table, by tag; `None` takes all.
    pub handlers: Vec<(Option<u32>, BlockId)>,
}

impl CallInfo {
    /// Shows every register operand.
    pub fn operands(&mut self, operands: &mut impl Operands) {
        if let Callee::Register(reg) = &mut self.callee {
            match self.callee_in {
                Some(real) => operands.read_in(reg, real),
                None => operands.read(reg),
            }
        }
        for (reg, real) in &mut self.uses {
            operands.read_in(reg, *real);
        }
        for (reg, real) in &mut self.defs {
            operands.write_in(reg, *real);
        }
    }
}

/// A place in the frame. Offsets are bytes; what they mean in distances from the stack pointer
/// is known when the frame is laid out ([`super::frame::Frame::offset`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameRef {
    /// The function's own argument area: bytes above the stack pointer as it was right before
    /// the call instruction. A tail call's arguments lie here too, below zero if it passes more
    /// than the function got.
    Incoming(i64),
    /// Argument area of the calls that the function makes: bytes above its stack pointer.
    Outgoing(u32),
    /// The function's stack slots: bytes from the lowest one.
    Slot(u32),
    /// A spill slot, by the allocator's number.
    Spill(u32),
}
