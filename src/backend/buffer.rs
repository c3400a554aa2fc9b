//! The code buffer: bytes with labels, references to them, veneers, constants, relocations,
//! traps and patch sites.
//!
//! A branch forward is emitted before its target is known, and may reach less far than the
//! target turns out to lie. The buffer keeps such references open, and when the nearest
//! deadline comes close it inserts an *island*: a jump around *veneers*, longer branches that
//! the short ones are pointed at.
//!
//! Invariants:
//! - *Label*: a label is bound once, at the offset where the next byte goes.
//! - *Reach*: before each op, every open reference can still reach an island placed behind the
//!   op ([`CodeBuffer::make_room`] keeps it).
//! - *Whole op*: islands lie between ops only, so that no op is torn apart; and between sites.
//! - *Site*: inside `[start, ret_addr)` of a patch site lie exactly the bytes of one call: no
//!   label is bound strictly inside, no reference to a label patches a byte in it, no island,
//!   no second site; sites are recorded in ascending order and are disjoint.
//! - *Final*: [`CodeBuffer::finish`] leaves no reference open.

use crate::codegen::{
    CompiledSite, Handler, Rebuild, RelocKind, RelocTarget, Relocation, TrapRecord, nop_fill,
};
use crate::program::SiteId;

use super::limit::Refusal;

/// A kind of reference to a label.
pub trait Fixup: Copy + std::fmt::Debug {
    /// Bytes that it patches.
    fn size(self) -> u32;

    /// How far before and behind its own first byte its target may lie.
    fn reach(self) -> (u32, u32);

    /// Writes the distance into the instruction: `bytes` are the [`Fixup::size`] bytes at
    /// offset `from`. Only called within reach.
    fn patch(self, bytes: &mut [u8], from: u32, to: u32);

    /// The longer branch that can stand in for this one: its bytes, and the reference in them
    /// with its offset. None where the kind already reaches everything or is no branch.
    fn veneer(self) -> Option<Veneer<Self>>;
}

/// A longer branch.
#[derive(Clone, Debug)]
pub struct Veneer<F> {
    /// Its bytes, the distance still open.
    pub bytes: Vec<u8>,
    /// Offset of the reference in it.
    pub offset: u32,
    /// The reference in it.
    pub fixup: F,
}

/// A label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Label(u32);

/// A reference that waits for its label.
#[derive(Clone, Copy, Debug)]
struct Open<F> {
    at: u32,
    label: Label,
    fixup: F,
}

impl<F: Fixup> Open<F> {
    /// The last offset at which its target or veneer may start.
    fn deadline(&self) -> u32 {
        self.at.saturating_add(self.fixup.reach().1)
    }

    fn reaches(&self, target: u32) -> bool {
        let (back, forth) = self.fixup.reach();
        if target >= self.at {
            target - self.at <= forth
        } else {
            self.at - target <= back
        }
    }
}

/// A constant to be placed behind the code.
#[derive(Clone, Debug)]
struct Constant {
    label: Label,
    align: u32,
    bytes: Vec<u8>,
}

/// A table of distances from `base` to each target, 4 bytes each, placed behind the code.
#[derive(Clone, Debug)]
struct Table {
    label: Label,
    base: Label,
    targets: Vec<Label>,
    big_endian: bool,
}

/// Code of one function under construction.
#[derive(Debug)]
pub struct CodeBuffer<F> {
    bytes: Vec<u8>,
    labels: Vec<Option<u32>>,
    /// Where a label stands for another one: a jump to a block that only jumps on.
    aliases: Vec<Option<Label>>,
    open: Vec<Open<F>>,
    /// The least deadline in `open` of those that could be moved to a veneer.
    nearest: u32,
    constants: Vec<Constant>,
    tables: Vec<Table>,
    relocations: Vec<Relocation>,
    traps: Vec<TrapRecord>,
    call_returns: Vec<u32>,
    /// Offsets behind calls, tags, and where exceptions of that tag go on.
    handlers: Vec<(u32, Option<u32>, Label)>,
    sites: Vec<CompiledSite>,
    site_start: Option<(u32, SiteId)>,
}

