//! The machine with one instruction in place, and what it left behind.

use unicorn_engine::{RegisterRISCV as R, Unicorn};

use super::super::super::{Shared, setup, stack};
use crate::image::Layout;
use crate::isa::Isa;
use crate::machine::Exit;

/// `addi t6, t6, 1`, which tells that the run went on right behind an instruction.
const COUNT: u32 = 0x001f_8f93;

/// An engine as programs get it, but for an image.
pub struct Hart {
    engine: Unicorn<'static, Shared>,
    at: u64,
}

impl Hart {
    pub fn new() -> Hart {
        let shared = Shared {
            isa: Isa::Riscv64gc,
            session: None,
            exit: None,
            fault: None,
            deep_stack: stack::Deep::default(),
        };
        Hart {
            engine: setup::engine(Isa::Riscv64gc, shared).expect("an engine"),
            at: Layout::of(Isa::Riscv64gc).code,
        }
    }

    /// Puts `code` in place of what was there.
    pub fn place(&mut self, code: &[u8]) {
        let code = [code, &COUNT.to_le_bytes()].concat();
        self.engine.mem_write(self.at, &code).expect("code");
        let end = self.at + code.len() as u64;
        self.engine.ctl_remove_cache(self.at, end).expect("cache");
    }

    /// Runs `length` bytes of code and the count behind: why it ended, if not behind that.
    pub fn run(&mut self, length: u64) -> Option<Exit> {
        self.engine.get_data_mut().exit = None;
        self.set(R::X31, 0);
        let outcome = self.engine.emu_start(self.at, self.at + length + 4, 0, 0);
        let exit = self.engine.get_data_mut().exit.take();
        if exit.is_none() {
            outcome.expect("no error without an exit");
            assert_eq!(self.get(R::X31), 1, "the run goes on behind it");
        }
        exit
    }

    /// Executes an instruction of four bytes that must be a gap.
    pub fn execute(&mut self, word: u32) {
        self.place(&word.to_le_bytes());
        assert_eq!(self.run(4), None, "{word:#x}");
    }

    pub fn get(&self, register: R) -> u64 {
        self.engine.reg_read(register).expect("register")
    }

    pub fn set(&mut self, register: R, value: u64) {
        self.engine.reg_write(register, value).expect("register");
    }

    pub fn engine(&mut self) -> &mut Unicorn<'static, Shared> {
        &mut self.engine
    }

    /// Where the code is.
    pub fn at(&self) -> u64 {
        self.at
    }
}
