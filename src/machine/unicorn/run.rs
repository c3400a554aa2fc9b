//! How a run ended: from Unicorn's error codes and exception numbers to an [`Exit`].

use unicorn_engine::{MemType, Unicorn, uc_error};

use super::cpu::UnicornCpu;
use super::riscv64_gaps::Refusal;
use super::{Shared, UnicornMachine, riscv64, s390x, stop};
use crate::image::CodeImage;
use crate::isa::Isa;
use crate::machine::{Cpu, Exit, RegisterTable};

/// Longest instruction of any ISA here, in bytes.
const LONGEST_INSTRUCTION: usize = 15;

/// Number of RISC-V's illegal-instruction exception (privileged manual, table 15).
const RISCV_ILLEGAL: u32 = 2;
/// Number of x86's breakpoint exception, that of `int3`.
const X86_BREAKPOINT: u32 = 3;
/// Number under which every program interruption of s390x arrives.
const S390X_PROGRAM: u32 = 3;

/// Called for exceptions of the guest. An instruction that the emulator lacks is computed here
/// and the run goes on; anything else ends it.
pub fn exception(engine: &mut Unicorn<Shared>, number: u32) {
    let isa = engine.get_data().isa;
    let pc = faulting_pc(isa, number, pc(&mut UnicornCpu { engine }));
    if isa == Isa::Riscv64gc && number == RISCV_ILLEGAL {
        if let Err(refusal) = riscv64::fill_gap(engine, pc) {
            refuse(engine, pc, refusal);
        }
    } else if isa != Isa::S390x || number != S390X_PROGRAM {
        stop(engine, Exit::Exception { pc, number });
    } else if !s390x::fill_gap(engine, pc) {
        let bytes = bytes_at(&mut UnicornCpu { engine }, pc);
        stop(engine, Exit::Illegal { pc, bytes });
    }
}

/// Ends the run at an instruction of RISC-V that was not computed.
pub fn refuse(engine: &mut Unicorn<Shared>, pc: u64, refusal: Refusal) {
    let fault = |address, access: &str| Exit::Fault {
        pc,
        address,
        access: access.to_owned(),
    };
    let exit = match refusal {
        Refusal::Read(address) => fault(address, "read"),
        Refusal::Write(address) => fault(address, "write"),
        Refusal::Unknown => Exit::Illegal {
            pc,
            bytes: bytes_at(&mut UnicornCpu { engine }, pc),
        },
    };
    stop(engine, exit);
}

/// Where the instruction is that raised exception `number`, when the PC reads as `pc` in the
/// hook. Unicorn moves RISC-V's past four bytes first, whatever the instruction's length, and
/// x86's `int3` is reported behind itself (Intel SDM volume 3, 6.5: a trap, not a fault).
fn faulting_pc(isa: Isa, number: u32, pc: u64) -> u64 {
    match (isa, number) {
        (Isa::Riscv64gc, _) => pc.wrapping_sub(4),
        (Isa::X86_64, X86_BREAKPOINT) => pc.wrapping_sub(1),
        _ => pc,
    }
}

fn pc(cpu: &mut UnicornCpu) -> u64 {
    let pc = cpu.read(RegisterTable::of(cpu.isa()).pc);
    u64::try_from(pc).unwrap_or(u64::MAX)
}

/// The exit of a run that `emu_start` came back from with `outcome`.
pub fn exit(machine: &mut UnicornMachine, outcome: Result<(), uc_error>) -> Exit {
    let known = machine.engine.get_data_mut().exit.take();
    let fault = machine.engine.get_data_mut().fault.take();
    let mut cpu = UnicornCpu {
        engine: &mut machine.engine,
    };
    let pc = pc(&mut cpu);
    let raw = match (known, outcome) {
        (Some(exit), _) => exit,
        (None, Ok(())) if pc == machine.layout.exit() => return Exit::Returned,
        (None, Ok(())) => Exit::Exception { pc, number: 0 },
        (None, Err(uc_error::INSN_INVALID)) => Exit::Illegal {
            pc,
            bytes: bytes_at(&mut cpu, pc),
        },
        (None, Err(error)) => match fault {
            Some((kind, address)) => Exit::Fault {
                pc,
                address,
                access: access(kind).to_owned(),
            },
            None => Exit::Fault {
                pc,
                address: pc,
                access: format!("{error:?}").to_lowercase(),
            },
        },
    };
    named(raw, machine.loaded.as_ref())
}

/// An exception at an instruction with a trap record is that trap.
fn named(exit: Exit, image: Option<&CodeImage>) -> Exit {
    let pc = match &exit {
        Exit::Fault { pc, .. } | Exit::Illegal { pc, .. } | Exit::Exception { pc, .. } => *pc,
        _ => return exit,
    };
    match image.and_then(|image| trap_code(image, pc)) {
        Some(code) => Exit::Trap { pc, code },
        None => exit,
    }
}

/// The code of the trap record of the instruction at `pc`. On s390x a record may be on any of its
/// bytes: an instruction that exists to trap completes, so that a signal handler sees an address
/// behind it, and generators mark its last byte.
fn trap_code(image: &CodeImage, pc: u64) -> Option<String> {
    let length = match image.isa {
        Isa::S390x => s390x_length(*image.slice(pc..pc.checked_add(1)?)?.first()?),
        _ => 1,
    };
    let mut records = image.traps.range(pc..pc.checked_add(length)?);
    records.next().map(|(_, code)| code.clone())
}

/// Length of the instruction that begins with this byte (Principles of Operation, chapter 5).
fn s390x_length(first: u8) -> u64 {
    match first >> 6 {
        0 => 2,
        1 | 2 => 4,
        _ => 6,
    }
}

fn bytes_at(cpu: &mut UnicornCpu, pc: u64) -> Vec<u8> {
    let mut bytes = vec![0; LONGEST_INSTRUCTION];
    if cpu.load(pc, &mut bytes).is_err() {
        bytes.clear();
    }
    bytes
}

fn access(kind: MemType) -> &'static str {
    match kind {
        MemType::READ_UNMAPPED | MemType::READ_PROT | MemType::READ => "read",
        MemType::WRITE_UNMAPPED | MemType::WRITE_PROT | MemType::WRITE => "write",
        _ => "fetch",
    }
}
