//! The layout of a function's stack frame, from high addresses to low:
//!
//! ```text
//! incoming arguments (and, below them, room for those of tail calls that pass more)
//! return address, if the call instruction pushes it
//! setup area: frame record
//! saved registers, the widest first
//! spill slots
//! stack slots
//! outgoing arguments             <- stack pointer between prologue and epilogue
//! ```
//!
//! The stack pointer does not move between prologue and epilogue, so every place is a constant
//! distance above it. A site changes nothing of that: argument area and saves belong to the
//! frame whether the call is live or not.

use regalloc2::PReg;

use super::call::FrameRef;
use super::limit::Refusal;

/// A register saved in the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Which one.
    pub reg: PReg,
    /// How many of its bytes: 8, or 16 for a whole vector register.
    pub bytes: u8,
    /// Bytes above the stack pointer.
    pub offset: i64,
}

/// What the frame is made of; sizes in bytes.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// Registers to be saved, with the bytes of each.
    pub saved: Vec<(PReg, u8)>,
    /// Spill slots of 8 bytes.
    pub spill_slots: u32,
    /// All stack slots together.
    pub slots: u32,
    /// The largest argument area of the calls made.
    pub outgoing: u32,
    /// The largest argument area of tail calls made.
    pub tail: u32,
    /// Bytes of the function's own argument area that it takes away when it returns.
    pub popped: u32,
    /// Setup area.
    pub setup: u32,
    /// Return address on the stack.
    pub return_address: u32,
    /// Stack alignment.
    pub alignment: u32,
    /// Least distance of the outgoing area's top: what the ABI makes every caller set aside
    /// (s390x: 160).
    pub makes_calls: bool,
    /// Whether it has sites whose hooks pop their arguments.
    pub anchored: bool,
}

/// How the stack limit of `stack_limit = gvN` is found: a chain from a register argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackLimit {
    /// Register in which the chain's base arrives.
    pub base: PReg,
    /// Steps from it.
    pub steps: Vec<LimitStep>,
}

/// A step towards the stack limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitStep {
    /// Load 8 bytes at this offset.
    Load(i32),
    /// Add this.
    Add(i64),
}

/// A laid-out frame.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Saved registers.
    pub saved: Vec<Saved>,
    /// How far the prologue moves the stack pointer below the setup area.
    pub size: u32,
    /// Setup area.
    pub setup: u32,
    /// Bytes of the own argument area that the function takes away.
    pub popped: u32,
    /// How far the prologue moves the return address down to make room for larger tail calls.
    pub tail_room: u32,
    /// Whether the function makes calls.
    pub makes_calls: bool,
    /// Whether the stack pointer can be computed from another register everywhere, as sites need
    /// whose hooks pop their arguments.
    pub anchored: bool,
    /// The stack limit to be checked.
    pub stack_limit: Option<StackLimit>,
    return_address: u32,
    slots_at: i64,
    spills_at: i64,
}

/// Bytes of frame that no ISA here has trouble with.
const MAX_FRAME: i64 = 1 << 30;

impl Frame {
    /// Lays it out.
    ///
    /// # Errors
    /// A frame beyond 1 GiB.
    pub fn new(needs: &Needs, stack_limit: Option<StackLimit>) -> Result<Frame, Refusal> {
        let outgoing = i64::from(needs.outgoing).max(0);
        let slots_at = outgoing.next_multiple_of_16();
        let spills_at = (slots_at + i64::from(needs.slots)).next_multiple_of_16();
        let saves_at = (spills_at + 8 * i64::from(needs.spill_slots)).next_multiple_of_16();
        let mut saved = Vec::with_capacity(needs.saved.len());
        let mut at = saves_at;
        let mut order = needs.saved.clone();
        order.sort_by_key(|&(_, bytes)| std::cmp::Reverse(bytes));
        for (reg, bytes) in order {
            saved.push(Saved {
                reg,
                bytes,
                offset: at,
            });
            at += i64::from(bytes);
        }
        // The stack pointer was aligned right before the call instruction.
        let above = i64::from(needs.return_address) + i64::from(needs.setup);
        let alignment = i64::from(needs.alignment);
        let whole = (at + above + alignment - 1) / alignment * alignment;
        // Without anything in it, and nobody called, the stack pointer may stay unaligned.
        let empty = at == 0 && !needs.makes_calls;
        let size = if empty { 0 } else { whole - above };
        if size > MAX_FRAME {
            return Err(Refusal::limit(format!(
                "a frame of {size} bytes, more than {MAX_FRAME}"
            )));
        }
        let tail_room = needs.tail.saturating_sub(needs.popped);
        Ok(Frame {
            saved,
            size: u32::try_from(size).expect("checked above"),
            setup: needs.setup,
            popped: needs.popped,
            tail_room,
            makes_calls: needs.makes_calls,
            anchored: needs.anchored,
            stack_limit,
            return_address: needs.return_address,
            slots_at,
            spills_at,
        })
    }

    /// Distance of a place from the stack pointer between prologue and epilogue, in bytes.
    pub fn offset(&self, place: FrameRef) -> i64 {
        match place {
            FrameRef::Incoming(offset) => self.entry() + offset,
            FrameRef::Outgoing(offset) => i64::from(offset),
            FrameRef::Slot(offset) => self.slots_at + i64::from(offset),
            FrameRef::Spill(slot) => self.spills_at + 8 * i64::from(slot),
        }
    }

    /// Distance from the stack pointer to where it was right before the call instruction.
    pub fn entry(&self) -> i64 {
        i64::from(self.size)
            + i64::from(self.setup)
            + i64::from(self.return_address)
            + i64::from(self.tail_room)
    }
}

trait NextMultiple {
    fn next_multiple_of_16(self) -> Self;
}

impl NextMultiple for i64 {
    fn next_multiple_of_16(self) -> i64 {
        (self + 15) / 16 * 16
    }
}
