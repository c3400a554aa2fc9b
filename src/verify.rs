//! One program on one ISA from one generator, from text to verdict: compile, link, run every
//! scenario, judge.

mod given;
mod limits;
mod machines;
mod plan;
mod predict;
mod replay;

use std::path::PathBuf;
use std::sync::Arc;

use crate::codegen::{CodeGenerator, CodegenError};
use crate::image::{CodeImage, LinkError, link};
use crate::isa::Isa;
use crate::machine::tampering::Tampering;
use crate::machine::{Event, RunEvidence};
use crate::oracle::{
    Check, Code, Discrepancy, Evidence, HookLog, Lockstep, Oracle, Run, Sites, State, Subject,
    Toggle, Vacuity, Verdict, View, decoded, disagreements,
};
use crate::program::{Program, Target};
use crate::reference::{MADE_NAN, depends_on_byte_order};
use crate::scenario::{Job, JobError, Scenario, ScenarioChoice};
use crate::timing::{self, Phase};
pub use given::Given;
pub use machines::Isolation;
use machines::Machines;
use plan::Planned;
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
    /// Verdicts of targets of the ISA that were not run, beside one that was: each with its reason.
    pub left_out: Vec<Verdict>,
    /// What the runs of a pass look like without any ISA, where there are several to compare.
    pub view: Option<View>,
}

/// How programs are run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The executable that serves as the child process: this package's own command.
    pub worker: PathBuf,
    /// Which machines run in it.
    pub isolation: Isolation,
    /// Which scenarios are run.
    pub scenarios: ScenarioChoice,
    /// Most fuel of a run that is not known to be longer: basic blocks on Unicorn, instructions on
    /// Pulley.
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
    machines: Machines,
    predictions: Predictions,
}

/// Fuel for each CLIF instruction of a run that the reference has come to the end of. Few of them
/// take so many instructions, and most of those that do stand for a loop.
const FUEL_PER_INSTRUCTION: u64 = 16;

/// The oracles, in the order of their checks.
pub const ORACLES: [&dyn Oracle; 7] = [
    &Sites, &Code, &State, &HookLog, &Lockstep, &Toggle, &Vacuity,
];

/// A target that has been compiled, linked and planned; or what came instead.
type Prepared = Result<Result<Ready, Outcome>, VerifyError>;

/// All that is known of a target before it runs.
struct Ready {
    image: Arc<CodeImage>,
    /// Why the machine does not execute it, where it does not.
    beyond: Option<String>,
    planned: Vec<Planned>,
    scenarios: usize,
}

/// A target's place in the list of what is asked for, and how far it has come.
type Started = (usize, Prepared);

impl Verifier {
    /// A verifier without machines yet: each is made when it is first needed.
    pub fn new(options: Options) -> Verifier {
        Verifier {
            machines: Machines::new(options.worker.clone(), options.isolation),
            options,
            predictions: Predictions::default(),
        }
    }

    /// From now on, other scenarios.
    pub fn choose(&mut self, scenarios: ScenarioChoice) {
        self.options.scenarios = scenarios;
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
        let mut outcomes = self.outcomes(program, &[(isa, generator)]);
        outcomes.pop().unwrap_or_else(|| Ok(not_named(isa)))
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
        let asked: Vec<(Isa, &dyn CodeGenerator)> = generators
            .iter()
            .flat_map(|generator| isas.iter().map(|isa| (*isa, *generator)))
            .collect();
        let outcomes = self.outcomes(program, &asked);
        let named = asked.iter().zip(outcomes);
        let mut list: Vec<_> = named
            .map(|((isa, generator), outcome)| (*isa, generator.name().to_owned(), outcome))
            .collect();
        timing::measure(Phase::Compare, || {
            if depends_on_byte_order(program) {
                let (mut big, mut little): (Vec<_>, Vec<_>) =
                    list.iter_mut().partition(|(isa, ..)| isa.is_big_endian());
                compare_views(&mut big);
                compare_views(&mut little);
            } else {
                compare_views(&mut list.iter_mut().collect::<Vec<_>>());
            }
        });
        list
    }

