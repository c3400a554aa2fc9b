//! A campaign in a folder of its own, started as people do.

#![allow(dead_code, reason = "each test binary uses a part")]

#[path = "../ran/mod.rs"]
mod ran;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub use ran::Ran;
use tempfile::TempDir;

/// A folder for results.
pub struct Campaign(TempDir);

impl Campaign {
    pub fn new() -> Campaign {
        Campaign(tempfile::tempdir().unwrap())
    }

    pub fn copy(&self) -> Campaign {
        let copy = Campaign::new();
        for entry in std::fs::read_dir(self.0.path()).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), copy.0.path().join(entry.file_name())).unwrap();
        }
        copy
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn is_empty(&self) -> bool {
        std::fs::read_dir(self.0.path()).unwrap().next().is_none()
    }

    /// Runs to its end.
    pub fn run(&self, words: &[&str]) -> Ran {
        run_into(self.0.path(), words)
    }

    /// Starts and leaves it running.
    pub fn start(&self, words: &[&str]) -> Child {
        let mut command = command(self.0.path(), words);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// The lines of a file of results without headers, in an order that says nothing of time.
    pub fn records(&self, name: &str) -> Vec<String> {
        records(&self.read(name))
    }
}

/// See [`Campaign::records`].
pub fn records(text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("{\"campaign\""));
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.sort();
    lines
}

/// A campaign of a fixed seed, unless the words name another or resume one, and without
/// reductions, which have tests of their own.
fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_patchproof"));
    command.arg("campaign").args(words);
    command.args(["--reduce", "0s"]).arg("--out").arg(folder);
    if !words.contains(&"--seed") && !words.contains(&"--resume") {
        command.args(["--seed", "5"]);
    }
    command
}

pub fn run_into(folder: &Path, words: &[&str]) -> Ran {
    Ran::from(command(folder, words).output().unwrap())
}

/// Runs a campaign that may write no file longer than `blocks` of 512 bytes.
pub fn run_with_room(campaign: &Campaign, blocks: u32, words: &[&str]) -> Ran {
    let plain = command(campaign.0.path(), words);
    let mut limited = Command::new("/bin/sh");
    // Without the signal, writing fails as it does on a full disk.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    limited.arg("-c").arg(script);
    limited.arg(plain.get_program()).args(plain.get_args());
    Ran::from(limited.output().unwrap())
}

pub fn merge(campaigns: &[&Campaign]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_patchproof"));
    command.arg("merge");
    command.args(campaigns.iter().map(|campaign| campaign.0.path()));
    Ran::from(command.output().unwrap())
}
