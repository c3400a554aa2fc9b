//! The rules that hold the sources together, as tests: which part may know which, where unsafe
//! code may be, that documents name only what exists.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which modules each module may use. Dependencies go one way: a module stands below all that
/// it uses.
const LAYERS: &[(&str, &[&str])] = &[
    ("isa", &[]),
    ("releases", &[]),
    ("panic_guard", &[]),
    ("timing", &[]),
    ("wire", &[]),
    ("generator", &["isa", "program"]),
    ("reduce", &[]),
    ("program", &["isa", "panic_guard"]),
    ("codegen", &["isa", "panic_guard", "program", "releases"]),
    (
        "backend",
        &["codegen", "isa", "panic_guard", "program", "releases"],
    ),
    ("code_generators", &["backend", "codegen", "releases"]),
    ("image", &["codegen", "isa", "program", "releases", "wire"]),
    ("assemble", &["isa"]),
    ("generator", &["isa"]),
    ("disasm", &["image", "isa", "releases"]),
    ("machine", &["image", "isa", "program", "releases", "wire"]),
    ("scenario", &["image", "machine", "program", "timing"]),
    (
        "oracle",
        &[
            "assemble", "disasm", "image", "isa", "machine", "program", "releases",
        ],
    ),
    (
        "verify",
        &[
            "codegen",
            "image",
            "isa",
            "machine",
            "oracle",
            "panic_guard",
            "program",
            "reference",
            "scenario",
            "timing",
            "worker",
        ],
    ),
    (
        "corpus",
        &["isa", "machine", "oracle", "program", "scenario"],
    ),
    ("instrument", &["isa", "program"]),
    (
        "judge",
        &[
            "code_generators",
            "codegen",
            "corpus",
            "isa",
            "oracle",
            "panic_guard",
            "program",
            "reference",
            "scenario",
            "verify",
        ],
    ),
    (
        "history",
        &[
            "code_generators",
            "codegen",
            "corpus",
            "isa",
            "judge",
            "oracle",
            "program",
            "verify",
        ],
    ),
    (
        "campaign",
        &[
            "code_generators",
            "codegen",
            "corpus",
            "generator",
            "isa",
            "judge",
            "oracle",
            "panic_guard",
            "program",
            "reduce",
            "scenario",
            "timing",
            "verify",
        ],
    ),
    ("reduce", &["panic_guard"]),
    (
        "fault",
        &[
            "codegen",
            "disasm",
            "generator",
            "image",
            "isa",
            "machine",
            "oracle",
            "panic_guard",
            "program",
            "verify",
        ],
    ),
    (
        "report",
        &[
            "campaign",
            "code_generators",
            "codegen",
            "corpus",
            "disasm",
            "fault",
            "history",
            "image",
            "isa",
            "judge",
            "machine",
            "oracle",
            "program",
            "timing",
        ],
    ),
    ("reference", &["panic_guard", "program"]),
    ("worker", &["isa", "machine", "scenario", "timing"]),
    (
        "cli",
        &[
            "campaign",
            "code_generators",
            "codegen",
            "corpus",
            "disasm",
            "fault",
            "history",
            "instrument",
            "isa",
            "judge",
            "oracle",
            "program",
            "reduce",
            "releases",
            "report",
            "scenario",
            "verify",
            "worker",
        ],
    ),
    ("lib", &[]),
    ("main", &[]),
];

