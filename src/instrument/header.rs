//! The lines in front of the first function: which tests, settings and targets.
//!
//! A filetest is run for the targets that its header names, and one target that does not exist
//! here must not cost the others. So each line is looked at alone, and what is left out stays as a
//! comment: line numbers are the file's, for every message.

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

/// A line of the header on its way.
struct Line<'a> {
    text: &'a str,
    /// Whether it stays as a comment only.
    is_out: bool,
}

/// What a line says, by its first word.
enum Says {
    /// What the reader does not execute.
    Test,
    /// What holds for the targets behind it.
    Set,
    /// A target.
    Target,
    /// A comment, nothing, or what was needed of Cranelift when it was built.
    Nothing,
    /// No line that a header has.
    Unknown,
}

impl Says {
    fn of(first: Option<&str>) -> Says {
        match first {
            Some("test") => Says::Test,
            Some("set") => Says::Set,
            Some("target") => Says::Target,
            None | Some("feature") => Says::Nothing,
            Some(word) if word.starts_with(';') => Says::Nothing,
            Some(_) => Says::Unknown,
        }
    }
}

impl Header {
    /// Looks at the header of `text`.
    ///
    /// # Errors
    /// When there are targets, and none of them exists here.
    pub fn of(text: &str) -> Result<Header, Refused> {
        let mut kept: Vec<Line> = Vec::new();
        let (mut targets, mut names_riscv) = (0, false);
        let mut left_out = Vec::new();
        // Settings since the last target that holds, and whether one that does not is among them.
        let (mut open, mut lost_target) = (Vec::new(), false);
        let all = text.lines().zip(1..);
        for (line, number) in all.take_while(|(line, _)| first_word(line) != Some("function")) {
            let mut words = line.split_whitespace();
            let says = Says::of(words.next());
            let problem = match says {
                Says::Test => unknown_test(words.next()),
                Says::Set => set(&mut settings::builder(), words).map(|p| format!("set {p}")),
                Says::Target => missing_target(words),
                Says::Nothing => None,
                Says::Unknown => Some(format!("unknown header line '{}'", line.trim())),
            };
            match (&says, &problem) {
                (Says::Set, None) => open.push(kept.len()),
                (Says::Target, None) => {
                    open.clear();
                    lost_target = false;
                }
                (Says::Target, Some(_)) => lost_target = true,
                _ => {}
            }
            targets += usize::from(matches!(says, Says::Target));
            names_riscv |= matches!(says, Says::Target) && line.contains("riscv64");
            kept.push(Line {
                text: line,
                is_out: problem.is_some(),
            });
            left_out.extend(problem.map(|p| error(Some(number), p)));
        }
        if lost_target {
            // The reader refuses settings that nothing comes behind.
            for place in open {
                kept[place].is_out = true;
            }
        }
        let held = |line: &Line| !line.is_out && first_word(line.text) == Some("target");
        if targets > 0 && !kept.iter().any(held) {
            return Err(Refused::Bad(left_out));
        }
        Ok(Header {
            readable: readable(&kept, text),
            kept: kept.iter().map(|line| line.kept() + "\n").collect(),
            names_riscv: names_riscv || targets == 0,
            left_out,
        })
    }
}

impl Line<'_> {
    fn kept(&self) -> String {
        let comment = if self.is_out { "; " } else { "" };
        format!("{comment}{}", self.text)
    }
}

/// `text` with `header` for its first lines.
fn readable(header: &[Line], text: &str) -> String {
    let mut readable = String::with_capacity(text.len());
    for line in header {
        if first_word(line.text) == Some("test") {
            readable.push(';');
        }
        readable += &line.kept();
        readable.push('\n');
    }
    for line in text.lines().skip(header.len()) {
        readable += line;
        readable.push('\n');
    }
    readable
}

fn first_word(line: &str) -> Option<&str> {
    line.split_whitespace().next()
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
    if let Some(problem) = set(&mut builder, words) {
        return Some(format!("target {name}: {problem}"));
    }
    let finished = builder.finish(settings::Flags::new(settings::builder()));
    let problem = finished.err()?;
    Some(format!("target {name}: {problem}"))
}

/// The first of `words`, flags with or without a value, that there is no such setting for.
fn set<'a>(
    builder: &mut impl Configurable,
    mut words: impl Iterator<Item = &'a str>,
) -> Option<String> {
    words.find_map(|word| {
        let set = match word.split_once('=') {
            Some((flag, value)) => builder.set(flag, value),
            None => builder.enable(word),
        };
        let problem = set.err()?;
        Some(format!("{word}: {problem}"))
    })
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
                    target s390x has_vxrs_ext2\ntarget pulley32\ntarget\tpulley64be\nfeature \"x\"\n";
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
    fn settings_that_do_not_hold_are_named_and_ones_of_lost_targets_go_with_them() {
        let text = "test run\nset enable_simd\nset opt_level=fast\nset opt_level=speed\n\
                    target aarch64\nset enable_pinned_reg\ntarget i686\noption x\nfunction %a() {\n";
        assert_eq!(
            left_out(text),
            [
                "2: set enable_simd: No existing setting named 'enable_simd'",
                "3: set opt_level=fast: Unexpected value for a setting, expected any among none, \
                 speed, speed_and_size",
                "7: unknown target 'i686'",
                "8: unknown header line 'option x'",
            ]
        );
        let header = Header::of(text).ok().unwrap();
        let out = "; set enable_simd\n; set opt_level=fast\nset opt_level=speed\ntarget aarch64\n\
                   ; set enable_pinned_reg\n; target i686\n; option x\n";
        assert_eq!(header.kept, format!("test run\n{out}"));
        assert_eq!(
            header.readable,
            format!(";test run\n{out}function %a() {{\n")
        );
        // One that stands in front of a target that holds is that one's.
        let used = text.replace("target i686", "target s390x");
        let header = Header::of(&used).ok().unwrap();
        assert!(
            header.kept.contains("\nset enable_pinned_reg\n"),
            "{}",
            header.kept
        );
        // The reader says itself what a setting without any target is.
        let dangling = text.replace("target i686", "");
        let header = Header::of(&dangling).ok().unwrap();
        assert!(
            header.kept.contains("\nset enable_pinned_reg\n"),
            "{}",
            header.kept
        );
    }

    #[test]
    fn a_header_with_no_target_that_exists_is_refused() {
        assert!(Header::of("target i686\nfunction").is_err());
        assert!(Header::of("test interpret\nfunction").is_ok());
    }
}
