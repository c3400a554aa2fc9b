//! Makes an engine: CPU model, the control bits that let user code run, regions, resident hooks.

use unicorn_engine::{
    Arch, Arm64CpuModel, MemType, Mode, Prot, RegisterARM64, RegisterRISCV, RegisterS390X,
    S390xCpuModel, TlbType, Unicorn, X86CpuModel,
};

use super::{Shared, breakpoint, broken, outside, run, stack, stop};
use crate::image::Layout;
use crate::isa::Isa;
use crate::machine::{Exit, MachineError};

/// An engine with everything that stays for its lifetime.
pub fn engine(isa: Isa, shared: Shared) -> Result<Unicorn<'static, Shared>, MachineError> {
    let (arch, mode) = match isa {
        Isa::X86_64 => (Arch::X86, Mode::MODE_64),
        Isa::Aarch64 => (Arch::ARM64, Mode::LITTLE_ENDIAN),
        Isa::Riscv64gc => (Arch::RISCV, Mode::RISCV64),
        Isa::S390x => (Arch::S390X, Mode::BIG_ENDIAN),
        _ => return Err(MachineError(format!("Unicorn does not execute {isa}"))),
    };
    let mut engine =
        Unicorn::new_with_data(arch, mode, shared).map_err(broken("making an engine"))?;
    choose_cpu(&mut engine, isa).map_err(broken("choosing the CPU model"))?;
    enable_units(&mut engine, isa).map_err(broken("enabling floating point and vectors"))?;
    map_regions(&mut engine, isa).map_err(broken("mapping memory"))?;
    add_hooks(&mut engine, isa).map_err(broken("adding hooks"))?;
    Ok(engine)
}

type Outcome = Result<(), unicorn_engine::uc_error>;

/// The model with the most that user code can ask for. Must come before anything else.
fn choose_cpu(engine: &mut Unicorn<Shared>, isa: Isa) -> Outcome {
    match isa {
        Isa::X86_64 => engine.ctl_set_cpu_model(X86CpuModel::SKYLAKE_CLIENT as i32),
        Isa::Aarch64 => engine.ctl_set_cpu_model(Arm64CpuModel::MAX as i32),
        // This QEMU takes an instruction fetch on s390x for a write (`s390_cpu_tlb_fill` passes
        // the kind of access as `is_write`) and turns an access outside of memory into a
        // program interruption without its address. Unicorn's own TLB does neither.
        Isa::S390x => engine
            .ctl_set_cpu_model(S390xCpuModel::MAX as i32)
            .and_then(|()| engine.ctl_set_tlb_type(TlbType::VIRTUAL)),
        _ => Ok(()),
    }
}

/// Bits that an operating system would set before it starts a process.
fn enable_units(engine: &mut Unicorn<Shared>, isa: Isa) -> Outcome {
    match isa {
        // CPACR_EL1.FPEN: no trap on floating point and vectors (Arm ARM D17.2.30).
        Isa::Aarch64 => engine.reg_write(RegisterARM64::CPACR_EL1, 3 << 20),
        // mstatus.FS dirty (privileged manual 3.1.6.6).
        Isa::Riscv64gc => {
            let status = engine.reg_read(RegisterRISCV::MSTATUS)?;
            engine.reg_write(RegisterRISCV::MSTATUS, status | 0x6000)
        }
        // PSW bits 31 and 32: 64-bit addressing; CR0 bits 45 and 46: AFP registers and vector
        // instructions (Principles of Operation, chapter 4).
        Isa::S390x => {
            let mask = engine.reg_read(RegisterS390X::PSWM)?;
            engine.reg_write(RegisterS390X::PSWM, mask | 0x1_8000_0000)?;
            let control = engine.reg_read(RegisterS390X::CR0)?;
            engine.reg_write(RegisterS390X::CR0, control | (1 << 17) | (1 << 18))
        }
        _ => Ok(()),
    }
}

fn map_regions(engine: &mut Unicorn<Shared>, isa: Isa) -> Outcome {
    let layout = Layout::of(isa);
    let code = Prot::READ | Prot::EXEC;
    engine.mem_map(layout.code, Layout::CODE_BYTES, code)?;
    engine.mem_map(layout.stubs, Layout::STUBS_BYTES, code)?;
    let shallow = layout.stack_top() - stack::SHALLOW_BYTES;
    engine.mem_map(shallow, stack::SHALLOW_BYTES, Prot::READ | Prot::WRITE)?;
    // Everywhere, so that a jump into the middle of a stub is heard of as well: the hook on an
    // instruction that the emulator does not know is not called on RISC-V.
    let size = usize::try_from(Layout::STUBS_BYTES).expect("4 KiB");
    let stubs: Vec<u8> = return_instruction(isa)
        .iter()
        .copied()
        .cycle()
        .take(size)
        .collect();
    engine.mem_write(layout.stubs, &stubs)
}

/// What a hostcall stub does when the host is done: `ret`, `ret`, `ret`, `br %r14`.
fn return_instruction(isa: Isa) -> &'static [u8] {
    match isa {
        Isa::X86_64 => &[0xc3],
        Isa::Aarch64 => &[0xc0, 0x03, 0x5f, 0xd6],
        Isa::Riscv64gc => &[0x67, 0x80, 0x00, 0x00],
        _ => &[0x07, 0xfe],
    }
}

fn add_hooks(engine: &mut Unicorn<'static, Shared>, isa: Isa) -> Outcome {
    let layout = Layout::of(isa);
    engine.add_block_hook(1, 0, |engine, _, _| {
        let session = engine.get_data_mut().session.as_mut();
        if session.is_some_and(|session| !session.burn(1)) {
            stop(engine, Exit::OutOfFuel);
        }
    })?;
    engine.add_code_hook(layout.stubs, layout.exit() - 1, |engine, address, _| {
        breakpoint(engine, address);
    })?;
    engine.add_mem_hook(outside(), 1, 0, |engine, kind, address, _, _| {
        grow_stack(engine, kind, address)
    })?;
    engine.add_intr_hook(run::exception)?;
    Ok(())
}

/// Maps a piece of the deep part of the stack when it is touched first; anything else is a fault.
fn grow_stack(engine: &mut Unicorn<Shared>, kind: MemType, address: u64) -> bool {
    if kind != MemType::FETCH_UNMAPPED && stack::map(engine, address) {
        return true;
    }
    engine.get_data_mut().fault = Some((kind, address));
    false
}
