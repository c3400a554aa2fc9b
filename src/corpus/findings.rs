//! All findings together: whether what a program shows is nothing but what is known.
//!
//! A bug of a code generator does not stay in the program that shows it best: it fails in every
//! program that meets its conditions. A fail is known if every discrepancy of it is explained,
//! each by some finding: as primary, by a finding's check and subject, or, of a finding that has a
//! primary in the same fail, as a consequence or as the aftermath of a site that shows it; and of a
//! finding about an ABI's rule only where the rule reaches. One discrepancy that is left over makes
//! all of it a fail, so that no bug hides behind another.

use std::cell::{LazyCell, OnceCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use super::aftermath::{Aftermath, reached_from};
use super::known::Known;
use super::pattern::glob_matches;
use super::reach::Reach;
use super::{HeaderError, find};
use crate::isa::Isa;
use crate::oracle::Discrepancy;
use crate::program::{Program, ProgramError, SiteId};

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
        let all = !seen.is_empty() && discrepancies.iter().all(|d| is_explained(isa, &seen, d));
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
        let left = discrepancies
            .iter()
            .filter(|d| !is_explained(isa, &seen, d));
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
        let code = LazyCell::new(|| without_comments(text));
        let applying: Vec<&(String, Known)> = self
            .0
            .iter()
            .filter(|(_, known)| known.applies(generator, release, isa))
            .filter(|(_, known)| discrepancies.iter().any(|d| known.is_primary(d)))
            .filter(|(_, known)| known.needs.iter().all(|needed| holds(&code, needed)))
            .collect();
        // What another finding shows by itself does not crowd a site.
        let only_of = |name: &str| {
            let others = || applying.iter().filter(|(other, _)| other != name);
            let shows = |known: &Known, d| known.is_primary(d) && !known.is_lone(d);
            let left = discrepancies.iter();
            left.filter(|d| !others().any(|(_, known)| shows(known, d)))
                .cloned()
                .collect::<Vec<_>>()
        };
        // Only programs have discrepancies, but for those of tests.
        let program = OnceCell::new();
        let program = || program.get_or_init(|| Program::parse("finding", text).ok());
        applying
            .iter()
            .map(|(name, known)| {
                let alone = match known.lone.is_empty() {
                    true => Vec::new(),
                    false => only_of(name),
                };
                let crowded = crowded(known, &alone, program().as_ref());
                Seen::new(name, known, isa, program().as_ref(), discrepancies, crowded)
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
    /// Sites at which too much is wrong for the finding.
    crowded: BTreeSet<Option<SiteId>>,
    aftermath: Aftermath,
}

impl<'a> Seen<'a> {
    fn new(
        name: &'a str,
        known: &'a Known,
        isa: Isa,
        program: Option<&Program>,
        discrepancies: &[Discrepancy],
        crowded: BTreeSet<Option<SiteId>>,
    ) -> Seen<'a> {
        let mut seen = Seen {
            name,
            known,
            reach: Reach::of(known.deviates, isa, program),
            crowded,
            aftermath: Aftermath::default(),
        };
        let primary = discrepancies.iter().filter(|d| seen.is_primary(d));
        let sites = primary.filter_map(|d| d.site).collect();
        seen.aftermath = Aftermath::of(known.derails, sites, program);
        seen
    }

    fn is_primary(&self, discrepancy: &Discrepancy) -> bool {
        let fits = !self.known.is_lone(discrepancy) || !self.crowded.contains(&discrepancy.site);
        fits && self.known.is_primary(discrepancy) && self.reach.covers(discrepancy)
    }

    fn explains(&self, discrepancy: &Discrepancy) -> bool {
        let follows = self.known.is_consequence(discrepancy) || self.aftermath.excuses(discrepancy);
        self.is_primary(discrepancy) || (follows && self.reach.covers(discrepancy))
    }
}

/// Sites with more discrepancies of the lone ones than functions that could each make one: the hook,
/// and what it runs that has the hook's convention and so saves the same registers.
fn crowded(
    known: &Known,
    discrepancies: &[Discrepancy],
    program: Option<&Program>,
) -> BTreeSet<Option<SiteId>> {
    let mut subjects = BTreeMap::<_, BTreeSet<_>>::new();
    for one in discrepancies {
        if known.is_primary(one) && known.is_lone(one) {
            subjects.entry(one.site).or_default().insert(&one.subject);
        }
    }
    let room = |site: Option<SiteId>| site.zip(program).map_or(1, |(site, p)| savers(p, site));
    subjects.retain(|site, of_site| of_site.len() > 1 && of_site.len() > room(*site));
    subjects.into_keys().collect()
}

/// How many functions of the convention of a site's hook a call of the hook may run.
fn savers(program: &Program, site: SiteId) -> usize {
    let interface = &program.interface;
    let Some(site) = interface.sites.get(site.0 as usize) else {
        return 1;
    };
    let conv = |function: u32| {
        let decl = interface.functions.get(function as usize);
        decl.map(|decl| decl.signature.call_conv)
    };
    let reached = reached_from(program, site.hook);
    let same = |function: &&u32| conv(**function) == conv(site.hook);
    reached.iter().filter(same).count()
}

fn is_explained(isa: Isa, seen: &[Seen], discrepancy: &Discrepancy) -> bool {
    !is_crash_of_suite(isa, discrepancy) && seen.iter().any(|one| one.explains(discrepancy))
}

/// Whether a line of `code` holds `needed`, a glob, or several with `|` between them.
fn holds(code: &str, needed: &str) -> bool {
    needed.split('|').map(str::trim).any(|glob| {
        if !glob.contains(['*', '?']) {
            return code.contains(glob);
        }
        let glob = format!("*{glob}*");
        code.lines().any(|line| glob_matches(&glob, line))
    })
}

/// A crash of the machine's process that no miscompiled program can bring about: only Pulley's
/// interpreter lets the guest at the host's memory, and even there the guest exits with no code.
fn is_crash_of_suite(isa: Isa, discrepancy: &Discrepancy) -> bool {
    let crash = discrepancy.seen.strip_prefix("crashed: ");
    crash.is_some_and(|cause| !isa.is_pulley() || !cause.starts_with("killed by "))
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

/// A program without its comments: what is only spoken of is not there.
fn without_comments(text: &str) -> String {
    let lines = text.lines().map(|line| line.split(';').next());
    lines
        .map(|line| line.unwrap_or_default().to_owned() + "\n")
        .collect()
}

#[cfg(test)]
mod tests;
