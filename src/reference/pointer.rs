//! Addresses as the reference gives them out.

use cranelift_codegen::data_value::DataValue;
use cranelift_interpreter::address::{Address, AddressRegion, AddressSize};

use crate::program::DATA_BYTES;

/// What an address of the reference points to.
///
/// They are the interpreter's virtual addresses ([`cranelift_interpreter::address`]) with a tag
/// in the offset, so that no ordinary number looks like one: what holds a pointer here holds an
/// address of the same thing on a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pointer {
    /// Bytes from the bottom of the stack. The reference's stack grows upwards and leaves gaps:
    /// two of these are comparable with each other only.
    Stack(u64),
    /// A function of the program, by its index.
    Function(u32),
    /// A hostcall, by its index.
    Hostcall(u32),
    /// A byte of a data symbol, or right behind its last.
    Data {
        /// Index of the symbol.
        symbol: u32,
        /// Bytes from its start, at most [`DATA_BYTES`].
        offset: u64,
    },
}

/// The most stack that a prediction may use, in bytes.
pub const STACK_BYTES: u64 = 32 << 20;

const STACK_TAG: u64 = 0x157a_c000_0000_0000;
const CODE_TAG: u64 = 0x0c0d_e000_0000_0000;
const DATA_TAG: u64 = 0x0002_da7a_0000_0000;

impl Pointer {
    /// What the address `bits` points to, if it is one of the reference's.
    pub fn of(bits: u64) -> Option<Pointer> {
        let address = Address::try_from(DataValue::I64(bits.cast_signed())).ok()?;
        let below = |tag: u64, size: u64| {
            let offset = address.offset.checked_sub(tag)?;
            (offset <= size).then_some(offset)
        };
        let code = || u32::try_from(below(CODE_TAG, u64::from(u32::MAX))?).ok();
        match address.region {
            AddressRegion::Stack => below(STACK_TAG, STACK_BYTES).map(Pointer::Stack),
            AddressRegion::Function if address.entry == 0 => code().map(Pointer::Function),
            AddressRegion::Function => code().map(Pointer::Hostcall),
            AddressRegion::Table => None,
            AddressRegion::GlobalValue => Some(Pointer::Data {
                symbol: u32::try_from(address.entry).ok()?,
                offset: below(DATA_TAG, DATA_BYTES)?,
            }),
        }
    }

    /// The address.
    ///
    /// # Errors
    /// When there are more data symbols than the interpreter has addresses for.
    pub fn bits(self) -> Result<u64, String> {
        let (region, entry, offset) = match self {
            Pointer::Stack(offset) => (AddressRegion::Stack, 0, STACK_TAG + offset),
            Pointer::Function(index) => (AddressRegion::Function, 0, CODE_TAG + u64::from(index)),
            Pointer::Hostcall(index) => (AddressRegion::Function, 1, CODE_TAG + u64::from(index)),
            Pointer::Data { symbol, offset } => (
                AddressRegion::GlobalValue,
                u64::from(symbol),
                DATA_TAG + offset,
            ),
        };
        let address = Address::from_parts(AddressSize::_64, region, entry, offset);
        match address.and_then(DataValue::try_from) {
            Ok(DataValue::I64(bits)) => Ok(bits.cast_unsigned()),
            Ok(other) => Err(format!("address {other} is not 64 bits wide")),
            Err(error) => Err(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pointer;

    #[test]
    fn pointers_survive_as_numbers() {
        let data = Pointer::Data {
            symbol: 4095,
            offset: 4096,
        };
        for pointer in [
            Pointer::Stack(0),
            Pointer::Function(3),
            Pointer::Hostcall(0),
            data,
        ] {
            assert_eq!(Pointer::of(pointer.bits().unwrap()), Some(pointer));
        }
    }

    #[test]
    fn ordinary_numbers_are_no_pointers() {
        for bits in [
            0,
            1,
            42,
            u64::MAX,
            1 << 62,
            3 << 62,
            1.0_f64.to_bits(),
            2.0_f64.to_bits(),
        ] {
            assert_eq!(Pointer::of(bits), None, "{bits:#x}");
        }
    }
}
