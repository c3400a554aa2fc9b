//! The command line: what is asked for, to which part of the library it goes, and the exit code.

mod bisect;
mod campaign;
mod disasm;
mod faults;
mod findings;
mod instrument;
mod lists;
mod merge;
mod output;
mod reduce;
mod releases;
mod run;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// How the command ended. Where several apply, the last one of them is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// Everything is as expected.
    AsExpected = 0,
    /// Something promised was not seen, or a known finding is gone.
    Discrepancy = 1,
    /// Bad usage, or input that cannot be judged.
    BadInput = 2,
    /// The suite itself failed.
    SuiteFailed = 3,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> ExitCode {
        ExitCode::from(match ending {
            Ending::AsExpected => 0,
            Ending::Discrepancy => 1,
            Ending::BadInput => 2,
            Ending::SuiteFailed => 3,
        })
    }
}

/// Shown at the end of `--help`, and again in README.md.
const MORE_HELP: &str = "\
Without a subcommand, verifies the corpus.

Exit codes:
  0  everything is as expected
  1  a discrepancy: a program fails, or a known finding is gone
  2  bad usage, or an input that cannot be judged; the others are judged all the same
  3  the suite itself failed
Where several apply, the highest is given.

Verdicts:
  pass          all that was promised was seen, or an invalid program was refused as expected
  fail          something else was seen; the details follow the table
  known         shows nothing but findings of corpus/known/
  inconclusive  could not tell, for the reason given (in the table: unclear)
  unsupported   not covered, for the reason given (in the table: -)

A program is a file in Cranelift's filetest format with a patchable call. The folder below
corpus/ is what is expected of it: pass/ and regressions/ must pass, invalid/ must be refused
with the message of its '; error:' line, known/ must fail as its '; known:' lines say. To add
a program, add a file. To verify a Cranelift checkout of your own, name it in Cargo.toml under
[patch.crates-io]; README.md shows how.";

/// Verifies patchable calls of code generators on every ISA: patches, runs and compares
#[derive(Parser)]
#[command(
    name = "patchproof",
    version,
    about,
    long_about = "\
Verifies patchable calls of code generators on every ISA, on any host.

A patchable call promises that its metadata names exactly the bytes of the call, that filling
them with NOPs disables it and changes nothing else, and that writing them back enables it
again. patchproof compiles CLIF programs for every target, runs them in emulators with the
sites live, NOPed, one by one and toggled while running, and compares the full state. It is
for those who work on a code generator or stand on its patchable calls: breakpoints, tracing,
coverage, tiering.",
    after_long_help = MORE_HELP
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Verify programs and print a table of verdicts
    Verify(verify::Args),
    /// Print what a program compiles to, with its patch sites marked
    Disasm(disasm::Args),
    /// Replay one scenario of a program and print the states that differ
    Run(run::Args),
    /// Verify generated programs, by the thousand
    Campaign(campaign::Args),
    /// Join the results of a campaign's shards into one summary
    Merge(merge::Args),
    /// Put patch sites into any CLIF program
    Instrument(instrument::Args),
    /// Measure which faults, injected on purpose, the oracles catch
    Faults(faults::Args),
    /// Shrink a failing program while it fails in the same way
    Reduce(reduce::Args),
    /// Find out which releases fail on a program, and the first one that does or no longer does
    Bisect(bisect::Args),
    /// Print the page of all findings, or measure which release shows which
    Findings(findings::Args),
    /// List the releases of Cranelift that are built in, and how to build others
    Releases,
    /// Serve as the child process that runs programs
    #[command(hide = true)]
    Worker,
}

/// The whole command.
pub fn main() -> ExitCode {
    let ending = match Cli::parse().command {
        None => verify::main(&verify::Args::default()),
        Some(Command::Verify(args)) => verify::main(&args),
        Some(Command::Disasm(args)) => disasm::main(&args),
        Some(Command::Run(args)) => run::main(&args),
        Some(Command::Campaign(args)) => campaign::main(&args),
        Some(Command::Merge(args)) => merge::main(&args),
        Some(Command::Instrument(args)) => instrument::main(&args),
        Some(Command::Faults(args)) => faults::main(&args),
        Some(Command::Reduce(args)) => reduce::main(&args),
        Some(Command::Bisect(args)) => bisect::main(&args),
        Some(Command::Findings(args)) => findings::main(&args),
        Some(Command::Releases) => releases::main(),
        Some(Command::Worker) => match crate::worker::serve() {
            Ok(()) => Ending::AsExpected,
            Err(error) => {
                output::complain(format_args!("patchproof worker: {error}"));
                Ending::SuiteFailed
            }
        },
    };
    ending.into()
}

/// How programs are run from the command line: this executable is the worker.
fn options(scenario: Option<crate::scenario::Scenario>) -> crate::verify::Options {
    let worker = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("patchproof"));
    let usual = crate::scenario::ScenarioChoice::All;
    crate::verify::Options {
        scenarios: scenario.map_or(usual, crate::scenario::ScenarioChoice::One),
        ..crate::judge::options(worker)
    }
}
