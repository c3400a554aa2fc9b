//! Pulley's registers and conventions.

use cranelift_codegen::ir::{
    ArgumentExtension, Function, Inst as ClifInst, Opcode, Signature, Type, types,
};
use cranelift_codegen::isa::CallConv;
use pulley_interpreter::encode;
use regalloc2::{MachineEnv, PReg, PRegSet, RegClass};

use super::encode::{Put, f, unary, v, x};
use super::frame::SP;
use super::inst::{Base, Inst};
use super::lower::memory_encoders;
use crate::backend::arch::Arch;
use crate::backend::buffer::{CodeBuffer, Fixup, Veneer};
use crate::backend::call::{CallInfo, CallLayout, Fill, FrameRef, Location, Part, Place};
use crate::backend::emit::Emitter;
use crate::backend::limit::Refusal;
use crate::backend::lower::Lower;
use crate::backend::options::Settings;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;
use crate::codegen::RelocKind;
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
    back: u8,
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

    fn branch_to(&self, emitter: &mut Emitter<Self>, bytes: &[u8], target: BlockId) {
        // The distance is the last field of every branch.
        let length = u32::try_from(bytes.len()).expect("an instruction is short");
        let at = emitter.buffer.offset() + length - 4;
        let back = u8::try_from(length - 4).expect("an instruction is short");
        let label = emitter.label(target);
        emitter.buffer.refer_at(at, label, Distance { back });
        emitter.buffer.put(bytes);
    }
}

fn numbers(regs: &[Reg]) -> Vec<u8> {
    regs.iter().map(|reg| reg.number()).collect()
}

impl Arch for Pulley {
    type Inst = Inst;
    type Fixup = Distance;
    const MAX_OP_BYTES: u32 = 64;
    const FUNCTION_ALIGNMENT: u32 = 1;
    const STACK_ALIGNMENT: u32 = 16;
    const RETURN_ADDRESS_BYTES: u32 = 0;

    fn isa(&self) -> Isa {
        self.isa
    }

    fn nop_units(&self) -> Vec<Vec<u8>> {
        let mut unit = Vec::new();
        encode::nop(&mut unit);
        vec![unit]
    }

