//! What a campaign keeps of each program, as lines of JSON. Programs read them, so fields are
//! never renamed or dropped.
//!
//! A file is a row of blocks: headers, one for each start of the campaign, and programs. A
//! program is its records, one for each generator and ISA, and behind them the line with its
//! traits. That last line makes the block whole: what follows the last whole block of a file is
//! the rest of a campaign that was killed.

use serde::{Deserialize, Serialize};

use super::plan::{Extent, Plan, Shard};
use crate::generator::Trait;
use crate::isa::Isa;

/// A verdict in a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// All as promised.
    Pass,
    /// Something else was seen.
    Fail,
    /// Fails as the corpus explains.
    Known,
    /// Could not tell.
    Inconclusive,
    /// Not covered.
    Unsupported,
    /// The suite itself failed.
    Broken,
}

impl Verdict {
    /// All of them, in the order of tables.
    pub const ALL: [Verdict; 6] = [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::Known,
        Verdict::Inconclusive,
        Verdict::Unsupported,
        Verdict::Broken,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Known => "known",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Unsupported => "unsupported",
            Verdict::Broken => "broken",
        }
    }
}

/// One program on one ISA from one code generator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Number of the program.
    pub program: u64,
    /// ISA.
    pub isa: Isa,
    /// Code generator with its release.
    pub generator: String,
    /// Verdict.
    pub verdict: Verdict,
    /// Why, unless it simply passed.
    pub reason: Option<String>,
    /// What fails, in the words that all fails of the same cause have in common.
    pub signature: Option<String>,
    /// Patch sites in the emitted code.
    pub sites: usize,
    /// Runs in all scenarios.
    pub runs: usize,
    /// Entries of hooks from sites in all runs.
    pub hook_hits: u64,
}

/// A program's last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Number of the program.
    pub program: u64,
    /// What it has.
    pub traits: Vec<Trait>,
}

/// All of one program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Its records: the ISAs of the first generator, then of the next.
    pub records: Vec<Record>,
    /// Its last line.
    pub end: End,
}

/// What a campaign was asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Seed of the programs.
    pub seed: u64,
    /// Shard.
    pub shard: Shard,
    /// Programs of all shards; `None` where time bounds the campaign.
    pub programs: Option<u64>,
    /// ISAs.
    pub isas: Vec<Isa>,
    /// Code generators with their releases.
    pub generators: Vec<String>,
}

impl Header {
    /// The header of `plan`.
    pub fn of(plan: &Plan) -> Header {
        let programs = match plan.extent {
            Extent::Programs(count) => Some(count),
            Extent::Time(_) => None,
        };
        Header {
            seed: plan.seed,
            shard: plan.shard,
            programs,
            isas: plan.isas.clone(),
            generators: plan
                .generators
                .iter()
                .map(|g| g.name().to_owned())
                .collect(),
        }
    }

    /// Whether results under both headers are of the same shard of the same campaign.
    pub fn is_same_shard(&self, other: &Header) -> bool {
        self.shard == other.shard && self.is_same_campaign(other)
    }

    /// Whether results under both headers are of the same campaign.
    pub fn is_same_campaign(&self, other: &Header) -> bool {
        self.seed == other.seed
            && self.shard.count() == other.shard.count()
            && self.isas == other.isas
            && self.generators == other.generators
    }
}

/// One line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    /// A start of the campaign.
    Header {
        /// What it was asked to do.
        campaign: Header,
    },
    /// A verdict.
    Record(Record),
    /// The end of a program.
    End(End),
}

impl Line {
    /// The line, with its end.
    pub fn text(&self) -> String {
        let json = serde_json::to_string(self);
        let mut text = json.expect("lines hold nothing but strings and numbers");
        text.push('\n');
        text
    }
}

impl Judged {
    /// Its lines.
    pub fn text(&self) -> String {
        let records = self.records.iter().cloned().map(Line::Record);
        let lines = records.chain([Line::End(self.end.clone())]);
        lines.map(|line| line.text()).collect()
    }
}
