//! What the trial runners share.

use std::path::PathBuf;
use std::process::ExitCode;

use patchproof::corpus::{self, Case};

/// All cases of the corpus, which lies in the directory that Cargo starts tests in; those that cannot be loaded as messages.
pub fn corpus() -> (Vec<Case>, Vec<String>) {
    let (files, errors) = corpus::find(&[PathBuf::from("corpus")]);
    let mut messages: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let mut cases = Vec::new();
    for case in corpus::load(&files) {
        match case {
            Ok(case) => cases.push(case),
            Err(error) => messages.push(error.to_string()),
        }
    }
    (cases, messages)
}

/// Runs trials: `cargo test` hands its filters and options on to them.
pub fn run(trials: Vec<libtest_mimic::Trial>) -> ExitCode {
    let arguments = libtest_mimic::Arguments::from_args();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A trial that fails with all of `messages`, and passes if there are none.
pub fn none_of(name: &str, messages: Vec<String>) -> libtest_mimic::Trial {
    libtest_mimic::Trial::test(name.to_owned(), move || {
        if messages.is_empty() {
            Ok(())
        } else {
            Err(messages.join("\n").into())
        }
    })
}
