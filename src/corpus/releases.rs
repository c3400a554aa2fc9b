//! Ranges of releases, as headers write them.

use std::fmt;
use std::str::FromStr;

/// A range of releases, both ends included: `0.127..0.135`, `0.135`, or `0.127..` for all
/// later ones as well. A shorter number stands for all releases that begin with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Releases {
    first: Vec<u32>,
    last: Option<Vec<u32>>,
}

impl Releases {
    /// Whether `release` lies in the range.
    pub fn contain(&self, release: &str) -> bool {
        let Some(release) = number(release) else {
            return false;
        };
        let cut = |length: usize| &release[..length.min(release.len())];
        let not_before = cut(self.first.len()) >= self.first.as_slice();
        let not_behind = |last: &Vec<u32>| cut(last.len()) <= last.as_slice();
        not_before && self.last.as_ref().is_none_or(not_behind)
    }
}

impl FromStr for Releases {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = |part: &str| {
            number(part).ok_or_else(|| format!("'{text}' is no range like 0.127..0.135"))
        };
        let releases = match text.split_once("..") {
            None => Releases {
                first: parse(text)?,
                last: Some(parse(text)?),
            },
            Some((first, "")) => Releases {
                first: parse(first)?,
                last: None,
            },
            Some((first, last)) => Releases {
                first: parse(first)?,
                last: Some(parse(last)?),
            },
        };
        if let Some(last) = &releases.last {
            let common = last.len().min(releases.first.len());
            if last[..common] < releases.first[..common] {
                return Err(format!("'{text}' is an empty range"));
            }
        }
        Ok(releases)
    }
}

fn number(text: &str) -> Option<Vec<u32>> {
    text.trim()
        .split('.')
        .map(|part| part.parse().ok())
        .collect()
}

impl fmt::Display for Releases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |number: &[u32]| {
            let parts: Vec<String> = number.iter().map(u32::to_string).collect();
            parts.join(".")
        };
        match &self.last {
            Some(last) if *last == self.first => f.write_str(&show(last)),
            Some(last) => write!(f, "{}..{}", show(&self.first), show(last)),
            None => write!(f, "{}..", show(&self.first)),
        }
    }
}
