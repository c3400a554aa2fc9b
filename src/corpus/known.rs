//! Findings: programs in `corpus/known/` that a released code generator miscompiles. Their
//! header says which generator, releases, ISAs and check, and why, so that a finding that is
//! gone, or has grown, is noticed.
//!
//! | key | value |
//! |---|---|
//! | `generator` | its short name |
//! | `releases` | a range, both ends included; another line with an ISA in front of its own range for one that differs |
//! | `isa` | a list |
//! | `check` | the check that fails; a list where any of them may be the one |
//! | `subject` | what its discrepancies are about: a list of patterns; may come several times |
//! | `consequence` | a list of a check with a pattern each: what else is wrong where the finding shows; may be left out, or come several times |
//! | `lone` | a list of patterns of what a function does only once: a site at which more discrepancies match than its hook runs such functions does not show the finding; may be left out |
//! | `derails` | `live` or `nopped`: a run is worth nothing behind a site in that state; see `aftermath.rs`; may be left out |
//! | `needs` | text that a line of the program must hold outside of comments for the finding to apply, with `*` and `?` as in patterns and `\|` between alternatives; may be left out, or come several times |
//! | `deviates` | a rule of the platform's ABI that the generator does not follow; see `reach.rs`; may be left out |
//! | `upstream` | where the generator's people discuss or mend it, an address; may be left out, or come several times |
//! | `cause` | root cause in a sentence or two; may go on over the following comment lines |
//! | `fix` | what would mend it, likewise; may be left out |
//!
//! `pattern.rs` has the language of the patterns. They also find the bug in other programs, and
//! excuse what they match there, so that they are to be as narrow as they can.

use super::aftermath::Derails;
use super::header::{HeaderError, comments};
use super::pattern::{Pattern, Word, entries};
use super::releases::Releases;
use crate::isa::Isa;
use crate::machine::abi::Deviation;
use crate::oracle::{Check, Discrepancy};

/// What the header of a finding says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Generator by its short name.
    pub generator: String,
    /// Releases that have the bug.
    pub releases: Releases,
    /// Those on an ISA where they are others.
    pub releases_on: Vec<(Isa, Releases)>,
    /// ISAs on which it shows.
    pub isas: Vec<Isa>,
    /// The checks of which one must fail.
    pub checks: Vec<Check>,
    /// What the discrepancies of those checks are about; any of them.
    pub subjects: Vec<Pattern>,
    /// What else is wrong where the finding shows: check and subject.
    pub consequences: Vec<(Check, Pattern)>,
    /// What only one discrepancy of a site may be about.
    pub lone: Vec<Pattern>,
    /// In which state a site that shows the finding derails a run, if it does.
    pub derails: Option<Derails>,
    /// What a program must hold for the finding to apply to it; all of them, each in one line.
    pub needs: Vec<String>,
    /// The rule of the platform's ABI that is not followed, if that is the bug.
    pub deviates: Option<Deviation>,
    /// Where the generator's people discuss or mend it.
    pub upstream: Vec<String>,
    /// Root cause in a sentence or two.
    pub cause: String,
    /// What would mend it.
    pub fix: Option<String>,
}

impl Known {
    /// Whether a generator in a release is expected to fail on `isa`.
    pub fn applies(&self, generator: &str, release: &str, isa: Isa) -> bool {
        let other = self.releases_on.iter().find(|(other, _)| *other == isa);
        let releases = other.map_or(&self.releases, |(_, releases)| releases);
        self.generator == generator && releases.contain(release) && self.isas.contains(&isa)
    }

    /// Whether the finding itself is what `discrepancy` shows.
    pub fn is_primary(&self, discrepancy: &Discrepancy) -> bool {
        let mut subjects = self.subjects.iter();
        self.checks.contains(&discrepancy.check)
            && subjects.any(|subject| subject.matches(discrepancy))
    }

    /// Whether `discrepancy` is one of those of which a site may have only one.
    pub fn is_lone(&self, discrepancy: &Discrepancy) -> bool {
        self.lone.iter().any(|lone| lone.matches(discrepancy))
    }

    /// Whether `discrepancy` is to be expected where the finding shows.
    pub fn is_consequence(&self, discrepancy: &Discrepancy) -> bool {
        let matches = |(check, subject): &(Check, Pattern)| {
            *check == discrepancy.check && subject.matches(discrepancy)
        };
        self.consequences.iter().any(matches)
    }

    /// Reads the `; known: key value` lines above the first function. Cause and fix may go on over
    /// the comment lines that follow them.
    ///
    /// # Errors
    /// For an unknown, malformed, doubled or missing key, with its line.
    pub fn parse(text: &str) -> Result<Known, HeaderError> {
        let mut parts = Parts::default();
        let mut goes_on = "";
        for (line, comment) in comments(text) {
            let Some(comment) = comment else {
                goes_on = "";
                continue;
            };
            if let Some(entry) = comment.strip_prefix("known:") {
                let (key, value) = entry.trim().split_once(' ').unwrap_or((entry.trim(), ""));
                parts
                    .set(key, value.trim())
                    .map_err(|message| HeaderError::new(line, message))?;
                goes_on = key;
            } else if let Some(text) = parts.text(goes_on)
                && !comment.is_empty()
            {
                text.push(' ');
                text.push_str(comment);
            } else {
                goes_on = "";
            }
        }
        parts
            .finish()
            .map_err(|message| HeaderError::new(1, message))
    }
}

