//! `patchproof findings`: the page of findings, their reports, and the table of what was measured.

use std::path::{Path, PathBuf};

use super::output::{complain, print};
use super::{Ending, options};
use crate::code_generators::{self, release, short_name};
use crate::codegen::{CodeGenerator, Cranelift};
use crate::corpus::{self, Case, Expectation, Known};
use crate::disasm::RenderMode;
use crate::history::{Behaviour, Cell, Measured, bisect};
use crate::isa::Isa;
use crate::oracle::Verdict;
use crate::program::Program;
use crate::releases::OLDER;
use crate::report::findings::{Finding, page};
use crate::report::listing::listing;
use crate::report::upstream::{Seen, report};
use crate::verify::Verifier;

/// Arguments of `findings`.
#[derive(clap::Args)]
pub struct Args {
    /// Write the report of each finding of the newest release into this folder, and remove others
    #[arg(long, value_name = "DIR")]
    reports: Option<PathBuf>,
    /// Measure which release shows which finding, and write the table beside the findings; takes a
    /// build with all releases
    #[arg(long)]
    measure: bool,
    /// Measure, and fail where the table says otherwise
    #[arg(long, conflicts_with = "measure")]
    check: bool,
}

/// Measures or tells.
pub fn main(args: &Args) -> Ending {
    match run(args) {
        Ok(ending) => ending,
        Err((ending, message)) => {
            complain(message);
            ending
        }
    }
}

/// What went wrong, and the exit code that it makes.
type Wrong = (Ending, String);

fn run(args: &Args) -> Result<Ending, Wrong> {
    let bad = |message: String| (Ending::BadInput, message);
    let folder = corpus::default_folder();
    let cases = cases(&folder).map_err(bad)?;
    if args.measure || args.check {
        return measure(args, &folder, &cases);
    }
    let measured = Measured::load(&folder).map_err(bad)?;
    let findings: Vec<Finding> = cases.iter().filter_map(Finding::of).collect();
    if let Some(reports) = &args.reports {
        write_reports(reports, &cases, &measured)?;
    }
    let has_report = |finding: &Finding| finding.shows_in_newest(&measured);
    Ok(print(&page(&findings, &measured, &has_report)))
}

/// The findings in Cranelift, in the order of their names.
fn cases(folder: &Path) -> Result<Vec<Case>, String> {
    let (files, errors) = corpus::find(&[folder.join("known")]);
    if let Some(error) = errors.first() {
        return Err(error.to_string());
    }
    let mut cases = Vec::new();
    for case in corpus::load(&files) {
        let case = case.map_err(|error| error.to_string())?;
        if known(&case).is_some_and(|known| known.generator == short_name(&Cranelift)) {
            cases.push(case);
        }
    }
    Ok(cases)
}

fn known(case: &Case) -> Option<&Known> {
    match &case.expectation {
        Expectation::Known(known) => Some(known.as_ref()),
        _ => None,
    }
}

fn measure(args: &Args, folder: &Path, cases: &[Case]) -> Result<Ending, Wrong> {
    let missing: Vec<&str> = OLDER
        .iter()
        .filter(|older| !older.is_built_in)
        .map(|older| older.feature)
        .collect();
    if !missing.is_empty() {
        let message = format!(
            "patchproof: these releases are not built in: {}; build with `--features all-releases`",
            missing.join(", ")
        );
        return Err((Ending::BadInput, message));
    }
    let now = measured(cases)?;
    let path = Measured::path(folder);
    if args.measure {
        std::fs::write(&path, now.to_string()).map_err(|error| {
            let message = format!("{}: cannot write: {error}", path.display());
            (Ending::SuiteFailed, message)
        })?;
        return Ok(Ending::AsExpected);
    }
    let before = Measured::load(folder).map_err(|message| (Ending::BadInput, message))?;
    if now == before {
        return Ok(Ending::AsExpected);
    }
    let differences = differences(&before.to_string(), &now.to_string());
    let message = format!(
        "{}: measured otherwise; ci/findings accepts it:\n{differences}",
        path.display()
    );
    Err((Ending::Discrepancy, message))
}

