//! What makes two findings the same one: generator, ISA, check and what differs, without all that
//! changes when a program gets shorter: numbers, offsets, names of functions.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::isa::Isa;
use crate::oracle::{Check, Discrepancy, Subject};

/// The key of a finding. Displays as `cranelift x86_64 lockstep: register r10`; findings with the
/// same text are the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Signature {
    /// Short name of the generator, without its release.
    pub generator: String,
    /// ISA.
    pub isa: Isa,
    /// The check that fails.
    pub check: Check,
    /// What differs, in general words.
    pub subject: String,
}

/// Checks from cause to effect: a lost register is said before the wrong result that it makes.
const FROM_CAUSE_TO_EFFECT: [Check; 9] = [
    Check::Compile,
    Check::Sites,
    Check::Code,
    Check::Lockstep,
    Check::Toggle,
    Check::HookLog,
    Check::State,
    Check::Agreement,
    Check::Vacuity,
];

impl Signature {
    /// The signature of one discrepancy. `generator` is the generator's short name.
    pub fn of(isa: Isa, generator: &str, discrepancy: &Discrepancy) -> Signature {
        Signature {
            generator: generator.to_owned(),
            isa,
            check: discrepancy.check,
            subject: subject(discrepancy),
        }
    }

    /// The signature of the discrepancy that is closest to the cause of all: the first of the
    /// check that comes first in that order. None for an empty list.
    pub fn primary(isa: Isa, generator: &str, list: &[Discrepancy]) -> Option<Signature> {
        let first = FROM_CAUSE_TO_EFFECT
            .iter()
            .find_map(|check| list.iter().find(|one| one.check == *check))?;
        Some(Signature::of(isa, generator, first))
    }

    /// Whether one of `list`, seen on the same ISA from the same generator, is this finding.
    pub fn is_among(&self, list: &[Discrepancy]) -> bool {
        list.iter()
            .any(|one| one.check == self.check && subject(one) == self.subject)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Signature {
            generator,
            isa,
            check,
            subject,
        } = self;
        write!(f, "{generator} {isa} {check}: {subject}")
    }
}

fn subject(discrepancy: &Discrepancy) -> String {
    let Discrepancy { expected, seen, .. } = discrepancy;
    match &discrepancy.subject {
        _ if discrepancy.check == Check::Compile => breakdown(seen),
        Subject::Register(name) => format!("register {name}"),
        Subject::Instruction(_) => format!("instruction of {seen}"),
        Subject::Code { .. } => format!("code, not {}", general(expected)),
        Subject::Metadata => format!("metadata, not {}", general(expected)),
        Subject::Exit => format!("exit, not {}", general(expected)),
        Subject::Stack { .. } => "stack".to_owned(),
        Subject::Data { .. } => "data".to_owned(),
        Subject::Result(_) => "result".to_owned(),
        Subject::Argument(_) => "argument".to_owned(),
        Subject::Event(_) => "event".to_owned(),
    }
}

/// A panic keeps its place: `entered unreachable code` is said at many.
fn breakdown(seen: &str) -> String {
    let split = seen
        .strip_prefix("panicked at ")
        .and_then(|rest| rest.split_once(": "));
    match split {
        Some((place, message)) => format!("panicked at {place}: {}", general(message)),
        None => general(seen),
    }
}

/// `text` on one line with `#` for each number and `%` for each function.
fn general(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut general = String::new();
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let mut skip = |also: fn(char) -> bool| while rest.next_if(|&c| also(c)).is_some() {};
        match c {
            '%' => {
                skip(|c| c.is_ascii_alphanumeric() || c == '_');
                general.push('%');
            }
            '0'..='9' => {
                skip(|c| c.is_ascii_hexdigit() || c == 'x');
                general.push('#');
            }
            _ => general.push(c),
        }
    }
    general
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discrepancy(check: Check, subject: Subject, expected: &str) -> Discrepancy {
        Discrepancy {
            check,
            site: None,
            subject,
            expected: expected.to_owned(),
            seen: String::new(),
            scenario: None,
            message: String::new(),
        }
    }

    fn register(check: Check, name: &str) -> Discrepancy {
        discrepancy(check, Subject::Register(name.to_owned()), "0x9")
    }

    #[test]
    fn the_text_names_generator_isa_check_and_register() {
        let lost = register(Check::Lockstep, "r10");
        let signature = Signature::of(Isa::X86_64, "cranelift", &lost);
        assert_eq!(
            signature.to_string(),
            "cranelift x86_64 lockstep: register r10"
        );
        assert!(signature.is_among(&[register(Check::State, "r10"), lost]));
        assert!(!signature.is_among(&[register(Check::Lockstep, "r11")]));
    }

    #[test]
    fn ranges_numbers_and_names_do_not_count() {
        let code = |function: &str, start, expected: &str| {
            let function = function.to_owned();
            let end = start + 4;
            let subject = Subject::Code {
                function,
                start,
                end,
            };
            subject_of(&discrepancy(Check::Code, subject, expected))
        };
        let long = code(
            "%main",
            96,
            "a call of %hook_2 and the reclaim of 304 bytes",
        );
        let short = code("%f", 8, "a call of %h and the reclaim of 0x1c bytes");
        assert_eq!(long, short);
        assert_eq!(long, "code, not a call of % and the reclaim of # bytes");
        let other = code("%f", 8, "nothing but NOPs when disabled");
        assert_ne!(short, other);
    }

    fn subject_of(discrepancy: &Discrepancy) -> String {
        Signature::of(Isa::S390x, "cranelift", discrepancy).subject
    }

    #[test]
    fn panics_at_different_places_differ() {
        let panic = |seen: &str| {
            let mut panic = discrepancy(Check::Compile, Subject::Exit, "code, or a refusal");
            panic.seen = seen.to_owned();
            subject_of(&panic)
        };
        let first = panic("panicked at src/isa/x64/abi.rs:944: no such register 17");
        assert_eq!(
            first,
            "panicked at src/isa/x64/abi.rs:944: no such register #"
        );
        assert_ne!(
            first,
            panic("panicked at src/isa/x64/abi.rs:12: no such register 17")
        );
        assert_eq!(panic("no encoding of v12"), panic("no encoding of v3"));
    }

    #[test]
    fn the_cause_is_primary() {
        let result = discrepancy(Check::State, Subject::Result(0), "0x9:i64");
        let lost = register(Check::Lockstep, "t3");
        let list = [result.clone(), lost];
        let primary = Signature::primary(Isa::Riscv64gc, "cranelift", &list).unwrap();
        assert_eq!(primary.check, Check::Lockstep);
        let only = Signature::primary(Isa::Riscv64gc, "cranelift", &[result]).unwrap();
        assert_eq!(only.subject, "result");
        assert_eq!(Signature::primary(Isa::S390x, "cranelift", &[]), None);
    }
}
