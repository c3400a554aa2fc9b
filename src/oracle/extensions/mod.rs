//! Which ISA extension an instruction needs.
//!
//! A code generator that emits an instruction beyond the target's flags makes code that dies
//! on the machines it was compiled for, and nowhere else: the developer's own machine has the
//! extension. The tables here come from the ISA manuals, one file an ISA, never from the
//! generator; only the names of the flags are the generator's. The baseline needs no flag:
//! x86-64 with SSE2, Armv8.0-A with its hint space, RV64G, z14.

mod aarch64;
mod lacking;
mod riscv64;
mod riscv64_names;
mod s390x;
mod x86_64;

pub use lacking::Lacking;

use crate::disasm::{FunctionCode, Instruction, hex};
use crate::image::CodeImage;
use crate::isa::Isa;

/// The mnemonic of what the disassembler does not know.
const UNNAMED: &str = ".byte";

/// An extension that an instruction needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Name in the ISA's manual.
    pub extension: &'static str,
    /// Flags that enable it, each by itself. None when the generator has no flag for it, so
    /// that it must not be used at all.
    pub any_of: &'static [&'static str],
}

impl Requirement {
    const fn new(extension: &'static str, any_of: &'static [&'static str]) -> Requirement {
        Requirement { extension, any_of }
    }

    /// Whether one of the `enabled` flags grants it.
    fn is_met(&self, enabled: &[String]) -> bool {
        self.any_of
            .iter()
            .any(|flag| enabled.iter().any(|enabled| enabled == flag))
    }

    /// The flags in words.
    pub fn flags(&self) -> String {
        if self.any_of.is_empty() {
            "no flag enables it".to_owned()
        } else {
            self.any_of.join(" or ")
        }
    }
}

/// The first extension that `instruction` needs and no `enabled` flag grants.
pub fn missing(isa: Isa, instruction: &Instruction, enabled: &[String]) -> Option<Requirement> {
    let first = |needed: &[Requirement]| {
        let mut needed = needed.iter();
        needed.find(|needed| !needed.is_met(enabled)).copied()
    };
    match instruction.note(|| Needed(requirements(isa, instruction))) {
        Some(Needed(needed)) => first(needed),
        None => first(&requirements(isa, instruction)),
    }
}

/// What an encoding needs, as a note of it.
struct Needed(Vec<Requirement>);

/// What an instruction needs; its bytes alone decide.
fn requirements(isa: Isa, instruction: &Instruction) -> Vec<Requirement> {
    match isa {
        Isa::X86_64 => x86_64::requirements(instruction),
        Isa::Aarch64 => aarch64::requirements(instruction),
        Isa::Riscv64gc => riscv64::requirements(instruction),
        Isa::S390x => s390x::requirements(instruction),
        // Pulley has no optional instructions.
        _ => Vec::new(),
    }
}

/// The instructions of `code` that only flags enable of which `lacking` says that a machine does not
/// have what they stand for; `None` if there are none.
pub fn needed_beyond(
    image: &CodeImage,
    code: &[FunctionCode],
    lacking: &[&str],
) -> Option<Lacking> {
    let is_there = |flag: &&String| !lacking.contains(&flag.as_str());
    let there: Vec<String> = image.extensions.iter().filter(is_there).cloned().collect();
    if there.len() == image.extensions.len() {
        return None;
    }
    let mut found = Lacking::default();
    for instruction in code.iter().flat_map(|code| code.instructions.values()) {
        // What no flag enables is a finding, and no lack of the machine's.
        if missing(image.isa, instruction, &image.extensions).is_some() {
            continue;
        }
        for needed in requirements(image.isa, instruction) {
            if !needed.is_met(&there) {
                found.count(needed.extension, name(image.isa, instruction));
            }
        }
    }
    (!found.0.is_empty()).then_some(found)
}

/// The mnemonic: the tables' here where they have one, the disassembler's, else the bytes.
fn name(isa: Isa, instruction: &Instruction) -> String {
    let named = match instruction.bytes[..] {
        [a, b, c, d] if isa == Isa::Riscv64gc => {
            riscv64_names::vector(u32::from_le_bytes([a, b, c, d]))
        }
        _ if isa == Isa::S390x => s390x::name(&instruction.bytes).map(str::to_owned),
        _ => None,
    };
    named.unwrap_or_else(|| match &*instruction.mnemonic {
        UNNAMED => hex(&instruction.bytes),
        known => known.to_owned(),
    })
}

#[cfg(test)]
mod tests;
