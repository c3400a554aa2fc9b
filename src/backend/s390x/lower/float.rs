//! Scalar floats, in floating-point registers.

use cranelift_codegen::ir::{Inst as ClifInst, Opcode, Type, types};

use super::{Ctx, build};
use crate::backend::s390x::encode::{
    FloatMultiplyAdd, FloatPair, FloatRound, Floats, Rounding, VectorFloatExtreme,
};
use crate::backend::s390x::form::Form;

/// Lowers arithmetic.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
    if !covers(opcode, ty) {
        return false;
    }
    let values = ctx.args(inst).to_vec();
    let args: Vec<_> = values.iter().map(|value| ctx.reg(*value)).collect();
    let to = ctx.result(inst, 0);
    let short = ty == types::F32;
    let pick = |of_short, of_long| if short { of_short } else { of_long };
    let floats = if short { Floats::Short } else { Floats::Long };
    let form = match opcode {
        Opcode::Fadd => Form::FloatPairOver(pick(FloatPair::Aebr, FloatPair::Adbr)),
        Opcode::Fsub => Form::FloatPairOver(pick(FloatPair::Sebr, FloatPair::Sdbr)),
        Opcode::Fmul => Form::FloatPairOver(pick(FloatPair::Meebr, FloatPair::Mdbr)),
        Opcode::Fdiv => Form::FloatPairOver(pick(FloatPair::Debr, FloatPair::Ddbr)),
        Opcode::Sqrt => Form::FloatPair(pick(FloatPair::Sqebr, FloatPair::Sqdbr)),
        Opcode::Fneg => Form::FloatPair(FloatPair::Lcdfr),
        Opcode::Fabs => Form::FloatPair(FloatPair::Lpdfr),
        Opcode::Fmin => Form::VectorFloatExtreme(VectorFloatExtreme::Vfmin, floats),
        Opcode::Fmax => Form::VectorFloatExtreme(VectorFloatExtreme::Vfmax, floats),
        Opcode::Fcopysign => {
            build::put(ctx, Form::CopySign, to, &[args[1], args[0]]);
            return true;
        }
        Opcode::Fma => {
            let op = if short {
                FloatMultiplyAdd::Maebr
            } else {
                FloatMultiplyAdd::Madbr
            };
            build::put(
                ctx,
                Form::FloatMultiplyAdd(op),
                to,
                &[args[2], args[0], args[1]],
            );
            return true;
        }
        _ => {
            let mode = match opcode {
                Opcode::Ceil => Rounding::Up,
                Opcode::Floor => Rounding::Down,
                Opcode::Trunc => Rounding::Zero,
                _ => Rounding::NearestEven,
            };
            let op = if short {
                FloatRound::Fiebr
            } else {
                FloatRound::Fidbr
            };
            Form::FloatRound(op, mode)
        }
    };
    build::put(ctx, form, to, &args);
    true
}

/// Whether it is lowered here.
pub fn covers(opcode: Opcode, ty: Type) -> bool {
    use Opcode as O;
    let known = matches!(
        opcode,
        O::Fadd
            | O::Fsub
            | O::Fmul
            | O::Fdiv
            | O::Sqrt
            | O::Fneg
            | O::Fabs
            | O::Fmin
            | O::Fmax
            | O::Fcopysign
            | O::Fma
            | O::Ceil
            | O::Floor
            | O::Trunc
            | O::Nearest
    );
    known && matches!(ty, types::F32 | types::F64)
}
