//! What subcommands share: printing, with the two ways in which it goes wrong (a reader that has seen
//! enough, which is no error, and everything else), and loading a program.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use super::Ending;
use crate::program::Program;

/// Writes `text` to stdout; colours stay only on a terminal.
pub fn print(text: &str) -> Ending {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ending::AsExpected,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ending::AsExpected,
        Err(error) => {
            complain(format_args!("patchproof: cannot write to stdout: {error}"));
            Ending::SuiteFailed
        }
    }
}

/// The program of a file; what is wrong with it goes to stderr.
pub fn load(file: &Path) -> Option<Program> {
    Program::load(file).map_err(complain).ok()
}

/// Writes one line to stderr; a stderr that is gone is nobody's loss.
pub fn complain(line: impl Display) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}
