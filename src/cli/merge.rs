//! `patchproof merge`: the results of shards as one summary.

use std::path::PathBuf;

use super::Ending;
use super::output::{complain, print};
use crate::campaign::{self, Verdict};
use crate::report;

/// Arguments of `merge`.
#[derive(clap::Args)]
pub struct Args {
    /// Folders that campaigns were given as --out
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
}

/// Merges and reports.
pub fn main(args: &Args) -> Ending {
    let merged = match campaign::merge(&args.folders) {
        Ok(merged) => merged,
        Err(error) => {
            complain(format_args!("patchproof: {error}"));
            return Ending::BadInput;
        }
    };
    for gap in &merged.gaps {
        complain(format_args!("patchproof: {gap}"));
    }
    let tally = &merged.tally;
    let endings = [
        (tally.of(Verdict::Broken) > 0, Ending::SuiteFailed),
        (!merged.gaps.is_empty(), Ending::BadInput),
        (tally.of(Verdict::Fail) > 0, Ending::Discrepancy),
    ];
    let worst = endings.into_iter().find(|(applies, _)| *applies);
    let ending = worst.map_or(Ending::AsExpected, |(_, ending)| ending);
    print(&report::campaign::render_merged(&merged)).max(ending)
}
