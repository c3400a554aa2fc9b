//! Division.

use cranelift_codegen::ir::{Opcode, TrapCode};

use super::super::arch::size;
use super::super::encode::Cond;
use super::super::inst::{Inst, Source, Test};
use super::{Clif, Ctx, constant_reg, temp};

/// The machine traps for a divisor of zero and for the one quotient that does not fit. CLIF
/// tells the two apart when signed, and has a remainder of the latter: of 1 it is zero as well.
pub fn lower(ctx: &mut Ctx<'_>, clif: Clif) {
    let signed = matches!(clif.opcode, Opcode::Sdiv | Opcode::Srem);
    let remains = matches!(clif.opcode, Opcode::Urem | Opcode::Srem);
    let size = size(clif.ty);
    let divisor = clif.arg(ctx, 1);
    let known = ctx.signed_constant(divisor);
    let (left, mut right) = (clif.reg(ctx, 0), ctx.reg(divisor));
    let mut code = TrapCode::INTEGER_DIVISION_BY_ZERO;
    if signed && known.is_none_or(|known| known == 0) {
        let test = Test::Int {
            size,
            left: right,
            right: Source::Imm(0),
            cond: Cond::E,
        };
        ctx.isa(Inst::TrapIf { test, code });
    }
    if signed {
        code = TrapCode::INTEGER_OVERFLOW;
    }
    if signed && remains && known.is_none_or(|known| known == -1) {
        let test = Test::Int {
            size,
            left: right,
            right: Source::Imm(-1),
            cond: Cond::E,
        };
        let (yes, to) = (constant_reg(ctx, 1), temp(ctx));
        ctx.isa(Inst::Select {
            test,
            to,
            yes,
            no: right,
        });
        right = to;
    }
    let (result, other) = (clif.result(ctx), temp(ctx));
    let (quotient, remainder) = if remains {
        (other, result)
    } else {
        (result, other)
    };
    ctx.isa(Inst::Divide {
        signed,
        size,
        quotient,
        remainder,
        left,
        right,
        code,
    });
}
