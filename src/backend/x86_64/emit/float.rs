//! Floats from and to integers, and the choice of the less or greater one.

use super::super::encode::integer::{self, Alu, Unary};
use super::super::encode::sse::{self, Sse};
use super::super::encode::sse_move::{self, Width};
use super::super::encode::{Cond, Size, Xmm, moves, shift};
use super::super::inst::Inst;
use super::{Emitted, Out, gpr, put, skip, skip_always, try_put, xmm};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

/// Emits one of them.
pub fn emit(e: Out<'_, '_>, inst: &Inst) -> Emitted {
    match inst {
        Inst::FloatFromInt {
            width,
            size,
            to,
            from,
        } => try_put(e, |out| {
            // The lanes above are kept; without this the result waits for whoever wrote them.
            sse::op(out, Sse::Xorps, xmm(*to), xmm(*to));
            sse_move::from_int(out, *width, *size, xmm(*to), gpr(*from))
        }),
        Inst::FloatFromWord {
            width,
            to,
            from,
            temps,
        } => from_word(e, *width, xmm(*to), *from, *temps),
        Inst::IntFromFloat {
            width,
            size,
            to,
            from,
        } => try_put(e, |out| {
            sse_move::to_int(out, *width, *size, gpr(*to), xmm(*from))
        }),
        Inst::IntFromFloatSat {
            width,
            size,
            to,
            from,
            temp,
        } => saturating(e, (*width, *size), *to, xmm(*from), xmm(*temp)),
        Inst::FloatChoice {
            max,
            width,
            to,
            right,
            ..
        } => {
            choice(e, *max, *width, xmm(*to), xmm(*right));
            Ok(())
        }
        other => Err(Refusal::limit(format!("{other:?} is no float instruction"))),
    }
}

fn by_width(width: Width, single: Sse, double: Sse) -> Sse {
    if width == Width::Single {
        single
    } else {
        double
    }
}

/// An integer with the highest bit set is halved, the bit that is lost kept in the one above
/// (so that rounding sees it), converted and doubled.
fn from_word(e: Out<'_, '_>, width: Width, to: Xmm, from: Reg, temps: [Reg; 2]) -> Emitted {
    let (from, [half, odd]) = (gpr(from), temps.map(gpr));
    let (large, end) = (e.buffer.new_label(), e.buffer.new_label());
    put(e, |out| {
        sse::op(out, Sse::Xorps, to, to);
        integer::test(out, Size::B8, from, from);
    });
    skip(e, Cond::S, large);
    try_put(e, |out| sse_move::from_int(out, width, Size::B8, to, from))?;
    skip_always(e, end);
    e.buffer.bind(large);
    try_put(e, |out| {
        moves::mov(out, Size::B8, half, from);
        shift::by_imm(out, shift::Shift::Shr, Size::B8, half, 1)?;
        moves::mov(out, Size::B4, odd, from);
        integer::alu_imm(out, Alu::And, Size::B4, odd, 1)?;
        integer::alu(out, Alu::Or, Size::B8, half, odd);
        sse_move::from_int(out, width, Size::B8, to, half)?;
        sse::op(out, by_width(width, Sse::Addss, Sse::Addsd), to, to);
        Ok(())
    })?;
    e.buffer.bind(end);
    Ok(())
}

/// The machine gives the least integer for everything without one. Subtracting 1 from it
/// overflows, and from no other.
fn saturating(
    e: Out<'_, '_>,
    (width, size): (Width, Size),
    to: Reg,
    from: Xmm,
    zero: Xmm,
) -> Emitted {
    let to = gpr(to);
    let ucomi = by_width(width, Sse::Ucomiss, Sse::Ucomisd);
    let (nan, end) = (e.buffer.new_label(), e.buffer.new_label());
    try_put(e, |out| {
        sse_move::to_int(out, width, size, to, from)?;
        integer::alu_imm(out, Alu::Cmp, size, to, 1)
    })?;
    skip(e, Cond::No, end);
    put(e, |out| sse::op(out, ucomi, from, from));
    skip(e, Cond::P, nan);
    put(e, |out| {
        sse::op(out, Sse::Xorps, zero, zero);
        sse::op(out, ucomi, zero, from);
    });
    skip(e, Cond::Ae, end);
    put(e, |out| integer::unary(out, Unary::Not, size, to));
    skip_always(e, end);
    e.buffer.bind(nan);
    put(e, |out| integer::alu(out, Alu::Xor, Size::B4, to, to));
    e.buffer.bind(end);
    Ok(())
}

/// `minss` and its kin give the second operand for NaNs and for two zeroes.
fn choice(e: Out<'_, '_>, max: bool, width: Width, to: Xmm, right: Xmm) {
    let ucomi = by_width(width, Sse::Ucomiss, Sse::Ucomisd);
    let (nan, unequal, end) = (
        e.buffer.new_label(),
        e.buffer.new_label(),
        e.buffer.new_label(),
    );
    put(e, |out| sse::op(out, ucomi, to, right));
    skip(e, Cond::P, nan);
    skip(e, Cond::Ne, unequal);
    // Equal: the same, or zeroes of both signs.
    let signs = if max { Sse::Andps } else { Sse::Orps };
    put(e, |out| sse::op(out, signs, to, right));
    skip_always(e, end);
    e.buffer.bind(nan);
    let add = by_width(width, Sse::Addss, Sse::Addsd);
    put(e, |out| sse::op(out, add, to, right));
    skip_always(e, end);
    e.buffer.bind(unequal);
    let op = if max {
        by_width(width, Sse::Maxss, Sse::Maxsd)
    } else {
        by_width(width, Sse::Minss, Sse::Minsd)
    };
    put(e, |out| sse::op(out, op, to, right));
    e.buffer.bind(end);
}
