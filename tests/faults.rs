//! Faults injected on purpose: a fixed part of the catalogue on every executable ISA, from every
//! code generator, and what the oracles say of the same programs without any fault.

use std::path::{Path, PathBuf};

use patchproof::code_generators;
use patchproof::machine::tampering::Tampering;
use std::sync::Arc;

use patchproof::fault::{
    Class, Fault, Injected, Instance, Means, On, Outcome, Placement, Plan, Report, Subject,
    Subjects, catalogue, measure,
};
use patchproof::isa::Isa;
use patchproof::judge;
use patchproof::oracle::Check;
use patchproof::program::Program;
use patchproof::scenario::ScenarioChoice;
use patchproof::verify::{Isolation, Options};

/// Programs of the fixed part: between them they have a place for each of its faults, on each
/// ISA, in code that no finding is known of.
const PROGRAMS: [&str; 13] = [
    "arguments-i128-tail",
    "arguments-on-stack-system-v",
    "convention-preserve-all-unpatched",
    "convention-system-v",
    "convention-tail",
    "hook-reads-program-memory",
    "leaf-hook",
    "leaf-hook-forty-i64",
    "leaf-hook-toggled",
    "reference-says-nothing",
    "setting-extensions-used",
    "site-in-callee",
    "toggle-at-each-pass",
];

/// Instances of a fault in the fixed part: as many as tell its kinds apart, not all registers.
const INSTANCES: usize = 3;

fn programs() -> Vec<Program> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/pass");
    let load = |name: &&str| Program::load(&folder.join(format!("{name}.clif")));
    PROGRAMS
        .iter()
        .map(|name| load(name).expect("a program of the corpus"))
        .collect()
}

fn plan(without: Vec<Check>) -> Plan {
    let worker = PathBuf::from(env!("CARGO_BIN_EXE_patchproof"));
    Plan {
        generators: code_generators::ALL.to_vec(),
        isas: executable().collect(),
        class: None,
        instances: Some(INSTANCES),
        programs: PROGRAMS.len(),
        without,
        subjects: Subjects::new(programs(), 0, 0),
        options: Options {
            isolation: Isolation::All,
            scenarios: ScenarioChoice::Drawn(0),
            fuel: 20_000,
            ..judge::options(worker)
        },
    }
}

fn executable() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_executable())
}

fn describe(report: &Report, wanted: impl Fn(&Outcome) -> bool) -> Vec<String> {
    let rows = report.rows.iter().filter(|row| wanted(&row.outcome));
    rows.map(|row| {
        let (fault, instance) = (row.fault, &row.instance);
        format!(
            "{} {} {fault} {instance}: {:?}",
            row.generator, row.isa, row.outcome
        )
    })
    .collect()
}

fn survives(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Survived { .. } | Outcome::Broken { .. })
}

#[test]
fn every_fault_of_the_fixed_part_is_caught_on_every_isa() {
    let report = measure(&plan(Vec::new()), &catalogue());
    let survivors = describe(&report, survives);
    assert!(survivors.is_empty(), "{survivors:#?}");
    for generator in code_generators::ALL {
        for isa in executable() {
            for class in Class::ALL {
                let caught = report.rows.iter().any(|row| {
                    row.generator == generator.name()
                        && (row.isa, row.class) == (isa, class)
                        && matches!(row.outcome, Outcome::Caught { .. })
                });
                assert!(caught, "{class} on {isa} of {}", generator.name());
            }
        }
    }
}

/// Each with a fault that nobody else catches in the same program.
const ALONE: [(Check, &str); 9] = [
    (Check::Compile, "valid-input-fails"),
    (Check::Sites, "site-doubled"),
    (Check::Code, "extension-not-stated"),
    (Check::State, "entry-loses-callee-saved"),
    (Check::HookLog, "argument-missing-while-nopped"),
    (Check::Lockstep, "register-half-saved"),
    (Check::Toggle, "fill-in-part"),
    (Check::Vacuity, "host-not-hostile"),
    (Check::Agreement, "wrong-argument-without-reference"),
];

