//! The reducer on the corpus, with predicates that are quick to decide.

mod corpus;
mod findings;
mod passes;

use super::source::Source;
use super::{Budget, Reduction, reduce};

/// All programs of `corpus/pass`, by name.
fn programs() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/pass");
    let mut programs: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "clif"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    programs.sort();
    programs
}

/// Reduces `text` as far as `holds` lets it.
fn reduced(text: &str, mut holds: impl FnMut(&str) -> bool) -> Reduction {
    Source::parse(text).unwrap();
    let reduction = reduce(text, Budget::default(), &mut holds);
    assert!(reduction.complete, "stopped early:\n{}", reduction.text);
    assert!(holds(&reduction.text));
    Source::parse(&reduction.text).unwrap();
    reduction
}
