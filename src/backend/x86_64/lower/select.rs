//! One of two values, and truths as masks.

use super::super::arch::size;
use super::super::encode::Size;
use super::super::encode::integer::Alu;
use super::super::inst::Inst;
use super::condition::{choose, truth};
use super::{Clif, Ctx, temp};
use crate::backend::limit::Refusal;
use crate::backend::vcode::Op;

/// `select` of anything.
pub fn select(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    let condition = clif.arg(ctx, 0);
    let test = truth(ctx, condition)?;
    let (yes, no) = (clif.arg(ctx, 1), clif.arg(ctx, 2));
    let (yes, no) = (ctx.all_regs(yes), ctx.all_regs(no));
    let (low, high) = ctx.result_pair(clif.inst, 0);
    for ((to, yes), no) in [low, high].into_iter().zip(yes).zip(no) {
        choose(ctx, test.clone(), to, (yes, no));
    }
    Ok(())
}

/// All ones for anything but zero.
pub fn bmask(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    let from = clif.arg(ctx, 0);
    let regs = ctx.all_regs(from);
    let mut size = size(ctx.ty(from));
    let mut from = regs[0];
    if let Some(high) = regs.get(1) {
        let to = temp(ctx);
        size = Size::B8;
        ctx.isa(Inst::Alu {
            op: Alu::Or,
            size,
            to,
            left: from,
            right: (*high).into(),
        });
        from = to;
    }
    let (low, high) = ctx.result_pair(clif.inst, 0);
    ctx.isa(Inst::Mask {
        size,
        to: low,
        from,
    });
    if high != low {
        ctx.emit(Op::Move {
            to: high,
            from: low,
        });
    }
    Ok(())
}
