//! Views of several ISAs against each other.

use super::{View, disagreements};
use crate::image::Layout;
use crate::isa::Isa;
use crate::machine::{Event, Exit};
use crate::oracle::specimen::Specimen;
use crate::oracle::specimen::runs::{LIVE, NOPPED, value};
use crate::oracle::{Check, Subject};
use crate::program::CallConv;

fn specimen(isa: Isa) -> Specimen {
    Specimen::with_runs(isa, CallConv::PreserveAll, 1)
}

/// For three ISAs and one whose run is corrupted: who disagrees.
fn odd_one(corrupt: impl Fn(&mut Specimen)) -> Vec<bool> {
    let isas = [Isa::X86_64, Isa::S390x, Isa::Pulley64be, Isa::Riscv64gc];
    let mut specimens = isas.map(specimen);
    corrupt(&mut specimens[1]);
    let views: Vec<(String, View)> = specimens
        .iter()
        .map(|s| (s.image.isa.to_string(), View::of(&s.evidence())))
        .collect();
    let list = disagreements(&views);
    for discrepancy in list.iter().flatten() {
        assert_eq!(
            (discrepancy.check, &discrepancy.subject),
            (Check::Agreement, &Subject::Exit)
        );
        assert_ne!(discrepancy.expected, discrepancy.seen);
    }
    list.iter().map(Option::is_some).collect()
}

const NOBODY: [bool; 4] = [false; 4];
const THE_SECOND: [bool; 4] = [false, true, false, false];

#[test]
fn the_same_on_every_isa_is_agreement() {
    assert_eq!(odd_one(|_| ()), NOBODY);
    assert!(disagreements(&[]).is_empty());
}

#[test]
fn the_one_that_differs_disagrees_with_the_rest() {
    type Corrupt = fn(&mut Specimen);
    let ways: [Corrupt; 5] = [
        |s| s.runs[LIVE].evidence.results = vec![value(6)],
        |s| s.runs[LIVE].evidence.exit = Exit::OutOfFuel,
        |s| s.runs[LIVE].evidence.data[0][1] ^= 1,
        |s| s.pass(LIVE).args[0] = value(71),
        |s| {
            s.runs[LIVE].evidence.events.pop();
        },
    ];
    for (number, way) in ways.into_iter().enumerate() {
        assert_eq!(odd_one(way), THE_SECOND, "way {number}");
    }
}

#[test]
fn what_only_an_isa_knows_is_no_disagreement() {
    // Registers, fuel and other scenarios than the live one.
    let own: fn(&mut Specimen) = |s| {
        s.change(LIVE, "r0", 1);
        s.runs[LIVE].evidence.fuel_used = 99;
        s.runs[NOPPED].evidence.results.clear();
    };
    assert_eq!(odd_one(own), NOBODY);
}

#[test]
fn the_place_of_a_fault_and_addresses_of_code_and_stack_are_an_isas_own() {
    let mut views = Vec::new();
    for isa in [Isa::X86_64, Isa::Aarch64] {
        let mut specimen = specimen(isa);
        let layout = Layout::of(isa);
        let stack = layout.stack_top() - u64::from(isa == Isa::X86_64) * 16;
        specimen.pass(LIVE).args[0] = value(stack.into());
        specimen.runs[LIVE].evidence.events.push(Event::Hostcall {
            hostcall: 0,
            args: vec![value(u128::from(specimen.image.symbols["%hook"]))],
            results: Vec::new(),
        });
        specimen.runs[LIVE].evidence.exit = Exit::Trap {
            pc: u64::from(isa == Isa::X86_64),
            code: "user1".to_owned(),
        };
        views.push((isa.to_string(), View::of(&specimen.evidence())));
    }
    assert_eq!(disagreements(&views), [None, None]);
}
