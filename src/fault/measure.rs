//! The measure: for each fault instance, how many programs it takes until an oracle catches it.

mod bench;
mod trial;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use super::subject::Subjects;
use super::{Class, Fault, Instance, Means, On};
use crate::codegen::CodeGenerator;
use crate::isa::Isa;
use crate::oracle::Check;
use crate::verify::{Options, Verifier};
use bench::{Bench, benches, views};
use trial::Trial;

/// What is measured.
pub struct Plan {
    /// Code generators.
    pub generators: Vec<&'static dyn CodeGenerator>,
    /// ISAs.
    pub isas: Vec<Isa>,
    /// Only this class.
    pub class: Option<Class>,
    /// Only so many instances of each fault, spread over all of them.
    pub instances: Option<usize>,
    /// Most programs with a place for it that an instance is put into.
    pub programs: usize,
    /// Oracles that are switched off.
    pub without: Vec<Check>,
    /// The programs.
    pub subjects: Subjects,
    /// How they are run.
    pub options: Options,
}

/// What became of one instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    /// An oracle caught it.
    Caught {
        /// Programs with a place for it that it took.
        programs: usize,
        /// Programs without a place for it that came before.
        passed_over: usize,
        /// The program that showed it.
        program: String,
        /// All oracles that did.
        by: Vec<Check>,
    },
    /// None did.
    Survived {
        /// Programs that had a place for it.
        placed: usize,
        /// Programs in all.
        programs: usize,
        /// The program that came nearest, and how near.
        nearest: Option<(String, String)>,
    },
    /// No program has a place for it.
    NoPlace {
        /// Programs in all.
        programs: usize,
    },
    /// It changes nothing that the contract promises.
    Equivalent {
        /// Why.
        reason: String,
    },
    /// There is no such thing on this ISA.
    Never {
        /// Why.
        reason: String,
    },
    /// The suite failed at it.
    Broken {
        /// How.
        message: String,
    },
}

/// One instance of a fault on one ISA from one code generator.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Code generator with its release.
    pub generator: String,
    /// ISA.
    pub isa: Isa,
    /// Class of the fault.
    pub class: Class,
    /// Name of the fault.
    pub fault: &'static str,
    /// What tells the instance from the others.
    pub instance: String,
    /// What it was made with.
    pub means: Means,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// All rows, and what they were measured with.
pub struct Report {
    /// The rows, in the order of generators, ISAs and the catalogue.
    pub rows: Vec<Row>,
    /// Subjects of each code generator and ISA.
    pub subjects: BTreeMap<(String, Isa), usize>,
}

/// Measures `catalogue` as planned.
pub fn measure(plan: &Plan, catalogue: &[Fault]) -> Report {
    let benches = benches(plan);
    let views = views(&benches);
    let mut jobs: Vec<(&Bench, &Fault, Result<Instance, &'static str>)> = Vec::new();
    for bench in benches
        .iter()
        .filter(|bench| plan.isas.contains(&bench.isa))
    {
        let wanted = |fault: &&Fault| plan.class.is_none_or(|class| class == fault.class);
        for fault in catalogue.iter().filter(wanted) {
            match (fault.on)(bench.isa) {
                On::Never(reason) => jobs.push((bench, fault, Err(reason))),
                On::Instances(list) => {
                    let list = spread(list, plan.instances);
                    jobs.extend(
                        list.into_iter()
                            .map(|instance| (bench, fault, Ok(instance))),
                    );
                }
            }
        }
    }
    let next = AtomicUsize::new(0);
    let done = rayon::broadcast(|_| {
        let mut verifier = Verifier::new(plan.options.clone());
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some((bench, fault, instance)) = jobs.get(place) else {
                return done;
            };
            let trial = Trial {
                plan,
                bench,
                views: &views,
            };
            let (label, outcome) = match instance {
                Ok(instance) => (&*instance.label, trial.outcome(instance, &mut verifier)),
                Err(reason) => {
                    let reason = (*reason).to_owned();
                    ("", Outcome::Never { reason })
                }
            };
            done.push((place, row(bench, fault, label, outcome)));
        }
    });
    let mut rows: Vec<(usize, Row)> = done.into_iter().flatten().collect();
    rows.sort_by_key(|(place, _)| *place);
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    let subjects = benches.iter().map(|bench| {
        let key = (bench.generator.name().to_owned(), bench.isa);
        (key, bench.subjects.len())
    });
    Report {
        subjects: subjects.collect(),
        rows,
    }
}

/// `most` of `list`, the first and the last among them.
fn spread(list: Vec<Instance>, most: Option<usize>) -> Vec<Instance> {
    let Some(most) = most.filter(|most| *most < list.len()) else {
        return list;
    };
    let last = list.len() - 1;
    let wanted: Vec<usize> = (0..most)
        .map(|turn| last * turn / most.saturating_sub(1).max(1))
        .collect();
    let list = list.into_iter().enumerate();
    list.filter(|(index, _)| wanted.contains(index))
        .map(|(_, instance)| instance)
        .collect()
}

fn row(bench: &Bench, fault: &Fault, label: &str, outcome: Outcome) -> Row {
    Row {
        generator: bench.generator.name().to_owned(),
        isa: bench.isa,
        class: fault.class,
        fault: fault.name,
        instance: label.to_owned(),
        means: fault.means,
        outcome,
    }
}
