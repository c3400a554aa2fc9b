//! The evidence of a run: what happened, in order, without judging it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::changes;
use super::registers::RegisterId;
use crate::program::{SiteId, Value};
use crate::wire;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exit {
    /// The entry returned to its caller.
    Returned,
    /// An instruction with a trap record trapped.
    Trap {
        /// Its address.
        pc: u64,
        /// Trap code as CLIF writes it.
        code: String,
    },
    /// A memory access or a jump to where nothing is.
    Fault {
        /// Address of the instruction.
        pc: u64,
        /// Address that it wanted.
        address: u64,
        /// `read`, `write` or `fetch`.
        access: String,
    },
    /// An instruction that the machine does not know, or that is none.
    Illegal {
        /// Address of the instruction.
        pc: u64,
        /// Its bytes, as many as are known.
        bytes: Vec<u8>,
    },
    /// Another exception: its number in the machine's own numbering.
    Exception {
        /// Address of the instruction.
        pc: u64,
        /// Number.
        number: u32,
    },
    /// The fuel was used up: the program does not end.
    OutOfFuel,
    /// The process that ran the guest died or stalled.
    Crashed {
        /// Signal, or what else is known.
        cause: String,
    },
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Returned => write!(f, "returned"),
            Exit::Trap { pc, code } => write!(f, "trap {code} at {pc:#x}"),
            Exit::Fault {
                pc,
                address,
                access,
            } => {
                write!(f, "{access} fault on {address:#x} at {pc:#x}")
            }
            Exit::Illegal { pc, bytes } => {
                write!(f, "unknown instruction {bytes:02x?} at {pc:#x}")
            }
            Exit::Exception { pc, number } => write!(f, "exception {number} at {pc:#x}"),
            Exit::OutOfFuel => write!(f, "out of fuel"),
            Exit::Crashed { cause } => write!(f, "crashed: {cause}"),
        }
    }
}

/// A register that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterChange {
    /// Which one.
    pub register: RegisterId,
    /// Value before, zero-extended.
    pub before: u128,
    /// Value after, zero-extended.
    pub after: u128,
}

/// Bytes of the stack that changed, at or above the stack pointer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackChange {
    /// Distance of the first byte from the stack pointer at the site, in bytes.
    pub offset: u64,
    /// Bytes before.
    #[serde(with = "wire")]
    pub before: Vec<u8>,
    /// Bytes after, as many.
    #[serde(with = "wire")]
    pub after: Vec<u8>,
}

/// The state right after a site against the state right before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassEnd {
    /// All registers but the PC that differ.
    #[serde(with = "changes")]
    pub registers: Vec<RegisterChange>,
    /// All bytes of the stack, from the stack pointer before the site upwards, that differ.
    pub stack: Vec<StackChange>,
}

/// One pass through a site, live or NOPed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// Which site.
    pub site: SiteId,
    /// Whether it was live when it was reached.
    pub live: bool,
    /// What the hook would see as arguments, read right before the site.
    pub args: Vec<Value>,
    /// Stack pointer right before the site.
    pub sp: u64,
    /// What differs behind the site; `None` when the run ended before it came there.
    pub end: Option<PassEnd>,
    /// Stack pointer of an arrival behind the site that was too low to be this pass's return.
    pub low_arrival: Option<u64>,
    /// Stack pointer behind the code that puts it right, where the site has such code and the run
    /// came through all of it.
    pub rebuilt_sp: Option<u64>,
}

/// Something that the session saw, in the order in which it happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A site was reached. Its end is filled in later, in place.
    Pass(Pass),
    /// A hook was entered.
    HookEntry {
        /// Index of the hook among the program's functions.
        function: u32,
        /// The site it was called from; `None` for an ordinary call.
        site: Option<SiteId>,
        /// Its arguments by its ABI.
        args: Vec<Value>,
    },
    /// The host was called.
    Hostcall {
        /// Index among the program's hostcalls.
        hostcall: u32,
        /// Arguments by its ABI.
        args: Vec<Value>,
        /// What the host returned.
        results: Vec<Value>,
    },
}

/// All that is known of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEvidence {
    /// How it ended.
    pub exit: Exit,
    /// Results by the entry's ABI; empty unless it returned.
    pub results: Vec<Value>,
    /// What happened.
    pub events: Vec<Event>,
    /// Registers that differ between the call of the entry and its return, the PC excepted.
    #[serde(with = "changes")]
    pub registers: Vec<RegisterChange>,
    /// Contents of each data symbol at the end, trailing zeros cut off.
    #[serde(with = "wire::rows")]
    pub data: Vec<Vec<u8>>,
    /// Code addresses whose bytes are neither the site's live bytes nor its NOPs, as the state
    /// of the sites at the end demands.
    pub code_differs: Vec<u64>,
    /// State of each site at the end; `true` is live.
    pub sites_live: Vec<bool>,
    /// Fuel used, in basic blocks (Unicorn) or instructions (Pulley).
    pub fuel_used: u64,
    /// Whether the run was ended because it had recorded as much as a run may: what came behind is
    /// not known.
    pub full: bool,
    /// How hard the suite looked.
    pub scrutiny: Scrutiny,
}

/// What shows that a run was really put to the test. A host that overwrites nothing and a
/// register that is recorded in part make every run look alike, and no comparison of runs would
/// notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scrutiny {
    /// Registers that were different after the first hostcall's hostility than before; `None`
    /// without a hostcall.
    pub overwritten: Option<u32>,
    /// Whether the registers that were recorded at the call of the entry show bits in their upper
    /// halves: of each width that registers of values have, one at least.
    pub full_width: bool,
}
