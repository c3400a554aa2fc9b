//! One instruction at a time on the real interpreter.
//!
//! `pulley-interpreter` runs until something stops it, and has no hook in between. So an
//! instruction is copied into a scratch buffer and a `trap` is put behind it: where the
//! interpreter stops tells what the instruction did. A pc-relative branch gets an offset that
//! leads to a second `trap`, so that the interpreter decides its condition.
//!
//! ```text
//! 0            width              TAKEN
//! | instruction | trap | ........ | trap |
//! ```
#![expect(unsafe_code, reason = "the interpreter takes raw pointers")]

use std::ptr::NonNull;

use pulley_interpreter::interp::{DoneReason, TrapKind, Vm};
use pulley_interpreter::{ExtendedOpcode, FReg, Opcode, Reg, VReg, XReg};

use crate::machine::MachineError;

/// Length of the longest instruction in bytes, or more.
pub(super) const LONGEST: usize = 32;
/// Where a branch that is taken leads to in the scratch buffer.
const TAKEN: usize = 48;
const SCRATCH: usize = 64;
/// The `trap` instruction.
const TRAP: [u8; 3] = {
    let [low, high] = (ExtendedOpcode::Trap as u16).to_le_bytes();
    [Opcode::ExtendedOp as u8, low, high]
};

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

impl From<Option<TrapKind>> for Cause {
    fn from(kind: Option<TrapKind>) -> Cause {
        match kind {
            None => Cause::Unknown,
            Some(TrapKind::DivideByZero) => Cause::DivideByZero,
            Some(TrapKind::IntegerOverflow) => Cause::IntegerOverflow,
            Some(TrapKind::BadConversionToInteger) => Cause::BadConversion,
            Some(TrapKind::MemoryOutOfBounds) => Cause::OutOfBounds,
            Some(TrapKind::StackOverflow) => Cause::StackOverflow,
            Some(TrapKind::DisabledOpcode) => Cause::Disabled,
        }
    }
}

/// The interpreter with its registers. It has no stack of its own.
pub(super) struct Interpreter {
    vm: Vm,
    scratch: Box<[u8; SCRATCH]>,
}

impl Interpreter {
    /// An interpreter with all registers zero.
    pub(super) fn new() -> Result<Interpreter, MachineError> {
        let vm = Vm::with_stack(0)
            .map_err(|_| MachineError("no memory for the Pulley interpreter".into()))?;
        let mut interpreter = Interpreter {
            vm,
            scratch: Box::new([0; SCRATCH]),
        };
        interpreter.set_x(XReg::sp, 0);
        interpreter.set_fp(0);
        interpreter.set_lr(0);
        Ok(interpreter)
    }

    /// Executes one instruction that neither reads the PC, nor checks the stack pointer against
    /// the interpreter's own stack. If `branches`, its last four bytes are a pc-relative offset,
    /// whose value does not matter here.
    ///
    /// The instruction's memory accesses are not checked; the module above says why that is
    /// bearable.
    pub(super) fn execute(&mut self, instruction: &[u8], branches: bool) -> Outcome {
        let width = instruction.len();
        assert!(
            width <= LONGEST,
            "no instruction is longer than {LONGEST} bytes"
        );
        self.scratch[..width].copy_from_slice(instruction);
        self.scratch[width..width + TRAP.len()].copy_from_slice(&TRAP);
        self.scratch[TAKEN..TAKEN + TRAP.len()].copy_from_slice(&TRAP);
        if branches {
            let offset = i32::try_from(TAKEN).expect("an offset into the scratch buffer is small");
            self.scratch[width - 4..width].copy_from_slice(&offset.to_le_bytes());
        }

        let start = NonNull::from(&mut *self.scratch).cast::<u8>();
        // SAFETY: the bytes at `start` are a valid instruction, which the caller has decoded,
        // and wherever it may lead is a `trap`. What it loads and stores is the guest's doing:
        // the guest is not trusted, and the process that runs it is one that may die.
        let done = unsafe { self.vm.call_run(start) };
        match done {
            DoneReason::Trap { pc, kind } => {
                let at = pc.as_ptr().addr().wrapping_sub(start.as_ptr().addr());
                if at == 0 {
                    Outcome::Trapped(kind.into())
                } else if at == TAKEN {
                    Outcome::Taken
                } else {
                    Outcome::Next
                }
            }
            DoneReason::CallIndirectHost { .. } | DoneReason::ReturnToHost(()) => Outcome::Left,
        }
    }

    /// An `x` register.
    pub(super) fn x(&self, register: XReg) -> u64 {
        self.vm[register].get_u64()
    }

    /// Sets an `x` register.
    pub(super) fn set_x(&mut self, register: XReg, value: u64) {
        self.vm[register].set_u64(value);
    }

    /// All 64 bits of an `f` register. Passing an `f64` through registers of SSE2 or AArch64
    /// keeps the bits of a NaN; the x87 unit would not, but no 64-bit host uses it for this.
    pub(super) fn f(&self, register: FReg) -> u64 {
        self.vm[register].get_f64().to_bits()
    }

    /// Sets all 64 bits of an `f` register.
    pub(super) fn set_f(&mut self, register: FReg, bits: u64) {
        self.vm[register].set_f64(f64::from_bits(bits));
    }

    /// A `v` register.
    pub(super) fn v(&self, register: VReg) -> u128 {
        self.vm[register].get_u128()
    }

    /// Sets a `v` register.
    pub(super) fn set_v(&mut self, register: VReg, value: u128) {
        self.vm[register].set_u128(value);
    }

    /// The frame pointer.
    pub(super) fn fp(&self) -> u64 {
        self.vm.fp().addr() as u64
    }

    /// Sets the frame pointer.
    pub(super) fn set_fp(&mut self, value: u64) {
        // SAFETY: the interpreter is only ever run for instructions that use `fp` as a number;
        // those that access memory by it are computed by hand.
        unsafe { self.vm.set_fp(pointer(value)) };
    }

    /// The link register.
    pub(super) fn lr(&self) -> u64 {
        self.vm.lr().addr() as u64
    }

    /// Sets the link register.
    pub(super) fn set_lr(&mut self, value: u64) {
        // SAFETY: `ret`, which would go there, is computed by hand.
        unsafe { self.vm.set_lr(pointer(value)) };
    }
}

/// The register number that is encoded in five bits.
pub(super) fn numbered<R: Reg>(number: u8) -> R {
    R::new(number).expect("the register table numbers registers as Pulley does")
}

fn pointer(value: u64) -> *mut u8 {
    let value = usize::try_from(value).expect("only 64-bit hosts run 64-bit Pulley");
    std::ptr::with_exposed_provenance_mut(value)
}
