//! The patch table: all that a consumer needs to switch sites of linked code on and off and to
//! point them elsewhere, without the code generator or this suite.
//!
//! It is plain data (`serde`). Addresses are absolute; whoever moves the code adds the distance
//! to each ([`PatchTable::moved`]). Bytes are in the order in which they lie in memory.
//!
//! A table that comes from outside is checked while it is read: a version that this code does not
//! know and sites that could not be patched are refused, so that every [`PatchTable`] keeps what
//! [`PatchTable::check`] asks for.

mod check;

use serde::{Deserialize, Serialize};

use super::relocate::RelocationError;
use super::{CodeImage, NopFillError, Rebuild, Retarget};
use crate::isa::Isa;
pub use check::BadTable;

/// The version of the table's form that this code writes and reads.
pub const TABLE_VERSION: u32 = 1;

/// A site of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSite {
    /// Number of the patchable call in the program.
    pub site: Option<u32>,
    /// The function that it lies in.
    pub function: String,
    /// Address of the first byte to patch.
    pub start: u64,
    /// The bytes that make the call.
    pub live: Vec<u8>,
    /// The bytes that disable it, as many.
    pub nops: Vec<u8>,
    /// Whether the code comes with the site live.
    pub starts_live: bool,
    /// Size in bytes of the aligned word that one store has to change while other cores run
    /// the code; without it they have to be stopped.
    pub atomic_word: Option<u32>,
    /// Code behind the site that puts the stack pointer right, where the hook pops its arguments.
    /// Without it the site of such a hook must not be switched while the hook runs.
    pub rebuild: Option<Rebuild>,
    /// How to point the call at another hook.
    pub retarget: Option<Retarget>,
}

/// The table of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "check::Unchecked")]
pub struct PatchTable {
    /// [`TABLE_VERSION`].
    pub version: u32,
    /// Instruction set of the code.
    pub isa: Isa,
    /// All sites by address.
    pub sites: Vec<TableSite>,
}

/// What a table cannot do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// There is no such site.
    #[error("no site {0} in a table of {1}")]
    NoSite(usize, usize),
    /// The site's range is not in the memory given.
    #[error("the site at {0:#x} lies outside of the memory given")]
    Outside(u64),
    /// The memory holds neither of the site's two states: somebody else wrote to it.
    #[error("the bytes at {0:#x} are neither the call nor its NOPs")]
    Foreign(u64),
    /// The site cannot be pointed elsewhere.
    #[error("the site holds no direct call")]
    NotDirect,
    /// The hook is too far.
    #[error(transparent)]
    Reach(#[from] RelocationError),
}

impl PatchTable {
    /// Of linked code.
    ///
    /// # Errors
    /// When a site is no whole number of NOP units.
    pub fn of(image: &CodeImage) -> Result<PatchTable, NopFillError> {
        let mut sites = Vec::with_capacity(image.sites.len());
        for site in &image.sites {
            let function = usize::try_from(site.function).ok();
            let function = function.and_then(|index| image.functions.get(index));
            sites.push(TableSite {
                site: site.id.map(|id| id.0),
                function: function.map(|f| f.name.clone()).unwrap_or_default(),
                start: site.start(),
                live: site.live.clone(),
                nops: image.nop_bytes(site)?,
                starts_live: site.starts_live,
                atomic_word: site.atomic_word,
                rebuild: site.rebuild,
                retarget: site.retarget.clone(),
            });
        }
        sites.sort_by_key(|site| site.start);
        Ok(PatchTable {
            version: TABLE_VERSION,
            isa: image.isa,
            sites,
        })
    }

    /// The table of the same code moved by `distance` bytes as a whole, hooks included.
    #[must_use]
    pub fn moved(mut self, distance: i64) -> PatchTable {
        for site in &mut self.sites {
            site.start = site.start.wrapping_add_signed(distance);
        }
        self
    }

    /// Makes site `index` live or NOPed in `memory`, which starts at address `base`. Where the
    /// table has [`TableSite::atomic_word`], the changed bytes lie in one such word.
    ///
    /// # Errors
    /// When there is no such site, the range is not in `memory`, or holds foreign bytes.
    pub fn set(
        &self,
        index: usize,
        live: bool,
        memory: &mut [u8],
        base: u64,
    ) -> Result<(), TableError> {
        let site = self.site(index)?;
        let outside = TableError::Outside(site.start);
        let from = site
            .start
            .checked_sub(base)
            .and_then(|from| usize::try_from(from).ok());
        let from = from.ok_or_else(|| outside.clone())?;
        let range = from..from.saturating_add(site.live.len());
        let bytes = memory.get_mut(range).ok_or(outside)?;
        if bytes != site.live.as_slice() && bytes != site.nops.as_slice() {
            return Err(TableError::Foreign(site.start));
        }
        bytes.copy_from_slice(if live { &site.live } else { &site.nops });
        Ok(())
    }

    /// Points site `index` at the code at `hook`, from its next time live on.
    ///
    /// # Errors
    /// When there is no such site, it holds no direct call, or `hook` is out of reach.
    pub fn retarget(&mut self, index: usize, hook: u64) -> Result<(), TableError> {
        let isa = self.isa;
        let count = self.sites.len();
        let site = self
            .sites
            .get_mut(index)
            .ok_or(TableError::NoSite(index, count))?;
        let retarget = site.retarget.as_ref().ok_or(TableError::NotDirect)?;
        site.live = retarget.live_bytes(isa, site.start, hook)?;
        Ok(())
    }

    fn site(&self, index: usize) -> Result<&TableSite, TableError> {
        let count = self.sites.len();
        self.sites
            .get(index)
            .ok_or(TableError::NoSite(index, count))
    }
}
