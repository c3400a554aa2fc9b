//! `patchproof bisect`: which releases fail on a program.

use std::fmt::Write;
use std::path::PathBuf;

use super::lists::{self, Generator};
use super::output::{complain, load, print};
use super::{Ending, options};
use crate::code_generators;
use crate::codegen::CodeGenerator;
use crate::history::{Behaviour, Change, Row, bisect, changes};
use crate::isa::Isa;
use crate::oracle::Check;
use crate::verify::{Verifier, VerifyError};

/// Arguments of `bisect`.
#[derive(clap::Args)]
pub struct Args {
    /// A file in Cranelift's filetest format
    file: PathBuf,
    /// Only these ISAs, separated by commas [default: all that the file names]
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = lists::isa)]
    isa: Vec<Isa>,
    /// Only these releases, separated by commas [default: all that are built in]
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = lists::generator)]
    generator: Vec<Generator>,
    /// A release is bad if this check fails [default: any check]
    #[arg(long, value_parser = lists::check)]
    check: Option<Check>,
}

/// Runs all releases and prints what each does and where that changes.
pub fn main(args: &Args) -> Ending {
    let Some(program) = load(&args.file) else {
        return Ending::BadInput;
    };
    let asked = |one: &&dyn CodeGenerator| {
        args.generator.is_empty() || args.generator.iter().any(|g| g.0.name() == one.name())
    };
    let mut releases = code_generators::cranelifts();
    releases.retain(asked);
    let mut verifier = Verifier::new(options(None));
    let mut text = String::new();
    for isa in lists::isas_or_all(&args.isa) {
        if program.targets_of(isa).next().is_none() {
            if args.isa.contains(&isa) {
                let file = args.file.display();
                complain(format_args!("{file}: its header does not name {isa}"));
                return Ending::BadInput;
            }
            continue;
        }
        match bisect(&program, isa, &releases, &mut verifier) {
            Ok(mut rows) => {
                if let Some(check) = args.check {
                    only(check, &mut rows);
                }
                text += &table(isa, &rows);
            }
            Err(error) => {
                complain(format_args!("{}: {isa}: {error}", args.file.display()));
                return match error {
                    VerifyError::Input(_) => Ending::BadInput,
                    VerifyError::Suite(_) => Ending::SuiteFailed,
                };
            }
        }
    }
    print(&text)
}

/// Leaves the discrepancies of one check; a release without any is good.
fn only(check: Check, rows: &mut [Row]) {
    for row in rows {
        row.signatures.retain(|signature| signature.check == check);
        if let Behaviour::Bad(_) = row.behaviour
            && row.signatures.is_empty()
        {
            row.behaviour = Behaviour::Good;
        }
    }
}

fn table(isa: Isa, rows: &[Row]) -> String {
    let mut text = format!("{isa}\n");
    for row in rows {
        let what = match &row.behaviour {
            Behaviour::Good => "good".to_owned(),
            Behaviour::Bad(_) => {
                let each = row.signatures.iter();
                let each = each.map(|one| format!("{}: {}", one.check, one.subject));
                format!("bad   {}", each.collect::<Vec<_>>().join("; "))
            }
            Behaviour::Unknown(why) => format!("-     {why}"),
        };
        let _ = writeln!(text, "    {:<10}{what}", row.release);
    }
    let changes = changes(rows);
    for change in &changes {
        let _ = match change {
            Change::Broke(before, first) => {
                writeln!(text, "    first bad {first}, {before} is good")
            }
            Change::Mended(before, first) => {
                writeln!(text, "    first good {first}, {before} is bad")
            }
        };
    }
    if changes.is_empty() {
        let bad = |row: &&Row| matches!(row.behaviour, Behaviour::Bad(_));
        let good = |row: &&Row| matches!(row.behaviour, Behaviour::Good);
        let _ = match (rows.iter().find(bad), rows.iter().find(good)) {
            (Some(first), _) => writeln!(text, "    bad since {} at least", first.release),
            (None, Some(_)) => writeln!(text, "    no release is bad"),
            (None, None) => writeln!(text, "    no release covers it"),
        };
    }
    text
}
