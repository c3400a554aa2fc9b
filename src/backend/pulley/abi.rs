//! Pulley's registers and conventions.

use cranelift_codegen::ir::{Function, Inst as ClifInst, Opcode, Signature, Type, types};
use cranelift_codegen::isa::CallConv;
use pulley_interpreter::encode;
use regalloc2::{MachineEnv, PReg, PRegSet, RegClass};

use super::constant;
use super::encode::{Put, f, unary, v, x};
use super::frame::{SP, is_upper};
use super::inst::{Base, Inst};
use super::layout::layout;
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

/// The Pulley back end.
#[derive(Debug)]
pub struct Pulley {
    isa: Isa,
    environment: MachineEnv,
}

/// A signed 32-bit distance from the start of the instruction, `back` bytes before the field.
#[derive(Clone, Copy, Debug)]
pub struct Distance {
    /// Bytes of the instruction before the field.
    pub(super) back: u8,
}

impl Fixup for Distance {
    fn size(self) -> u32 {
        4
    }

    fn reach(self) -> (u32, u32) {
        (1 << 30, 1 << 30)
    }

    fn patch(self, bytes: &mut [u8], from: u32, to: u32) {
        let start = i64::from(from) - i64::from(self.back);
        let distance = i32::try_from(i64::from(to) - start).expect("code stays below 1 GiB");
        bytes.copy_from_slice(&distance.to_le_bytes());
    }

    fn veneer(self) -> Option<Veneer<Self>> {
        None
    }
}

fn registers(class: RegClass, numbers: impl IntoIterator<Item = usize>) -> PRegSet {
    numbers.into_iter().map(|n| PReg::new(n, class)).collect()
}

impl Pulley {
    /// One of the Pulley ISAs.
    pub fn new(isa: Isa, _settings: &Settings) -> Pulley {
        let environment = MachineEnv {
            preferred_regs_by_class: [
                registers(RegClass::Int, 0..16),
                registers(RegClass::Float, 0..32),
                registers(RegClass::Vector, 0..32),
            ],
            non_preferred_regs_by_class: [
                registers(RegClass::Int, 16..30),
                PRegSet::empty(),
                PRegSet::empty(),
            ],
            scratch_by_class: [None; 3],
            fixed_stack_slots: Vec::new(),
        };
        Pulley { isa, environment }
    }

    /// Which variant.
    pub fn isa(&self) -> Isa {
        self.isa
    }

    /// Size of an address.
    pub(super) fn pointer_bytes(&self) -> u32 {
        match self.isa {
            Isa::Pulley32 | Isa::Pulley32be => 4,
            _ => 8,
        }
    }
}

impl Arch for Pulley {
    type Inst = Inst;
    type Fixup = Distance;
    const MAX_OP_BYTES: u32 = 64;
    const EXCEPTION_PAYLOAD: [usize; 2] = [0, 1];
    const FUNCTION_ALIGNMENT: u32 = 1;
    const STACK_ALIGNMENT: u32 = 16;
    const RETURN_ADDRESS_BYTES: u32 = 0;

    fn isa(&self) -> Isa {
        self.isa
    }

    fn nop_units(&self) -> Vec<Vec<u8>> {
        // A direct call takes five bytes and an indirect one two; there is no other of two.
        let (mut five, mut three, mut one) = (Vec::new(), Vec::new(), Vec::new());
        encode::stack_free32(&mut five, 0u32);
        encode::xmov(&mut three, x(0), x(0));
        encode::nop(&mut one);
        vec![five, three, one]
    }

    /// An anchored function has `fp`.
    fn environment(&self, _: bool) -> &MachineEnv {
        &self.environment
    }

    fn spill_slots(&self) -> [u8; 3] {
        [1, 1, 2]
    }

    fn class(&self, ty: Type) -> Option<RegClass> {
        match ty {
            types::I8 | types::I16 | types::I32 | types::I64 => Some(RegClass::Int),
            types::F32 | types::F64 => Some(RegClass::Float),
            _ if ty.is_vector() && ty.bits() == 128 => Some(RegClass::Vector),
            _ => None,
        }
    }

    fn covers(&self, function: &Function, inst: ClifInst, opcode: Opcode, _: Type) -> bool {
        self.has(function, inst, opcode)
    }

    fn layout(&self, signature: &Signature) -> Result<CallLayout, Refusal> {
        layout(self, signature)
    }

    fn call_clobbers(&self, conv: CallConv) -> PRegSet {
        if conv == CallConv::PreserveAll {
            return PRegSet::empty();
        }
        let mut set = registers(RegClass::Int, 0..16);
        set.union_from(registers(RegClass::Float, 0..32));
        if conv == CallConv::Winch {
            // CLIF's `winch` keeps nothing but the frame pointer.
            set.union_from(registers(RegClass::Int, 16..30));
        }
        set.union_from(registers(RegClass::Vector, 0..32));
        set
    }

    fn callee_saved(&self, conv: CallConv) -> Vec<(PReg, u8)> {
        let first = if conv == CallConv::PreserveAll { 0 } else { 16 };
        let ints = (first..30).map(|n| (PReg::new(n, RegClass::Int), 8));
        if conv != CallConv::PreserveAll {
            return ints.collect();
        }
        let floats = (0..32).map(|n| (PReg::new(n, RegClass::Float), 8));
        let vectors = (0..32).map(|n| (PReg::new(n, RegClass::Vector), 16));
        // What one instruction saves lies together, at the top of the frame.
        vectors.chain(floats).chain(ints).collect()
    }

    fn lower(&self, ctx: &mut Lower<Self>, inst: ClifInst) -> Result<(), Refusal> {
        self.lower_inst(ctx, inst)
    }

