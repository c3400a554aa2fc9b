//! Each patchable call that can be reached has one site.
//!
//! A site is known by its call's number, never by its position. An optimising generator may
//! delete a call that it proves unreachable, so that a missing site is judged by what else is
//! known, in this order:
//!
//! 1. A predicted run passes the call: it is reachable, and its site must be there.
//! 2. The function still calls the hook from outside of all sites, and the program has it call
//!    the hook by patchable calls only: the call was kept and its metadata lost.
//! 3. All runs are predicted and none passes the call: nothing contradicts its deletion.
//! 4. Otherwise it cannot be told.
//!
//! A call that no branch reaches needs no site and may have one.

use super::super::wording::Findings;
use super::super::{Evidence, Subject};
use crate::disasm::direct_call;
use crate::image::PatchSite;
use crate::program::{PredictedEvent, Prediction, SiteDecl};

/// The call `decl` has one site.
pub fn one_site(findings: &mut Findings, evidence: &Evidence, decl: &SiteDecl) {
    let image = evidence.image;
    let own: Vec<&PatchSite> = image
        .sites
        .iter()
        .filter(|s| s.id == Some(decl.id))
        .collect();
    match own[..] {
        [] if decl.reachable => missing(findings, evidence, decl),
        [] | [_] => {}
        [first, .., last] => {
            let seen = format!(
                "{} sites name it, the last one at {}",
                own.len(),
                findings.place(last.start())
            );
            findings.fail_site(first, "one site for each patchable call", seen);
        }
    }
}

/// The rule above.
fn missing(findings: &mut Findings, evidence: &Evidence, decl: &SiteDecl) {
    let hook = findings.hook(decl).map_or("?", |hook| hook.name.as_str());
    let function = usize::try_from(decl.function)
        .ok()
        .and_then(|index| evidence.interface.functions.get(index))
        .map_or("?", |f| f.name.as_str());
    let call = format!("{} ('{}' in {function}, hook {hook})", decl.id, decl.text);
    let predictions: Vec<&Prediction> = evidence
        .runs
        .iter()
        .filter_map(|run| run.prediction.as_ref().ok())
        .collect();
    let mut events = predictions.iter().flat_map(|p| &p.events);
    let passed =
        events.any(|event| matches!(event, PredictedEvent::Pass { site, .. } if *site == decl.id));
    let seen = if passed {
        Some("the program passes it and no patch metadata names it".to_owned())
    } else {
        let stray = stray_call(findings, evidence, decl, function);
        stray.map(|at| {
            format!(
                "{} still calls the hook and no patch metadata names that call",
                findings.place(at)
            )
        })
    };
    if let Some(seen) = seen {
        let message = format!("patchable call {call} has no patch site: {seen}");
        findings.fail(
            None,
            Subject::Metadata,
            format!("a site for {}", decl.id),
            seen,
            message,
        );
    } else if predictions.is_empty() || predictions.len() < evidence.runs.len() {
        findings.doubt(format!(
            "patchable call {call} has no patch site, and no prediction says that it is never passed"
        ));
    }
}

/// A call of `decl`'s hook in its function outside of all sites, unless ordinary calls of the
/// hook stand in it as well.
fn stray_call(
    findings: &Findings,
    evidence: &Evidence,
    decl: &SiteDecl,
    function: &str,
) -> Option<u64> {
    if decl.ordinary_too {
        return None;
    }
    let image = evidence.image;
    let target = *image.symbols.get(findings.hook(decl)?.name.as_str())?;
    let index = image.functions.iter().position(|f| f.name == function)?;
    let code: Vec<_> = findings.code.get(index)?.instructions.values().collect();
    let mut calls = code.windows(2).filter_map(|pair| {
        let pair = [pair[0].clone(), pair[1].clone()];
        (direct_call(&pair)?.target == target).then_some(pair[0].address)
    });
    calls.find(|at| !image.sites.iter().any(|site| site.range().contains(at)))
}
