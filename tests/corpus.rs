//! Every program of the corpus on every ISA from every code generator, each a trial of its own,
//! named like `cranelift/s390x/pass/loop-site`: any part of a name picks its trials.

mod support;

use std::cell::RefCell;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Failed, Trial};
use patchproof::code_generators;
use patchproof::corpus::{Case, Findings, default_folder};
use patchproof::isa::Isa;
use patchproof::judge::{Judged, Judgement, Plan, options};
use patchproof::verify::Verifier;

thread_local! {
    /// Machines are dear to make: one verifier serves all trials of a thread.
    static VERIFIER: RefCell<Option<Verifier>> = const { RefCell::new(None) };
}

/// A case, judged when the first of its trials runs: its ISAs are compared with each other.
struct Shared {
    case: Case,
    judged: OnceLock<Vec<Judged>>,
}

fn main() -> ExitCode {
    // What cannot be read of them is among the errors of the corpus.
    let (findings, _) = Findings::load(&default_folder());
    let plan = Arc::new(Plan {
        isas: Isa::ALL.to_vec(),
        generators: code_generators::ALL.to_vec(),
        findings,
        options: options(PathBuf::from(env!("CARGO_BIN_EXE_patchproof"))),
    });
    let (cases, errors) = support::corpus();
    let mut trials = vec![support::none_of("corpus/loads", errors)];
    let cases: Vec<Arc<Shared>> = cases
        .into_iter()
        .map(|case| {
            let judged = OnceLock::new();
            Arc::new(Shared { case, judged })
        })
        .collect();
    // Job by job rather than case by case, so that threads do not wait for one case.
    for job in 0..plan.isas.len() * plan.generators.len() {
        for case in &cases {
            let (plan, case) = (plan.clone(), case.clone());
            let name = plan.jobs(&case.case)[job].path();
            trials.push(Trial::test(name, move || judge(&plan, &case, job)));
        }
    }
    support::run(trials)
}

fn judge(plan: &Plan, shared: &Shared, job: usize) -> Result<(), Failed> {
    let judged = shared.judged.get_or_init(|| {
        VERIFIER.with_borrow_mut(|verifier| {
            let verifier = verifier.get_or_insert_with(|| Verifier::new(plan.options.clone()));
            plan.judge(&shared.case, verifier)
        })
    });
    let record = judged[job].clone()?;
    if record.verdict != Judgement::Fail {
        return Ok(());
    }
    let file = shared.case.path.display();
    let replay = format!(
        "see it with: cargo run -- verify {file} --isa {}",
        record.isa
    );
    let reason = record.reason.unwrap_or_default();
    Err(format!("{reason}\n{replay}").into())
}
