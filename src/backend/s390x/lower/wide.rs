//! `i128` where the carry of the machine helps; the rest is taken apart before.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Inst as ClifInst, Opcode, Value, types};

use super::{Ctx, build};
use crate::backend::reg::Reg;
use crate::backend::s390x::encode::{Mask, Pair, Triple, UnsignedWord};
use crate::backend::s390x::form::Form;
use regalloc2::RegClass;

/// Whether it is lowered here, for `i128`.
pub fn covers(opcode: Opcode) -> bool {
    use Opcode as O;
    matches!(
        opcode,
        O::Iadd | O::Isub | O::Band | O::Bor | O::Bxor | O::Icmp | O::Select
    )
}

/// Lowers sums, differences and bitwise operations.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode) -> bool {
    let forms = match opcode {
        Opcode::Iadd => [Form::Triple(Triple::Algrk), Form::PairOver(Pair::Alcgr)],
        Opcode::Isub => [Form::Triple(Triple::Slgrk), Form::PairOver(Pair::Slbgr)],
        Opcode::Band => [Form::Triple(Triple::Ngrk); 2],
        Opcode::Bor => [Form::Triple(Triple::Ogrk); 2],
        Opcode::Bxor => [Form::Triple(Triple::Xgrk); 2],
        _ => return false,
    };
    let values = ctx.args(inst).to_vec();
    if ctx.ty(values[0]) != types::I128 {
        return false;
    }
    let [(a_low, a_high), (b_low, b_high)] = [0, 1].map(|n| ctx.pair(values[n]));
    let (low, high) = ctx.result_pair(inst, 0);
    build::put(ctx, forms[0], low, &[a_low, b_low]);
    build::put(ctx, forms[1], high, &[a_high, b_high]);
    true
}

/// Compares two of them.
pub fn compare(ctx: &mut Ctx<'_>, cond: IntCC, values: [Value; 2]) -> Mask {
    let [a, b] = values.map(|value| ctx.pair(value));
    if matches!(cond, IntCC::Equal | IntCC::NotEqual) {
        let low = build::int(ctx, Form::Triple(Triple::Xgrk), &[a.0, b.0]);
        let high = build::int(ctx, Form::Triple(Triple::Xgrk), &[a.1, b.1]);
        build::int(ctx, Form::Triple(Triple::Ogrk), &[low, high]);
        return if cond == IntCC::Equal {
            Mask::EQUAL
        } else {
            Mask::NOT_EQUAL
        };
    }
    use IntCC as C;
    let signed = cond.unsigned() != cond;
    let [mut a, mut b] = [a, b];
    if signed {
        // Unsigned with the signs inverted. This comes first: it sets the condition code.
        let flip = Form::UnsignedWordOver(UnsignedWord::Xihf, 1 << 31);
        a.1 = build::int(ctx, flip, &[a.1]);
        b.1 = build::int(ctx, flip, &[b.1]);
    }
    let (less, [a, b]) = match cond.unsigned() {
        C::UnsignedLessThan => (true, [a, b]),
        C::UnsignedGreaterThanOrEqual => (false, [a, b]),
        C::UnsignedGreaterThan => (true, [b, a]),
        _ => (false, [b, a]),
    };
    borrow(ctx, a, b);
    // Codes 0 and 1 of SUBTRACT LOGICAL WITH BORROW tell a borrow.
    let borrowed = Mask::LOW_OR_EQUAL;
    if less { borrowed } else { borrowed.negated() }
}

fn borrow(ctx: &mut Ctx<'_>, a: (Reg, Reg), b: (Reg, Reg)) {
    build::int(ctx, Form::Triple(Triple::Slgrk), &[a.0, b.0]);
    build::new(ctx, RegClass::Int, Form::PairOver(Pair::Slbgr), &[a.1, b.1]);
}
