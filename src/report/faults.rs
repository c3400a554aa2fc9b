//! What came of faults that were injected on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::Duration;

use crate::fault::{Class, Fault, Outcome, Report, Row};
use crate::isa::Isa;
use crate::oracle::Check;

/// Registers and the like that a line names before it counts the rest.
const NAMED: usize = 12;

/// One JSON object a line.
pub fn json(report: &Report) -> String {
    let lines = report
        .rows
        .iter()
        .filter_map(|row| serde_json::to_string(row).ok());
    lines.map(|line| line + "\n").collect()
}

/// The catalogue in words.
pub fn list(catalogue: &[Fault]) -> String {
    let mut text = String::new();
    for class in Class::ALL {
        let _ = writeln!(text, "{class}");
        for fault in catalogue.iter().filter(|fault| fault.class == class) {
            let _ = writeln!(
                text,
                "    {} ({:?}): {}",
                fault.name, fault.means, fault.bug
            );
        }
    }
    text
}

/// The table and what is behind it.
pub fn text(report: &Report, catalogue: &[Fault], elapsed: Duration) -> String {
    let mut text = String::new();
    for generator in generators(report) {
        let own: Vec<&Row> = report
            .rows
            .iter()
            .filter(|row| row.generator == generator)
            .collect();
        let _ = writeln!(text, "{}", table(&generator, &own));
        let _ = writeln!(text, "{}", oracles(&own));
    }
    text.push_str(&survivors(report));
    text.push_str(&elsewhere(report));
    text.push_str(&summary(report, catalogue, elapsed));
    text
}

fn generators(report: &Report) -> Vec<String> {
    let names: BTreeSet<&String> = report.rows.iter().map(|row| &row.generator).collect();
    names.into_iter().cloned().collect()
}

fn isas(rows: &[&Row]) -> Vec<Isa> {
    let isas: BTreeSet<Isa> = rows.iter().map(|row| row.isa).collect();
    isas.into_iter().collect()
}

/// Whether an instance is one that an oracle must catch.
fn counts(row: &Row) -> bool {
    matches!(
        row.outcome,
        Outcome::Caught { .. } | Outcome::Survived { .. } | Outcome::Broken { .. }
    )
}

fn programs(row: &Row) -> Option<usize> {
    match &row.outcome {
        Outcome::Caught { programs, .. } => Some(*programs),
        _ => None,
    }
}

fn median(mut list: Vec<usize>) -> Option<usize> {
    list.sort_unstable();
    list.get(list.len() / 2).copied()
}

/// Caught of all, and the median and most programs until caught, for each class and ISA.
fn table(generator: &str, rows: &[&Row]) -> String {
    let isas = isas(rows);
    let mut text = format!("| {generator} |");
    for isa in &isas {
        let _ = write!(text, " {isa} |");
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat(isas.len()));
    for class in Class::ALL {
        if !rows.iter().any(|row| row.class == class) {
            continue;
        }
        let _ = write!(text, "\n| {class} |");
        for isa in &isas {
            let own = rows
                .iter()
                .filter(|row| row.class == class && row.isa == *isa);
            let own: Vec<&&Row> = own.filter(|row| counts(row)).collect();
            let caught: Vec<usize> = own.iter().filter_map(|row| programs(row)).collect();
            let most = caught.iter().max().copied();
            let (all, done) = (own.len(), caught.len());
            match (median(caught), most) {
                (Some(median), Some(most)) => {
                    let _ = write!(text, " {done}/{all}, {median}, {most} |");
                }
                _ => {
                    let _ = write!(text, " {done}/{all} |");
                }
            }
        }
    }
    text.push_str("\n\nCaught of all, the median of programs until caught, and the most.\n");
    text
}

/// What each oracle catches, and what nobody else does in the same program.
fn oracles(rows: &[&Row]) -> String {
    let mut all: BTreeMap<Check, usize> = BTreeMap::new();
    let mut alone: BTreeMap<Check, BTreeSet<&str>> = BTreeMap::new();
    let mut alone_count: BTreeMap<Check, usize> = BTreeMap::new();
    for row in rows {
        let Outcome::Caught { by, .. } = &row.outcome else {
            continue;
        };
        for check in by {
            *all.entry(*check).or_default() += 1;
        }
        if let [only] = by[..] {
            alone.entry(only).or_default().insert(row.fault);
            *alone_count.entry(only).or_default() += 1;
        }
    }
    let mut text = String::from(
        "| oracle | catches | alone | faults that it alone caught |\n|---|---|---|---|\n",
    );
    for check in Check::ALL {
        let number = |map: &BTreeMap<Check, usize>| map.get(&check).copied().unwrap_or(0);
        let names: Vec<&str> = alone.get(&check).into_iter().flatten().copied().collect();
        let _ = writeln!(
            text,
            "| {check} | {} | {} | {} |",
            number(&all),
            number(&alone_count),
            shortened(&names)
        );
    }
    text
}

