//! One scenario again, for those who want to see its states rather than a verdict.

use super::{Verifier, VerifyError, image};
use crate::codegen::CodeGenerator;
use crate::isa::Isa;
use crate::oracle::{Run, Verdict};
use crate::program::Program;
use crate::scenario::Scenario;

impl Verifier {
    /// Runs `scenario` alone, for each invocation and each target of `isa`.
    ///
    /// # Errors
    /// When there is nothing to run, or the suite itself fails.
    pub fn replay(
        &mut self,
        program: &Program,
        isa: Isa,
        generator: &dyn CodeGenerator,
        scenario: &Scenario,
    ) -> Result<Vec<Run>, VerifyError> {
        let usual = self.options.scenario.replace(scenario.clone());
        let runs = program
            .targets_of(isa)
            .map(|target| {
                let image = image(program, target, generator)?.map_err(no_runs)?;
                self.runs(program, &image)?.map_err(no_runs)
            })
            .collect::<Result<Vec<Vec<Run>>, VerifyError>>();
        self.options.scenario = usual;
        Ok(runs?.into_iter().flatten().collect())
    }
}

fn no_runs(verdict: Verdict) -> VerifyError {
    let reason = match verdict {
        Verdict::Fail(list) => list
            .into_iter()
            .map(|d| d.message)
            .collect::<Vec<_>>()
            .join("; "),
        Verdict::Inconclusive(why) | Verdict::Unsupported(why) => why,
        Verdict::Pass => "nothing to run".to_owned(),
    };
    VerifyError::Input(reason)
}
