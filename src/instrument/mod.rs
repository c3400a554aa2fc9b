//! Other people's CLIF functions, made to test patchable calls: a call of a hook at every point
//! where a call may stand.
//!
//! What a patchable call may break is what surrounds it: values that live across it, argument
//! registers, frames, branches nearby. Programs written to test patchable calls have the
//! surroundings that their author thought of. A compiler's own tests have the others: every type,
//! every instruction, every odd signature, with results that are known. So their functions are
//! taken as they are, and sites are put between their instructions.
//!
//! In order: the `header` is checked line by line, the reader parses the rest, names from
//! outside get a meaning (`outside`), `steady` finds the values that are the same on every
//! ISA, `live` what is live at each of the `points`, `hooks` which hook takes it, and
//! `insert` puts the calls in.
//!
//! Invariants:
//! - no instruction of the program is removed, changed or moved, and a call takes only values that
//!   are live where it stands, so that the results are the same and no live range grows;
//! - an argument of a hook has the same bits on every ISA, so that the log can be predicted;
//! - the output says itself what the reader would take from the host (calling conventions), and
//!   is a program in the same format.

mod header;
mod hooks;
mod insert;
mod live;
mod made;
mod outside;
mod parts;
mod points;
mod run_lines;
mod steady;
#[cfg(test)]
mod tests;
mod valid;

pub use hooks::{HookFile, HookKind};
pub use points::Sites;

use cranelift_codegen::ir::Function;
use cranelift_codegen::isa::CallConv;
use cranelift_reader::{Details, ParseOptions, parse_test};

use crate::program::ProgramError;
use header::Header;
use hooks::Hooks;
use parts::Pieces;

/// How to instrument.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where sites are put.
    pub sites: Sites,
    /// Hooks to call.
    pub hooks: HookKind,
}

/// A file with sites.
#[derive(Clone, Debug)]
pub struct Instrumented {
    /// A program in Cranelift's filetest format.
    pub text: String,
    /// A program for each function that has run lines, with what it calls, where there are several.
    pub parts: Vec<String>,
    /// Sites that were put in.
    pub sites: usize,
    /// Points where no hook of [`Options::hooks`] finds the arguments that it wants.
    pub without_hook: usize,
    /// Header lines that were left out, and why: the rest of the file holds without them.
    pub left_out: Vec<ProgramError>,
}

/// Why there is no program.
#[derive(Clone, Debug)]
pub enum Refused {
    /// The text is no program, or its header names no target that there is.
    Bad(Vec<ProgramError>),
    /// It is a program, and not one that can be run with sites in it.
    Unsupported {
        /// Why not.
        reason: String,
        /// As [`Instrumented::left_out`].
        left_out: Vec<ProgramError>,
    },
}

impl Refused {
    fn bad(line: Option<usize>, message: String) -> Refused {
        Refused::Bad(vec![error(line, message)])
    }

    fn unsupported(reason: String) -> Refused {
        Refused::Unsupported {
            reason,
            left_out: Vec::new(),
        }
    }

    /// The same of a file whose header had lines that were left out.
    fn after(self, left_out: Vec<ProgramError>) -> Refused {
        match self {
            Refused::Bad(errors) => Refused::Bad([left_out, errors].concat()),
            Refused::Unsupported { reason, .. } => Refused::Unsupported { reason, left_out },
        }
    }
}

fn error(line: Option<usize>, message: String) -> ProgramError {
    ProgramError {
        path: None,
        line,
        message,
    }
}

/// Puts sites into all functions of `text`.
///
/// # Errors
/// When the reader refuses it, or it cannot be run with sites.
pub fn instrument(text: &str, options: &Options) -> Result<Instrumented, Refused> {
    let header = Header::of(text)?;
    match with_sites(&header, options) {
        Ok(done) => Ok(Instrumented {
            left_out: header.left_out,
            ..done
        }),
        Err(refused) => Err(refused.after(header.left_out)),
    }
}

fn with_sites(header: &Header, options: &Options) -> Result<Instrumented, Refused> {
    let read = ParseOptions {
        default_calling_convention: CallConv::SystemV,
        ..ParseOptions::default()
    };
    let file = parse_test(&header.readable, read).map_err(|parse| {
        let line = Some(parse.location.line_number).filter(|&line| line > 0);
        Refused::bad(line, parse.message)
    })?;
    let (mut functions, details): (Vec<Function>, Vec<Details>) =
        file.functions.into_iter().unzip();
    valid::verify(&file.isa_spec, &functions, &details)?;
    let commands = run_lines::commands(&header.readable, &functions, &details)?;
    if commands.iter().all(Vec::is_empty) {
        let reason = "no run line: nothing to run".to_owned();
        return Err(Refused::unsupported(reason));
    }
    outside::give_meaning(&mut functions).map_err(Refused::unsupported)?;
    let mut hooks =
        Hooks::new(&options.hooks, &functions, header.names_riscv).map_err(Refused::unsupported)?;
    let inserted = insert::all(&mut functions, options.sites, &mut hooks);
    if inserted.sites == 0 {
        let reason = "no point for a site".to_owned();
        return Err(Refused::unsupported(reason));
    }
    let pieces = Pieces::new(header.kept.clone(), &functions, &commands, hooks.texts());
    Ok(Instrumented {
        text: pieces.whole(),
        parts: pieces.parts(),
        sites: inserted.sites,
        without_hook: inserted.without_hook,
        left_out: Vec::new(),
    })
}
