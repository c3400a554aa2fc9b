//! Lane-wise comparison, and what is made of it: minimum, maximum, absolute value.

use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{Function, Inst as ClifInst, InstructionData, Opcode, Type};

use super::super::super::X64;
use super::super::super::encode::sse::{Level, Sse};
use super::super::super::encode::sse_imm::{SseImm, VectorShift};
use super::super::super::inst::{Address, Inst, Source};
use super::super::{Clif, Ctx, temp_vector, uncovered};
use super::lanes::pick;
use super::shape::shifted;
use super::{binary, blend, by_lanes, invert, is_double, two, zero};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

/// Whether it is here.
pub fn covers(_: &X64, _: &Function, _: ClifInst, opcode: Opcode, ty: Type) -> bool {
    let ints = ty.lane_type().is_int();
    match opcode {
        Opcode::Icmp | Opcode::Smin | Opcode::Smax | Opcode::Umin | Opcode::Umax | Opcode::Iabs => {
            ints
        }
        Opcode::Fcmp | Opcode::Fmin | Opcode::Fmax => !ints,
        _ => false,
    }
}

/// Lowers one of them.
pub fn lower(arch: &X64, ctx: &mut Ctx<'_>, clif: Clif, ty: Type) -> Result<(), Refusal> {
    let to = clif.result(ctx);
    match ctx.function.dfg.insts[clif.inst] {
        InstructionData::IntCompare { args, cond, .. } => {
            let (left, right) = (ctx.reg(args[0]), ctx.reg(args[1]));
            int(arch, ctx, (ty, cond), to, (left, right));
            Ok(())
        }
        InstructionData::FloatCompare { args, cond, .. } => {
            let (left, right) = (ctx.reg(args[0]), ctx.reg(args[1]));
            float(ctx, (ty, cond), to, (left, right));
            Ok(())
        }
        _ => {
            let left = clif.reg(ctx, 0);
            match clif.opcode {
                Opcode::Iabs => {
                    abs(arch, ctx, ty, to, left);
                    return Ok(());
                }
                Opcode::Fmin | Opcode::Fmax => {
                    let right = clif.reg(ctx, 1);
                    float_choice(ctx, ty, clif.opcode == Opcode::Fmax, to, (left, right));
                    return Ok(());
                }
                _ => {}
            }
            let right = clif.reg(ctx, 1);
            let cond = match clif.opcode {
                Opcode::Smin => IntCC::SignedLessThan,
                Opcode::Smax => IntCC::SignedGreaterThan,
                Opcode::Umin => IntCC::UnsignedLessThan,
                Opcode::Umax => IntCC::UnsignedGreaterThan,
                _ => return Err(uncovered(clif)),
            };
            let mask = temp_vector(ctx);
            int(arch, ctx, (ty, cond), mask, (left, right));
            blend(ctx, to, mask, (left, right));
            Ok(())
        }
    }
}

/// Ones in the lanes that are equal, in a new register.
pub fn equal(arch: &X64, ctx: &mut Ctx<'_>, ty: Type, left: Reg, right: Reg) -> Reg {
    let narrow = by_lanes(
        ty,
        [
            Some(Sse::Pcmpeqb),
            Some(Sse::Pcmpeqw),
            Some(Sse::Pcmpeqd),
            None,
        ],
    );
    let wide = Some(Sse::Pcmpeqq).filter(|op| arch.has(op.level()));
    if let Some(op) = narrow.or(wide) {
        return two(ctx, op, left, right);
    }
    // Both halves of a lane.
    let halves = two(ctx, Sse::Pcmpeqd, left, right);
    let swapped = temp_vector(ctx);
    pick(ctx, swapped, halves, 0xb1);
    two(ctx, Sse::Pand, halves, swapped)
}

/// Ones in the lanes that are greater, signed, in a new register.
fn greater(arch: &X64, ctx: &mut Ctx<'_>, ty: Type, left: Reg, right: Reg) -> Reg {
    let narrow = by_lanes(
        ty,
        [
            Some(Sse::Pcmpgtb),
            Some(Sse::Pcmpgtw),
            Some(Sse::Pcmpgtd),
            None,
        ],
    );
    let wide = Some(Sse::Pcmpgtq).filter(|op| arch.has(op.level()));
    if let Some(op) = narrow.or(wide) {
        return two(ctx, op, left, right);
    }
    // The upper half is greater, or it is equal and the difference borrows from it.
    let difference = two(ctx, Sse::Psubq, right, left);
    let same = two(ctx, Sse::Pcmpeqd, left, right);
    let borrow = two(ctx, Sse::Pand, difference, same);
    let above = two(ctx, Sse::Pcmpgtd, left, right);
    let either = two(ctx, Sse::Por, above, borrow);
    let to = temp_vector(ctx);
    pick(ctx, to, either, 0xf5);
    to
}

/// The highest bit of each lane.
fn highest(ty: Type) -> u128 {
    let bits = ty.lane_bits();
    (0..ty.lane_count()).fold(0, |mask, lane| mask | 1 << (lane * bits + bits - 1))
}

