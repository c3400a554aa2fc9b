//! `patchproof faults`: how many programs it takes until a fault injected on purpose is caught.

use std::time::Instant;

use super::lists::{self, Generator};
use super::output::{complain, print};
use super::{Ending, options};
use crate::codegen::CodeGenerator;
use crate::corpus::{self, Expectation};
use crate::fault::{self, Class, Outcome, Plan, Subjects};
use crate::isa::Isa;
use crate::oracle::Check;
use crate::program::Program;
use crate::report;
use crate::scenario::ScenarioChoice;
use crate::verify::{Isolation, Options};

/// Fuel of a run. A fault may make a program run on for ever, and none of those that are used
/// needs more than a fraction of this.
const FUEL: u64 = 20_000;
/// Generated programs behind the corpus.
const GENERATED: u64 = 300;
/// The scenarios are drawn, as in a campaign, always the same ones.
const DRAW: u64 = 0;

/// Arguments of `faults`.
#[derive(clap::Args)]
pub struct Args {
    /// Only these ISAs, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = lists::isa)]
    isa: Vec<Isa>,
    /// Only these code generators, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = lists::generator)]
    generator: Vec<Generator>,
    /// Only faults of this class: metadata, nops, call-site, hook, platform, link, patch,
    /// generator, suite
    #[arg(long)]
    class: Option<Class>,
    /// Most programs for each fault, of those that have a place for it
    #[arg(long, value_name = "N", default_value_t = 50)]
    programs: usize,
    /// Only so many registers, lengths and the like of each fault
    #[arg(long, value_name = "N")]
    instances: Option<usize>,
    /// Switch this oracle off: compile, sites, code, state, hook-log, lockstep, toggle, vacuity,
    /// agreement
    #[arg(long, value_name = "ORACLE", value_delimiter = ',', value_parser = lists::check)]
    without: Vec<Check>,
    /// The seed of generated programs, which follow those of the corpus
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print one JSON object a line for each instance of a fault on each ISA
    #[arg(long)]
    json: bool,
    /// Print what there is in the catalogue, with the bug that each fault stands for
    #[arg(long)]
    list: bool,
}

/// Measures and reports.
pub fn main(args: &Args) -> Ending {
    let start = Instant::now();
    let catalogue = fault::catalogue();
    if args.list {
        return print(&report::faults::list(&catalogue));
    }
    let programs = match corpus_programs() {
        Ok(programs) => programs,
        Err(ending) => return ending,
    };
    let plan = Plan {
        generators: generators(&args.generator),
        isas: isas(&args.isa),
        class: args.class,
        instances: args.instances,
        programs: args.programs,
        without: args.without.clone(),
        subjects: Subjects::new(programs, args.seed, GENERATED),
        options: Options {
            isolation: Isolation::All,
            scenarios: ScenarioChoice::Drawn(DRAW),
            fuel: FUEL,
            ..options(None)
        },
    };
    let report = fault::measure(&plan, &catalogue);
    let text = if args.json {
        report::faults::json(&report)
    } else {
        report::faults::text(&report, &catalogue, start.elapsed())
    };
    let broken = report
        .rows
        .iter()
        .any(|row| matches!(row.outcome, Outcome::Broken { .. }));
    let survivors = report
        .rows
        .iter()
        .any(|row| matches!(row.outcome, Outcome::Survived { .. }));
    let ending = match (broken, survivors) {
        (true, _) => Ending::SuiteFailed,
        (_, true) => Ending::Discrepancy,
        _ => Ending::AsExpected,
    };
    print(&text).max(ending)
}

fn generators(asked: &[Generator]) -> Vec<&'static dyn CodeGenerator> {
    lists::generators_or_all(asked)
}

fn isas(asked: &[Isa]) -> Vec<Isa> {
    let mut isas = lists::isas_or_all(asked);
    isas.retain(|isa| isa.is_executable());
    isas
}

/// The programs that the corpus expects to pass.
fn corpus_programs() -> Result<Vec<Program>, Ending> {
    let (files, errors) = corpus::find(&[corpus::default_folder()]);
    errors.iter().for_each(complain);
    let mut programs = Vec::new();
    let mut bad = !errors.is_empty();
    for case in corpus::load(&files) {
        match case {
            Ok(case) if case.expectation == Expectation::Pass => programs.extend(case.program),
            Ok(_) => {}
            Err(error) => {
                complain(error);
                bad = true;
            }
        }
    }
    if bad {
        Err(Ending::BadInput)
    } else {
        Ok(programs)
    }
}
