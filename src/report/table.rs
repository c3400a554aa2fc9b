//! The table of program x ISA.

use std::collections::BTreeMap;
use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use comfy_table::{Table, presets};

use crate::isa::Isa;
use crate::judge::{Judgement, Record};

/// The colour of a verdict.
pub(super) fn style(verdict: Judgement) -> Style {
    let color = |color: AnsiColor| color.on_default();
    match verdict {
        Judgement::Pass => color(AnsiColor::Green),
        Judgement::Fail => color(AnsiColor::Red).bold(),
        Judgement::Known => color(AnsiColor::Magenta),
        Judgement::Inconclusive => color(AnsiColor::Yellow),
        Judgement::Unsupported => color(AnsiColor::BrightBlack),
    }
}

/// What a cell says: verdicts are many, so the frequent ones are short.
fn cell(verdict: Judgement) -> &'static str {
    match verdict {
        Judgement::Pass => "pass",
        Judgement::Fail => "FAIL",
        Judgement::Known => "known",
        Judgement::Inconclusive => "unclear",
        Judgement::Unsupported => "-",
    }
}

const ALL: [Judgement; 5] = [
    Judgement::Pass,
    Judgement::Fail,
    Judgement::Known,
    Judgement::Inconclusive,
    Judgement::Unsupported,
];

/// A row a program and generator, a column an ISA.
pub(super) fn table(records: &[Record], isas: &[Isa]) -> String {
    let mut rows: Vec<(&str, &str)> = Vec::new();
    let mut cells = BTreeMap::new();
    for record in records {
        let row = (record.program.as_str(), record.generator.as_str());
        if !cells.keys().any(|(known, _)| *known == row) {
            rows.push(row);
        }
        cells.insert((row, record.isa), record.verdict);
    }
    let one_generator = rows.iter().all(|row| row.1 == rows[0].1);
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let mut header = vec![if one_generator {
        rows[0].1.to_owned()
    } else {
        "program".to_owned()
    }];
    header.extend(isas.iter().map(|isa| isa.to_string()));
    table.set_header(header);
    for row in rows {
        let mut line = vec![if one_generator {
            row.0.to_owned()
        } else {
            format!("{} {}", row.0, row.1)
        }];
        let verdict = |isa: &Isa| cells.get(&(row, *isa)).map_or("", |verdict| cell(*verdict));
        line.extend(isas.iter().map(|isa| verdict(isa).to_owned()));
        table.add_row(line);
    }
    let names = table
        .column_max_content_widths()
        .first()
        .copied()
        .unwrap_or(0);
    table
        .lines()
        .map(|line| colored(&line, usize::from(names) + 1) + "\n")
        .collect()
}

/// Colours the verdicts of a line of the table behind its first `skip` characters, which hold
/// the program's name. The table itself cannot: it would count the escape sequences as width.
fn colored(line: &str, skip: usize) -> String {
    let split = line
        .char_indices()
        .nth(skip)
        .map_or(line.len(), |(at, _)| at);
    let (name, rest) = line.split_at(split);
    let mut text = name.to_owned();
    for piece in rest.split_inclusive(' ') {
        let word = piece.trim_end();
        match ALL.into_iter().find(|verdict| cell(*verdict) == word) {
            Some(verdict) => {
                let style = style(verdict);
                let _ = write!(text, "{style}{word}{style:#}{}", &piece[word.len()..]);
            }
            None => text.push_str(piece),
        }
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_verdicts_behind_the_name_are_coloured() {
        let line = colored("pass/pass FAIL", 10);
        assert!(line.starts_with("pass/pass "));
        assert!(line.contains("\u{1b}["));
    }
}
