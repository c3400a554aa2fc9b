//! What every patch table keeps, and the refusal of those that come from outside and do not.

use serde::Deserialize;

use super::{PatchTable, TABLE_VERSION, TableSite};
use crate::image::wide;
use crate::isa::Isa;

/// Why something is no patch table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTable {
    /// Written by another release.
    #[error("a patch table of version {0}: this reads version {TABLE_VERSION}")]
    Version(u32),
    /// A site without a byte.
    #[error("the site at {0:#x} is empty")]
    Empty(u64),
    /// Live bytes and NOPs of different lengths.
    #[error("the site at {start:#x} has {live} live bytes and {nops} bytes of NOPs")]
    Lengths {
        /// Address of the site.
        start: u64,
        /// Live bytes.
        live: usize,
        /// Bytes of NOPs.
        nops: usize,
    },
    /// A site that reaches beyond the last address.
    #[error("the site at {0:#x} goes beyond the last address")]
    Beyond(u64),
    /// A site that is not behind the one before it.
    #[error("the site at {0:#x} does not lie behind the one listed before it")]
    Order(u64),
    /// An atomic word that is no power of two, or does not hold the whole range.
    #[error("the site at {start:#x} does not lie in one aligned word of {word} bytes")]
    AtomicWord {
        /// Address of the site.
        start: u64,
        /// Bytes of the word.
        word: u32,
    },
    /// A call's field that is not in the range, or of another ISA.
    #[error("the site at {0:#x} has no such field of a call")]
    Field(u64),
}

/// A table as it is written.
#[derive(Deserialize)]
pub(super) struct Unchecked {
    version: u32,
    isa: Isa,
    sites: Vec<TableSite>,
}

impl TryFrom<Unchecked> for PatchTable {
    type Error = BadTable;

    fn try_from(table: Unchecked) -> Result<PatchTable, BadTable> {
        let table = PatchTable {
            version: table.version,
            isa: table.isa,
            sites: table.sites,
        };
        table.check()?;
        Ok(table)
    }
}

impl PatchTable {
    /// Checks that the version is known, that sites have bytes, follow each other without a byte
    /// in common, lie in the words that they promise, and hold the fields that they name.
    ///
    /// # Errors
    /// The first of these that does not hold.
    pub fn check(&self) -> Result<(), BadTable> {
        if self.version != TABLE_VERSION {
            return Err(BadTable::Version(self.version));
        }
        let mut behind = 0;
        for site in &self.sites {
            let end = end(site)?;
            if site.start < behind {
                return Err(BadTable::Order(site.start));
            }
            if let Some(word) = site.atomic_word
                && !is_inside_word(site, word)
            {
                let start = site.start;
                return Err(BadTable::AtomicWord { start, word });
            }
            if let Some(retarget) = &site.retarget
                && !retarget.fits(self.isa, site.live.len())
            {
                return Err(BadTable::Field(site.start));
            }
            behind = end;
        }
        Ok(())
    }
}

/// Address behind a site that has as many live bytes as NOPs.
fn end(site: &TableSite) -> Result<u64, BadTable> {
    let (start, live, nops) = (site.start, site.live.len(), site.nops.len());
    if live != nops {
        return Err(BadTable::Lengths { start, live, nops });
    }
    if live == 0 {
        return Err(BadTable::Empty(start));
    }
    let end = start.checked_add(wide(live));
    end.ok_or(BadTable::Beyond(start))
}

fn is_inside_word(site: &TableSite, word: u32) -> bool {
    let last = site.start + wide(site.live.len()) - 1;
    let word = u64::from(word);
    word.is_power_of_two() && site.start / word == last / word
}
