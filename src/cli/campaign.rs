//! `patchproof campaign`: generated programs in, findings and figures out.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Ending;
use super::lists::{self, Generator};
use super::output::{complain, print};
use crate::campaign::{self, Extent, Known, Plan, Report, Shard, Verdict};
use crate::corpus::{self, Findings};
use crate::isa::Isa;
use crate::report;
use crate::verify::Isolation;

mod interrupt;
mod progress;

use progress::Progress;

/// Arguments of `campaign`.
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("extent").required(true))]
pub struct Args {
    /// The programs below number N
    #[arg(long, value_name = "N", group = "extent", value_parser = clap::value_parser!(u64).range(1..))]
    programs: Option<u64>,
    /// As many programs as fit, like 90s, 20m or 1h 30m
    #[arg(long = "for", value_name = "DURATION", group = "extent", value_parser = duration)]
    time: Option<Duration>,
    /// What the programs are drawn from: the same seed gives the same programs [default: the clock,
    /// or with --resume what the folder has]
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Only the programs whose number divided by N leaves I
    #[arg(long, value_name = "I/N", default_value = "0/1")]
    shard: Shard,
    /// Only these ISAs, separated by commas [default: all that can be executed]
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = lists::isa)]
    isa: Vec<Isa>,
    /// Only these code generators, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = lists::generator)]
    generator: Vec<Generator>,
    /// Threads, each with a child process for its machines [default: one a core]
    #[arg(long, value_name = "J", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Folder for results and failing programs
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on with the results in the folder
    #[arg(long, requires = "out")]
    resume: bool,
    /// Longest time to reduce one finding
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration_or_none)]
    reduce: Duration,
    /// Run Unicorn in this process, to measure what the child process costs
    #[arg(long, hide = true)]
    in_process: bool,
}

fn duration(text: &str) -> Result<Duration, String> {
    let duration = duration_or_none(text)?;
    if duration.is_zero() {
        return Err("nothing can be done in no time".to_owned());
    }
    Ok(duration)
}

fn duration_or_none(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("{error}: expected one like 90s or 20m"))
}

/// Runs a campaign and reports.
pub fn main(args: &Args) -> Ending {
    let (findings, errors) = Findings::load(&corpus::default_folder());
    if !errors.is_empty() {
        errors.iter().for_each(complain);
        return Ending::BadInput;
    }
    let plan = plan(args, Known(findings));
    let stop = match interrupt::flag() {
        Ok(stop) => stop,
        Err(error) => {
            complain(format_args!(
                "patchproof: cannot listen for Ctrl-C: {error}"
            ));
            return Ending::SuiteFailed;
        }
    };
    let progress = Progress::new(&plan);
    let report = campaign::run(&plan, &stop, &mut |tally| progress.show(tally));
    progress.finish();
    match report {
        Err(refused) => {
            complain(format_args!("patchproof: {refused}"));
            Ending::BadInput
        }
        Ok(report) => {
            if let Some(broken) = &report.broken {
                complain(format_args!(
                    "patchproof: the campaign ended early: {broken}"
                ));
            }
            print(&report::campaign::render(&plan, &report)).max(ending(&report))
        }
    }
}

fn plan(args: &Args, known: Known) -> Plan {
    let mut isas = lists::isas_or_all(&args.isa);
    if args.isa.is_empty() {
        isas.retain(|isa| isa.is_executable());
    }
    let past = args.out.as_deref().filter(|_| args.resume);
    let seed = args.seed.or_else(|| campaign::seed_in(past?));
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    Plan {
        seed: seed.unwrap_or_else(seed_of_now),
        shard: args.shard,
        extent: match (args.programs, args.time) {
            (Some(count), _) => Extent::Programs(count),
            (None, time) => Extent::Time(time.unwrap_or_default()),
        },
        isas,
        generators: lists::generators_or_all(&args.generator),
        jobs: args.jobs.map_or_else(cores, usize::from),
        folder: args.out.clone(),
        resume: args.resume,
        isolation: if args.in_process {
            Isolation::Pulley
        } else {
            Isolation::All
        },
        worker: super::options(None).worker,
        reduction: args.reduce,
        known,
    }
}

fn seed_of_now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| now.as_secs())
}

fn ending(report: &Report) -> Ending {
    let tally = &report.tally;
    if report.broken.is_some() || tally.of(Verdict::Broken) > 0 {
        Ending::SuiteFailed
    } else if tally.of(Verdict::Fail) > 0 {
        Ending::Discrepancy
    } else {
        Ending::AsExpected
    }
}
