//! One program on one ISA from one generator, from text to verdict: compile, link, run every
//! scenario, judge.

mod plan;
mod predict;
mod replay;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::PathBuf;

use crate::codegen::{CodeGenerator, CodegenError};
use crate::image::{CodeImage, LinkError, link};
use crate::isa::Isa;
use crate::machine::{Event, Machine, RunEvidence};
use crate::oracle::{
    Check, Code, Discrepancy, Evidence, HookLog, Lockstep, Oracle, Run, Sites, State, Subject,
    Toggle, Vacuity, Verdict, View, decoded, disagreements,
};
use crate::program::{Program, Target};
use crate::scenario::{Job, JobError, Scenario, execute};
use crate::worker::{Remote, machine};
use plan::planned;
use predict::Predictions;

/// What a verification came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The joined verdict of all oracles.
    pub verdict: Verdict,
    /// Patch sites in the emitted code.
    pub sites: usize,
    /// Scenarios that were run.
    pub scenarios: usize,
    /// Runs: scenarios times phases times invocations.
    pub runs: usize,
    /// Entries of hooks from sites in all runs.
    pub hook_hits: u64,
    /// What the runs look like without any ISA, for comparison across ISAs.
    pub view: Option<View>,
}

/// How programs are run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The executable that serves as the child process of the Pulley machines: this package's
    /// own command.
    pub worker: PathBuf,
    /// Only this scenario; all of them if `None`.
    pub scenario: Option<Scenario>,
    /// Most fuel of a run: basic blocks on Unicorn, instructions on Pulley.
    pub fuel: u64,
}

/// Why no verdict could be had; never the generator's doing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The program cannot be put into the guest: bad input.
    #[error("{0}")]
    Input(String),
    /// The suite itself is broken.
    #[error("{0}")]
    Suite(String),
}

/// Verifies programs. Belongs to one thread; keeps its machines from program to program.
pub struct Verifier {
    options: Options,
    machines: HashMap<Isa, Box<dyn Machine>>,
    remote: Remote,
    predictions: Predictions,
}

/// The oracles, in the order of their checks.
pub const ORACLES: [&dyn Oracle; 7] = [
    &Sites, &Code, &State, &HookLog, &Lockstep, &Toggle, &Vacuity,
];

impl Verifier {
    /// A verifier without machines yet: each is made when it is first needed.
    pub fn new(options: Options) -> Verifier {
        let remote = Remote::new(options.worker.clone());
        Verifier {
            options,
            machines: HashMap::new(),
            remote,
            predictions: Predictions::default(),
        }
    }

    /// Verifies `program` on `isa` with every target line of it that the header has.
    ///
    /// # Errors
    /// When the program does not fit the guest, or the suite itself fails.
    pub fn verify(
        &mut self,
        program: &Program,
        isa: Isa,
        generator: &dyn CodeGenerator,
    ) -> Result<Outcome, VerifyError> {
        let mut outcome: Option<Outcome> = None;
        for target in program.targets_of(isa) {
            let next = self.verify_target(program, target, generator)?;
            outcome = Some(match outcome {
                None => next,
                Some(outcome) => outcome.and(next),
            });
        }
        let unnamed = || {
            let reason = format!("the program's header does not name {isa}");
            Outcome::of(Verdict::Unsupported(reason), 0)
        };
        Ok(outcome.unwrap_or_else(unnamed))
    }

    /// Verifies `program` on several ISAs and from several generators, and compares what the
    /// passing ones did.
    ///
    /// # Errors
    /// As [`Verifier::verify`], for each of them.
    pub fn verify_all(
        &mut self,
        program: &Program,
        isas: &[Isa],
        generators: &[&dyn CodeGenerator],
    ) -> Vec<(Isa, String, Result<Outcome, VerifyError>)> {
        let mut list = Vec::new();
        for generator in generators {
            for &isa in isas {
                list.push((
                    isa,
                    generator.name().to_owned(),
                    self.verify(program, isa, *generator),
                ));
            }
        }
        compare_views(&mut list);
        list
    }

    fn verify_target(
        &mut self,
        program: &Program,
        target: &Target,
        generator: &dyn CodeGenerator,
    ) -> Result<Outcome, VerifyError> {
        let image = match image(program, target, generator)? {
            Ok(image) => image,
            Err(verdict) => return Ok(Outcome::of(verdict, 0)),
        };
        let sites = image.sites.len();
        let runs = match self.runs(program, &image)? {
            Ok(runs) => runs,
            Err(verdict) => return Ok(Outcome::of(verdict, sites)),
        };
        let evidence = Evidence {
            interface: &program.interface,
            image: &image,
            code: &decoded(&image),
            runs: &runs,
        };
        let verdicts = ORACLES.iter().map(|oracle| oracle.judge(&evidence));
        let verdict = verdicts.fold(Verdict::Pass, Verdict::and);
        let hits = runs.iter().flat_map(|run| &run.evidence.events);
        let from_site = |e: &&Event| matches!(e, Event::HookEntry { site: Some(_), .. });
        Ok(Outcome {
            verdict: first_of_each(verdict),
            sites,
            scenarios: self.scenarios(program).len(),
            runs: runs.len(),
            hook_hits: hits.filter(from_site).count() as u64,
            view: (!runs.is_empty()).then(|| View::of(&evidence)),
        })
    }

