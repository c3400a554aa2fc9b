//! All findings together: whether what a program shows is nothing but what is known.
//!
//! A bug of a code generator does not stay in the program that shows it best: it fails in every
//! program that meets its conditions. A fail is known if every discrepancy of it is explained,
//! each by some finding: as primary, by a finding's check and subject, or as a consequence of a
//! finding that has a primary in the same fail, and of one about an ABI's rule only where the rule
//! reaches. One discrepancy that is left over makes all of it a fail, so that no bug hides behind
//! another.

use std::fmt;
use std::path::{Path, PathBuf};

use super::known::Known;
use super::pattern::glob_matches;
use super::reach::Reach;
use super::{HeaderError, find};
use crate::isa::Isa;
use crate::oracle::Discrepancy;
use crate::program::ProgramError;

/// The findings of a corpus.
#[derive(Clone, Debug, Default)]
pub struct Findings(Vec<(String, Known)>);

/// Which findings a fail consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Name of each, which is its file's, with its cause; in the order of names.
    pub findings: Vec<(String, String)>,
}

impl Findings {
    /// Reads `known/` of the corpus in `folder`; nothing where there is none. What cannot be read
    /// comes beside what could.
    pub fn load(folder: &Path) -> (Findings, Vec<ProgramError>) {
        let known = folder.join("known");
        if !known.is_dir() {
            return (Findings::default(), Vec::new());
        }
        // A folder without a program is one without findings.
        let (files, _) = find(&[known]);
        let mut errors = Vec::new();
        let mut findings = Vec::new();
        for file in files {
            match read(&file) {
                Ok(finding) => findings.push(finding),
                Err(error) => errors.push(error),
            }
        }
        (Findings::new(findings), errors)
    }

    /// The findings of that name and header.
    pub fn new(findings: Vec<(String, Known)>) -> Findings {
        let mut findings = findings;
        findings.sort_by(|a, b| a.0.cmp(&b.0));
        Findings(findings)
    }

    /// These and one more, which takes the place of one of its name.
    #[must_use]
    pub fn and(&self, name: &str, known: Known) -> Findings {
        let others = self.0.iter().filter(|(other, _)| other != name);
        let mut findings: Vec<_> = others.cloned().collect();
        findings.push((name.to_owned(), known));
        Findings::new(findings)
    }

    /// Which findings explain all of `discrepancies` of a program with that text; `None` if
    /// something is left over.
    pub fn explain(
        &self,
        generator: &str,
        release: &str,
        isa: Isa,
        text: &str,
        discrepancies: &[Discrepancy],
    ) -> Option<Explanation> {
        let seen = self.seen(generator, release, isa, text, discrepancies);
        let all = !seen.is_empty() && discrepancies.iter().all(|d| is_explained(&seen, d));
        all.then(|| Explanation {
            findings: seen
                .iter()
                .map(|one| (one.name.to_owned(), one.known.cause.clone()))
                .collect(),
        })
    }

    /// Those of `discrepancies` that no finding explains.
    pub fn left_over(
        &self,
        generator: &str,
        release: &str,
        isa: Isa,
        text: &str,
        discrepancies: &[Discrepancy],
    ) -> Vec<Discrepancy> {
        let seen = self.seen(generator, release, isa, text, discrepancies);
        let left = discrepancies.iter().filter(|d| !is_explained(&seen, d));
        left.cloned().collect()
    }

    /// The findings that show in a program with that text.
    fn seen(
        &self,
        generator: &str,
        release: &str,
        isa: Isa,
        text: &str,
        discrepancies: &[Discrepancy],
    ) -> Vec<Seen<'_>> {
        let code = without_comments(text);
        self.0
            .iter()
            .filter(|(_, known)| known.applies(generator, release, isa))
            .filter(|(_, known)| known.needs.iter().all(|needed| holds(&code, needed)))
            .filter(|(_, known)| discrepancies.iter().any(|d| known.is_primary(d)))
            .map(|(name, known)| Seen {
                name,
                known,
                reach: Reach::of(known.deviates, isa, text),
            })
            .filter(|seen| discrepancies.iter().any(|d| seen.is_primary(d)))
            .collect()
    }
}

