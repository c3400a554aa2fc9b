//! A machine with an image, and an observer that writes down what it is told.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pulley_interpreter::{Op, PcRelOffset};

use crate::image::{CodeImage, Layout};
use crate::isa::Isa;
use crate::machine::pulley::{Observer, PulleyMachine};
use crate::machine::{Cpu, Exit, Flow, Machine, RegisterId, RegisterTable};

/// The fixed addresses exist once in the test process.
static ADDRESSES: Mutex<()> = Mutex::new(());

/// What a test does at a breakpoint.
pub type OnStop = Box<dyn FnMut(&mut dyn Cpu, u64) -> Flow>;

/// Fuel, and a log of breakpoints.
pub struct Recorder {
    pub fuel: u64,
    pub stops: Vec<u64>,
    pub on_stop: OnStop,
}

impl Observer for Recorder {
    fn breakpoint(&mut self, cpu: &mut dyn Cpu, address: u64) -> Flow {
        self.stops.push(address);
        (self.on_stop)(cpu, address)
    }

    fn burn(&mut self, amount: u64) -> bool {
        self.fuel
            .checked_sub(amount)
            .map(|rest| self.fuel = rest)
            .is_some()
    }
}

/// A machine that is alone in the process.
pub struct Rig {
    pub machine: PulleyMachine,
    pub seen: Recorder,
    // Released after the machine.
    _alone: MutexGuard<'static, ()>,
}

/// Addresses of the guest.
pub fn layout() -> Layout {
    Layout::of(Isa::Pulley64)
}

/// Code without metadata.
pub fn image(isa: Isa, bytes: Vec<u8>) -> CodeImage {
    CodeImage {
        isa,
        base: layout().code,
        bytes,
        functions: Vec::new(),
        symbols: BTreeMap::new(),
        sites: Vec::new(),
        nop_units: vec![vec![0]],
        traps: BTreeMap::new(),
        extensions: Vec::new(),
        scratch: Vec::new(),
        bytecode: crate::releases::Bytecode::NEWEST,
    }
}

/// Encodes instructions.
pub fn assemble(ops: &[Op]) -> Vec<u8> {
    let mut bytes = Vec::new();
    ops.iter().for_each(|op| op.encode(&mut bytes));
    bytes
}

/// An offset.
pub fn rel(offset: i32) -> PcRelOffset {
    PcRelOffset::from(offset)
}

/// A register by name.
pub fn register(name: &str) -> RegisterId {
    RegisterTable::of(Isa::Pulley64)
        .by_name(name)
        .expect("the table has the register")
}

impl Rig {
    /// A machine with `image`, its data symbols, zero memory, and all the fuel a test needs.
    pub fn new(image: &CodeImage, breakpoints: &[u64]) -> Rig {
        let alone = ADDRESSES.lock().unwrap_or_else(PoisonError::into_inner);
        let mut machine = PulleyMachine::new(image.isa).expect("the addresses are free");
        let data_symbols = (image.symbols.values())
            .filter(|&&address| (layout().data..layout().stack).contains(&address))
            .count();
        machine
            .load(image, data_symbols, breakpoints)
            .expect("the image fits");
        machine.clear_memory().expect("memory can be cleared");
        Rig {
            machine,
            seen: Recorder {
                fuel: 100_000,
                stops: Vec::new(),
                on_stop: Box::new(|_, _| Flow::Continue),
            },
            _alone: alone,
        }
    }

    /// A machine with these instructions.
    pub fn with(ops: &[Op]) -> Rig {
        Rig::new(&image(Isa::Pulley64, assemble(ops)), &[])
    }

    /// Runs from `offset` of the code with the stack empty and the exit as return address.
    pub fn run_at(&mut self, offset: u64) -> Exit {
        self.set("lr", layout().exit().into());
        self.set("sp", layout().stack_top().into());
        let entry = layout().code + offset;
        self.machine.run_observed(entry, &mut self.seen)
    }

    /// Runs the code from its start.
    pub fn run(&mut self) -> Exit {
        self.run_at(0)
    }

    /// Runs, expecting a return.
    pub fn returns(&mut self) {
        assert_eq!(self.run(), Exit::Returned);
    }

    /// A register.
    pub fn get(&mut self, name: &str) -> u128 {
        self.machine.cpu.read(register(name))
    }

    /// Sets a register.
    pub fn set(&mut self, name: &str, value: u128) {
        self.machine.cpu.write(register(name), value);
    }
}
