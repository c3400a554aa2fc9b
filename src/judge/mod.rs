//! From programs to what a report says: verifies cases, and holds what comes of them against what
//! the corpus expects.
//!
//! What the engine calls a fail may be nothing but known findings, and what it calls a pass may be a
//! finding that is gone. Both are decided here, once for the command and the tests.

mod job;
mod parts;
mod recurrence;
mod signature;

pub use job::Job;
pub use recurrence::{Recurrence, Wanted};
pub use signature::Signature;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use crate::codegen::CodeGenerator;
use crate::corpus::{Case, Findings};
use crate::isa::Isa;
use crate::oracle::{Discrepancy, Verdict};
use crate::panic_guard;
use crate::scenario::ScenarioChoice;
use crate::verify::{Isolation, Options, Verifier, VerifyError};

/// Fuel of a run: basic blocks or instructions after which a program is said not to end.
const FUEL: u64 = 1_000_000;

/// How programs are run unless there is a reason to do otherwise: all scenarios, with `worker`
/// as the child process of the Pulley machines.
pub fn options(worker: PathBuf) -> Options {
    Options {
        worker,
        scenarios: ScenarioChoice::All,
        isolation: Isolation::Pulley,
        fuel: FUEL,
    }
}

/// A verdict as reports name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Judgement {
    /// All as promised, or refused as expected.
    Pass,
    /// Not as expected.
    Fail,
    /// Fails as the corpus says, or shows nothing but findings of the corpus.
    Known,
    /// Could not tell.
    Inconclusive,
    /// Not covered.
    Unsupported,
}

impl Judgement {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Judgement::Pass => "pass",
            Judgement::Fail => "fail",
            Judgement::Known => "known",
            Judgement::Inconclusive => "inconclusive",
            Judgement::Unsupported => "unsupported",
        }
    }
}

/// What is reported of one program on one ISA from one code generator. Serialises to the
/// fields of `--json`.
#[derive(Clone, Debug, Serialize)]
pub struct Record {
    /// Name of the program: [`Case::id`].
    pub program: String,
    /// ISA.
    pub isa: Isa,
    /// Code generator with its release.
    pub generator: String,
    /// Verdict.
    pub verdict: Judgement,
    /// Why, unless it simply passed.
    pub reason: Option<String>,
    /// Patch sites in the emitted code.
    pub sites: usize,
    /// Scenarios that were run.
    pub scenarios: usize,
    /// Runs in all scenarios.
    pub runs: usize,
    /// Entries of hooks from sites in all runs.
    pub hook_hits: u64,
    /// What the verdict is not about: targets of the ISA, or functions, that could not be judged
    /// beside others that could.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// What was seen, for details and replay.
    #[serde(skip)]
    pub discrepancies: Vec<Discrepancy>,
}

impl Record {
    /// Reasons for `verdict`: of the whole, or of what was left out of it.
    pub fn reasons_of(&self, verdict: Judgement, of_parts: bool) -> Vec<&str> {
        if of_parts {
            let parts = self.left_out.iter().filter(|one| one.verdict == verdict);
            return parts.map(|one| &*one.reason).collect();
        }
        let whole = (self.verdict == verdict).then_some(self.reason.as_deref());
        whole
            .map(|reason| reason.unwrap_or("no reason given"))
            .into_iter()
            .collect()
    }
}

/// A part of a program that has no verdict of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Inconclusive or unsupported.
    pub verdict: Judgement,
    /// Why.
    pub reason: String,
}

impl LeftOut {
    /// `None` for a verdict that says more than why there is none.
    fn of(verdict: Verdict) -> Option<LeftOut> {
        let (verdict, reason) = match verdict {
            Verdict::Inconclusive(reason) => (Judgement::Inconclusive, reason),
            Verdict::Unsupported(reason) => (Judgement::Unsupported, reason),
            Verdict::Pass | Verdict::Fail(_) => return None,
        };
        Some(LeftOut { verdict, reason })
    }
}

/// What comes of one job: a record, or why there is none.
pub type Judged = Result<Record, VerifyError>;

/// On which ISAs, with which generators and how cases are judged.
pub struct Plan {
    /// ISAs.
    pub isas: Vec<Isa>,
    /// Code generators.
    pub generators: Vec<&'static dyn CodeGenerator>,
    /// What is known of them.
    pub findings: Findings,
    /// How programs are run.
    pub options: Options,
}

