//! FLH and FSH: values, offsets, the stack that is not mapped yet, and faults.

use unicorn_engine::RegisterRISCV as R;

use super::{Hart, boxed};
use crate::image::Layout;
use crate::isa::Isa;
use crate::machine::Exit;

/// `flh fa0, offset(a1)`.
fn flh(offset: i32) -> u32 {
    (offset << 20).cast_unsigned() | 11 << 15 | 1 << 12 | 10 << 7 | 0x07
}

/// `fsh fa2, offset(a1)`.
fn fsh(offset: i32) -> u32 {
    let offset = offset.cast_unsigned();
    (offset >> 5 & 0x7f) << 25 | 12 << 20 | 11 << 15 | 1 << 12 | (offset & 31) << 7 | 0x27
}

#[test]
fn halves_are_stored_and_loaded_with_signed_offsets() {
    let mut hart = Hart::new();
    let stack = Layout::of(Isa::Riscv64gc).stack_top() - 64;
    hart.set(R::X11, stack);
    // A store takes the low half, boxed or not.
    hart.set(R::F12, 0x1234_5678_9abc_fe01);
    for offset in [0, 2, -6, 37] {
        hart.execute(fsh(offset));
        hart.set(R::F10, 0);
        hart.execute(flh(offset));
        assert_eq!(hart.get(R::F10), boxed(0xfe01), "{offset}");
        let at = stack.wrapping_add_signed(offset.into());
        let mut bytes = [0; 4];
        hart.engine().mem_read(at - 1, &mut bytes).unwrap();
        assert_eq!(
            bytes,
            [0, 0x01, 0xfe, 0],
            "{offset}: little-endian, two bytes"
        );
        hart.engine().mem_write(at, &[0, 0]).unwrap();
    }
}

#[test]
fn the_deep_stack_is_mapped_by_a_store() {
    let mut hart = Hart::new();
    let layout = Layout::of(Isa::Riscv64gc);
    hart.set(R::X11, layout.stack + 4096);
    hart.set(R::F12, boxed(0x3c00));
    hart.execute(flh(0));
    assert_eq!(hart.get(R::F10), boxed(0), "untouched stack is zero");
    hart.execute(fsh(0));
    hart.execute(flh(0));
    assert_eq!(hart.get(R::F10), boxed(0x3c00));
}

#[test]
fn accesses_outside_of_memory_fault_at_the_instruction() {
    let mut hart = Hart::new();
    let code = hart.at();
    let nowhere = 0x40;
    for (word, address, access) in [
        (flh(8), nowhere, "read"),
        (fsh(8), nowhere, "write"),
        // Code is not to be written.
        (fsh(8), code + 8, "write"),
    ] {
        hart.set(R::X11, address - 8);
        hart.set(R::F10, 7);
        hart.place(&word.to_le_bytes());
        let exit = hart.run(4).expect("a fault");
        let expected = Exit::Fault {
            pc: code,
            address,
            access: access.to_owned(),
        };
        assert_eq!(exit, expected);
        assert_eq!(hart.get(R::F10), 7, "nothing is changed");
    }
}

/// The same from the emulator's own instruction: `lhu a0, 8(a1)`.
#[test]
fn a_fault_is_reported_like_the_emulators() {
    let mut hart = Hart::new();
    hart.set(R::X11, 0x38);
    hart.place(&0x0085_d503_u32.to_le_bytes());
    let at = hart.at();
    let end = hart.engine().emu_start(at, at + 4, 0, 0);
    assert!(end.is_err());
    let (_, address) = hart.engine().get_data_mut().fault.expect("a fault");
    assert_eq!(address, 0x40);
}
