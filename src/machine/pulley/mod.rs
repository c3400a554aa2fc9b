//! Pulley bytecode on the interpreter of the release that matches Cranelift's.
//!
//! The interpreter takes host pointers and has no hook between two instructions, and the suite
//! wants fixed guest addresses and to look at any instruction. So this machine
//!
//! - maps the guest's memory at its addresses in this process (`memory`, `reservation`);
//! - single-steps: what an instruction computes is computed by the interpreter, out of line
//!   (`engine`); what depends on the PC, by hand (`step`); and what checks the stack
//!   pointer against the interpreter's own stack, by hand too (`frame`).
//!
//! A load or store that begins outside of the guest's memory is a fault (`access`). One that runs
//! over the end hits an inaccessible page and kills the process with `SIGSEGV`, and what
//! WebAssembly's addressing modes lead to may be the process's own memory. So a machine that runs
//! code which is not trusted belongs into a child process, whose death is a verdict
//! ([`super::child`]). Only one machine can exist in a process at a time.
//!
//! The interpreter may be built with debug assertions or without: the one that checks the stack
//! pointer is in instructions that never reach it.
//!
//! This is the only module with unsafe code: `reservation` and `release.rs`, the glue to each
//! release of the interpreter.

mod cpu;
mod engine;
mod frame;
mod memory;
mod reservation;
mod step;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::image::{CodeImage, Layout};
use crate::isa::Isa;
use crate::machine::{Cpu, Exit, Flow, Machine, MachineError, Session};
use cpu::PulleyCpu;
use step::Stop;

/// What a run asks of its session.
trait Observer {
    /// See [`Session::breakpoint`].
    fn breakpoint(&mut self, cpu: &mut dyn Cpu, address: u64) -> Flow;
    /// See [`Session::burn`].
    fn burn(&mut self, amount: u64) -> bool;
}

impl Observer for Session {
    fn breakpoint(&mut self, cpu: &mut dyn Cpu, address: u64) -> Flow {
        Session::breakpoint(self, cpu, address)
    }

    fn burn(&mut self, amount: u64) -> bool {
        Session::burn(self, amount)
    }
}

/// A machine for [`Isa::Pulley64`] or [`Isa::Pulley64be`], which differ in the loads and stores
/// that the code generator chooses, and not for the machine.
///
/// A trap has the code of its record. Without a record it has the code that the instruction
/// implies: division and conversion, and a stack pointer below the stack. The rest (`trap`,
/// checked additions, null addresses) is exception 0. Fuel is one unit for each instruction and
/// each hostcall.
pub struct PulleyMachine {
    cpu: PulleyCpu,
    /// For each byte of the image, whether it is a breakpoint.
    breakpoints: Vec<bool>,
    traps: BTreeMap<u64, String>,
}

impl PulleyMachine {
    /// A machine with zero registers and memory and no code.
    ///
    /// # Errors
    /// When `isa` is not one of those two, the process has such a machine already, or the host
    /// cannot map memory at the guest's addresses (they are taken, or pages exceed 4 KiB).
    pub fn new(isa: Isa) -> Result<PulleyMachine, MachineError> {
        check(isa)?;
        Ok(PulleyMachine {
            cpu: PulleyCpu::new(isa)?,
            breakpoints: Vec::new(),
            traps: BTreeMap::new(),
        })
    }

    /// Makes it a machine for the other ISA, without the cost of a new one. The next thing to do is
    /// to load an image.
    ///
    /// # Errors
    /// When `isa` is not one of those two.
    pub fn become_one_for(&mut self, isa: Isa) -> Result<(), MachineError> {
        check(isa)?;
        self.cpu.become_one_for(isa);
        Ok(())
    }

    /// [`Machine::run`] for any observer.
    fn run_observed(&mut self, entry: u64, observer: &mut impl Observer) -> Exit {
        self.cpu.pc = entry;
        let mut came_from = entry;
        loop {
            let pc = self.cpu.pc;
            let result = if self.cpu.memory.is_stub(pc) {
                self.step_stub(came_from, observer)
            } else {
                self.step_code(came_from, observer)
            };
            if let Err(exit) = result {
                return exit;
            }
            came_from = pc;
        }
    }

