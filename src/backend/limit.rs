//! Why there is no code for a function.

/// What the generator does not cover, or a limit of the ISA that the function goes beyond.
/// Never a panic, never wrong code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An instruction, type or convention without a lowering: names it.
    #[error("no lowering for {0}")]
    Uncovered(String),
    /// A limit of the ISA: names it and the value beyond it.
    #[error("{0}")]
    Limit(String),
}

impl Refusal {
    /// No lowering for `what`.
    pub fn uncovered(what: impl Into<String>) -> Refusal {
        Refusal::Uncovered(what.into())
    }

    /// Beyond a limit.
    pub fn limit(what: impl Into<String>) -> Refusal {
        Refusal::Limit(what.into())
    }
}
