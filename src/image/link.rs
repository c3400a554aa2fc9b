//! Puts functions behind each other at a fixed base, resolves their symbols, and captures the
//! patch sites once the bytes are final.

use std::collections::BTreeMap;

use super::relocate::{Field, GlobalOffsetTable, RelocationError, relocate};
use super::wide;
use super::{CodeImage, ImageFunction, Layout, PatchSite, Retarget};
use crate::codegen::{Compiled, CompiledFunction, CompiledSite};
use crate::isa::Isa;
use crate::program::Interface;

/// Why there is no image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// More code than the guest has room for.
    #[error("code of {size} bytes is larger than the guest's code area of {limit} bytes")]
    CodeTooLarge {
        /// Bytes of code, constants and global offset table.
        size: u64,
        /// Bytes that there are.
        limit: u64,
    },
    /// More hostcalls or data symbols than the guest has room for.
    #[error("{count} {what}: the guest has room for {limit}")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many fit.
        limit: usize,
    },
    /// A relocation that cannot be applied.
    #[error("{function}+{offset:#x}: {error}")]
    Relocation {
        /// Function that it lies in.
        function: String,
        /// Offset of the field.
        offset: u32,
        /// What is wrong with it.
        error: RelocationError,
    },
}

/// Code is placed on multiples of this at least.
const FUNCTION_ALIGNMENT: u64 = 16;

/// Links `compiled` for `isa`: functions in order, then the global offset table.
///
/// # Errors
/// When something does not fit or a relocation cannot be applied; see [`LinkError`].
pub fn link(isa: Isa, interface: &Interface, compiled: &Compiled) -> Result<CodeImage, LinkError> {
    let layout = Layout::of(isa);
    let mut symbols = outside_symbols(layout, interface)?;
    let mut starts = Vec::with_capacity(compiled.functions.len());
    let mut next = layout.code;
    for function in &compiled.functions {
        let alignment = u64::from(function.alignment).max(FUNCTION_ALIGNMENT);
        let start = next.next_multiple_of(alignment);
        symbols.insert(function.name.clone(), start);
        starts.push(start);
        next = start + wide(function.bytes.len());
    }
    let mut got = GlobalOffsetTable::new(isa, next.next_multiple_of(FUNCTION_ALIGNMENT));
    let mut bytes = Vec::new();
    for (function, &start) in compiled.functions.iter().zip(&starts) {
        bytes.resize(index(start - layout.code), 0);
        let mut code = with_calls(function);
        relocate_function(isa, &mut code, function, start, &symbols, &mut got)?;
        bytes.extend_from_slice(&code);
    }
    if !got.is_empty() {
        bytes.resize(index(got.base() - layout.code), 0);
        bytes.extend_from_slice(&got.into_bytes());
    }
    let size = wide(bytes.len());
    if size > Layout::CODE_BYTES {
        return Err(LinkError::CodeTooLarge {
            size,
            limit: Layout::CODE_BYTES,
        });
    }
    Ok(assemble(
        isa,
        layout.code,
        bytes,
        &starts,
        symbols,
        compiled,
    ))
}

fn index(offset: u64) -> usize {
    usize::try_from(offset).expect("offsets in the code area fit every host's usize")
}

/// Addresses of what the program does not define: hostcall stubs and data.
fn outside_symbols(
    layout: Layout,
    interface: &Interface,
) -> Result<BTreeMap<String, u64>, LinkError> {
    let fits = |what, count, limit| {
        if count <= limit {
            Ok(())
        } else {
            Err(LinkError::TooMany { what, count, limit })
        }
    };
    fits(
        "hostcalls",
        interface.hostcalls.len(),
        Layout::MAX_HOSTCALLS,
    )?;
    fits("data symbols", interface.data.len(), Layout::MAX_DATA)?;
    let hostcalls = interface.hostcalls.iter().enumerate();
    let hostcalls = hostcalls.map(|(i, decl)| (decl.name.clone(), layout.stub(i)));
    let data = interface.data.iter().enumerate();
    let data = data.map(|(i, decl)| (decl.name.clone(), layout.data_symbol(i)));
    Ok(hostcalls.chain(data).collect())
}

