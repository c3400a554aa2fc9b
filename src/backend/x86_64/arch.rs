//! What the shared passes ask of an ISA.

use cranelift_codegen::ir::{Function, Inst as ClifInst, Opcode, Signature, Type, types};
use cranelift_codegen::isa::CallConv;
use regalloc2::{MachineEnv, PReg, PRegSet, RegClass};

use super::emit::{self, gpr, put, xmm};
use super::encode::sse_move::{self, Width};
use super::encode::{Gpr, Mem, Size, flow, moves, nop};
use super::fixup::Reference;
use super::inst::{Address, Inst, Source};
use super::{X64, abi, frame, lower};
use crate::backend::arch::Arch;
use crate::backend::buffer::CodeBuffer;
use crate::backend::call::{CallInfo, CallLayout, Fill, FrameRef};
use crate::backend::emit::Emitter;
use crate::backend::limit::Refusal;
use crate::backend::lower::Lower;
use crate::backend::options::Settings;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;
use crate::isa::Isa;

/// The width of an integer type that a register holds.
pub fn size(ty: Type) -> Size {
    match ty.bytes() {
        1 => Size::B1,
        2 => Size::B2,
        4 => Size::B4,
        _ => Size::B8,
    }
}

/// The width of a value in a vector register, in memory.
pub fn width(ty: Type) -> Width {
    match ty.bytes() {
        4 => Width::Single,
        8 => Width::Double,
        _ => Width::Vector,
    }
}

/// Loads any type but `f16` from an address.
pub fn load(to: Reg, from: Address, ty: Type) -> Inst {
    let ty = in_slot(ty);
    if ty.is_int() {
        Inst::Extend {
            signed: false,
            size: size(ty),
            to,
            from: Source::Mem(from),
            trap: None,
        }
    } else {
        Inst::VectorLoad {
            width: width(ty),
            to,
            from,
            trap: None,
        }
    }
}

/// What is moved of a slot of 8 bytes or more: no instruction moves 16 bits of a vector register.
fn in_slot(ty: Type) -> Type {
    if ty == types::F16 { types::F32 } else { ty }
}

/// Stores any type to an address; of an `f16` also the two bytes above.
pub fn store(from: Reg, to: Address, ty: Type) -> Inst {
    let ty = in_slot(ty);
    if ty.is_int() {
        Inst::Store {
            size: size(ty),
            from: Source::Reg(from),
            to,
            trap: None,
        }
    } else {
        Inst::VectorStore {
            width: width(ty),
            from,
            to,
            trap: None,
        }
    }
}

impl Arch for X64 {
    type Inst = Inst;
    type Fixup = Reference;
    const MAX_OP_BYTES: u32 = 128;
    /// rax and rdx.
    const EXCEPTION_PAYLOAD: [usize; 2] = [0, 2];
    const FUNCTION_ALIGNMENT: u32 = 16;
    const STACK_ALIGNMENT: u32 = 16;
    const RETURN_ADDRESS_BYTES: u32 = 8;

    fn isa(&self) -> Isa {
        Isa::X86_64
    }

    /// Up to the length of a call, which is all that a site is.
    fn nop_units(&self) -> Vec<Vec<u8>> {
        (1..=flow::CALL).rev().filter_map(nop::nop).collect()
    }

    /// An anchored function has rbp.
    fn environment(&self, _: bool) -> &MachineEnv {
        &self.environment
    }

    fn spill_slots(&self) -> [u8; 3] {
        [1, 2, 2]
    }

    fn class(&self, ty: Type) -> Option<RegClass> {
        match ty {
            types::I8 | types::I16 | types::I32 | types::I64 => Some(RegClass::Int),
            types::F16 | types::F32 | types::F64 | types::F128 => Some(RegClass::Float),
            _ if ty.is_vector() && ty.bits() == 128 => Some(RegClass::Float),
            _ => None,
        }
    }

    fn covers(&self, function: &Function, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
        lower::covers(self, function, inst, opcode, ty)
    }

    fn layout(&self, signature: &Signature) -> Result<CallLayout, Refusal> {
        abi::layout(signature, self.llvm_abi)
    }

