//! What a campaign is asked to do.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::known::Known;
use crate::codegen::CodeGenerator;
use crate::isa::Isa;
use crate::judge;
use crate::verify::{Isolation, Options};

/// Which part of a campaign's programs: those whose number divided by `count` leaves `index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    /// The rest that is left; less than `count`.
    index: u64,
    /// Number of shards; not 0.
    count: u64,
}

impl Shard {
    /// All programs.
    pub const WHOLE: Shard = Shard { index: 0, count: 1 };

    /// The rest that is left.
    pub fn index(self) -> u64 {
        self.index
    }

    /// Number of shards.
    pub fn count(self) -> u64 {
        self.count
    }

    /// The shard's programs in order.
    pub fn numbers(self) -> impl Iterator<Item = u64> {
        let step = self.count;
        std::iter::successors(Some(self.index), move |number| number.checked_add(step))
    }

    /// The shard that has program `number` and nothing before it.
    pub fn of_one(number: u64) -> Shard {
        Shard {
            index: number,
            count: number.saturating_add(1),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Shard, String> {
        let numbers = text.split_once('/').and_then(|(index, count)| {
            let (index, count) = (index.parse().ok()?, count.parse().ok()?);
            (index < count).then_some(Shard { index, count })
        });
        numbers
            .ok_or_else(|| format!("'{text}' is no shard: expected I/N with I below N, like 0/4"))
    }
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Shard, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> String {
        shard.to_string()
    }
}

/// When a campaign ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// With the programs below this number.
    Programs(u64),
    /// After this long.
    Time(Duration),
}

/// A campaign.
pub struct Plan {
    /// What the programs are drawn from.
    pub seed: u64,
    /// Which of them.
    pub shard: Shard,
    /// How many of them.
    pub extent: Extent,
    /// ISAs.
    pub isas: Vec<Isa>,
    /// Code generators.
    pub generators: Vec<&'static dyn CodeGenerator>,
    /// Threads, each with its machines; not 0.
    pub jobs: usize,
    /// Folder of results and findings; nothing is written without one.
    pub folder: Option<PathBuf>,
    /// Whether to go on with the results in the folder.
    pub resume: bool,
    /// Which machines run in a child process.
    pub isolation: Isolation,
    /// This package's own command, as the child process.
    pub worker: PathBuf,
    /// Longest time to reduce one finding.
    pub reduction: Duration,
    /// What is no news.
    pub known: Known,
}

impl Plan {
    /// How the campaign's programs are run.
    pub(super) fn options(&self) -> Options {
        Options {
            isolation: self.isolation,
            ..judge::options(self.worker.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_the_numbers_among_them() {
        let mut all: Vec<u64> = Vec::new();
        for text in ["0/3", "1/3", "2/3"] {
            let shard: Shard = text.parse().unwrap();
            assert_eq!(shard.to_string(), text);
            all.extend(shard.numbers().take(5));
        }
        all.sort_unstable();
        assert_eq!(all, (0..15).collect::<Vec<u64>>());
        assert_eq!(Shard::of_one(41).numbers().next(), Some(41));
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        for text in ["", "3", "3/3", "4/3", "0/0", "-1/2", "a/b", "1/2/3"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
