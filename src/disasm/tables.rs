//! Jump tables in the code, right behind the jump that uses them.
//!
//! There is no metadata for them; what can be known is their shape. On x86-64, AArch64 and
//! s390x a table is 32-bit distances in the target's byte order, counted from the table's own
//! start; on RISC-V it is code, one far jump an entry.
//!
//! Where the generator names its blocks, a table goes on for as long as its entries lead to
//! blocks. Where it does not, a run of numbers only counts as a table when it goes on to where
//! code starts: to its own lowest target, or to code that is known already, with nothing but
//! jumps in between. Nothing leads to these: a generator that threads a jump past a block
//! which only jumps on leaves that block behind. Anything else behind an indirect jump, like
//! the code behind a tail call, is no table.

use std::ops::Range;

use super::{FunctionCode, Kind, decode};
use crate::image::{CodeImage, ImageFunction};
use crate::isa::Isa;

/// Size of an entry in bytes.
const ENTRY: u64 = 4;

/// Where the table at `table` leads; nothing when there is none.
pub fn behind(
    image: &CodeImage,
    function: &ImageFunction,
    code: &FunctionCode,
    table: u64,
) -> Vec<u64> {
    match image.isa {
        Isa::Riscv64gc => far_jumps(image, function, table).into_iter().collect(),
        // Pulley's tables are part of the instruction.
        isa if isa.is_pulley() => Vec::new(),
        _ => distances(image, function, code, table).unwrap_or_default(),
    }
}

/// The table itself, if it starts with `auipc` and `jalr`: decoding it finds its targets.
fn far_jumps(image: &CodeImage, function: &ImageFunction, table: u64) -> Option<u64> {
    let bytes = image.slice(table..function.end)?;
    let first = decode(image, bytes, table)?;
    let second = decode(image, bytes.get(first.bytes.len()..)?, first.end())?;
    match (first.kind, second.kind) {
        (
            Kind::AddPc { register, .. },
            Kind::JumpIndirect {
                base: Some((base, _)),
            },
        ) if register == base => Some(table),
        _ => None,
    }
}

fn distances(
    image: &CodeImage,
    function: &ImageFunction,
    code: &FunctionCode,
    table: u64,
) -> Option<Vec<u64>> {
    let mut targets = Vec::new();
    let mut at = table;
    // Where code is known to start.
    let mut known = code.instructions.range(table..).next().map(|(&at, _)| at);
    loop {
        let end = known.unwrap_or(function.end);
        if only_jumps(image, function, at..end) {
            return Some(targets);
        }
        let target = entry(image, table, at).filter(|&target| {
            let in_table = (table..at.saturating_add(ENTRY)).contains(&target);
            let aligned = target.is_multiple_of(image.isa.code_alignment());
            let block = function.blocks.is_empty() || function.blocks.contains(&target);
            !in_table && aligned && function.contains(target) && block
        });
        let Some(target) = target else {
            return (!function.blocks.is_empty()).then_some(targets);
        };
        at = at.checked_add(ENTRY)?;
        if target > table && known.is_none_or(|known| target < known) {
            known = Some(target);
        }
        if known.is_some_and(|known| at > known) {
            return None;
        }
        targets.push(target);
    }
}

/// Where the entry at `at` of the table at `table` leads.
fn entry(image: &CodeImage, table: u64, at: u64) -> Option<u64> {
    let bytes = image.slice(at..at.checked_add(ENTRY)?)?.try_into().ok()?;
    let distance = if image.isa.is_big_endian() {
        i32::from_be_bytes(bytes)
    } else {
        i32::from_le_bytes(bytes)
    };
    table.checked_add_signed(distance.into())
}

/// Whether `range` holds jumps within the function and nothing else.
fn only_jumps(image: &CodeImage, function: &ImageFunction, range: Range<u64>) -> bool {
    let mut at = range.start;
    while at < range.end {
        let bytes = image.slice(at..range.end);
        let Some(jump) = bytes.and_then(|bytes| decode(image, bytes, at)) else {
            return false;
        };
        if !matches!(jump.kind, Kind::Jump(target) if function.contains(target)) {
            return false;
        }
        at = jump.end();
    }
    at == range.end
}
