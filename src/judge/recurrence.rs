//! Whether another program shows the same finding: the predicate for reducing it.
//!
//! The same signature alone would let a reduction slip into programs that are themselves wrong,
//! and fail for that: a hook that writes the program's memory, stack that nothing wrote. So
//! the program must also be one that the reference predicts, with the same outcome whether
//! its sites are live or NOPed.

use super::Signature;
use crate::code_generators::{release, short_name};
use crate::codegen::CodeGenerator;
use crate::corpus::Findings;
use crate::isa::Isa;
use crate::oracle::{Check, Discrepancy, Verdict};
use crate::panic_guard;
use crate::program::{Expected, Owner, PredictedExit, Prediction, Program};
use crate::reference::Reference;
use crate::verify::{Options, Verifier, VerifyError};

/// Instructions that the reference may execute for one prediction.
const FUEL: u64 = 200_000;

/// What to look for, and where.
pub struct Wanted {
    /// ISA.
    pub isa: Isa,
    /// Generator.
    pub generator: &'static dyn CodeGenerator,
    /// Only what this check says.
    pub check: Option<Check>,
    /// What is known: of several findings, one that these do not explain.
    pub findings: Findings,
    /// How programs are run.
    pub options: Options,
}

/// A finding, looked for in other programs.
pub struct Recurrence {
    signature: Signature,
    wanted: Wanted,
    verifier: Verifier,
    predictable: bool,
    unexplained: bool,
}

impl Recurrence {
    /// The finding in `program` that is closest to its cause; `None` if there is none.
    ///
    /// # Errors
    /// When the program does not fit the guest, or the suite itself fails.
    pub fn of(program: &Program, wanted: Wanted) -> Result<Option<Recurrence>, VerifyError> {
        let mut verifier = Verifier::new(wanted.options.clone());
        let agreement = wanted.check == Some(Check::Agreement);
        let (isa, generator) = (wanted.isa, wanted.generator);
        let list = discrepancies(&mut verifier, program, isa, generator, agreement)?;
        let of_check = |mut list: Vec<Discrepancy>| {
            list.retain(|one| wanted.check.is_none_or(|check| one.check == check));
            list
        };
        let left = of_check(wanted.left_over(&program.text, &list));
        let unexplained = !left.is_empty();
        let list = if unexplained { left } else { of_check(list) };
        let signature = Signature::primary(isa, short_name(generator), &list);
        Ok(signature.map(|signature| Recurrence {
            signature,
            wanted,
            verifier,
            predictable: is_well_behaved(program),
            unexplained,
        }))
    }

    /// What is looked for.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Whether the program `text` shows the finding and is itself right. Where the reference
    /// says nothing of the program that the finding comes from, it need not of others; where
    /// no known finding explains it there, none does here.
    pub fn is_in(&mut self, text: &str) -> bool {
        panic_guard::catch(|| self.is_in_unguarded(text)).unwrap_or_else(|_| {
            self.verifier = Verifier::new(self.wanted.options.clone());
            false
        })
    }

    fn is_in_unguarded(&mut self, text: &str) -> bool {
        let Ok(program) = Program::parse("reduced", text) else {
            return false;
        };
        if self.predictable && !is_well_behaved(&program) {
            return false;
        }
        let Wanted { isa, generator, .. } = self.wanted;
        let agreement = self.signature.check == Check::Agreement;
        let seen = discrepancies(&mut self.verifier, &program, isa, generator, agreement);
        seen.is_ok_and(|seen| {
            if self.unexplained {
                self.signature.is_among(&self.wanted.left_over(text, &seen))
            } else {
                self.signature.is_among(&seen)
            }
        })
    }
}

impl Wanted {
    fn left_over(&self, text: &str, list: &[Discrepancy]) -> Vec<Discrepancy> {
        let (name, release) = (short_name(self.generator), release(self.generator));
        self.findings.left_over(name, release, self.isa, text, list)
    }
}

/// What is wrong with `program` on `isa`; held against the other ISAs if `agreement` is asked for.
fn discrepancies(
    verifier: &mut Verifier,
    program: &Program,
    isa: Isa,
    generator: &dyn CodeGenerator,
    agreement: bool,
) -> Result<Vec<Discrepancy>, VerifyError> {
    let outcome = if agreement {
        let all = verifier.verify_all(program, &Isa::ALL, &[generator]);
        let own = all.into_iter().find(|(other, ..)| *other == isa);
        own.map_or_else(
            || Err(VerifyError::Suite("no outcome".to_owned())),
            |(.., outcome)| outcome,
        )
    } else {
        verifier.verify(program, isa, generator)
    };
    Ok(match outcome?.verdict {
        Verdict::Fail(list) => list,
        Verdict::Pass | Verdict::Inconclusive(_) | Verdict::Unsupported(_) => Vec::new(),
    })
}

/// Whether each invocation is predicted, with the same outcome live and NOPed, and as its run
/// line says.
pub fn is_well_behaved(program: &Program) -> bool {
    let reference = Reference::new(program);
    let sites = program.interface.sites.len();
    program.invocations.iter().all(|invocation| {
        let predict = |live| reference.predict(invocation, &vec![live; sites], FUEL);
        match (predict(true), predict(false)) {
            (Ok(live), Ok(nopped)) => {
                live.exit == nopped.exit
                    && memory(program, &live) == memory(program, &nopped)
                    && is_as_expected(&live.exit, invocation.expected.as_ref())
            }
            _ => false,
        }
    })
}

/// The program's own memory; hooks may do with theirs what they like.
fn memory<'a>(program: &Program, prediction: &'a Prediction) -> Vec<&'a [u8]> {
    let declared = program.interface.data.iter().zip(&prediction.data);
    declared
        .filter(|(declared, _)| declared.owner == Owner::Program)
        .map(|(_, bytes)| bytes.as_slice())
        .collect()
}

fn is_as_expected(exit: &PredictedExit, expected: Option<&Expected>) -> bool {
    let (PredictedExit::Returned(values), Some(expected)) = (exit, expected) else {
        return true;
    };
    let same = values.len() == expected.values.len()
        && values
            .iter()
            .zip(&expected.values)
            .all(|(a, b)| a.bits == b.bits);
    same == expected.equal
}
