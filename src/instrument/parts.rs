//! The functions of a file as programs: all in one, and each one that is run in its own.
//!
//! One program for a whole file is what costs least. But one function that a target lacks a
//! lowering for, or one result that nobody can fetch, would cost all others of the file, and a
//! finding that explains what one function does would excuse the next one. So whoever judges the
//! file and finds it less than a pass can judge its parts.

use std::collections::BTreeSet;

use cranelift_codegen::ir::Function;

use crate::program::{function_text, symbol_name};

/// A function with its sites as text.
struct Piece {
    name: String,
    /// Names that it calls or takes the address of.
    names: BTreeSet<String>,
    text: String,
    /// Whether run lines stand behind it.
    is_run: bool,
}

/// The functions of one file and its hooks.
pub struct Pieces {
    header: String,
    pieces: Vec<Piece>,
    hooks: Vec<Piece>,
}

impl Pieces {
    /// `functions` with the run lines of each behind it; `hooks` are names and texts, and one
    /// without a name is part of every program.
    pub fn new(
        header: String,
        functions: &[Function],
        run_lines: &[Vec<String>],
        hooks: Vec<(String, String)>,
    ) -> Pieces {
        let each = functions.iter().zip(run_lines);
        let pieces = each.map(|(function, run_lines)| {
            let references = function.dfg.ext_funcs.values();
            let mut text = format!("\n{}", function_text(function));
            for line in run_lines {
                text += line;
                text.push('\n');
            }
            Piece {
                name: function.name.to_string(),
                names: references.map(|f| symbol_name(function, &f.name)).collect(),
                text,
                is_run: !run_lines.is_empty(),
            }
        });
        let hooks = hooks.into_iter().map(|(name, text)| Piece {
            name,
            names: BTreeSet::new(),
            text,
            is_run: false,
        });
        Pieces {
            header,
            pieces: pieces.collect(),
            hooks: hooks.collect(),
        }
    }

    /// All in one program.
    pub fn whole(&self) -> String {
        let texts = self.pieces.iter().chain(&self.hooks);
        texts.fold(self.header.clone(), |text, piece| text + &piece.text)
    }

    /// A program for each function that is run, with what it calls; none where that is all.
    pub fn parts(&self) -> Vec<String> {
        let run = self.pieces.iter().filter(|piece| piece.is_run);
        let parts: Vec<String> = run.map(|piece| self.part(piece)).collect();
        match &parts[..] {
            [only] if *only == self.whole() => Vec::new(),
            _ => parts,
        }
    }

    fn part(&self, root: &Piece) -> String {
        let mut reached = BTreeSet::from([root.name.as_str()]);
        let mut left = vec![root];
        while let Some(piece) = left.pop() {
            for name in &piece.names {
                if reached.insert(name) {
                    left.extend(self.pieces.iter().find(|piece| piece.name == *name));
                }
            }
        }
        let mut text = self.header.clone();
        for piece in self.pieces.iter().chain(&self.hooks) {
            if piece.name.is_empty() || reached.contains(piece.name.as_str()) {
                text += &piece.text;
            }
        }
        text
    }
}