fn int(
    arch: &X64,
    ctx: &mut Ctx<'_>,
    (ty, cond): (Type, IntCC),
    to: Reg,
    (left, right): (Reg, Reg),
) {
    use IntCC::*;
    // Unsigned is signed with the highest bits flipped.
    let flip = |ctx: &mut Ctx<'_>, reg: Reg| {
        let signed = matches!(
            cond,
            Equal
                | NotEqual
                | SignedLessThan
                | SignedGreaterThan
                | SignedLessThanOrEqual
                | SignedGreaterThanOrEqual
        );
        if signed {
            return reg;
        }
        two(
            ctx,
            Sse::Pxor,
            reg,
            Source::Mem(Address::Constant(highest(ty))),
        )
    };
    let (left, right) = (flip(ctx, left), flip(ctx, right));
    let (mask, inverted) = match cond {
        Equal => (equal(arch, ctx, ty, left, right), false),
        NotEqual => (equal(arch, ctx, ty, left, right), true),
        SignedGreaterThan | UnsignedGreaterThan => (greater(arch, ctx, ty, left, right), false),
        SignedLessThan | UnsignedLessThan => (greater(arch, ctx, ty, right, left), false),
        SignedLessThanOrEqual | UnsignedLessThanOrEqual => {
            (greater(arch, ctx, ty, left, right), true)
        }
        SignedGreaterThanOrEqual | UnsignedGreaterThanOrEqual => {
            (greater(arch, ctx, ty, right, left), true)
        }
    };
    if inverted {
        invert(ctx, to, mask);
    } else {
        ctx.emit(crate::backend::vcode::Op::Move { to, from: mask });
    }
}

fn float(ctx: &mut Ctx<'_>, (ty, cond): (Type, FloatCC), to: Reg, (left, right): (Reg, Reg)) {
    use FloatCC::*;
    let op = if is_double(ty) {
        SseImm::Cmppd
    } else {
        SseImm::Cmpps
    };
    let compare = |ctx: &mut Ctx<'_>, to: Reg, imm: u8, left: Reg, right: Reg| {
        ctx.isa(Inst::VectorImm {
            op,
            to,
            left,
            right: right.into(),
            imm,
        });
    };
    match cond {
        Equal => compare(ctx, to, 0, left, right),
        LessThan => compare(ctx, to, 1, left, right),
        LessThanOrEqual => compare(ctx, to, 2, left, right),
        GreaterThan => compare(ctx, to, 1, right, left),
        GreaterThanOrEqual => compare(ctx, to, 2, right, left),
        Unordered => compare(ctx, to, 3, left, right),
        NotEqual => compare(ctx, to, 4, left, right),
        UnorderedOrGreaterThanOrEqual => compare(ctx, to, 5, left, right),
        UnorderedOrGreaterThan => compare(ctx, to, 6, left, right),
        UnorderedOrLessThanOrEqual => compare(ctx, to, 5, right, left),
        UnorderedOrLessThan => compare(ctx, to, 6, right, left),
        Ordered => compare(ctx, to, 7, left, right),
        OrderedNotEqual | UnorderedOrEqual => {
            let (imms, join) = match cond {
                OrderedNotEqual => ([7, 4], Sse::Pand),
                _ => ([3, 0], Sse::Por),
            };
            let (first, second) = (temp_vector(ctx), temp_vector(ctx));
            compare(ctx, first, imms[0], left, right);
            compare(ctx, second, imms[1], left, right);
            ctx.isa(Inst::Vector {
                op: join,
                to,
                left: first,
                right: second.into(),
            });
        }
    }
}

fn abs(arch: &X64, ctx: &mut Ctx<'_>, ty: Type, to: Reg, from: Reg) {
    let own = by_lanes(
        ty,
        [Some(Sse::Pabsb), Some(Sse::Pabsw), Some(Sse::Pabsd), None],
    );
    if let Some(op) = own.filter(|_| arch.has(Level::Ssse3)) {
        ctx.isa(Inst::VectorUnary {
            op,
            to,
            from: from.into(),
        });
        return;
    }
    // (x ^ sign) - sign.
    let nothing = zero(ctx);
    let sign = greater(arch, ctx, ty, nothing, from);
    let flipped = two(ctx, Sse::Pxor, from, sign);
    if let Some(op) = binary(arch, Opcode::Isub, ty) {
        ctx.isa(Inst::Vector {
            op,
            to,
            left: flipped,
            right: sign.into(),
        });
    }
}

/// `minps` gives its second operand for NaNs and for two zeroes, so both orders are joined:
/// bits of both for the minimum, which keeps the sign of a zero, common bits for the maximum.
/// A lane with a NaN becomes a quiet one.
fn float_choice(ctx: &mut Ctx<'_>, ty: Type, max: bool, to: Reg, (left, right): (Reg, Reg)) {
    let double = is_double(ty);
    let op = match (max, double) {
        (true, true) => Sse::Maxpd,
        (true, false) => Sse::Maxps,
        (false, true) => Sse::Minpd,
        (false, false) => Sse::Minps,
    };
    let (one, other) = (two(ctx, op, left, right), two(ctx, op, right, left));
    let join = if max { Sse::Andps } else { Sse::Orps };
    let chosen = two(ctx, join, one, other);
    let nan = temp_vector(ctx);
    let compare = if double { SseImm::Cmppd } else { SseImm::Cmpps };
    ctx.isa(Inst::VectorImm {
        op: compare,
        to: nan,
        left,
        right: right.into(),
        imm: 3,
    });
    let all = two(ctx, Sse::Orps, chosen, nan);
    // Sign, exponent and the highest bit of the fraction stay.
    let payload = if double {
        shifted(ctx, VectorShift::Psrlq, nan, 13)
    } else {
        shifted(ctx, VectorShift::Psrld, nan, 10)
    };
    ctx.isa(Inst::Vector {
        op: Sse::Andnps,
        to,
        left: payload,
        right: all.into(),
    });
}
