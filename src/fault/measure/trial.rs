//! One instance of a fault, tried out.

use std::sync::Arc;

use super::super::subject::Subject;
use super::super::{Injected, Instance, Placement};
use super::bench::{Bench, Views, named};
use super::{Outcome, Plan};
use crate::image::link;
use crate::machine::RunEvidence;
use crate::machine::tampering::Tampering;
use crate::oracle::{Check, Verdict, View, disagreements};
use crate::panic_guard;
use crate::verify::{Verifier, VerifyError};

/// One instance against the subjects of its bench.
pub struct Trial<'a> {
    /// What is measured.
    pub plan: &'a Plan,
    /// Where.
    pub bench: &'a Bench,
    /// What the programs look like elsewhere.
    pub views: &'a Views,
}

/// What one program says of an instance.
enum Said {
    Caught(Vec<Check>),
    /// How near it came: higher is nearer.
    Missed(u8, String),
}

impl Trial<'_> {
    /// Puts the instance into one subject after the other until an oracle catches it.
    pub fn outcome(&self, instance: &Instance, verifier: &mut Verifier) -> Outcome {
        let (mut placed, mut passed_over) = (0, 0);
        let mut nearest: Option<(u8, String, String)> = None;
        let mut argued = None;
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
                    let reason = reason.to_owned();
                    argued = Some(Outcome::Equivalent { reason });
                    passed_over += 1;
                    continue;
                }
                Placement::Never(reason) => {
                    let reason = reason.to_owned();
                    argued = Some(Outcome::Never { reason });
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
        match (placed, argued) {
            (0, Some(outcome)) => outcome,
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
