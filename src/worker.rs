//! Jobs in a child process: the machine there may kill its process, and that is a verdict.
//!
//! The child is this package's own command, started as `patchproof worker`. It gets rows of
//! [jobs](Job) and answers with the evidence of each as soon as it has it. A job whose child dies
//! is taken apart into its calls, each in a fresh child, so that the evidence of the others is not
//! lost. A death that does not come again is no less a death: the job's first call has it.

mod local;

pub use local::{Local, machine};

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::machine::child::{self, Worker, WorkerDeath};
use crate::machine::{Exit, RunEvidence, Scrutiny};
use crate::scenario::{Job, JobError};
use crate::timing::{self, Phase, Times};

/// How long a job may take. Fuel ends every run long before; this is for a broken child.
const STALL: Duration = Duration::from_secs(60);

type Evidence = Result<Vec<RunEvidence>, JobError>;

/// What the child answers to a job.
#[derive(Serialize, Deserialize)]
struct Reply {
    evidence: Evidence,
    times: Times,
}

/// The child: answers jobs on standard input until it ends.
///
/// # Errors
/// When a frame cannot be read or written.
pub fn serve() -> io::Result<()> {
    let mut machines = Local::default();
    // Standard output's own buffer cuts frames in pieces at each byte that is a line's end.
    let output = io::stdout().as_fd().try_clone_to_owned()?;
    child::serve_row(
        io::stdin().lock(),
        File::from(output),
        |jobs: Vec<Job>, reply| {
            for job in &jobs {
                let evidence = machines.execute(job);
                let times = timing::take();
                reply(Reply { evidence, times })?;
            }
            Ok(())
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
    pub fn execute(&mut self, job: &Job) -> Evidence {
        let missing = || Err(JobError::Machine("no reply".to_owned()));
        self.execute_all(&[job]).pop().unwrap_or_else(missing)
    }

    /// [`Remote::execute`] for several jobs in one request.
    pub fn execute_all(&mut self, jobs: &[&Job]) -> Vec<Evidence> {
        let mut done = Vec::with_capacity(jobs.len());
        while done.len() < jobs.len() {
            let rest = &jobs[done.len()..];
            match self.request(rest) {
                Err(error) => done.extend(rest.iter().map(|_| Err(error.clone()))),
                Ok((replies, end)) => {
                    done.extend(replies);
                    if let (Err(death), Some(job)) = (end, jobs.get(done.len())) {
                        done.push(self.execute_again(job, &death));
                    }
                }
            }
        }
        done
    }

    /// Executes a job that the child died of with `death`, each call on its own.
    fn execute_again(&mut self, job: &Job, death: &WorkerDeath) -> Evidence {
        if job.calls.len() < 2 {
            return Ok(vec![crashed(death.to_string(), job)]);
        }
        let mut runs = Vec::with_capacity(job.calls.len());
        for call in &job.calls {
            let single = Job {
                calls: vec![call.clone()],
                ..job.clone()
            };
            runs.extend(self.execute(&single)?);
        }
        let is_crash = |run: &RunEvidence| matches!(run.exit, Exit::Crashed { .. });
        if !runs.iter().any(is_crash)
            && let Some(first) = runs.first_mut()
        {
            *first = crashed(format!("{death}, and not again call by call"), job);
        }
        Ok(runs)
    }

    /// Sends `jobs`: what came back, and why it is not all.
    fn request(
        &mut self,
        jobs: &[&Job],
    ) -> Result<(Vec<Evidence>, Result<(), WorkerDeath>), JobError> {
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
        let start = Instant::now();
        let (replies, end) = worker.request_row::<_, Reply>(&jobs, jobs.len(), STALL);
        if end.is_err() {
            self.worker = None;
        }
        let mut times = Times::default();
        replies.iter().for_each(|reply| times.add(&reply.times));
        times.spend(
            Phase::Isolate,
            start.elapsed().saturating_sub(times.total()),
        );
        timing::add(&times);
        let evidence = replies.into_iter().map(|reply| reply.evidence);
        Ok((evidence.collect(), end))
    }
}

/// The evidence of a call that killed its process: nothing but that.
fn crashed(cause: String, job: &Job) -> RunEvidence {
    RunEvidence {
        exit: Exit::Crashed { cause },
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
        full: false,
        scrutiny: Scrutiny::default(),
    }
}
