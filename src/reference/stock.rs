//! The guest's state as the interpreter's single step sees it.

use cranelift_codegen::data_value::DataValue;
use cranelift_codegen::ir::{
    ExternalName, FuncRef, Function, GlobalValue, MemFlagsData, StackSlot, Type, types,
};
use cranelift_interpreter::address::{Address, AddressSize};
use cranelift_interpreter::frame::Frame;
use cranelift_interpreter::interpreter::LibCallHandler;
use cranelift_interpreter::state::{InterpreterFunctionRef, MemoryError, State};
use cranelift_interpreter::step::CraneliftTrap;

use super::bytes;
use super::guest::Guest;

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
