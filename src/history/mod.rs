//! Which release had which bug.
//!
//! A reproducer runs on each release that is built in, each by itself, and what comes of it is put
//! in a row from the oldest to the newest ([`Row`]). Where two neighbours differ, a bug came or went
//! between them ([`Change`]). A release that does not cover the program says nothing either way.

mod measured;

pub use measured::{Cell, Measured};

use crate::code_generators::{release, short_name};
use crate::codegen::CodeGenerator;
use crate::isa::Isa;
use crate::judge::Signature;
use crate::oracle::{Discrepancy, Verdict};
use crate::program::Program;
use crate::verify::{Verifier, VerifyError};

/// What a release makes of a program.
#[derive(Clone, Debug)]
pub enum Behaviour {
    /// All as promised.
    Good,
    /// It fails, with all that was seen.
    Bad(Vec<Discrepancy>),
    /// Nothing can be said, and why.
    Unknown(String),
}

/// A release with what it makes of a program.
#[derive(Clone, Debug)]
pub struct Row {
    /// Number of the release, `0.127.4`.
    pub release: String,
    /// What it makes of it.
    pub behaviour: Behaviour,
    /// What it fails with, each once and from cause to effect.
    pub signatures: Vec<Signature>,
}

/// Between two neighbours of a row, as numbers of releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The second is the first bad one.
    Broke(String, String),
    /// The second is the first good one.
    Mended(String, String),
}

/// Runs `program` on each of `releases`.
///
/// # Errors
/// When the program does not fit the guest, or the suite itself fails.
pub fn bisect(
    program: &Program,
    isa: Isa,
    releases: &[&dyn CodeGenerator],
    verifier: &mut Verifier,
) -> Result<Vec<Row>, VerifyError> {
    let mut rows = Vec::with_capacity(releases.len());
    for generator in releases {
        let outcome = verifier.verify(program, isa, *generator)?;
        let behaviour = match outcome.verdict {
            Verdict::Pass => Behaviour::Good,
            Verdict::Fail(list) => Behaviour::Bad(list),
            Verdict::Inconclusive(why) => Behaviour::Unknown(format!("inconclusive: {why}")),
            Verdict::Unsupported(why) => Behaviour::Unknown(format!("unsupported: {why}")),
        };
        let signatures = match &behaviour {
            Behaviour::Bad(list) => signatures(isa, short_name(*generator), list),
            _ => Vec::new(),
        };
        rows.push(Row {
            release: release(*generator).to_owned(),
            behaviour,
            signatures,
        });
    }
    Ok(rows)
}

fn signatures(isa: Isa, generator: &str, list: &[Discrepancy]) -> Vec<Signature> {
    let mut left = list.to_vec();
    let mut found = Vec::new();
    while let Some(primary) = Signature::primary(isa, generator, &left) {
        left.retain(|one| !primary.is_among(std::slice::from_ref(one)));
        found.push(primary);
    }
    found
}

/// Where a row changes, over those of its releases that say something.
pub fn changes(rows: &[Row]) -> Vec<Change> {
    let telling = rows.iter().filter_map(|row| match row.behaviour {
        Behaviour::Good => Some((&row.release, true)),
        Behaviour::Bad(_) => Some((&row.release, false)),
        Behaviour::Unknown(_) => None,
    });
    let telling: Vec<(&String, bool)> = telling.collect();
    let pairs = telling.windows(2).filter_map(|pair| match *pair {
        [(before, true), (behind, false)] => Some(Change::Broke(before.clone(), behind.clone())),
        [(before, false), (behind, true)] => Some(Change::Mended(before.clone(), behind.clone())),
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::{Check, Subject};

    fn discrepancy(check: Check, register: &str) -> Discrepancy {
        Discrepancy {
            check,
            site: None,
            subject: Subject::Register(register.to_owned()),
            expected: String::new(),
            seen: String::new(),
            scenario: None,
            message: String::new(),
        }
    }

    fn row(release: &str, behaviour: Behaviour) -> Row {
        Row {
            release: release.to_owned(),
            behaviour,
            signatures: Vec::new(),
        }
    }

    #[test]
    fn a_release_that_says_nothing_is_stepped_over() {
        let bad = || Behaviour::Bad(Vec::new());
        let unknown = || Behaviour::Unknown("no such setting".to_owned());
        let rows = [
            row("0.127.4", unknown()),
            row("0.128.4", Behaviour::Good),
            row("0.129.2", bad()),
            row("0.130.2", unknown()),
            row("0.131.3", bad()),
            row("0.132.3", unknown()),
            row("0.133.3", Behaviour::Good),
        ];
        let broke = Change::Broke("0.128.4".into(), "0.129.2".into());
        let mended = Change::Mended("0.131.3".into(), "0.133.3".into());
        assert_eq!(changes(&rows), [broke, mended]);
        assert_eq!(changes(&rows[..2]), []);
    }

    #[test]
    fn signatures_come_once_from_cause_to_effect() {
        let list = [
            discrepancy(Check::State, "v8"),
            discrepancy(Check::Lockstep, "v8"),
            discrepancy(Check::State, "v8"),
        ];
        let texts = signatures(Isa::S390x, "cranelift", &list);
        let texts: Vec<String> = texts.iter().map(Signature::to_string).collect();
        let expected = ["lockstep: register v8", "state: register v8"];
        assert_eq!(
            texts,
            expected.map(|text| format!("cranelift s390x {text}"))
        );
    }
}