#[test]
fn without_any_one_oracle_something_survives() {
    for (check, name) in ALONE {
        let faults: Vec<Fault> = catalogue().into_iter().filter(|f| f.name == name).collect();
        assert_eq!(faults.len(), 1, "{name}");
        let survivors = |without| {
            let report = measure(&plan(without), &faults);
            describe(&report, survives).len()
        };
        assert_eq!(survivors(Vec::new()), 0, "{name}");
        assert!(survivors(vec![check]) > 0, "{name} without {check}");
    }
}

/// What puts nothing wrong into a subject.
fn no_fault(_: Isa) -> On {
    let instance = |label: &str, injected: fn(&Subject) -> Injected| Instance {
        label: label.to_owned(),
        inject: Arc::new(move |subject| Placement::In(Box::new(injected(subject)))),
    };
    On::Instances(vec![
        instance("compiled", |subject| {
            Injected::Compiled(subject.compiled.clone())
        }),
        instance("image", |subject| Injected::Image((*subject.image).clone())),
        instance("run", |_| Injected::Run(Tampering::default())),
    ])
}

#[test]
fn what_is_no_fault_is_never_caught() {
    let none = Fault {
        name: "none",
        class: Class::Suite,
        means: Means::Run,
        bug: "none",
        on: no_fault,
    };
    let report = measure(&plan(Vec::new()), &[none]);
    assert_eq!(
        report.rows.len(),
        3 * executable().count() * code_generators::ALL.len()
    );
    for row in &report.rows {
        let Outcome::Survived {
            placed,
            nearest: Some((_, how)),
            ..
        } = &row.outcome
        else {
            panic!("{} {}: {:?}", row.isa, row.instance, row.outcome);
        };
        // Each program of the fixed part is a subject somewhere, and nothing came of any.
        assert!(*placed > 0);
        assert_eq!(how, "the runs are as without the fault");
    }
}

/// Caught, of how many, and the most programs that one took, from a cell like `15/15, 1, 1`.
fn cell(text: &str) -> [usize; 3] {
    let numbers: Vec<usize> = text
        .split(['/', ','])
        .map(|number| number.trim().parse().expect("a number"))
        .collect();
    let [caught, all, _, most] = numbers[..] else {
        panic!("'{text}' has four numbers");
    };
    [caught, all, most]
}

/// Not how many there are of each, which the whole catalogue takes to count.
#[test]
fn the_readmes_tables_are_of_these_generators_and_this_catalogue() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).expect("it is there");
    let catalogue = catalogue();
    let isas: Vec<Isa> = executable().collect();
    let names: Vec<&str> = isas.iter().map(|isa| isa.name()).collect();
    for generator in code_generators::ALL {
        let head = format!("| {} | {} |", generator.name(), names.join(" | "));
        let mut lines = readme.lines().skip_while(|line| *line != head).skip(2);
        for class in Class::ALL {
            let line = lines.next().unwrap_or_default();
            let start = format!("| {class} |");
            let cells = line.strip_prefix(&start);
            let cells = cells.unwrap_or_else(|| panic!("no {class} of {head}: {line}"));
            let cells: Vec<_> = cells.trim_end_matches(" |").split('|').map(cell).collect();
            assert_eq!(cells.len(), isas.len(), "{line}");
            for (isa, [caught, all, most]) in isas.iter().zip(cells) {
                let instances = |fault: &&Fault| match (fault.on)(*isa) {
                    On::Instances(list) => list.len(),
                    On::Never(_) => 0,
                };
                let of_class = || catalogue.iter().filter(|fault| fault.class == class);
                let count: usize = of_class().map(|fault| instances(&fault)).sum();
                // Any site is a place for other metadata, but one whose stack pointer is set anew.
                let everywhere = of_class().filter(|fault| !fault.name.starts_with("rebuild-"));
                let everywhere: usize = everywhere.map(|fault| instances(&fault)).sum();
                assert!(caught == all && all > 0 && most <= 50, "{isa}: {line}");
                assert!(all <= count, "{isa}: {all} of {count}: {line}");
                assert!(
                    class != Class::Metadata || all >= everywhere,
                    "{isa}: {line}"
                );
            }
        }
    }
}
