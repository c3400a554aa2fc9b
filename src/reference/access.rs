//! Typed loads and stores of the guest, and the global values that are made of them.

use cranelift_codegen::data_value::DataValue;
use cranelift_codegen::ir::{
    ArgumentPurpose, Endianness, GlobalValue, GlobalValueData, MemFlagsData, Type,
};

use super::bytes;
use super::guest::{Guest, address_of};

impl Guest<'_, '_> {
    /// Loads a value.
    ///
    /// # Errors
    /// When the access is out of bounds, or not aligned though its flags say so.
    pub fn load(&self, address: u64, ty: Type, flags: MemFlagsData) -> Result<DataValue, String> {
        check_alignment(address, ty, flags)?;
        let raw = self.memory.load(address, ty.bytes())?;
        let raw = bytes::reorder(ty, self.order(flags), raw);
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
        let raw = bytes::reorder(ty, self.order(flags), bits.to_le_bytes());
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

    /// Without a flag the order is the ISA's.
    fn order(&self, flags: MemFlagsData) -> Endianness {
        flags.endianness(self.world.order)
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
}

fn check_alignment(address: u64, ty: Type, flags: MemFlagsData) -> Result<(), String> {
    if flags.aligned() && !address.is_multiple_of(u64::from(ty.bytes().max(1))) {
        return Err(format!("access of {ty} at {address:#x} flagged as aligned"));
    }
    Ok(())
}
