//! The lines in front of the first function: which tests, settings and targets.
//!
//! A filetest is run for the targets that its header names, and one target that does not exist
//! here must not cost the others. So each line is looked at alone, and what is left out stays as a
//! comment: line numbers are the file's, for every message.

use std::fmt::Write;
use std::str::FromStr;

use cranelift_codegen::isa;
use cranelift_codegen::settings::{self, Configurable};
use target_lexicon::Triple;

use super::{Refused, error};
use crate::isa::Isa;
use crate::program::ProgramError;

/// The commands that Cranelift's filetests know (`cranelift/filetests/src/lib.rs`). All but
/// `run` and `interpret` look at code or IR, which sites change; they are read and not executed.
const TESTS: [&str; 13] = [
    "alias-analysis",
    "cat",
    "compile",
    "domtree",
    "inline",
    "interpret",
    "legalizer",
    "optimize",
    "print-cfg",
    "run",
    "safepoint",
    "unwind",
    "verifier",
];

/// A header that has been looked at.
pub struct Header {
    /// The whole text for the reader, line by line the file's: without lines that do not hold
    /// here, and without `test run`, with which the reader takes the host's calling convention.
    pub readable: String,
    /// The header's lines, those that do not hold as comments.
    pub kept: String,
    /// Whether it is for RISC-V, by name or because it names no target at all.
    pub names_riscv: bool,
    /// What does not hold.
    pub left_out: Vec<ProgramError>,
}

impl Header {
    /// Looks at the header of `text`.
    ///
    /// # Errors
    /// When there are targets, and none of them exists here.
    pub fn of(text: &str) -> Result<Header, Refused> {
        let mut header = Header {
            readable: String::with_capacity(text.len()),
            kept: String::new(),
            names_riscv: false,
            left_out: Vec::new(),
        };
        let (mut targets, mut held) = (0, 0);
        let mut lines = (1..).zip(text.lines());
        for (number, line) in lines.by_ref() {
            let mut words = line
                .split(';')
                .next()
                .unwrap_or_default()
                .split_whitespace();
            let problem = match words.next() {
                Some("function") => {
                    header.readable += line;
                    break;
                }
                Some("test") => unknown_test(words.next()),
                Some("target") => {
                    targets += 1;
                    header.names_riscv |= line.contains("riscv64");
                    let problem = missing_target(words);
                    held += usize::from(problem.is_none());
                    problem
                }
                _ => None,
            };
            let comment = if problem.is_some() { "; " } else { "" };
            let _ = writeln!(header.kept, "{comment}{line}");
            let is_command = line.trim_start().starts_with("test ");
            let comment = if is_command { ";" } else { comment };
            let _ = writeln!(header.readable, "{comment}{line}");
            header
                .left_out
                .extend(problem.map(|p| error(Some(number), p)));
        }
        for (_, line) in lines {
            header.readable.push('\n');
            header.readable += line;
        }
        header.readable.push('\n');
        header.names_riscv |= targets == 0;
        if targets > 0 && held == 0 {
            return Err(Refused::Bad(header.left_out));
        }
        Ok(header)
    }
}

fn unknown_test(name: Option<&str>) -> Option<String> {
    match name {
        Some(name) if TESTS.contains(&name) => None,
        Some(name) => Some(format!("unknown test command '{name}'")),
        None => Some("test without a command".to_owned()),
    }
}

/// Why there is no such target with such flags.
fn missing_target<'a>(mut words: impl Iterator<Item = &'a str>) -> Option<String> {
    let name = words.next().unwrap_or_default();
    let unknown = || Some(format!("unknown target '{name}'"));
    let Ok(triple) = Triple::from_str(name) else {
        return unknown();
    };
    if Isa::from_triple(&triple).is_none() {
        return unknown();
    }
    let Ok(mut builder) = isa::lookup(triple) else {
        return unknown();
    };
    for word in words {
        let set = match word.split_once('=') {
            Some((flag, value)) => builder.set(flag, value),
            None => builder.enable(word),
        };
        if let Err(problem) = set {
            return Some(format!("target {name}: {word}: {problem}"));
        }
    }
    let finished = builder.finish(settings::Flags::new(settings::builder()));
    let problem = finished.err()?;
    Some(format!("target {name}: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_out(text: &str) -> Vec<String> {
        let header = match Header::of(text) {
            Ok(header) => header.left_out,
            Err(Refused::Bad(list)) => list,
            Err(Refused::Unsupported { reason, .. }) => panic!("{reason}"),
        };
        header.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_filetests_name_is_known() {
        let text = "; why\n\ntest interpret\ntest run\ntest compile precise-output\n\
                    set opt_level=speed\nset preserve_frame_pointers=true\n\
                    target x86_64 has_sse3 has_ssse3 has_sse41\ntarget x86_64 skylake\n\
                    target aarch64 has_lse\ntarget riscv64 has_v has_zba=true\n\
                    target s390x has_vxrs_ext2\ntarget pulley32\ntarget pulley64be ; one\n";
        assert_eq!(left_out(text), [""; 0]);
    }

    #[test]
    fn each_line_that_does_not_hold_is_named_alone() {
        let text = "test run\ntest frobnicate\ntarget i686\ntarget x86_64 has_wings\n\
                    target aarch64\ntarget what-is-this\n\nfunction %a() {\n";
        assert_eq!(
            left_out(text),
            [
                "2: unknown test command 'frobnicate'",
                "3: unknown target 'i686'",
                "4: target x86_64: has_wings: No existing setting named 'has_wings'",
                "6: unknown target 'what-is-this'",
            ]
        );
        let header = Header::of(text).ok().unwrap();
        assert_eq!(header.readable.lines().count(), text.lines().count());
        assert!(header.kept.contains("\n; target i686\n"), "{}", header.kept);
        assert!(header.kept.starts_with("test run\n"));
        assert!(header.readable.contains("\ntarget aarch64\n"));
    }

    #[test]
    fn a_header_with_no_target_that_exists_is_refused() {
        assert!(Header::of("target i686\nfunction").is_err());
        assert!(Header::of("test interpret\nfunction").is_ok());
    }
}