    fn scenarios(&self, program: &Program) -> Vec<Scenario> {
        match &self.options.scenario {
            Some(scenario) => vec![scenario.clone()],
            None => Scenario::all(program.interface.sites.len()),
        }
    }

    /// Runs every scenario; a verdict instead where nothing can be run.
    fn runs(
        &mut self,
        program: &Program,
        image: &CodeImage,
    ) -> Result<Result<Vec<Run>, Verdict>, VerifyError> {
        if !image.isa.is_executable() {
            return Ok(Ok(Vec::new()));
        }
        let mut scenarios = self.scenarios(program);
        if image
            .sites
            .iter()
            .any(|site| image.nop_bytes(site).is_err())
        {
            // Check 1 has it. What cannot be NOPed can only be run live.
            scenarios.retain(|scenario| *scenario == Scenario::Live);
        }
        let planned = planned(program, image, &scenarios, &mut self.predictions);
        let calls = planned.iter().map(|run| run.call.clone()).collect();
        let job = Job {
            image: image.clone(),
            interface: (*program.interface).clone(),
            calls,
            fuel: self.options.fuel,
        };
        let evidence = match self.execute(job) {
            Ok(evidence) => evidence,
            Err(JobError::Abi(reason)) => return Ok(Err(Verdict::Inconclusive(reason))),
            Err(JobError::Machine(reason)) => return Err(VerifyError::Suite(reason)),
        };
        Ok(Ok(planned
            .into_iter()
            .zip(evidence)
            .map(|(run, seen)| run.with(program, image, seen))
            .collect()))
    }

    /// Pulley in the child process, which it may kill; Unicorn here.
    fn execute(&mut self, job: Job) -> Result<Vec<RunEvidence>, JobError> {
        let isa = job.image.isa;
        if isa.is_pulley() {
            return self.remote.execute(&job);
        }
        let machine = match self.machines.entry(isa) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(machine(isa)?),
        };
        execute(machine.as_mut(), job)
    }
}

impl Outcome {
    fn of(verdict: Verdict, sites: usize) -> Outcome {
        Outcome {
            verdict,
            sites,
            scenarios: 0,
            runs: 0,
            hook_hits: 0,
            view: None,
        }
    }

    /// Both targets of one ISA together.
    fn and(self, other: Outcome) -> Outcome {
        Outcome {
            verdict: self.verdict.and(other.verdict),
            sites: self.sites + other.sites,
            scenarios: self.scenarios + other.scenarios,
            runs: self.runs + other.runs,
            hook_hits: self.hook_hits + other.hook_hits,
            view: self.view.or(other.view),
        }
    }
}

/// Compiles and links; a verdict where that gives no image.
fn image(
    program: &Program,
    target: &Target,
    generator: &dyn CodeGenerator,
) -> Result<Result<CodeImage, Verdict>, VerifyError> {
    let compiled = match generator.compile(program, target) {
        Ok(compiled) => compiled,
        Err(error @ CodegenError::Unsupported { .. }) => {
            return Ok(Err(Verdict::Unsupported(error.to_string())));
        }
        Err(CodegenError::Failed { function, message }) => {
            return Ok(Err(Verdict::Fail(vec![Discrepancy {
                check: Check::Compile,
                site: None,
                subject: Subject::Code {
                    function: function.clone(),
                    start: 0,
                    end: 0,
                },
                expected: "code, or a refusal".to_owned(),
                seen: message.clone(),
                scenario: None,
                message: format!("{function} passes the verifier and is not compiled: {message}"),
            }])));
        }
    };
    match link(target.isa, &program.interface, &compiled) {
        Ok(image) => Ok(Ok(image)),
        Err(LinkError::Relocation {
            function,
            offset,
            error,
        }) => {
            let reason = format!("{function}+{offset:#x}: {error}");
            Ok(Err(Verdict::Unsupported(reason)))
        }
        Err(error) => Err(VerifyError::Input(error.to_string())),
    }
}

/// One discrepancy of each check, site and subject: the first scenario in which it was seen.
fn first_of_each(verdict: Verdict) -> Verdict {
    let Verdict::Fail(list) = verdict else {
        return verdict;
    };
    let mut kept: Vec<Discrepancy> = Vec::new();
    for one in list {
        let same = |other: &Discrepancy| {
            (other.check, other.site, &other.subject) == (one.check, one.site, &one.subject)
        };
        if !kept.iter().any(same) {
            kept.push(one);
        }
    }
    Verdict::Fail(kept)
}

/// Check 8, over the outcomes that pass all others.
fn compare_views(list: &mut [(Isa, String, Result<Outcome, VerifyError>)]) {
    let mut places = Vec::new();
    let mut views = Vec::new();
    for (place, (isa, generator, outcome)) in list.iter().enumerate() {
        if let Ok(Outcome {
            verdict: Verdict::Pass,
            view: Some(view),
            ..
        }) = outcome
        {
            places.push(place);
            views.push((format!("{isa} by {generator}"), view.clone()));
        }
    }
    for (place, disagreement) in places.into_iter().zip(disagreements(&views)) {
        if let (Some(discrepancy), Ok(outcome)) = (disagreement, &mut list[place].2) {
            outcome.verdict = Verdict::Fail(vec![discrepancy]);
        }
    }
}
