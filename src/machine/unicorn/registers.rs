//! From the register tables to Unicorn's register numbers.

use std::sync::OnceLock;

use unicorn_engine::{RegisterARM64, RegisterRISCV, RegisterS390X, RegisterX86, Unicorn};

use super::Shared;
use crate::isa::Isa;
use crate::machine::registers::{RegisterInfo, RegisterRole, RegisterTable};

/// How Unicorn gives access to a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A register of at most 64 bits.
    Word(i32),
    /// A register of 128 bits.
    Long(i32),
    /// A vector register of s390x: the left and the right half apart.
    Halves(i32, i32),
    /// The condition code in the PSW mask.
    ConditionCode,
    /// RISC-V's zero register: reads as zero, is not written.
    Zero,
}

/// How to get at each register of the ISA's table.
pub fn accesses(isa: Isa) -> &'static [Access] {
    static KNOWN: [OnceLock<Vec<Access>>; Isa::ALL.len()] =
        [const { OnceLock::new() }; Isa::ALL.len()];
    KNOWN[isa as usize].get_or_init(|| {
        let table = RegisterTable::of(isa);
        table.ids().map(|id| access(isa, table.info(id))).collect()
    })
}

/// How to get at a register.
fn access(isa: Isa, info: &RegisterInfo) -> Access {
    match isa {
        Isa::X86_64 => x86(info),
        Isa::Aarch64 => aarch64(info),
        Isa::Riscv64gc => riscv(info),
        _ => s390x(info),
    }
}

fn x86(info: &RegisterInfo) -> Access {
    use RegisterX86 as R;
    const GENERAL: [R; 16] = [
        R::RAX,
        R::RCX,
        R::RDX,
        R::RBX,
        R::RSP,
        R::RBP,
        R::RSI,
        R::RDI,
        R::R8,
        R::R9,
        R::R10,
        R::R11,
        R::R12,
        R::R13,
        R::R14,
        R::R15,
    ];
    match (info.role, info.name) {
        (RegisterRole::Int(n), _) => Access::Word(GENERAL[usize::from(n)] as i32),
        (RegisterRole::Float(n), _) => Access::Long(R::XMM0 as i32 + i32::from(n)),
        (RegisterRole::Pc, _) => Access::Word(R::RIP as i32),
        (_, "mxcsr") => Access::Word(R::MXCSR as i32),
        (_, "fpcw") => Access::Word(R::FPCW as i32),
        _ => Access::Word(R::RFLAGS as i32),
    }
}

fn aarch64(info: &RegisterInfo) -> Access {
    use RegisterARM64 as R;
    Access::Word(match (info.role, info.name) {
        (RegisterRole::Int(29), _) => R::X29 as i32,
        (RegisterRole::Int(30), _) => R::X30 as i32,
        (RegisterRole::Int(31), _) => R::SP as i32,
        (RegisterRole::Int(n), _) => R::X0 as i32 + i32::from(n),
        (RegisterRole::Float(n), _) => return Access::Long(R::V0 as i32 + i32::from(n)),
        (RegisterRole::Pc, _) => R::PC as i32,
        (_, "fpcr") => R::FPCR as i32,
        (_, "fpsr") => R::FPSR as i32,
        _ => R::NZCV as i32,
    })
}

fn riscv(info: &RegisterInfo) -> Access {
    use RegisterRISCV as R;
    Access::Word(match info.role {
        RegisterRole::Int(0) => return Access::Zero,
        RegisterRole::Int(n) => R::X0 as i32 + i32::from(n),
        RegisterRole::Float(n) => R::F0 as i32 + i32::from(n),
        RegisterRole::Pc => R::PC as i32,
        _ => R::FCSR as i32,
    })
}

fn s390x(info: &RegisterInfo) -> Access {
    use RegisterS390X as R;
    match info.role {
        RegisterRole::Int(n) => Access::Word(R::R0 as i32 + i32::from(n)),
        // Unicorn's F0 to F31 are the left halves, F0_HI to F31_HI the right ones.
        RegisterRole::Float(n) => {
            Access::Halves(R::F0 as i32 + i32::from(n), R::F0_HI as i32 + i32::from(n))
        }
        RegisterRole::Pc => Access::Word(R::PC as i32),
        RegisterRole::Flags => Access::ConditionCode,
        _ => Access::Word(R::FPC as i32),
    }
}

/// Position of the condition code in the PSW mask.
const CC_SHIFT: u32 = 44;

/// Reads a register, zero-extended. Registers of the tables are always readable.
pub fn read(engine: &Unicorn<Shared>, access: Access) -> u128 {
    let word = |id: i32| u128::from(engine.reg_read(id).unwrap_or_default());
    match access {
        Access::Word(id) => word(id),
        Access::Long(id) => {
            let bytes = engine.reg_read_long(id).unwrap_or_default();
            bytes
                .first_chunk()
                .map_or(0, |bytes| u128::from_le_bytes(*bytes))
        }
        Access::Halves(left, right) => word(left) << 64 | word(right),
        Access::ConditionCode => word(RegisterS390X::PSWM as i32) >> CC_SHIFT & 3,
        Access::Zero => 0,
    }
}

/// Writes the low bits of `value` to a register.
pub fn write(engine: &mut Unicorn<Shared>, access: Access, value: u128) {
    let low = u64::try_from(value & u128::from(u64::MAX)).expect("masked to 64 bits");
    let high = u64::try_from(value >> 64).expect("64 bits are left");
    let outcome = match access {
        Access::Word(id) => engine.reg_write(id, low),
        Access::Long(id) => engine.reg_write_long(id, &value.to_le_bytes()),
        Access::Halves(left, right) => engine
            .reg_write(left, high)
            .and_then(|()| engine.reg_write(right, low)),
        Access::ConditionCode => {
            let id = RegisterS390X::PSWM as i32;
            let mask = engine.reg_read(id).unwrap_or_default() & !(3 << CC_SHIFT);
            engine.reg_write(id, mask | (low & 3) << CC_SHIFT)
        }
        Access::Zero => Ok(()),
    };
    debug_assert!(
        outcome.is_ok(),
        "registers of the tables are always writable: {access:?}"
    );
}
