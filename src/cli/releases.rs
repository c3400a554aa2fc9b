//! `patchproof releases`: which releases of Cranelift can be named.

use std::fmt::Write;

use super::Ending;
use super::output::print;
use crate::code_generators::{cranelifts, release};
use crate::releases::OLDER;

/// Lists them.
pub fn main() -> Ending {
    let mut text = String::new();
    let built_in = cranelifts();
    for older in OLDER {
        let minor = older.minor();
        let found = built_in
            .iter()
            .find(|generator| release(**generator).starts_with(&format!("{minor}.")));
        let feature = older.feature;
        let _ = match found {
            Some(generator) => writeln!(
                text,
                "{:<18} built in by feature {feature}",
                generator.name()
            ),
            None => {
                let name = format!("cranelift@{minor}");
                writeln!(
                    text,
                    "{name:<18} not built in: cargo build --features {feature}"
                )
            }
        };
    }
    if let Some(newest) = built_in.last() {
        let _ = writeln!(text, "{:<18} built in always", newest.name());
    }
    text += "\nAll of them: cargo build --features all-releases. Another patch of one: ci/patch-release.\n";
    print(&text)
}
