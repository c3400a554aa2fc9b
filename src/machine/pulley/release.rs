// One instruction at a time on the real interpreter: the glue to one release of it, included into
// a module for each release (`engine.rs`), where `pulley_interpreter` is the crate of that release.
//
// `pulley-interpreter` runs until something stops it, and has no hook in between. So an
// instruction is copied into a scratch buffer and a `trap` is put behind it: where the
// interpreter stops tells what the instruction did. A pc-relative branch gets an offset that
// leads to a second `trap`, so that the interpreter decides its condition.
//
//     0            width              TAKEN
//     | instruction | trap | ........ | trap |

use std::ptr::NonNull;

use pulley_interpreter::decode::{Decoder, OpVisitor, SafeBytecodeStream};
use pulley_interpreter::interp::{DoneReason, TrapKind, Vm};
use pulley_interpreter::op::{self, MaterializeOpsVisitor};
use pulley_interpreter::{ExtendedOp, ExtendedOpcode, Opcode, PcRelOffset, Reg, UpperRegSet, XReg};

use super::{Cause, Engine, LONGEST, Op, Outcome, SP};
use crate::machine::MachineError;

const _: () = assert!(SP == XReg::sp as u8);

/// Where a branch that is taken leads to in the scratch buffer.
const TAKEN: usize = 48;
const SCRATCH: usize = 64;
/// The `trap` instruction.
const TRAP: [u8; 3] = {
    let [low, high] = (ExtendedOpcode::Trap as u16).to_le_bytes();
    [Opcode::ExtendedOp as u8, low, high]
};

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

/// A field that is called `offset` is an operand's [`PcRelOffset`]; no other field is.
macro_rules! branch_offset {
    ($op:ident, offset) => {
        Some($op.offset)
    };
    ($op:ident, $other:ident) => {
        None
    };
}

