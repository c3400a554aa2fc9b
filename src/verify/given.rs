//! Images that somebody hands in, judged like those that a code generator made: what measures
//! the oracles by images and runs that are wrong on purpose.

use std::sync::Arc;

use super::plan::planned;
use super::{ORACLES, Ready, Verifier, VerifyError, View, decoded, runs};
use crate::image::CodeImage;
use crate::machine::RunEvidence;
use crate::machine::tampering::Tampering;
use crate::oracle::{Check, Evidence, Verdict};
use crate::program::Program;

/// What came of a given image.
#[derive(Clone, Debug)]
pub struct Given {
    /// The verdict of each oracle that was asked.
    pub verdicts: Vec<(Check, Verdict)>,
    /// The runs; none where nothing could be run.
    pub evidence: Vec<RunEvidence>,
    /// What the runs look like without any ISA.
    pub view: Option<View>,
    /// Whether the reference says of some run what it must do.
    pub predicted: bool,
}

impl Verifier {
    /// Runs `image` of `program`, with the faults of `tampering` in the runs, and asks every
    /// oracle but those `without`.
    ///
    /// # Errors
    /// When the program does not fit the guest, or the suite itself fails.
    pub fn verify_image(
        &mut self,
        program: &Program,
        image: Arc<CodeImage>,
        tampering: &Tampering,
        without: &[Check],
    ) -> Result<Given, VerifyError> {
        let ready = self.ready(program, image);
        let image = Arc::clone(&ready.image);
        let job = self.job(program, &ready);
        let jobs: Vec<_> = job.into_iter().collect();
        let jobs = jobs.into_iter().map(|job| crate::scenario::Job {
            tampering: tampering.clone(),
            ..job
        });
        let seen = self.machines.execute(&jobs.collect::<Vec<_>>()).pop();
        let seen = seen.unwrap_or_else(|| Ok(Vec::new()));
        let runs = match runs(program, &image, ready.planned, seen)? {
            Ok(runs) => runs,
            Err(verdict) => {
                return Ok(Given {
                    verdicts: vec![(Check::State, verdict)],
                    evidence: Vec::new(),
                    view: None,
                    predicted: false,
                });
            }
        };
        let code = decoded(&image);
        let evidence = Evidence {
            interface: &program.interface,
            image: &image,
            code: &code,
            runs: &runs,
        };
        let asked = ORACLES.iter().filter(|o| !without.contains(&o.check()));
        let verdicts = asked.map(|oracle| (oracle.check(), oracle.judge(&evidence)));
        let verdicts = verdicts.collect();
        let view = (!runs.is_empty()).then(|| View::of(&evidence));
        let predicted = runs.iter().any(|run| run.prediction.is_ok());
        Ok(Given {
            verdicts,
            view,
            predicted,
            evidence: runs.into_iter().map(|run| run.evidence).collect(),
        })
    }

    /// An image with its runs planned.
    pub(super) fn ready(&mut self, program: &Program, image: Arc<CodeImage>) -> Ready {
        use super::{Phase, Scenario, timing};
        let mut scenarios = self.options.scenarios.of(program.interface.sites.len());
        let count = scenarios.len();
        let untiled = |site| image.nop_bytes(site).is_err();
        if image.sites.iter().any(untiled) {
            // Check 1 has it. What cannot be NOPed can only be run live.
            scenarios.retain(|scenario| *scenario == Scenario::Live);
        }
        let beyond = super::limits::beyond(&image);
        let planned = if image.isa.is_executable() && beyond.is_none() {
            timing::measure(Phase::Predict, || {
                planned(program, &image, &scenarios, &mut self.predictions)
            })
        } else {
            Vec::new()
        };
        Ready {
            image,
            beyond,
            planned,
            scenarios: count,
        }
    }
}
