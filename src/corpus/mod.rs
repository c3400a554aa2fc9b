//! Corpus: which files are programs, and what is expected of each.
//!
//! The folder that a file lies in is its expected verdict, so that adding a case means adding
//! one file: `pass/` and `regressions/` must pass, `invalid/` must be refused with the message
//! in its header, `known/` must fail as its header says. A file outside of the corpus is
//! expected to pass. Where a program shows nothing but findings of `known/`, that is known too.

mod aftermath;
mod find;
mod findings;
mod header;
mod known;
mod pattern;
mod reach;
mod releases;

pub use find::find;
pub use findings::{Explanation, Findings};
pub use header::HeaderError;
pub use known::Known;
pub use pattern::Pattern;
pub use releases::Releases;

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::program::{Program, ProgramError};

/// What is expected of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// To pass everywhere.
    Pass,
    /// To be refused with a message that contains this text.
    Refused(String),
    /// To fail where a finding says so, and to pass elsewhere.
    Known(Box<Known>),
}

/// A program with what is expected of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name in reports: the path below `corpus/` without extension, like `pass/loop-site`;
    /// elsewhere the file's stem.
    pub id: String,
    /// The file.
    pub path: PathBuf,
    /// What must become of it.
    pub expectation: Expectation,
    /// The program; an error only where it is expected to be refused.
    pub program: Result<Program, ProgramError>,
    /// Texts of programs that it is made of, to be judged one by one where the whole is less than
    /// a pass; none for a program that stands for itself.
    pub parts: Vec<String>,
}

impl Case {
    /// The file's name without extension.
    pub fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or(&self.id)
    }
}

/// Folders of a corpus, by what they expect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Folder {
    Pass,
    Invalid,
    Known,
}

/// `corpus/` below the current directory, or that of the sources which this was built from.
pub fn default_folder() -> PathBuf {
    let here = PathBuf::from("corpus");
    if here.is_dir() {
        here
    } else {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
    }
}

/// Loads the files in their order, each case or why it is none.
pub fn load(files: &[PathBuf]) -> Vec<Result<Case, ProgramError>> {
    files.par_iter().map(|file| load_case(file)).collect()
}

fn load_case(path: &Path) -> Result<Case, ProgramError> {
    let (id, folder) = identify(path);
    let program = Program::load(path);
    let header = |error: HeaderError| ProgramError {
        path: Some(path.to_owned()),
        line: Some(error.line),
        message: error.message,
    };
    let (expectation, program) = match folder {
        Folder::Pass => (Expectation::Pass, Ok(program?)),
        Folder::Known => {
            let program = program?;
            let known = Box::new(Known::parse(&program.text).map_err(header)?);
            (Expectation::Known(known), Ok(program))
        }
        Folder::Invalid => {
            // The message is in the text, which may not be a program, or no text at all.
            let text = std::fs::read(path).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            let message = header::expected_error(&text).map_err(header)?;
            (Expectation::Refused(message), program)
        }
    };
    Ok(Case {
        id,
        path: path.to_owned(),
        expectation,
        program,
        parts: Vec::new(),
    })
}

/// Name in reports of a file: [`Case::id`].
pub fn id(path: &Path) -> String {
    identify(path).0
}

/// Name and folder of a file, from its path alone.
fn identify(path: &Path) -> (String, Folder) {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let stem = absolute.with_extension("");
    let parts: Vec<&str> = stem.iter().filter_map(|part| part.to_str()).collect();
    if let Some(at) = parts.iter().rposition(|part| *part == "corpus") {
        let below = &parts[at + 1..];
        let folder = match below.first() {
            Some(&"invalid") if below.len() > 1 => Folder::Invalid,
            Some(&"known") if below.len() > 1 => Folder::Known,
            _ => Folder::Pass,
        };
        if !below.is_empty() {
            return (below.join("/"), folder);
        }
    }
    let name = stem.file_name().unwrap_or_default();
    (name.to_string_lossy().into_owned(), Folder::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_below_the_corpus_is_the_expectation() {
        let of = |path: &str| identify(Path::new(path));
        assert_eq!(of("/x/corpus/pass/a.clif"), ("pass/a".into(), Folder::Pass));
        assert_eq!(
            of("/x/corpus/invalid/a.clif"),
            ("invalid/a".into(), Folder::Invalid)
        );
        assert_eq!(
            of("/x/corpus/known/deep/a.clif"),
            ("known/deep/a".into(), Folder::Known)
        );
        assert_eq!(of("/x/corpus/known.clif"), ("known".into(), Folder::Pass));
        assert_eq!(of("/x/invalid/a.b.clif"), ("a.b".into(), Folder::Pass));
    }
}
