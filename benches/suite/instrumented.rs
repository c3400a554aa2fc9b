//! What a site costs in programs from outside: the same files with a site in front of every
//! instruction and with one in each block, verified live, NOPed and toggled by one thread, in turn,
//! so that another load on the machine meets both. The difference in time over the difference in
//! sites is the price of one, compiling and judging included.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use patchproof::code_generators;
use patchproof::codegen::CodeGenerator;
use patchproof::corpus;
use patchproof::instrument::{self, Sites, instrument};
use patchproof::isa::Isa;
use patchproof::program::Program;
use patchproof::scenario::{Scenario, ScenarioChoice};
use patchproof::verify::{Options, Verifier};

use crate::median;

/// Turns of which the median is taken.
const TURNS: usize = 7;

/// A program with sites, and how many.
type WithSites = (Program, usize);

/// Each file with many sites and with few.
fn programs(folder: &Path) -> Vec<[WithSites; 2]> {
    let (files, _) = corpus::find(&[folder.to_owned()]);
    let with = |text: &str, id: &str, sites: Sites| {
        let options = instrument::Options {
            sites,
            ..instrument::Options::default()
        };
        let done = instrument(text, &options).ok()?;
        Some((Program::parse(id, &done.text).ok()?, done.sites))
    };
    let both = |file: &std::path::PathBuf| {
        let text = std::fs::read_to_string(file).ok()?;
        let id = corpus::id(file);
        Some([
            with(&text, &id, Sites::EveryInstruction)?,
            with(&text, &id, Sites::EveryBlock)?,
        ])
    };
    files.iter().filter_map(both).collect()
}

/// Seconds for all programs, and sites in the emitted code (none of a program that the target
/// cannot run); `None` where the suite itself fails.
fn cost(
    verifier: &mut Verifier,
    programs: &[&WithSites],
    isa: Isa,
    generator: &dyn CodeGenerator,
) -> Option<(f64, f64)> {
    let start = Instant::now();
    let mut sites = 0;
    for (program, _) in programs {
        sites += black_box(verifier.verify(program, isa, generator).ok()?).sites;
    }
    Some((start.elapsed().as_secs_f64(), sites as f64))
}

/// Prints the price of a site for each code generator and ISA.
pub fn print(folder: &Path, options: Options) {
    let programs = programs(folder);
    let [many, few] = [0, 1].map(|which| {
        let of = programs.iter().map(|both| &both[which]);
        of.collect::<Vec<_>>()
    });
    let sites = |programs: &[&WithSites]| programs.iter().map(|(_, sites)| sites).sum::<usize>();
    let run_lines: usize = many.iter().map(|(p, _)| p.invocations.len()).sum();
    println!(
        "{} files from outside with {run_lines} run lines, {} sites (every instruction) and {} \
         (every block), live, NOPed and toggled, medians of {TURNS}:",
        programs.len(),
        sites(&many),
        sites(&few),
    );
    let mut verifier = Verifier::new(Options {
        scenarios: ScenarioChoice::These(vec![
            Scenario::Live,
            Scenario::Nopped(None),
            Scenario::Toggled,
        ]),
        ..options
    });
    for generator in code_generators::ALL.iter().copied() {
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_executable()) {
            let mut turn = || {
                let (long, sites) = cost(&mut verifier, &many, isa, generator)?;
                let (short, fewer) = cost(&mut verifier, &few, isa, generator)?;
                Some(((long - short) / (sites - fewer) * 1e6, long / short))
            };
            let turns: Option<Vec<(f64, f64)>> = (0..TURNS).map(|_| turn()).collect();
            let Some(turns) = turns else { continue };
            let (prices, ratios) = turns.into_iter().unzip();
            let (price, ratio) = (median(prices), median(ratios));
            println!(
                "  {:<10} {isa:<10} {price:>6.1} us a site, {ratio:.2} times the time of one a block",
                generator.name()
            );
        }
    }
}
