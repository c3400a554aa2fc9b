//! `patchproof instrument`: other people's CLIF in, the same with patch sites out.

use std::fmt;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::Ending;
use super::output::{complain, print};
use crate::corpus::{self, Case, Expectation};
use crate::instrument::{HookFile, HookKind, Instrumented, Options, Refused, Sites, instrument};
use crate::program::{Program, ProgramError};

/// Arguments of `instrument`.
#[derive(clap::Args)]
pub struct Args {
    /// A file in Cranelift's filetest format
    file: PathBuf,
    #[command(flatten)]
    how: How,
    /// Where to write the program; standard output if not given
    #[arg(short, value_name = "OUT")]
    output: Option<PathBuf>,
}

/// How to instrument, for `instrument` and for `verify --instrument`.
#[derive(clap::Args, Default)]
pub struct How {
    /// Where to put sites: every-instruction, every-block, or a number N for every Nth instruction
    /// [default: every-instruction]
    #[arg(long, value_name = "WHERE")]
    sites: Option<Sites>,
    /// Hooks: leaf for ones that call nothing, host for ones that call the host, or a file with
    /// some: a site calls the first one of most parameters whose types are live there
    /// [default: leaf]
    #[arg(long, value_name = "FILE")]
    hook: Option<PathBuf>,
}

impl How {
    /// Nothing may be asked for without `--instrument`.
    ///
    /// # Errors
    /// When something is.
    pub fn check(&self, instrument: bool) -> Result<(), String> {
        if !instrument && (self.sites.is_some() || self.hook.is_some()) {
            return Err("patchproof: --sites and --hook go with --instrument".to_owned());
        }
        Ok(())
    }

    /// What is asked for.
    ///
    /// # Errors
    /// When the file of hooks is none.
    pub fn options(&self) -> Result<Options, ProgramError> {
        let hooks = match self.hook.as_deref() {
            None => HookKind::Leaf,
            Some(word) if word == Path::new("leaf") => HookKind::Leaf,
            Some(word) if word == Path::new("host") => HookKind::Host,
            Some(path) => {
                let text = read(path)?;
                HookKind::File(HookFile::parse(&text).map_err(|error| at(path, error))?)
            }
        };
        Ok(Options {
            sites: self.sites.unwrap_or_default(),
            hooks,
        })
    }
}

/// The arguments again.
impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sites {
            None => {}
            Some(Sites::EveryInstruction) => write!(f, " --sites every-instruction")?,
            Some(Sites::EveryBlock) => write!(f, " --sites every-block")?,
            Some(Sites::EveryNth(n)) => write!(f, " --sites {n}")?,
        }
        match &self.hook {
            Some(hook) => write!(f, " --hook {}", hook.display()),
            None => Ok(()),
        }
    }
}

/// The program that a file becomes.
///
/// # Errors
/// Why it becomes none.
pub fn program(path: &Path, options: &Options) -> Result<Program, String> {
    let (loaded, complaints) = load(path, options);
    match loaded {
        Some(Loaded::Program { program, .. }) => Ok(*program),
        Some(Loaded::Unsupported(reason)) => {
            Err(format!("{}: unsupported: {reason}", path.display()))
        }
        None => {
            let lines: Vec<String> = complaints.iter().map(ToString::to_string).collect();
            Err(lines.join("\n"))
        }
    }
}

/// What became of a file.
pub enum Loaded {
    /// It has sites.
    Program {
        /// The text with sites.
        done: Instrumented,
        /// What that says.
        program: Box<Program>,
    },
    /// It cannot be run with sites, and why.
    Unsupported(String),
}

/// Instruments each of `files`. First come the programs, then those that are unsupported, with why,
/// then what is to be complained of.
pub fn cases(
    files: &[PathBuf],
    options: &Options,
) -> (Vec<Case>, Vec<(String, String)>, Vec<ProgramError>) {
    let loaded: Vec<_> = files.par_iter().map(|path| load(path, options)).collect();
    let (mut cases, mut unsupported, mut complaints) = (Vec::new(), Vec::new(), Vec::new());
    for (path, (loaded, complained)) in files.iter().zip(loaded) {
        let id = corpus::id(path);
        match loaded {
            Some(Loaded::Program { done, program }) => cases.push(Case {
                id,
                path: path.clone(),
                expectation: Expectation::Pass,
                program: Ok(*program),
                parts: done.parts,
            }),
            Some(Loaded::Unsupported(reason)) => unsupported.push((id, reason)),
            None => {}
        }
        complaints.extend(complained);
    }
    (cases, unsupported, complaints)
}

/// Instruments a file; beside it what is to be complained of.
pub fn load(path: &Path, options: &Options) -> (Option<Loaded>, Vec<ProgramError>) {
    let text = match read(path) {
        Ok(text) => text,
        Err(error) => return (None, vec![error]),
    };
    let (loaded, complaints) = match instrument(&text, options) {
        Ok(mut done) => {
            let left_out = std::mem::take(&mut done.left_out);
            // The file was read and is valid: what the suite or CLIF's writer has no words for is
            // not the file's fault.
            let parse = if done.is_called {
                Program::parse
            } else {
                Program::parse_uncalled
            };
            let loaded = match parse(&corpus::id(path), &done.text) {
                Ok(program) => {
                    let program = Box::new(program);
                    Loaded::Program { done, program }
                }
                Err(error) => Loaded::Unsupported(format!("with sites: {}", error.message)),
            };
            (Some(loaded), left_out)
        }
        Err(Refused::Unsupported { reason, left_out }) => {
            (Some(Loaded::Unsupported(reason)), left_out)
        }
        Err(Refused::Bad(errors)) => (None, errors),
    };
    let complaints = complaints.into_iter().map(|error| at(path, error));
    (loaded, complaints.collect())
}

fn read(path: &Path) -> Result<String, ProgramError> {
    let failed = |message: String| ProgramError {
        path: Some(path.to_owned()),
        line: None,
        message,
    };
    let bytes = std::fs::read(path).map_err(|error| failed(format!("cannot read: {error}")))?;
    String::from_utf8(bytes).map_err(|_| failed("not UTF-8 text".to_owned()))
}

fn at(path: &Path, error: ProgramError) -> ProgramError {
    ProgramError {
        path: Some(path.to_owned()),
        ..error
    }
}

/// Instruments and writes.
pub fn main(args: &Args) -> Ending {
    let options = match args.how.options() {
        Ok(options) => options,
        Err(error) => {
            complain(error);
            return Ending::BadInput;
        }
    };
    let (loaded, complaints) = load(&args.file, &options);
    complaints.iter().for_each(complain);
    let ending = if complaints.is_empty() {
        Ending::AsExpected
    } else {
        Ending::BadInput
    };
    let file = args.file.display();
    match loaded {
        None => ending,
        Some(Loaded::Unsupported(reason)) => {
            complain(format_args!("{file}: unsupported: {reason}"));
            Ending::BadInput
        }
        Some(Loaded::Program { done, .. }) => {
            if done.without_hook > 0 {
                let count = done.without_hook;
                complain(format_args!(
                    "{file}: no hook has arguments at {count} points, which have no site"
                ));
            }
            match &args.output {
                None => print(&done.text).max(ending),
                Some(output) => match std::fs::write(output, &done.text) {
                    Ok(()) => ending,
                    Err(error) => {
                        complain(format_args!("{}: cannot write: {error}", output.display()));
                        Ending::BadInput
                    }
                },
            }
        }
    }
}
