//! The machines of one thread: in this process, or in a child process that may die.

use std::path::PathBuf;

use crate::machine::RunEvidence;
use crate::scenario::{Job, JobError};
use crate::worker::{Local, Remote};

/// Which machines run in a child process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Pulley's, whose interpreter takes host pointers from the guest; Unicorn's run here.
    Pulley,
    /// All of them: nothing that a program does ends this process.
    All,
}

/// Executes jobs where they belong.
pub struct Machines {
    isolation: Isolation,
    local: Local,
    remote: Remote,
}

impl Machines {
    /// No machine yet; child processes run `executable worker`.
    pub fn new(executable: PathBuf, isolation: Isolation) -> Machines {
        Machines {
            isolation,
            local: Local::default(),
            remote: Remote::new(executable),
        }
    }

    /// The evidence of each job, in order.
    pub fn execute(&mut self, jobs: &[Job]) -> Vec<Result<Vec<RunEvidence>, JobError>> {
        let isolation = self.isolation;
        let is_remote = |job: &&Job| isolation == Isolation::All || job.image.isa.is_pulley();
        let sent: Vec<&Job> = jobs.iter().filter(is_remote).collect();
        let mut replies = self.remote.execute_all(&sent).into_iter();
        let missing = || Err(JobError::Machine("no reply".to_owned()));
        jobs.iter()
            .map(|job| match is_remote(&job) {
                true => replies.next().unwrap_or_else(missing),
                false => self.local.execute(job),
            })
            .collect()
    }
}
