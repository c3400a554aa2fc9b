//! Faults of a run, as data: what is done to the guest, to its patcher or to the suite's own
//! view of it, on purpose, so that somebody sees whether an oracle notices.
//!
//! A fault must travel to the child process that runs the machine, and replay there exactly: so
//! it is a value that a [`super::Session`] carries out, and no code. An empty one changes nothing.
//! Which compiler bug each stands for is the business of those who put them together.

use serde::{Deserialize, Serialize};

use super::RegisterId;
use crate::program::SiteId;

/// All that is wrong with a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tampering {
    /// What happens to registers and memory, and when.
    pub acts: Vec<Act>,
    /// What the patcher does wrong.
    pub patcher: Option<PatcherFault>,
    /// What the suite does wrong.
    pub suite: Option<SuiteFault>,
}

impl Tampering {
    /// One act and nothing else.
    pub fn act(act: Act) -> Tampering {
        Tampering {
            acts: vec![act],
            ..Tampering::default()
        }
    }

    /// A patcher's fault and nothing else.
    pub fn patcher(fault: PatcherFault) -> Tampering {
        Tampering {
            patcher: Some(fault),
            ..Tampering::default()
        }
    }

    /// The suite's fault and nothing else.
    pub fn suite(fault: SuiteFault) -> Tampering {
        Tampering {
            suite: Some(fault),
            ..Tampering::default()
        }
    }
}

/// One change of the guest's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// When.
    pub moment: Moment,
    /// At which sites, for the moments that belong to one.
    pub sites: Vec<SiteId>,
    /// In which state of the site.
    pub state: SiteState,
    /// How often the moment passes first without a change.
    pub skip: u32,
    /// What changes.
    pub change: Change,
}

/// When an act takes place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Moment {
    /// In front of a site, before anything there is recorded: the code before it did it.
    BeforeSite,
    /// At the arrival behind a site, before anything is recorded: the hook or the call did it.
    AfterSite,
    /// The same, after all is recorded: the code behind the site did it.
    BehindSite,
    /// At a hook's first instruction, entered from a site, after that is recorded.
    HookEntry,
    /// When the entry has returned.
    EntryReturn,
    /// Before the instruction at one of these addresses.
    At(Vec<u64>),
}

/// In which state a site must be when it is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SiteState {
    /// Live: its hook runs.
    Live,
    /// Filled with NOPs.
    Nopped,
    /// Either.
    Any,
}

/// A change of registers or memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// These bits of a register become others, time and again: twice the same change is no way
    /// back, unless it is of one bit.
    Flip {
        /// The register.
        register: RegisterId,
        /// Its bits.
        mask: u128,
    },
    /// A register becomes a copy of another one.
    Copy {
        /// What is overwritten.
        into: RegisterId,
        /// With what.
        from: RegisterId,
    },
    /// The bytes of a register that two overlapping save slots share become those of the other.
    Overlap {
        /// Saved first, at the lower address.
        into: RegisterId,
        /// Saved second, over the first one's last bytes.
        from: RegisterId,
        /// Bytes that the slots share.
        bytes: u8,
    },
    /// A register moves by an amount, modulo its width.
    Add {
        /// The register.
        register: RegisterId,
        /// How far.
        amount: i64,
    },
    /// The return address moves by an amount, in the link register or on top of the stack.
    ReturnAddress(i64),
    /// A byte of memory becomes its opposite.
    FlipMemory {
        /// How far above the stack pointer.
        offset: i64,
    },
}

/// What a patcher may get wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PatcherFault {
    /// Of the NOPs only this many bytes from the start are written.
    FillStart(u32),
    /// Of the NOPs only what is behind this many bytes is written.
    FillEnd(u32),
    /// The NOPs are tiled shortest first.
    ShortestFirst,
    /// Of several sites that change at once only the first is written.
    OnlyFirst,
    /// Of several sites that change at once only the last is written.
    OnlyLast,
    /// Code is written as data: translations of the old bytes stay.
    NoInvalidation,
    /// What is written to enable a site: other bytes than the emitted ones.
    Restores(Vec<(SiteId, Vec<u8>)>),
    /// Enabling a site writes nothing.
    NeverRestores,
    /// A site that changes while the program runs does so one pass later.
    OnePassLate,
    /// Live sites hold NOPs, and nobody says so.
    NeverLive,
}

/// What the suite itself may get wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SuiteFault {
    /// The entry of a hook is not noticed.
    HookEntriesUnseen,
    /// The host overwrites nothing at hostcalls.
    FriendlyHost,
    /// Registers of more than so many bytes are recorded with their lower halves only.
    HalfWidth(u8),
}
