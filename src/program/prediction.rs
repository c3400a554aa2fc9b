//! What the CLIF interpreter says a run does: plain data, for the oracles.

use serde::{Deserialize, Serialize};

use super::interface::SiteId;
use super::ty::Value;

/// Something that a run does, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PredictedEvent {
    /// It passes a site; the hook runs next if the site is live.
    Pass {
        /// Which site.
        site: SiteId,
        /// Whether it is live at that moment.
        live: bool,
        /// Arguments of the call.
        args: Vec<Value>,
    },
    /// It enters a hook by an ordinary call, not from a site.
    OrdinaryHookCall {
        /// Index of the hook among the functions.
        function: u32,
        /// Arguments.
        args: Vec<Value>,
    },
    /// It calls the host.
    Hostcall {
        /// Index among the hostcalls.
        hostcall: u32,
        /// Arguments.
        args: Vec<Value>,
        /// What it gets back.
        results: Vec<Value>,
    },
}

/// How a run ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PredictedExit {
    /// It returns these results.
    Returned(Vec<Value>),
    /// It traps with this code, as CLIF writes it.
    Trap(String),
}

/// The whole of a predicted run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prediction {
    /// How it ends.
    pub exit: PredictedExit,
    /// What it does.
    pub events: Vec<PredictedEvent>,
    /// Contents of each data symbol at the end, trailing zeros cut off.
    pub data: Vec<Vec<u8>>,
    /// State of each site at the end; `true` is live.
    pub sites_live: Vec<bool>,
    /// CLIF instructions that it takes.
    pub instructions: u64,
}
