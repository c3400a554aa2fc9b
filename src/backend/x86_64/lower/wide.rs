//! Integers of 128 bits, where two instructions do: sums, differences, bitwise operations. The
//! rest is taken apart by legalisation.

use cranelift_codegen::ir::{Opcode, Type, types};

use super::super::encode::integer::{Alu, Unary};
use super::super::encode::{Cond, Size};
use super::super::inst::Inst;
use super::{Clif, Ctx, uncovered};
use crate::backend::limit::Refusal;

/// The operation, and the flag of its second result.
fn operation(opcode: Opcode) -> Option<(Alu, Option<Cond>)> {
    Some(match opcode {
        Opcode::Iadd => (Alu::Add, None),
        Opcode::Isub => (Alu::Sub, None),
        Opcode::UaddOverflow => (Alu::Add, Some(Cond::B)),
        Opcode::SaddOverflow => (Alu::Add, Some(Cond::O)),
        Opcode::UsubOverflow => (Alu::Sub, Some(Cond::B)),
        Opcode::SsubOverflow => (Alu::Sub, Some(Cond::O)),
        Opcode::Band => (Alu::And, None),
        Opcode::Bor => (Alu::Or, None),
        Opcode::Bxor => (Alu::Xor, None),
        _ => return None,
    })
}

/// Whether it is here.
pub fn covers(opcode: Opcode, ty: Type) -> bool {
    ty == types::I128 && (operation(opcode).is_some() || opcode == Opcode::Bnot)
}

/// Lowers one of them.
pub fn lower(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    let first = clif.arg(ctx, 0);
    let (low, high) = ctx.pair(first);
    let to = ctx.result_pair(clif.inst, 0);
    let size = Size::B8;
    if clif.opcode == Opcode::Bnot {
        for (to, from) in [(to.0, low), (to.1, high)] {
            ctx.isa(Inst::Unary {
                op: Unary::Not,
                size,
                to,
                from,
            });
        }
        return Ok(());
    }
    let (op, cond) = operation(clif.opcode).ok_or_else(|| uncovered(clif))?;
    let second = clif.arg(ctx, 1);
    let right = ctx.pair(second);
    if matches!(op, Alu::Add | Alu::Sub) {
        let flag = cond.map(|cond| (cond, ctx.result(clif.inst, 1)));
        ctx.isa(Inst::Pair {
            op,
            to: [to.0, to.1],
            left: [low, high],
            right: [right.0, right.1],
            flag,
        });
    } else {
        for (to, left, right) in [(to.0, low, right.0), (to.1, high, right.1)] {
            ctx.isa(Inst::Alu {
                op,
                size,
                to,
                left,
                right: right.into(),
            });
        }
    }
    Ok(())
}
