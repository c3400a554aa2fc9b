//! RISC-V RV64GC: integers and scalar floats, no vectors, no bit-manipulation extension.
//!
//! Source of every instruction's meaning: The RISC-V Instruction Set Manual, volume I
//! (unprivileged). Conventions: RISC-V psABI 1.0, LP64D.
//!
//! There are no flags: comparisons are values or parts of branches, carries are comparisons.
//! There is no vector register, so that vectors have no lowering.

mod abi;
mod emit;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        unused_imports,
        reason = "the encoder is of the ISA and tested as a whole; lowering takes what it needs"
    )
)]
mod encode;
mod fixup;
mod frame;
mod inst;
mod lower;
mod registers;

use cranelift_codegen::ir::{Function, Inst as ClifInst, Opcode, Signature, Type, types};
use cranelift_codegen::isa::CallConv;
use regalloc2::{MachineEnv, PReg, PRegSet, RegClass};

use self::encode::{Access, C_NOP, Compression, FloatAccess, Format, NOP, X, jump};
use self::fixup::Reference;
use self::inst::{Address, Inst};
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

/// The back end.
#[derive(Debug)]
pub struct Riscv64 {
    environment: MachineEnv,
    /// The same without the frame pointer.
    anchored: MachineEnv,
    compression: Compression,
}

impl Riscv64 {
    /// For what a program's header asks for.
    pub fn new(settings: &Settings) -> Riscv64 {
        let integer = settings.has("has_zca");
        Riscv64 {
            environment: registers::environment(settings.frame_pointers),
            anchored: registers::environment(true),
            compression: Compression {
                integer,
                double: integer && settings.has("has_zcd"),
            },
        }
    }
}

/// How a type is accessed: as an integer, else as a float.
fn access(ty: Type) -> Result<Access, FloatAccess> {
    match ty {
        types::I8 => Ok(Access::Bu),
        types::I16 => Ok(Access::Hu),
        types::I32 => Ok(Access::W),
        types::F32 => Err(FloatAccess::W),
        types::F64 => Err(FloatAccess::D),
        _ => Ok(Access::D),
    }
}

fn load(to: Reg, from: Address, ty: Type) -> Inst {
    match access(ty) {
        Ok(access) => Inst::Load {
            access,
            to,
            from,
            trap: None,
        },
        Err(access) => Inst::FloatLoad {
            access,
            to,
            from,
            trap: None,
        },
    }
}

fn store(from: Reg, to: Address, ty: Type) -> Inst {
    match access(ty) {
        Ok(access) => Inst::Store {
            access,
            from,
            to,
            trap: None,
        },
        Err(access) => Inst::FloatStore {
            access,
            from,
            to,
            trap: None,
        },
    }
}

impl Arch for Riscv64 {
    type Inst = Inst;
    type Fixup = Reference;

    fn isa(&self) -> Isa {
        Isa::Riscv64gc
    }

    /// An epilogue that gives back 60 registers, each with one instruction.
    const MAX_OP_BYTES: u32 = 320;
    /// "NaN Generation and Propagation" of the unprivileged manual; so do the sequences here.
    const CANONICAL_NANS: bool = true;
    /// a0 and a1.
    const EXCEPTION_PAYLOAD: [usize; 2] = [10, 11];
    const FUNCTION_ALIGNMENT: u32 = 4;
    const STACK_ALIGNMENT: u32 = 16;
    const RETURN_ADDRESS_BYTES: u32 = 0;

    fn nop_units(&self) -> Vec<Vec<u8>> {
        let mut units = vec![NOP.to_le_bytes().to_vec()];
        if self.compression.integer {
            units.push(C_NOP.to_le_bytes().to_vec());
        }
        units
    }

    /// An anchored function has a frame pointer.
    fn environment(&self, anchored: bool) -> &MachineEnv {
        if anchored {
            &self.anchored
        } else {
            &self.environment
        }
    }

    fn spill_slots(&self) -> [u8; 3] {
        [1, 1, 1]
    }

    fn class(&self, ty: Type) -> Option<RegClass> {
        match ty {
            types::I8 | types::I16 | types::I32 | types::I64 => Some(RegClass::Int),
            // Without the extension of half floats theirs are bits.
            types::F16 => Some(RegClass::Int),
            types::F32 | types::F64 => Some(RegClass::Float),
            _ => None,
        }
    }

    /// A quadruple float is only ever moved, as two halves.
    fn is_pair(&self, ty: Type) -> bool {
        ty == types::I128 || ty == types::F128
    }

    fn covers(&self, function: &Function, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
        lower::covers(function, inst, opcode, ty)
    }