fn shortened(names: &[&str]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let mut text = names[..names.len().min(NAMED)].join(", ");
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}

fn survivors(report: &Report) -> String {
    let mut text = String::new();
    for row in &report.rows {
        let place = format!(
            "{} of {} on {} {}",
            row.fault, row.generator, row.isa, row.instance
        );
        match &row.outcome {
            Outcome::Survived {
                placed,
                programs,
                nearest,
            } => {
                let _ = writeln!(
                    text,
                    "SURVIVED {}: in {placed} of {programs} programs",
                    place.trim_end()
                );
                if let Some((program, how)) = nearest {
                    let _ = writeln!(text, "    nearest {program}: {how}");
                }
            }
            Outcome::Broken { message } => {
                let _ = writeln!(text, "BROKEN {}: {message}", place.trim_end());
            }
            _ => {}
        }
    }
    text
}

/// Whether no program of any generator in the report has a place for the row's instance.
fn is_nowhere(report: &Report, row: &Row) -> bool {
    if !matches!(row.outcome, Outcome::NoPlace { .. }) {
        return false;
    }
    let key = (row.isa, row.fault, &row.instance);
    let mut same = report
        .rows
        .iter()
        .filter(|other| (other.isa, other.fault, &other.instance) == key);
    same.all(|other| matches!(other.outcome, Outcome::NoPlace { .. }))
}

/// What is no fault to catch, or is nowhere, each with its reason, instances and ISAs together.
fn elsewhere(report: &Report) -> String {
    let mut reasons: BTreeMap<(&str, &str, String), BTreeMap<String, Vec<&str>>> = BTreeMap::new();
    for row in &report.rows {
        let (what, reason) = match &row.outcome {
            Outcome::Equivalent { reason } => ("equivalent", reason.clone()),
            Outcome::Never { reason } => ("not there", reason.clone()),
            Outcome::NoPlace { programs } if is_nowhere(report, row) => (
                "no place anywhere",
                format!("none of {programs} programs has a place for it"),
            ),
            Outcome::NoPlace { programs } => (
                "no place",
                format!("none of {programs} programs has a place for it, another generator's have"),
            ),
            _ => continue,
        };
        let place = format!("{} of {}", row.isa, row.generator);
        let isas = reasons.entry((what, row.fault, reason)).or_default();
        isas.entry(place).or_default().push(&row.instance);
    }
    let mut text = String::new();
    for ((what, fault, reason), places) in reasons {
        let _ = writeln!(text, "{what}: {fault}: {reason}");
        for (place, instances) in places {
            let named: Vec<&str> = instances.into_iter().filter(|i| !i.is_empty()).collect();
            let _ = writeln!(text, "    {place} {}", shortened(&named));
        }
    }
    text
}

fn summary(report: &Report, catalogue: &[Fault], elapsed: Duration) -> String {
    let of = |wanted: fn(&Outcome) -> bool| {
        let rows = report.rows.iter();
        rows.filter(|row| wanted(&row.outcome)).count()
    };
    let subjects: Vec<String> = report
        .subjects
        .iter()
        .map(|((generator, isa), count)| format!("{count} on {isa} of {generator}"))
        .collect();
    let nowhere = report.rows.iter().filter(|row| is_nowhere(report, row));
    format!(
        "\n{} faults, {} instances: {} caught, {} survived, {} equivalent, {} without a place ({} \
         of them without one from any generator), {} not there, {} broken; programs: {}; {:.1} s\n",
        catalogue.len(),
        report.rows.len(),
        of(|o| matches!(o, Outcome::Caught { .. })),
        of(|o| matches!(o, Outcome::Survived { .. })),
        of(|o| matches!(o, Outcome::Equivalent { .. })),
        of(|o| matches!(o, Outcome::NoPlace { .. })),
        nowhere.count(),
        of(|o| matches!(o, Outcome::Never { .. })),
        of(|o| matches!(o, Outcome::Broken { .. })),
        subjects.join(", "),
        elapsed.as_secs_f64()
    )
}
