//! A guest without a machine, for tests: registers that can be set, and a piece of memory.

use super::{Cpu, MemoryFault, RegisterId, RegisterTable, Registers};
use crate::image::Layout;
use crate::isa::Isa;

/// Registers, and memory from the lowest address of the stack's highest 64 KiB.
pub struct FakeCpu {
    isa: Isa,
    registers: Vec<u128>,
    memory: Vec<u8>,
    /// Address of the first byte of memory.
    pub base: u64,
    /// What was written as code.
    pub code_writes: Vec<(u64, Vec<u8>)>,
}

impl FakeCpu {
    /// All zero.
    pub fn new(isa: Isa) -> FakeCpu {
        let size = 64 << 10;
        FakeCpu {
            isa,
            registers: vec![0; RegisterTable::of(isa).registers.len()],
            memory: vec![0; size],
            base: Layout::of(isa).stack_top() - size as u64,
            code_writes: Vec::new(),
        }
    }

    /// A register by its name.
    pub fn named(&mut self, name: &str) -> u128 {
        let register = RegisterTable::of(self.isa).by_name(name);
        self.read(register.expect("the table has it"))
    }

    /// Bytes of memory.
    pub fn bytes(&mut self, address: u64, size: usize) -> Vec<u8> {
        let mut bytes = vec![0; size];
        self.load(address, &mut bytes).expect("memory is there");
        bytes
    }

    fn range(&self, address: u64, size: usize) -> Result<std::ops::Range<usize>, MemoryFault> {
        let fault = MemoryFault { address };
        let start = address.checked_sub(self.base).ok_or(fault)?;
        let start = usize::try_from(start).map_err(|_| fault)?;
        let end = start
            .checked_add(size)
            .filter(|end| *end <= self.memory.len());
        Ok(start..end.ok_or(fault)?)
    }
}

impl Cpu for FakeCpu {
    fn isa(&self) -> Isa {
        self.isa
    }

    fn registers(&mut self) -> Registers {
        Registers(self.registers.clone())
    }

    fn read(&mut self, register: RegisterId) -> u128 {
        self.registers[usize::from(register.0)]
    }

    fn write(&mut self, register: RegisterId, value: u128) {
        let bytes = RegisterTable::of(self.isa).info(register).bytes;
        let mask = u128::MAX >> (128 - 8 * u32::from(bytes));
        self.registers[usize::from(register.0)] = value & mask;
    }

    fn load(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), MemoryFault> {
        let range = self.range(address, buffer.len())?;
        buffer.copy_from_slice(&self.memory[range]);
        Ok(())
    }

    fn store(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        let range = self.range(address, bytes.len())?;
        self.memory[range].copy_from_slice(bytes);
        Ok(())
    }

    fn write_code(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        self.code_writes.push((address, bytes.to_vec()));
        Ok(())
    }
}
