//! Patterns for discrepancies, as the headers of findings write them.
//!
//! A pattern is a kind of subject, then a name and a text that both may be left out:
//!
//! ```text
//! register r1?
//! instruction "57 70 08 cc"
//! code %main says "*the range holds no reclaim*"
//! stack
//! ```
//!
//! | kind | its name |
//! |---|---|
//! | `register` | of the register |
//! | `code` | of the function |
//! | `data` | of the symbol |
//! | `instruction` | mnemonic, or bytes where the disassembler knows none |
//! | `result`, `argument`, `event` | the index |
//! | `stack`, `exit`, `metadata` | none |
//!
//! Name and text are matched as a whole; `*` stands for any characters and `?` for one. They are
//! quoted where they hold a space or a comma. What follows `says` is matched against the
//! discrepancy's message.

use crate::oracle::{Discrepancy, Subject};

/// What discrepancies look like. See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    kind: &'static str,
    name: Option<String>,
    says: Option<String>,
}

/// Kinds that have a name, and those that have none.
const NAMED: [&str; 7] = [
    "register",
    "code",
    "data",
    "instruction",
    "result",
    "argument",
    "event",
];
const NAMELESS: [&str; 3] = ["stack", "exit", "metadata"];

impl Pattern {
    /// Whether `discrepancy` is one of those, by subject and message.
    pub fn matches(&self, discrepancy: &Discrepancy) -> bool {
        let (kind, name) = described(&discrepancy.subject);
        let fits = |glob: &Option<String>, text: &str| {
            glob.as_ref().is_none_or(|glob| glob_matches(glob, text))
        };
        kind == self.kind && fits(&self.name, &name) && fits(&self.says, &discrepancy.message)
    }

    /// The pattern of some words.
    pub(super) fn of_words(words: &[Word]) -> Result<Pattern, String> {
        let [kind, rest @ ..] = words else {
            return Err("an empty pattern".to_owned());
        };
        let all = NAMED.iter().chain(&NAMELESS);
        let Some(&kind) = all.clone().find(|known| **known == kind.text) else {
            let names: Vec<&str> = all.copied().collect();
            return Err(format!(
                "unknown subject '{}': expected one of {}",
                kind.text,
                names.join(", ")
            ));
        };
        let (name, says) = match rest {
            [] => (None, None),
            [says, text] if says.is("says") => (None, Some(text)),
            [name] if !name.is("says") => (Some(name), None),
            [name, says, text] if says.is("says") => (Some(name), Some(text)),
            _ => return Err(format!("'{kind}' is followed by more than NAME says TEXT")),
        };
        if name.is_some() && !NAMED.contains(&kind) {
            return Err(format!("'{kind}' has no name"));
        }
        let text = |word: Option<&Word>| word.map(|word| word.text.clone());
        Ok(Pattern {
            kind,
            name: text(name),
            says: text(says),
        })
    }
}

/// Kind and name of a subject.
fn described(subject: &Subject) -> (&'static str, String) {
    match subject {
        Subject::Register(name) => ("register", name.clone()),
        Subject::Code { function, .. } => ("code", function.clone()),
        Subject::Stack { .. } => ("stack", String::new()),
        Subject::Data { symbol, .. } => ("data", symbol.clone()),
        Subject::Result(index) => ("result", index.to_string()),
        Subject::Argument(index) => ("argument", index.to_string()),
        Subject::Exit => ("exit", String::new()),
        Subject::Event(index) => ("event", index.to_string()),
        Subject::Metadata => ("metadata", String::new()),
        Subject::Instruction(name) => ("instruction", name.clone()),
    }
}

/// A word of a header line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub text: String,
    quoted: bool,
}

impl Word {
    fn is(&self, keyword: &str) -> bool {
        !self.quoted && self.text == keyword
    }
}

/// The entries of a list with commas, each as its words. Quotes keep spaces and commas.
pub(super) fn entries(list: &str) -> Result<Vec<Vec<Word>>, String> {
    let mut entries = vec![Vec::new()];
    let mut rest = list.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, behind) = match first {
            ',' => {
                entries.push(Vec::new());
                rest = rest[1..].trim_start();
                continue;
            }
            '"' => {
                let (text, behind) = rest[1..]
                    .split_once('"')
                    .ok_or_else(|| format!("a quote without its end: {rest}"))?;
                (text, behind)
            }
            _ => {
                let end = rest.find([' ', ',', '"']).unwrap_or(rest.len());
                rest.split_at(end)
            }
        };
        let words = entries.last_mut().expect("it starts with one entry");
        words.push(Word {
            text: word.to_owned(),
            quoted: first == '"',
        });
        rest = behind.trim_start();
    }
    match entries.iter().any(Vec::is_empty) {
        true => Err("an empty entry in the list".to_owned()),
        false => Ok(entries),
    }
}

