//! AArch64: the base instruction set of Armv8.0 with Advanced SIMD, and FEAT_LSE where the
//! target has it, under the procedure call standard AAPCS64 (2023Q3).
//!
//! Strategy: nearly every machine instruction is one word whose register fields are filled in
//! after allocation ([`inst`]); [`lower`] makes these words with the pure functions of
//! [`encode`]. Moves, spills and reloads leave the flags alone, so that flags may live from one
//! instruction to the next within what one CLIF instruction is lowered to.

mod abi;
mod branches;
mod distance;
mod emit;
#[allow(
    dead_code,
    reason = "the encoder is of the ISA and tested as a whole; lowering takes what it needs"
)]
mod encode;
mod frame;
mod inst;
mod lower;
mod registers;

use cranelift_codegen::ir::{Function, Inst as ClifInst, Opcode, Signature, Type};
use cranelift_codegen::isa::CallConv;
use regalloc2::{MachineEnv, PReg, PRegSet, RegClass};

use super::arch::Arch;
use super::buffer::CodeBuffer;
use super::call::{CallInfo, CallLayout, Fill, FrameRef};
use super::emit::Emitter;
use super::limit::Refusal;
use super::lower::Lower;
use super::options::Settings;
use super::order::BlockId;
use super::reg::Reg;
use crate::isa::Isa;

use distance::Distance;
use inst::Inst;

/// The AArch64 back end.
#[derive(Debug)]
pub struct Aarch64 {
    environment: MachineEnv,
    settings: Settings,
}

impl Aarch64 {
    /// For a target.
    pub fn new(settings: &Settings) -> Aarch64 {
        Aarch64 {
            environment: registers::environment(settings),
            settings: settings.clone(),
        }
    }
}

impl Arch for Aarch64 {
    type Inst = Inst;
    type Fixup = Distance;
    // The largest jump table that is emitted, and all that surrounds it.
    const MAX_OP_BYTES: u32 = branches::MAX_TABLE * 4 + 0x400;
    const EXCEPTION_PAYLOAD: [usize; 2] = [0, 1];
    const FUNCTION_ALIGNMENT: u32 = 4;
    const STACK_ALIGNMENT: u32 = 16;
    const RETURN_ADDRESS_BYTES: u32 = 0;

    fn isa(&self) -> Isa {
        Isa::Aarch64
    }

    fn nop_units(&self) -> Vec<Vec<u8>> {
        vec![encode::NOP.to_le_bytes().to_vec()]
    }

    /// An anchored function has x29.
    fn environment(&self, _: bool) -> &MachineEnv {
        &self.environment
    }

    fn spill_slots(&self) -> [u8; 3] {
        [1, 2, 2]
    }

    fn class(&self, ty: Type) -> Option<RegClass> {
        abi::class(ty)
    }

    fn covers(&self, function: &Function, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
        lower::covers(function, inst, opcode, ty)
    }

    fn layout(&self, signature: &Signature) -> Result<CallLayout, Refusal> {
        abi::layout(signature)
    }

    fn call_clobbers(&self, conv: CallConv) -> PRegSet {
        registers::call_clobbers(conv)
    }

    fn callee_saved(&self, conv: CallConv) -> Vec<(PReg, u8)> {
        registers::callee_saved(conv, &self.settings)
    }

    fn call_writes(&self, callee: CallConv, own: CallConv) -> PRegSet {
        registers::call_writes(callee, own)
    }

    fn also_written(&self, _: &Function, _: &Settings, frame_bytes: u32) -> PRegSet {
        frame::scratch(frame_bytes)
    }

    fn lower(&self, ctx: &mut Lower<Self>, inst: ClifInst) -> Result<(), Refusal> {
        lower::lower(ctx, inst)
    }

    fn lower_branch(
        &self,
        ctx: &mut Lower<Self>,
        inst: ClifInst,
        targets: &[BlockId],
    ) -> Result<(), Refusal> {
        lower::branch(ctx, inst, targets)
    }

    fn constant(&self, ctx: &mut Lower<Self>, ty: Type, bits: u128) -> Reg {
        lower::constant(ctx, ty, bits)
    }

    fn fill(&self, ctx: &mut Lower<Self>, from: Reg, fill: Fill) -> Reg {
        lower::fill(ctx, from, fill)
    }

    fn load(&self, to: Reg, place: FrameRef, ty: Type) -> Inst {
        lower::frame_access(lower::load_of(ty), to, place)
    }

    fn store(&self, from: Reg, place: FrameRef, ty: Type) -> Inst {
        lower::frame_access(lower::store_of(ty), from, place)
    }

    fn load_at(&self, to: Reg, base: Reg, offset: i32, ty: Type) -> Inst {
        lower::area_access(lower::load_of(ty), to, base, offset)
    }

    fn store_at(&self, from: Reg, base: Reg, offset: i32, ty: Type) -> Inst {
        lower::area_access(lower::store_of(ty), from, base, offset)
    }

    fn callee_register(&self, tail: bool, conv: CallConv) -> Option<PReg> {
        // The epilogue restores every other register that a callee's address could be in.
        (tail && conv == CallConv::Tail).then_some(registers::x(1))
    }

    fn setup_bytes(&self, settings: &Settings, makes_calls: bool) -> u32 {
        if makes_calls || settings.frame_pointers {
            frame::RECORD
        } else {
            0
        }
    }

    fn emit(&self, emitter: &mut Emitter<Self>, inst: &Inst) -> Result<(), Refusal> {
        emit::emit(self, emitter, inst)
    }

    fn emit_move(&self, emitter: &mut Emitter<Self>, to: Reg, from: Reg) {
        emit::move_register(emitter, to, from);
    }

    fn emit_spill(
        &self,
        emitter: &mut Emitter<Self>,
        from: Reg,
        offset: i64,
    ) -> Result<(), Refusal> {
        frame::spill(emitter, from, offset)
    }

    fn emit_reload(
        &self,
        emitter: &mut Emitter<Self>,
        to: Reg,
        offset: i64,
    ) -> Result<(), Refusal> {
        frame::reload(emitter, to, offset)
    }

    fn emit_frame_address(
        &self,
        emitter: &mut Emitter<Self>,
        to: Reg,
        offset: i64,
    ) -> Result<(), Refusal> {
        frame::address(emitter, to, offset)
    }

    fn emit_call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) -> Result<(), Refusal> {
        branches::call(emitter, call)
    }

    fn emit_reclaim(&self, emitter: &mut Emitter<Self>, bytes: u32) -> Result<(), Refusal> {
        frame::set_sp(emitter, encode::Reg::SP, bytes)
    }

    fn emit_stack_pointer(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        frame::set_sp(emitter, encode::Reg::FP, emitter.frame.size)
    }

    fn emit_tail_call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) -> Result<(), Refusal> {
        branches::tail_call(emitter, call)
    }

    fn emit_prologue(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        frame::prologue(emitter)
    }

    fn emit_return(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        frame::return_(emitter)
    }

    fn emit_jump(&self, emitter: &mut Emitter<Self>, target: BlockId) {
        branches::jump(emitter, target);
    }

    fn jump_over(&self, buffer: &mut CodeBuffer<Distance>, bytes: u32) {
        branches::jump_over(buffer, bytes);
    }
}