/// Where each tool from outside may be named. Its quirks stay there.
const TOOLS: &[(&str, &[&str])] = &[
    ("unicorn_engine", &["src/machine/unicorn"]),
    (
        "pulley_interpreter",
        &["src/backend/pulley", "src/disasm", "src/machine/pulley"],
    ),
    ("regalloc2", &["src/backend"]),
    ("capstone", &["src/disasm"]),
    ("keystone_engine", &["src/assemble.rs"]),
    (
        "cranelift_codegen",
        &[
            "src/backend",
            "src/program",
            "src/codegen",
            "src/reference",
            "src/reduce",
            "src/instrument",
        ],
    ),
    (
        "cranelift_reader",
        &["src/codegen", "src/program", "src/reduce", "src/instrument"],
    ),
    ("cranelift_interpreter", &["src/reference"]),
    ("comfy_table", &["src/report"]),
    ("indicatif", &["src/cli"]),
    ("clap", &["src/cli"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files below `folder` with one of these extensions, by their path in the package.
fn files(folder: &str, extensions: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut todo = vec![root().join(folder)];
    while let Some(directory) = todo.pop() {
        let Ok(entries) = std::fs::read_dir(&directory) else {
            continue;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            let extension = path
                .extension()
                .and_then(|e| e.to_str())
                .unwrap_or_default();
            if path.is_dir() {
                todo.push(path);
            } else if extensions.contains(&extension) {
                let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
                found.push((name.to_owned(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Files of the library without their tests and comments.
fn code() -> Vec<(String, String)> {
    let sources = files("src", &["rs"]);
    let test_modules: Vec<String> = sources.iter().flat_map(test_modules).collect();
    let is_test = |file: &str| {
        let is = |module: &String| {
            file == format!("{module}.rs") || file.starts_with(&format!("{module}/"))
        };
        test_modules.iter().any(is)
    };
    sources
        .into_iter()
        .filter(|(file, _)| !is_test(file))
        .map(|(file, text)| (file, without_tests(&text)))
        .collect()
}

/// Modules that a file declares for tests only, by their path without extension.
fn test_modules((file, text): &(String, String)) -> Vec<String> {
    let folder = match file.strip_suffix("/mod.rs") {
        Some(folder) => folder.to_owned(),
        None if file == "src/lib.rs" || file == "src/main.rs" => "src".to_owned(),
        None => file.trim_end_matches(".rs").to_owned(),
    };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
    let names = declared.filter_map(|pair| {
        let item = pair[1].strip_suffix(';')?;
        item.split_once("mod ").map(|(_, name)| name.to_owned())
    });
    names.map(|name| format!("{folder}/{name}")).collect()
}

/// `text` without comments and without the items under `#[cfg(test)]`.
fn without_tests(text: &str) -> String {
    let mut kept = Vec::new();
    let mut lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            kept.push(line);
            continue;
        }
        // An item ends in the line that it begins in, or with a brace under its beginning.
        let indent = line.len() - line.trim_start().len();
        let end = format!("{}}}", " ".repeat(indent));
        let one_line = lines.next().is_none_or(|item| item.ends_with([';', '}']));
        if !one_line {
            lines.find(|line| *line == end);
        }
    }
    kept.join("\n")
}

/// The top-level module that a file belongs to.
fn module(file: &str) -> &str {
    let below = file.strip_prefix("src/").unwrap_or(file);
    let first = below.split('/').next().unwrap_or(below);
    first.strip_suffix(".rs").unwrap_or(first)
}

/// Every `crate::name` in `text`, with the names of `crate::{...}` lists.
fn uses(text: &str) -> Vec<String> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (at, marker) in text.match_indices("crate::") {
        let rest = &text[at + marker.len()..];
        let list = rest
            .strip_prefix('{')
            .and_then(|list| list.split('}').next());
        for item in list.unwrap_or(rest).split(',') {
            let item = item.trim_start();
            let end = item.find(|c| !is_name(c)).unwrap_or(item.len());
            found.push(item[..end].to_owned());
            if list.is_none() {
                break;
            }
        }
    }
    found
}

#[test]
fn dependencies_go_one_way() {
    let layers: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (file, text) in code() {
        let module = module(&file);
        let Some(allowed) = layers.get(module) else {
            wrong.push(format!("{file}: the table of layers has no {module}"));
            continue;
        };
        for used in uses(&text) {
            let known = layers.contains_key(used.as_str());
            if known && used != module && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{file}: {module} may not use {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn tools_from_outside_are_named_in_their_place_only() {
    let mut wrong = Vec::new();
    for (file, text) in code() {
        for (tool, places) in TOOLS {
            let named = text.contains(&format!("{tool}::"));
            if named && !places.iter().any(|place| file.starts_with(place)) {
                wrong.push(format!("{file}: {tool} belongs to {}", places.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn unsafe_code_is_in_the_pulley_machine_only() {
    let mut wrong = Vec::new();
    for (file, text) in code() {
        let is_unsafe = ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"]
            .iter()
            .any(|words| text.contains(words));
        if is_unsafe && !file.starts_with("src/machine/pulley") {
            wrong.push(file);
        }
    }
    assert!(wrong.is_empty(), "unsafe code in {}", wrong.join(", "));
}

#[test]
fn no_source_is_longer_than_a_thousand_lines() {
    for folder in ["src", "tests", "benches"] {
        for (file, text) in files(folder, &["rs"]) {
            let lines = text.lines().count();
            assert!(lines <= 1000, "{file} has {lines} lines");
        }
    }
}

#[test]
fn every_program_opens_with_a_comment_that_says_why() {
    for (file, text) in files("corpus", &["clif"]) {
        let first = text.lines().next().unwrap_or_default();
        let words = first.strip_prefix("; ").unwrap_or_default();
        let is_header = ["known:", "error:", "run:"]
            .iter()
            .any(|key| words.starts_with(key));
        assert!(
            words.len() > 10 && !is_header,
            "{file}: opens with '{first}'"
        );
    }
}

#[test]
fn documents_name_only_paths_that_exist() {
    let tops = [
        "src/", "tests/", "corpus/", "ci/", ".ci/", "benches/", ".github/", "docs/",
    ];
    let mut wrong = Vec::new();
    for (file, text) in documents() {
        let is_path = |c: char| c.is_alphanumeric() || "/._-".contains(c);
        for word in text.split(|c| !is_path(c)) {
            let path = word.trim_end_matches('.');
            if tops.iter().any(|top| path.starts_with(top)) && !root().join(path).exists() {
                wrong.push(format!("{file}: there is no {path}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Documents for people.
fn documents() -> Vec<(String, String)> {
    let readme = root().join("README.md");
    let mut list = files("docs", &["md"]);
    list.push((
        "README.md".to_owned(),
        std::fs::read_to_string(readme).unwrap(),
    ));
    list
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    // Written in two parts, so that this file does not find itself.
    let homes = [
        ["/ho", "me/"],
        ["/Us", "ers/"],
        ["/ro", "ot/"],
        ["/wo", "rk/"],
    ];
    let mut all = documents();
    for folder in [
        "src",
        "tests",
        "benches",
        "corpus",
        "ci",
        ".github",
        "snapshots",
    ] {
        all.extend(files(
            folder,
            &["rs", "md", "clif", "snap", "yml", "cmake", ""],
        ));
    }
    for (file, text) in all {
        for home in homes {
            assert!(
                !text.contains(&home.concat()),
                "{file} names {}",
                home.concat()
            );
        }
    }
}

/// What the command says for itself.
fn help(words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_patchproof"));
    let output = command.args(words).arg("--help").output().unwrap();
    assert!(output.status.success(), "{words:?} has no --help");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn commands_in_documents_are_ones_that_the_command_has() {
    let mut seen = 0;
    for (file, text) in documents() {
        // Indented lines are what is typed.
        for line in text.lines().filter_map(|line| line.strip_prefix("    ")) {
            let words = line.strip_prefix("cargo run -- ");
            let Some(words) = words.or_else(|| line.strip_prefix("patchproof ")) else {
                continue;
            };
            let words: Vec<&str> = words.split_whitespace().collect();
            let help = help(&words[..1]);
            for flag in words.iter().filter(|word| word.starts_with("--")) {
                assert!(help.contains(flag), "{file}: {line}: no {flag} in\n{help}");
            }
            seen += 1;
        }
    }
    assert!(seen >= 3, "README.md shows how each subcommand is used");
}

#[test]
fn the_readme_tells_every_visible_option() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for subcommand in ["verify", "disasm", "run", "campaign", "merge", "instrument"] {
        for word in help(&[subcommand]).split_whitespace() {
            let flag = word.trim_end_matches([',', ']', ';']);
            if flag.starts_with("--") && flag != "--help" {
                assert!(
                    readme.contains(flag),
                    "README.md lacks {flag} of {subcommand}"
                );
            }
        }
    }
}

#[test]
fn scripts_are_executable() {
    #[cfg(unix)]
    for script in [
        "ci/setup",
        "ci/check",
        "ci/nightly",
        "ci/slurm-nightly.sh",
        ".ci/run",
    ] {
        use std::os::unix::fs::PermissionsExt;
        let path: PathBuf = root().join(script);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert!(mode & 0o100 != 0, "{script}");
    }
}