/// What a finished buffer delivers.
#[derive(Debug)]
pub struct Finished {
    /// Code, then constants.
    pub bytes: Vec<u8>,
    /// By offset.
    pub relocations: Vec<Relocation>,
    /// By offset.
    pub traps: Vec<TrapRecord>,
    /// Offsets behind call instructions.
    pub call_returns: Vec<u32>,
    /// Handlers of exceptions, call by call.
    pub handlers: Vec<Handler>,
    /// Patch sites by offset.
    pub sites: Vec<CompiledSite>,
}

impl<F: Fixup> CodeBuffer<F> {
    /// An empty buffer with a label for each of `blocks` blocks.
    pub fn new(blocks: u32) -> CodeBuffer<F> {
        let count = index(blocks);
        CodeBuffer {
            bytes: Vec::new(),
            labels: vec![None; count],
            aliases: vec![None; count],
            open: Vec::new(),
            nearest: u32::MAX,
            constants: Vec::new(),
            tables: Vec::new(),
            relocations: Vec::new(),
            traps: Vec::new(),
            call_returns: Vec::new(),
            handlers: Vec::new(),
            sites: Vec::new(),
            site_start: None,
        }
    }

    /// Offset of the next byte.
    ///
    /// # Panics
    /// At 4 GiB of code: a function that large is refused before ([`CodeBuffer::make_room`]).
    pub fn offset(&self) -> u32 {
        u32::try_from(self.bytes.len()).expect("a function stays below 4 GiB")
    }

    /// The label of a block.
    pub fn block(&self, block: super::order::BlockId) -> Label {
        self.resolve(Label(block.0))
    }

    /// A new label.
    pub fn new_label(&mut self) -> Label {
        let label = Label(u32::try_from(self.labels.len()).expect("labels are few"));
        self.labels.push(None);
        self.aliases.push(None);
        label
    }

    /// Makes `label` stand for `other`. Keeps *Label*: it is never bound itself. A circle of
    /// labels that stand for each other is not made: the last one stays itself.
    pub fn alias(&mut self, label: Label, other: Label) {
        let other = self.resolve(other);
        if other != label {
            self.aliases[index(label.0)] = Some(other);
        }
    }

    /// The label that `label` stands for in the end.
    pub fn resolve(&self, mut label: Label) -> Label {
        while let Some(other) = self.aliases[index(label.0)] {
            label = other;
        }
        label
    }

    /// Binds a label here.
    ///
    /// # Panics
    /// When it breaks *Label* or *Site*.
    pub fn bind(&mut self, label: Label) {
        let here = self.offset();
        if let Some((start, _)) = self.site_start {
            assert!(start == here, "no label inside a site");
        }
        let old = self.labels[index(label.0)].replace(here);
        assert!(old.is_none(), "a label is bound once");
    }

    /// Appends bytes. Keeps all invariants: an open site grows.
    pub fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends a little-endian word.
    pub fn put_u32(&mut self, word: u32) {
        self.put(&word.to_le_bytes());
    }

    /// Records that the bytes put next refer to a label: call it right before putting them.
    ///
    /// # Panics
    /// Inside a site (*Site*).
    pub fn refer(&mut self, label: Label, fixup: F) {
        self.refer_at(self.offset(), label, fixup);
    }

    /// As [`CodeBuffer::refer`] for bytes at `at`.
    ///
    /// # Panics
    /// Inside a site (*Site*).
    pub fn refer_at(&mut self, at: u32, label: Label, fixup: F) {
        assert!(self.site_start.is_none(), "no reference inside a site");
        let open = Open {
            at,
            label: self.resolve(label),
            fixup,
        };
        if fixup.veneer().is_some() {
            self.nearest = self.nearest.min(open.deadline());
        }
        self.open.push(open);
    }

