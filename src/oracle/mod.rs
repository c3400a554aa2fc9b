//! Oracles: pure checks of evidence, one a file, numbered as in the design. An oracle knows
//! neither Unicorn nor Cranelift nor the backend; it judges an image and states from runs,
//! whoever made them.

mod agreement;
mod code;
mod extensions;
mod hook_log;
mod lockstep;
mod sites;
mod state;
mod toggle;
mod vacuity;
mod wording;

#[cfg(test)]
mod specimen;

pub use agreement::{View, disagreements};
pub use code::Code;
pub use extensions::{Lacking, needed_beyond};
pub use hook_log::HookLog;
pub use lockstep::Lockstep;
pub use sites::Sites;
pub use state::State;
pub use toggle::Toggle;
pub use vacuity::Vacuity;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::disasm::FunctionCode;
use crate::image::CodeImage;
use crate::machine::RunEvidence;
use crate::program::{Expected, Interface, Prediction, Signature, SiteId};

/// Which of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// 0: the generator compiles what the CLIF verifier accepts, or says that it does not.
    Compile,
    /// 1: the metadata names each reachable patchable call once, in ranges that can be patched.
    Sites,
    /// 2: a live range decodes to the call and a NOPed one to NOPs; no instruction exceeds the
    /// ISA.
    Code,
    /// 3: exit, results, callee-saved registers, stack pointer and program memory.
    State,
    /// 4: the hook log and the arguments at every pass.
    HookLog,
    /// 5: registers and stack right before and right after each site.
    Lockstep,
    /// 6: toggling acts from the next pass on; restoring gives the emitted bytes.
    Toggle,
    /// 7: the runs did what they claim to have compared.
    Vacuity,
    /// 8: the same result on every ISA and from every generator.
    Agreement,
}

impl Check {
    /// All checks in order.
    pub const ALL: [Check; 9] = [
        Check::Compile,
        Check::Sites,
        Check::Code,
        Check::State,
        Check::HookLog,
        Check::Lockstep,
        Check::Toggle,
        Check::Vacuity,
        Check::Agreement,
    ];

    /// The name used in reports and in headers of `corpus/known/`.
    pub fn name(self) -> &'static str {
        match self {
            Check::Compile => "compile",
            Check::Sites => "sites",
            Check::Code => "code",
            Check::State => "state",
            Check::HookLog => "hook-log",
            Check::Lockstep => "lockstep",
            Check::Toggle => "toggle",
            Check::Vacuity => "vacuity",
            Check::Agreement => "agreement",
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a discrepancy is about, as data.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A register, by name.
    Register(String),
    /// Code bytes, as offsets in a function: `[start, end)`.
    Code {
        /// Function.
        function: String,
        /// First byte.
        start: u64,
        /// Behind the last byte.
        end: u64,
    },
    /// Stack bytes, as distances from the stack pointer at the site: `[start, end)`.
    Stack {
        /// First byte.
        start: u64,
        /// Behind the last byte.
        end: u64,
    },
    /// Bytes of a data symbol: `[start, end)`.
    Data {
        /// Symbol.
        symbol: String,
        /// First byte.
        start: u64,
        /// Behind the last byte.
        end: u64,
    },
    /// A result, by its index.
    Result(usize),
    /// An argument of a hook at a site, by its index.
    Argument(usize),
    /// How the run ended.
    Exit,
    /// An entry of the log of passes, hook entries and hostcalls, by its index.
    Event(usize),
    /// Patch metadata of a site.
    Metadata,
    /// An instruction that needs an extension.
    Instruction(String),
}

/// One disagreement between what was promised and what was seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Discrepancy {
    /// The check that found it.
    pub check: Check,
    /// The site that it concerns.
    pub site: Option<SiteId>,
    /// What it is about.
    pub subject: Subject,
    /// What was promised.
    pub expected: String,
    /// What was seen.
    pub seen: String,
    /// The scenario in which it was seen; `None` for static checks.
    pub scenario: Option<String>,
    /// All of it in a sentence for a compiler engineer.
    pub message: String,
}

/// One run with what it was meant to do.
#[derive(Clone, Debug)]
pub struct Run {
    /// Name of the scenario: replays it.
    pub scenario: String,
    /// Index of the invocation among the program's.
    pub invocation: usize,
    /// Signature of the entry.
    pub entry: Signature,
    /// Bytes of stack that the entry takes away when it returns.
    pub entry_pops: u64,
    /// State of each site at the start; `true` is live.
    pub sites_live: Vec<bool>,
    /// What was seen.
    pub evidence: RunEvidence,
    /// What the reference says, or why it says nothing.
    pub prediction: Result<Prediction, String>,
    /// What the run line says of the results.
    pub expected: Option<Expected>,
}

/// All that is known of one program on one ISA from one generator.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// What the program shows to the outside.
    pub interface: &'a Interface,
    /// The linked code.
    pub image: &'a CodeImage,
    /// What [`decoded`] makes of it: several checks ask, and decoding is dear.
    pub code: &'a [FunctionCode],
    /// The runs; none on an ISA that is only checked statically.
    pub runs: &'a [Run],
}

/// The code of each function of `image`, for [`Evidence::code`].
pub fn decoded(image: &CodeImage) -> Vec<FunctionCode> {
    FunctionCode::all(image)
}

/// What an oracle, or all of them together, say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// All that was promised was seen.
    Pass,
    /// Something else was seen.
    Fail(Vec<Discrepancy>),
    /// Could not tell, and why.
    Inconclusive(String),
    /// Not covered, and why.
    Unsupported(String),
}

/// A pure check.
pub trait Oracle: Sync {
    /// Which check it is.
    fn check(&self) -> Check;

    /// Judges. Deterministic; never panics, whatever the evidence.
    fn judge(&self, evidence: &Evidence) -> Verdict;
}

impl Verdict {
    /// A fail if there is anything to report, a pass if not.
    pub fn from_discrepancies(list: Vec<Discrepancy>) -> Verdict {
        if list.is_empty() {
            Verdict::Pass
        } else {
            Verdict::Fail(list)
        }
    }

    /// Both together: a fail outweighs all and keeps every discrepancy once, then inconclusive,
    /// then unsupported.
    #[must_use]
    pub fn and(self, other: Verdict) -> Verdict {
        match (self, other) {
            (Verdict::Fail(mut list), Verdict::Fail(more)) => {
                for discrepancy in more {
                    if !list.contains(&discrepancy) {
                        list.push(discrepancy);
                    }
                }
                Verdict::Fail(list)
            }
            (Verdict::Fail(list), _) | (_, Verdict::Fail(list)) => Verdict::Fail(list),
            (Verdict::Inconclusive(why), _) | (_, Verdict::Inconclusive(why)) => {
                Verdict::Inconclusive(why)
            }
            (Verdict::Unsupported(why), _) | (_, Verdict::Unsupported(why)) => {
                Verdict::Unsupported(why)
            }
            (Verdict::Pass, Verdict::Pass) => Verdict::Pass,
        }
    }
}
