//! `patchproof run`: one scenario again, with what it did and what it left behind.

use std::path::PathBuf;

use super::lists::{self, Generator};
use super::output::{complain, print};
use super::{Ending, instrument, options};
use crate::code_generators;
use crate::codegen::CodeGenerator;
use crate::isa::Isa;
use crate::oracle::{Run, Verdict};
use crate::program::Program;
use crate::report::states;
use crate::scenario::Scenario;
use crate::verify::{Verifier, VerifyError};

/// Arguments of `run`.
#[derive(clap::Args)]
pub struct Args {
    /// A file in Cranelift's filetest format
    file: PathBuf,
    /// The ISA to run on
    #[arg(long, value_parser = lists::isa)]
    isa: Isa,
    /// How the sites are set: live, nopped, nopped:0,2,..., toggled (live, NOPed, live) or
    /// pair (live, NOPed)
    #[arg(long)]
    scenario: Scenario,
    /// The code generator; the first one if not given
    #[arg(long, value_parser = lists::generator)]
    generator: Option<Generator>,
    /// Put sites into the program first, as verify --instrument does
    #[arg(long)]
    instrument: bool,
    #[command(flatten)]
    how: instrument::How,
}

/// Replays and prints.
pub fn main(args: &Args) -> Ending {
    let program = match load(args) {
        Ok(program) => program,
        Err(message) => {
            complain(message);
            return Ending::BadInput;
        }
    };
    match replay(args, &program) {
        Ok((text, ending)) => print(&text).max(ending),
        Err(VerifyError::Input(message)) => {
            complain(format_args!("{}: {message}", args.file.display()));
            Ending::BadInput
        }
        Err(VerifyError::Suite(message)) => {
            let file = args.file.display();
            complain(format_args!(
                "{file}: {}: suite failed: {message}",
                args.isa
            ));
            Ending::SuiteFailed
        }
    }
}

fn load(args: &Args) -> Result<Program, String> {
    args.how.check(args.instrument)?;
    if !args.instrument {
        return Program::load(&args.file).map_err(|error| error.to_string());
    }
    let options = args.how.options().map_err(|error| error.to_string())?;
    instrument::program(&args.file, &options)
}

fn replay(args: &Args, program: &Program) -> Result<(String, Ending), VerifyError> {
    check(args, program).map_err(VerifyError::Input)?;
    let generator = args.generator.map_or(code_generators::ALL[0], |g| g.0);
    let outcome =
        Verifier::new(options(Some(args.scenario.clone()))).verify(program, args.isa, generator)?;
    let mut text = String::new();
    let mut verifier = Verifier::new(options(None));
    let live = runs(&mut verifier, program, args.isa, generator, &Scenario::Live)?;
    let runs = runs(&mut verifier, program, args.isa, generator, &args.scenario)?;
    for run in &runs {
        let reference = live.iter().find(|live| live.invocation == run.invocation);
        text += &states::render(program, args.isa, run, reference);
        text.push('\n');
    }
    text += &states::verdict(&outcome.verdict);
    let ending = match outcome.verdict {
        Verdict::Fail(_) => Ending::Discrepancy,
        _ => Ending::AsExpected,
    };
    Ok((text, ending))
}

fn runs(
    verifier: &mut Verifier,
    program: &Program,
    isa: Isa,
    generator: &dyn CodeGenerator,
    scenario: &Scenario,
) -> Result<Vec<Run>, VerifyError> {
    verifier.replay(program, isa, generator, scenario)
}

/// What the arguments ask for must exist.
fn check(args: &Args, program: &Program) -> Result<(), String> {
    let isa = args.isa;
    if !isa.is_executable() {
        return Err(format!("{isa} is checked statically only: nothing to run"));
    }
    if program.targets_of(isa).next().is_none() {
        return Err(format!("the program's header has no target {isa}"));
    }
    let count = program.interface.sites.len();
    if let Scenario::Nopped(Some(sites)) = &args.scenario
        && let Some(site) = sites.iter().find(|site| **site as usize >= count)
    {
        return Err(format!("no site{site}: the program has {count} sites"));
    }
    Ok(())
}
