//! Atomic accesses. All are sequentially consistent: loads acquire and stores release in the
//! one order that AArch64 gives `ldar` and `stlr` (B2.3 "Definition of the Arm memory model").

use cranelift_codegen::ir::{
    AtomicRmwOp, Endianness, Inst as ClifInst, InstructionData, Opcode, TrapCode, Type, Value,
    types,
};

use super::super::encode::{
    AtomicSize, Exception, Ordered, Plain, Rmw, exception, ordered, plain, rmw,
};
use super::super::inst::{EMPTY, Inst, word};
use super::{Ctx, Lowered, size_of, words};
use crate::backend::reg::Reg;

fn atomic_size(ty: Type) -> Option<AtomicSize> {
    Some(match ty {
        types::I8 => AtomicSize::B,
        types::I16 => AtomicSize::H,
        types::I32 => AtomicSize::W,
        types::I64 => AtomicSize::X,
        _ => return None,
    })
}

fn is_atomic(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::AtomicLoad | Opcode::AtomicStore | Opcode::AtomicRmw | Opcode::AtomicCas
    )
}

impl Ctx<'_> {
    fn rmw(&mut self, inst: ClifInst, op: AtomicRmwOp, [address, value]: [Value; 2]) -> Lowered {
        let ty = self.ty(value);
        let Some(size) = atomic_size(ty) else {
            return Ok(false);
        };
        let old = self.result(inst, 0);
        if self.settings.has("has_lse")
            && let Some((single, operand)) = self.single(op, value)
        {
            let address = self.reg(address);
            let form = word(rmw(single, size, EMPTY, EMPTY, EMPTY));
            self.put(old, form.m(operand).n(address).traps(trapping()));
            return Ok(true);
        }
        let signed = matches!(op, AtomicRmwOp::Smin | AtomicRmwOp::Smax);
        let compares = signed || matches!(op, AtomicRmwOp::Umin | AtomicRmwOp::Umax);
        let operand = if compares {
            self.extended(value, signed)
        } else {
            self.reg(value)
        };
        let address = self.reg(address);
        let (new, status) = (self.int(), self.int());
        self.isa(Inst::RmwLoop {
            size,
            op,
            address,
            operand,
            old,
            new,
            status,
        });
        Ok(true)
    }

    /// The single instruction of FEAT_LSE for an operation, and its operand.
    fn single(&mut self, op: AtomicRmwOp, value: Value) -> Option<(Rmw, Reg)> {
        let size = size_of(self.ty(value));
        let single = match op {
            AtomicRmwOp::Add | AtomicRmwOp::Sub => Rmw::LDADDAL,
            AtomicRmwOp::And => Rmw::LDCLRAL,
            AtomicRmwOp::Or => Rmw::LDSETAL,
            AtomicRmwOp::Xor => Rmw::LDEORAL,
            AtomicRmwOp::Xchg => Rmw::SWPAL,
            AtomicRmwOp::Umin => Rmw::LDUMINAL,
            AtomicRmwOp::Umax => Rmw::LDUMAXAL,
            AtomicRmwOp::Smin => Rmw::LDSMINAL,
            AtomicRmwOp::Smax => Rmw::LDSMAXAL,
            AtomicRmwOp::Nand => return None,
        };
        let operand = self.reg(value);
        let operand = match op {
            AtomicRmwOp::Sub => self.int_of(words::neg(size, operand)),
            AtomicRmwOp::And => self.int_of(words::not(size, operand)),
            _ => operand,
        };
        Some((single, operand))
    }

    fn compare_and_swap(&mut self, inst: ClifInst, args: [Value; 3]) -> Lowered {
        let [address, expected, new] = args;
        let ty = self.ty(new);
        let Some(size) = atomic_size(ty) else {
            return Ok(false);
        };
        let old = self.result(inst, 0);
        let address = self.reg(address);
        if self.settings.has("has_lse") {
            let (expected, new) = (self.vreg(expected), self.reg(new));
            let form = word(rmw(Rmw::CASAL, size, EMPTY, EMPTY, EMPTY));
            let form = form.t(new).n(address).over_s(old, expected);
            self.put_plain(form.traps(trapping()));
            return Ok(true);
        }
        let (expected, new) = (self.extended(expected, false), self.reg(new));
        let status = self.int();
        self.isa(Inst::CasLoop {
            size,
            address,
            expected,
            new,
            old,
            status,
        });
        Ok(true)
    }
}

/// What an atomic access of no memory traps with.
fn trapping() -> Option<TrapCode> {
    Some(TrapCode::HEAP_OUT_OF_BOUNDS)
}

/// Lowers atomic accesses and fences.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst) -> Lowered {
    let flags = ctx.function.dfg.insts[inst].memflags();
    let flags = flags.map(|flags| ctx.function.dfg.mem_flags[flags]);
    let big = flags.is_some_and(|flags| flags.endianness(Endianness::Little) == Endianness::Big);
    let ty = ctx.function.dfg.ctrl_typevar(inst);
    if big && is_atomic(ctx.function.dfg.insts[inst].opcode()) && ty.bits() > 8 {
        return Ok(false);
    }
    match ctx.function.dfg.insts[inst] {
        InstructionData::AtomicRmw { op, args, .. } => return ctx.rmw(inst, op, args),
        InstructionData::AtomicCas { args, .. } => return ctx.compare_and_swap(inst, args),
        InstructionData::LoadNoOffset {
            opcode: Opcode::AtomicLoad,
            arg,
            ..
        } => {
            let to = ctx.result(inst, 0);
            let ty = ctx.function.dfg.ctrl_typevar(inst);
            let Some(size) = atomic_size(ty) else {
                return Ok(false);
            };
            let base = ctx.reg(arg);
            let form = word(ordered(Ordered::LDAR, size, EMPTY, EMPTY));
            ctx.put(to, form.n(base).traps(trapping()));
        }
        InstructionData::StoreNoOffset {
            opcode: Opcode::AtomicStore,
            args: [value, address],
            ..
        } => {
            let Some(size) = atomic_size(ctx.ty(value)) else {
                return Ok(false);
            };
            let (value, base) = (ctx.reg_or_zero(value), ctx.reg(address));
            let form = word(ordered(Ordered::STLR, size, EMPTY, EMPTY));
            ctx.put_plain(form.t(value).n(base).traps(trapping()));
        }
        InstructionData::NullAry {
            opcode: Opcode::Fence,
        } => {
            ctx.put_plain(word(plain(Plain::DMB_ISH)));
        }
        InstructionData::NullAry {
            opcode: Opcode::Debugtrap,
        } => {
            ctx.put_plain(word(exception(Exception::BRK, 0)));
        }
        _ => return Ok(false),
    }
    Ok(true)
}
