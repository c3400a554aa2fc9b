//! The code generators under test, by name: the one place that knows them all.

use crate::backend::Own;
use crate::codegen::{CodeGenerator, Cranelift, OLDER};
use crate::releases;

/// All code generators in the order in which reports list them.
pub const ALL: &[&dyn CodeGenerator] = &[&Cranelift, &Own::PLAIN];

/// Variants of [`ALL`] that only run when they are named: their code differs in their sites alone.
pub const VARIANTS: &[&dyn CodeGenerator] = &[&Own::OFF, &Own::ATOMIC, &Own::OFF_ATOMIC];

/// Every code generator that can be named: [`ALL`], [`VARIANTS`], and the older releases of
/// Cranelift that are built in, which only run when they are named, too.
pub fn every() -> impl Iterator<Item = &'static dyn CodeGenerator> {
    ALL.iter().chain(VARIANTS).chain(OLDER).copied()
}

/// The releases of Cranelift that are built in, oldest first.
pub fn cranelifts() -> Vec<&'static dyn CodeGenerator> {
    let newest: &'static dyn CodeGenerator = &Cranelift;
    OLDER.iter().copied().chain([newest]).collect()
}

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

/// The code generator called `name`: `cranelift` is its newest release, `cranelift@0.127` the patch
/// of that one that is built in.
///
/// # Errors
/// When there is none, with what there is, or how to build the release in.
pub fn find(name: &str) -> Result<&'static dyn CodeGenerator, String> {
    let (short, asked) = name.split_once('@').unwrap_or((name, ""));
    let found = every().find(|g| short_name(*g) == short && is_part(asked, release(*g)));
    found.ok_or_else(|| match lacking(short, asked) {
        Some(how) => how,
        None => {
            let names: Vec<&str> = every().map(CodeGenerator::name).collect();
            format!(
                "unknown generator '{name}': expected one of {}",
                names.join(", ")
            )
        }
    })
}

/// Whether `asked` is `release`, or as many of its numbers from the left as tell releases apart.
fn is_part(asked: &str, release: &str) -> bool {
    let rest = release.strip_prefix(asked);
    let is_whole = |rest: &str| rest.is_empty() || rest.starts_with('.');
    asked.is_empty() || (asked.contains('.') && rest.is_some_and(is_whole))
}

/// How to get a release of Cranelift that is not built in.
fn lacking(short: &str, asked: &str) -> Option<String> {
    if short != "cranelift" {
        return None;
    }
    let same_minor = |minor: &str| is_part(minor, asked);
    let patch = "docs/releases.md says how to build another patch of it";
    for built_in in cranelifts() {
        let release = release(built_in);
        let minor = release.rsplit_once('.').map_or(release, |(minor, _)| minor);
        if same_minor(minor) {
            return Some(format!(
                "release {asked} of {short} is not built in, {release} is: {patch}"
            ));
        }
    }
    let older = releases::OLDER.iter().find(|o| same_minor(&o.minor()))?;
    let feature = older.feature;
    Some(format!(
        "release {asked} of {short} is not built in: build with `--features {feature}`, or with \
         `--features all-releases` for all"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_named_by_as_many_numbers_as_tell_it_apart() {
        assert!(is_part("0.135.8", "0.135.8"));
        assert!(is_part("0.135", "0.135.8"));
        assert!(is_part("", "0.135.8"));
        for other in ["0.13", "0", "0.135.80", "0.135.8.1", "0.136", "135"] {
            assert!(!is_part(other, "0.135.8"), "{other}");
        }
        for generator in cranelifts() {
            let minor = generator.name().rsplit_once('.').expect("three numbers").0;
            assert_eq!(find(minor).map(|g| g.name()), Ok(generator.name()));
        }
    }

    #[test]
    fn a_release_that_is_not_built_in_comes_with_how_to_build_it() {
        let refused = |name: &str| find(name).map(|g| g.name()).expect_err("it is not there");
        let patch = refused("cranelift@0.135.99");
        assert!(
            patch.contains("0.135.99 of cranelift is not built in, 0.135."),
            "{patch}"
        );
        for older in releases::OLDER.iter().filter(|older| !older.is_built_in) {
            for name in [older.minor(), older.minor() + ".0"] {
                let name = format!("cranelift@{name}");
                let message = refused(&name);
                assert!(message.contains(older.feature), "{message}");
            }
        }
    }

    #[test]
    fn short_and_full_names_find_a_generator() {
        for generator in ALL {
            for name in [generator.name(), short_name(*generator)] {
                assert_eq!(find(name).map(|g| g.name()), Ok(generator.name()));
            }
            assert!(!release(*generator).is_empty());
        }
        let unknown = |name: &str| find(name).map(|g| g.name()).expect_err("there is none");
        assert!(unknown("llvm").contains("expected one of cranelift@"));
        assert!(unknown("cranelift@0.1").contains("expected one of"));
    }
}
