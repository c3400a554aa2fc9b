//! Calling the entry: a fresh machine state full of junk, arguments by the ABI.

use std::sync::Arc;

use super::super::abi::{self, CallLayout, Junk};
use super::super::registers::{RegisterRole, RegisterTable};
use super::super::{Cpu, MemoryFault};
use super::Session;
use super::tamper::Narrow;
use crate::image::Layout;
use crate::isa::Isa;
use crate::program::Value;

/// Why an entry cannot be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The guest's memory is not as laid out.
    #[error("calling the entry: {0}")]
    Memory(#[from] MemoryFault),
}

/// Room at the top of the stack for arguments that go by reference.
const SPARE_BYTES: u64 = 512;

impl Session {
    /// Sets up the call of `function`: junk in every register that has no meaning at a call,
    /// `args` in their places, the exit as return address. Gives the entry's address, or `None`
    /// when the image lacks the function.
    ///
    /// # Errors
    /// When the guest's stack is not mapped.
    pub fn enter(
        &mut self,
        cpu: &mut dyn Cpu,
        function: u32,
        args: &[Value],
    ) -> Result<Option<u64>, CallError> {
        let plan = Arc::clone(&self.plan);
        let isa = plan.isa();
        let table = RegisterTable::of(isa);
        self.function = function;
        self.junk = Junk::new(0x7061_7463_6870_726f);
        for register in table.ids() {
            let value = initial(isa, table.info(register).name, table.info(register).role)
                .unwrap_or_else(|| self.junk.bits());
            cpu.write(register, value);
        }
        let layout = plan.function_layout(function);
        let mut spare = plan.stack_top();
        let result_bytes = layout.return_area.as_ref().map_or(0, |area| area.bytes);
        self.results_at = (plan.stack_top() - SPARE_BYTES - result_bytes) & !15;
        let area = (self.results_at - layout.argument_area) & !15;
        self.prepare_results(cpu, layout)?;
        for (place, value) in layout.params.iter().zip(args) {
            abi::write(cpu, place, *value, area, &mut spare, &mut self.junk)?;
        }
        let exit = Layout::of(isa).exit();
        cpu.write(table.sp, u128::from(area));
        self.at_call = None;
        let before = match self.recorded_in_part() {
            Some(wider) => Narrow { cpu, wider }.registers(),
            None => cpu.registers(),
        };
        self.silence_sites(cpu);
        match table.link {
            Some(link) => cpu.write(link, u128::from(exit)),
            None => {
                let sp = area - abi::return_address_bytes(isa);
                cpu.store(sp, &exit.to_le_bytes())?;
                cpu.write(table.sp, u128::from(sp));
            }
        }
        self.at_call = Some(before);
        let name = &plan.interface().functions[function as usize].name;
        Ok(plan.image().symbols.get(name).copied())
    }
}

impl Session {
    /// Junk where results will lie in memory, and the pointer there.
    fn prepare_results(
        &mut self,
        cpu: &mut dyn Cpu,
        layout: &CallLayout,
    ) -> Result<(), MemoryFault> {
        let Some(area) = &layout.return_area else {
            return Ok(());
        };
        for offset in (0..area.bytes).step_by(8) {
            let junk = self.junk.bits().to_le_bytes();
            cpu.store(self.results_at + offset, &junk[..8])?;
        }
        if let abi::Part::Register { register, .. } = area.pointer {
            cpu.write(register, u128::from(self.results_at));
        }
        Ok(())
    }
}

/// What a register must hold at a call; `None` where anything may stand.
fn initial(isa: Isa, name: &str, role: RegisterRole) -> Option<u128> {
    match role {
        RegisterRole::Pc => Some(0),
        // RISC-V's zero; flags start clear (the psABI wants x86's direction flag so).
        RegisterRole::Int(0) if isa == Isa::Riscv64gc => Some(0),
        RegisterRole::Flags if isa == Isa::X86_64 => Some(2),
        RegisterRole::Flags => Some(0),
        RegisterRole::Control(_) => Some(match name {
            // All exceptions masked, round to nearest.
            "mxcsr" => 0x1f80,
            "fpcw" => 0x37f,
            _ => 0,
        }),
        _ => None,
    }
}
