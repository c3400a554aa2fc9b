//! `patchproof reduce`: the smallest program that still shows a finding.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::lists::{self, Generator};
use super::output::{complain, load, print};
use super::{Ending, options};
use crate::code_generators;
use crate::codegen::CodeGenerator;
use crate::corpus::{self, Findings};
use crate::isa::Isa;
use crate::judge::{Recurrence, Signature, Wanted};
use crate::oracle::Check;
use crate::program::Program;
use crate::reduce::{Budget, Reduction, instructions, reduce};
use crate::verify::VerifyError;

/// Arguments of `reduce`.
#[derive(clap::Args)]
pub struct Args {
    /// A file in Cranelift's filetest format that fails
    file: PathBuf,
    /// The ISA that it fails on
    #[arg(long, value_parser = lists::isa)]
    isa: Isa,
    /// The code generator; the first one if not given
    #[arg(long, value_parser = lists::generator)]
    generator: Option<Generator>,
    /// The check that must go on failing; the one closest to the cause if not given
    #[arg(long, value_parser = lists::check)]
    check: Option<Check>,
    /// Where the reduced program goes; to stdout if not given
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Most programs to verify
    #[arg(long, value_name = "RUNS", default_value_t = Budget::default().runs)]
    budget: usize,
    /// Most seconds to take
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,
}

/// Reduces and prints.
pub fn main(args: &Args) -> Ending {
    let Some(program) = load(&args.file) else {
        return Ending::BadInput;
    };
    if let Some(out) = &args.out
        && let Err(error) = writable(out)
    {
        complain(format_args!("{}: cannot write: {error}", out.display()));
        return Ending::BadInput;
    }
    let file = args.file.display();
    let generator = args.generator.map_or(code_generators::ALL[0], |g| g.0);
    // Findings that cannot be read are `verify`'s business.
    let (findings, _) = Findings::load(&corpus::default_folder());
    let wanted = Wanted {
        isa: args.isa,
        generator,
        check: args.check,
        findings,
        options: options(None),
    };
    let finding = Recurrence::of(&program, wanted);
    match finding {
        Ok(Some(finding)) => reduced(args, &program, generator, finding),
        Ok(None) => {
            let check = args.check.map_or("anything".to_owned(), |c| c.to_string());
            complain(format_args!(
                "{file}: does not fail {check} on {}: nothing to reduce",
                args.isa
            ));
            Ending::BadInput
        }
        Err(VerifyError::Input(message)) => {
            complain(format_args!("{file}: {message}"));
            Ending::BadInput
        }
        Err(VerifyError::Suite(message)) => {
            complain(format_args!(
                "{file}: {}: suite failed: {message}",
                args.isa
            ));
            Ending::SuiteFailed
        }
    }
}

/// Finds out before the work, not behind it. An existing file keeps what it has until then.
fn writable(out: &Path) -> std::io::Result<()> {
    let mut open = std::fs::OpenOptions::new();
    open.create(true).append(true).open(out).map(|_| ())
}

fn reduced(
    args: &Args,
    program: &Program,
    generator: &dyn CodeGenerator,
    mut finding: Recurrence,
) -> Ending {
    let budget = Budget {
        runs: args.budget,
        time: args.seconds.map(Duration::from_secs),
    };
    let start = Instant::now();
    let reduction = reduce(&program.text, budget, &mut |text| finding.is_in(text));
    let seconds = start.elapsed().as_secs_f64();
    complain(statistics(
        program,
        &reduction,
        finding.signature(),
        seconds,
    ));
    let Some(out) = &args.out else {
        return print(&reduction.text);
    };
    if let Err(error) = std::fs::write(out, &reduction.text) {
        complain(format_args!("{}: cannot write: {error}", out.display()));
        return Ending::SuiteFailed;
    }
    print(&format!(
        "replay: patchproof verify {} --isa {} --generator {}\n",
        out.display(),
        args.isa,
        generator.name(),
    ))
}

fn statistics(
    program: &Program,
    reduction: &Reduction,
    signature: &Signature,
    seconds: f64,
) -> String {
    let count = |text: &str| {
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        let instructions = instructions(text).unwrap_or_default();
        format!("{instructions} instructions, {lines} lines")
    };
    let end = if reduction.complete {
        ""
    } else {
        " (stopped early)"
    };
    format!(
        "{}: {signature}\n  before: {}\n  after:  {}\n  {} runs in {seconds:.1} s{end}",
        program.name,
        count(&program.text),
        count(&reduction.text),
        reduction.runs,
    )
}
