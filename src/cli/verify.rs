//! `patchproof verify`: programs in, verdicts out.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

use super::lists::{self, Generator};
use super::output::{complain, print};
use super::{Ending, instrument, options};
use crate::corpus::{self, Case, Findings};
use crate::isa::Isa;
use crate::judge::{Judged, Judgement, Plan, Record};
use crate::program::ProgramError;
use crate::report::{Summary, json, text};
use crate::scenario::{Scenario, ScenarioChoice};
use crate::verify::{Options, VerifyError};

mod progress;

use progress::Progress;

/// Arguments of `verify`.
#[derive(clap::Args, Default)]
pub struct Args {
    /// Files in Cranelift's filetest format, or directories of them; the corpus if none is given
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only these ISAs, separated by commas: x86_64, aarch64, riscv64gc, s390x, pulley64,
    /// pulley64be, pulley32, pulley32be
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = lists::isa)]
    isa: Vec<Isa>,
    /// Only these code generators, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = lists::generator)]
    generator: Vec<Generator>,
    /// Print one JSON object a line for each program x ISA x generator, and a last one with counts
    #[arg(long)]
    json: bool,
    /// Put sites into the programs first: files of any tests of Cranelift's
    #[arg(long, requires = "paths")]
    instrument: bool,
    #[command(flatten)]
    how: instrument::How,
    /// Only these scenarios, separated by commas [default: all; with --instrument live, nopped and
    /// toggled]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    scenario: Vec<Scenario>,
}

/// Verifies and reports.
pub fn main(args: &Args) -> Ending {
    let start = Instant::now();
    let mut said = BTreeSet::new();
    let Loaded {
        cases,
        unsupported,
        bad: mut bad_files,
    } = match load(args, &mut said) {
        Ok(loaded) => loaded,
        Err(message) => {
            complain(message);
            return Ending::BadInput;
        }
    };
    let (findings, errors) = Findings::load(&corpus::default_folder());
    bad_files += complain_once(&errors, &mut said);
    let plan = Plan {
        isas: lists::isas_or_all(&args.isa),
        generators: lists::generators_or_all(&args.generator),
        findings,
        options: Options {
            scenarios: scenarios(args),
            ..options(None)
        },
    };
    let progress = Progress::new(cases.len(), start);
    let judged = plan.judge_all(&cases, || progress.step());
    progress.finish();

    let problems = Problems::of(&plan, &cases, &judged);
    let mut records: Vec<Record> = judged
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .collect();
    for (program, reason) in &unsupported {
        records.extend(plan.not_covered(program, reason));
    }
    let summary = Summary {
        bad_inputs: bad_files + problems.inputs,
        suite_failures: problems.suite,
        ..Summary::of(&records, start.elapsed())
    };
    let report = if args.json {
        json::render(&records, &summary)
    } else {
        text::render(&records, &summary, &plan.isas, &|record, scenario| {
            replay(args, &cases, record, scenario)
        })
    };
    print(&report).max(ending(&records, &summary))
}

fn ending(records: &[Record], summary: &Summary) -> Ending {
    let fails = records.iter().any(|r| r.verdict == Judgement::Fail);
    [
        (summary.suite_failures > 0, Ending::SuiteFailed),
        (summary.bad_inputs > 0, Ending::BadInput),
        (fails, Ending::Discrepancy),
    ]
    .into_iter()
    .find_map(|(applies, ending)| applies.then_some(ending))
    .unwrap_or(Ending::AsExpected)
}

/// What is to be judged.
struct Loaded {
    cases: Vec<Case>,
    /// Files that cannot be run with sites, and why.
    unsupported: Vec<(String, String)>,
    bad: usize,
}

/// Loads what is asked for, complains of what is no case, and counts those.
fn load(args: &Args, said: &mut BTreeSet<String>) -> Result<Loaded, String> {
    let corpus = [corpus::default_folder()];
    let paths = if args.paths.is_empty() {
        &corpus
    } else {
        &args.paths[..]
    };
    let (files, errors) = corpus::find(paths);
    let mut bad = complain_once(&errors, said);
    args.how.check(args.instrument)?;
    if args.instrument {
        let options = args.how.options().map_err(|error| error.to_string())?;
        let (cases, unsupported, errors) = instrument::cases(&files, &options);
        bad += complain_once(&errors, said);
        return Ok(Loaded {
            cases,
            unsupported,
            bad,
        });
    }
    let mut cases = Vec::new();
    for case in corpus::load(&files) {
        match case {
            Ok(case) => cases.push(case),
            Err(error) => bad += complain_once(&[error], said),
        }
    }
    Ok(Loaded {
        cases,
        unsupported: Vec::new(),
        bad,
    })
}

fn scenarios(args: &Args) -> ScenarioChoice {
    match (&args.scenario[..], args.instrument) {
        ([], false) => ScenarioChoice::All,
        ([], true) => ScenarioChoice::These(vec![
            Scenario::Live,
            Scenario::Nopped(None),
            Scenario::Toggled,
        ]),
        (asked, _) => ScenarioChoice::These(asked.to_vec()),
    }
}

/// Complains of what has not been `said` yet, and counts that.
fn complain_once(errors: &[ProgramError], said: &mut BTreeSet<String>) -> usize {
    let new = errors.iter().filter(|error| said.insert(error.to_string()));
    new.map(complain).count()
}

/// What has no verdict, complained of once for each file and message.
struct Problems {
    inputs: usize,
    suite: usize,
}

impl Problems {
    fn of(plan: &Plan, cases: &[Case], judged: &[Vec<Judged>]) -> Problems {
        let mut problems = Problems {
            inputs: 0,
            suite: 0,
        };
        let mut said = BTreeSet::new();
        let jobs = cases.iter().flat_map(|case| plan.jobs(case));
        for (job, result) in jobs.zip(judged.iter().flatten()) {
            let file = job.case.path.display();
            match result {
                Ok(_) => {}
                Err(VerifyError::Input(message)) => {
                    let line = format!("{file}: {message}");
                    if said.insert(line.clone()) {
                        problems.inputs += 1;
                        complain(line);
                    }
                }
                Err(VerifyError::Suite(message)) => {
                    problems.suite += 1;
                    complain(format_args!("{file}: {}: suite failed: {message}", job.isa));
                }
            }
        }
        problems
    }
}

fn replay(args: &Args, cases: &[Case], record: &Record, scenario: &str) -> String {
    let case = cases.iter().find(|case| case.id == record.program);
    let file = case.map_or_else(String::new, |case| case.path.display().to_string());
    let how = if args.instrument {
        format!(" --instrument{}", args.how)
    } else {
        String::new()
    };
    format!(
        "patchproof run {file} --isa {} --generator {} --scenario {scenario}{how}",
        record.isa, record.generator
    )
}
