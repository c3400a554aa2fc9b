//! A program as the reducer sees it: header lines, functions as IR, run lines. Comments inside
//! of functions are lost when it is printed; those above the first function stay.

use std::fmt::Write;

use cranelift_codegen::ir::Function;
use cranelift_codegen::verify_function;
use cranelift_reader::{Details, IsaSpec, ParseOptions, parse_test};

use super::print::print;
use super::tidy::tidy;
use crate::panic_guard;

/// A program.
#[derive(Clone)]
pub struct Source {
    /// Lines above the first function, without empty ones at the end.
    pub header: Vec<String>,
    /// Functions in text order.
    pub units: Vec<Unit>,
}

/// A function with what belongs to it.
#[derive(Clone)]
pub struct Unit {
    /// The function.
    pub function: Function,
    /// Its run lines: `; run: %main(1) == 2`.
    pub runs: Vec<String>,
}

impl Source {
    /// Reads a program.
    ///
    /// # Errors
    /// When the reader or the CLIF verifier refuses it.
    pub fn parse(text: &str) -> Result<Source, String> {
        panic_guard::catch(|| Source::parse_unguarded(text)).map_err(|panic| panic.message)?
    }

    fn parse_unguarded(text: &str) -> Result<Source, String> {
        let file = parse_test(text, ParseOptions::default()).map_err(|e| e.to_string())?;
        for (function, _) in &file.functions {
            let verified = match &file.isa_spec {
                IsaSpec::Some(list) => list
                    .iter()
                    .try_for_each(|isa| verify_function(function, &**isa)),
                IsaSpec::None(flags) => verify_function(function, flags),
            };
            verified.map_err(|e| e.to_string())?;
        }
        let first = file
            .functions
            .first()
            .map(|(_, details)| details.location.line_number);
        let above = first.map_or(usize::MAX, |line| line.saturating_sub(1));
        let header = text.lines().take(above);
        let mut header: Vec<String> = header.map(|line| line.trim_end().to_owned()).collect();
        while header.last().is_some_and(String::is_empty) {
            header.pop();
        }
        let unit = |(function, details): (Function, Details)| Unit {
            function,
            runs: run_lines(&details),
        };
        let units = file.functions.into_iter().map(unit).collect();
        Ok(Source { header, units })
    }

    /// The program as text, entities numbered from 0 in text order and only those that are used.
    pub fn print(&self) -> String {
        let mut text = String::new();
        for line in &self.header {
            let _ = writeln!(text, "{line}");
        }
        for unit in &self.units {
            let mut function = unit.function.clone();
            function.dfg.resolve_all_aliases();
            let _ = write!(text, "\n{}", tidy(&print(&function)));
            for line in &unit.runs {
                let _ = writeln!(text, "{line}");
            }
        }
        text
    }

    /// Number of instructions.
    pub fn instructions(&self) -> usize {
        let in_function = |unit: &Unit| {
            let layout = &unit.function.layout;
            layout
                .blocks()
                .map(|block| layout.block_insts(block).count())
                .sum::<usize>()
        };
        self.units.iter().map(in_function).sum()
    }
}

fn run_lines(details: &Details) -> Vec<String> {
    let is_run = |text: &str| {
        let text = text.trim_start_matches([' ', ';']);
        text.starts_with("run") || text.starts_with("print")
    };
    let comments = details.comments.iter().filter(|c| is_run(c.text));
    comments.map(|c| c.text.trim_end().to_owned()).collect()
}
