//! The interpreters of all releases, by what the machine wants of them.
//!
//! `release.rs` is the glue to one release of `pulley-interpreter`, written once and instantiated
//! for each by a macro. Only it knows types of the interpreter's; here an instruction is what it
//! means to the machine, and a register its number.

use crate::machine::MachineError;
use crate::releases::{Bytecode, older_releases};

/// Length of the longest instruction in bytes, or more.
pub(super) const LONGEST: usize = 32;

/// What an instruction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Control goes on behind it.
    Next,
    /// It is a branch, or call, that was taken.
    Taken,
    /// It trapped.
    Trapped(Cause),
    /// It left the interpreter in another way.
    Left,
}

/// Why an instruction trapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The interpreter does not tell: a `trap` instruction, a checked operation, or a null
    /// address in the `z` addressing mode.
    Unknown,
    /// Division by zero.
    DivideByZero,
    /// Integer overflow.
    IntegerOverflow,
    /// Conversion of a NaN to an integer.
    BadConversion,
    /// Bounds check of the `g32` addressing modes.
    OutOfBounds,
    /// Stack pointer below the stack.
    StackOverflow,
    /// The interpreter was built without this instruction.
    Disabled,
}

impl Cause {
    /// The trap code as CLIF writes it, where the instruction implies one. Cranelift makes no
    /// trap records for these: Wasmtime takes the interpreter's word, and so do we.
    pub(super) fn code(self) -> Option<&'static str> {
        match self {
            Cause::Unknown | Cause::Disabled => None,
            Cause::DivideByZero => Some("int_divz"),
            Cause::IntegerOverflow => Some("int_ovf"),
            Cause::BadConversion => Some("bad_toint"),
            Cause::OutOfBounds => Some("heap_oob"),
            Cause::StackOverflow => Some("stk_ovf"),
        }
    }
}

/// A load or store, as the registers stand before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    /// Its first byte.
    pub address: u64,
    /// Whether it is a store.
    pub writes: bool,
}

/// An instruction, as far as the machine does not leave it to the interpreter. Registers are `x`
/// registers by number, offsets count from the instruction's start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// Return to the link register.
    Return,
    /// Jump to the address in a register.
    Jump(u8),
    /// Call of the address in a register.
    CallIndirect(u8),
    /// Jump by a table behind the instruction, with that many entries.
    Table {
        /// Register with the index.
        index: u8,
        /// Entries.
        entries: u32,
    },
    /// An address relative to the PC into a register.
    AddPc {
        /// The register.
        to: u8,
        /// Offset in bytes.
        offset: i32,
    },
    /// Call of the host, by number.
    Hostcall(u8),
    /// `push_frame`.
    PushFrame,
    /// `pop_frame`.
    PopFrame,
    /// `push_frame_save` with bytes and registers.
    PushFrameSave(u32, Vec<u8>),
    /// `pop_frame_restore` with bytes and registers.
    PopFrameRestore(u32, Vec<u8>),
    /// `stack_alloc32` with bytes.
    StackAlloc(u32),
    /// `stack_free32` with bytes.
    StackFree(u32),
    /// A call of a fixed address; the offset is in its last four bytes, little-endian.
    Call {
        /// Offset in bytes.
        offset: i32,
        /// What it moves to `x0`, `x1` and so on.
        arguments: Vec<u8>,
    },
    /// A jump or conditional branch to a fixed address; the offset is where a call has it.
    Branch(i32),
    /// Anything else, with its load or store.
    Other(Option<Access>),
}

impl Op {
    /// The offset of a branch or direct call.
    pub(super) fn branch(&self) -> Option<i32> {
        match self {
            Op::Call { offset, .. } | Op::Branch(offset) => Some(*offset),
            _ => None,
        }
    }
}

/// An interpreter with its registers. It has no stack of its own.
pub(super) trait Engine {
    /// The first instruction of `bytes` and its length.
    fn decode(&self, bytes: &[u8]) -> Option<(Op, usize)>;

    /// Executes one instruction that neither reads the PC, nor checks the stack pointer against
    /// the interpreter's own stack. If `branches`, its last four bytes are a pc-relative offset,
    /// whose value does not matter here.
    ///
    /// Where the instruction's memory access goes has been checked by [`Op::Other`], as far as
    /// `access.rs` tells.
    fn execute(&mut self, instruction: &[u8], branches: bool) -> Outcome;

    /// An `x` register.
    fn x(&self, register: u8) -> u64;
    /// Sets an `x` register.
    fn set_x(&mut self, register: u8, value: u64);
    /// All 64 bits of an `f` register.
    fn f(&self, register: u8) -> u64;
    /// Sets an `f` register.
    fn set_f(&mut self, register: u8, value: u64);
    /// A `v` register; byte i of the register is bits `8i` and up.
    fn v(&self, register: u8) -> u128;
    /// Sets a `v` register.
    fn set_v(&mut self, register: u8, value: u128);
    /// The frame pointer.
    fn fp(&self) -> u64;
    /// Sets the frame pointer.
    fn set_fp(&mut self, value: u64);
    /// The link register.
    fn lr(&self) -> u64;
    /// Sets the link register.
    fn set_lr(&mut self, value: u64);
}

/// Number of the stack pointer among the `x` registers, in every release.
pub(super) const SP: u8 = 30;

/// The glue to one release of the interpreter.
macro_rules! release {
    ($module:ident, $pulley:ident) => {
        #[expect(unsafe_code, reason = "the interpreter takes raw pointers")]
        mod $module {
            use ::$pulley as pulley_interpreter;
            include!("release.rs");
            include!("access.rs");
        }
    };
}

release!(newest, pulley_interpreter);

macro_rules! releases {
    ($((
        $feature:literal, $module:ident, $codegen:ident, $reader:ident, $pulley:ident, $major:literal
    ))*) => {
        $(
            #[cfg(feature = $feature)]
            release!($module, $pulley);
        )*

        /// An interpreter of that bytecode with all registers zero.
        pub(super) fn engine(bytecode: Bytecode) -> Result<Box<dyn Engine>, MachineError> {
            match bytecode {
                Bytecode::NEWEST => newest::engine(),
                $(
                    #[cfg(feature = $feature)]
                    Bytecode($major) => $module::engine(),
                )*
                _ => Err(MachineError(format!("{bytecode} is not built in"))),
            }
        }
    };
}
older_releases!(releases);
