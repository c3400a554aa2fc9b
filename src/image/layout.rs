//! Where things lie in the guest. The same on every ISA of one pointer width, so that addresses
//! never differ for another reason than the code; above 4 GiB on 64-bit ISAs, so that an
//! address cut to 32 bits is seen.

use super::wide;
use crate::isa::Isa;
use crate::program::DATA_BYTES;

/// Guest addresses. All regions are multiples of 4 KiB, with unmapped pages between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Linked code.
    pub code: u64,
    /// Stubs of hostcalls, [`Layout::STUB_BYTES`] each; the last one is the exit.
    pub stubs: u64,
    /// Data symbols, [`DATA_BYTES`] each with an unmapped page behind each.
    pub data: u64,
    /// Lowest address of the stack.
    pub stack: u64,
}

impl Layout {
    /// Size of the code area in bytes.
    pub const CODE_BYTES: u64 = 2 << 20;
    /// Size of the stub area in bytes.
    pub const STUBS_BYTES: u64 = 4096;
    /// Distance between two stubs in bytes.
    pub const STUB_BYTES: u64 = 16;
    /// Most hostcalls a program may name.
    pub const MAX_HOSTCALLS: usize = 128;
    /// Most data symbols a program may name.
    pub const MAX_DATA: usize = 64;
    /// Size of the stack in bytes.
    pub const STACK_BYTES: u64 = 4 << 20;

    /// The layout for `isa`.
    pub fn of(isa: Isa) -> Layout {
        let base = if isa.pointer_bytes() == 8 {
            0x10_0000_0000
        } else {
            0x1000_0000
        };
        Layout {
            code: base,
            stubs: base + 0x40_0000,
            data: base + 0x80_0000,
            stack: base + 0x200_0000,
        }
    }

    /// Address behind the highest byte of the stack.
    pub fn stack_top(self) -> u64 {
        self.stack + Layout::STACK_BYTES
    }

    /// Address of the stub of hostcall `index`.
    pub fn stub(self, index: usize) -> u64 {
        self.stubs + wide(index) * Layout::STUB_BYTES
    }

    /// Address that the entry returns to; reaching it ends the run.
    pub fn exit(self) -> u64 {
        self.stubs + Layout::STUBS_BYTES - Layout::STUB_BYTES
    }

    /// Address of data symbol `index`.
    pub fn data_symbol(self, index: usize) -> u64 {
        self.data + wide(index) * (DATA_BYTES + 4096)
    }
}