    /// Prepares all, runs all, judges all: the machines get their work at once, because a child
    /// process costs by the request.
    fn outcomes(
        &mut self,
        program: &Program,
        asked: &[(Isa, &dyn CodeGenerator)],
    ) -> Vec<Result<Outcome, VerifyError>> {
        let mut started: Vec<Started> = Vec::new();
        for (place, (isa, generator)) in asked.iter().enumerate() {
            for target in program.targets_of(*isa) {
                started.push((place, self.prepare(program, target, *generator)));
            }
        }
        let ready = started
            .iter()
            .filter_map(|(_, prepared)| prepared.as_ref().ok()?.as_ref().ok());
        let jobs: Vec<Job> = ready.filter_map(|r| self.job(program, r)).collect();
        let mut evidence = self.machines.execute(&jobs).into_iter();
        let several = jobs.len() > 1;
        let mut outcomes: Vec<Option<Result<Outcome, VerifyError>>> = vec![None; asked.len()];
        for (place, prepared) in started {
            let next = prepared.and_then(|prepared| match prepared {
                Err(outcome) => Ok(outcome),
                Ok(ready) => {
                    let seen = (!ready.planned.is_empty())
                        .then(|| evidence.next())
                        .flatten();
                    judge(
                        program,
                        ready,
                        seen.unwrap_or_else(|| Ok(Vec::new())),
                        several,
                    )
                }
            });
            outcomes[place] = Some(match outcomes[place].take() {
                None => next,
                Some(outcome) => outcome.and_then(|outcome| Ok(outcome.and(next?))),
            });
        }
        let named = asked.iter().zip(outcomes);
        named
            .map(|((isa, _), outcome)| outcome.unwrap_or_else(|| Ok(not_named(*isa))))
            .collect()
    }

    fn prepare(
        &mut self,
        program: &Program,
        target: &Target,
        generator: &dyn CodeGenerator,
    ) -> Prepared {
        let image = match image(program, target, generator)? {
            Ok(image) => Arc::new(image),
            Err(verdict) => return Ok(Err(Outcome::of(verdict, 0))),
        };
        Ok(Ok(self.ready(program, image)))
    }

    /// What the machine is to do; `None` where there is nothing to run.
    fn job(&self, program: &Program, ready: &Ready) -> Option<Job> {
        let longest = ready.planned.iter().map(Planned::instructions).max();
        let enough = longest.unwrap_or(0).saturating_mul(FUEL_PER_INSTRUCTION);
        (!ready.planned.is_empty()).then(|| Job {
            image: Arc::clone(&ready.image),
            interface: Arc::clone(&program.interface),
            calls: ready.planned.iter().map(|run| run.call.clone()).collect(),
            fuel: self.options.fuel.max(enough),
            tampering: Tampering::default(),
        })
    }
}

fn not_named(isa: Isa) -> Outcome {
    let reason = format!("the program's header does not name {isa}");
    Outcome::of(Verdict::Unsupported(reason), 0)
}

/// The runs with what was seen; a verdict instead where nothing could be run.
fn runs(
    program: &Program,
    image: &CodeImage,
    planned: Vec<Planned>,
    seen: Result<Vec<RunEvidence>, JobError>,
) -> Result<Result<Vec<Run>, Verdict>, VerifyError> {
    match seen {
        Ok(seen) => {
            let runs = planned.into_iter().zip(seen);
            Ok(Ok(runs
                .map(|(run, seen)| run.with(program, image, seen))
                .collect()))
        }
        Err(JobError::Abi(reason)) => Ok(Err(Verdict::Inconclusive(reason))),
        Err(JobError::Machine(reason)) => Err(VerifyError::Suite(reason)),
    }
}

fn judge(
    program: &Program,
    ready: Ready,
    seen: Result<Vec<RunEvidence>, JobError>,
    several: bool,
) -> Result<Outcome, VerifyError> {
    let Ready {
        image,
        beyond,
        planned,
        scenarios,
    } = ready;
    let sites = image.sites.len();
    let runs = match runs(program, &image, planned, seen)? {
        Ok(runs) => runs,
        Err(verdict) => return Ok(Outcome::of(verdict, sites)),
    };
    let code = timing::measure(Phase::Compare, || decoded(&image));
    let evidence = Evidence {
        interface: &program.interface,
        image: &image,
        code: &code,
        runs: &runs,
    };
    timing::measure(Phase::Compare, || {
        let verdicts = ORACLES.iter().map(|oracle| oracle.judge(&evidence));
        let verdict = verdicts.fold(Verdict::Pass, Verdict::and);
        let verdict = verdict.and(beyond.map_or(Verdict::Pass, Verdict::Unsupported));
        let hits = runs.iter().flat_map(|run| &run.evidence.events);
        let from_site = |e: &&Event| matches!(e, Event::HookEntry { site: Some(_), .. });
        let compared = several && verdict == Verdict::Pass && !runs.is_empty();
        Ok(Outcome {
            verdict: first_of_each(verdict),
            sites,
            scenarios,
            runs: runs.len(),
            hook_hits: hits.filter(from_site).count() as u64,
            left_out: Vec::new(),
            view: (compared && !runs.iter().any(made_nan)).then(|| View::of(&evidence)),
        })
    })
}

