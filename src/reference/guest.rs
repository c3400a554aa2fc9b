//! The guest's state, as the interpreter's single step sees it.

use std::cell::Cell;

use cranelift_codegen::data_value::DataValue;
use cranelift_codegen::ir::{
    ArgumentPurpose, Block, Endianness, ExternalName, FuncRef, Function, GlobalValue,
    GlobalValueData, Inst, MemFlagsData, StackSlot, Type, Value, types,
};
use cranelift_interpreter::address::{Address, AddressSize};
use cranelift_interpreter::frame::Frame;
use cranelift_interpreter::interpreter::LibCallHandler;
use cranelift_interpreter::state::{InterpreterFunctionRef, MemoryError, State};
use cranelift_interpreter::step::CraneliftTrap;

use super::bytes;
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
    pinned: DataValue,
    refusal: Cell<Option<String>>,
}

impl<'r, 'a> Guest<'r, 'a> {
    /// Nothing called, the data symbols full of zeros.
    pub fn new(functions: &'r [Prepared<'a>], data_symbols: usize) -> Self {
        Guest {
            functions,
            activations: Vec::new(),
            memory: Memory::new(data_symbols),
            pinned: DataValue::I64(0),
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

    /// Loads a value.
    ///
    /// # Errors
    /// When the access is out of bounds, or not aligned though its flags say so.
    pub fn load(&self, address: u64, ty: Type, flags: MemFlagsData) -> Result<DataValue, String> {
        check_alignment(address, ty, flags)?;
        let raw = self.memory.load(address, ty.bytes())?;
        let raw = bytes::reorder(ty, order(flags), raw);
        bytes::from_bits(ty, u128::from_le_bytes(raw))
    }

    /// Stores the low bits of `bits` as a value of type `ty`.
    ///
    /// # Errors
    /// As [`Guest::load`].
    pub fn store(
        &mut self,
        address: u64,
        ty: Type,
        bits: u128,
        flags: MemFlagsData,
    ) -> Result<(), String> {
        check_alignment(address, ty, flags)?;
        let raw = bytes::reorder(ty, order(flags), bits.to_le_bytes());
        self.memory.store(address, &raw[..ty.bytes() as usize])
    }

    /// The value of a global value.
    ///
    /// # Errors
    /// When it is not made of symbols of the program, or leads out of bounds.
    pub fn global(&self, global: GlobalValue) -> Result<u64, String> {
        let function = self.top().frame.function();
        // From the outside in, then from the base out: no recursion.
        let mut chain = vec![global];
        while let GlobalValueData::Load { base, .. } | GlobalValueData::IAddImm { base, .. } =
            function.global_values[chain[chain.len() - 1]]
        {
            chain.push(base);
        }
        let mut value = 0_u64;
        for &global in chain.iter().rev() {
            value = match &function.global_values[global] {
                GlobalValueData::VMContext => self.vmctx()?,
                GlobalValueData::Symbol {
                    tls: false, offset, ..
                } => {
                    let symbol = self.prepared().symbol(global).ok_or("unknown symbol")?;
                    symbol.bits()?.wrapping_add_signed(i64::from(*offset))
                }
                GlobalValueData::IAddImm { offset, .. } => {
                    value.wrapping_add_signed(i64::from(*offset))
                }
                GlobalValueData::Load {
                    offset,
                    global_type,
                    flags,
                    ..
                } => {
                    let address = value.wrapping_add_signed(i64::from(i32::from(*offset)));
                    let flags = function.dfg.mem_flags[*flags];
                    address_of(&self.load(address, *global_type, flags)?)?
                }
                other => return Err(format!("global value '{other}' is not covered")),
            };
        }
        Ok(value)
    }

    fn vmctx(&self) -> Result<u64, String> {
        let function = self.top().frame.function();
        let index = function
            .signature
            .special_param_index(ArgumentPurpose::VMContext);
        let entry = function.layout.entry_block();
        match (index, entry) {
            (Some(index), Some(entry)) => self.address(function.dfg.block_params(entry)[index]),
            _ => Err("no vmctx parameter".to_owned()),
        }
    }

    /// Why the last step of the interpreter was refused, if it was.
    pub fn take_refusal(&mut self) -> Option<String> {
        self.refusal.take()
    }

    /// Notes a refusal; the interpreter would make a trap, or a panic, of an error.
    fn refuse<T>(&self, reason: String, instead: T) -> T {
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

fn address_of(value: &DataValue) -> Result<u64, String> {
    match value {
        DataValue::I64(bits) => Ok(bits.cast_unsigned()),
        other => Err(format!("address of type {}", other.ty())),
    }
}

/// Without a flag the order is the ISA's; a program whose results do not depend on that has the
/// same ones with any.
fn order(flags: MemFlagsData) -> Endianness {
    flags.endianness(Endianness::Little)
}

fn check_alignment(address: u64, ty: Type, flags: MemFlagsData) -> Result<(), String> {
    if flags.aligned() && !address.is_multiple_of(u64::from(ty.bytes().max(1))) {
        return Err(format!("access of {ty} at {address:#x} flagged as aligned"));
    }
    Ok(())
}

/// What the interpreter's single step asks for. Calls, addresses and ordinary loads and stores
/// never come here, because the suite does them itself; atomics do.
impl<'a> State<'a> for Guest<'_, 'a> {
    fn get_function(&self, _: FuncRef) -> Option<&'a Function> {
        None
    }

    fn get_current_function(&self) -> &'a Function {
        self.top().frame.function()
    }

    fn get_libcall_handler(&self) -> LibCallHandler {
        |_, _| Err(CraneliftTrap::UnreachableCodeReached)
    }

    fn push_frame(&mut self, _: &'a Function) {}

    fn pop_frame(&mut self) {}

    fn current_frame_mut(&mut self) -> &mut Frame<'a> {
        &mut self.top_mut().frame
    }

    fn current_frame(&self) -> &Frame<'a> {
        &self.top().frame
    }

    fn stack_address(&self, _: AddressSize, _: StackSlot, _: u64) -> Result<Address, MemoryError> {
        Err(MemoryError::InvalidAddressType(types::INVALID))
    }

    fn checked_load(
        &self,
        address: Address,
        ty: Type,
        flags: MemFlagsData,
    ) -> Result<DataValue, MemoryError> {
        let loaded = from_library(address).and_then(|address| self.load(address, ty, flags));
        match loaded {
            Ok(value) => Ok(value),
            Err(reason) => {
                let zero = bytes::from_bits(ty, 0);
                let zero = zero.map_err(|_| MemoryError::InvalidAddressType(ty));
                self.refuse(reason, zero)
            }
        }
    }

    fn checked_store(
        &mut self,
        address: Address,
        value: DataValue,
        flags: MemFlagsData,
    ) -> Result<(), MemoryError> {
        let bits = bytes::bits(&value);
        let stored =
            from_library(address).and_then(|address| self.store(address, value.ty(), bits, flags));
        match stored {
            Ok(()) => Ok(()),
            Err(reason) => self.refuse(reason, Ok(())),
        }
    }

    fn function_address(&self, _: AddressSize, _: &ExternalName) -> Result<Address, MemoryError> {
        Err(MemoryError::InvalidAddressType(types::INVALID))
    }

    fn get_function_from_address(&self, _: Address) -> Option<InterpreterFunctionRef<'a>> {
        None
    }

    fn resolve_global_value(&self, _: GlobalValue) -> Result<DataValue, MemoryError> {
        Err(MemoryError::InvalidAddressType(types::INVALID))
    }

    fn get_pinned_reg(&self) -> DataValue {
        self.pinned.clone()
    }

    fn set_pinned_reg(&mut self, value: DataValue) {
        self.pinned = value;
    }
}

fn from_library(address: Address) -> Result<u64, String> {
    let shown = format!("{address:?}");
    match DataValue::try_from(address) {
        Ok(DataValue::I64(bits)) => Ok(bits.cast_unsigned()),
        _ => Err(format!("access at {shown}, which is out of bounds")),
    }
}
