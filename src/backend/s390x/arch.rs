//! s390x as one of the code generator's ISAs.

use cranelift_codegen::ir::{Function, Inst as ClifInst, Opcode, Signature, Type};
use cranelift_codegen::isa::CallConv;
use regalloc2::{MachineEnv, PReg, PRegSet, RegClass};

use super::abi::{self, float, int, vector};
use super::encode::{Mask, NOP_2, NOP_4, NOP_6};
use super::form::gpr;
use super::inst::{Inst, scratch};
use super::memory::At;
use super::{calls, emit, frame, lower, moves};
use crate::backend::arch::Arch;
use crate::backend::buffer::{CodeBuffer, Fixup, Veneer};
use crate::backend::call::{CallInfo, CallLayout, Fill, FrameRef};
use crate::backend::emit::Emitter;
use crate::backend::limit::Refusal;
use crate::backend::lower::Lower;
use crate::backend::options::Settings;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;
use crate::isa::Isa;

/// The s390x back end.
#[derive(Debug)]
pub struct S390x {
    environment: MachineEnv,
    /// The same without the anchor.
    anchored: MachineEnv,
}

/// The distance in an instruction of format RIL: halfwords from the instruction, two bytes before
/// the field.
#[derive(Clone, Copy, Debug)]
pub struct Reference;

impl Fixup for Reference {
    fn size(self) -> u32 {
        4
    }

    fn reach(self) -> (u32, u32) {
        (1 << 31, 1 << 31)
    }

    fn patch(self, bytes: &mut [u8], from: u32, to: u32) {
        let distance = (i64::from(to) - i64::from(from) + 2) / 2;
        let distance = i32::try_from(distance).expect("code stays below 1 GiB");
        bytes.copy_from_slice(&distance.to_be_bytes());
    }

    fn veneer(self) -> Option<Veneer<Self>> {
        None
    }
}

fn set(registers: impl Iterator<Item = PReg>) -> PRegSet {
    registers.collect()
}

impl S390x {
    /// The back end; no setting changes its registers.
    pub fn new() -> S390x {
        let environment = MachineEnv {
            preferred_regs_by_class: [
                set((2..6).map(int)),
                set((0..8).map(float)),
                set((16..32).map(vector)),
            ],
            non_preferred_regs_by_class: [
                set((6..14).map(int)),
                set((8..16).map(float)),
                PRegSet::empty(),
            ],
            scratch_by_class: [None; 3],
            fixed_stack_slots: Vec::new(),
        };
        let mut anchored = environment.clone();
        anchored.non_preferred_regs_by_class[0].remove(frame::ANCHOR);
        S390x {
            environment,
            anchored,
        }
    }
}

impl Arch for S390x {
    type Inst = Inst;
    type Fixup = Reference;
    const MAX_OP_BYTES: u32 = 96;
    const EXCEPTION_PAYLOAD: [usize; 2] = [6, 7];
    /// ELF ABI 1.1: code is aligned to halfwords; constants behind it to doublewords.
    const FUNCTION_ALIGNMENT: u32 = 8;
    const STACK_ALIGNMENT: u32 = 8;
    const RETURN_ADDRESS_BYTES: u32 = 0;

    fn isa(&self) -> Isa {
        Isa::S390x
    }

    fn nop_units(&self) -> Vec<Vec<u8>> {
        vec![NOP_6.to_vec(), NOP_4.to_vec(), NOP_2.to_vec()]
    }

    fn environment(&self, anchored: bool) -> &MachineEnv {
        if anchored {
            &self.anchored
        } else {
            &self.environment
        }
    }

    fn anchor(&self) -> Option<PReg> {
        Some(frame::ANCHOR)
    }

    fn spill_slots(&self) -> [u8; 3] {
        [1, 1, 2]
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
        abi::clobbers(conv)
    }

    fn callee_saved(&self, conv: CallConv) -> Vec<(PReg, u8)> {
        abi::callee_saved(conv)
    }

