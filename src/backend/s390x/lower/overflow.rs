//! Sums, differences and products that tell whether they overflowed.

use cranelift_codegen::ir::{Inst as ClifInst, Opcode, Type, Value, types};

use super::constant::extended;
use super::{Ctx, build, condition};
use crate::backend::s390x::encode::{Halfword, Mask, Pair, Triple};
use crate::backend::s390x::form::Form;
use crate::backend::s390x::inst::{Inst, Test};

/// A result and whether it overflowed.
pub fn overflow(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode, ty: Type, values: [Value; 2]) {
    use Opcode as O;
    let signed = matches!(opcode, O::SaddOverflow | O::SsubOverflow | O::SmulOverflow);
    let (to, bit) = (ctx.result(inst, 0), ctx.result(inst, 1));
    let registers = values.map(|value| ctx.reg(value));
    if ty != types::I64 {
        // Exact in 64 bits; it fits if extending its low bits gives it again.
        let wide = registers.map(|reg| extended(ctx, reg, ty, signed));
        let form = match opcode {
            O::UaddOverflow | O::SaddOverflow => Form::Triple(Triple::Agrk),
            O::UsubOverflow | O::SsubOverflow => Form::Triple(Triple::Sgrk),
            _ => Form::PairOver(Pair::Msgr),
        };
        build::put(ctx, form, to, &wide);
        let again = extended(ctx, to, ty, signed);
        build::test(ctx, Test::Pair(Form::PairOver(Pair::Cgr), to, again));
        return condition::set(ctx, bit, Mask::NOT_EQUAL);
    }
    let (form, mask) = match opcode {
        O::UaddOverflow => (Form::Triple(Triple::Algrk), 3),
        O::UsubOverflow => (Form::Triple(Triple::Slgrk), 4),
        O::SaddOverflow => (Form::Triple(Triple::Agrk), 1),
        O::SsubOverflow => (Form::Triple(Triple::Sgrk), 1),
        O::SmulOverflow => (Form::Triple(Triple::Msgrkc), 1),
        _ => {
            let high = ctx.temp_for(types::I64);
            ctx.isa(Inst::MultiplyWide {
                signed: false,
                to: [high, to],
                args: registers,
            });
            build::test(
                ctx,
                Test::Immediate(Form::HalfwordOver(Halfword::Cghi, 0), high),
            );
            return condition::set(ctx, bit, Mask::NOT_EQUAL);
        }
    };
    build::put(ctx, form, to, &registers);
    condition::set(ctx, bit, Mask::new(mask).expect("four bits"));
}
