//! From paths on the command line to files: directories are searched, files are taken as named.

use std::io;
use std::path::{Path, PathBuf};

use crate::program::ProgramError;

/// The CLIF files under `paths`: a file as it is, a directory with all that lies below it, in
/// sorted order; each file once. Errors come beside what was found.
pub fn find(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<ProgramError>) {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        if let Err((path, message)) = search(path, &mut files) {
            errors.push(error(path, message));
        } else if files.len() == before {
            errors.push(error(path.clone(), "no .clif file below".to_owned()));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    (files, errors)
}

fn error(path: PathBuf, message: String) -> ProgramError {
    ProgramError {
        path: Some(path),
        line: None,
        message,
    }
}

fn search(directory: &Path, files: &mut Vec<PathBuf>) -> Result<(), (PathBuf, String)> {
    let at = |error: io::Error| (directory.to_owned(), format!("cannot read: {error}"));
    let entries = std::fs::read_dir(directory).map_err(at)?;
    let mut entries = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()
        .map_err(at)?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            search(&entry, files)?;
        } else if entry
            .extension()
            .is_some_and(|extension| extension == "clif")
        {
            files.push(entry);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_searched_in_order_and_files_come_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::create_dir(root.join("b")).unwrap();
        for name in ["c.clif", "a.clif", "b/x.clif", "b/readme.md"] {
            std::fs::write(root.join(name), "").unwrap();
        }
        let (files, errors) = find(&[root.to_owned(), root.join("a.clif"), root.join("gone")]);
        let expected = ["a.clif", "b/x.clif", "c.clif", "gone"].map(|name| root.join(name));
        assert_eq!(files, expected);
        assert_eq!(errors, []);
    }

    #[test]
    fn a_directory_without_programs_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (files, errors) = find(&[folder.path().to_owned()]);
        assert!(files.is_empty());
        assert!(errors[0].to_string().ends_with(": no .clif file below"));
    }
}
