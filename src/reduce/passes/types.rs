//! Types, through the whole program at once, so that callers and callees stay of one mind. The
//! text has each type as a word; where another does not verify, the reader says so.

use super::{Edit, Source};

/// From wide to narrow, from vector to scalar, from rare to common. Several steps of one type
/// are alternatives.
const STEPS: &[(&str, &str)] = &[
    ("i8x16", "i8"),
    ("i16x8", "i8x16"),
    ("i16x8", "i16"),
    ("i32x4", "i32"),
    ("i64x2", "i64"),
    ("f32x4", "f32"),
    ("f64x2", "f32x4"),
    ("f64x2", "f64"),
    ("f128", "f64"),
    ("f16", "f32"),
    ("f64", "f32"),
    ("i128", "i64"),
    ("i64", "i32"),
    ("i32", "i16"),
    ("i32", "i8"),
    ("i64", "i8"),
    ("i16", "i8"),
];

/// One type in place of another, everywhere or in one function.
pub fn narrow(source: &Source) -> Vec<Edit> {
    let text = source.print();
    let words = words(&text);
    let present = STEPS.iter().filter(|(from, _)| words.contains(from));
    let mut edits: Vec<Edit> = Vec::new();
    for &(from, to) in present {
        for only in (0..source.units.len()).map(Some).chain([None]) {
            edits.push(Box::new(move |source| {
                let mut changed = source.clone();
                for (index, unit) in changed.units.iter_mut().enumerate() {
                    if only.is_none_or(|only| only == index) {
                        let alone = Source {
                            header: Vec::new(),
                            units: vec![super::super::source::Unit {
                                function: unit.function.clone(),
                                runs: Vec::new(),
                            }],
                        };
                        let text = replace(&alone.print(), from, to);
                        let read = Source::parse(&text).ok()?.units.into_iter().next()?;
                        unit.function = read.function;
                    }
                }
                *source = changed;
                Some(())
            }));
        }
    }
    edits
}

fn is_in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '%')
}

fn words(text: &str) -> Vec<&str> {
    text.split(|c| !is_in_word(c)).collect()
}

fn replace(text: &str, from: &str, to: &str) -> String {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let same = |c| is_in_word(c) == is_in_word(first);
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
        let (piece, behind) = rest.split_at(end);
        replaced.push_str(if piece == from { to } else { piece });
        rest = behind;
    }
    replaced
}