/// Lines that only one of two tables has.
fn differences(before: &str, now: &str) -> String {
    let only = |text: &str, other: &str, sign: char| -> String {
        let lines = text
            .lines()
            .filter(|line| !other.lines().any(|l| l == *line));
        lines.map(|line| format!("{sign} {line}\n")).collect()
    };
    only(before, now, '-') + &only(now, before, '+')
}

/// What every release makes of every finding.
fn measured(cases: &[Case]) -> Result<Measured, Wrong> {
    let generators = code_generators::cranelifts();
    let mut table = Measured {
        releases: generators.iter().map(|g| release(*g).to_owned()).collect(),
        ..Measured::default()
    };
    let mut verifier = Verifier::new(options(None));
    for case in cases {
        let (Some(known), Ok(program)) = (known(case), &case.program) else {
            continue;
        };
        for &isa in &known.isas {
            let cells = cells(program, isa, known, &generators, &mut verifier)?;
            table.rows.insert((case.name().to_owned(), isa), cells);
        }
    }
    Ok(table)
}

fn cells(
    program: &Program,
    isa: Isa,
    known: &Known,
    generators: &[&dyn CodeGenerator],
    verifier: &mut Verifier,
) -> Result<Vec<Cell>, Wrong> {
    let rows = bisect(program, isa, generators, verifier)
        .map_err(|error| (Ending::SuiteFailed, format!("{}: {error}", program.name)))?;
    let cell = |behaviour: &Behaviour| match behaviour {
        Behaviour::Good => Cell::Passes,
        Behaviour::Unknown(_) => Cell::Unknown,
        Behaviour::Bad(list) if list.iter().any(|d| known.is_primary(d)) => Cell::Shows,
        Behaviour::Bad(_) => Cell::Other,
    };
    Ok(rows.iter().map(|row| cell(&row.behaviour)).collect())
}

/// The report of each finding that is in the newest release; reports of others are removed.
fn write_reports(folder: &Path, cases: &[Case], measured: &Measured) -> Result<(), Wrong> {
    let failed = |path: &Path, error: std::io::Error| {
        let message = format!("{}: cannot write: {error}", path.display());
        (Ending::SuiteFailed, message)
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let mut written = Vec::new();
    let mut verifier = Verifier::new(options(None));
    for case in cases {
        let (Some(finding), Ok(program)) = (Finding::of(case), &case.program) else {
            continue;
        };
        if !finding.shows_in_newest(measured) {
            continue;
        }
        let mut seen = Vec::new();
        for &isa in &finding.known.isas {
            seen.push(look(program, isa, &mut verifier)?);
        }
        let path = folder.join(format!("{}.md", finding.name));
        std::fs::write(&path, report(&finding, measured, &seen))
            .map_err(|error| failed(&path, error))?;
        written.push(path);
    }
    let entries = std::fs::read_dir(folder).map_err(|error| failed(folder, error))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_some_and(|e| e == "md") && !written.contains(&path) {
            std::fs::remove_file(&path).map_err(|error| failed(&path, error))?;
        }
    }
    Ok(())
}

/// What the newest release does with a program.
fn look(program: &Program, isa: Isa, verifier: &mut Verifier) -> Result<Seen, Wrong> {
    let outcome = verifier.verify(program, isa, &Cranelift);
    let outcome =
        outcome.map_err(|error| (Ending::SuiteFailed, format!("{}: {error}", program.name)))?;
    let listing = listing(program, isa, &Cranelift, RenderMode::Live);
    Ok(Seen {
        isa,
        listing: listing.unwrap_or_else(|error| format!("no code: {error}\n")),
        discrepancies: match outcome.verdict {
            Verdict::Fail(list) => list,
            _ => Vec::new(),
        },
    })
}
