//! Instructions that a machine does not execute, counted: as a reason in words, and back.
//!
//! A verdict's reason is text wherever it goes (through parts of a program, targets of one ISA, to
//! reports), so the counts travel in it.

use std::collections::BTreeMap;
use std::fmt;

/// How a reason begins that is of this kind.
const PREFIX: &str = "the machine lacks ";

/// How often which instruction is needed, by extension and mnemonic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lacking(pub BTreeMap<String, BTreeMap<String, usize>>);

impl Lacking {
    /// Counts an instruction.
    pub fn count(&mut self, extension: &str, mnemonic: String) {
        let instructions = self.0.entry(extension.to_owned()).or_default();
        *instructions.entry(mnemonic).or_default() += 1;
    }

    /// What a reason says; `None` for a reason of another kind.
    pub fn of_reason(reason: &str) -> Option<Lacking> {
        let mut extensions = BTreeMap::new();
        for part in reason.strip_prefix(PREFIX)?.split("; ") {
            let (extension, instructions) = part.split_once(": ")?;
            let mut counts = BTreeMap::new();
            for instruction in instructions.split(", ") {
                let (mnemonic, count) = instruction.rsplit_once(' ')?;
                counts.insert(mnemonic.to_owned(), count.parse().ok()?);
            }
            extensions.insert(extension.to_owned(), counts);
        }
        Some(Lacking(extensions))
    }

    /// The reason without instructions.
    pub fn in_short(&self) -> String {
        let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        format!("{PREFIX}{}", names.join(", "))
    }
}

/// The reason in words.
impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.0.iter().map(|(extension, instructions)| {
            let counts = instructions.iter();
            let counts: Vec<String> = counts.map(|(name, n)| format!("{name} {n}")).collect();
            format!("{extension}: {}", counts.join(", "))
        });
        write!(f, "{PREFIX}{}", parts.collect::<Vec<_>>().join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_survive_being_a_reason() {
        let mut lacking = Lacking::default();
        for (extension, mnemonic) in [("V", "vadd.vv"), ("V", "vle8.v"), ("Zvbb", "vclz.v")] {
            lacking.count(extension, mnemonic.to_owned());
        }
        lacking.count("V", "vadd.vv".to_owned());
        let reason = "the machine lacks V: vadd.vv 2, vle8.v 1; Zvbb: vclz.v 1";
        assert_eq!(lacking.to_string(), reason);
        assert_eq!(Lacking::of_reason(reason), Some(lacking.clone()));
        assert_eq!(lacking.in_short(), "the machine lacks V, Zvbb");
        for other in [
            "the machine lacks V",
            "out of fuel",
            "the machine lacks V: x",
        ] {
            assert_eq!(Lacking::of_reason(other), None, "{other}");
        }
    }
}
