//! The hostile host: whatever a callee may overwrite, it overwrites.

use super::super::abi::{CallLayout, Junk, preserved};
use super::super::registers::{RegisterRole, RegisterTable};
use super::super::{Cpu, RegisterInfo};
use super::low64;
use crate::isa::Isa;
use crate::program::CallConv;

/// Bytes below the stack pointer that the host overwrites as its own dead frame: as many as a hook
/// that saves all registers takes, so that a slot as far below the stack pointer as it should lie
/// above is hit.
pub const DEAD_STACK_BYTES: u64 = 2048;

/// Overwrites every register bit that a callee of convention `conv` need not preserve, the
/// callee's part of the argument area at `area`, and the dead stack below.
///
/// The link register is spared: the stub returns through it. So is x86's direction flag, which
/// the psABI wants clear at every return.
pub fn clobber(cpu: &mut dyn Cpu, conv: CallConv, layout: &CallLayout, area: u64, junk: &mut Junk) {
    let isa = cpu.isa();
    let table = RegisterTable::of(isa);
    let kept = preserved(isa, conv);
    for register in table.ids() {
        let info = table.info(register);
        if Some(register) == table.link {
            continue;
        }
        let free = !kept.mask(register) & writable_bits(isa, info);
        if free != 0 {
            let value = (cpu.read(register) & !free) | (junk.bits() & free);
            cpu.write(register, value);
        }
    }
    for own in [
        0..layout.reserved.start,
        layout.reserved.end..layout.argument_area,
    ] {
        let bytes = own.end.saturating_sub(own.start);
        // A stack pointer that leads outside leaves nothing to overwrite.
        let _outside = fill(cpu, area.wrapping_add(own.start), bytes, junk);
    }
    let sp = low64(cpu.read(table.sp));
    let _outside = fill(
        cpu,
        sp.wrapping_sub(DEAD_STACK_BYTES),
        DEAD_STACK_BYTES,
        junk,
    );
}

/// Overwrites the registers that the generator declares as scratch: it says that no value lives
/// in one across an instruction, and this holds it to that at every site.
pub fn spoil_scratch(cpu: &mut dyn Cpu, names: &[String], junk: &mut Junk) {
    let table = RegisterTable::of(cpu.isa());
    for register in names.iter().filter_map(|name| table.by_name(name)) {
        cpu.write(register, junk.bits());
    }
}

/// Overwrites the dead stack in front of a site, live or not. The call before may have left there
/// what a hook should save: a hook that does not would restore it all the same.
pub fn spoil_dead_stack(cpu: &mut dyn Cpu, junk: &mut Junk) {
    let sp = low64(cpu.read(RegisterTable::of(cpu.isa()).sp));
    // A stack pointer that leads outside leaves nothing to overwrite.
    let _outside = fill(
        cpu,
        sp.wrapping_sub(DEAD_STACK_BYTES),
        DEAD_STACK_BYTES,
        junk,
    );
}

fn fill(cpu: &mut dyn Cpu, address: u64, bytes: u64, junk: &mut Junk) -> Result<(), ()> {
    let length = usize::try_from(bytes).map_err(|_| ())?;
    let mut junk_bytes = vec![0; length.next_multiple_of(size_of::<u128>())];
    for chunk in junk_bytes.chunks_exact_mut(size_of::<u128>()) {
        chunk.copy_from_slice(&junk.bits().to_le_bytes());
    }
    junk_bytes.truncate(length);
    cpu.store(address, &junk_bytes).map_err(|_| ())
}

/// The bits of a register that anybody may set to anything.
fn writable_bits(isa: Isa, info: &RegisterInfo) -> u128 {
    let all = u128::MAX >> (128 - 8 * u32::from(info.bytes));
    match info.role {
        RegisterRole::Pc | RegisterRole::Special => 0,
        RegisterRole::Flags => match isa {
            // CF, PF, AF, ZF, SF, OF.
            Isa::X86_64 => 0x8d5,
            Isa::Aarch64 => 0xf000_0000,
            _ => 3,
        },
        // Sticky status bits only: MXCSR 0 to 5, FPSR 0 to 4 and 7, fcsr 0 to 4, FPC 8 to 12
        // from the left.
        RegisterRole::Control(_) => match info.name {
            "mxcsr" => 0x3f,
            "fpsr" => 0x9f,
            "fcsr" => 0x1f,
            "fpc" => 0x00f8_0000,
            _ => 0,
        },
        _ => all,
    }
}
