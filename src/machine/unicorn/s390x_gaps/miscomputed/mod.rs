//! Instructions that the emulator knows and computes wrong, where Cranelift relies on them.
//!
//! Left alone, each would become a wrong result and a finding that is none. No exception tells
//! of them: whoever runs code puts a code hook on each address where [`mnemonic`] names one, and
//! has the hook call [`execute`] and move the PC by what it returns.
//!
//! Not here, since Cranelift does not depend on it: signed conversions of a NaN (Cranelift
//! selects zero afterwards), which of two NaNs an operation hands on (the emulator follows the
//! x87 rule; programs under test make their NaNs canonical), and the condition code of additions
//! other than register to register.

mod conversion;
mod overflow;
mod population;

use super::Registers;
use super::instruction::Instruction;
use conversion::Conversion;
use overflow::Sum;
use population::Population;

enum Mistake {
    Conversion(Conversion),
    Sum(Sum),
    Population(Population),
}

fn decode(code: Instruction) -> Option<Mistake> {
    Conversion::decode(code)
        .map(Mistake::Conversion)
        .or_else(|| Sum::decode(code).map(Mistake::Sum))
        .or_else(|| Population::decode(code).map(Mistake::Population))
}

/// Mnemonic of an instruction that the emulator computes wrong for some operands; `None` for
/// any other.
pub fn mnemonic(code: &[u8]) -> Option<&'static str> {
    Some(match decode(Instruction::fetch(code)?)? {
        Mistake::Conversion(conversion) => conversion.mnemonic(),
        Mistake::Sum(sum) => sum.mnemonic(),
        Mistake::Population(_) => "popcnt",
    })
}

/// Executes the instruction at the start of `code` as [`super::execute`] does, if it is one of
/// these and the emulator cannot be trusted with its operands: its length in bytes.
///
/// `None`, with nothing changed: let the emulator execute it.
pub fn execute(code: &[u8], registers: &mut impl Registers) -> Option<u8> {
    let code = Instruction::fetch(code)?;
    match decode(code)? {
        Mistake::Conversion(conversion) => conversion.execute(code, registers)?,
        Mistake::Sum(sum) => sum.execute(registers)?,
        Mistake::Population(count) => count.execute(code, registers),
    }
    Some(code.bytes())
}