    /// A hostcall, or the end of the run.
    fn step_stub(&mut self, came_from: u64, observer: &mut impl Observer) -> Result<(), Exit> {
        let pc = self.cpu.pc;
        let layout = self.cpu.memory.layout();
        if pc == layout.exit() {
            return Err(Exit::Returned);
        }
        if !(pc - layout.stubs).is_multiple_of(Layout::STUB_BYTES) {
            return Err(fetch_fault(came_from, pc));
        }
        if !observer.burn(1) {
            return Err(Exit::OutOfFuel);
        }
        self.stop_at(pc, observer)?;
        if self.cpu.pc == pc {
            self.cpu.pc = self.cpu.interpreter.lr();
        }
        Ok(())
    }

    /// One instruction of the image.
    fn step_code(&mut self, came_from: u64, observer: &mut impl Observer) -> Result<(), Exit> {
        let pc = self.cpu.pc;
        let code = self.cpu.memory.code();
        if !code.contains(&pc) {
            return Err(fetch_fault(came_from, pc));
        }
        if !observer.burn(1) {
            return Err(Exit::OutOfFuel);
        }
        if self.is_breakpoint(pc) {
            self.stop_at(pc, observer)?;
            if self.cpu.pc != pc {
                return Ok(());
            }
        }
        match self.cpu.step() {
            Ok(()) => Ok(()),
            Err(Stop::Hostcall(number)) => {
                let stub = self.cpu.memory.layout().stub(number.into());
                self.stop_at(stub, observer)
            }
            Err(stop) => Err(self.exit(pc, stop)),
        }
    }

    fn is_breakpoint(&self, pc: u64) -> bool {
        usize::try_from(pc - self.cpu.memory.code().start)
            .ok()
            .and_then(|offset| self.breakpoints.get(offset))
            .is_some_and(|&set| set)
    }

    fn stop_at(&mut self, pc: u64, observer: &mut impl Observer) -> Result<(), Exit> {
        match observer.breakpoint(&mut self.cpu, pc) {
            Flow::Continue => Ok(()),
            Flow::Stop => Err(fetch_fault(self.cpu.pc, pc)),
        }
    }

    fn exit(&self, pc: u64, stop: Stop) -> Exit {
        match stop {
            Stop::Trap(cause) => {
                let recorded = self.traps.get(&pc).map(String::as_str);
                match recorded.or(cause.code()) {
                    Some(code) => Exit::Trap {
                        pc,
                        code: code.to_owned(),
                    },
                    None => Exit::Exception { pc, number: 0 },
                }
            }
            Stop::Illegal(bytes) => Exit::Illegal { pc, bytes },
            Stop::Hostcall(number) => Exit::Exception {
                pc,
                number: number.into(),
            },
            // An access with a trap record is meant to trap.
            Stop::Fault { address, access } => match self.traps.get(&pc) {
                Some(code) => Exit::Trap {
                    pc,
                    code: code.clone(),
                },
                None => Exit::Fault {
                    pc,
                    address,
                    access: access.to_owned(),
                },
            },
        }
    }
}

/// Whether there is a machine for `isa`.
fn check(isa: Isa) -> Result<(), MachineError> {
    let known = matches!(isa, Isa::Pulley64 | Isa::Pulley64be);
    if known && cfg!(target_pointer_width = "64") {
        return Ok(());
    }
    Err(MachineError(format!(
        "the Pulley machine does not run {isa} on this host"
    )))
}

/// A jump from `pc` to where no code is.
fn fetch_fault(pc: u64, address: u64) -> Exit {
    Exit::Fault {
        pc,
        address,
        access: "fetch".to_owned(),
    }
}

impl Machine for PulleyMachine {
    fn with_cpu(&mut self, work: &mut dyn FnMut(&mut dyn Cpu)) {
        work(&mut self.cpu);
    }

    /// Breakpoints outside of the image are never reached: no code is there.
    fn load(
        &mut self,
        image: &CodeImage,
        data_symbols: usize,
        breakpoints: &[u64],
    ) -> Result<(), MachineError> {
        self.cpu.load_image(image, data_symbols)?;
        self.traps.clone_from(&image.traps);
        self.breakpoints.clear();
        self.breakpoints.resize(image.bytes.len(), false);
        for address in breakpoints {
            let offset = address.checked_sub(image.base).map(usize::try_from);
            if let Some(Ok(offset)) = offset
                && let Some(set) = self.breakpoints.get_mut(offset)
            {
                *set = true;
            }
        }
        Ok(())
    }

    fn clear_memory(&mut self) -> Result<(), MachineError> {
        self.cpu.memory.clear()
    }

    fn run(&mut self, entry: u64, mut session: Session) -> (Exit, Session) {
        let exit = self.run_observed(entry, &mut session);
        (exit, session)
    }
}
