//! `patchproof disasm`: the emitted code with its patch sites marked.

use std::path::PathBuf;

use super::Ending;
use super::lists::{self, Generator};
use super::output::{complain, load, print};
use crate::code_generators;
use crate::disasm::RenderMode;
use crate::isa::Isa;
use crate::report::listing::{ListingError, listing};

/// Arguments of `disasm`.
#[derive(clap::Args)]
pub struct Args {
    /// A file in Cranelift's filetest format
    file: PathBuf,
    /// The ISA to compile for
    #[arg(long, value_parser = lists::isa)]
    isa: Isa,
    /// The code generator; the first one if not given
    #[arg(long, value_parser = lists::generator)]
    generator: Option<Generator>,
    /// Show the sites as emitted; without it or --nopped, both ways side by side
    #[arg(long, conflicts_with = "nopped")]
    live: bool,
    /// Show the sites filled with NOPs
    #[arg(long)]
    nopped: bool,
}

/// Compiles and prints.
pub fn main(args: &Args) -> Ending {
    let Some(program) = load(&args.file) else {
        return Ending::BadInput;
    };
    let mode = match (args.live, args.nopped) {
        (true, _) => RenderMode::Live,
        (_, true) => RenderMode::Nopped,
        _ => RenderMode::SideBySide,
    };
    let generator = args.generator.map_or(code_generators::ALL[0], |g| g.0);
    match listing(&program, args.isa, generator, mode) {
        Ok(text) => print(&text),
        Err(error) => {
            complain(format_args!("{}: {error}", args.file.display()));
            match error {
                // The generator breaks down on valid input: that is a finding.
                ListingError::Codegen(crate::codegen::CodegenError::Failed { .. }) => {
                    Ending::Discrepancy
                }
                _ => Ending::BadInput,
            }
        }
    }
}