impl Plan {
    /// The jobs that a case makes: the ISAs of the first generator, then of the next.
    pub fn jobs<'a>(&'a self, case: &'a Case) -> Vec<Job<'a>> {
        let mut jobs = Vec::new();
        for &generator in &self.generators {
            for &isa in &self.isas {
                jobs.push(Job {
                    case,
                    isa,
                    generator,
                    findings: &self.findings,
                });
            }
        }
        jobs
    }

    /// What is reported of a file that nothing can be run of.
    pub fn not_covered(&self, program: &str, reason: &str) -> Vec<Record> {
        let generators = self.generators.iter();
        let each =
            generators.flat_map(|generator| self.isas.iter().map(move |isa| (generator, isa)));
        each.map(|(generator, isa)| Record {
            program: program.to_owned(),
            isa: *isa,
            generator: generator.name().to_owned(),
            verdict: Judgement::Unsupported,
            reason: Some(reason.to_owned()),
            sites: 0,
            scenarios: 0,
            runs: 0,
            hook_hits: 0,
            left_out: Vec::new(),
            discrepancies: Vec::new(),
        })
        .collect()
    }

    /// Judges one case; in the order of [`Plan::jobs`]. All ISAs and generators come at once,
    /// because check 8 compares them with each other. A panic of the suite costs the case and
    /// what the verifier had kept, no other case.
    pub fn judge(&self, case: &Case, verifier: &mut Verifier) -> Vec<Judged> {
        panic_guard::catch(|| self.judge_unguarded(case, verifier)).unwrap_or_else(|panic| {
            *verifier = Verifier::new(self.options.clone());
            let broken = VerifyError::Suite(format!("panicked: {panic}"));
            vec![Err(broken); self.isas.len() * self.generators.len()]
        })
    }

    fn judge_unguarded(&self, case: &Case, verifier: &mut Verifier) -> Vec<Judged> {
        let judged = self.judge_whole(case, verifier);
        if case.parts.is_empty()
            || !judged
                .iter()
                .flatten()
                .any(|record| parts::may_say_more(case, record))
        {
            return judged;
        }
        let parts = case.parts.iter().map(|text| parts::case(case, text));
        let parts = parts.map(|part| self.judge_whole(&part, verifier));
        parts::joined(case, judged, parts.collect())
    }

    fn judge_whole(&self, case: &Case, verifier: &mut Verifier) -> Vec<Judged> {
        let jobs = self.jobs(case);
        let program = match &case.program {
            Ok(program) => program,
            Err(error) => {
                let error = VerifyError::Input(error.to_string());
                return jobs
                    .iter()
                    .map(|job| job.judge(Err(error.clone())))
                    .collect();
            }
        };
        let is_named = |isa: &Isa| program.targets_of(*isa).next().is_some();
        let named: Vec<Isa> = self.isas.iter().copied().filter(is_named).collect();
        let mut outcomes = verifier
            .verify_all(program, &named, &self.generators)
            .into_iter();
        jobs.iter()
            .map(|job| {
                if !named.contains(&job.isa) {
                    return Ok(job.not_a_target());
                }
                let missing = || Err(VerifyError::Suite("no outcome".to_owned()));
                job.judge(
                    outcomes
                        .next()
                        .map_or_else(missing, |(_, _, outcome)| outcome),
                )
            })
            .collect()
    }

    /// Judges all cases on all cores, each thread with a verifier of its own; in the order of
    /// the cases. `observe` hears of each case that is done, from any thread.
    pub fn judge_all(&self, cases: &[Case], observe: impl Fn() + Sync) -> Vec<Vec<Judged>> {
        let next = AtomicUsize::new(0);
        let done = rayon::broadcast(|_| {
            let mut verifier = Verifier::new(self.options.clone());
            let mut done = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(case) = cases.get(index) else {
                    return done;
                };
                done.push((index, self.judge(case, &mut verifier)));
                observe();
            }
        });
        let mut done: Vec<_> = done.into_iter().flatten().collect();
        done.sort_by_key(|(index, _)| *index);
        done.into_iter().map(|(_, judged)| judged).collect()
    }
}
