//! Float operations that are no single instruction.

use cranelift_codegen::ir::{Value, types};

use super::build::{Build, not_zero};
use super::{constant, format};
use crate::backend::reg::Reg;
use crate::backend::riscv64::encode::{
    Alu, FloatCompare, FloatOp, FloatSign, Format, IntFormat, Rounding,
};
use crate::backend::riscv64::inst::Inst;

/// `fmin`, `fmax`: the machine's take the number where there is one; CLIF's take the NaN, which a
/// sum is too.
pub fn extreme(b: &mut Build<'_, '_>, to: Reg, op: FloatOp, values: [Value; 2]) {
    let format = format(b.ctx.ty(values[0]));
    let [x, y] = values.map(|value| b.reg(value));
    let number = b.float(op, format, x, y);
    let nan = b.float(FloatOp::Add, format, x, y);
    let one = b.float_compare(FloatCompare::Eq, format, x, x);
    let other = b.float_compare(FloatCompare::Eq, format, y, y);
    let ordered = b.alu(Alu::And, one, other);
    b.to(to).select(not_zero(ordered), number, nan);
}

/// `ceil`, `floor`, `trunc`, `nearest`: through an integer and back, with the sign of the old one,
/// since zeros have one. From 2^52 (2^23) on every number is whole; those and NaNs only become
/// canonical, which the larger one of a number and itself is.
pub fn round(b: &mut Build<'_, '_>, to: Reg, rounding: Rounding, value: Value) {
    let ty = b.ctx.ty(value);
    let (format, int, limit) = match format(ty) {
        Format::S => (Format::S, IntFormat::W, u128::from(8_388_608_f32.to_bits())),
        Format::D => (
            Format::D,
            IntFormat::L,
            u128::from(4_503_599_627_370_496_f64.to_bits()),
        ),
    };
    let x = b.reg(value);
    let limit = constant(b.ctx, ty, limit);
    let size = b.ctx.temp_for(ty);
    b.push(Inst::Sign {
        sign: FloatSign::Xor,
        format,
        to: size,
        a: x,
        b: x,
    });
    let small = b.float_compare(FloatCompare::Lt, format, size, limit);
    let whole = b.lost();
    b.push(Inst::ToInt {
        int,
        format,
        rounding,
        to: whole,
        a: x,
    });
    let back = b.ctx.temp_for(ty);
    b.push(Inst::FromInt {
        int,
        format,
        to: back,
        a: whole,
    });
    let signed = b.ctx.temp_for(ty);
    b.push(Inst::Sign {
        sign: FloatSign::Copy,
        format,
        to: signed,
        a: back,
        b: x,
    });
    let same = b.float(FloatOp::Max, format, x, x);
    b.to(to).select(not_zero(small), signed, same);
}

/// A float constant of `ty` with the value of a power of two, negative if so.
pub fn power_of_two(b: &mut Build<'_, '_>, format: Format, exponent: u32, negative: bool) -> Reg {
    let value = f64::from(2_u8).powi(i32::try_from(exponent).expect("below 128"));
    let value = if negative { -value } else { value };
    match format {
        Format::D => constant(b.ctx, types::F64, u128::from(value.to_bits())),
        Format::S => {
            // A power of two in this range has the same digits in both formats.
            let sign = if negative { 1_u32 << 31 } else { 0 };
            let bits = sign | (exponent + 127) << 23;
            constant(b.ctx, types::F32, u128::from(bits))
        }
    }
}
