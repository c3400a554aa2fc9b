//! The guest's state: its calls in progress.

use std::cell::Cell;

use cranelift_codegen::data_value::DataValue;
use cranelift_codegen::ir::{Block, Inst, Value};
use cranelift_interpreter::frame::Frame;

use super::World;
use super::memory::Memory;
use super::prepare::Prepared;

/// A function that has been called and has not returned.
pub struct Activation<'a> {
    /// Index of the function.
    pub index: usize,
    /// Its SSA values.
    pub frame: Frame<'a>,
    /// The instruction that it stands at.
    pub inst: Option<Inst>,
    /// Offset of its stack frame from the stack's bottom.
    pub base: u64,
}

/// All of the guest's state.
pub struct Guest<'r, 'a> {
    /// The program's functions.
    pub functions: &'r [Prepared<'a>],
    /// Calls in progress, innermost last.
    pub activations: Vec<Activation<'a>>,
    /// Stack and data.
    pub memory: Memory,
    /// The pinned register.
    pub pinned: DataValue,
    /// What the outcome may depend on.
    pub world: World,
    refusal: Cell<Option<String>>,
}

impl<'r, 'a> Guest<'r, 'a> {
    /// Nothing called, the data symbols full of zeros.
    pub fn new(functions: &'r [Prepared<'a>], world: World, data_symbols: usize) -> Self {
        Guest {
            functions,
            activations: Vec::new(),
            memory: Memory::new(data_symbols),
            pinned: DataValue::I64(0),
            world,
            refusal: Cell::new(None),
        }
    }

    /// The innermost call.
    pub fn top(&self) -> &Activation<'a> {
        self.activations.last().expect("a function runs")
    }

    /// The innermost call.
    pub fn top_mut(&mut self) -> &mut Activation<'a> {
        self.activations.last_mut().expect("a function runs")
    }

    /// The function that runs.
    pub fn prepared(&self) -> &'r Prepared<'a> {
        &self.functions[self.top().index]
    }

    /// The value of an SSA name.
    pub fn get(&self, value: Value) -> &DataValue {
        self.top().frame.get(value)
    }

    /// An address of 64 bits in an SSA name.
    ///
    /// # Errors
    /// When its type is another.
    pub fn address(&self, value: Value) -> Result<u64, String> {
        address_of(self.get(value))
    }

    /// Calls function `index`: a frame, parameters, and its first instruction next.
    ///
    /// # Errors
    /// When the stack is full, or a struct argument points out of bounds.
    pub fn push(&mut self, index: u32, args: Vec<DataValue>) -> Result<(), String> {
        let index = index as usize;
        let prepared = &self.functions[index];
        let base = (self.memory).push(prepared.frame_size, prepared.frame_align)?;
        for &(offset, size) in &prepared.slots {
            self.memory.open(base + offset, size);
        }
        let function = prepared.function;
        let entry = function
            .layout
            .entry_block()
            .ok_or("function has no body")?;
        let params = function.dfg.block_params(entry);
        if params.len() != args.len() {
            return Err(format!(
                "{} called with {} arguments",
                function.name,
                args.len()
            ));
        }
        let mut frame = Frame::new(function);
        for (param, value) in params.iter().zip(args) {
            frame.set(*param, value);
        }
        for copy in &prepared.structs {
            let from = address_of(frame.get(params[copy.param]))?;
            self.memory
                .copy_to_stack(from, base + copy.offset, copy.size)?;
            let to = super::Pointer::Stack(base + copy.offset).bits()?;
            frame.set(params[copy.param], DataValue::I64(to.cast_signed()));
        }
        self.activations.push(Activation {
            index,
            frame,
            inst: function.layout.first_inst(entry),
            base,
        });
        Ok(())
    }

    /// Ends the innermost call.
    pub fn pop(&mut self) {
        if let Some(ended) = self.activations.pop() {
            self.memory.pop(ended.base);
        }
    }

    /// Gives `inst`, which the innermost call stands at, its results, and goes on behind it.
    ///
    /// # Errors
    /// When there are not as many as it has.
    pub fn finish(
        &mut self,
        inst: Inst,
        results: impl IntoIterator<Item = DataValue>,
    ) -> Result<(), String> {
        let top = self.top_mut();
        let function = top.frame.function();
        let names = function.dfg.inst_results(inst);
        assign(&mut top.frame, names, results)?;
        top.inst = function.layout.next_inst(inst);
        Ok(())
    }

    /// Goes on at the start of `block`.
    ///
    /// # Errors
    /// When there are not as many arguments as it has parameters.
    pub fn jump(
        &mut self,
        block: Block,
        args: impl IntoIterator<Item = DataValue>,
    ) -> Result<(), String> {
        let top = self.top_mut();
        let function = top.frame.function();
        assign(&mut top.frame, function.dfg.block_params(block), args)?;
        top.inst = function.layout.first_inst(block);
        Ok(())
    }

    /// Why the last step of the interpreter was refused, if it was.
    pub fn take_refusal(&mut self) -> Option<String> {
        self.refusal.take()
    }

    /// Notes a refusal; the interpreter would make a trap, or a panic, of an error.
    pub fn refuse<T>(&self, reason: String, instead: T) -> T {
        self.refusal.set(Some(reason));
        instead
    }
}

fn assign(
    frame: &mut Frame<'_>,
    names: &[Value],
    values: impl IntoIterator<Item = DataValue>,
) -> Result<(), String> {
    let mut values = values.into_iter();
    for name in names {
        let value = values.next().ok_or("too few values")?;
        frame.set(*name, value);
    }
    match values.next() {
        Some(_) => Err("too many values".to_owned()),
        None => Ok(()),
    }
}

/// The address that a value is.
///
/// # Errors
/// When it is not 64 bits wide.
pub fn address_of(value: &DataValue) -> Result<u64, String> {
    match value {
        DataValue::I64(bits) => Ok(bits.cast_unsigned()),
        other => Err(format!("address of type {}", other.ty())),
    }
}
