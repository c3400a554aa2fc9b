//! Registers and memory of a stopped Pulley guest.

use super::engine::{Engine, Op, engine};
use super::memory::GuestMemory;
use crate::image::{CodeImage, Layout};
use crate::isa::Isa;
use crate::machine::{
    Cpu, MachineError, MemoryFault, RegisterId, RegisterRole, RegisterTable, Registers,
};
use crate::releases::Bytecode;

/// The guest.
pub(super) struct PulleyCpu {
    isa: Isa,
    table: &'static RegisterTable,
    /// The program counter, which the interpreter does not keep.
    pub(super) pc: u64,
    /// The interpreter of `bytecode`.
    pub(super) interpreter: Box<dyn Engine>,
    bytecode: Bytecode,
    pub(super) memory: GuestMemory,
    /// The image's code, all sites live.
    live: Vec<u8>,
}

impl PulleyCpu {
    /// A guest with zero registers, zero memory and no code.
    pub(super) fn new(isa: Isa) -> Result<PulleyCpu, MachineError> {
        Ok(PulleyCpu {
            isa,
            table: RegisterTable::of(isa),
            pc: 0,
            interpreter: engine(Bytecode::NEWEST)?,
            bytecode: Bytecode::NEWEST,
            memory: GuestMemory::new(Layout::of(isa))?,
            live: Vec::new(),
        })
    }

    /// From now on the guest is one for `isa`, which lays out memory alike. Its code is another
    /// one's until an image is loaded.
    pub(super) fn become_one_for(&mut self, isa: Isa) {
        debug_assert_eq!(self.memory.layout(), Layout::of(isa));
        self.isa = isa;
        self.table = RegisterTable::of(isa);
    }

    /// Makes `image` the guest's code, with that many data symbols.
    ///
    /// # Errors
    /// When the image is for another ISA or address, exceeds the layout, or is bytecode of a
    /// release that is not built in.
    pub(super) fn load_image(
        &mut self,
        image: &CodeImage,
        data_symbols: usize,
    ) -> Result<(), MachineError> {
        let layout = self.memory.layout();
        if image.isa != self.isa || image.base != layout.code {
            return Err(MachineError(format!(
                "an image for {} at {:#x} is not one for {} at {:#x}",
                image.isa, image.base, self.isa, layout.code
            )));
        }
        if image.bytecode != self.bytecode {
            self.interpreter = engine(image.bytecode)?;
            self.bytecode = image.bytecode;
        }
        let bytes = image.emitted();
        self.memory.load(&bytes, data_symbols)?;
        self.live = bytes.into_owned();
        Ok(())
    }
}

impl Cpu for PulleyCpu {
    fn isa(&self) -> Isa {
        self.isa
    }

    fn registers(&mut self) -> Registers {
        Registers(self.table.ids().map(|id| self.read(id)).collect())
    }

    fn read(&mut self, register: RegisterId) -> u128 {
        match self.table.info(register).role {
            RegisterRole::Int(n) => self.interpreter.x(n).into(),
            RegisterRole::Float(n) => self.interpreter.f(n).into(),
            RegisterRole::Vector(n) => self.interpreter.v(n),
            RegisterRole::Pc => self.pc.into(),
            _ if self.table.link == Some(register) => self.interpreter.lr().into(),
            _ => self.interpreter.fp().into(),
        }
    }

    fn write(&mut self, register: RegisterId, value: u128) {
        let low = value as u64;
        match self.table.info(register).role {
            RegisterRole::Int(n) => self.interpreter.set_x(n, low),
            RegisterRole::Float(n) => self.interpreter.set_f(n, low),
            RegisterRole::Vector(n) => self.interpreter.set_v(n, value),
            RegisterRole::Pc => self.pc = low,
            _ if self.table.link == Some(register) => self.interpreter.set_lr(low),
            _ => self.interpreter.set_fp(low),
        }
    }

    fn load(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), MemoryFault> {
        self.memory.read(address, buffer)
    }

    fn store(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        self.memory.write(address, bytes)
    }

    fn write_code(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryFault> {
        // Nothing is translated: the next step decodes what is there.
        self.memory.write_code(address, bytes)
    }

    fn write_code_pieces(&mut self, pieces: &[(u64, Vec<u8>)]) -> Result<(), MemoryFault> {
        let pieces = pieces.iter().map(|(address, bytes)| (*address, &bytes[..]));
        self.memory.write_code_pieces(pieces)
    }

    /// Of the live instruction at the PC, also while other bytes are there: at a NOPed site
    /// these are the arguments that the hook would see.
    fn pending_moves(&mut self) -> Vec<(RegisterId, u128)> {
        let offset = self.pc.checked_sub(self.memory.layout().code);
        let live = offset
            .and_then(|offset| usize::try_from(offset).ok())
            .and_then(|offset| self.live.get(offset..));
        let decoded = live.and_then(|live| self.interpreter.decode(live));
        let Some((Op::Call { arguments, .. }, _)) = decoded else {
            return Vec::new();
        };
        let values = arguments.into_iter();
        (0..)
            .map(|number| self.table.by_role(RegisterRole::Int(number)))
            .zip(values)
            .filter_map(|(register, source)| Some((register?, self.interpreter.x(source).into())))
            .collect()
    }
}
