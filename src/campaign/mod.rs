//! Campaigns: programs by the thousand, from a seed to a report.
//!
//! What a program is and what comes of it depend on seed and number alone. Which thread or shard
//! judges it, and when, decides nothing but the order of lines in the file of results; time ends
//! a campaign and is never part of a result. All sums are made of records, so that a campaign
//! that was resumed, or merged from shards, says what a whole one would have said.

mod findings;
mod judge;
mod known;
mod log;
mod merge;
mod numbers;
mod plan;
mod reader;
mod record;
mod tally;

pub use findings::Finding;
pub use known::Known;
pub use merge::{Merged, merge};
pub use plan::{Extent, Plan, Shard};
pub use reader::{Block, ReadError, read};
pub use record::{End, Header, Judged, Line, Record, Verdict};
pub use tally::{Counts, Group, Tally};

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::timing::{self, Times};
use judge::Judge;
use log::{Log, Past};
use numbers::Numbers;

/// Why nothing was started: bad input, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// What a campaign came to.
pub struct Report {
    /// Sums of all records, those of a resumed campaign's past included.
    pub tally: Tally,
    /// Fails that are news.
    pub findings: Vec<Finding>,
    /// Programs that were judged now.
    pub judged: u64,
    /// Records that were made now.
    pub records: u64,
    /// How long that took.
    pub elapsed: Duration,
    /// Where the time went, over all threads.
    pub times: Times,
    /// What ended the campaign early, in words.
    pub broken: Option<String>,
    /// Whether somebody asked for the end.
    pub interrupted: bool,
}

/// What all threads write to.
struct Ledger<'a> {
    plan: &'a Plan,
    log: Log,
    tally: Tally,
    judged: u64,
    records: u64,
    times: Times,
    broken: Option<String>,
    observe: &'a mut (dyn FnMut(&Tally) + Send),
}

/// The seed of the results in `folder`, for those who resume without naming it.
pub fn seed_in(folder: &Path) -> Option<u64> {
    let merged = merge(&[folder.to_owned()]).ok()?;
    merged.header.map(|header| header.seed)
}

/// Runs a campaign until its extent, `stop`, or something that cannot be written. `observe`
/// hears of each program that ends.
///
/// # Errors
/// When the results cannot be written or resumed; nothing has been started then.
pub fn run(
    plan: &Plan,
    stop: &AtomicBool,
    observe: &mut (dyn FnMut(&Tally) + Send),
) -> Result<Report, Refused> {
    let (log, Past { done, tally }) = Log::open(plan).map_err(Refused)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(plan.jobs)
        .build();
    let pool =
        pool.map_err(|error| Refused(format!("cannot start {} jobs: {error}", plan.jobs)))?;
    let start = Instant::now();
    let over = AtomicBool::new(false);
    let numbers = Numbers::new(plan.shard, plan.extent, done, [stop, &over]);
    let ledger = Mutex::new(Ledger::new(plan, log, tally, observe));
    pool.broadcast(|_| work(plan, &numbers, &ledger));
    let elapsed = start.elapsed();
    let ledger = ledger.into_inner().unwrap_or_else(|e| e.into_inner());
    let mut broken = ledger.broken;
    let ended = || stop.load(Ordering::Relaxed);
    let findings = findings::finish(plan, &ledger.tally, &ended);
    let findings = findings.unwrap_or_else(|error| {
        broken.get_or_insert(format!("cannot write a finding: {error}"));
        Vec::new()
    });
    Ok(Report {
        tally: ledger.tally,
        findings,
        judged: ledger.judged,
        records: ledger.records,
        elapsed,
        times: ledger.times,
        broken,
        interrupted: stop.load(Ordering::Relaxed),
    })
}

/// One thread: programs in turn, each to the ledger as it ends.
fn work(plan: &Plan, numbers: &Numbers, ledger: &Mutex<Ledger>) {
    let mut judge = Judge::new(plan);
    while let Some(number) = numbers.next() {
        let judged = judge.judge(number);
        let times = timing::take();
        let mut ledger = ledger.lock().unwrap_or_else(|e| e.into_inner());
        if !ledger.enter(&judged, &times) {
            numbers.end();
        }
    }
}

impl Ledger<'_> {
    fn new<'a>(
        plan: &'a Plan,
        log: Log,
        tally: Tally,
        observe: &'a mut (dyn FnMut(&Tally) + Send),
    ) -> Ledger<'a> {
        Ledger {
            plan,
            log,
            tally,
            judged: 0,
            records: 0,
            times: Times::default(),
            broken: None,
            observe,
        }
    }

    /// Enters a program. False when that fails and the campaign must end.
    fn enter(&mut self, judged: &Judged, times: &Times) -> bool {
        if self.broken.is_some() {
            return false;
        }
        if let Err(error) = self.log.append(judged) {
            self.broken = Some(error.to_string());
            return false;
        }
        self.judged += 1;
        self.records += judged.records.len() as u64;
        self.times.add(times);
        for first in self.tally.add(judged) {
            if let Err(error) = findings::save(self.plan, &first) {
                self.broken = Some(format!("cannot write a finding: {error}"));
                return false;
            }
        }
        (self.observe)(&self.tally);
        true
    }
}
