//! Addresses as names.

use std::collections::BTreeMap;

use super::Instruction;
use crate::image::CodeImage;

/// Names for the addresses of an image: functions, hostcalls and data symbols.
#[derive(Clone, Debug)]
pub struct Symbols<'a> {
    image: &'a CodeImage,
    by_address: BTreeMap<u64, &'a str>,
}

impl<'a> Symbols<'a> {
    /// The symbols of `image`.
    pub fn of(image: &'a CodeImage) -> Symbols<'a> {
        let functions = image.functions.iter().map(|f| (f.start, f.name.as_str()));
        let symbols = image.symbols.iter().map(|(name, &at)| (at, name.as_str()));
        Symbols {
            image,
            by_address: symbols.chain(functions).collect(),
        }
    }

    /// `%name`, `%name+0x10`, or the bare address where nothing is known.
    pub fn name(&self, address: u64) -> String {
        match self.by_address.get(&address) {
            Some(name) => (*name).to_owned(),
            None => self.image.describe(address),
        }
    }
}

/// An instruction as text with its target, which is always the last operand, by name.
pub fn text(instruction: &Instruction, symbols: &Symbols) -> String {
    let Some(target) = instruction.kind.target() else {
        return instruction.plain_text();
    };
    let name = symbols.name(target);
    // Pulley's disassembler appends the target as a comment.
    let operands = instruction.operands();
    let operands = operands.split("//").next().unwrap_or_default();
    match operands.trim_end().rsplit_once(", ") {
        Some((before, _)) => format!("{} {before}, {name}", instruction.mnemonic),
        None => format!("{} {name}", instruction.mnemonic),
    }
}
