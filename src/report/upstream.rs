//! The report of a finding as it could be filed with the people who make the generator: it needs
//! nothing of this suite to be understood.

use std::fmt::Write;

use super::findings::{Finding, all_releases, names};
use crate::history::Measured;
use crate::isa::Isa;
use crate::oracle::Discrepancy;

/// What the newest release does with a finding's program on one ISA.
pub struct Seen {
    /// The ISA.
    pub isa: Isa,
    /// The code, or what came instead.
    pub listing: String,
    /// What is wrong.
    pub discrepancies: Vec<Discrepancy>,
}

/// Discrepancies told of one ISA; the first ones tell the most.
const MOST_TOLD: usize = 4;
/// Lines of code shown of one ISA.
const MOST_LINES: usize = 120;

/// The report. Code is shown of the first ISA, what is wrong of all.
pub fn report(finding: &Finding, measured: &Measured, seen: &[Seen]) -> String {
    let newest = measured.releases.last().map_or("", String::as_str);
    let isas = names(&finding.known.isas);
    let mut text = format!("# {}\n\n", finding.title.trim_end_matches('.'));
    let _ = writeln!(text, "Cranelift {newest} on {isas}.\n\n## Program\n");
    let _ = write!(text, "```\n{}```\n\n", finding.program());
    text += "## What is seen\n\n";
    for Seen {
        isa, discrepancies, ..
    } in seen
    {
        let _ = writeln!(text, "On {isa}:\n");
        for discrepancy in discrepancies.iter().take(MOST_TOLD) {
            let scenario = discrepancy.scenario.as_ref();
            let scenario = scenario.map_or_else(String::new, |s| format!(" (sites {})", words(s)));
            let _ = writeln!(text, "- {}{scenario}", with_paths(&discrepancy.message));
            if !discrepancy.message.contains(&discrepancy.expected) {
                let _ = writeln!(text, "  - expected: {}", with_paths(&discrepancy.expected));
            }
            if !discrepancy.message.contains(&discrepancy.seen) {
                let _ = writeln!(text, "  - seen: {}", with_paths(&discrepancy.seen));
            }
        }
        text.push('\n');
    }
    if let Some(first) = seen.first() {
        let _ = writeln!(text, "## What is emitted on {}\n\n```", first.isa);
        let lines: Vec<&str> = first.listing.lines().collect();
        for line in lines.iter().take(MOST_LINES) {
            let _ = writeln!(text, "{}", with_paths(line));
        }
        if lines.len() > MOST_LINES {
            let _ = writeln!(text, "({} more lines)", lines.len() - MOST_LINES);
        }
        text += "```\n\n";
    }
    let _ = writeln!(text, "## Cause\n\n{}\n", finding.known.cause);
    if let Some(fix) = &finding.known.fix {
        let _ = writeln!(text, "## Suggested fix\n\n{fix}\n");
    }
    text += "## Releases\n\n";
    for releases in all_releases(finding, measured) {
        let _ = writeln!(text, "Measured: {releases}.");
    }
    for address in &finding.known.upstream {
        let _ = writeln!(text, "\nSee {address}.");
    }
    let _ = write!(
        text,
        "\n## To see it\n\nThe program is [corpus/known/{0}.clif](../../corpus/known/{0}.clif) of \
         patchproof:\n\n    patchproof verify corpus/known/{0}.clif --generator cranelift\n    \
         patchproof bisect corpus/known/{0}.clif\n",
        finding.name,
    );
    text
}

/// A scenario as somebody says it who does not know its name.
fn words(scenario: &str) -> String {
    match scenario.split_once(':') {
        Some(("nopped", list)) => format!("{list} filled with NOPs, the others live"),
        _ if scenario == "nopped" => "all filled with NOPs".to_owned(),
        _ if scenario == "live" => "all live".to_owned(),
        _ => scenario.to_owned(),
    }
}

/// Paths of a panic as they are in Wasmtime's repository.
fn with_paths(text: &str) -> String {
    text.replace(" at src/", " at cranelift/codegen/src/")
}
