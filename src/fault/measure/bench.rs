//! The programs that faults are put into, compiled and run without one.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::super::subject::Subject;
use super::Plan;
use crate::codegen::CodeGenerator;
use crate::isa::Isa;
use crate::oracle::View;
use crate::panic_guard;
use crate::verify::Verifier;

/// The subjects of one code generator and ISA, each with its number among all programs.
pub struct Bench {
    /// Code generator.
    pub generator: &'static dyn CodeGenerator,
    /// ISA.
    pub isa: Isa,
    /// The subjects.
    pub subjects: Vec<(usize, Subject)>,
}

/// The subjects of each code generator on each executable ISA. Also on those that are not
/// measured: check 8 compares with them.
pub fn benches(plan: &Plan) -> Vec<Bench> {
    let isas = Isa::ALL.into_iter().filter(|isa| isa.is_executable());
    let isas: Vec<Isa> = isas.collect();
    let pairs = plan.generators.iter().flat_map(|generator| {
        isas.iter()
            .map(|isa| (*generator, *isa))
            .collect::<Vec<_>>()
    });
    let pairs: Vec<_> = pairs.collect();
    pairs
        .into_par_iter()
        .map(|(generator, isa)| {
            let mut verifier = Verifier::new(plan.options.clone());
            let mut subjects = Vec::new();
            for index in 0..plan.subjects.len() {
                let subject = plan.subjects.program(index).and_then(|program| {
                    let made = panic_guard::catch(|| {
                        Subject::new(&program, isa, generator, &mut verifier)
                    });
                    made.ok().flatten()
                });
                subjects.extend(subject.map(|subject| (index, subject)));
            }
            Bench {
                generator,
                isa,
                subjects,
            }
        })
        .collect()
}

/// What each program looks like on each ISA from each generator.
pub type Views = BTreeMap<usize, Vec<(String, View)>>;

/// What check 8 calls a code generator on an ISA.
pub fn named(generator: &dyn CodeGenerator, isa: Isa) -> String {
    format!("{isa} by {}", generator.name())
}

/// The views of all subjects.
pub fn views(benches: &[Bench]) -> Views {
    let mut views = Views::new();
    for bench in benches {
        for (index, subject) in &bench.subjects {
            if let Some(view) = &subject.view {
                let name = named(bench.generator, bench.isa);
                views.entry(*index).or_default().push((name, view.clone()));
            }
        }
    }
    views
}
