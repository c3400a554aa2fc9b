//! The results of several shards as one.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use super::plan::Shard;
use super::reader::{Block, read};
use super::record::Header;
use super::tally::Tally;

/// What shards come to together.
#[derive(Default)]
pub struct Merged {
    /// Sums of all records, each program once.
    pub tally: Tally,
    /// The campaign; its shard is that of one of the files.
    pub header: Option<Header>,
    /// What is not as it should be: missing or double programs, unfinished files. In words.
    pub gaps: Vec<String>,
}

/// What is known of one shard.
#[derive(Default)]
struct Part {
    done: BTreeSet<u64>,
    programs: Option<u64>,
}

/// Merges the results in `folders`.
///
/// # Errors
/// When a folder or file cannot be read, has no results, or is of another campaign. In words.
pub fn merge(folders: &[PathBuf]) -> Result<Merged, String> {
    let mut merged = Merged::default();
    let mut parts: BTreeMap<Shard, Part> = BTreeMap::new();
    let mut seen: HashSet<u64> = HashSet::new();
    for path in files(folders)? {
        merged.file(&path, &mut parts, &mut seen)?;
    }
    let count = merged
        .header
        .as_ref()
        .map_or(1, |header| header.shard.count());
    let absent = (0..count).filter(|index| !parts.keys().any(|shard| shard.index() == *index));
    let absent: Vec<u64> = absent.collect();
    if !absent.is_empty() {
        let list = numbers(&absent);
        merged
            .gaps
            .push(format!("no results of shard {list} of {count}"));
    }
    for (shard, part) in &parts {
        let missing = part.missing(*shard);
        if !missing.is_empty() {
            let list = numbers(&missing);
            merged
                .gaps
                .push(format!("shard {shard}: missing program {list}"));
        }
    }
    Ok(merged)
}

impl Merged {
    fn file(
        &mut self,
        path: &Path,
        parts: &mut BTreeMap<Shard, Part>,
        seen: &mut HashSet<u64>,
    ) -> Result<(), String> {
        let mut shard = None;
        let mut foreign = false;
        let mut double = Vec::new();
        let extent = read(path, |block| match block {
            Block::Header(header) => {
                let campaign = self.header.get_or_insert_with(|| header.clone());
                foreign |= !header.is_same_campaign(campaign);
                shard = Some(header.shard);
                parts.entry(header.shard).or_default().programs = header.programs;
            }
            Block::Program(judged) => {
                let number = judged.end.program;
                if !seen.insert(number) {
                    double.push(number);
                    return;
                }
                if let Some(shard) = shard {
                    parts.entry(shard).or_default().done.insert(number);
                }
                self.tally.add(&judged);
            }
        });
        let extent = extent.map_err(|error| error.to_string())?;
        let file = path.display();
        if foreign {
            return Err(format!(
                "{file} has results of another seed, ISA, generator or number of shards"
            ));
        }
        if shard.is_none() {
            return Err(format!("{file} has no results"));
        }
        if !double.is_empty() {
            let list = numbers(&double);
            self.gaps
                .push(format!("{file}: program {list} is here and elsewhere"));
        }
        if extent.rest > 0 {
            self.gaps.push(format!(
                "{file}: the last {} bytes are of a program that was not finished",
                extent.rest
            ));
        }
        Ok(())
    }
}

impl Part {
    /// Programs of `shard` that are not there: up to the asked-for number, or, where time was
    /// the bound, up to the last one that is.
    fn missing(&self, shard: Shard) -> Vec<u64> {
        let end = match self.programs {
            Some(count) => count,
            None => self.done.last().map_or(0, |last| last + 1),
        };
        let wanted = shard.numbers().take_while(|number| *number < end);
        wanted
            .filter(|number| !self.done.contains(number))
            .collect()
    }
}

/// The files of results in `folders`, in the order of their paths.
fn files(folders: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut files = BTreeSet::new();
    for folder in folders {
        let refused = |error| format!("cannot read {}: {error}", folder.display());
        let before = files.len();
        for entry in std::fs::read_dir(folder).map_err(refused)? {
            let entry = entry.map_err(refused)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with("results-") && name.ends_with(".jsonl") {
                files.insert(entry.path());
            }
        }
        if files.len() == before {
            return Err(format!(
                "{} has no results-*.jsonl of a campaign",
                folder.display()
            ));
        }
    }
    Ok(files.into_iter().collect())
}

/// `1, 2, 3 and 40 more`.
fn numbers(list: &[u64]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = list.iter().take(SHOWN).map(u64::to_string).collect();
    let shown = shown.join(", ");
    match list.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
