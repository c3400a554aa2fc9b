//! What a campaign prints at its end: findings first, then figures.

use std::fmt::Write;

use comfy_table::{CellAlignment, Table, presets};

use crate::campaign::{
    Finding, Group, Header, Merged, Plan, Record, Report, Shard, Tally, Verdict,
};
use crate::timing::Phase;

/// Pairs of traits never seen together that are named; the table counts them all.
const PAIRS: usize = 10;

/// The report of a campaign.
pub fn render(plan: &Plan, report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        text += &fail(plan, finding);
    }
    text += &groups(&report.tally);
    text += &table(&report.tally);
    text += &report.tally.coverage.render(PAIRS);
    text += &shares(report);
    let seconds = report.elapsed.as_secs_f64().max(0.001);
    let interrupted = if report.interrupted {
        "interrupted; "
    } else {
        ""
    };
    let Plan {
        seed, shard, jobs, ..
    } = plan;
    let _infallible = writeln!(
        text,
        "{interrupted}seed {seed}, shard {shard}: {} programs, {} of them in {seconds:.1} s with \
         {jobs} jobs: {:.1} programs/s, {:.0} programs x ISA a second",
        report.tally.programs,
        report.judged,
        report.judged as f64 / seconds,
        report.records as f64 / seconds,
    );
    text
}

/// The report of merged shards.
pub fn render_merged(merged: &Merged) -> String {
    let mut text = String::new();
    for (name, group) in merged.tally.groups_of(Verdict::Fail) {
        let Group { count, first } = group;
        let _infallible = writeln!(text, "FAIL {name}\n    {}", times(*count, first));
        if let Some(header) = &merged.header {
            let _infallible = writeln!(text, "    replay   {}", again(header, first));
        }
    }
    text += &groups(&merged.tally);
    text += &table(&merged.tally);
    text += &merged.tally.coverage.render(PAIRS);
    if let Some(header) = &merged.header {
        let Header { seed, shard, .. } = header;
        let (count, programs) = (shard.count(), merged.tally.programs);
        let _infallible = writeln!(text, "seed {seed}, {count} shards: {programs} programs");
    }
    text
}

fn fail(plan: &Plan, finding: &Finding) -> String {
    let Finding {
        signature,
        first,
        count,
        file,
        reduced,
    } = finding;
    let mut text = format!("FAIL {signature}\n    {}\n", times(*count, first));
    if let Some(reason) = &first.reason {
        let _infallible = writeln!(text, "    {reason}");
    }
    let replay = match (reduced, file) {
        (Some((file, runs)), original) => {
            if let Some(original) = original {
                let _infallible = writeln!(text, "    program  {}", original.display());
            }
            let _infallible = writeln!(text, "    reduced in {runs} runs");
            verify(plan, first, &file.display().to_string())
        }
        (None, Some(file)) => verify(plan, first, &file.display().to_string()),
        (None, None) => again(&Header::of(plan), first),
    };
    let _infallible = writeln!(text, "    replay   {replay}");
    text
}

/// Check 8 compares ISAs, so that it needs them all.
fn verify(plan: &Plan, first: &Record, file: &str) -> String {
    let signature = first.signature.as_deref().unwrap_or_default();
    let isas: Vec<&str> = if signature.contains(" agreement: ") {
        plan.isas.iter().map(|isa| isa.name()).collect()
    } else {
        vec![first.isa.name()]
    };
    let (isas, generator) = (isas.join(","), &first.generator);
    format!("patchproof verify {file} --isa {isas} --generator {generator}")
}

/// The campaign of that program alone.
fn again(header: &Header, first: &Record) -> String {
    let isas: Vec<&str> = header.isas.iter().map(|isa| isa.name()).collect();
    format!(
        "patchproof campaign --seed {} --programs {} --shard {} --isa {} --generator {} --out DIR",
        header.seed,
        first.program.saturating_add(1),
        Shard::of_one(first.program),
        isas.join(","),
        first.generator,
    )
}

fn times(count: u64, first: &Record) -> String {
    let times = if count == 1 { "once" } else { "times" };
    match count {
        1 => format!("{times}, by program {}", first.program),
        _ => format!("{count} {times}, first by program {}", first.program),
    }
}

/// What is no news, and what could not be told: a line each.
fn groups(tally: &Tally) -> String {
    let mut text = String::new();
    for verdict in [
        Verdict::Broken,
        Verdict::Known,
        Verdict::Inconclusive,
        Verdict::Unsupported,
    ] {
        for (name, Group { count, first }) in tally.groups_of(verdict) {
            let (verdict, times) = (verdict.name(), times(*count, first));
            let why = first.reason.as_deref().filter(|why| *why != name);
            let why = why.map_or_else(String::new, |why| format!(" ({why})"));
            let _infallible = writeln!(text, "{verdict}: {name}{why}: {times}");
        }
    }
    text
}

fn table(tally: &Tally) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let names = Verdict::ALL.iter().map(|verdict| verdict.name());
    table.set_header(std::iter::once("").chain(names));
    for (isa, counts) in &tally.counts {
        let counts = Verdict::ALL
            .iter()
            .map(|verdict| counts.of(*verdict).to_string());
        table.add_row(std::iter::once(isa.name().to_owned()).chain(counts));
    }
    let totals = Verdict::ALL
        .iter()
        .map(|verdict| tally.of(*verdict).to_string());
    table.add_row(std::iter::once("all".to_owned()).chain(totals));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{table}\n")
}

/// Where the time went, in parts of a hundred.
fn shares(report: &Report) -> String {
    let total = report.times.total().as_secs_f64().max(f64::MIN_POSITIVE);
    let share = |phase: Phase| {
        let share = 100.0 * report.times.of(phase).as_secs_f64() / total;
        format!("{} {share:.1} %", phase.name())
    };
    let shares: Vec<String> = Phase::ALL.into_iter().map(share).collect();
    format!("time: {}\n", shares.join(", "))
}
