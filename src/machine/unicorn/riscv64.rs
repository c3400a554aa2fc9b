//! Lets RISC-V code run on past instructions that the emulator does not know.

use unicorn_engine::{RegisterRISCV, UcHookId, Unicorn, uc_error};

use super::cpu::UnicornCpu;
use super::registers::{self, Access};
use super::riscv64_gaps::compressed::Compressed;
use super::riscv64_gaps::{self, Refusal, Registers};
use super::{Shared, run};
use crate::image::{CodeImage, Layout};
use crate::isa::Isa;
use crate::machine::Cpu;

/// The flag that lets a generator emit instructions of two bytes that the emulator does not know.
const COMPRESSED: &str = "has_zcb";

/// The engine's registers as [`riscv64_gaps`] wants them.
struct Live<'a, 'e>(&'a mut Unicorn<'e, Shared>);

impl Live<'_, '_> {
    fn numbered(first: RegisterRISCV, n: u32) -> Access {
        let n = i32::try_from(n).expect("five bits");
        Access::Word(first as i32 + n)
    }

    fn read(&self, access: Access) -> u64 {
        u64::try_from(registers::read(self.0, access)).unwrap_or(0)
    }

    fn fcsr() -> Access {
        Access::Word(RegisterRISCV::FCSR as i32)
    }
}

impl Registers for Live<'_, '_> {
    fn x(&mut self, n: u32) -> u64 {
        match n {
            0 => 0,
            _ => self.read(Self::numbered(RegisterRISCV::X0, n)),
        }
    }

    fn set_x(&mut self, n: u32, value: u64) {
        if n != 0 {
            let register = Self::numbered(RegisterRISCV::X0, n);
            registers::write(self.0, register, value.into());
        }
    }

    fn f(&mut self, n: u32) -> u64 {
        self.read(Self::numbered(RegisterRISCV::F0, n))
    }

    fn set_f(&mut self, n: u32, value: u64) {
        let register = Self::numbered(RegisterRISCV::F0, n);
        registers::write(self.0, register, value.into());
    }

    fn fcsr(&mut self) -> u32 {
        u32::try_from(self.read(Self::fcsr())).unwrap_or(0)
    }

    fn set_fcsr(&mut self, value: u32) {
        registers::write(self.0, Self::fcsr(), value.into());
    }

    fn load(&mut self, address: u64, bytes: usize) -> Result<u64, Refusal> {
        let mut buffer = [0; 8];
        let mut cpu = UnicornCpu { engine: self.0 };
        cpu.load(address, &mut buffer[..bytes])
            .map_err(|_| Refusal::Read(address))?;
        Ok(u64::from_le_bytes(buffer))
    }

    /// What is written from outside is not held to permissions: code is not to be written.
    fn store(&mut self, address: u64, bytes: usize, value: u64) -> Result<(), Refusal> {
        let layout = Layout::of(Isa::Riscv64gc);
        let end = address.saturating_add(bytes as u64);
        let touches = |start: u64, size: u64| address < start + size && start < end;
        let refused = Refusal::Write(address);
        if touches(layout.code, Layout::CODE_BYTES) || touches(layout.stubs, Layout::STUBS_BYTES) {
            return Err(refused);
        }
        let mut cpu = UnicornCpu { engine: self.0 };
        let bytes = &value.to_le_bytes()[..bytes];
        cpu.store(address, bytes).map_err(|_| refused)
    }
}

/// Computes the unknown instruction at `pc`. The PC is behind it already.
pub fn fill_gap(engine: &mut Unicorn<Shared>, pc: u64) -> Result<(), Refusal> {
    let mut word = [0; 4];
    let read = engine.mem_read(pc, &mut word);
    // The two lowest bits tell an instruction of four bytes (volume I, 1.5).
    if read.is_err() || word[0] & 3 != 3 {
        return Err(Refusal::Unknown);
    }
    riscv64_gaps::execute(u32::from_le_bytes(word), &mut Live(engine))
}

/// Hooks the addresses of `image` where a Zcb instruction may stand, when the target's flags allow
/// them: the emulator would do nothing there. An address inside of another instruction may be among
/// them; it is never executed.
pub fn hook_silent(
    engine: &mut Unicorn<'static, Shared>,
    image: &CodeImage,
) -> Result<Vec<UcHookId>, uc_error> {
    if !image.extensions.iter().any(|flag| flag == COMPRESSED) {
        return Ok(Vec::new());
    }
    hook_halves(engine, image.base, &image.bytes)
}

/// The same for `code` at `base`.
pub fn hook_halves(
    engine: &mut Unicorn<'static, Shared>,
    base: u64,
    code: &[u8],
) -> Result<Vec<UcHookId>, uc_error> {
    let halves = code.chunks_exact(2);
    let found = (base..).step_by(2).zip(halves).filter(|(_, half)| {
        let half = u16::from_le_bytes([half[0], half[1]]);
        Compressed::decode(half).is_some()
    });
    found
        .map(|(at, _)| engine.add_code_hook(at, at, |engine, at, _| compressed(engine, at)))
        .collect()
}

/// Computes the instruction at `pc` unless a patch has put another one there.
fn compressed(engine: &mut Unicorn<Shared>, pc: u64) {
    let mut half = [0; 2];
    if engine.mem_read(pc, &mut half).is_err() {
        return;
    }
    let Some(instruction) = Compressed::decode(u16::from_le_bytes(half)) else {
        return;
    };
    match instruction.execute(&mut Live(engine)) {
        Ok(()) => {
            let next = Access::Word(RegisterRISCV::PC as i32);
            registers::write(engine, next, u128::from(pc) + 2);
        }
        Err(refusal) => run::refuse(engine, pc, refusal),
    }
}
