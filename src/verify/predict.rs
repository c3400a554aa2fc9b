//! Predictions, made once a program, and fitted to an image: the reference has addresses of
//! its own.

use std::collections::HashMap;
use std::sync::Arc;

use crate::image::{CodeImage, Layout};
use crate::machine::{Event, RunEvidence};
use crate::program::{Interface, PredictedEvent, PredictedExit, Prediction, Program, Value};
use crate::reference::{Pointer, Reference, depends_on_byte_order};

/// Instructions that the reference may execute for one prediction.
const FUEL: u64 = 2_000_000;

type Predicted = Result<Arc<Prediction>, String>;

/// The predictions of the program that was asked for last: it comes for one ISA after another.
#[derive(Default)]
pub struct Predictions {
    text: Option<Arc<str>>,
    depends_on_byte_order: bool,
    known: HashMap<(usize, bool, Vec<bool>), Predicted>,
}

impl Predictions {
    /// Predicts each of `runs`, an invocation's index with the state of the sites at the start, on
    /// an ISA of this byte order.
    pub fn of(
        &mut self,
        program: &Program,
        big_endian: bool,
        runs: &[(usize, &[bool])],
    ) -> Vec<Predicted> {
        if !self
            .text
            .as_ref()
            .is_some_and(|text| Arc::ptr_eq(text, &program.text))
        {
            self.text = Some(Arc::clone(&program.text));
            self.depends_on_byte_order = depends_on_byte_order(program);
            self.known.clear();
        }
        let big_endian = big_endian && self.depends_on_byte_order;
        let mut reference = None;
        runs.iter()
            .map(|&(invocation, sites_live)| {
                let key = (invocation, big_endian, sites_live.to_vec());
                if let Some(known) = self.known.get(&key) {
                    return known.clone();
                }
                let reference =
                    reference.get_or_insert_with(|| Reference::of_order(program, big_endian));
                let called = &program.invocations[invocation];
                let predicted = reference.predict(called, sites_live, FUEL).map(Arc::new);
                self.known.insert(key, predicted.clone());
                predicted
            })
            .collect()
    }
}

/// `prediction` with the reference's addresses replaced by those of `image`. Where the reference
/// has an address on its stack, any address on the guest's stack is right: frames differ.
pub fn fitted(
    prediction: &Prediction,
    image: &CodeImage,
    interface: &Interface,
    seen: &RunEvidence,
) -> Prediction {
    let fit = Fit { image, interface };
    let mut fitted = prediction.clone();
    let seen_events = seen
        .events
        .iter()
        .filter(|event| !matches!(event, Event::HookEntry { site: Some(_), .. }));
    let mut seen_events = seen_events.map(arguments);
    for event in &mut fitted.events {
        let seen = seen_events.next().unwrap_or_default();
        let (PredictedEvent::Pass { args, .. }
        | PredictedEvent::OrdinaryHookCall { args, .. }
        | PredictedEvent::Hostcall { args, .. }) = event;
        fit.values(args, seen);
    }
    if let PredictedExit::Returned(values) = &mut fitted.exit {
        fit.values(values, &seen.results);
    }
    fitted
}

fn arguments(event: &Event) -> &[Value] {
    match event {
        Event::Pass(pass) => &pass.args,
        Event::HookEntry { args, .. } | Event::Hostcall { args, .. } => args,
    }
}

struct Fit<'a> {
    image: &'a CodeImage,
    interface: &'a Interface,
}

impl Fit<'_> {
    fn values(&self, expected: &mut [Value], seen: &[Value]) {
        for (index, value) in expected.iter_mut().enumerate() {
            let pointer = (value.ty.is_int() && value.ty.bits() == 64)
                .then(|| u64::try_from(value.bits).ok().and_then(Pointer::of))
                .flatten();
            let address = match pointer {
                Some(pointer) => self.address(pointer, seen.get(index)),
                None => None,
            };
            if let Some(address) = address {
                *value = Value::new(value.ty, address.into());
            }
        }
    }

    fn address(&self, pointer: Pointer, seen: Option<&Value>) -> Option<u64> {
        let layout = Layout::of(self.image.isa);
        let index = |number: u32| usize::try_from(number).ok();
        match pointer {
            Pointer::Function(number) => {
                let name = &self.interface.functions.get(index(number)?)?.name;
                self.image.symbols.get(name).copied()
            }
            Pointer::Hostcall(number) => Some(layout.stub(index(number)?)),
            Pointer::Data { symbol, offset } => Some(layout.data_symbol(index(symbol)?) + offset),
            Pointer::Stack(_) => {
                let seen = u64::try_from(seen?.bits).ok()?;
                (layout.stack..=layout.stack_top())
                    .contains(&seen)
                    .then_some(seen)
            }
        }
    }
}
