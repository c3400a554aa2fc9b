//! From compiled functions to one linked, immutable piece of code with its patch sites, and
//! the two operations on a site: filling it with NOPs and writing the live bytes back.

#![warn(clippy::as_conversions)]

mod layout;
mod link;
mod relocate;
mod retarget;
mod table;

pub use layout::Layout;
pub use link::{LinkError, link};

pub use retarget::{CallField, Retarget, RetargetError};
pub use table::{BadTable, PatchTable, TABLE_VERSION, TableError, TableSite};

pub use crate::codegen::{NopFillError, Rebuild, nop_fill};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::isa::Isa;
use crate::program::SiteId;
use crate::releases::Bytecode;
use crate::wire;

/// A length or index of the host as a guest's.
fn wide(length: usize) -> u64 {
    u64::try_from(length).expect("no host's usize exceeds 64 bits")
}

/// A patch site in linked code. Addresses are absolute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchSite {
    /// The patchable call that it belongs to; `None` when the metadata points at none.
    pub id: Option<SiteId>,
    /// Index of the function in [`CodeImage::functions`] whose metadata names the site.
    pub function: u32,
    /// Address of the first byte after the call.
    pub ret_addr: u64,
    /// Length of the range to patch in bytes.
    pub len: u32,
    /// The bytes of the range that make the call, after relocation.
    pub live: Vec<u8>,
    /// The bytes of the range as emitted: the live ones, or NOPs where the site starts off.
    pub emitted: Vec<u8>,
    /// Whether the site starts live.
    pub starts_live: bool,
    /// Size in bytes of the aligned word that the range lies in and that one store changes, if
    /// the generator promises it.
    pub atomic_word: Option<u32>,
    /// Code behind the range that puts the stack pointer right, live or not.
    pub rebuild: Option<Rebuild>,
    /// How the call is pointed at another hook; `None` where the range holds no direct call.
    pub retarget: Option<Retarget>,
}

impl PatchSite {
    /// A site that starts live, anywhere, with nothing known of its call.
    pub fn live(id: Option<SiteId>, function: u32, ret_addr: u64, live: Vec<u8>) -> PatchSite {
        PatchSite {
            id,
            function,
            ret_addr,
            len: u32::try_from(live.len()).expect("a call is short"),
            emitted: live.clone(),
            live,
            starts_live: true,
            atomic_word: None,
            rebuild: None,
            retarget: None,
        }
    }

    /// Address of the first byte of the range.
    pub fn start(&self) -> u64 {
        self.ret_addr.saturating_sub(u64::from(self.len))
    }

    /// Address behind the code that puts the stack pointer right, if there is any.
    pub fn rebuilt_at(&self) -> Option<u64> {
        let len = u64::from(self.rebuild?.len);
        Some(self.ret_addr.saturating_add(len))
    }

    /// The range `[ret_addr - len, ret_addr)`.
    pub fn range(&self) -> std::ops::Range<u64> {
        self.start()..self.ret_addr
    }
}

/// A function in linked code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageFunction {
    /// Name with its sigil.
    pub name: String,
    /// Address of its first byte, which is its entry.
    pub start: u64,
    /// Address behind its last byte, constants included.
    pub end: u64,
    /// Addresses behind each call instruction.
    pub call_returns: Vec<u64>,
    /// Addresses of stack maps.
    pub stack_maps: Vec<u64>,
    /// Addresses of basic blocks, where branches may lead; may be empty.
    pub blocks: Vec<u64>,
    /// Addresses of relocated fields with their lengths in bytes.
    pub relocations: Vec<(u64, u32)>,
}

impl ImageFunction {
    /// Whether `address` is one of the function's bytes.
    pub fn contains(&self, address: u64) -> bool {
        (self.start..self.end).contains(&address)
    }
}

/// Linked code at a fixed base. Immutable: patching happens in a machine's memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeImage {
    /// What executes it.
    pub isa: Isa,
    /// Address of the first byte.
    pub base: u64,
    /// Code, constants and the global offset table, all sites live.
    #[serde(with = "wire")]
    pub bytes: Vec<u8>,
    /// Functions in the program's order, which is also the order of addresses.
    pub functions: Vec<ImageFunction>,
    /// Addresses of functions, hostcalls and data symbols.
    pub symbols: BTreeMap<String, u64>,
    /// Patch sites in the order in which the metadata lists them, function by function.
    pub sites: Vec<PatchSite>,
    /// NOP units as the generator offers them.
    pub nop_units: Vec<Vec<u8>>,
    /// Trap codes by the address of the instruction.
    pub traps: BTreeMap<u64, String>,
    /// ISA extensions that the target's flags enable.
    pub extensions: Vec<String>,
    /// Names of registers that the generator declares as scratch.
    pub scratch: Vec<String>,
    /// What the bytes are, on a Pulley target.
    pub bytecode: Bytecode,
}

impl CodeImage {
    /// Address behind the last byte.
    pub fn end(&self) -> u64 {
        self.base + wide(self.bytes.len())
    }

    /// The bytes of `range`, all sites live; `None` when it leaves the image.
    pub fn slice(&self, range: std::ops::Range<u64>) -> Option<&[u8]> {
        let start = usize::try_from(range.start.checked_sub(self.base)?).ok()?;
        let end = usize::try_from(range.end.checked_sub(self.base)?).ok()?;
        self.bytes.get(start..end)
    }

    /// The bytes as emitted: those of [`CodeImage::bytes`] with the sites that start off NOPed.
    pub fn emitted(&self) -> std::borrow::Cow<'_, [u8]> {
        let mut bytes = std::borrow::Cow::Borrowed(self.bytes.as_slice());
        for site in self.sites.iter().filter(|site| !site.starts_live) {
            let start = site.start().checked_sub(self.base);
            let start = start.and_then(|start| usize::try_from(start).ok());
            let range = start.map(|start| start..start + site.emitted.len());
            if let Some(range) = range.filter(|range| range.end <= bytes.len()) {
                bytes.to_mut()[range].copy_from_slice(&site.emitted);
            }
        }
        bytes
    }

    /// The function that `address` lies in.
    pub fn function_at(&self, address: u64) -> Option<&ImageFunction> {
        self.functions.iter().find(|f| f.contains(address))
    }

    /// The site of a patchable call. The first one when the metadata doubles it.
    pub fn site(&self, id: SiteId) -> Option<&PatchSite> {
        self.sites.iter().find(|site| site.id == Some(id))
    }

    /// The bytes that disable `site`.
    pub fn nop_bytes(&self, site: &PatchSite) -> Result<Vec<u8>, NopFillError> {
        let len = usize::try_from(site.len).expect("every host's usize has 32 bits");
        nop_fill(&self.nop_units, len)
    }

    /// `address` as `function+offset`, for messages.
    pub fn describe(&self, address: u64) -> String {
        match self.function_at(address) {
            Some(f) => format!("{}+{:#x}", f.name, address - f.start),
            None => format!("{address:#x}"),
        }
    }
}
