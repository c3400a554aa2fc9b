//! RISC-V instructions that Cranelift emits when its flags allow them and the emulator does not
//! know, computed here.
//!
//! Unicorn 2.1's QEMU (5.0.1) ends at RV64GC. An unknown instruction of four bytes arrives in the
//! interrupt hook with the PC already behind it, which is where the run goes on: [`execute`]. An
//! unknown instruction of two bytes does not: the emulator takes it for one that does nothing, and
//! the result is wrong without a word. So those ([`compressed`]) are hooked by address.
//!
//! Vectors remain unknown; `src/machine/lacking.rs` has the list.
//!
//! Source: RISC-V Instruction Set Manual, volume I, as each file says.

mod arithmetic;
mod compare;
pub mod compressed;
mod constant;
mod convert;
mod float;
mod integer;

#[cfg(test)]
mod tests;

/// What an instruction computed outside the emulator reads and writes.
pub trait Registers {
    /// Integer register `n`, 0 to 31.
    fn x(&mut self, n: u32) -> u64;
    /// Sets integer register `n`; register 0 stays zero.
    fn set_x(&mut self, n: u32, value: u64);
    /// Floating-point register `n`, 0 to 31.
    fn f(&mut self, n: u32) -> u64;
    /// Sets all of floating-point register `n`.
    fn set_f(&mut self, n: u32, value: u64);
    /// Flags in bits 0 to 4, the rounding mode in bits 5 to 7.
    fn fcsr(&mut self) -> u32;
    /// Sets it.
    fn set_fcsr(&mut self, value: u32);
    /// An unsigned little-endian integer of `bytes` (1 to 8) bytes in guest memory.
    fn load(&mut self, address: u64, bytes: usize) -> Result<u64, Refusal>;
    /// Stores the low `bytes` bytes of `value`.
    fn store(&mut self, address: u64, bytes: usize, value: u64) -> Result<(), Refusal>;
}

/// Why nothing was computed, and nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// None of the gaps, or a reserved form of one.
    Unknown,
    /// An access fault at this address.
    Read(u64),
    /// The same of a store.
    Write(u64),
}

/// Executes the instruction `word` of four bytes, but for the PC.
pub fn execute(word: u32, registers: &mut impl Registers) -> Result<(), Refusal> {
    if let Some((destination, value)) = integer::execute(word, |n| registers.x(n)) {
        registers.set_x(destination, value);
        return Ok(());
    }
    float::execute(word, registers)
}