#[derive(Default)]
struct Parts {
    generator: Option<String>,
    releases: Option<Releases>,
    releases_on: Vec<(Isa, Releases)>,
    isas: Option<Vec<Isa>>,
    checks: Option<Vec<Check>>,
    subjects: Vec<Pattern>,
    consequences: Vec<(Check, Pattern)>,
    lone: Vec<Pattern>,
    derails: Option<Derails>,
    needs: Vec<String>,
    deviates: Option<Deviation>,
    upstream: Vec<String>,
    cause: Option<String>,
    fix: Option<String>,
}

impl Parts {
    /// The value of a key that may go on over several lines.
    fn text(&mut self, key: &str) -> Option<&mut String> {
        match key {
            "cause" => self.cause.as_mut(),
            "fix" => self.fix.as_mut(),
            _ => None,
        }
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
        if value.is_empty() {
            return Err(format!("'; known: {key}' without a value"));
        }
        let doubled = match key {
            "generator" => self.generator.replace(value.to_owned()).is_some(),
            "releases" => match value.split_once(' ') {
                None => self.releases.replace(value.parse()?).is_some(),
                Some((isa, range)) => {
                    let isa = isa.parse::<Isa>().map_err(|e| e.to_string())?;
                    let doubled = self.releases_on.iter().any(|(other, _)| *other == isa);
                    self.releases_on.push((isa, range.parse()?));
                    doubled
                }
            },
            "isa" => self.isas.replace(isas(value)?).is_some(),
            "check" => self.checks.replace(checks(value)?).is_some(),
            "deviates" => self.deviates.replace(deviation(value)?).is_some(),
            "derails" => self.derails.replace(derails(value)?).is_some(),
            "subject" => {
                self.subjects.extend(patterns(value)?);
                false
            }
            "lone" => {
                self.lone.extend(patterns(value)?);
                false
            }
            "consequence" => {
                for words in entries(value)? {
                    self.consequences.push(consequence(&words)?);
                }
                false
            }
            "needs" => {
                self.needs.push(value.to_owned());
                false
            }
            "upstream" => {
                self.upstream.push(value.to_owned());
                false
            }
            "cause" => self.cause.replace(value.to_owned()).is_some(),
            "fix" => self.fix.replace(value.to_owned()).is_some(),
            _ => {
                return Err(format!(
                    "unknown key '; known: {key}': expected generator, releases, isa, check, \
                     subject, consequence, lone, derails, needs, deviates, upstream, cause or \
                     fix"
                ));
            }
        };
        if doubled {
            return Err(format!("a second '; known: {key}' line"));
        }
        Ok(())
    }

    fn finish(self) -> Result<Known, String> {
        let missing = |key: &str| format!("no '; known: {key}' line above the first function");
        Ok(Known {
            generator: self.generator.ok_or_else(|| missing("generator"))?,
            releases: self.releases.ok_or_else(|| missing("releases"))?,
            releases_on: self.releases_on,
            isas: self.isas.ok_or_else(|| missing("isa"))?,
            checks: self.checks.ok_or_else(|| missing("check"))?,
            subjects: match self.subjects.is_empty() {
                true => return Err(missing("subject")),
                false => self.subjects,
            },
            consequences: self.consequences,
            lone: self.lone,
            derails: self.derails,
            needs: self.needs,
            deviates: self.deviates,
            upstream: self.upstream,
            fix: self.fix,
            cause: self.cause.ok_or_else(|| missing("cause"))?,
        })
    }
}

fn isas(list: &str) -> Result<Vec<Isa>, String> {
    list.split(',')
        .map(|name| name.trim().parse::<Isa>().map_err(|e| e.to_string()))
        .collect()
}

fn checks(list: &str) -> Result<Vec<Check>, String> {
    list.split(',').map(|name| check(name.trim())).collect()
}

fn patterns(list: &str) -> Result<Vec<Pattern>, String> {
    let words = entries(list)?;
    words.iter().map(|words| Pattern::of_words(words)).collect()
}

fn derails(name: &str) -> Result<Derails, String> {
    let unknown = || format!("a run is derailed by 'live' or 'nopped' sites, not by '{name}' ones");
    Derails::named(name).ok_or_else(unknown)
}

fn deviation(name: &str) -> Result<Deviation, String> {
    let found = Deviation::ALL.into_iter().find(|one| one.name() == name);
    found.ok_or_else(|| {
        let names = Deviation::ALL.map(Deviation::name).join(", ");
        format!("unknown deviation '{name}': expected one of {names}")
    })
}

/// A check, then a pattern.
fn consequence(words: &[Word]) -> Result<(Check, Pattern), String> {
    let [first, pattern @ ..] = words else {
        return Err("a consequence without its check".to_owned());
    };
    Ok((check(&first.text)?, Pattern::of_words(pattern)?))
}

fn check(name: &str) -> Result<Check, String> {
    let found = Check::ALL.into_iter().find(|check| check.name() == name);
    found.ok_or_else(|| {
        let names = Check::ALL.map(Check::name).join(", ");
        format!("unknown check '{name}': expected one of {names}")
    })
}

#[cfg(test)]
mod tests;
