//! What each program compiles to, on each ISA, from each code generator, byte by byte: a change
//! in a code generator shows as a change in `snapshots/`. Review with `cargo insta review`.

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use patchproof::code_generators;
use patchproof::codegen::{CodeGenerator, CodegenError};
use patchproof::corpus::{Case, Expectation};
use patchproof::disasm::RenderMode;
use patchproof::isa::Isa;
use patchproof::program::Program;
use patchproof::report::listing::{ListingError, listing};

fn main() -> ExitCode {
    let (cases, _) = support::corpus();
    let mut expected = BTreeSet::new();
    let mut doubled = Vec::new();
    let mut trials = Vec::new();
    for case in cases {
        let Ok(program) = &case.program else { continue };
        if matches!(case.expectation, Expectation::Refused(_)) {
            continue;
        }
        let targets: Vec<Isa> = Isa::ALL
            .into_iter()
            .filter(|isa| program.targets_of(*isa).next().is_some())
            .collect();
        let case = Arc::new(case);
        for &generator in code_generators::ALL {
            for &isa in &targets {
                if !expected.insert(file(&case, isa, generator)) {
                    doubled.push(format!("two programs share the name of {}", case.id));
                }
                trials.push(trial(case.clone(), isa, generator));
            }
        }
    }
    trials.push(support::none_of("snapshots/names-are-unique", doubled));
    trials.push(support::none_of(
        "snapshots/each-has-its-program",
        unreferenced(Path::new("snapshots"), &expected),
    ));
    support::run(trials)
}

/// Where the snapshots of a generator and ISA lie.
fn folder(isa: Isa, generator: &dyn CodeGenerator) -> PathBuf {
    let generator = code_generators::short_name(generator);
    Path::new("snapshots").join(generator).join(isa.name())
}

fn file(case: &Case, isa: Isa, generator: &dyn CodeGenerator) -> PathBuf {
    folder(isa, generator).join(format!("{}.snap", case.name()))
}

fn trial(case: Arc<Case>, isa: Isa, generator: &'static dyn CodeGenerator) -> Trial {
    let name = format!(
        "snapshots/{}/{isa}/{}",
        code_generators::short_name(generator),
        case.id
    );
    Trial::test(name, move || {
        let program = case.program.as_ref().map_err(ToString::to_string)?;
        compare(&case, program, isa, generator)
    })
}

fn compare(
    case: &Case,
    program: &Program,
    isa: Isa,
    generator: &dyn CodeGenerator,
) -> Result<(), Failed> {
    let text = match listing(program, isa, generator, RenderMode::SideBySide) {
        Ok(text) => text,
        // What a generator refuses, or is known to give up on, is worth a snapshot too.
        Err(ListingError::Codegen(error @ CodegenError::Unsupported { .. })) => error.to_string(),
        Err(ListingError::Codegen(error)) if matches!(case.expectation, Expectation::Known(_)) => {
            error.to_string()
        }
        Err(error) => return Err(error.into()),
    };
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(Path::new("..").join(folder(isa, generator)));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(case.name(), text));
    Ok(())
}

/// Files below `folder` that no program stands behind. Snapshots that wait for their review are
/// judged by the snapshot that they would replace.
fn unreferenced(folder: &Path, expected: &BTreeSet<PathBuf>) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(unreferenced(&path, expected));
            continue;
        }
        let accepted = match path.extension() {
            Some(extension) if extension == "new" => path.with_extension(""),
            _ => path.clone(),
        };
        if !expected.contains(&accepted) {
            found.push(format!("{}: no program has this snapshot", path.display()));
        }
    }
    found.sort();
    found
}