/// A finding that shows in a program.
struct Seen<'a> {
    name: &'a str,
    known: &'a Known,
    reach: Reach,
}

impl Seen<'_> {
    fn is_primary(&self, discrepancy: &Discrepancy) -> bool {
        self.known.is_primary(discrepancy) && self.reach.covers(discrepancy)
    }

    fn explains(&self, discrepancy: &Discrepancy) -> bool {
        let is_of_it = self.known.is_primary(discrepancy) || self.known.is_consequence(discrepancy);
        is_of_it && self.reach.covers(discrepancy)
    }
}

fn is_explained(seen: &[Seen], discrepancy: &Discrepancy) -> bool {
    seen.iter().any(|one| one.explains(discrepancy))
}

impl fmt::Display for Explanation {
    /// The findings with the first sentence of each cause.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, cause)) in self.findings.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            let sentence = cause.split_once(". ").map_or(cause.as_str(), |(s, _)| s);
            let sentence = sentence.trim_end_matches('.');
            write!(f, "{separator}{name}: {sentence}")?;
        }
        Ok(())
    }
}

fn read(file: &PathBuf) -> Result<(String, Known), ProgramError> {
    let error = |line: Option<usize>, message: String| ProgramError {
        path: Some(file.clone()),
        line,
        message,
    };
    let text = std::fs::read_to_string(file)
        .map_err(|cause| error(None, format!("cannot read: {cause}")))?;
    let known =
        Known::parse(&text).map_err(|HeaderError { line, message }| error(Some(line), message))?;
    let name = file.file_stem().unwrap_or_default();
    Ok((name.to_string_lossy().into_owned(), known))
}

/// Whether `code` has the text; `*` in it stands for any characters within a line.
fn holds(code: &str, text: &str) -> bool {
    if !text.contains('*') {
        return code.contains(text);
    }
    let glob = format!("*{text}*");
    code.lines().any(|line| glob_matches(&glob, line))
}

