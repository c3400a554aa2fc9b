//! The code generators under test, by name: the one place that knows them all.

use crate::backend::Own;
use crate::codegen::{CodeGenerator, Cranelift};

/// All code generators in the order in which reports list them.
pub const ALL: &[&dyn CodeGenerator] = &[&Cranelift, &Own::PLAIN];

/// Variants of [`ALL`] that only run when they are named: their code differs in their sites alone.
pub const VARIANTS: &[&dyn CodeGenerator] = &[&Own::OFF, &Own::ATOMIC, &Own::OFF_ATOMIC];

/// The name without its release, as the command line and snapshots use it: `cranelift`.
pub fn short_name(generator: &dyn CodeGenerator) -> &str {
    split(generator).0
}

/// The release behind the `@` of the name; empty where there is none.
pub fn release(generator: &dyn CodeGenerator) -> &str {
    split(generator).1
}

fn split(generator: &dyn CodeGenerator) -> (&str, &str) {
    let name = generator.name();
    name.split_once('@').unwrap_or((name, ""))
}

/// The code generator called `name`, with or without its release.
pub fn find(name: &str) -> Option<&'static dyn CodeGenerator> {
    let named = |g: &&&'static dyn CodeGenerator| g.name() == name || short_name(**g) == name;
    ALL.iter().chain(VARIANTS).find(named).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_full_names_find_a_generator() {
        for generator in ALL {
            for name in [generator.name(), short_name(*generator)] {
                assert_eq!(find(name).map(|g| g.name()), Some(generator.name()));
            }
            assert!(!release(*generator).is_empty());
        }
        assert!(find("llvm").is_none());
    }
}
