//! The page of findings, their reports and the table of what was measured agree with the findings.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use patchproof::code_generators::{cranelifts, release};
use patchproof::corpus::{Case, default_folder, find, load};
use patchproof::history::{Cell, Measured};
use patchproof::releases::OLDER;
use patchproof::report::findings::Finding;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The findings in Cranelift.
fn cases() -> Vec<Case> {
    let (files, errors) = find(&[default_folder().join("known")]);
    assert_eq!(errors, []);
    let cases: Vec<Case> = load(&files).into_iter().map(Result::unwrap).collect();
    let is_cranelifts = |case: &Case| {
        Finding::of(case).is_some_and(|finding| finding.known.generator == "cranelift")
    };
    cases.into_iter().filter(is_cranelifts).collect()
}

fn measured() -> Measured {
    Measured::load(&default_folder()).unwrap()
}

#[test]
fn every_finding_is_measured_on_every_release() {
    let measured = measured();
    let minors = measured.releases.iter().map(|release| {
        let (minor, _) = release.rsplit_once('.').unwrap();
        minor.to_owned()
    });
    let newest = cranelifts().last().map(|g| release(*g).to_owned()).unwrap();
    let expected = OLDER.iter().map(|older| older.minor());
    let expected = expected.chain([newest.rsplit_once('.').unwrap().0.to_owned()]);
    assert!(minors.eq(expected), "{:?}", measured.releases);
    assert_eq!(measured.releases.last(), Some(&newest));

    let mut rows: Vec<_> = measured.rows.keys().cloned().collect();
    for case in cases() {
        for isa in &Finding::of(&case).unwrap().known.isas {
            let key = (case.name().to_owned(), *isa);
            assert!(rows.contains(&key), "{key:?} was not measured");
            rows.retain(|row| *row != key);
        }
    }
    assert_eq!(rows, [], "measured and no finding");
}

#[test]
fn headers_claim_the_releases_that_show_the_finding_as_measured() {
    let measured = measured();
    let mut wrong = Vec::new();
    for case in cases() {
        let Finding { name, known, .. } = Finding::of(&case).unwrap();
        for isa in &known.isas {
            for (release, cell) in measured.cells(name, *isa) {
                let claimed = known.applies("cranelift", release, *isa);
                if claimed != (cell == Cell::Shows) {
                    let claim = if claimed { "claimed" } else { "not claimed" };
                    wrong.push(format!("{name} on {isa}: {release} is {claim} and {cell}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Name and text of the files in a folder.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    paths.map(read).collect()
}

#[test]
fn page_and_reports_are_those_that_the_command_makes() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_patchproof"))
        .args(["findings", "--reports"])
        .arg(folder.path())
        .current_dir(root())
        .output()
        .unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    let page = String::from_utf8(output.stdout).unwrap();
    let written = std::fs::read_to_string(root().join("docs/findings.md")).unwrap();
    assert!(
        page == written,
        "docs/findings.md is out of date: run ci/findings"
    );

    let (made, kept) = (files(folder.path()), files(&root().join("docs/reports")));
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&made), names(&kept), "run ci/findings");
    for (name, text) in &made {
        assert!(
            kept[name] == *text,
            "docs/reports/{name} is out of date: run ci/findings"
        );
    }
}
