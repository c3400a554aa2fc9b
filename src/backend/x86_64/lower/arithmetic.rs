//! Integers up to 64 bits: arithmetic, logic, comparison, choice.

use cranelift_codegen::ir::{Opcode, Type, Value, types};

use super::super::arch::size;
use super::super::encode::integer::{Alu, Unary};
use super::super::encode::{Cond, Size};
use super::super::inst::{Amount, Inst, Source, Test};
use super::{Clif, Ctx, at_least_32, divide, immediate, source, temp, uncovered};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

/// Whether it is here.
pub fn covers(opcode: Opcode, ty: Type) -> bool {
    if !ty.is_int() || ty.bits() > 64 {
        return false;
    }
    match opcode {
        Opcode::Iadd
        | Opcode::Isub
        | Opcode::Imul
        | Opcode::Ineg
        | Opcode::Bnot
        | Opcode::Band
        | Opcode::Bor
        | Opcode::Bxor
        | Opcode::Iabs
        | Opcode::Smin
        | Opcode::Smax
        | Opcode::Umin
        | Opcode::Umax
        | Opcode::Bitselect
        | Opcode::UaddOverflow
        | Opcode::SaddOverflow
        | Opcode::UsubOverflow
        | Opcode::SsubOverflow => true,
        Opcode::SmulOverflow | Opcode::UmulOverflow => ty != types::I8,
        Opcode::Umulhi
        | Opcode::Smulhi
        | Opcode::Udiv
        | Opcode::Sdiv
        | Opcode::Urem
        | Opcode::Srem => ty.bits() >= 32,
        _ => false,
    }
}

/// Lowers one of them.
pub fn lower(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    let (opcode, ty) = (clif.opcode, clif.ty);
    let width = at_least_32(ty);
    match opcode {
        Opcode::Iadd => commutative(ctx, Alu::Add, width, clif),
        Opcode::Band => commutative(ctx, Alu::And, width, clif),
        Opcode::Bor => commutative(ctx, Alu::Or, width, clif),
        Opcode::Bxor => commutative(ctx, Alu::Xor, width, clif),
        Opcode::Isub => {
            let left = clif.reg(ctx, 0);
            let right = clif.arg(ctx, 1);
            let (to, right) = (clif.result(ctx), source(ctx, right));
            ctx.isa(Inst::Alu {
                op: Alu::Sub,
                size: width,
                to,
                left,
                right,
            });
        }
        Opcode::Imul => {
            let (left, right) = ordered(ctx, clif);
            let (left, right) = (ctx.reg(left), source(ctx, right));
            let to = clif.result(ctx);
            ctx.isa(Inst::Multiply {
                size: width,
                to,
                left,
                right,
                flag: None,
            });
        }
        Opcode::Ineg => unary(ctx, Unary::Neg, width, clif),
        Opcode::Bnot => unary(ctx, Unary::Not, width, clif),
        Opcode::Iabs => {
            let (from, to) = (clif.reg(ctx, 0), clif.result(ctx));
            ctx.isa(Inst::Abs {
                size: size(ty),
                to,
                from,
                again: from,
            });
        }
        Opcode::Smin => choose(ctx, Cond::L, clif),
        Opcode::Smax => choose(ctx, Cond::G, clif),
        Opcode::Umin => choose(ctx, Cond::B, clif),
        Opcode::Umax => choose(ctx, Cond::A, clif),
        Opcode::Bitselect => bitselect(ctx, clif),
        Opcode::UaddOverflow => overflow(ctx, Alu::Add, Cond::B, clif),
        Opcode::SaddOverflow => overflow(ctx, Alu::Add, Cond::O, clif),
        Opcode::UsubOverflow => overflow(ctx, Alu::Sub, Cond::B, clif),
        Opcode::SsubOverflow => overflow(ctx, Alu::Sub, Cond::O, clif),
        Opcode::SmulOverflow => {
            let (left, right) = (clif.reg(ctx, 0), Source::Reg(clif.reg(ctx, 1)));
            let (to, flag) = (clif.result(ctx), Some(ctx.result(clif.inst, 1)));
            ctx.isa(Inst::Multiply {
                size: size(ty),
                to,
                left,
                right,
                flag,
            });
        }
        Opcode::UmulOverflow => {
            let (low, flag) = (clif.result(ctx), Some(ctx.result(clif.inst, 1)));
            let high = temp(ctx);
            wide_product(ctx, clif, false, [low, high], flag);
        }
        Opcode::Umulhi | Opcode::Smulhi => {
            let (low, high) = (temp(ctx), clif.result(ctx));
            wide_product(ctx, clif, opcode == Opcode::Smulhi, [low, high], None);
        }
        Opcode::Udiv | Opcode::Sdiv | Opcode::Urem | Opcode::Srem => divide::lower(ctx, clif),
        _ => return Err(uncovered(clif)),
    }
    Ok(())
}

