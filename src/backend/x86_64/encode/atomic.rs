//! Atomics: all are sequentially consistent (volume 3, section 9.2). Loads and stores are plain
//! moves; a store that later loads must not pass is an exchange, or followed by a fence.

use super::emit::{Map, Opcode, Rex, modrm, sized};
use super::integer::{self, Alu};
use super::operand::{Gpr, GprMem, Mem, Size};
use super::{Encoded, NoEncoding};

const LOCK: u8 = 0xf0;

/// Swaps `reg` and memory; locks by itself.
pub fn exchange(out: &mut Vec<u8>, size: Size, mem: Mem, reg: Gpr) {
    sized(
        out,
        (Map::One, 0x86),
        size,
        (reg.number(), mem.into()),
        &[reg],
    );
}

/// Adds `reg` to memory; `reg` becomes what was there.
pub fn exchange_add(out: &mut Vec<u8>, size: Size, mem: Mem, reg: Gpr) {
    out.push(LOCK);
    sized(
        out,
        (Map::Two, 0xc0),
        size,
        (reg.number(), mem.into()),
        &[reg],
    );
}

/// If rax is what memory holds, stores `new` and sets the zero flag; else rax becomes what it
/// holds (at 32 bits with the upper half cleared, below with the rest as it was).
pub fn compare_exchange(out: &mut Vec<u8>, size: Size, mem: Mem, new: Gpr) {
    out.push(LOCK);
    sized(
        out,
        (Map::Two, 0xb0),
        size,
        (new.number(), mem.into()),
        &[new],
    );
}

/// The same with 128 bits: rdx:rax compared, rcx:rbx stored (CMPXCHG16B). The address must be
/// aligned to 16 bytes.
pub fn compare_exchange_16(out: &mut Vec<u8>, mem: Mem) {
    out.push(LOCK);
    let rex = Rex {
        wide: true,
        forced: false,
    };
    modrm(out, Opcode::two(0xc7), rex, 1, GprMem::Mem(mem).into());
}

/// `memory = memory op src` at once.
///
/// # Errors
/// For a comparison, which writes nothing.
pub fn locked(out: &mut Vec<u8>, op: Alu, size: Size, mem: Mem, src: Gpr) -> Encoded {
    if op == Alu::Cmp {
        return Err(NoEncoding("a locked comparison"));
    }
    out.push(LOCK);
    integer::alu_store(out, op, size, mem, src);
    Ok(())
}

/// `mfence`.
pub fn fence(out: &mut Vec<u8>) {
    out.extend([0x0f, 0xae, 0xf0]);
}
