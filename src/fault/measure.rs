//! The measure: for each fault instance, how many programs it takes until an oracle catches it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use serde::Serialize;

use super::subject::{Subject, Subjects};
use super::{Class, Fault, Injected, Instance, Means, On, Placement};
use crate::codegen::CodeGenerator;
use crate::image::link;
use crate::isa::Isa;
use crate::machine::RunEvidence;
use crate::machine::tampering::Tampering;
use crate::oracle::{Check, Verdict, View, disagreements};
use crate::panic_guard;
use crate::verify::{Options, Verifier, VerifyError};

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

/// The subjects of one code generator and ISA, each with its number among all programs.
struct Bench {
    generator: &'static dyn CodeGenerator,
    isa: Isa,
    subjects: Vec<(usize, Subject)>,
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

/// Whether runs show the same, however long they took.
fn alike(runs: &[RunEvidence], others: &[RunEvidence]) -> bool {
    let timeless = |run: &RunEvidence| RunEvidence {
        fuel_used: 0,
        ..run.clone()
    };
    runs.len() == others.len()
        && runs
            .iter()
            .zip(others)
            .all(|(a, b)| timeless(a) == timeless(b))
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

/// The subjects of each code generator on each executable ISA. Also on those that are not
/// measured: check 8 compares with them.
fn benches(plan: &Plan) -> Vec<Bench> {
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
type Views = BTreeMap<usize, Vec<(String, View)>>;

fn named(generator: &dyn CodeGenerator, isa: Isa) -> String {
    format!("{isa} by {}", generator.name())
}

fn views(benches: &[Bench]) -> Views {
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

/// One instance against the subjects of its bench.
struct Trial<'a> {
    plan: &'a Plan,
    bench: &'a Bench,
    views: &'a Views,
}

/// What one program says of an instance.
enum Said {
    Caught(Vec<Check>),
    /// How near it came: higher is nearer.
    Missed(u8, String),
}

impl Trial<'_> {
    fn outcome(&self, instance: &Instance, verifier: &mut Verifier) -> Outcome {
        let (mut placed, mut passed_over) = (0, 0);
        let mut nearest: Option<(u8, String, String)> = None;
        let mut equivalent = None;
        let programs = self.bench.subjects.len();
        for (index, subject) in &self.bench.subjects {
            if placed == self.plan.programs {
                break;
            }
            let injected = match (instance.inject)(subject) {
                Placement::NoPlace => {
                    passed_over += 1;
                    continue;
                }
                Placement::Equivalent(reason) => {
                    equivalent = Some(reason);
                    passed_over += 1;
                    continue;
                }
                Placement::In(injected) => *injected,
            };
            let said = panic_guard::catch(|| self.said(*index, subject, injected, verifier));
            let said = said.unwrap_or_else(|panic| {
                *verifier = Verifier::new(self.plan.options.clone());
                Err(VerifyError::Suite(format!("panicked: {panic}")))
            });
            placed += 1;
            let program = subject.program.name.clone();
            match said {
                Err(error) => {
                    let message = format!("{program}: {error}");
                    return Outcome::Broken { message };
                }
                Ok(Said::Caught(by)) => {
                    return Outcome::Caught {
                        programs: placed,
                        passed_over,
                        program,
                        by,
                    };
                }
                Ok(Said::Missed(near, how)) => {
                    if nearest.as_ref().is_none_or(|(best, ..)| near > *best) {
                        nearest = Some((near, program, how));
                    }
                }
            }
        }
        match (placed, equivalent) {
            (0, Some(reason)) => Outcome::Equivalent {
                reason: reason.to_owned(),
            },
            (0, None) => Outcome::NoPlace { programs },
            _ => Outcome::Survived {
                placed,
                programs,
                nearest: nearest.map(|(_, program, how)| (program, how)),
            },
        }
    }

    fn said(
        &self,
        index: usize,
        subject: &Subject,
        injected: Injected,
        verifier: &mut Verifier,
    ) -> Result<Said, VerifyError> {
        let isa = subject.isa();
        let (image, tampering) = match injected {
            Injected::Failed(message) => {
                return Ok(if self.plan.without.contains(&Check::Compile) {
                    Said::Missed(2, format!("not compiled: {message}"))
                } else {
                    Said::Caught(vec![Check::Compile])
                });
            }
            Injected::Compiled(compiled) => {
                match link(isa, &subject.program.interface, &compiled) {
                    Ok(image) => (Arc::new(image), Tampering::default()),
                    Err(error) => return Ok(Said::Missed(0, format!("not linked: {error}"))),
                }
            }
            Injected::Image(image) => (Arc::new(image), Tampering::default()),
            Injected::Run(tampering) => (Arc::clone(&subject.image), tampering),
        };
        let without = &self.plan.without;
        let given = verifier.verify_image(&subject.program, image, &tampering, without)?;
        let failed = given.verdicts.iter();
        let failed = failed.filter(|(_, verdict)| matches!(verdict, Verdict::Fail(_)));
        let mut by: Vec<Check> = failed.map(|(check, _)| *check).collect();
        // As in a verification, only what passes all other checks is compared with other ISAs.
        let passes = |(_, verdict): &(_, Verdict)| *verdict == Verdict::Pass;
        if given.verdicts.iter().all(passes)
            && !without.contains(&Check::Agreement)
            && let Some(view) = given.view
            && self.disagrees(index, view)
        {
            by.push(Check::Agreement);
        }
        if !by.is_empty() {
            return Ok(Said::Caught(by));
        }
        let doubt = given
            .verdicts
            .iter()
            .find_map(|(_, verdict)| match verdict {
                Verdict::Inconclusive(why) => Some(why.clone()),
                _ => None,
            });
        Ok(match doubt {
            Some(why) => Said::Missed(2, format!("inconclusive: {why}")),
            None if !alike(&given.evidence, &subject.evidence) => Said::Missed(
                1,
                "the runs differ, and every oracle passes them".to_owned(),
            ),
            None => Said::Missed(0, "the runs are as without the fault".to_owned()),
        })
    }

    /// Whether `view` is not what the program looks like elsewhere.
    fn disagrees(&self, index: usize, view: View) -> bool {
        let own = named(self.bench.generator, self.bench.isa);
        let others = self.views.get(&index).into_iter().flatten();
        let others = others.filter(|(name, _)| *name != own).cloned();
        let mut all: Vec<(String, View)> = others.collect();
        all.push((own, view));
        disagreements(&all).pop().flatten().is_some()
    }
}
