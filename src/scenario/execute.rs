//! Runs a row of calls on one machine: load once, then for each run set the sites, clear the
//! memory, call, and collect the evidence.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::shared;

use crate::image::CodeImage;
use crate::machine::tampering::Tampering;
use crate::machine::{
    CallError, Cpu, Exit, Machine, MachineError, Plan, PlanError, RunEvidence, Session,
};
use crate::program::{Interface, SiteId, Value};
use crate::timing::{self, Phase};

/// One call in a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Index of the function.
    pub function: u32,
    /// Its arguments.
    pub args: Vec<Value>,
    /// State of each site at the start; `true` is live.
    pub sites_live: Vec<bool>,
}

/// All that a machine must do with one image. Complete in itself, to be sent to a child process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The linked code.
    #[serde(with = "shared")]
    pub image: Arc<CodeImage>,
    /// What the program shows to the outside.
    #[serde(with = "shared")]
    pub interface: Arc<Interface>,
    /// The calls, in order, on the same loaded code.
    pub calls: Vec<Call>,
    /// Most fuel for each call.
    pub fuel: u64,
    /// What is done wrong on purpose; empty in every verification.
    pub tampering: Tampering,
}

/// Why a job gave no evidence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum JobError {
    /// A signature that the ABI tables do not cover.
    #[error("{0}")]
    Abi(String),
    /// The suite's machine is broken.
    #[error("{0}")]
    Machine(String),
}

impl From<PlanError> for JobError {
    fn from(error: PlanError) -> Self {
        JobError::Abi(error.to_string())
    }
}

impl From<MachineError> for JobError {
    fn from(error: MachineError) -> Self {
        JobError::Machine(error.0)
    }
}

impl From<CallError> for JobError {
    fn from(error: CallError) -> Self {
        JobError::Machine(error.to_string())
    }
}

/// Executes a job: the evidence of each call, in order.
///
/// # Errors
/// When the machine itself fails; nothing that the guest does is an error.
pub fn execute(machine: &mut dyn Machine, job: &Job) -> Result<Vec<RunEvidence>, JobError> {
    let entries: Vec<u32> = job.calls.iter().map(|call| call.function).collect();
    let plan = timing::measure(Phase::Load, || {
        let plan = Plan::new(Arc::clone(&job.image), Arc::clone(&job.interface), &entries)?;
        let plan = Arc::new(plan.tampered(job.tampering.clone()));
        let breakpoints = plan.breakpoints();
        machine.load(plan.image(), plan.interface().data.len(), &breakpoints)?;
        Ok::<_, JobError>(plan)
    })?;
    timing::measure(Phase::Run, || runs(machine, &plan, &job.calls, job.fuel))
}

fn runs(
    machine: &mut dyn Machine,
    plan: &Arc<Plan>,
    calls: &[Call],
    fuel: u64,
) -> Result<Vec<RunEvidence>, JobError> {
    let ids = (0..plan.interface().sites.len()).map(|n| u32::try_from(n).map(SiteId));
    let starts_live = |id| plan.image().site(id).is_none_or(|site| site.starts_live);
    let mut current: Vec<bool> = ids.map(|id| id.is_ok_and(starts_live)).collect();
    let mut evidence = Vec::with_capacity(calls.len());
    for call in calls {
        machine.with_cpu(&mut |cpu| plan.set_sites(cpu, &mut current, &call.sites_live));
        machine.clear_memory()?;
        let run = run(machine, plan, call, current, fuel)?;
        current = run.sites_live.clone();
        evidence.push(run);
    }
    Ok(evidence)
}

fn run(
    machine: &mut dyn Machine,
    plan: &Arc<Plan>,
    call: &Call,
    sites_live: Vec<bool>,
    fuel: u64,
) -> Result<RunEvidence, JobError> {
    let mut session = Session::new(Arc::clone(plan), sites_live, fuel);
    let entry = with_cpu(machine, |cpu| session.enter(cpu, call.function, &call.args))?;
    let Some(entry) = entry else {
        return Err(JobError::Machine("the image lacks the entry".to_owned()));
    };
    let (exit, session): (Exit, Session) = machine.run(entry, session);
    Ok(with_cpu(machine, |cpu| session.finish(cpu, exit)))
}

/// [`Machine::with_cpu`] with a result.
fn with_cpu<T>(machine: &mut dyn Machine, work: impl FnOnce(&mut dyn Cpu) -> T) -> T {
    let mut work = Some(work);
    let mut result = None;
    machine.with_cpu(&mut |cpu| {
        if let Some(work) = work.take() {
            result = Some(work(cpu));
        }
    });
    result.expect("a machine lets the work run once")
}