    /// Records a relocation of the bytes put next.
    pub fn relocate(&mut self, kind: RelocKind, symbol: String, addend: i64) {
        self.relocate_at(self.offset(), kind, symbol, addend);
    }

    /// As [`CodeBuffer::relocate`] for bytes at `offset`.
    pub fn relocate_at(&mut self, offset: u32, kind: RelocKind, symbol: String, addend: i64) {
        let target = RelocTarget::Symbol(symbol);
        self.relocations.push(Relocation {
            offset,
            kind,
            target,
            addend,
        });
    }

    /// Records a relocation of the bytes put next that refers to an offset in this function.
    pub fn relocate_local(&mut self, kind: RelocKind, target: u32) {
        self.relocations.push(Relocation {
            offset: self.offset(),
            kind,
            target: RelocTarget::Local(target),
            addend: 0,
        });
    }

    /// Records that the instruction put next may trap with `code`.
    pub fn trap(&mut self, code: impl ToString) {
        let (offset, code) = (self.offset(), code.to_string());
        self.traps.push(TrapRecord { offset, code });
    }

    /// Records that a call instruction ends here.
    pub fn call_return(&mut self) {
        let here = self.offset();
        self.call_returns.push(here);
    }

    /// Records that exceptions of a tag, or of all where there is none, that come out of the last
    /// call go on at `label`. Call it when the call has its final place.
    ///
    /// # Panics
    /// When there is no call.
    pub fn handler(&mut self, tag: Option<u32>, label: Label) {
        let ret_addr = self.call_returns.last().expect("a call was put");
        self.handlers.push((*ret_addr, tag, label));
    }

    /// Starts a patch site here.
    ///
    /// # Panics
    /// When one is open (*Site*).
    pub fn start_site(&mut self, site: SiteId) {
        assert!(self.site_start.is_none(), "sites do not nest");
        self.site_start = Some((self.offset(), site));
    }

    /// Ends the patch site here, behind its call.
    ///
    /// # Panics
    /// When none is open.
    pub fn end_site(&mut self) {
        let (start, site) = self.site_start.take().expect("a site is open");
        let ret_addr = self.offset();
        let len = ret_addr - start;
        self.sites
            .push(CompiledSite::live(ret_addr, len, Some(site)));
    }

    /// Keeps the last site, which ends here, inside one aligned word of `word` bytes, with NOPs
    /// before it. Keeps *Site*: the range moves as a whole, with all that is recorded of it. A
    /// range longer than a word stays as it is, and its metadata promises nothing.
    ///
    /// # Errors
    /// A distance that no NOP units tile.
    pub fn align_site(&mut self, word: u32, units: &[Vec<u8>]) -> Result<(), Refusal> {
        let here = self.offset();
        let Some(site) = self.sites.last_mut().filter(|site| site.ret_addr == here) else {
            return Ok(());
        };
        let start = site.ret_addr - site.len;
        let Some(pad) = super::sites::padding(start, site.len, word) else {
            return Ok(());
        };
        site.atomic_word = Some(word);
        site.ret_addr += pad;
        let nops = nop_fill(units, index(pad)).map_err(|e| Refusal::limit(e.to_string()))?;
        let at = index(start);
        self.bytes.splice(at..at, nops);
        let moved = |offset: &mut u32| *offset += if *offset >= start { pad } else { 0 };
        self.relocations
            .iter_mut()
            .for_each(|r| moved(&mut r.offset));
        self.traps.iter_mut().for_each(|t| moved(&mut t.offset));
        self.call_returns.iter_mut().for_each(moved);
        Ok(())
    }

    /// Records that the code behind the last site, up to here, puts the stack pointer right, of
    /// which the hook pops `popped` bytes. Keeps *Site*: that code is behind the range.
    pub fn rebuilt(&mut self, popped: u32) {
        let here = self.offset();
        if let Some(site) = self.sites.last_mut() {
            let len = here - site.ret_addr;
            site.rebuild = Some(Rebuild { popped, len });
        }
    }

