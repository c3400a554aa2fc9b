//! Programs: CLIF text in Cranelift's filetest format, and what the suite reads out of it.
//!
//! Everything is found from the program itself: a hook is any callee of a patchable call, a
//! function that is called and not defined is a hostcall, an undefined data symbol is memory.

mod convert;
mod hostcall;
mod implicit;
mod interface;
mod library;
mod parse;
mod prediction;
mod print;
mod survey;
mod ty;

pub use convert::{from_data_value, to_data_value, ty_from_clif, ty_to_clif};
pub use hostcall::{HostcallKind, PatchAction, results as hostcall_results};
pub use interface::{
    CallConv, DATA_BYTES, DataDecl, Extension, FunctionDecl, HostcallDecl, Interface, Owner, Param,
    Purpose, Signature, SiteDecl, SiteId,
};
pub use library::{Memory as RoutineMemory, Routine};
pub use prediction::{PredictedEvent, PredictedExit, Prediction};
pub use print::text as function_text;
pub use survey::{site_location, site_of_location, symbol_name};
pub use ty::{Lane, Ty, Value};

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cranelift_codegen::ir;
use cranelift_codegen::isa::OwnedTargetIsa;

use crate::isa::Isa;

/// An ISA with the settings that the program's header asks for.
#[derive(Clone)]
pub struct Target {
    /// The ISA.
    pub isa: Isa,
    /// The `target` line's words behind the architecture, as written.
    pub flags: String,
    /// Cranelift's view of it: shared settings and ISA flags.
    pub clif: OwnedTargetIsa,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.isa, self.flags)
    }
}

/// How the results of an invocation are judged by its run line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// `==` if true, `!=` if false.
    pub equal: bool,
    /// The values.
    pub values: Vec<Value>,
}

/// One call of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Index of the function.
    pub function: u32,
    /// Its arguments.
    pub args: Vec<Value>,
    /// What the run line says of the results.
    pub expected: Option<Expected>,
}

/// A program under test.
#[derive(Clone)]
pub struct Program {
    /// Name in reports: the file's stem.
    pub name: String,
    /// Where it came from.
    pub path: Option<PathBuf>,
    /// The text.
    pub text: Arc<str>,
    /// What it shows to the outside.
    pub interface: Arc<Interface>,
    /// Its functions in text order. Each patchable call has [`site_location`] as its
    /// source location.
    pub functions: Vec<ir::Function>,
    /// Targets in the order of the header; all ISAs where it names none.
    pub targets: Vec<Target>,
    /// What to call.
    pub invocations: Vec<Invocation>,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Why a text is no program. Displays as `file:line: message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramError {
    /// The file, if there is one.
    pub path: Option<PathBuf>,
    /// Line, counted from 1, if the error has one.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}:", path.display())?;
        }
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        if self.path.is_some() || self.line.is_some() {
            f.write_str(" ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ProgramError {}

impl Program {
    /// Reads a program from a file.
    ///
    /// # Errors
    /// When the file cannot be read or its text is no program.
    pub fn load(path: &Path) -> Result<Program, ProgramError> {
        let at = |message: String| ProgramError {
            path: Some(path.to_owned()),
            line: None,
            message,
        };
        let bytes = std::fs::read(path).map_err(|error| at(format!("cannot read: {error}")))?;
        let text = String::from_utf8(bytes).map_err(|_| at("not UTF-8 text".to_owned()))?;
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut program = Program::parse(&name, &text).map_err(|error| ProgramError {
            path: Some(path.to_owned()),
            ..error
        })?;
        program.path = Some(path.to_owned());
        Ok(program)
    }

    /// Reads a program from its text.
    ///
    /// # Errors
    /// When the text does not parse or verify, or is a program that cannot be run here.
    pub fn parse(name: &str, text: &str) -> Result<Program, ProgramError> {
        parse::parse(name, text)
    }

    /// As [`Program::parse`], of a program that nothing calls: without run lines there are no
    /// invocations.
    ///
    /// # Errors
    /// As there, but for a missing entry.
    pub fn parse_uncalled(name: &str, text: &str) -> Result<Program, ProgramError> {
        parse::parse_uncalled(name, text)
    }

    /// The targets of one ISA: several where the header names it with different flags, none
    /// where the header leaves it out.
    pub fn targets_of(&self, isa: Isa) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(move |target| target.isa == isa)
    }

    /// The header's `set` and `target` lines that concern `isa`.
    pub fn settings_for(&self, isa: Isa) -> Vec<&str> {
        self.text
            .lines()
            .map(str::trim)
            .take_while(|line| !line.starts_with("function"))
            .filter(|line| {
                line.starts_with("set ")
                    || line
                        .strip_prefix("target ")
                        .and_then(|rest| rest.split_whitespace().next())
                        .is_some_and(|name| name.parse() == Ok(isa))
            })
            .collect()
    }
}