    fn lower_branch(
        &self,
        ctx: &mut Lower<Self>,
        inst: ClifInst,
        targets: &[BlockId],
    ) -> Result<(), Refusal> {
        self.branch(ctx, inst, targets)
    }

    fn constant(&self, ctx: &mut Lower<Self>, ty: Type, bits: u128) -> Reg {
        constant::constant(ctx, ty, bits)
    }

    fn fill(&self, ctx: &mut Lower<Self>, from: Reg, fill: Fill) -> Reg {
        let put: Put = match fill {
            Fill::Zero(8) => unary!(zext8, x, x),
            Fill::Zero(16) => unary!(zext16, x, x),
            Fill::Zero(32) => unary!(zext32, x, x),
            Fill::Sign(8) => unary!(sext8, x, x),
            Fill::Sign(16) => unary!(sext16, x, x),
            Fill::Sign(32) => unary!(sext32, x, x),
            _ => return from,
        };
        let to = ctx.temp_for(types::I64);
        ctx.isa(Inst::plain(put, vec![to, from]));
        to
    }

    fn load(&self, to: Reg, place: FrameRef, ty: Type) -> Inst {
        self.plain_load(to, Base::Frame(place), 0, ty)
    }

    fn store(&self, from: Reg, place: FrameRef, ty: Type) -> Inst {
        self.plain_store(from, Base::Frame(place), 0, ty)
    }

    fn load_at(&self, to: Reg, base: Reg, offset: i32, ty: Type) -> Inst {
        self.plain_load(to, Base::Reg(base), offset, ty)
    }

    fn store_at(&self, from: Reg, base: Reg, offset: i32, ty: Type) -> Inst {
        self.plain_store(from, Base::Reg(base), offset, ty)
    }

    fn callee_register(&self, tail: bool, conv: CallConv) -> Option<PReg> {
        tail.then(|| Self::callee_of_tail_call(conv)).flatten()
    }

    fn scratch(&self) -> &'static [&'static str] {
        &["spilltmp0"]
    }

    fn frame_record_pays(&self, saved: &[(PReg, u8)]) -> bool {
        saved.iter().any(|&(reg, _)| is_upper(reg))
    }

    fn setup_bytes(&self, settings: &Settings, makes_calls: bool) -> u32 {
        if makes_calls || settings.frame_pointers {
            2 * self.pointer_bytes()
        } else {
            0
        }
    }

    fn emit(&self, emitter: &mut Emitter<Self>, inst: &Inst) -> Result<(), Refusal> {
        self.emit_inst(emitter, inst)
    }

    fn emit_move(&self, emitter: &mut Emitter<Self>, to: Reg, from: Reg) {
        let mut bytes = Vec::new();
        let (d, s) = (to.number(), from.number());
        match to.class() {
            RegClass::Int => encode::xmov(&mut bytes, x(d), x(s)),
            RegClass::Float => encode::fmov(&mut bytes, f(d), f(s)),
            RegClass::Vector => encode::vmov(&mut bytes, v(d), v(s)),
        }
        emitter.buffer.put(&bytes);
    }

    fn emit_spill(
        &self,
        emitter: &mut Emitter<Self>,
        from: Reg,
        offset: i64,
    ) -> Result<(), Refusal> {
        self.spill(emitter, from, offset, false);
        Ok(())
    }

    fn emit_reload(
        &self,
        emitter: &mut Emitter<Self>,
        to: Reg,
        offset: i64,
    ) -> Result<(), Refusal> {
        self.spill(emitter, to, offset, true);
        Ok(())
    }

    fn emit_frame_address(
        &self,
        emitter: &mut Emitter<Self>,
        to: Reg,
        offset: i64,
    ) -> Result<(), Refusal> {
        let offset = u32::try_from(offset)
            .map_err(|_| Refusal::limit(format!("a frame place at {offset}")))?;
        let mut bytes = Vec::new();
        match u8::try_from(offset) {
            Ok(0) => encode::xmov(&mut bytes, x(to.number()), x(SP)),
            Ok(offset) => encode::xadd64_u8(&mut bytes, x(to.number()), x(SP), offset),
            Err(_) => encode::xadd64_u32(&mut bytes, x(to.number()), x(SP), offset),
        }
        emitter.buffer.put(&bytes);
        Ok(())
    }

    fn emit_call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) -> Result<(), Refusal> {
        self.call(emitter, call);
        Ok(())
    }

    fn emit_reclaim(&self, emitter: &mut Emitter<Self>, bytes: u32) -> Result<(), Refusal> {
        Self::reclaim(emitter, bytes);
        Ok(())
    }

    fn emit_stack_pointer(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        self.stack_pointer(emitter);
        Ok(())
    }

    fn emit_tail_call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) -> Result<(), Refusal> {
        self.tail_call(emitter, call)
    }

    fn emit_prologue(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        self.prologue(emitter)
    }

    fn emit_return(&self, emitter: &mut Emitter<Self>) -> Result<(), Refusal> {
        self.epilogue(emitter)?;
        let mut bytes = Vec::new();
        encode::ret(&mut bytes);
        emitter.buffer.put(&bytes);
        Ok(())
    }

    fn emit_jump(&self, emitter: &mut Emitter<Self>, target: BlockId) {
        let mut bytes = Vec::new();
        encode::jump(&mut bytes, 0);
        self.branch_to(emitter, &bytes, target);
    }

    fn jump_over(&self, _: &mut CodeBuffer<Distance>, _: u32) {
        unreachable!("no veneers where every branch reaches everything");
    }
}