/// A program without its comments: what is only spoken of is not there.
fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| line.split(';').next());
    lines
        .map(|line| line.unwrap_or_default().to_owned() + "\n")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::{Check, Subject};

    const VECTORS: &str = "\
; known: generator cranelift
; known: releases 0.135
; known: isa s390x, riscv64gc
; known: check lockstep
; known: subject register v? says \"*over live*\"
; known: consequence state result, hook-log argument 1
; known: needs preserve_all
; known: cause Only half is saved. The save offset is wrong.
";
    const FLOATS: &str = "\
; known: generator cranelift
; known: releases 0.135
; known: isa s390x
; known: check state
; known: subject register f9
; known: cause f9 is missing.
";
    const TEXT: &str = "function %hook(i64) preserve_all {\n";

    fn discrepancy(check: Check, subject: Subject) -> Discrepancy {
        Discrepancy {
            check,
            site: None,
            subject,
            expected: String::new(),
            seen: String::new(),
            scenario: None,
            message: "lost over live site0".to_owned(),
        }
    }

    fn register(check: Check, name: &str) -> Discrepancy {
        discrepancy(check, Subject::Register(name.to_owned()))
    }

    fn findings() -> Findings {
        let parse = |name: &str, text: &str| (name.to_owned(), Known::parse(text).unwrap());
        Findings::new(vec![parse("vectors", VECTORS), parse("floats", FLOATS)])
    }

    fn explain(isa: Isa, text: &str, list: &[Discrepancy]) -> Option<String> {
        let found = findings().explain("cranelift", "0.135.8", isa, text, list);
        found.map(|explanation| explanation.to_string())
    }

    fn v1() -> Discrepancy {
        register(Check::Lockstep, "v1")
    }

    fn result() -> Discrepancy {
        discrepancy(Check::State, Subject::Result(0))
    }

    #[test]
    fn a_primary_with_its_consequences_is_explained_by_name_and_first_sentence() {
        let list = [result(), v1(), register(Check::Lockstep, "v2")];
        let reason = explain(Isa::S390x, TEXT, &list);
        assert_eq!(reason.as_deref(), Some("vectors: Only half is saved"));
    }

    #[test]
    fn several_findings_explain_one_fail_together() {
        let list = [v1(), result(), register(Check::State, "f9")];
        let reason = explain(Isa::S390x, TEXT, &list).unwrap();
        assert_eq!(reason, "floats: f9 is missing; vectors: Only half is saved");
        // The second one does not apply there.
        assert_eq!(explain(Isa::Riscv64gc, TEXT, &list), None);
    }

    #[test]
    fn one_foreign_discrepancy_is_a_fail() {
        for foreign in [
            register(Check::Lockstep, "x1"),
            register(Check::State, "v1"),
            discrepancy(Check::Lockstep, Subject::Stack { start: 0, end: 8 }),
            discrepancy(Check::State, Subject::Exit),
            discrepancy(Check::HookLog, Subject::Argument(0)),
            discrepancy(Check::Vacuity, Subject::Result(0)),
            Discrepancy {
                message: "lost over NOPed site0".to_owned(),
                ..v1()
            },
        ] {
            let list = [v1(), result(), foreign.clone()];
            assert_eq!(explain(Isa::S390x, TEXT, &list), None, "{foreign:?}");
        }
    }

    #[test]
    fn consequences_without_a_primary_are_a_fail() {
        assert_eq!(explain(Isa::S390x, TEXT, &[result()]), None);
        // Nor are they those of another finding.
        let list = [register(Check::State, "f9"), result()];
        assert_eq!(explain(Isa::S390x, TEXT, &list), None);
        assert_eq!(explain(Isa::S390x, TEXT, &[]), None);
    }

    #[test]
    fn a_finding_applies_to_its_generator_release_isa_and_text_only() {
        let explain = |generator: &str, release: &str, isa: Isa, text: &str| {
            let found = findings().explain(generator, release, isa, text, &[v1()]);
            found.is_some()
        };
        assert!(explain("cranelift", "0.135.8", Isa::S390x, TEXT));
        assert!(!explain("backend", "0.135.8", Isa::S390x, TEXT));
        assert!(!explain("cranelift", "0.136.0", Isa::S390x, TEXT));
        assert!(!explain("cranelift", "0.135.8", Isa::X86_64, TEXT));
        assert!(!explain(
            "cranelift",
            "0.135.8",
            Isa::S390x,
            "function %f() tail {"
        ));
        let comment = "; known: needs preserve_all\nfunction %f() ; preserve_all\n";
        assert!(!explain("cranelift", "0.135.8", Isa::S390x, comment));
    }

    #[test]
    fn a_star_in_a_need_stands_for_anything_within_a_line() {
        let code = "fn0 = colocated patchable %f(i64) tail\nfn1 = colocated %f(i64) tail\n";
        assert!(holds(code, "= colocated %*(i64) tail"));
        assert!(holds(code, "patchable*tail") && holds(code, "patchable %f"));
        assert!(!holds(code, "= colocated %*preserve_all"));
        assert!(!holds(code, "patchable*fn1"));
    }

    #[test]
    fn findings_are_read_from_the_folder_with_errors_beside() {
        let folder = tempfile::tempdir().unwrap();
        let (none, errors) = Findings::load(folder.path());
        assert!(none.0.is_empty() && errors.is_empty());
        let known = folder.path().join("known");
        std::fs::create_dir(&known).unwrap();
        std::fs::write(known.join("half.clif"), VECTORS).unwrap();
        std::fs::write(known.join("broken.clif"), "; known: check luck\n").unwrap();
        let (found, errors) = Findings::load(folder.path());
        let names: Vec<&str> = found.0.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["half"]);
        assert!(
            errors[0]
                .to_string()
                .contains("broken.clif:1: unknown check")
        );
        assert_eq!(errors.len(), 1);
    }
}
