//! From CLIF to machine instructions.
//!
//! [`covers`] and [`lower`] go through the same groups in the same order; what none of them
//! knows is taken apart by legalisation, or refused.

mod access;
mod arithmetic;
mod atomics;
mod condition;
mod control;
mod convert;
mod divide;
mod float;
mod saturate;
mod select;
mod shift;
mod vector;
mod wide;

use cranelift_codegen::ir::{Function, Inst as ClifInst, Opcode, Type, Value};
use regalloc2::RegClass;

use super::X64;
use super::arch::size;
use super::encode::Size;
use super::inst::{Address, Inst, Source};
use crate::backend::limit::Refusal;
use crate::backend::lower::Lower;
use crate::backend::reg::Reg;

pub use control::branch;

/// The state of lowering.
pub type Ctx<'a> = Lower<'a, X64>;

/// An instruction being lowered.
#[derive(Clone, Copy)]
pub struct Clif {
    /// Which one.
    pub inst: ClifInst,
    /// Its operation.
    pub opcode: Opcode,
    /// Its controlling type.
    pub ty: Type,
}

/// Whether an instruction has a lowering here.
pub fn covers(arch: &X64, function: &Function, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
    let word = ty.is_int() && ty.bits() <= 64;
    arithmetic::covers(opcode, ty)
        || wide::covers(opcode, ty)
        || (word && shift::covers(arch, opcode))
        || float::covers(arch, opcode, ty)
        || convert::covers(function, inst, opcode, ty)
        || vector::covers(arch, function, inst, opcode, ty)
        || access::covers(opcode)
        || atomics::covers(opcode, ty)
        || control::covers(function, inst, opcode, ty)
}

/// Lowers an instruction.
///
/// # Errors
/// What has no lowering.
pub fn lower(arch: &X64, ctx: &mut Ctx<'_>, inst: ClifInst) -> Result<(), Refusal> {
    let function = ctx.function;
    let clif = Clif {
        inst,
        opcode: function.dfg.insts[inst].opcode(),
        ty: function.dfg.ctrl_typevar(inst),
    };
    let Clif { opcode, ty, .. } = clif;
    let word = ty.is_int() && ty.bits() <= 64;
    if arithmetic::covers(opcode, ty) {
        arithmetic::lower(ctx, clif)
    } else if wide::covers(opcode, ty) {
        wide::lower(ctx, clif)
    } else if word && shift::covers(arch, opcode) {
        shift::lower(arch, ctx, clif)
    } else if float::covers(arch, opcode, ty) {
        float::lower(ctx, clif)
    } else if convert::covers(function, inst, opcode, ty) {
        convert::lower(ctx, clif)
    } else if vector::covers(arch, function, inst, opcode, ty) {
        vector::lower(arch, ctx, clif)
    } else if access::covers(opcode) {
        access::lower(arch, ctx, clif)
    } else if atomics::covers(opcode, ty) {
        atomics::lower(ctx, clif)
    } else if control::covers(function, inst, opcode, ty) {
        control::lower(ctx, clif)
    } else {
        Err(uncovered(clif))
    }
}

/// The refusal of an instruction.
pub fn uncovered(clif: Clif) -> Refusal {
    Refusal::uncovered(format!("{}.{}", clif.opcode, clif.ty))
}

impl Clif {
    /// Argument number `n`.
    pub fn arg(self, ctx: &Ctx<'_>, n: usize) -> Value {
        ctx.args(self.inst)[n]
    }

    /// Register of argument number `n`.
    pub fn reg(self, ctx: &mut Ctx<'_>, n: usize) -> Reg {
        let arg = self.arg(ctx, n);
        ctx.reg(arg)
    }

    /// Register of the first result.
    pub fn result(self, ctx: &Ctx<'_>) -> Reg {
        ctx.result(self.inst, 0)
    }
}

/// A scratch general register.
pub fn temp(ctx: &mut Ctx<'_>) -> Reg {
    ctx.temp(RegClass::Int)
}

/// A scratch vector register.
pub fn temp_vector(ctx: &mut Ctx<'_>) -> Reg {
    ctx.temp(RegClass::Float)
}

/// The width at which what lies above the value does not matter: 32 bits at least.
pub fn at_least_32(ty: Type) -> Size {
    size(ty).max(Size::B4)
}

/// A constant that fits an immediate, or a register.
pub fn source(ctx: &mut Ctx<'_>, value: Value) -> Source {
    match immediate(ctx, value) {
        Some(imm) => Source::Imm(imm),
        None => Source::Reg(ctx.reg(value)),
    }
}

/// A constant that fits a sign-extended immediate.
pub fn immediate(ctx: &Ctx<'_>, value: Value) -> Option<i32> {
    if !ctx.ty(value).is_int() {
        return None;
    }
    i32::try_from(ctx.signed_constant(value)?).ok()
}

/// The value with zeroes above, 64 bits.
pub fn zero_extended(ctx: &mut Ctx<'_>, value: Value) -> Reg {
    extended(ctx, value, false)
}

/// The value with its sign above, 64 bits.
pub fn sign_extended(ctx: &mut Ctx<'_>, value: Value) -> Reg {
    extended(ctx, value, true)
}

/// The value with zeroes or its sign above, 64 bits.
pub fn extended(ctx: &mut Ctx<'_>, value: Value, signed: bool) -> Reg {
    let from = ctx.reg(value);
    let size = size(ctx.ty(value));
    if size == Size::B8 {
        return from;
    }
    let (to, from) = (temp(ctx), Source::Reg(from));
    ctx.isa(Inst::Extend {
        signed,
        size,
        to,
        from,
        trap: None,
    });
    to
}

/// Puts a constant of any type into a register, by its class.
pub fn constant(ctx: &mut Ctx<'_>, to: Reg, ty: Type, bits: u128) {
    let low = u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
    if to.class() == RegClass::Int {
        ctx.isa(Inst::Constant { to, bits: low });
    } else if bits == 0 {
        ctx.isa(Inst::VectorZero { to });
    } else if bits == u128::MAX {
        ctx.isa(Inst::VectorOnes { to });
    } else if ty.bytes() <= 8 {
        let from = constant_reg(ctx, low);
        ctx.isa(Inst::FromGpr {
            size: size(ty).max(Size::B4),
            to,
            from,
        });
    } else {
        let from = Address::Constant(bits);
        let width = super::encode::sse_move::Width::Vector;
        ctx.isa(Inst::VectorLoad {
            width,
            to,
            from,
            trap: None,
        });
    }
}

/// A constant in a new general register.
pub fn constant_reg(ctx: &mut Ctx<'_>, bits: u64) -> Reg {
    let to = temp(ctx);
    ctx.isa(Inst::Constant { to, bits });
    to
}
