//! Capstone, for the ISAs of real machines. A handle costs more to open than a function costs
//! to decode, and belongs to one thread: each thread keeps one an ISA.

use std::cell::RefCell;

use capstone::Capstone;
use capstone::arch::{self, BuildsCapstone, BuildsCapstoneExtraMode};

use super::{Instruction, Kind, aarch64, riscv64, s390x, x86_64};
use crate::isa::Isa;

thread_local! {
    static HANDLES: RefCell<Vec<(Isa, Capstone)>> = const { RefCell::new(Vec::new()) };
}

fn open(isa: Isa) -> Option<Capstone> {
    let capstone = Capstone::new();
    let built = match isa {
        Isa::X86_64 => capstone.x86().mode(arch::x86::ArchMode::Mode64).build(),
        Isa::Aarch64 => capstone.arm64().mode(arch::arm64::ArchMode::Arm).build(),
        Isa::Riscv64gc => capstone
            .riscv()
            .mode(arch::riscv::ArchMode::RiscV64)
            .extra_mode([arch::riscv::ArchExtraMode::RiscVC].into_iter())
            .build(),
        Isa::S390x => capstone.sysz().mode(arch::sysz::ArchMode::Default).build(),
        _ => return None,
    };
    built.ok()
}

/// Runs `action` with this thread's handle for `isa`.
fn with_handle<R>(isa: Isa, action: impl FnOnce(&Capstone) -> Option<R>) -> Option<R> {
    HANDLES.with_borrow_mut(|handles| {
        if let Some((_, handle)) = handles.iter().find(|(known, _)| *known == isa) {
            return action(handle);
        }
        let handle = open(isa)?;
        let result = action(&handle);
        handles.push((isa, handle));
        result
    })
}

/// The length that the encoding itself tells, cut to what is there; `None` where it does not.
pub fn encoded_length(isa: Isa, bytes: &[u8]) -> Option<usize> {
    let first = *bytes.first()?;
    let length = match isa {
        Isa::Aarch64 => 4,
        // RISC-V unprivileged manual, "Base Instruction-Length Encoding".
        Isa::Riscv64gc if first & 3 == 3 => 4,
        Isa::Riscv64gc => 2,
        // Principles of Operation, "Instruction Formats".
        Isa::S390x => match first >> 6 {
            0 => 2,
            3 => 6,
            _ => 4,
        },
        _ => return None,
    };
    Some(length.min(bytes.len()))
}

/// The instruction at the start of `bytes`, which must not be empty.
pub fn decode(isa: Isa, bytes: &[u8], address: u64) -> Instruction {
    let known = with_handle(isa, |capstone| known(capstone, isa, bytes, address));
    let mut instruction = known.unwrap_or_else(|| {
        let length = encoded_length(isa, bytes).unwrap_or(1);
        Instruction::unknown(isa, bytes.get(..length).unwrap_or(bytes), address)
    });
    let kind = match isa {
        Isa::X86_64 => x86_64::kind(&instruction),
        Isa::Aarch64 => aarch64::kind(&instruction),
        Isa::Riscv64gc => riscv64::kind(&instruction),
        _ => s390x::kind(&instruction),
    };
    // An encoding that says what it does to the flow is known, even if Capstone has no text.
    if instruction.kind != Kind::Unknown || kind != Kind::Other {
        instruction.kind = kind;
    }
    instruction
}

fn known(capstone: &Capstone, isa: Isa, bytes: &[u8], address: u64) -> Option<Instruction> {
    let decoded = capstone.disasm_count(bytes, address, 1).ok()?;
    let decoded = decoded.first()?;
    let mnemonic = decoded.mnemonic().unwrap_or_default();
    let operands = decoded.op_str().unwrap_or_default();
    let place = (decoded.bytes(), address);
    Some(Instruction::new(
        isa,
        place,
        (mnemonic, operands),
        Kind::Other,
    ))
}
