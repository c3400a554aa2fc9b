//! What is no news: fails that `corpus/known/` explains.

use crate::code_generators::{release, short_name};
use crate::codegen::CodeGenerator;
use crate::corpus::Findings;
use crate::isa::Isa;
use crate::oracle::Discrepancy;

/// The findings that are known.
#[derive(Clone, Debug, Default)]
pub struct Known(pub Findings);

impl Known {
    /// The discrepancies that no finding explains.
    pub fn left_over(
        &self,
        generator: &dyn CodeGenerator,
        isa: Isa,
        text: &str,
        discrepancies: &[Discrepancy],
    ) -> Vec<Discrepancy> {
        let (name, release) = (short_name(generator), release(generator));
        self.0.left_over(name, release, isa, text, discrepancies)
    }

    /// Which findings a fail of a program consists of, in words; `None` when it is news.
    pub fn explain(
        &self,
        generator: &dyn CodeGenerator,
        isa: Isa,
        text: &str,
        discrepancies: &[Discrepancy],
    ) -> Option<String> {
        let (name, release) = (short_name(generator), release(generator));
        let explanation = self.0.explain(name, release, isa, text, discrepancies);
        explanation.map(|explanation| explanation.to_string())
    }
}
