//! The table of what was measured: which release shows which finding.
//!
//! It lies beside the findings as `measured.tsv`, one line for each finding and ISA, one column for
//! each release, so that a build without older releases knows what they do and a change of one cell
//! is one line of a diff. Written by `patchproof findings --measure`, and by nobody's hand.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::isa::Isa;

/// What a release makes of a finding's program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// It shows the finding.
    Shows,
    /// All as promised.
    Passes,
    /// It fails with something else alone.
    Other,
    /// Not covered, or not to be told.
    Unknown,
}

const WORDS: [(Cell, &str); 4] = [
    (Cell::Shows, "shows"),
    (Cell::Passes, "passes"),
    (Cell::Other, "other"),
    (Cell::Unknown, "unknown"),
];

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = WORDS.iter().find(|(cell, _)| cell == self);
        f.write_str(word.map_or("", |(_, word)| word))
    }
}

impl FromStr for Cell {
    type Err = String;

    fn from_str(text: &str) -> Result<Cell, String> {
        let found = WORDS.iter().find(|(_, word)| *word == text);
        found
            .map(|(cell, _)| *cell)
            .ok_or_else(|| format!("'{text}' is no shows, passes, other or unknown"))
    }
}

/// All that was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Releases in the order of columns, oldest first.
    pub releases: Vec<String>,
    /// A row of cells for each finding and ISA.
    pub rows: BTreeMap<(String, Isa), Vec<Cell>>,
}

const LEAD: [&str; 2] = ["finding", "isa"];

impl Measured {
    /// Where the table of a corpus lies.
    pub fn path(corpus: &Path) -> PathBuf {
        corpus.join("known/measured.tsv")
    }

    /// Reads the table of a corpus.
    ///
    /// # Errors
    /// In words, when it cannot be read or is none.
    pub fn load(corpus: &Path) -> Result<Measured, String> {
        let path = Measured::path(corpus);
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| format!("{}: cannot read: {error}", path.display()))?;
        text.parse()
            .map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The cells of a finding on an ISA with their releases; empty where it was not measured.
    pub fn cells(&self, finding: &str, isa: Isa) -> Vec<(&str, Cell)> {
        let row = self.rows.get(&(finding.to_owned(), isa));
        let releases = self.releases.iter().map(String::as_str);
        releases.zip(row.into_iter().flatten().copied()).collect()
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\t{}", LEAD.join("\t"), self.releases.join("\t"))?;
        for ((finding, isa), cells) in &self.rows {
            let cells: Vec<String> = cells.iter().map(Cell::to_string).collect();
            writeln!(f, "{finding}\t{isa}\t{}", cells.join("\t"))?;
        }
        Ok(())
    }
}

impl FromStr for Measured {
    type Err = String;

    fn from_str(text: &str) -> Result<Measured, String> {
        let mut lines = text.lines().zip(1..);
        let (first, _) = lines.next().ok_or("an empty table")?;
        let mut columns = first.split('\t').map(str::to_owned);
        if !LEAD
            .iter()
            .all(|lead| columns.next().as_deref() == Some(*lead))
        {
            return Err(format!("line 1 does not begin with {}", LEAD.join(" and ")));
        }
        let releases: Vec<String> = columns.collect();
        let mut rows = BTreeMap::new();
        for (line, number) in lines {
            let wrong = |why: String| format!("line {number}: {why}");
            let mut words = line.split('\t');
            let finding = words.next().unwrap_or_default().to_owned();
            let isa = words.next().unwrap_or_default();
            let isa = isa
                .parse::<Isa>()
                .map_err(|error| wrong(error.to_string()))?;
            let cells = words.map(str::parse).collect::<Result<Vec<Cell>, _>>();
            let cells = cells.map_err(wrong)?;
            if cells.len() != releases.len() {
                return Err(wrong(format!(
                    "{} cells, not {}",
                    cells.len(),
                    releases.len()
                )));
            }
            if rows.insert((finding, isa), cells).is_some() {
                return Err(wrong("a second row for the same".to_owned()));
            }
        }
        Ok(Measured { releases, rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
finding\tisa\t0.127.4\t0.128.4
lost\tx86_64\tshows\tpasses
lost\ts390x\tunknown\tother
";

    #[test]
    fn a_table_reads_back() {
        let measured: Measured = TABLE.parse().unwrap();
        assert_eq!(measured.to_string(), TABLE);
        let cells = measured.cells("lost", Isa::S390x);
        assert_eq!(
            cells,
            [("0.127.4", Cell::Unknown), ("0.128.4", Cell::Other)]
        );
        assert_eq!(measured.cells("found", Isa::S390x), []);
    }

    #[test]
    fn what_is_no_table_is_named_by_its_line() {
        let error = |from: &str, to: &str| TABLE.replace(from, to).parse::<Measured>().unwrap_err();
        assert!(error("finding", "what").starts_with("line 1"));
        assert!(error("s390x", "vax").starts_with("line 3"));
        assert!(error("\tother", "").contains("1 cells, not 2"));
        assert!(error("passes", "sings").contains("'sings' is no"));
        assert!(error("s390x", "x86_64").contains("a second row"));
        assert!("".parse::<Measured>().is_err());
    }
}
