//! Quotients and remainders. What CLIF lets trap is tested before: the machine's own interruption
//! does not tell a zero from an overflow.

use cranelift_codegen::ir::{Opcode, TrapCode, Type, Value, types};

use super::constant::{extended, integer};
use super::{Ctx, build, control};
use crate::backend::reg::Reg;
use crate::backend::s390x::encode::{ConditionalLoad, Halfword, Mask, Triple};
use crate::backend::s390x::form::Form;
use crate::backend::s390x::inst::{Inst, Test};

/// Lowers one.
pub fn divide(ctx: &mut Ctx<'_>, ty: Type, to: Reg, opcode: Opcode, [a, b]: [Value; 2]) {
    let signed = matches!(opcode, Opcode::Sdiv | Opcode::Srem);
    let remainder = matches!(opcode, Opcode::Urem | Opcode::Srem);
    let known = ctx.signed_constant(b);
    if known.is_none_or(|number| number == 0) {
        control::trap_if_zero(ctx, b, TrapCode::INTEGER_DIVISION_BY_ZERO);
    }
    let may_overflow = signed && known.is_none_or(|number| number == -1);
    let [mut x, mut y] = [a, b].map(|value| ctx.reg(value));
    let bits = if ty == types::I64 { 64 } else { 32 };
    if ty.bits() < 32 {
        [x, y] = [x, y].map(|reg| extended(ctx, reg, ty, signed));
    }
    if may_overflow {
        y = avoid_overflow(ctx, ty, remainder, [x, y]);
    }
    ctx.isa(Inst::Divide {
        signed,
        bits,
        remainder,
        to,
        args: [x, y],
    });
}

/// The least integer divided by -1: a trap for the quotient; for the remainder, which is zero, the
/// divisor becomes 1.
fn avoid_overflow(ctx: &mut Ctx<'_>, ty: Type, remainder: bool, [x, y]: [Reg; 2]) -> Reg {
    let op = if ty == types::I64 {
        Halfword::Cghi
    } else {
        Halfword::Chi
    };
    if remainder {
        build::test(ctx, Test::Immediate(Form::HalfwordOver(op, -1), y));
        let one = Form::ConditionalLoad(ConditionalLoad::Locghi, Mask::EQUAL, 1);
        return build::int(ctx, one, &[y]);
    }
    // Both at once: x ^ least and y ^ -1 are zero together.
    let least = integer(ctx, i64::MIN >> (64 - ty.bits()));
    let other = build::int(ctx, Form::Triple(Triple::Xgrk), &[x, least]);
    let ones = integer(ctx, -1);
    let inverted = build::int(ctx, Form::Triple(Triple::Xgrk), &[y, ones]);
    let both = build::int(ctx, Form::Triple(Triple::Ogrk), &[other, inverted]);
    build::test(ctx, Test::Immediate(Form::HalfwordOver(op, 0), both));
    ctx.isa(Inst::TrapIf {
        mask: Mask::EQUAL,
        code: TrapCode::INTEGER_OVERFLOW,
    });
    y
}
