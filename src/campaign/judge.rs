//! From a program's number to its records. Belongs to one thread, with its machines.

use super::known::Known;
use super::plan::Plan;
use super::record::{End, Judged, Record, Verdict};
use crate::code_generators::short_name;
use crate::codegen::CodeGenerator;
use crate::generator::{self, Generated};
use crate::isa::Isa;
use crate::judge::Signature;
use crate::oracle::{self, Discrepancy};
use crate::panic_guard;
use crate::program::Program;
use crate::scenario::ScenarioChoice;
use crate::timing::{self, Phase};
use crate::verify::{Outcome, Verifier, VerifyError};

/// Discrepancies that a record's reason tells of.
const TOLD: usize = 3;

/// Judges programs.
pub struct Judge<'a> {
    plan: &'a Plan,
    verifier: Verifier,
}

type Outcomes = Vec<(Isa, String, Result<Outcome, VerifyError>)>;

impl Judge<'_> {
    /// Without any machine yet.
    pub fn new(plan: &Plan) -> Judge<'_> {
        Judge {
            plan,
            verifier: Verifier::new(plan.options()),
        }
    }

    /// Judges program `number`.
    pub fn judge(&mut self, number: u64) -> Judged {
        let seed = self.plan.seed;
        let made = panic_guard::catch(|| {
            timing::measure(Phase::Generate, || generator::program(seed, number))
        });
        let (records, traits) = match made {
            Err(panic) => {
                let error = VerifyError::Suite(format!("the generator panicked: {panic}"));
                (self.records(number, "", self.all(&error)), Vec::new())
            }
            Ok(Generated { name, text, traits }) => {
                let outcomes = self.outcomes(number, &name, &text);
                (self.records(number, &text, outcomes), traits)
            }
        };
        let end = End {
            program: number,
            traits,
        };
        Judged { records, end }
    }

    /// A panic of the suite costs the program, and the machines, which are made anew.
    fn outcomes(&mut self, number: u64, name: &str, text: &str) -> Outcomes {
        let program =
            panic_guard::catch(|| timing::measure(Phase::Parse, || Program::parse(name, text)));
        let program = match program {
            Ok(Ok(program)) => program,
            Ok(Err(error)) => {
                let message = format!("the generator's program is refused: {error}");
                return self.all(&VerifyError::Suite(message));
            }
            Err(panic) => return self.all(&VerifyError::Suite(format!("panicked: {panic}"))),
        };
        let draw = self.plan.seed.rotate_left(32) ^ number;
        self.verifier.choose(ScenarioChoice::Drawn(draw));
        let plan = self.plan;
        let verifier = &mut self.verifier;
        let verified =
            panic_guard::catch(|| verifier.verify_all(&program, &plan.isas, &plan.generators));
        verified.unwrap_or_else(|panic| {
            self.verifier = Verifier::new(plan.options());
            self.all(&VerifyError::Suite(format!("panicked: {panic}")))
        })
    }

    /// The same error everywhere.
    fn all(&self, error: &VerifyError) -> Outcomes {
        let generators = self.plan.generators.iter();
        let of = |generator: &&dyn CodeGenerator| {
            let name = generator.name().to_owned();
            let of_isa = move |isa: &Isa| (*isa, name.clone(), Err(error.clone()));
            self.plan.isas.iter().map(of_isa).collect::<Vec<_>>()
        };
        generators.flat_map(of).collect()
    }

    fn records(&self, number: u64, text: &str, outcomes: Outcomes) -> Vec<Record> {
        let generators = self.plan.generators.iter();
        let generators = generators.flat_map(|g| self.plan.isas.iter().map(move |_| *g));
        outcomes
            .into_iter()
            .zip(generators)
            .map(|((isa, name, outcome), generator)| {
                let context = Context {
                    known: &self.plan.known,
                    generator,
                    isa,
                    text,
                };
                context.record(number, name, outcome)
            })
            .collect()
    }
}

/// What a fail is held against.
struct Context<'a> {
    known: &'a Known,
    generator: &'a dyn CodeGenerator,
    isa: Isa,
    text: &'a str,
}

impl Context<'_> {
    fn record(
        &self,
        program: u64,
        generator: String,
        outcome: Result<Outcome, VerifyError>,
    ) -> Record {
        let mut record = Record {
            program,
            isa: self.isa,
            generator,
            verdict: Verdict::Broken,
            reason: None,
            signature: None,
            sites: 0,
            runs: 0,
            hook_hits: 0,
        };
        match outcome {
            Err(error) => record.reason = Some(error.to_string()),
            Ok(outcome) => {
                record.sites = outcome.sites;
                record.runs = outcome.runs;
                record.hook_hits = outcome.hook_hits;
                let (verdict, reason, signature) = self.verdict(outcome.verdict);
                record.verdict = verdict;
                record.reason = reason;
                record.signature = signature;
            }
        }
        record
    }

    fn verdict(&self, verdict: oracle::Verdict) -> (Verdict, Option<String>, Option<String>) {
        let list = match verdict {
            oracle::Verdict::Pass => return (Verdict::Pass, None, None),
            oracle::Verdict::Inconclusive(why) => return (Verdict::Inconclusive, Some(why), None),
            oracle::Verdict::Unsupported(why) => return (Verdict::Unsupported, Some(why), None),
            oracle::Verdict::Fail(list) => list,
        };
        let (generator, isa) = (self.generator, self.isa);
        if let Some(why) = self.known.explain(generator, isa, self.text, &list) {
            let signature = signature(isa, generator, &list);
            return (Verdict::Known, Some(why), signature);
        }
        // What is known does not hide what is not.
        let mut news = self.known.left_over(generator, isa, self.text, &list);
        if news.is_empty() {
            news = list;
        }
        let signature = signature(isa, generator, &news);
        (Verdict::Fail, Some(reason(&news)), signature)
    }
}

/// The signature of a fail: that of its cause.
fn signature(isa: Isa, generator: &dyn CodeGenerator, list: &[Discrepancy]) -> Option<String> {
    let generator = short_name(generator);
    match crash(list) {
        Some(cause) => Some(format!("{generator} {isa} {cause}")),
        None => Signature::primary(isa, generator, list).map(|signature| signature.to_string()),
    }
}

/// How the machine's process died, if it did.
fn crash(list: &[Discrepancy]) -> Option<&str> {
    let crashes = list.iter().filter(|d| d.seen.starts_with("crashed: "));
    crashes.map(|d| d.seen.as_str()).next()
}

fn reason(list: &[Discrepancy]) -> String {
    if let Some(cause) = crash(list) {
        return cause.to_owned();
    }
    let told = list.iter().take(TOLD);
    let told: Vec<String> = told
        .map(|d| format!("{}: {}", d.check, d.message))
        .collect();
    let more = list.len().saturating_sub(TOLD);
    let more = if more > 0 {
        format!("; and {more} more")
    } else {
        String::new()
    };
    told.join("; ") + &more
}
