//! Jobs in a child process: the machine there may kill its process, and that is a verdict.
//!
//! The child is this package's own command, started as `patchproof worker`. It gets
//! [jobs](Job) and answers with their evidence. A job whose child dies is taken apart into its
//! calls, each in a fresh child, so that the evidence of the others is not lost.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::isa::Isa;
use crate::machine::child::{self, Worker, WorkerDeath};
use crate::machine::pulley::PulleyMachine;
use crate::machine::unicorn::UnicornMachine;
use crate::machine::{Exit, Machine, RunEvidence};
use crate::scenario::{Job, JobError, execute};

/// How long a job may take. Fuel ends every run long before; this is for a broken child.
const STALL: Duration = Duration::from_secs(60);

type Reply = Result<Vec<RunEvidence>, JobError>;

/// A machine for `isa` in this process.
///
/// # Errors
/// When the machine cannot be set up.
pub fn machine(isa: Isa) -> Result<Box<dyn Machine>, JobError> {
    if isa.is_pulley() {
        Ok(Box::new(PulleyMachine::new(isa)?))
    } else {
        Ok(Box::new(UnicornMachine::new(isa)?))
    }
}

/// The child: answers jobs on standard input until it ends.
///
/// # Errors
/// When a frame cannot be read or written.
pub fn serve() -> io::Result<()> {
    let mut current: Option<(Isa, Box<dyn Machine>)> = None;
    child::serve(
        io::stdin().lock(),
        io::stdout().lock(),
        |job: Job| -> Reply {
            let isa = job.image.isa;
            if current.as_ref().is_none_or(|(of, _)| *of != isa) {
                // A process has room for one Pulley machine: the old one goes first.
                current = None;
                current = Some((isa, machine(isa)?));
            }
            let (_, machine) = current.as_mut().expect("it was made just now");
            execute(machine.as_mut(), job)
        },
    )
}

/// The parent's side: a child that is replaced when it dies.
pub struct Remote {
    executable: PathBuf,
    worker: Option<Worker>,
}

impl Remote {
    /// A child process running `executable worker`, started with the first job.
    pub fn new(executable: PathBuf) -> Remote {
        Remote {
            executable,
            worker: None,
        }
    }

    /// Executes a job in the child: the evidence of each call, in order. A call that kills the
    /// child has [`Exit::Crashed`].
    ///
    /// # Errors
    /// When no child can be started, or the machine in it is broken.
    pub fn execute(&mut self, job: &Job) -> Reply {
        match self.request(job)? {
            Ok(reply) => reply,
            Err(_) if job.calls.len() > 1 => {
                let one = |call: &_| Job {
                    calls: vec![Clone::clone(call)],
                    ..job.clone()
                };
                let single = |call| self.execute(&one(call));
                let runs = job
                    .calls
                    .iter()
                    .map(single)
                    .collect::<Result<Vec<_>, _>>()?;
                Ok(runs.into_iter().flatten().collect())
            }
            Err(death) => Ok(vec![crashed(&death, job)]),
        }
    }

    fn request(&mut self, job: &Job) -> Result<Result<Reply, WorkerDeath>, JobError> {
        let worker = match &mut self.worker {
            Some(worker) => worker,
            None => {
                let spawned = Worker::spawn(&self.executable, ["worker"]).map_err(|error| {
                    let path = self.executable.display();
                    JobError::Machine(format!("starting {path} worker: {error}"))
                })?;
                self.worker.insert(spawned)
            }
        };
        let outcome = worker.request::<Job, Reply>(job, STALL);
        if outcome.is_err() {
            self.worker = None;
        }
        Ok(outcome)
    }
}

/// The evidence of a call that killed its process: nothing but that.
fn crashed(death: &WorkerDeath, job: &Job) -> RunEvidence {
    RunEvidence {
        exit: Exit::Crashed {
            cause: death.to_string(),
        },
        results: Vec::new(),
        events: Vec::new(),
        registers: Vec::new(),
        data: vec![Vec::new(); job.interface.data.len()],
        code_differs: Vec::new(),
        sites_live: job
            .calls
            .first()
            .map(|call| call.sites_live.clone())
            .unwrap_or_default(),
        fuel_used: 0,
    }
}