    fn layout(&self, signature: &Signature) -> Result<CallLayout, Refusal> {
        abi::layout(signature)
    }

    fn call_clobbers(&self, conv: CallConv) -> PRegSet {
        registers::clobbers(conv)
    }

    fn callee_saved(&self, conv: CallConv) -> Vec<(PReg, u8)> {
        registers::callee_saved(conv)
    }

    fn also_written(&self, function: &Function, _: &Settings, frame_bytes: u32) -> PRegSet {
        let mut set = PRegSet::empty();
        if function.stack_limit.is_some() || frame::may_be_far(frame_bytes) {
            set.add(registers::SCRATCH);
        }
        set
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
        lower::lower_branch(ctx, inst, targets)
    }

    fn constant(&self, ctx: &mut Lower<Self>, ty: Type, bits: u128) -> Reg {
        lower::constant(ctx, ty, bits)
    }

    fn fill(&self, ctx: &mut Lower<Self>, from: Reg, fill: Fill) -> Reg {
        lower::fill(ctx, from, fill)
    }

    fn load(&self, to: Reg, place: FrameRef, ty: Type) -> Inst {
        load(to, Address::Frame(place), ty)
    }

    fn store(&self, from: Reg, place: FrameRef, ty: Type) -> Inst {
        store(from, Address::Frame(place), ty)
    }

    fn load_at(&self, to: Reg, base: Reg, offset: i32, ty: Type) -> Inst {
        load(to, Address::Base(base, offset), ty)
    }

    fn store_at(&self, from: Reg, base: Reg, offset: i32, ty: Type) -> Inst {
        store(from, Address::Base(base, offset), ty)
    }

    /// Floats for which no register is left travel as integers.
    fn transfer(&self, to: Reg, from: Reg, ty: Type) -> Inst {
        let format = if ty == types::F32 {
            Format::S
        } else {
            Format::D
        };
        match to.class() {
            RegClass::Float => Inst::ToFloat {
                format,
                to,
                a: from,
            },
            _ => Inst::FromFloat {
                format,
                to,
                a: from,
            },
        }
    }

    fn callee_register(&self, tail: bool, _: CallConv) -> Option<PReg> {
        tail.then_some(registers::TAIL_CALLEE)
    }

    fn setup_bytes(&self, settings: &Settings, makes_calls: bool) -> u32 {
        if settings.frame_pointers || makes_calls {
            frame::SETUP_BYTES
        } else {
            0
        }
    }

    fn emit(&self, emitter: &mut Emitter<Self>, inst: &Inst) -> Result<(), Refusal> {
        self.put_inst(emitter, inst)
    }

    fn emit_move(&self, emitter: &mut Emitter<Self>, to: Reg, from: Reg) {
        self.put_move(emitter, to, from);
    }

    fn emit_spill(
        &self,
        emitter: &mut Emitter<Self>,
        from: Reg,
        offset: i64,
    ) -> Result<(), Refusal> {
        self.put_spill(emitter, from, offset)
    }

    fn emit_reload(
        &self,
        emitter: &mut Emitter<Self>,
        to: Reg,
        offset: i64,
    ) -> Result<(), Refusal> {
        self.put_reload(emitter, to, offset)
    }

    fn emit_frame_address(
        &self,
        emitter: &mut Emitter<Self>,
        to: Reg,
        offset: i64,
    ) -> Result<(), Refusal> {
        self.put_frame_address(emitter, emit::x(to), offset)
    }

    fn emit_call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) -> Result<(), Refusal> {
        self.put_call(emitter, call)
    }

    fn emit_reclaim(&self, emitter: &mut Emitter<Self>, bytes: u32) -> Result<(), Refusal> {
        self.put_set_sp(emitter, encode::X::SP, bytes);
        Ok(())
    }

    fn emit_stack_pointer(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        let below = emitter.frame.size + emitter.frame.setup;
        self.put_set_sp(emitter, encode::X::FP, below);
        Ok(())
    }

    fn emit_tail_call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) -> Result<(), Refusal> {
        self.put_tail_call(emitter, call)
    }

    fn emit_prologue(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        self.put_prologue(emitter)
    }

    fn emit_return(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        self.put_return(emitter)
    }

    fn emit_jump(&self, emitter: &mut Emitter<Self>, target: BlockId) {
        self.put_jump(emitter, target);
    }

    fn jump_over(&self, buffer: &mut CodeBuffer<Reference>, bytes: u32) {
        let word = jump(X::ZERO, i64::from(bytes) + 4).unwrap_or(encode::TRAP);
        buffer.put_u32(word);
    }
}

#[cfg(test)]
mod tests;
