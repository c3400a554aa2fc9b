//! The page of all findings, `docs/findings.md`: what each shows, where, in which releases as
//! measured, and why. It is made of `corpus/known/` and the table beside it, and of nothing else.

use std::fmt::Write;

use crate::corpus::{Case, Expectation, Known};
use crate::history::{Cell, Measured};
use crate::isa::Isa;

/// A finding, as the page and the reports tell it.
pub struct Finding<'a> {
    /// Name of its file.
    pub name: &'a str,
    /// What it shows, in the file's first words.
    pub title: String,
    /// What its header says.
    pub known: &'a Known,
    /// The program.
    pub text: &'a str,
}

impl<'a> Finding<'a> {
    /// The finding of a case; `None` if it is none.
    pub fn of(case: &'a Case) -> Option<Finding<'a>> {
        let (Expectation::Known(known), Ok(program)) = (&case.expectation, &case.program) else {
            return None;
        };
        Some(Finding {
            name: case.name(),
            title: title(&program.text),
            known,
            text: &program.text,
        })
    }

    /// Whether any release of `measured` other than the newest, or the newest, shows it.
    pub fn shows_in_newest(&self, measured: &Measured) -> bool {
        let newest = measured.releases.last().map(String::as_str);
        let mut cells = self.cells(measured);
        cells.any(|(release, cell)| Some(release) == newest && cell == Cell::Shows)
    }

    fn cells<'m>(&'m self, measured: &'m Measured) -> impl Iterator<Item = (&'m str, Cell)> {
        let isas = self.known.isas.iter();
        isas.flat_map(|isa| measured.cells(self.name, *isa))
    }

    /// The program without the lines of the finding's header.
    pub fn program(&self) -> String {
        let lines = self.text.lines();
        let lines = lines.skip_while(|line| line.starts_with(';') || line.is_empty());
        lines.map(|line| format!("{line}\n")).collect()
    }
}

/// The comment that a file opens with, up to its `; known:` lines.
fn title(text: &str) -> String {
    let comments = text.lines().map_while(|line| line.strip_prefix(';'));
    let words = comments
        .map(str::trim)
        .take_while(|words| !words.starts_with("known:"));
    words.collect::<Vec<_>>().join(" ")
}

const HEAD: &str = "\
# Findings

What the suite has found in released code generators, by a program each. This page and the reports
beside it are made by `ci/findings` from the programs' headers and from the table of what each
release does with them, `corpus/known/measured.tsv`, which `ci/releases` measures again; nothing on
it is written by hand. [docs/releases.md](releases.md) tells how releases are built in.

";

/// The page. `reports` says which findings have a report of their own.
pub fn page(
    findings: &[Finding],
    measured: &Measured,
    reports: &dyn Fn(&Finding) -> bool,
) -> String {
    let mut page = HEAD.to_owned();
    let newest = measured.releases.last().map_or("", String::as_str);
    let _ = writeln!(
        page,
        "{} findings in Cranelift; {} of them are in the newest release measured, {newest}.\n",
        findings.len(),
        findings
            .iter()
            .filter(|f| f.shows_in_newest(measured))
            .count(),
    );
    page += "| finding | ISA | check | releases |\n|---|---|---|---|\n";
    for finding in findings {
        let Known { isas, checks, .. } = finding.known;
        let checks: Vec<&str> = checks.iter().map(|check| check.name()).collect();
        let name = finding.name;
        let _ = writeln!(
            page,
            "| [{name}](#{name}) | {} | {} | {} |",
            names(isas),
            checks.join(", "),
            all_releases(finding, measured).join("; "),
        );
    }
    for finding in findings {
        page += &section(finding, measured, reports(finding));
    }
    page
}

fn section(finding: &Finding, measured: &Measured, has_report: bool) -> String {
    let (name, known) = (finding.name, finding.known);
    let mut text = format!("\n## {name}\n\n{}\n\n", finding.title);
    for releases in all_releases(finding, measured) {
        let _ = writeln!(text, "- Releases: {releases}");
    }
    let checks: Vec<&str> = known.checks.iter().map(|check| check.name()).collect();
    let _ = writeln!(text, "- Caught by: {}", checks.join(", "));
    let _ = writeln!(
        text,
        "- Reproducer: [corpus/known/{name}.clif](../corpus/known/{name}.clif)"
    );
    for address in &known.upstream {
        let _ = writeln!(text, "- Upstream: {address}");
    }
    if has_report {
        let _ = writeln!(
            text,
            "- Report: [docs/reports/{name}.md](reports/{name}.md)"
        );
    }
    let _ = writeln!(text, "\n{}", known.cause);
    if let Some(fix) = &known.fix {
        let _ = writeln!(text, "\nSuggested fix: {fix}");
    }
    text
}

/// Names of ISAs, with commas.
pub fn names(isas: &[Isa]) -> String {
    let names: Vec<&str> = isas.iter().map(|isa| isa.name()).collect();
    names.join(", ")
}

/// In which releases the finding shows, one text for ISAs that do not differ.
pub fn all_releases(finding: &Finding, measured: &Measured) -> Vec<String> {
    let mut groups: Vec<(Vec<Isa>, String)> = Vec::new();
    for &isa in &finding.known.isas {
        let text = releases(&measured.cells(finding.name, isa));
        match groups.iter_mut().find(|(_, other)| *other == text) {
            Some((isas, _)) => isas.push(isa),
            None => groups.push((vec![isa], text)),
        }
    }
    match groups.as_slice() {
        [(_, text)] => vec![text.clone()],
        several => several
            .iter()
            .map(|(isas, text)| format!("{text} on {}", names(isas)))
            .collect(),
    }
}

/// The releases that show it as ranges, and those that say nothing.
fn releases(cells: &[(&str, Cell)]) -> String {
    let mut text = ranges(cells, Cell::Shows);
    if text.is_empty() {
        text.push_str("none");
    }
    for (cell, words) in [
        (Cell::Unknown, "not covered by"),
        (Cell::Other, "fails otherwise in"),
    ] {
        let list = ranges(cells, cell);
        if !list.is_empty() {
            let _ = write!(text, " ({words} {list})");
        }
    }
    text
}

fn ranges(cells: &[(&str, Cell)], wanted: Cell) -> String {
    let mut ranges: Vec<String> = Vec::new();
    for run in cells.chunk_by(|a, b| (a.1 == wanted) == (b.1 == wanted)) {
        if let [(first, cell), ..] = run
            && *cell == wanted
            && let Some((last, _)) = run.last()
        {
            ranges.push(match first == last {
                true => (*first).to_owned(),
                false => format!("{first} to {last}"),
            });
        }
    }
    ranges.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_told_as_ranges() {
        use Cell::{Other, Passes, Shows, Unknown};
        let cells = |list: &[Cell]| {
            let numbers = ["1", "2", "3", "4", "5"];
            let cells: Vec<(&str, Cell)> = numbers.into_iter().zip(list.iter().copied()).collect();
            releases(&cells)
        };
        assert_eq!(cells(&[Shows, Shows, Passes, Shows, Passes]), "1 to 2, 4");
        assert_eq!(cells(&[Unknown, Shows, Shows]), "2 to 3 (not covered by 1)");
        assert_eq!(cells(&[Passes, Other]), "none (fails otherwise in 2)");
    }

    #[test]
    fn the_title_is_what_stands_above_the_header() {
        assert_eq!(title("; A b\n; c.\n; known: isa s390x\n; d"), "A b c.");
    }
}
