//! A bare Unicorn that runs one instruction.

use std::cell::Cell;
use std::rc::Rc;
use unicorn_engine::{Arch, Mode, Prot, RegisterS390X, S390xCpuModel, Unicorn};

const CODE: u64 = 0x2_0000;
const DATA: u64 = 0x10_0000;

/// An engine with floating point and vectors on, one instruction in place, and every general
/// register pointing at readable, aligned memory.
pub(super) struct Emulator {
    engine: Unicorn<'static, ()>,
    exception: Rc<Cell<Option<u32>>>,
    end: u64,
}

impl Emulator {
    pub(super) fn new(code: &[u8]) -> Self {
        let mut engine = Unicorn::new(Arch::S390X, Mode::BIG_ENDIAN).expect("an engine");
        engine
            .ctl_set_cpu_model(S390xCpuModel::MAX as i32)
            .expect("model MAX");
        engine.mem_map(CODE, 0x30_0000, Prot::ALL).expect("memory");
        engine.mem_write(CODE, code).expect("code in memory");
        let mut emulator = Emulator {
            engine,
            exception: Rc::default(),
            end: CODE + code.len() as u64,
        };
        let mask = emulator.read(RegisterS390X::PSWM);
        emulator.write(RegisterS390X::PSWM, mask | 0x1_8000_0000);
        emulator.write(RegisterS390X::CR0, 0x6_0000);
        for n in 0..16 {
            emulator.write(
                RegisterS390X::R0 as i32 + n,
                DATA + 8 * n.unsigned_abs() as u64,
            );
        }
        for n in 0..32 {
            emulator.write(RegisterS390X::F0 as i32 + n, 0x4000_0000_4000_0000);
        }
        let seen = Rc::clone(&emulator.exception);
        emulator
            .engine
            .add_intr_hook(move |engine, number| {
                let pc = engine.reg_read(RegisterS390X::PC).expect("PC");
                assert_eq!(pc, CODE, "the PC is on the instruction");
                seen.set(Some(number));
                engine.emu_stop().expect("stop");
            })
            .expect("interrupt hook");
        emulator
    }

    fn read(&self, register: impl Into<i32>) -> u64 {
        self.engine.reg_read(register).expect("register")
    }

    fn write(&mut self, register: impl Into<i32>, value: u64) {
        self.engine.reg_write(register, value).expect("register");
    }

    /// Runs the instruction: the number of the exception that it raised, if any.
    pub(super) fn run(&mut self) -> Option<u32> {
        self.exception.set(None);
        let result = self.engine.emu_start(CODE, self.end, 0, 1);
        let exception = self.exception.get();
        assert!(result.is_ok() || exception.is_some(), "{result:?}");
        exception
    }

    /// Sets the register pair `n`, `n + 2` to an extended datum.
    pub(super) fn set_pair(&mut self, n: i32, datum: u128) {
        let halves = [(datum >> 64) as u64, datum as u64];
        self.write(RegisterS390X::F0 as i32 + n, halves[0]);
        self.write(RegisterS390X::F0 as i32 + n + 2, halves[1]);
    }

    /// The extended datum in register pair `n`, `n + 2`.
    pub(super) fn pair(&self, n: i32) -> u128 {
        let half = |n| u128::from(self.read(RegisterS390X::F0 as i32 + n));
        half(n) << 64 | half(n + 2)
    }

    /// General register `n`.
    pub(super) fn general(&self, n: i32) -> u64 {
        self.read(RegisterS390X::R0 as i32 + n)
    }

    /// Sets general register `n`.
    pub(super) fn set_general(&mut self, n: i32, value: u64) {
        self.write(RegisterS390X::R0 as i32 + n, value);
    }

    /// The condition code: bits 18 and 19 of the PSW.
    pub(super) fn condition_code(&self) -> u8 {
        (self.read(RegisterS390X::PSWM) >> 44 & 3) as u8
    }
}