    /// A label for a constant, placed behind the code; equal constants are placed once.
    pub fn constant(&mut self, bytes: &[u8], align: u32) -> Label {
        let same = |c: &&Constant| c.bytes == bytes && c.align >= align;
        if let Some(known) = self.constants.iter().find(same) {
            return known.label;
        }
        let label = self.new_label();
        self.constants.push(Constant {
            label,
            align,
            bytes: bytes.to_vec(),
        });
        label
    }

    /// A label for a table of signed 4-byte distances from `base` to each of `targets`, placed
    /// behind the code, aligned to 4 bytes.
    pub fn table(&mut self, base: Label, targets: Vec<Label>, big_endian: bool) -> Label {
        let label = self.new_label();
        self.tables.push(Table {
            label,
            base,
            targets,
            big_endian,
        });
        label
    }

    /// As [`CodeBuffer::table`] with distances from the table's own start.
    pub fn table_from_itself(&mut self, targets: Vec<Label>, big_endian: bool) -> Label {
        let label = self.new_label();
        self.tables.push(Table {
            label,
            base: label,
            targets,
            big_endian,
        });
        label
    }

    /// Makes sure that `bytes` more bytes can be put without an island (*Reach*, *Whole op*).
    /// `jump_over` puts a jump over so many bytes; the code before may run on into it.
    ///
    /// # Errors
    /// More code than 32-bit offsets reach.
    pub fn make_room(
        &mut self,
        bytes: u32,
        jump_over: impl FnOnce(&mut Self, u32),
    ) -> Result<(), Refusal> {
        if self.bytes.len() > MAX_CODE {
            return Err(Refusal::limit(format!(
                "more than {MAX_CODE} bytes of code"
            )));
        }
        let island = self.island_bytes();
        let end = self.offset().saturating_add(bytes).saturating_add(island);
        if end < self.nearest {
            return Ok(());
        }
        self.settle()?;
        let island = self.island_bytes();
        let end = self.offset().saturating_add(bytes).saturating_add(island);
        if end >= self.nearest {
            self.island(jump_over)?;
        }
        Ok(())
    }

    /// An upper bound of what an island takes now.
    fn island_bytes(&self) -> u32 {
        let count = u32::try_from(self.open.len()).unwrap_or(u32::MAX);
        count.saturating_mul(MAX_VENEER).saturating_add(MAX_VENEER)
    }

    /// Patches every open reference whose label is bound within its reach. One that is bound
    /// too far back stays open until the next island.
    ///
    /// # Errors
    /// A label out of reach of a kind that has no veneer.
    fn settle(&mut self) -> Result<(), Refusal> {
        let open = std::mem::take(&mut self.open);
        for reference in open {
            match self.labels[index(reference.label.0)] {
                Some(target) if reference.reaches(target) => self.patch(reference, target),
                Some(target) if reference.fixup.veneer().is_none() => {
                    return Err(Refusal::limit(format!(
                        "a reference of kind {:?} at {:#x} does not reach {target:#x}",
                        reference.fixup, reference.at
                    )));
                }
                _ => self.open.push(reference),
            }
        }
        let movable = self
            .open
            .iter()
            .filter(|open| open.fixup.veneer().is_some());
        self.nearest = movable.map(Open::deadline).min().unwrap_or(u32::MAX);
        Ok(())
    }

    /// Patches a reference within reach.
    fn patch(&mut self, reference: Open<F>, target: u32) {
        let Open { at, fixup, .. } = reference;
        debug_assert!(reference.reaches(target), "checked before");
        let start = index(at);
        let end = start + index(fixup.size());
        fixup.patch(&mut self.bytes[start..end], at, target);
    }

