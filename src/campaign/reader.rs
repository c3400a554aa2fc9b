//! Reads a file of results: whole blocks, and how far they go.
//!
//! A campaign that is killed leaves a line without its end, or a program without its last line.
//! That is cut off and judged again. A line that is no record with a whole block behind it is
//! another matter: the file is not ours, or damaged, and nothing is built on it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::record::{Header, Judged, Line, Record};

/// A whole part of a file.
pub enum Block {
    /// A start of the campaign.
    Header(Header),
    /// A program.
    Program(Judged),
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system refuses.
    #[error("cannot read {}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Cause.
        error: std::io::Error,
    },
    /// A line that is none of ours.
    #[error("{}:{line}: no line of a campaign's results", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
    },
}

/// How far a file can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Bytes up to the end of the last whole block.
    pub whole: u64,
    /// Bytes behind it, of a program that was not finished.
    pub rest: u64,
}

/// Reads `path` block by block.
///
/// # Errors
/// When the file cannot be read, or a line before the last whole block is none of ours.
pub fn read(path: &Path, mut each: impl FnMut(Block)) -> Result<Extent, ReadError> {
    let io = |error| ReadError::Io {
        path: path.to_owned(),
        error,
    };
    let mut input = BufReader::new(File::open(path).map_err(io)?);
    let mut extent = Extent::default();
    let mut records: Vec<Record> = Vec::new();
    let mut bad: Option<usize> = None;
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let read = input.read_until(b'\n', &mut bytes).map_err(io)?;
        if read == 0 {
            break;
        }
        extent.rest += read as u64;
        let Some(line) = parse(&bytes) else {
            bad.get_or_insert(number);
            continue;
        };
        let block = match line {
            Line::Record(record) => {
                records.push(record);
                continue;
            }
            Line::Header { campaign } => Block::Header(campaign),
            Line::End(end) => Block::Program(Judged {
                records: std::mem::take(&mut records),
                end,
            }),
        };
        let of_one = |judged: &Judged| {
            judged
                .records
                .iter()
                .all(|r| r.program == judged.end.program)
        };
        let whole = match &block {
            Block::Header(_) => std::mem::take(&mut records).is_empty(),
            Block::Program(judged) => of_one(judged),
        };
        if let Some(line) = bad.or((!whole).then_some(number)) {
            let path = path.to_owned();
            return Err(ReadError::Line { path, line });
        }
        each(block);
        extent.whole += std::mem::take(&mut extent.rest);
    }
    Ok(extent)
}

/// A line with its end.
fn parse(bytes: &[u8]) -> Option<Line> {
    serde_json::from_slice(bytes.strip_suffix(b"\n")?).ok()
}
