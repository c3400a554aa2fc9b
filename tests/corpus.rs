//! Every program of the corpus on every ISA from every code generator, each a trial of its own,
//! named like `cranelift/s390x/pass/loop-site`: any part of a name picks its trials.

mod support;

use std::cell::RefCell;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use patchproof::code_generators;
use patchproof::codegen::CodeGenerator;
use patchproof::corpus::Case;
use patchproof::isa::Isa;
use patchproof::judge::{Job, Judgement, judge_guarded, options};
use patchproof::verify::Verifier;

thread_local! {
    /// Machines are dear to make: one verifier serves all trials of a thread.
    static VERIFIER: RefCell<Option<Verifier>> = const { RefCell::new(None) };
}

fn main() -> ExitCode {
    let (cases, errors) = support::corpus();
    let mut trials = vec![support::none_of("corpus/loads", errors)];
    for case in cases {
        let case = Arc::new(case);
        for &generator in code_generators::ALL {
            for isa in Isa::ALL {
                trials.push(trial(case.clone(), isa, generator));
            }
        }
    }
    support::run(trials)
}

fn trial(case: Arc<Case>, isa: Isa, generator: &'static dyn CodeGenerator) -> Trial {
    let name = job(&case, isa, generator).path();
    Trial::test(name, move || judge(&job(&case, isa, generator)))
}

fn job<'a>(case: &'a Case, isa: Isa, generator: &'a dyn CodeGenerator) -> Job<'a> {
    Job {
        case,
        isa,
        generator,
    }
}

fn judge(job: &Job) -> Result<(), Failed> {
    let options = options(PathBuf::from(env!("CARGO_BIN_EXE_patchproof")));
    let record = VERIFIER.with_borrow_mut(|verifier| {
        let verifier = verifier.get_or_insert_with(|| Verifier::new(options.clone()));
        judge_guarded(job, verifier, &options)
    })?;
    if record.verdict != Judgement::Fail {
        return Ok(());
    }
    let file = job.case.path.display();
    let replay = format!("replay with: cargo run -- verify {file} --isa {}", job.isa);
    let reason = record.reason.unwrap_or_default();
    Err(format!("{reason}\n{replay}").into())
}