    fn call_clobbers(&self, conv: CallConv) -> PRegSet {
        abi::clobbers(conv, self.pinned)
    }

    fn callee_saved(&self, conv: CallConv) -> Vec<(PReg, u8)> {
        abi::callee_saved(conv, self.pinned)
    }

    fn lower(&self, ctx: &mut Lower<Self>, inst: ClifInst) -> Result<(), Refusal> {
        lower::lower(self, ctx, inst)
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
        let to = ctx.temp_for(ty);
        lower::constant(ctx, to, ty, bits);
        to
    }

    fn fill(&self, ctx: &mut Lower<Self>, from: Reg, fill: Fill) -> Reg {
        let (bits, signed) = match fill {
            // Only s390x has vectors travel in another order of lanes.
            Fill::None | Fill::Lanes | Fill::Ones(_) => return from,
            Fill::Zero(bits) => (bits, false),
            Fill::Sign(bits) => (bits, true),
        };
        let size = match bits {
            8 => Size::B1,
            16 => Size::B2,
            32 => Size::B4,
            _ => return from,
        };
        let (to, from) = (ctx.temp(RegClass::Int), Source::Reg(from));
        ctx.isa(Inst::Extend {
            signed,
            size,
            to,
            from,
            trap: None,
        });
        to
    }

    fn load(&self, to: Reg, place: FrameRef, ty: Type) -> Inst {
        load(to, Address::Frame(place, 0), ty)
    }

    fn store(&self, from: Reg, place: FrameRef, ty: Type) -> Inst {
        store(from, Address::Frame(place, 0), ty)
    }

    fn load_at(&self, to: Reg, base: Reg, offset: i32, ty: Type) -> Inst {
        load(to, Address::Base { base, disp: offset }, ty)
    }

    fn store_at(&self, from: Reg, base: Reg, offset: i32, ty: Type) -> Inst {
        store(from, Address::Base { base, disp: offset }, ty)
    }

    /// A tail call's callee must survive the epilogue: r11 is neither argument nor saved.
    fn callee_register(&self, tail: bool, _: CallConv) -> Option<PReg> {
        tail.then_some(abi::int(11))
    }

    fn setup_bytes(&self, settings: &Settings, makes_calls: bool) -> u32 {
        if makes_calls || settings.frame_pointers {
            frame::SETUP
        } else {
            0
        }
    }

    fn emit(&self, emitter: &mut Emitter<Self>, inst: &Inst) -> Result<(), Refusal> {
        emit::emit(emitter, inst)
    }

    fn emit_move(&self, emitter: &mut Emitter<Self>, to: Reg, from: Reg) {
        put(emitter, |out| match to.class() {
            RegClass::Int => moves::mov(out, Size::B8, gpr(to), gpr(from)),
            _ => sse_move::copy(out, xmm(to), xmm(from)),
        });
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
        let offset = i32::try_from(offset)
            .map_err(|_| Refusal::limit(format!("{offset} bytes above the stack pointer")))?;
        put(emitter, |out| {
            moves::lea(out, gpr(to), Mem::base(Gpr::RSP, offset))
        });
        Ok(())
    }

    fn emit_call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) -> Result<(), Refusal> {
        frame::call(emitter, call);
        Ok(())
    }

    fn emit_reclaim(&self, emitter: &mut Emitter<Self>, bytes: u32) -> Result<(), Refusal> {
        frame::reclaim(emitter, bytes)
    }

    fn emit_stack_pointer(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        frame::stack_pointer(emitter)
    }

    fn emit_tail_call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) -> Result<(), Refusal> {
        frame::tail_call(emitter, call)
    }

    fn emit_prologue(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        frame::prologue(emitter)
    }

    fn emit_return(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        frame::emit_return(emitter)
    }

    fn emit_jump(&self, emitter: &mut Emitter<Self>, target: BlockId) {
        let label = emitter.label(target);
        emit::jump(emitter, label);
    }

    fn jump_over(&self, _: &mut CodeBuffer<Reference>, _: u32) {
        unreachable!("no veneers where every branch reaches everything");
    }
}