/// Whether the run's result is a NaN of the ISA's own making.
fn made_nan(run: &Run) -> bool {
    matches!(&run.prediction, Err(reason) if reason.ends_with(MADE_NAN))
}

impl Outcome {
    fn of(verdict: Verdict, sites: usize) -> Outcome {
        Outcome {
            verdict,
            sites,
            scenarios: 0,
            runs: 0,
            hook_hits: 0,
            left_out: Vec::new(),
            view: None,
        }
    }

    /// Both targets of one ISA together. One that is not covered does not take away what the other
    /// one shows.
    fn and(self, other: Outcome) -> Outcome {
        let mut left_out = self.left_out;
        left_out.extend(other.left_out);
        let verdict = match (self.verdict, other.verdict) {
            (lost @ Verdict::Unsupported(_), ran) | (ran, lost @ Verdict::Unsupported(_)) => {
                if lost != ran && !left_out.contains(&lost) {
                    left_out.push(lost);
                }
                ran
            }
            (one, two) => one.and(two),
        };
        Outcome {
            verdict,
            sites: self.sites + other.sites,
            scenarios: self.scenarios + other.scenarios,
            runs: self.runs + other.runs,
            hook_hits: self.hook_hits + other.hook_hits,
            left_out,
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
    let compiled = timing::measure(Phase::Compile, || generator.compile(program, target));
    let compiled = match compiled {
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
    let linked = timing::measure(Phase::Link, || {
        link(target.isa, &program.interface, &compiled)
    });
    match linked {
        Ok(image) => Ok(Ok(image)),
        Err(LinkError::Relocation {
            function,
            offset,
            error,
        }) => {
            let reason = format!("{function}+{offset:#x}: {error}");
            Ok(Err(Verdict::Unsupported(reason)))
        }
        // How large depends on generator and flags.
        Err(error @ LinkError::CodeTooLarge { .. }) => {
            Ok(Err(Verdict::Unsupported(error.to_string())))
        }
        Err(error) => Err(VerifyError::Input(error.to_string())),
    }
}

/// One discrepancy of each check, site and subject: the first scenario in which it was seen, and
/// the one without any live site besides. What hooks do cannot explain that one.
fn first_of_each(verdict: Verdict) -> Verdict {
    let Verdict::Fail(list) = verdict else {
        return verdict;
    };
    let nopped = Scenario::Nopped(None).to_string();
    let hookless = |one: &Discrepancy| one.scenario.as_ref() == Some(&nopped);
    let mut kept: Vec<Discrepancy> = Vec::new();
    for one in list {
        let same = |other: &Discrepancy| {
            (other.check, other.site, &other.subject) == (one.check, one.site, &one.subject)
                && hookless(other) == hookless(&one)
        };
        if !kept.iter().any(same) {
            kept.push(one);
        }
    }
    Verdict::Fail(kept)
}

/// Check 8, over the outcomes that pass all others.
fn compare_views(list: &mut [&mut (Isa, String, Result<Outcome, VerifyError>)]) {
    let mut places = Vec::new();
    let mut views = Vec::new();
    for (place, (isa, generator, outcome)) in list.iter().map(|one| &**one).enumerate() {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_discrepancy_is_kept_once_and_once_more_without_live_sites() {
        let seen = |scenario: &str, index: usize| Discrepancy {
            check: Check::State,
            site: None,
            subject: Subject::Result(index),
            expected: String::new(),
            seen: String::new(),
            scenario: Some(scenario.to_owned()),
            message: String::new(),
        };
        let list = vec![
            seen("live", 0),
            seen("nopped", 0),
            seen("nopped:0", 0),
            seen("toggled", 0),
            seen("nopped", 0),
            seen("live", 1),
            seen("toggled", 1),
        ];
        let kept = vec![seen("live", 0), seen("nopped", 0), seen("live", 1)];
        assert_eq!(first_of_each(Verdict::Fail(list)), Verdict::Fail(kept));
        assert_eq!(first_of_each(Verdict::Pass), Verdict::Pass);
    }
}
