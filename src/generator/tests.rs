//! Generated programs are programs, and what they should be.

mod lowering;

use super::{Coverage, Trait, program, shrink};
use crate::program::{PredictedExit, Program};
use crate::reference::Reference;

const SEED: u64 = 0x5eed;
const FUEL: u64 = 2_000_000;

#[test]
fn a_seed_and_a_number_give_one_text() {
    let first: Vec<String> = (0..20).map(|k| program(SEED, k).text).collect();
    let again: Vec<String> = (0..20).rev().map(|k| program(SEED, k).text).collect();
    assert!(first.iter().eq(again.iter().rev()));
    assert_ne!(first[0], first[1]);
    assert_ne!(first[0], program(SEED + 1, 0).text);
}

#[test]
fn a_hook_beyond_what_the_program_affords_is_called_all_the_same() {
    // They would have no site: without `site_at_any_cost` four of 45,000 programs of the seed have
    // none.
    for k in [17_015, 21_461, 34_323, 36_215] {
        let text = program(771_001, k).text;
        assert!(text.contains("colocated patchable"), "program {k}\n{text}");
        Program::parse("generated", &text).unwrap();
    }
}

/// Exit and the program's own data, with all sites live or NOPed.
fn seen(program: &Program, reference: &Reference<'_>, live: bool) -> Result<Vec<String>, String> {
    use crate::program::Owner;
    let sites = vec![live; program.interface.sites.len()];
    let mut seen = Vec::new();
    for invocation in &program.invocations {
        let prediction = reference.predict(invocation, &sites, FUEL)?;
        let data = program.interface.data.iter().zip(&prediction.data);
        let own: Vec<_> = data
            .filter(|(decl, _)| decl.owner == Owner::Program)
            .collect();
        seen.push(format!("{:?} {own:?}", prediction.exit));
    }
    Ok(seen)
}

#[test]
fn programs_verify_are_predicted_and_do_not_depend_on_hooks() {
    let mut refused = Vec::new();
    for k in 0..300 {
        let text = program(SEED, k).text;
        let program = match Program::parse("generated", &text) {
            Ok(program) => program,
            Err(error) => {
                refused.push(format!("program {k}: {error}"));
                continue;
            }
        };
        let reference = Reference::new(&program);
        match (
            seen(&program, &reference, true),
            seen(&program, &reference, false),
        ) {
            (Ok(live), Ok(nopped)) => assert_eq!(live, nopped, "program {k}\n{text}"),
            (Err(reason), _) | (_, Err(reason)) => refused.push(format!("{k}: {reason}")),
        }
    }
    println!("{}", refused.join("\n"));
    assert!(refused.len() < 6, "{}", refused.join("\n"));
}

#[test]
fn a_trap_is_reached_only_where_it_is_meant() {
    for k in 0..300 {
        let generated = program(SEED, k);
        let program = Program::parse("generated", &generated.text).unwrap();
        let sites = vec![true; program.interface.sites.len()];
        let reference = Reference::new(&program);
        let ends = program.invocations.iter();
        let ends = ends.filter_map(|invocation| reference.predict(invocation, &sites, FUEL).ok());
        let trapped = ends
            .filter(|end| matches!(end.exit, PredictedExit::Trap(_)))
            .count();
        let meant = generated.traits.contains(&Trait::TrapReached);
        assert!(
            trapped <= usize::from(meant),
            "program {k}\n{}",
            generated.text
        );
    }
}

#[test]
fn every_trait_comes_up() {
    let mut coverage = Coverage::default();
    for k in 0..500 {
        coverage.add(crate::isa::Isa::X86_64, &program(SEED, k).traits);
    }
    println!("{}", coverage.render(20));
    assert_eq!(coverage.never(), []);
}

#[test]
fn shrinking_reaches_a_small_program() {
    let wanted = |text: &str| {
        text.lines()
            .any(|line| line.contains("patchable") && line.contains("i128"))
            && text.contains("imul")
    };
    let k = (0..).find(|k| wanted(&program(SEED, *k).text)).unwrap();
    let mut calls = 0;
    let mut fails = |text: &str| {
        calls += 1;
        Program::parse("generated", text).unwrap();
        wanted(text)
    };
    let small = shrink(SEED, k, 2000, &mut fails).unwrap();
    println!("{calls} calls\n{small}");
    assert!(wanted(&small));
    assert!(small.lines().count() < 80, "{small}");
    assert_eq!(shrink(SEED, k, 10, &mut |_| false), None);
}

#[test]
fn generating_is_fast() {
    let start = std::time::Instant::now();
    let bytes: usize = (0..1000).map(|k| program(SEED, k).text.len()).sum();
    let each = start.elapsed() / 1000;
    println!("{each:?} and {} bytes a program", bytes / 1000);
    assert!(each.as_millis() < 5);
}

#[test]
fn coverage_counts_programs_and_pairs() {
    use crate::isa::Isa::{S390x, X86_64};
    let mut coverage = Coverage::default();
    coverage.add(X86_64, &[Trait::Loop, Trait::Fence]);
    let mut more = Coverage::default();
    more.add(X86_64, &[Trait::Loop]);
    more.add(S390x, &[Trait::Bti]);
    coverage.merge(&more);
    assert_eq!(coverage.count(X86_64, Trait::Loop), 2);
    assert_eq!(coverage.count(S390x, Trait::Loop), 0);
    assert!(!coverage.never().contains(&Trait::Bti));
    assert_eq!(coverage.pairs_never().len(), 2);
    assert!(coverage.render(1).contains("and 1 more"));
}
