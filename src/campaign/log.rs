//! The file of results: one block a program, written as it ends, so that a killed campaign loses
//! no more than the programs in flight.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::plan::Plan;
use super::reader::{Block, read};
use super::record::{Header, Judged, Line};
use super::tally::Tally;

/// Where results go.
#[derive(Default)]
pub struct Log {
    file: Option<(File, PathBuf)>,
    /// Bytes of whole blocks.
    safe: u64,
    /// Programs in them.
    programs: u64,
}

/// What a file already has.
#[derive(Default)]
pub struct Past {
    /// Numbers of its programs.
    pub done: HashSet<u64>,
    /// What they came to.
    pub tally: Tally,
}

/// Writing failed: nothing behind the safe position counts.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot write {}: {error}; its first {safe} bytes with {programs} programs are whole, and \
     --resume goes on from there",
    path.display()
)]
pub struct LogError {
    path: PathBuf,
    error: io::Error,
    safe: u64,
    programs: u64,
}

/// The name of a shard's results in its folder.
pub fn file_name(header: &Header) -> String {
    let (index, count) = (header.shard.index(), header.shard.count());
    format!("results-{index}-of-{count}.jsonl")
}

impl Log {
    /// Opens the results of `plan` for more, cuts off what is not whole, and writes the header.
    /// Without a folder, nothing is ever written.
    ///
    /// # Errors
    /// When the folder or the file cannot be written, or the file has other results than the
    /// plan's, or any without `resume`. In words.
    pub fn open(plan: &Plan) -> Result<(Log, Past), String> {
        let mut past = Past::default();
        let Some(folder) = &plan.folder else {
            return Ok((Log::default(), past));
        };
        let header = Header::of(plan);
        let path = folder.join(file_name(&header));
        let refused = |error: io::Error| format!("cannot write {}: {error}", path.display());
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("cannot write {}: {error}", folder.display()))?;
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.map_err(refused)?;
        let mut log = Log::default();
        if file.metadata().map_err(refused)?.len() > 0 {
            if !plan.resume {
                return Err(format!(
                    "{} has results: add --resume to go on, or take another folder",
                    path.display()
                ));
            }
            (past, log.safe) = past_of(&path, &header)?;
            log.programs = past.tally.programs;
            file.set_len(log.safe).map_err(refused)?;
        }
        log.file = Some((file, path));
        let line = Line::Header { campaign: header };
        log.write(&line.text()).map_err(|error| error.to_string())?;
        Ok((log, past))
    }

    /// Writes a program.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&mut self, judged: &Judged) -> Result<(), LogError> {
        self.write(&judged.text())?;
        self.programs += 1;
        Ok(())
    }

    fn write(&mut self, text: &str) -> Result<(), LogError> {
        let Some((file, path)) = &mut self.file else {
            return Ok(());
        };
        // Unbuffered: a block that is written is the system's, whatever becomes of us.
        match file.write_all(text.as_bytes()) {
            Ok(()) => {
                self.safe += text.len() as u64;
                Ok(())
            }
            Err(error) => {
                // Resuming cuts the half block off, too.
                let _cut = file.set_len(self.safe);
                Err(LogError {
                    path: path.clone(),
                    error,
                    safe: self.safe,
                    programs: self.programs,
                })
            }
        }
    }
}

/// What is in the file at `path`, and how many of its bytes are whole.
fn past_of(path: &Path, wanted: &Header) -> Result<(Past, u64), String> {
    let mut past = Past::default();
    let mut other = false;
    let extent = read(path, |block| match block {
        Block::Header(header) => other |= !header.is_same_shard(wanted),
        Block::Program(judged) => {
            if past.done.insert(judged.end.program) {
                past.tally.add(&judged);
            }
        }
    });
    let extent = extent.map_err(|error| error.to_string())?;
    if other {
        return Err(format!(
            "{} has results of another seed, shard, ISA or generator: take another folder",
            path.display()
        ));
    }
    Ok((past, extent.whole))
}