/// Whether all of `text` is what `glob` stands for.
pub(super) fn glob_matches(glob: &str, text: &str) -> bool {
    if glob.is_ascii() && text.is_ascii() {
        return fits(glob.as_bytes(), text.as_bytes(), (b'*', b'?'));
    }
    let characters = |text: &str| text.chars().collect::<Vec<char>>();
    fits(&characters(glob), &characters(text), ('*', '?'))
}

/// [`glob_matches`] for characters of any type, of which `any` stands for many and `one` for one.
fn fits<C: Copy + PartialEq>(glob: &[C], text: &[C], (any, one): (C, C)) -> bool {
    let (mut at, mut seen) = (0, 0);
    // The last star, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while seen < text.len() {
        match glob.get(at) {
            Some(&c) if c == any => {
                star = Some((at, seen));
                at += 1;
            }
            Some(&c) if c == one || c == text[seen] => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((place, taken)) = star else {
                    return false;
                };
                star = Some((place, taken + 1));
                at = place + 1;
                seen = taken + 1;
            }
        }
    }
    glob[at..].iter().all(|c| *c == any)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::Check;

    fn pattern(text: &str) -> Result<Pattern, String> {
        Pattern::of_words(&entries(text)?[0])
    }

    fn matches(text: &str, subject: Subject, message: &str) -> bool {
        let discrepancy = Discrepancy {
            check: Check::State,
            site: None,
            subject,
            expected: String::new(),
            seen: String::new(),
            scenario: None,
            message: message.to_owned(),
        };
        pattern(text).unwrap().matches(&discrepancy)
    }

    #[test]
    fn a_star_is_any_text_and_a_question_mark_one_character() {
        for (glob, text) in [
            ("", ""),
            ("*", ""),
            ("v?", "v7"),
            ("v*", "v"),
            ("a*b*c", "aXbXbc"),
            ("*over live*", "lost over live site0"),
            ("?ü*", "süß"),
            ("s??", "süß"),
        ] {
            assert!(glob_matches(glob, text), "{glob} {text}");
        }
        for (glob, text) in [
            ("", "a"),
            ("v?", "v"),
            ("v?", "v31"),
            ("a*c", "acb"),
            ("over", "over live"),
        ] {
            assert!(!glob_matches(glob, text), "{glob} {text}");
        }
    }

    #[test]
    fn kind_name_and_message_must_all_fit() {
        let register = |name: &str| Subject::Register(name.to_owned());
        let lost = "register v3 is not preserved over live site0";
        let live = "register v? says \"*over live*\"";
        assert!(matches("register", register("v3"), lost));
        assert!(matches(live, register("v3"), lost));
        assert!(!matches(live, register("x3"), lost));
        assert!(!matches(live, register("v3"), "lost over NOPed site0"));
        assert!(!matches("result", register("v3"), lost));
        assert!(matches("result 0", Subject::Result(0), ""));
        assert!(!matches("result 1", Subject::Result(0), ""));
        assert!(matches("exit", Subject::Exit, "anything"));
        assert!(!matches("exit says nothing", Subject::Exit, "anything"));
        let code = Subject::Code {
            function: "%main".to_owned(),
            start: 0,
            end: 6,
        };
        assert!(matches("code %m*", code.clone(), ""));
        assert!(!matches("code %hook", code, ""));
    }

    #[test]
    fn quotes_keep_spaces_and_commas() {
        let list = entries("instruction \"57, 70\", register v?,exit says \"a b\"").unwrap();
        assert_eq!(list.len(), 3);
        assert_eq!(list[0][1].text, "57, 70");
        assert_eq!(list[2][2].text, "a b");
    }

    #[test]
    fn malformed_patterns_say_why() {
        let error = |text: &str| pattern(text).unwrap_err();
        assert!(error("registers v1").contains("unknown subject 'registers'"));
        assert!(error("stack sp").contains("'stack' has no name"));
        assert!(error("register v1 v2").contains("more than NAME says TEXT"));
        assert!(error("register says").contains("more than NAME says TEXT"));
        assert!(error("register v1,").contains("empty entry"));
        assert!(error("register \"v1").contains("quote without its end"));
        assert!(error("").contains("empty"));
    }
}