macro_rules! define_branch {
    ($(
        $( #[$attr:meta] )*
        $snake:ident = $name:ident $( { $( $field:ident : $ty:ty ),* } )? ;
    )*) => {
        /// The offset of a branch or direct call.
        fn branch(op: &pulley_interpreter::Op) -> Option<i32> {
            let offset: Option<PcRelOffset> = match op {
                $(
                    pulley_interpreter::Op::$name(_op) => {
                        None $( $( .or(branch_offset!(_op, $field)) )* )?
                    }
                )*
                // `xpcadd` has an offset too, but does not go there.
                pulley_interpreter::Op::ExtendedOp(_) => None,
            };
            offset.map(i32::from)
        }
    };
}
pulley_interpreter::for_each_op!(define_branch);

fn numbers(registers: impl IntoIterator<Item = XReg>) -> Vec<u8> {
    registers
        .into_iter()
        .map(|register| register as u8)
        .collect()
}

/// What an instruction means to the machine.
fn meaning(op: &pulley_interpreter::Op, registers: &Interpreter) -> Op {
    use pulley_interpreter::Op as P;
    let call = |offset: PcRelOffset, arguments: &[XReg]| Op::Call {
        offset: offset.into(),
        arguments: numbers(arguments.iter().copied()),
    };
    let saved = |registers: UpperRegSet<XReg>| numbers(registers);
    match op {
        P::Ret(_) => Op::Return,
        P::XJump(op) => Op::Jump(op.reg as u8),
        P::CallIndirect(op) => Op::CallIndirect(op.reg as u8),
        P::BrTable32(op) => Op::Table {
            index: op.idx as u8,
            entries: op.amt,
        },
        P::ExtendedOp(ExtendedOp::Xpcadd(op)) => Op::AddPc {
            to: op.dst as u8,
            offset: op.offset.into(),
        },
        P::ExtendedOp(ExtendedOp::CallIndirectHost(op)) => Op::Hostcall(op.id),
        P::PushFrame(_) => Op::PushFrame,
        P::PopFrame(_) => Op::PopFrame,
        P::PushFrameSave(op::PushFrameSave { amt, regs }) => {
            Op::PushFrameSave(u32::from(*amt), saved(*regs))
        }
        P::PopFrameRestore(op::PopFrameRestore { amt, regs }) => {
            Op::PopFrameRestore(u32::from(*amt), saved(*regs))
        }
        P::StackAlloc32(op) => Op::StackAlloc(op.amt),
        P::StackFree32(op) => Op::StackFree(op.amt),
        P::Call(op) => call(op.offset, &[]),
        P::Call1(op) => call(op.offset, &[op.arg1]),
        P::Call2(op) => call(op.offset, &[op.arg1, op.arg2]),
        P::Call3(op) => call(op.offset, &[op.arg1, op.arg2, op.arg3]),
        P::Call4(op) => call(op.offset, &[op.arg1, op.arg2, op.arg3, op.arg4]),
        _ => branch(op).map_or_else(|| Op::Other(access(op, registers)), Op::Branch),
    }
}

/// A new interpreter, which only the newer releases may not have memory for.
trait Made {
    fn made(self) -> Result<Vm, MachineError>;
}

impl Made for Vm {
    fn made(self) -> Result<Vm, MachineError> {
        Ok(self)
    }
}

impl<E> Made for Result<Vm, E> {
    fn made(self) -> Result<Vm, MachineError> {
        self.map_err(|_| MachineError("no memory for the Pulley interpreter".into()))
    }
}

/// An interpreter with all registers zero.
pub fn engine() -> Result<Box<dyn Engine>, MachineError> {
    let mut interpreter = Interpreter {
        vm: Vm::with_stack(0).made()?,
        scratch: Box::new([0; SCRATCH]),
    };
    interpreter.set_x(SP, 0);
    interpreter.set_fp(0);
    interpreter.set_lr(0);
    Ok(Box::new(interpreter))
}

struct Interpreter {
    vm: Vm,
    scratch: Box<[u8; SCRATCH]>,
}

impl Engine for Interpreter {
    fn decode(&self, bytes: &[u8]) -> Option<(Op, usize)> {
        let mut visitor = MaterializeOpsVisitor::new(SafeBytecodeStream::new(bytes));
        let op = Decoder::new().decode_one(&mut visitor).ok()?;
        Some((meaning(&op, self), visitor.bytecode().position()))
    }

    fn execute(&mut self, instruction: &[u8], branches: bool) -> Outcome {
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

    fn x(&self, register: u8) -> u64 {
        self.vm[numbered::<XReg>(register)].get_u64()
    }

    fn set_x(&mut self, register: u8, value: u64) {
        self.vm[numbered::<XReg>(register)].set_u64(value);
    }

    // Passing an `f64` through registers of SSE2 or AArch64 keeps the bits of a NaN; the x87 unit
    // would not, but no 64-bit host uses it for this.
    fn f(&self, register: u8) -> u64 {
        self.vm[numbered::<pulley_interpreter::FReg>(register)]
            .get_f64()
            .to_bits()
    }

    fn set_f(&mut self, register: u8, bits: u64) {
        self.vm[numbered::<pulley_interpreter::FReg>(register)].set_f64(f64::from_bits(bits));
    }

    fn v(&self, register: u8) -> u128 {
        self.vm[numbered::<pulley_interpreter::VReg>(register)].get_u128()
    }

    fn set_v(&mut self, register: u8, value: u128) {
        self.vm[numbered::<pulley_interpreter::VReg>(register)].set_u128(value);
    }

    fn fp(&self) -> u64 {
        self.vm.fp().addr() as u64
    }

    fn set_fp(&mut self, value: u64) {
        // SAFETY: the interpreter is only ever run for instructions that use `fp` as a number;
        // those that access memory by it are computed by hand.
        unsafe { self.vm.set_fp(pointer(value)) };
    }

    fn lr(&self) -> u64 {
        self.vm.lr().addr() as u64
    }

    fn set_lr(&mut self, value: u64) {
        // SAFETY: `ret`, which would go there, is computed by hand.
        unsafe { self.vm.set_lr(pointer(value)) };
    }
}

/// The register of that number.
fn numbered<R: Reg>(number: u8) -> R {
    R::new(number).expect("the register table numbers registers as Pulley does")
}

fn pointer(value: u64) -> *mut u8 {
    let value = usize::try_from(value).expect("only 64-bit hosts run 64-bit Pulley");
    std::ptr::with_exposed_provenance_mut(value)
}
