//! What a campaign judges in a second, and where its time goes: one job, two jobs, and one job whose
//! Unicorn machines run in the same process, in turn on the same programs. The ratios are those of
//! neighbouring turns, so that neither the day nor another load on the machine shows in them.
//!
//! Two jobs can be no more than twice one where there are two idle cores, and less where what the
//! host calls two cores is two threads of one.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use patchproof::campaign::{self, Extent, Known, Plan, Report, Shard};
use patchproof::code_generators;
use patchproof::codegen::CodeGenerator;
use patchproof::corpus::{self, Findings};
use patchproof::isa::Isa;
use patchproof::timing::Phase;
use patchproof::verify::{Isolation, Options};

use crate::median;

/// Programs of one turn.
const PROGRAMS: u64 = 300;
/// Turns of which the median is taken.
const TURNS: usize = 5;
/// Any seed will do.
const SEED: u64 = 42;

fn plan(generator: &'static dyn CodeGenerator, options: &Options) -> Plan {
    Plan {
        seed: SEED,
        shard: Shard::WHOLE,
        extent: Extent::Programs(PROGRAMS),
        isas: Isa::ALL
            .into_iter()
            .filter(|isa| isa.is_executable())
            .collect(),
        generators: vec![generator],
        jobs: 1,
        folder: None,
        resume: false,
        isolation: Isolation::All,
        worker: options.worker.clone(),
        reduction: Duration::ZERO,
        known: Known(Findings::load(&corpus::default_folder()).0),
    }
}

fn run(plan: &Plan) -> Report {
    let report = campaign::run(plan, &AtomicBool::new(false), &mut |_| {});
    report.unwrap_or_else(|refused| panic!("{refused}"))
}

/// Program x ISA a second.
fn rate(report: &Report) -> f64 {
    report.records as f64 / report.elapsed.as_secs_f64()
}

/// Prints rates, ratios and shares for each code generator.
pub fn print(options: &Options) {
    for generator in code_generators::ALL.iter().copied() {
        let one = plan(generator, options);
        let two = Plan {
            jobs: 2,
            ..plan(generator, options)
        };
        let in_process = Plan {
            isolation: Isolation::Pulley,
            ..plan(generator, options)
        };
        let turns: Vec<[Report; 3]> = (0..TURNS)
            .map(|_| [&one, &two, &in_process].map(run))
            .collect();
        let rate_of = |which: usize| median(turns.iter().map(|turn| rate(&turn[which])).collect());
        let over = |a: usize, b: usize| {
            median(
                turns
                    .iter()
                    .map(|turn| rate(&turn[a]) / rate(&turn[b]))
                    .collect(),
            )
        };
        println!(
            "campaigns of {PROGRAMS} programs, {}, medians of {TURNS}:",
            generator.name()
        );
        println!("  one job   {:>7.0} program x ISA a second", rate_of(0));
        println!(
            "  two jobs  {:>7.0}, {:.2} times one",
            rate_of(1),
            over(1, 0)
        );
        println!("  isolation costs {:.0} %", 100.0 * (over(2, 0) - 1.0));
        let shares = Phase::ALL.map(|phase| {
            let share = |turn: &[Report; 3]| {
                let times = &turn[0].times;
                times.of(phase).as_secs_f64() / times.total().as_secs_f64()
            };
            let share = median(turns.iter().map(share).collect());
            format!("{} {:.0} %", phase.name(), 100.0 * share)
        });
        println!("  time of one job: {}", shares.join(", "));
    }
}
