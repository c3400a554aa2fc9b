//! What an ISA brings: everything else of the code generator is shared.

use cranelift_codegen::ir::{Function, Inst, Opcode, Signature, Type, types};
use cranelift_codegen::isa::CallConv;
use regalloc2::{MachineEnv, PReg, PRegSet, RegClass};

use super::buffer::{CodeBuffer, Fixup};
use super::call::{CallInfo, CallLayout, FrameRef};
use super::emit::Emitter;
use super::limit::Refusal;
use super::lower::Lower;
use super::options::Settings;
use super::order::BlockId;
use super::reg::Reg;
use super::vcode::MachineInst;
use crate::isa::Isa;

/// One ISA of the code generator.
///
/// Conventions that all back ends keep: the bits of a register above an integer narrower than
/// 64 bits are anything; a comparison's result is 0 or 1 in the low 8 bits; `i128` is two
/// registers, the low half first; lane 0 of a vector is at the lowest address of its
/// little-endian image.
pub trait Arch: Sized + 'static {
    /// Its machine instructions.
    type Inst: MachineInst;
    /// Its kinds of references to labels.
    type Fixup: Fixup;

    /// Which one.
    fn isa(&self) -> Isa;

    /// Most bytes that one [`super::vcode::Op`] takes, in which the buffer cannot put veneers.
    const MAX_OP_BYTES: u32;

    /// Integer registers in which an unwinder hands an exception's payload to a handler: the
    /// "EH data registers" of GCC and LLVM on the platform.
    const EXCEPTION_PAYLOAD: [usize; 2];

    /// Alignment of a function's first byte.
    const FUNCTION_ALIGNMENT: u32;

    /// Alignment that the stack pointer keeps.
    const STACK_ALIGNMENT: u32;

    /// Units that disable a site, each one instruction, longest first.
    fn nop_units(&self) -> Vec<Vec<u8>>;

    /// Registers for the allocator, in a function that is anchored or not ([`Arch::anchor`]).
    fn environment(&self, anchored: bool) -> &MachineEnv;

    /// Register that an anchored function, one with sites whose hooks pop their arguments, keeps
    /// for [`Arch::emit_stack_pointer`], if it is none of the frame record's.
    fn anchor(&self) -> Option<PReg> {
        None
    }

    /// Number of 8-byte slots that a register of each class is spilled to.
    fn spill_slots(&self) -> [u8; 3];

    /// Class of a register for a value, or half of an `i128`; `None` for types that the back
    /// end has no register for.
    fn class(&self, ty: Type) -> Option<RegClass>;

    /// Whether a value of `ty` takes two registers for an `i64` each, the low half first.
    fn is_pair(&self, ty: Type) -> bool {
        ty == types::I128
    }

    /// Whether every operation that makes a NaN makes the canonical one.
    const CANONICAL_NANS: bool = false;

    /// Whether [`Arch::lower`] covers an operation that [`super::legalize`] could take apart
    /// otherwise. `ty` is the controlling type of the instruction.
    fn covers(&self, function: &Function, inst: Inst, opcode: Opcode, ty: Type) -> bool;

    /// Where arguments and results travel.
    ///
    /// # Errors
    /// Conventions and types that the platform's ABI has no word for.
    fn layout(&self, signature: &Signature) -> Result<CallLayout, Refusal>;

    /// Registers that a callee of `conv` may lose, results included.
    fn call_clobbers(&self, conv: CallConv) -> PRegSet;

    /// Registers that a function of `conv` has to give back, with the bytes of each that count.
    fn callee_saved(&self, conv: CallConv) -> Vec<(PReg, u8)>;

    /// What of [`Arch::call_clobbers`] counts as written by a function of convention `own`: not
    /// a register of which the callee keeps just the part that `own` has to give back.
    fn call_writes(&self, callee: CallConv, _own: CallConv) -> PRegSet {
        self.call_clobbers(callee)
    }

    /// Lowers an instruction that is no call, return or branch. Results are written to
    /// [`Lower::result`].
    ///
    /// # Errors
    /// What is not covered.
    fn lower(&self, ctx: &mut Lower<Self>, inst: Inst) -> Result<(), Refusal>;

    /// Lowers `brif` or `br_table`, whose targets are `targets`, in the order of its branches
    /// (for `br_table` the default is the first).
    ///
    /// # Errors
    /// What is not covered.
    fn lower_branch(
        &self,
        ctx: &mut Lower<Self>,
        inst: Inst,
        targets: &[BlockId],
    ) -> Result<(), Refusal>;

    /// Puts a constant of `ty` (at most 128 bits, lanes from the lowest, the bits above the
    /// type zero) into a register. May be a real one, like a zero register.
    fn constant(&self, ctx: &mut Lower<Self>, ty: Type, bits: u128) -> Reg;

    /// Copies with the bits above `fill`'s width filled up to 64 bits.
    fn fill(&self, ctx: &mut Lower<Self>, from: Reg, fill: super::call::Fill) -> Reg;

    /// Registers that the function writes beyond what its instructions say, in a frame of at most
    /// so many bytes: scratch that far places in the frame take, and halves of registers that
    /// calls preserve the rest of.
    fn also_written(&self, _: &Function, _: &Settings, _frame_bytes: u32) -> PRegSet {
        PRegSet::empty()
    }

    /// Puts `from` into `to` with its lanes in the opposite order, for [`super::call::Fill::Lanes`].
    fn reverse_lanes(&self, _ctx: &mut Lower<Self>, _to: Reg, _from: Reg, _ty: Type) {
        unreachable!("only an ISA that asks for it is asked");
    }

    /// The instruction that loads a value of `ty`, in the ISA's byte order.
    fn load(&self, to: Reg, place: FrameRef, ty: Type) -> Self::Inst;

    /// The instruction that stores a value of `ty`, in the ISA's byte order.
    fn store(&self, from: Reg, place: FrameRef, ty: Type) -> Self::Inst;

    /// As [`Arch::load`] from an address in a register plus `offset`.
    fn load_at(&self, to: Reg, base: Reg, offset: i32, ty: Type) -> Self::Inst;

    /// As [`Arch::store`] to an address in a register plus `offset`.
    fn store_at(&self, from: Reg, base: Reg, offset: i32, ty: Type) -> Self::Inst;

    /// The instruction that copies a value of `ty` to or from a register of another class, in
    /// which an argument travels. Only asked of an ISA whose layout has such places.
    fn transfer(&self, _to: Reg, _from: Reg, ty: Type) -> Self::Inst {
        unreachable!("a value of type {ty} in a register of another class")
    }

    /// Register that an indirect callee's address must be in, for a call or a tail call.
    fn callee_register(&self, tail: bool, conv: CallConv) -> Option<PReg>;

    /// Bytes between the stack pointer right before the call instruction and at the callee's
    /// first instruction (x86-64: 8).
    const RETURN_ADDRESS_BYTES: u32;

    /// Registers that the back end keeps from the allocator and may lose at any instruction, where
    /// a callee may lose them.
    fn scratch(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether saving these registers is cheaper in a function with a frame record, so that it
    /// gets one as if it made calls.
    fn frame_record_pays(&self, saved: &[(PReg, u8)]) -> bool {
        let _ = saved;
        false
    }

    /// Bytes that the prologue always takes below that (frame record), given whether the
    /// function makes calls.
    fn setup_bytes(&self, settings: &Settings, makes_calls: bool) -> u32;

    /// Emits one of the ISA's instructions, after allocation.
    ///
    /// # Errors
    /// Limits of the ISA, like an offset that no sequence reaches.
    fn emit(&self, emitter: &mut Emitter<Self>, inst: &Self::Inst) -> Result<(), Refusal>;

    /// Emits a register copy.
    fn emit_move(&self, emitter: &mut Emitter<Self>, to: Reg, from: Reg);

    /// Emits a spill of a whole register, `offset` bytes above the stack pointer. Leaves flags
    /// and all other registers alone.
    ///
    /// # Errors
    /// An offset out of reach.
    fn emit_spill(
        &self,
        emitter: &mut Emitter<Self>,
        from: Reg,
        offset: i64,
    ) -> Result<(), Refusal>;

    /// Emits a reload of a whole register; as [`Arch::emit_spill`].
    ///
    /// # Errors
    /// An offset out of reach.
    fn emit_reload(&self, emitter: &mut Emitter<Self>, to: Reg, offset: i64)
    -> Result<(), Refusal>;

    /// Emits `to = sp + offset`.
    ///
    /// # Errors
    /// An offset out of reach.
    fn emit_frame_address(
        &self,
        emitter: &mut Emitter<Self>,
        to: Reg,
        offset: i64,
    ) -> Result<(), Refusal>;

    /// Emits the call, its last instruction inside a patch site if [`CallInfo::site`] says so
    /// ([`Emitter::site`]).
    ///
    /// # Errors
    /// Limits of the ISA.
    fn emit_call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) -> Result<(), Refusal>;

    /// Emits what moves the stack pointer back down by `bytes`, which the callee of an ordinary
    /// call took away. May lose scratch registers, as the callee could.
    ///
    /// # Errors
    /// A distance out of reach.
    fn emit_reclaim(&self, emitter: &mut Emitter<Self>, bytes: u32) -> Result<(), Refusal>;

    /// Emits what puts the stack pointer where it is between prologue and epilogue, whatever it
    /// is now, in an anchored function. May lose scratch registers, as the hook before could.
    ///
    /// # Errors
    /// A distance out of reach.
    fn emit_stack_pointer(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal>;

    /// Emits what the caller of a callee that pops has to write again behind the call, with the
    /// stack pointer in its place.
    fn emit_behind_popping(&self, _: &mut Emitter<Self>) {}

    /// Emits the epilogue and the jump of a tail call whose arguments lie in place. `popped` of
    /// the call and of the frame tell how far the argument area's top has to move.
    ///
    /// # Errors
    /// Limits of the ISA.
    fn emit_tail_call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) -> Result<(), Refusal>;

    /// Emits the prologue: stack limit, frame, saved registers ([`Emitter::frame`]).
    ///
    /// # Errors
    /// A frame beyond the ISA's reach.
    fn emit_prologue(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal>;

    /// Emits the epilogue and the return.
    ///
    /// # Errors
    /// A frame beyond the ISA's reach.
    fn emit_return(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal>;

    /// Emits an unconditional jump to a block.
    fn emit_jump(&self, emitter: &mut Emitter<Self>, target: BlockId);

    /// Bytes of one jump over an island of veneers, written at its end: `bytes` behind it.
    fn jump_over(&self, buffer: &mut CodeBuffer<Self::Fixup>, bytes: u32);
}
