//! Lets s390x code run on past instructions that the emulator does not know or computes wrong.

use unicorn_engine::{RegisterS390X, UcHookId, Unicorn, uc_error};

use super::Shared;
use super::registers::{self, Access};
use super::s390x_gaps::{self, Registers, miscomputed};
use crate::image::CodeImage;

/// Longest instruction in bytes.
const LONGEST_INSTRUCTION: usize = 6;

/// The engine's registers as [`s390x_gaps`] wants them.
struct Live<'a, 'e>(&'a mut Unicorn<'e, Shared>);

impl Live<'_, '_> {
    fn general(n: u8) -> Access {
        Access::Word(RegisterS390X::R0 as i32 + i32::from(n))
    }

    fn vector(n: u8) -> Access {
        let n = i32::from(n);
        Access::Halves(
            RegisterS390X::F0 as i32 + n,
            RegisterS390X::F0_HI as i32 + n,
        )
    }

    /// Computes the instruction at the PC and moves the PC past it, if `compute` covers it.
    fn step(&mut self, pc: u64, compute: fn(&[u8], &mut Self) -> Option<u8>) -> bool {
        let mut code = [0; LONGEST_INSTRUCTION];
        let computed = match self.0.mem_read(pc, &mut code) {
            Ok(()) => compute(&code, self),
            Err(_) => None,
        };
        match computed {
            Some(length) => {
                let next = u128::from(pc) + u128::from(length);
                registers::write(self.0, Access::Word(RegisterS390X::PC as i32), next);
                true
            }
            None => false,
        }
    }
}

fn low64(value: u128) -> u64 {
    u64::try_from(value & u128::from(u64::MAX)).expect("masked to 64 bits")
}

impl Registers for Live<'_, '_> {
    fn gpr(&self, n: u8) -> u64 {
        low64(registers::read(self.0, Self::general(n)))
    }

    fn set_gpr(&mut self, n: u8, value: u64) {
        registers::write(self.0, Self::general(n), value.into());
    }

    fn vr(&self, n: u8) -> u128 {
        registers::read(self.0, Self::vector(n))
    }

    fn set_vr(&mut self, n: u8, value: u128) {
        registers::write(self.0, Self::vector(n), value);
    }

    fn set_cc(&mut self, cc: u8) {
        registers::write(self.0, Access::ConditionCode, cc.into());
    }

    fn load(&self, address: u64, bytes: u8) -> Option<u64> {
        let mut buffer = [0; 8];
        let start = 8 - usize::from(bytes);
        self.0.mem_read(address, &mut buffer[start..]).ok()?;
        Some(u64::from_be_bytes(buffer))
    }
}

/// Computes the unknown instruction at `pc`; false when it is none of the gaps.
pub fn fill_gap(engine: &mut Unicorn<Shared>, pc: u64) -> bool {
    Live(engine).step(pc, s390x_gaps::execute)
}

/// Hooks the addresses of `image` where an instruction may stand that the emulator computes
/// wrong. An address inside of another instruction may be among them; it is never executed.
pub fn hook_miscomputed(
    engine: &mut Unicorn<'static, Shared>,
    image: &CodeImage,
) -> Result<Vec<UcHookId>, uc_error> {
    let offsets = (0..image.bytes.len()).step_by(2);
    let wrong = offsets.filter(|&offset| miscomputed::mnemonic(&image.bytes[offset..]).is_some());
    wrong
        .map(|offset| {
            let address = image.base + offset as u64;
            engine.add_code_hook(address, address, |engine, address, _| {
                // Where the emulator can be trusted with the operands, it goes on by itself.
                let _left_to_the_emulator = Live(engine).step(address, miscomputed::execute);
            })
        })
        .collect()
}
