//! Text for people: a table of program x ISA, then why whatever did not pass did not.
//!
//! Colours are escape sequences in the text; whoever prints it strips them where they do not
//! belong.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::table::{style, table};
use super::{Summary, short};
use crate::isa::Isa;
use crate::judge::{Judgement, Record};

/// The command that replays a discrepancy of a program's file.
pub type Replay<'a> = &'a dyn Fn(&Record, &str) -> String;

/// The whole report. `isas` are the columns.
pub fn render(records: &[Record], summary: &Summary, isas: &[Isa], replay: Replay) -> String {
    let mut text = String::new();
    if !records.is_empty() {
        text += &table(records, isas);
        text.push('\n');
    }
    text += &reasons(records);
    text += &fails(records, replay);
    text += &super::lacking::render(&summary.lacking);
    text + &counts(summary)
}

/// Each reason for which something is known, unclear or unsupported, with where; also what was left
/// out of programs that have a verdict.
fn reasons(records: &[Record]) -> String {
    let generators: BTreeSet<&str> = records.iter().map(|r| r.generator.as_str()).collect();
    let mut text = String::new();
    for verdict in [
        Judgement::Known,
        Judgement::Inconclusive,
        Judgement::Unsupported,
    ] {
        for of_parts in [false, true] {
            let mut groups: BTreeMap<Cow<str>, Vec<&Record>> = BTreeMap::new();
            for record in records {
                for reason in record.reasons_of(verdict, of_parts) {
                    groups.entry(short(reason)).or_default().push(record);
                }
            }
            let style = style(verdict);
            let what = if of_parts { " in part" } else { "" };
            for (reason, group) in groups {
                let times = match group.len() {
                    1 => String::new(),
                    count => format!(" ({count} times)"),
                };
                let name = verdict.name();
                let _ = writeln!(text, "{style}{name}{what}{style:#}: {reason}{times}");
                text += &places(&group, &generators);
            }
        }
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// A line for each program, and for each of its generators that differ in their ISAs; the generator
/// is named unless it holds for all.
fn places(group: &[&Record], generators: &BTreeSet<&str>) -> String {
    let mut programs: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for record in group {
        let isas = programs.entry(&record.program).or_default();
        isas.entry(&record.generator)
            .or_default()
            .push(record.isa.name());
    }
    let mut text = String::new();
    for (program, isas) in programs {
        let mut alike: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
        for (generator, isas) in isas {
            alike.entry(isas).or_default().push(generator);
        }
        for (isas, from) in alike {
            let _ = write!(text, "    {program} on {}", isas.join(", "));
            if from.len() < generators.len() {
                let _ = write!(text, " from {}", from.join(", "));
            }
            text.push('\n');
        }
    }
    text
}

/// Discrepancies shown of one verdict; the first ones tell the most.
const MOST_SHOWN: usize = 6;

/// Every fail. Those of one program for one reason stand together.
fn fails(records: &[Record], replay: Replay) -> String {
    let style = style(Judgement::Fail);
    let mut text = String::new();
    let mut rest: Vec<&Record> = records
        .iter()
        .filter(|r| r.verdict == Judgement::Fail)
        .collect();
    while let Some(&first) = rest.first() {
        let same = |r: &&Record| {
            (&r.program, &r.generator, &r.reason)
                == (&first.program, &first.generator, &first.reason)
        };
        let (group, others): (Vec<&Record>, Vec<&Record>) = rest.into_iter().partition(same);
        rest = others;
        let isas: Vec<&str> = group.iter().map(|r| r.isa.name()).collect();
        let (program, generator) = (&first.program, &first.generator);
        let isas = isas.join(", ");
        let _ = writeln!(
            text,
            "{style}FAIL{style:#} {program} on {isas} from {generator}"
        );
        text += &details(first, replay);
        text.push('\n');
    }
    text
}

fn details(record: &Record, replay: Replay) -> String {
    let mut text = String::new();
    // A refusal or a finding that is gone has no discrepancies, but a reason.
    if let (Some(reason), []) = (&record.reason, record.discrepancies.as_slice()) {
        let _ = writeln!(text, "    {reason}");
    }
    for discrepancy in record.discrepancies.iter().take(MOST_SHOWN) {
        let _ = write!(text, "    {}", discrepancy.check);
        if let Some(site) = discrepancy.site {
            let _ = write!(text, " at {site}");
        }
        if let Some(scenario) = &discrepancy.scenario {
            let _ = write!(text, ", scenario {scenario}");
        }
        let _ = writeln!(text, ":\n        {}", discrepancy.message);
        for (word, value) in [
            ("expected", &discrepancy.expected),
            ("seen    ", &discrepancy.seen),
        ] {
            if !discrepancy.message.contains(value.as_str()) {
                let _ = writeln!(text, "        {word} {value}");
            }
        }
        if let Some(scenario) = &discrepancy.scenario {
            let _ = writeln!(text, "        replay   {}", replay(record, scenario));
        }
    }
    if let more @ 1.. = record.discrepancies.len().saturating_sub(MOST_SHOWN) {
        let _ = writeln!(text, "    and {more} more, all of them in --json");
    }
    text
}

fn counts(summary: &Summary) -> String {
    let mut parts = Vec::new();
    for (count, what) in [
        (summary.pass, "pass"),
        (summary.fail, "fail"),
        (summary.known, "known"),
        (summary.inconclusive, "inconclusive (unclear)"),
        (summary.unsupported, "unsupported (-)"),
        (summary.in_part, "of them in part"),
        (summary.bad_inputs, "bad input"),
        (summary.suite_failures, "failure of the suite"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    if parts.is_empty() {
        parts.push("nothing to judge".to_owned());
    }
    let plural = if summary.programs == 1 { "" } else { "s" };
    format!(
        "{} program{plural}: {}; {:.1} s\n",
        summary.programs,
        parts.join(", "),
        summary.seconds
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::{Check, Discrepancy, Subject};
    use std::time::Duration;

    fn record(program: &str, isa: Isa, verdict: Judgement, reason: Option<&str>) -> Record {
        Record {
            program: program.into(),
            isa,
            generator: "cranelift@0.135.8".into(),
            verdict,
            reason: reason.map(str::to_owned),
            sites: 1,
            scenarios: 3,
            runs: 5,
            hook_hits: 2,
            left_out: Vec::new(),
            discrepancies: Vec::new(),
        }
    }

    fn plain(records: &[Record]) -> String {
        let summary = Summary::of(records, Duration::from_millis(1500));
        let text = render(
            records,
            &summary,
            &[Isa::X86_64, Isa::S390x],
            &|_, scenario| format!("again {scenario}"),
        );
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn the_table_has_a_row_a_program_and_a_column_an_isa() {
        let text = plain(&[
            record("pass/a", Isa::X86_64, Judgement::Pass, None),
            record(
                "pass/a",
                Isa::S390x,
                Judgement::Unsupported,
                Some("too new"),
            ),
        ]);
        let words = |line: &str| {
            line.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let lines: Vec<_> = text.lines().map(words).collect();
        assert_eq!(lines[0], ["cranelift@0.135.8", "x86_64", "s390x"]);
        assert_eq!(lines[1], ["pass/a", "pass", "-"]);
        assert!(
            text.contains("unsupported: too new\n    pass/a on s390x\n"),
            "{text}"
        );
        assert!(
            text.ends_with("1 program: 1 pass, 1 unsupported (-); 1.5 s\n"),
            "{text}"
        );
    }

    #[test]
    fn a_generator_is_named_where_another_one_does_otherwise() {
        let of = |isa, generator: &str, verdict, reason| Record {
            generator: generator.into(),
            ..record("pass/a", isa, verdict, reason)
        };
        let (no, yes) = (Judgement::Unsupported, Judgement::Pass);
        let (new, far) = (Some("too new"), Some("too far"));
        let text = plain(&[
            of(Isa::X86_64, "one", no, new),
            of(Isa::X86_64, "two", no, new),
            of(Isa::S390x, "one", yes, None),
            of(Isa::S390x, "two", no, far),
        ]);
        assert!(
            text.contains("too new (2 times)\n    pass/a on x86_64\n"),
            "{text}"
        );
        assert!(
            text.contains("too far\n    pass/a on s390x from two\n"),
            "{text}"
        );
    }

    #[test]
    fn a_fail_says_what_where_and_how_to_replay_it() {
        let mut fail = record("pass/a", Isa::S390x, Judgement::Fail, Some("x"));
        fail.discrepancies.push(Discrepancy {
            check: Check::Lockstep,
            site: Some(crate::program::SiteId(2)),
            subject: Subject::Register("v8".into()),
            expected: "0x1".into(),
            seen: "0x2".into(),
            scenario: Some("nopped:0".into()),
            message: "v8 is lost".into(),
        });
        let text = plain(&[fail]);
        for part in [
            "FAIL pass/a on s390x from cranelift@0.135.8",
            "lockstep at site2, scenario nopped:0:",
            "v8 is lost",
            "expected 0x1",
            "seen     0x2",
            "replay   again nopped:0",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }
}