    fn also_written(&self, function: &Function, settings: &Settings, frame: u32) -> PRegSet {
        let mut set = PRegSet::empty();
        // Prologues of such frames need scratch, and places beyond a short displacement.
        if frame >= frame::NEAR || function.stack_limit.is_some() || settings.frame_pointers {
            set.union_from(scratch());
        }
        // Of v8 to v15 a platform's callee preserves the left halves only.
        let whole = function.signature.call_conv == CallConv::PreserveAll;
        if whole && abi::makes_platform_calls(function) {
            (8..16).map(float).for_each(|register| set.add(register));
        }
        set
    }

    fn reverse_lanes(&self, ctx: &mut Lower<Self>, to: Reg, from: Reg, ty: Type) {
        lower::reverse_lanes(ctx, to, from, ty);
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
        let access = lower::native_load(ty);
        Inst::Load {
            access,
            to,
            address: At::Frame(place, 0),
            trap: None,
        }
    }

    fn store(&self, from: Reg, place: FrameRef, ty: Type) -> Inst {
        let access = lower::native_store(ty);
        Inst::Store {
            access,
            from,
            address: At::Frame(place, 0),
            trap: None,
        }
    }

    fn load_at(&self, to: Reg, base: Reg, offset: i32, ty: Type) -> Inst {
        let access = lower::native_load(ty);
        Inst::Load {
            access,
            to,
            address: At::Reg(base, offset.into()),
            trap: None,
        }
    }

    fn store_at(&self, from: Reg, base: Reg, offset: i32, ty: Type) -> Inst {
        let access = lower::native_store(ty);
        Inst::Store {
            access,
            from,
            address: At::Reg(base, offset.into()),
            trap: None,
        }
    }

    fn callee_register(&self, _: bool, _: CallConv) -> Option<PReg> {
        None
    }

    fn setup_bytes(&self, _: &Settings, makes_calls: bool) -> u32 {
        // The link register.
        if makes_calls { 8 } else { 0 }
    }

    fn emit(&self, emitter: &mut Emitter<Self>, inst: &Inst) -> Result<(), Refusal> {
        emit::emit(emitter, inst);
        Ok(())
    }

    fn emit_move(&self, emitter: &mut Emitter<Self>, to: Reg, from: Reg) {
        moves::copy(emitter, to, from);
    }

    fn emit_spill(
        &self,
        emitter: &mut Emitter<Self>,
        from: Reg,
        offset: i64,
    ) -> Result<(), Refusal> {
        moves::spill(emitter, from, offset, false);
        Ok(())
    }

    fn emit_reload(
        &self,
        emitter: &mut Emitter<Self>,
        to: Reg,
        offset: i64,
    ) -> Result<(), Refusal> {
        moves::spill(emitter, to, offset, true);
        Ok(())
    }

    fn emit_frame_address(
        &self,
        emitter: &mut Emitter<Self>,
        to: Reg,
        offset: i64,
    ) -> Result<(), Refusal> {
        moves::frame_address(emitter, gpr(to.number()), offset);
        Ok(())
    }

    fn emit_call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) -> Result<(), Refusal> {
        calls::call(emitter, call);
        Ok(())
    }

    fn emit_reclaim(&self, emitter: &mut Emitter<Self>, bytes: u32) -> Result<(), Refusal> {
        frame::adjust(emitter, -i64::from(bytes));
        Ok(())
    }

    fn emit_stack_pointer(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        frame::stack_pointer(emitter);
        Ok(())
    }

    /// The back chain lay in what the callee took away.
    fn emit_behind_popping(&self, emitter: &mut Emitter<Self>) {
        frame::back_chain(emitter, 0);
    }

    fn emit_tail_call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) -> Result<(), Refusal> {
        calls::tail_call(emitter, call);
        Ok(())
    }

    fn emit_prologue(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        frame::prologue(emitter);
        Ok(())
    }

    fn emit_return(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        frame::leave(emitter);
        Ok(())
    }

    fn emit_jump(&self, emitter: &mut Emitter<Self>, target: BlockId) {
        emit::jump(emitter, Mask::ALWAYS, target);
    }

    fn jump_over(&self, _: &mut CodeBuffer<Reference>, _: u32) {
        unreachable!("no veneers where every branch reaches everything");
    }
}