/// The function's bytes with the calls of sites that start off put in.
fn with_calls(function: &CompiledFunction) -> Vec<u8> {
    let mut code = function.bytes.clone();
    for site in &function.sites {
        if let (Some(range), Some(off)) = (range_of(site, &code), &site.off)
            && range.len() == off.live.len()
        {
            code[range].copy_from_slice(&off.live);
        }
    }
    code
}

/// The bytes of a site in its function, if they lie in it.
fn range_of(site: &CompiledSite, code: &[u8]) -> Option<std::ops::Range<usize>> {
    let start = usize::try_from(site.ret_addr.checked_sub(site.len)?).ok()?;
    let end = usize::try_from(site.ret_addr).ok()?;
    (end <= code.len()).then_some(start..end)
}

fn relocate_function(
    isa: Isa,
    code: &mut [u8],
    function: &CompiledFunction,
    start: u64,
    symbols: &BTreeMap<String, u64>,
    got: &mut GlobalOffsetTable,
) -> Result<(), LinkError> {
    let off = function.sites.iter().filter_map(|site| site.off.as_ref());
    let of_sites = off.flat_map(|off| &off.relocations);
    for relocation in function.relocations.iter().chain(of_sites) {
        let field = Field {
            isa,
            function,
            start,
            relocation,
        };
        relocate(field, code, symbols, got).map_err(|error| LinkError::Relocation {
            function: function.name.clone(),
            offset: relocation.offset,
            error,
        })?;
    }
    Ok(())
}

/// The image from final bytes: only now are the live bytes of the sites known.
fn assemble(
    isa: Isa,
    base: u64,
    bytes: Vec<u8>,
    starts: &[u64],
    symbols: BTreeMap<String, u64>,
    compiled: &Compiled,
) -> CodeImage {
    let mut image = CodeImage {
        isa,
        base,
        bytes,
        functions: Vec::new(),
        symbols,
        sites: Vec::new(),
        nop_units: compiled.nop_units.clone(),
        traps: BTreeMap::new(),
        extensions: compiled.extensions.clone(),
        scratch: compiled.scratch.clone(),
        bytecode: compiled.bytecode,
    };
    for (number, (function, &start)) in compiled.functions.iter().zip(starts).enumerate() {
        let at = |offset: &u32| start + u64::from(*offset);
        for site in &function.sites {
            let ret_addr = at(&site.ret_addr);
            let range = ret_addr.saturating_sub(u64::from(site.len))..ret_addr;
            let live = image.slice(range).unwrap_or_default().to_vec();
            let number = u32::try_from(number).expect("functions are few");
            let emitted = match &site.off {
                None => live.clone(),
                Some(_) => range_of(site, &function.bytes)
                    .map(|range| function.bytes[range].to_vec())
                    .unwrap_or_default(),
            };
            image.sites.push(PatchSite {
                id: site.site,
                function: number,
                ret_addr,
                len: site.len,
                live,
                emitted,
                starts_live: site.off.is_none(),
                atomic_word: site.atomic_word,
                rebuild: site.rebuild,
                retarget: Retarget::of(function, site),
            });
        }
        image.traps.extend(
            function
                .traps
                .iter()
                .map(|t| (at(&t.offset), t.code.clone())),
        );
        image.functions.push(ImageFunction {
            name: function.name.clone(),
            start,
            end: start + wide(function.bytes.len()),
            call_returns: function.call_returns.iter().map(at).collect(),
            stack_maps: function.stack_maps.iter().map(at).collect(),
            blocks: function.blocks.iter().map(at).collect(),
            relocations: function
                .relocations
                .iter()
                .chain(
                    function
                        .sites
                        .iter()
                        .filter_map(|site| site.off.as_ref())
                        .flat_map(|off| &off.relocations),
                )
                .map(|r| (at(&r.offset), r.kind.field_bytes()))
                .collect(),
        });
    }
    image
}
