//! One run: the loop over instructions.

use std::error::Error;

use cranelift_codegen::data_value::DataValue;
use cranelift_codegen::ir::Inst;
use cranelift_interpreter::instruction::DfgInstructionContext;
use cranelift_interpreter::step::{ControlFlow, CraneliftTrap, StepError, step};

use super::guest::Guest;
use super::prepare::Prepared;
use super::semantics;
use super::{MADE_NAN, World, calls};
use crate::program::{
    Interface, Invocation, Lane, PredictedEvent, PredictedExit, Prediction, Value, to_data_value,
    ty_from_clif,
};

/// A run in progress.
pub struct Run<'r, 'a> {
    /// The guest's state.
    pub guest: Guest<'r, 'a>,
    /// What the program shows to the outside.
    pub interface: &'r Interface,
    /// What it has done.
    pub events: Vec<PredictedEvent>,
    /// State of each site; `true` is live.
    pub sites_live: Vec<bool>,
    entry: u32,
    fuel: u64,
    fuel_left: u64,
    /// Whether arithmetic has made a NaN, whose bits are the ISA's.
    made_nan: bool,
}

impl<'r, 'a> Run<'r, 'a> {
    /// A run of at most `fuel` instructions.
    pub fn new(
        interface: &'r Interface,
        functions: &'r [Prepared<'a>],
        world: World,
        sites_live: &[bool],
        fuel: u64,
    ) -> Self {
        Run {
            guest: Guest::new(functions, world, interface.data.len()),
            interface,
            events: Vec::new(),
            sites_live: sites_live.to_vec(),
            entry: 0,
            fuel,
            fuel_left: fuel,
            made_nan: false,
        }
    }

    /// Calls the entry and runs to the end.
    ///
    /// # Errors
    /// The reason why the outcome is not known, the opcode first.
    pub fn call_entry(&mut self, invocation: &Invocation) -> Result<PredictedExit, String> {
        self.entry = invocation.function;
        let args: Vec<DataValue> = invocation
            .args
            .iter()
            .map(|arg| to_data_value(*arg))
            .collect();
        self.note_hook(self.entry, &args)?;
        self.guest.push(self.entry, args)?;
        loop {
            let inst = self.guest.top().inst.ok_or("a block without an end")?;
            self.fuel_left = self
                .fuel_left
                .checked_sub(1)
                .ok_or_else(|| format!("fuel used up after {} instructions", self.fuel))?;
            if let Some(exit) = self.execute(inst).map_err(|reason| self.blame(&reason))? {
                return Ok(exit);
            }
        }
    }

    /// `reason` with the opcode of the instruction that it is about in front.
    pub fn blame(&self, reason: &str) -> String {
        let at = self.guest.activations.last().and_then(|top| {
            let insts = &top.frame.function().dfg.insts;
            top.inst.map(|inst| insts[inst].opcode())
        });
        match at {
            Some(opcode) => format!("{opcode}: {reason}"),
            None => reason.to_owned(),
        }
    }

    /// One instruction.
    fn execute(&mut self, inst: Inst) -> Result<Option<PredictedExit>, String> {
        let function = self.guest.prepared().function;
        let opcode = function.dfg.insts[inst].opcode();
        if calls::is_call(opcode) {
            return self.call(inst);
        }
        if let Some(results) = semantics::execute(&mut self.guest, inst)? {
            self.guest.finish(inst, results)?;
            return Ok(None);
        }
        let context = DfgInstructionContext::new(inst, &function.dfg);
        let flow = step(&mut self.guest, context).map_err(|error| explain(&error))?;
        if let Some(reason) = self.guest.take_refusal() {
            return Err(reason);
        }
        match flow {
            ControlFlow::Continue => self.guest.finish(inst, [])?,
            ControlFlow::Assign(values) => {
                let names = function.dfg.inst_results(inst);
                let canonical = (names.iter().zip(values))
                    .map(|(name, value)| {
                        semantics::canonical_nan(opcode, function.dfg.value_type(*name), value)
                    })
                    .collect::<Result<Vec<_>, _>>()?;
                if !self.guest.world.canonical_nans && semantics::makes_nan(opcode) {
                    let types = names.iter().map(|name| function.dfg.value_type(*name));
                    let typed = types
                        .zip(&canonical)
                        .filter_map(|(ty, value)| calls::typed(ty_from_clif(ty)?, value).ok());
                    self.made_nan |= { typed }.any(has_nan);
                }
                self.guest.finish(inst, canonical)?;
            }
            ControlFlow::ContinueAt(block, args) => self.guest.jump(block, args)?,
            ControlFlow::Return(values) => return self.leave(values.into_vec()),
            ControlFlow::Trap(CraneliftTrap::User(code)) => {
                return Ok(Some(PredictedExit::Trap(code.to_string())));
            }
            ControlFlow::Trap(other) => return Err(other.to_string()),
            ControlFlow::Call(..) | ControlFlow::ReturnCall(..) => {
                return Err("a call that the suite does not know".to_owned());
            }
        }
        Ok(None)
    }

    /// Returns from the innermost call.
    fn leave(&mut self, results: Vec<DataValue>) -> Result<Option<PredictedExit>, String> {
        self.guest.pop();
        if self.guest.activations.is_empty() {
            return self.returned(&results).map(Some);
        }
        self.deliver(results)?;
        Ok(None)
    }

    /// The exit of an entry that returns `results`.
    ///
    /// # Errors
    /// When one is of a type that the suite has no word for, or a NaN that arithmetic made.
    pub fn returned(&self, results: &[DataValue]) -> Result<PredictedExit, String> {
        let declared = &self.interface.functions[self.entry as usize]
            .signature
            .returns;
        let values = (declared.iter().zip(results))
            .map(|(param, value)| calls::typed(param.ty, value))
            .collect::<Result<Vec<_>, _>>()?;
        if self.made_nan && values.iter().any(|value| has_nan(*value)) {
            return Err(MADE_NAN.to_owned());
        }
        Ok(PredictedExit::Returned(values))
    }

    /// The prediction, when the run has ended with `exit`.
    pub fn finish(self, exit: PredictedExit) -> Prediction {
        Prediction {
            exit,
            events: self.events,
            data: self.guest.memory.into_data(),
            sites_live: self.sites_live,
            instructions: self.fuel - self.fuel_left,
        }
    }
}

/// Whether a lane of a float is a NaN.
fn has_nan(value: Value) -> bool {
    let (mantissa, bits) = match (value.ty.lane, value.ty.lane_bits) {
        (Lane::Float, bits @ 16) => (10, bits),
        (Lane::Float, bits @ 32) => (23, bits),
        (Lane::Float, bits @ 64) => (52, bits),
        (Lane::Float, bits @ 128) => (112, bits),
        _ => return false,
    };
    let magnitude = (1_u128 << (bits - 1)) - 1;
    let infinity = magnitude & !((1_u128 << mantissa) - 1);
    (0..value.ty.lanes).any(|lane| value.lane(lane) & magnitude > infinity)
}

/// An error with what it comes from.
fn explain(error: &StepError) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
