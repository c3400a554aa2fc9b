//! Jump tables in the code, right behind the jump that uses them.
//!
//! There is no metadata for them; what can be known is their shape. On x86-64, AArch64 and
//! s390x a table is 32-bit distances in the target's byte order, counted from the table's own
//! start; on RISC-V it is code, one far jump an entry. A run of numbers only counts as a table
//! when it goes on to where code starts: to its own lowest target, or to code that is known
//! already. Anything else behind an indirect jump, like the code behind a tail call, is none.

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
    let first = decode(image.isa, bytes, table)?;
    let second = decode(image.isa, bytes.get(first.bytes.len()..)?, first.end())?;
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
    let mut lowest = u64::MAX;
    while at != lowest && !code.instructions.contains_key(&at) {
        let behind = at.checked_add(ENTRY)?;
        let bytes = image.slice(at..behind)?.try_into().ok()?;
        let distance = if image.isa.is_big_endian() {
            i32::from_be_bytes(bytes)
        } else {
            i32::from_le_bytes(bytes)
        };
        let target = table.checked_add_signed(distance.into())?;
        let in_table = (table..behind).contains(&target);
        let aligned = target.is_multiple_of(image.isa.code_alignment());
        if in_table || !aligned || !function.contains(target) {
            return None;
        }
        if target > table {
            lowest = lowest.min(target);
        }
        targets.push(target);
        at = behind;
        if at > lowest {
            return None;
        }
    }
    Some(targets)
}
