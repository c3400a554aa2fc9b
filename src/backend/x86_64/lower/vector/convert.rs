//! Conversions of lanes between integers and floats.

use cranelift_codegen::ir::{Function, Inst as ClifInst, Opcode, Type, types};

use super::super::super::encode::sse::Sse;
use super::super::super::encode::sse_imm::{SseImm, VectorShift};
use super::super::super::inst::{Address, Inst, Source};
use super::super::{Clif, Ctx, temp_vector, uncovered};
use super::shape::shifted;
use super::{two, zero};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

/// 2^31 in each lane.
const TWO_31: u128 = 0x4f00_0000_4f00_0000_4f00_0000_4f00_0000;
/// 2^16 in each lane.
const TWO_16: u128 = 0x4780_0000_4780_0000_4780_0000_4780_0000;

/// Whether it is here.
pub fn covers(function: &Function, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
    let result = function.dfg.inst_results(inst).first();
    let result = result.map(|&value| function.dfg.value_type(value));
    match opcode {
        Opcode::Fvdemote | Opcode::FvpromoteLow => true,
        Opcode::FcvtFromSint | Opcode::FcvtFromUint => {
            ty == types::I32X4 && result == Some(types::F32X4)
        }
        Opcode::FcvtToSintSat | Opcode::FcvtToUintSat => {
            ty == types::F32X4 && result == Some(types::I32X4)
        }
        _ => false,
    }
}

/// Lowers one of them.
pub fn lower(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    let (from, to) = (clif.reg(ctx, 0), clif.result(ctx));
    let unary = |ctx: &mut Ctx<'_>, op: Sse| {
        ctx.isa(Inst::VectorUnary {
            op,
            to,
            from: from.into(),
        });
    };
    match clif.opcode {
        Opcode::Fvdemote => unary(ctx, Sse::Cvtpd2ps),
        Opcode::FvpromoteLow => unary(ctx, Sse::Cvtps2pd),
        Opcode::FcvtFromSint => unary(ctx, Sse::Cvtdq2ps),
        Opcode::FcvtFromUint => from_unsigned(ctx, to, from),
        Opcode::FcvtToSintSat => to_signed(ctx, to, from),
        Opcode::FcvtToUintSat => to_unsigned(ctx, to, from),
        _ => return Err(uncovered(clif)),
    }
    Ok(())
}

/// In a new register.
fn one(ctx: &mut Ctx<'_>, op: Sse, from: Reg) -> Reg {
    let to = temp_vector(ctx);
    ctx.isa(Inst::VectorUnary {
        op,
        to,
        from: from.into(),
    });
    to
}

fn constant(bits: u128) -> Source {
    Source::Mem(Address::Constant(bits))
}

/// The upper and lower 16 bits are exact, so that only their sum is rounded.
fn from_unsigned(ctx: &mut Ctx<'_>, to: Reg, from: Reg) {
    let upper = shifted(ctx, VectorShift::Psrld, from, 16);
    let raised = shifted(ctx, VectorShift::Pslld, from, 16);
    let lower = shifted(ctx, VectorShift::Psrld, raised, 16);
    let (upper, lower) = (
        one(ctx, Sse::Cvtdq2ps, upper),
        one(ctx, Sse::Cvtdq2ps, lower),
    );
    let upper = two(ctx, Sse::Mulps, upper, constant(TWO_16));
    ctx.isa(Inst::Vector {
        op: Sse::Addps,
        to,
        left: upper,
        right: lower.into(),
    });
}

/// Ones in the lanes that are 2^31 or more.
fn large(ctx: &mut Ctx<'_>, from: Reg) -> Reg {
    let limit = temp_vector(ctx);
    super::super::constant(ctx, limit, types::F32X4, TWO_31);
    let to = temp_vector(ctx);
    let (op, right) = (SseImm::Cmpps, Source::Reg(from));
    ctx.isa(Inst::VectorImm {
        op,
        to,
        left: limit,
        right,
        imm: 2,
    });
    to
}

/// NaNs become zero; the machine gives 2^31 for all beyond the range, which is right below it.
fn to_signed(ctx: &mut Ctx<'_>, to: Reg, from: Reg) {
    let number = temp_vector(ctx);
    let (op, right) = (SseImm::Cmpps, Source::Reg(from));
    ctx.isa(Inst::VectorImm {
        op,
        to: number,
        left: from,
        right,
        imm: 0,
    });
    let clean = two(ctx, Sse::Andps, from, number);
    let large = large(ctx, clean);
    let converted = one(ctx, Sse::Cvttps2dq, clean);
    ctx.isa(Inst::Vector {
        op: Sse::Pxor,
        to,
        left: converted,
        right: large.into(),
    });
}

/// What is negative or a NaN becomes zero. From 2^31 on the conversion gives 2^31, to which
/// comes what the value is more, at most 2^31 - 1.
fn to_unsigned(ctx: &mut Ctx<'_>, to: Reg, from: Reg) {
    let nothing = zero(ctx);
    let positive = two(ctx, Sse::Maxps, from, nothing);
    let low = one(ctx, Sse::Cvttps2dq, positive);
    let rest = two(ctx, Sse::Subps, positive, constant(TWO_31));
    let more = two(ctx, Sse::Maxps, rest, nothing);
    let large = large(ctx, more);
    let high = one(ctx, Sse::Cvttps2dq, more);
    let high = two(ctx, Sse::Pxor, high, large);
    ctx.isa(Inst::Vector {
        op: Sse::Paddd,
        to,
        left: low,
        right: high.into(),
    });
}
