//! Zcb, hooked as an image's instructions are, and what the emulator makes of it by itself.

use unicorn_engine::RegisterRISCV as R;

use super::super::super::riscv64::hook_halves;
use super::Hart;
use crate::image::Layout;
use crate::isa::Isa;
use crate::machine::Exit;

/// Name, instruction on s0 (and s1), s0 and s1 before, s0 after.
const ON_REGISTERS: [(&str, u16, u64, u64, u64); 8] = [
    ("c.zext.b", 0x9c61, 0x1234_56ff, 0, 0xff),
    ("c.sext.b", 0x9c65, 0x1280, 0, 0xffff_ffff_ffff_ff80),
    ("c.zext.h", 0x9c69, 0x1234_8678, 0, 0x8678),
    ("c.sext.h", 0x9c6d, 0x0001_8000, 0, 0xffff_ffff_ffff_8000),
    ("c.zext.w", 0x9c71, u64::MAX, 0, 0xffff_ffff),
    (
        "c.not",
        0x9c75,
        0x00ff_00ff_00ff_00ff,
        0,
        0xff00_ff00_ff00_ff00,
    ),
    (
        "c.mul",
        0x9c45,
        1 << 33 | 3,
        u64::MAX,
        0xffff_fffd_ffff_fffd,
    ),
    ("c.mul", 0x9c45, 0x1_0000_0001, 0x1_0000_0001, 0x2_0000_0001),
];

/// Name, load into s1 from s0, offset, value from memory that holds 0xf1, 0xf2, 0xf3, 0xf4.
const LOADS: [(&str, u16, u64); 8] = [
    ("c.lbu 0", 0x8004, 0xf1),
    ("c.lbu 1", 0x8044, 0xf2),
    ("c.lbu 2", 0x8024, 0xf3),
    ("c.lbu 3", 0x8064, 0xf4),
    ("c.lhu 0", 0x8404, 0xf2f1),
    ("c.lhu 2", 0x8424, 0xf4f3),
    ("c.lh 0", 0x8444, 0xffff_ffff_ffff_f2f1),
    ("c.lh 2", 0x8464, 0xffff_ffff_ffff_f4f3),
];

/// Name, store of s1 (0x...a2a1) to s0, memory after.
const STORES: [(&str, u16, [u8; 4]); 6] = [
    ("c.sb 0", 0x8804, [0xa1, 0, 0, 0]),
    ("c.sb 1", 0x8844, [0, 0xa1, 0, 0]),
    ("c.sb 2", 0x8824, [0, 0, 0xa1, 0]),
    ("c.sb 3", 0x8864, [0, 0, 0, 0xa1]),
    ("c.sh 0", 0x8c04, [0xa1, 0xa2, 0, 0]),
    ("c.sh 2", 0x8c24, [0, 0, 0xa1, 0xa2]),
];

const STACK: u64 = 64;

fn data() -> u64 {
    Layout::of(Isa::Riscv64gc).stack_top() - STACK
}

fn hooked(half: u16) -> Hart {
    let mut hart = Hart::new();
    let at = hart.at();
    hook_halves(hart.engine(), at, &half.to_le_bytes()).expect("hooks");
    hart.place(&half.to_le_bytes());
    hart
}

#[test]
fn registers_are_computed() {
    for (name, half, before, other, after) in ON_REGISTERS {
        let mut hart = hooked(half);
        hart.set(R::X8, before);
        hart.set(R::X9, other);
        assert_eq!(hart.run(2), None, "{name}");
        assert_eq!(hart.get(R::X8), after, "{name}: {:#x}", hart.get(R::X8));
        assert_eq!(hart.get(R::X9), other, "{name}");
    }
}

#[test]
fn memory_is_read_and_written() {
    for (name, half, value) in LOADS {
        let mut hart = hooked(half);
        let memory = [0xf1, 0xf2, 0xf3, 0xf4];
        hart.engine().mem_write(data(), &memory).unwrap();
        hart.set(R::X8, data());
        assert_eq!(hart.run(2), None, "{name}");
        assert_eq!(hart.get(R::X9), value, "{name}: {:#x}", hart.get(R::X9));
    }
    for (name, half, after) in STORES {
        let mut hart = hooked(half);
        hart.set(R::X8, data());
        hart.set(R::X9, 0x1234_5678_9abc_a2a1);
        assert_eq!(hart.run(2), None, "{name}");
        let mut memory = [0; 4];
        hart.engine().mem_read(data(), &mut memory).unwrap();
        assert_eq!(memory, after, "{name}");
    }
}

#[test]
fn accesses_outside_of_memory_fault_at_the_instruction() {
    for (half, access) in [(0x8064, "read"), (0x8c24, "write")] {
        let mut hart = hooked(half);
        hart.set(R::X8, 0x40);
        let exit = Exit::Fault {
            pc: hart.at(),
            address: if access == "read" { 0x43 } else { 0x42 },
            access: access.to_owned(),
        };
        assert_eq!(hart.run(2), Some(exit));
    }
}

/// Why they are hooked by address: no exception tells of them, and nothing is done.
#[test]
fn the_emulator_alone_does_nothing_at_all() {
    let on_registers = ON_REGISTERS.map(|(name, half, ..)| (name, half));
    let loads = LOADS.map(|(name, half, _)| (name, half));
    let stores = STORES.map(|(name, half, _)| (name, half));
    for (name, half) in on_registers.into_iter().chain(loads).chain(stores) {
        let mut hart = Hart::new();
        hart.place(&half.to_le_bytes());
        hart.set(R::X8, data());
        hart.set(R::X9, 0x1234_5678_9abc_a2a1);
        assert_eq!(hart.run(2), None, "{name}");
        assert_eq!(hart.get(R::X8), data(), "{name}");
        assert_eq!(hart.get(R::X9), 0x1234_5678_9abc_a2a1, "{name}");
        let mut memory = [7; 4];
        hart.engine().mem_read(data(), &mut memory).unwrap();
        assert_eq!(memory, [0; 4], "{name}");
    }
}

/// A patch may put something else where a hook is.
#[test]
fn another_instruction_at_a_hooked_address_is_the_emulators() {
    let mut hart = hooked(0x9c61);
    // c.addi s0, 1
    hart.place(&0x0405_u16.to_le_bytes());
    hart.set(R::X8, 0x1ff);
    assert_eq!(hart.run(2), None);
    assert_eq!(hart.get(R::X8), 0x200);
}