/// Both arguments, a constant last.
fn ordered(ctx: &Ctx<'_>, clif: Clif) -> (Value, Value) {
    let (left, right) = (clif.arg(ctx, 0), clif.arg(ctx, 1));
    if immediate(ctx, left).is_some() {
        (right, left)
    } else {
        (left, right)
    }
}

fn commutative(ctx: &mut Ctx<'_>, op: Alu, size: Size, clif: Clif) {
    let (left, right) = ordered(ctx, clif);
    let (left, right) = (ctx.reg(left), source(ctx, right));
    let to = clif.result(ctx);
    ctx.isa(Inst::Alu {
        op,
        size,
        to,
        left,
        right,
    });
}

fn unary(ctx: &mut Ctx<'_>, op: Unary, size: Size, clif: Clif) {
    let (from, to) = (clif.reg(ctx, 0), clif.result(ctx));
    ctx.isa(Inst::Unary { op, size, to, from });
}

/// The first argument if it compares so with the second, else the second.
fn choose(ctx: &mut Ctx<'_>, cond: Cond, clif: Clif) {
    let (left, right) = (clif.reg(ctx, 0), clif.reg(ctx, 1));
    let test = Test::Int {
        size: size(clif.ty),
        left,
        right: right.into(),
        cond,
    };
    let to = clif.result(ctx);
    ctx.isa(Inst::Select {
        test,
        to,
        yes: left,
        no: right,
    });
}

/// `((x ^ y) & c) ^ y`.
fn bitselect(ctx: &mut Ctx<'_>, clif: Clif) {
    let [c, x, y] = [0, 1, 2].map(|n| clif.reg(ctx, n));
    let (differ, chosen, to) = (temp(ctx), temp(ctx), clif.result(ctx));
    let size = Size::B8;
    ctx.isa(Inst::Alu {
        op: Alu::Xor,
        size,
        to: differ,
        left: x,
        right: y.into(),
    });
    ctx.isa(Inst::Alu {
        op: Alu::And,
        size,
        to: chosen,
        left: differ,
        right: c.into(),
    });
    ctx.isa(Inst::Alu {
        op: Alu::Xor,
        size,
        to,
        left: chosen,
        right: y.into(),
    });
}

fn overflow(ctx: &mut Ctx<'_>, op: Alu, cond: Cond, clif: Clif) {
    let left = clif.reg(ctx, 0);
    let right = clif.arg(ctx, 1);
    let right = source(ctx, right);
    let (to, flag) = (clif.result(ctx), ctx.result(clif.inst, 1));
    ctx.isa(Inst::AluFlag {
        op,
        size: size(clif.ty),
        to,
        left,
        right,
        cond,
        flag,
    });
}

fn wide_product(
    ctx: &mut Ctx<'_>,
    clif: Clif,
    signed: bool,
    [low, high]: [Reg; 2],
    flag: Option<Reg>,
) {
    let (left, right) = (clif.reg(ctx, 0), clif.reg(ctx, 1));
    let size = size(clif.ty);
    ctx.isa(Inst::MultiplyWide {
        signed,
        size,
        low,
        high,
        left,
        right,
        flag,
    });
}

/// The sign of a 64-bit register in all bits.
pub fn sign_of(ctx: &mut Ctx<'_>, from: Reg, to: Reg) {
    let op = super::super::encode::shift::Shift::Sar;
    ctx.isa(Inst::Shift {
        op,
        size: Size::B8,
        to,
        from,
        amount: Amount::Imm(63),
    });
}
