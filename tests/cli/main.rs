//! The command from outside: messages, exit codes, JSON.

mod bad_input;
mod outside;
#[path = "../ran/mod.rs"]
mod ran;
mod releases;
mod replay;
mod verdicts;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ran::Ran;
use serde_json::Value;
use tempfile::TempDir;

/// A program that verifies, in parts that tests break.
const HEADER: &str = "test run\n";
const HOOK: &str = "\
function %hook(i64) preserve_all {
block0(v0: i64):
    return
}
";
const MAIN: &str = "\
function %main(i64) -> i64 system_v {
    fn0 = colocated patchable %hook(i64) preserve_all
block0(v0: i64):
    call fn0(v0)
    return v0
}
";
const RUN: &str = "; run: %main(1) == 1\n";

fn good() -> String {
    [HEADER, HOOK, MAIN, RUN].concat()
}

/// A folder with programs, and the command started in it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn with(self, name: &str, text: impl AsRef<[u8]>) -> Folder {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_patchproof"));
        command.args(words).current_dir(self.0.path());
        command
    }

    fn run(&self, words: &[&str]) -> Ran {
        Ran::from(self.command(words).output().unwrap())
    }
}

impl Ran {
    /// The objects of `--json`: the records and the summary.
    fn json(&self) -> (Vec<Value>, Value) {
        let mut lines: Vec<Value> = self
            .out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let last = lines.pop().unwrap();
        (lines, last["summary"].clone())
    }
}
