//! What can be asked of patch sites beyond being there: to start off, and to be switched by one
//! store. One mechanism for all ISAs: it works on bytes and records, not on instructions.

use super::limit::Refusal;
use crate::codegen::{CompiledFunction, OffSite, nop_fill};
use crate::isa::Isa;

/// Size in bytes of the largest aligned word that a core stores at once and another fetches
/// whole, where a site can be switched by that.
///
/// - x86-64: 8 (Intel SDM volume 3, "Guaranteed Atomic Operations"); a five-byte call fits.
/// - AArch64: 4, and `bl` and `nop` are among the instructions that may be changed while others
///   execute them (Arm ARM, "Concurrent modification and execution of instructions").
/// - s390x: 8, a doubleword is stored and fetched block-concurrent (Principles of Operation,
///   "Block-Concurrent References"); the six bytes of `brasl` fit.
/// - RISC-V: none. A call is two instructions: a core may stand between them when the site is
///   switched on, and would jump through a register that was never set.
/// - Pulley: none. Its calls have five bytes, and its interpreter reads them one by one.
pub fn atomic_word(isa: Isa) -> Option<u32> {
    match isa {
        Isa::X86_64 | Isa::S390x => Some(8),
        Isa::Aarch64 => Some(4),
        _ => None,
    }
}

/// Bytes of padding that keep a range of `len` bytes at `start` inside one aligned word; `None`
/// where it is longer than the word.
pub fn padding(start: u32, len: u32, word: u32) -> Option<u32> {
    if len > word {
        return None;
    }
    let place = start % word;
    Some(if place + len > word { word - place } else { 0 })
}

/// Fills every site with NOPs; the metadata keeps its bytes and relocations.
///
/// # Errors
/// A site that no NOP units tile.
pub fn switch_off(function: &mut CompiledFunction, units: &[Vec<u8>]) -> Result<(), Refusal> {
    for site in &mut function.sites {
        let (start, end) = (site.ret_addr - site.len, site.ret_addr);
        let index = |offset: u32| usize::try_from(offset).expect("32 bits fit");
        let range = &mut function.bytes[index(start)..index(end)];
        let nops = nop_fill(units, range.len()).map_err(|e| Refusal::limit(e.to_string()))?;
        let live = range.to_vec();
        range.copy_from_slice(&nops);
        let (inside, outside) = std::mem::take(&mut function.relocations)
            .into_iter()
            .partition(|r| (start..end).contains(&r.offset));
        function.relocations = outside;
        site.off = Some(OffSite {
            live,
            relocations: inside,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_keeps_a_range_in_one_word() {
        for start in 0..32 {
            for len in 1..=8 {
                let pad = padding(start, len, 8).expect("it fits a word");
                let (first, last) = (start + pad, start + pad + len - 1);
                assert_eq!(first / 8, last / 8, "{start} {len}");
                assert!(pad < 8);
            }
        }
        assert_eq!(padding(0, 9, 8), None);
    }
}