    fn environment(&self) -> &MachineEnv {
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

    fn covers(&self, _: &Function, _: ClifInst, _: Opcode, _: Type) -> bool {
        true
    }

    fn layout(&self, signature: &Signature) -> Result<CallLayout, Refusal> {
        let mut layout = CallLayout::default();
        let mut next = 0;
        for param in &signature.params {
            if param.value_type != types::I64 || next == 15 {
                return Err(Refusal::uncovered("arguments but i64 in registers"));
            }
            layout.params.push(Place::Parts(vec![part(
                next,
                param.value_type,
                param.extension,
            )]));
            next += 1;
        }
        for (n, result) in signature.returns.iter().enumerate() {
            layout.returns.push(Place::Parts(vec![part(
                n,
                result.value_type,
                result.extension,
            )]));
            layout.in_area.push(None);
        }
        Ok(layout)
    }

    fn call_clobbers(&self, conv: CallConv) -> PRegSet {
        if conv == CallConv::PreserveAll {
            return PRegSet::empty();
        }
        let mut set = registers(RegClass::Int, 0..16);
        set.union_from(registers(RegClass::Float, 0..32));
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
        ints.chain(floats).chain(vectors).collect()
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
        let to = ctx.temp_for(ty);
        let imm = i128::try_from(bits).expect("integers have 64 bits");
        let put: Put = |bytes, regs, imm| {
            let imm = i64::try_from(imm & i128::from(u64::MAX)).unwrap_or(i64::MIN);
            encode::xconst64(bytes, x(regs[0]), imm);
        };
        ctx.isa(Inst::Plain {
            put,
            regs: vec![to],
            defs: 1,
            imm,
            trap: None,
        });
        to
    }

    fn fill(&self, ctx: &mut Lower<Self>, from: Reg, fill: Fill) -> Reg {
        let put = match fill {
            Fill::Zero(8) => unary!(zext8, x, x),
            Fill::Zero(16) => unary!(zext16, x, x),
            Fill::Zero(32) => unary!(zext32, x, x),
            Fill::Sign(8) => unary!(sext8, x, x),
            Fill::Sign(16) => unary!(sext16, x, x),
            Fill::Sign(32) => unary!(sext32, x, x),
            _ => return from,
        };
        let to = ctx.temp_for(types::I64);
        ctx.isa(Inst::Plain {
            put,
            regs: vec![to, from],
            defs: 1,
            imm: 0,
            trap: None,
        });
        to
    }

    fn load(&self, to: Reg, place: FrameRef, ty: Type) -> Inst {
        let (put, _) = memory_encoders(ty, self.isa.is_big_endian()).expect("has a register");
        Inst::Load {
            put,
            to,
            base: Base::Frame(place),
            offset: 0,
            trap: None,
        }
    }

    fn store(&self, from: Reg, place: FrameRef, ty: Type) -> Inst {
        let (_, put) = memory_encoders(ty, self.isa.is_big_endian()).expect("has a register");
        Inst::Store {
            put,
            from,
            base: Base::Frame(place),
            offset: 0,
            trap: None,
        }
    }

    fn load_at(&self, to: Reg, base: Reg, offset: i32, ty: Type) -> Inst {
        let (put, _) = memory_encoders(ty, self.isa.is_big_endian()).expect("has a register");
        Inst::Load {
            put,
            to,
            base: Base::Reg(base),
            offset,
            trap: None,
        }
    }

    fn store_at(&self, from: Reg, base: Reg, offset: i32, ty: Type) -> Inst {
        let (_, put) = memory_encoders(ty, self.isa.is_big_endian()).expect("has a register");
        Inst::Store {
            put,
            from,
            base: Base::Reg(base),
            offset,
            trap: None,
        }
    }

    fn callee_register(&self, _: bool, _: CallConv) -> Option<PReg> {
        None
    }

    fn setup_bytes(&self, settings: &Settings, makes_calls: bool) -> u32 {
        if makes_calls || settings.frame_pointers {
            16
        } else {
            0
        }
    }

    fn emit(&self, emitter: &mut Emitter<Self>, inst: &Inst) -> Result<(), Refusal> {
        let mut bytes = Vec::new();
        match inst {
            Inst::Plain {
                put,
                regs,
                imm,
                trap,
                ..
            } => {
                if let Some(code) = trap {
                    emitter.buffer.trap(code);
                }
                put(&mut bytes, &numbers(regs), *imm);
            }
            Inst::Load {
                put,
                to: reg,
                base,
                offset,
                trap,
            }
            | Inst::Store {
                put,
                from: reg,
                base,
                offset,
                trap,
            } => {
                if let Some(code) = trap {
                    emitter.buffer.trap(code);
                }
                let (base, offset) = match base {
                    Base::Reg(base) => (base.number(), i64::from(*offset)),
                    Base::Frame(place) => (SP, emitter.offset(*place) + i64::from(*offset)),
                };
                let offset = i32::try_from(offset)
                    .map_err(|_| Refusal::limit(format!("an offset of {offset} bytes")))?;
                put(&mut bytes, reg.number(), base, offset);
            }
            Inst::Branch {
                put,
                inverse,
                regs,
                then,
                other,
            } => {
                let (put, target, rest) = if emitter.falls_into(*then) {
                    (inverse, other, then)
                } else {
                    (put, then, other)
                };
                put(&mut bytes, &numbers(regs), 0);
                self.branch_to(emitter, &bytes, *target);
                if !emitter.falls_into(*rest) {
                    self.emit_jump(emitter, *rest);
                }
                return Ok(());
            }
            Inst::Table { .. } | Inst::TrapIf { .. } => return Err(Refusal::uncovered("tables")),
            Inst::Address {
                to,
                name,
                addend,
                near: true,
            } => {
                encode::xpcadd(&mut bytes, x(to.number()), 4);
                let field = u32::try_from(bytes.len()).expect("an instruction is short") - 4;
                let at = emitter.buffer.offset() + field;
                let symbol = emitter.symbol(name);
                emitter
                    .buffer
                    .relocate_at(at, RelocKind::PulleyPcRel, symbol, *addend);
            }
            Inst::Address {
                to,
                name,
                addend,
                near: false,
            } => {
                encode::xconst64(&mut bytes, x(to.number()), 0);
                let at = emitter.buffer.offset() + 2;
                let symbol = emitter.symbol(name);
                emitter
                    .buffer
                    .relocate_at(at, RelocKind::Abs8, symbol, *addend);
            }
            Inst::Trap(code) => {
                emitter.buffer.trap(code);
                encode::trap(&mut bytes);
            }
        }
        emitter.buffer.put(&bytes);
        Ok(())
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
        encode::xadd64_u32(&mut bytes, x(to.number()), x(SP), offset);
        emitter.buffer.put(&bytes);
        Ok(())
    }

    fn emit_call(&self, emitter: &mut Emitter<Self>, call: &CallInfo) -> Result<(), Refusal> {
        self.call(emitter, call)
    }

    fn emit_tail_call(&self, _: &mut Emitter<Self>, _: &CallInfo) -> Result<(), Refusal> {
        Err(Refusal::uncovered("tail calls"))
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

/// A part in an integer register.
fn part(number: usize, ty: Type, extension: ArgumentExtension) -> Part {
    let bits = u8::try_from(ty.bits()).expect("at most 64");
    Part {
        location: Location::Reg(PReg::new(number, RegClass::Int)),
        ty,
        fill: match extension {
            ArgumentExtension::Uext if bits < 64 => Fill::Zero(bits),
            ArgumentExtension::Sext if bits < 64 => Fill::Sign(bits),
            _ => Fill::None,
        },
    }
}