    /// Puts a veneer for every open reference that can have one, behind a jump around them.
    fn island(&mut self, jump_over: impl FnOnce(&mut Self, u32)) -> Result<(), Refusal> {
        assert!(self.site_start.is_none(), "no island inside a site");
        let open = std::mem::take(&mut self.open);
        let mut veneers = Vec::new();
        let mut total = 0u32;
        for reference in open {
            match reference.fixup.veneer() {
                Some(veneer) => {
                    total += u32::try_from(veneer.bytes.len()).expect("a veneer is short");
                    veneers.push((reference, veneer));
                }
                None => self.open.push(reference),
            }
        }
        jump_over(self, total);
        for (reference, veneer) in veneers {
            let here = self.offset();
            self.patch(reference, here);
            self.put(&veneer.bytes);
            let at = here + veneer.offset;
            self.open.push(Open {
                at,
                label: reference.label,
                fixup: veneer.fixup,
            });
        }
        self.settle()
    }

    /// Places constants, closes all references.
    ///
    /// # Errors
    /// A reference that does not reach its label.
    ///
    /// # Panics
    /// When a site is open or a label that is referred to was never bound.
    pub fn finish(mut self, pad: u8) -> Result<Finished, Refusal> {
        assert!(self.site_start.is_none(), "every site was ended");
        // Branches whose target lies too far back: code does not run on behind the last op, so
        // their veneers need no jump around them. Those of veneers reach everything.
        self.place_constants(pad);
        self.settle()?;
        if !self.open.is_empty() {
            self.island(|_, _| {})?;
        }
        assert!(
            self.open.is_empty(),
            "every label that is referred to is bound"
        );
        self.fill_tables();
        let handler = |&(ret_addr, tag, label): &(u32, Option<u32>, Label)| Handler {
            ret_addr,
            tag,
            target: self.labels[index(self.resolve(label).0)].expect("every block is bound"),
        };
        let handlers = self.handlers.iter().map(handler).collect();
        self.relocations.sort_by_key(|relocation| relocation.offset);
        Ok(Finished {
            bytes: self.bytes,
            relocations: self.relocations,
            traps: self.traps,
            call_returns: self.call_returns,
            handlers,
            sites: self.sites,
        })
    }
}

impl<F: Fixup> CodeBuffer<F> {
    fn align(&mut self, align: u32, pad: u8) {
        while !self.offset().is_multiple_of(align) {
            self.bytes.push(pad);
        }
    }

    fn place_constants(&mut self, pad: u8) {
        for constant in std::mem::take(&mut self.constants) {
            self.align(constant.align, pad);
            self.bind(constant.label);
            self.bytes.extend_from_slice(&constant.bytes);
        }
        for table in 0..self.tables.len() {
            self.align(4, pad);
            let label = self.tables[table].label;
            self.bind(label);
            let bytes = self.tables[table].targets.len() * 4;
            self.bytes.resize(self.bytes.len() + bytes, 0);
        }
    }

    /// Writes the entries, when all labels are bound.
    fn fill_tables(&mut self) {
        for table in std::mem::take(&mut self.tables) {
            let bound = |label: Label| {
                let offset = self.labels[index(self.resolve(label).0)];
                i64::from(offset.expect("every label that is referred to is bound"))
            };
            let mut at = index(u32::try_from(bound(table.label)).expect("an offset"));
            let base = bound(table.base);
            let entries: Vec<i64> = table.targets.iter().map(|&l| bound(l) - base).collect();
            for entry in entries {
                let entry = i32::try_from(entry).expect("code stays below 1 GiB");
                let bytes = if table.big_endian {
                    entry.to_be_bytes()
                } else {
                    entry.to_le_bytes()
                };
                self.bytes[at..at + 4].copy_from_slice(&bytes);
                at += 4;
            }
        }
    }
}

/// The longest veneer or jump over an island, in bytes.
const MAX_VENEER: u32 = 16;

/// The most code of one function, in bytes: what the offsets of every ISA's far branches reach.
const MAX_CODE: usize = 1 << 30;

fn index(number: u32) -> usize {
    usize::try_from(number).expect("32 bits fit")
}
