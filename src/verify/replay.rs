//! One scenario again, for those who want to see its states rather than a verdict.

use super::{Verifier, VerifyError, runs};
use crate::codegen::CodeGenerator;
use crate::isa::Isa;
use crate::oracle::{Run, Verdict};
use crate::program::Program;
use crate::scenario::{Scenario, ScenarioChoice};

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
        let chosen = ScenarioChoice::One(scenario.clone());
        let usual = std::mem::replace(&mut self.options.scenarios, chosen);
        let runs = program
            .targets_of(isa)
            .map(|target| {
                let ready = self.prepare(program, target, generator)?;
                let ready = ready.map_err(|outcome| no_runs(outcome.verdict))?;
                let jobs: Vec<_> = self.job(program, &ready).into_iter().collect();
                let seen = self.machines.execute(&jobs).pop();
                let seen = seen.unwrap_or_else(|| Ok(Vec::new()));
                runs(program, &ready.image, ready.planned, seen)?.map_err(no_runs)
            })
            .collect::<Result<Vec<Vec<Run>>, VerifyError>>();
        self.options.scenarios = usual;
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
