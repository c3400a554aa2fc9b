//! The runs of a program: every scenario, invocation and phase, with what each should do.

use std::sync::Arc;

use super::predict::{Predictions, fitted};
use crate::image::CodeImage;
use crate::machine::RunEvidence;
use crate::machine::abi::call_layout;
use crate::oracle::Run;
use crate::program::{Prediction, Program};
use crate::scenario::{Call, Scenario};

/// A run before it is run.
pub struct Planned {
    scenario: String,
    invocation: usize,
    /// What the machine is to do.
    pub call: Call,
    entry_pops: u64,
    prediction: Result<Arc<Prediction>, String>,
}

/// The runs of `scenarios` on the ISA of `image`, in order.
pub fn planned(
    program: &Program,
    image: &CodeImage,
    scenarios: &[Scenario],
    predictions: &mut Predictions,
) -> Vec<Planned> {
    let count = program.interface.sites.len();
    let mut rows = Vec::new();
    for scenario in scenarios {
        for invocation in 0..program.invocations.len() {
            for phase in scenario.phases(count) {
                rows.push((scenario.to_string(), invocation, phase.as_slice().to_vec()));
            }
        }
    }
    let wanted: Vec<(usize, &[bool])> = rows.iter().map(|(_, i, sites)| (*i, &sites[..])).collect();
    let predictions = predictions.of(program, image.isa.is_big_endian(), &wanted);
    let rows = rows.into_iter().zip(predictions);
    rows.map(|((scenario, index, sites_live), prediction)| {
        let invocation = &program.invocations[index];
        let signature = &program.interface.functions[invocation.function as usize].signature;
        let layout = call_layout(image.isa, signature);
        Planned {
            scenario,
            invocation: index,
            call: Call {
                function: invocation.function,
                args: invocation.args.clone(),
                sites_live,
            },
            entry_pops: layout.map_or(0, |layout| layout.callee_pops),
            prediction,
        }
    })
    .collect()
}

impl Planned {
    /// CLIF instructions that the run takes, where that is known.
    pub fn instructions(&self) -> u64 {
        self.prediction.as_ref().map_or(0, |p| p.instructions)
    }

    /// The run with what was seen.
    pub fn with(self, program: &Program, image: &CodeImage, evidence: RunEvidence) -> Run {
        let interface = &program.interface;
        let invocation = &program.invocations[self.invocation];
        let fit = |prediction: Arc<Prediction>| fitted(&prediction, image, interface, &evidence);
        Run {
            scenario: self.scenario,
            invocation: self.invocation,
            entry: interface.functions[invocation.function as usize]
                .signature
                .clone(),
            entry_pops: self.entry_pops,
            sites_live: self.call.sites_live,
            prediction: self.prediction.map(fit),
            evidence,
            expected: invocation.expected.clone(),
        }
    }
}
