//! Float vectors, lane by lane.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, Type, types};

use super::vector::not;
use super::{Ctx, build};
use crate::backend::reg::Reg;
use crate::backend::s390x::encode::{
    Element, Floats, Rounding, VectorBinary, VectorConvert, VectorFloatBinary, VectorFloatExtreme,
    VectorMultiplyAdd, VectorSign, VectorWhole,
};
use crate::backend::s390x::form::Form;

/// The operation that does what the opcode says.
fn form(opcode: Opcode, ty: Type) -> Option<Form> {
    let floats = match ty {
        types::F32X4 => Floats::Shorts,
        types::F64X2 => Floats::Longs,
        _ => return None,
    };
    Some(match opcode {
        Opcode::Fadd => Form::VectorFloatBinary(VectorFloatBinary::Vfa, floats),
        Opcode::Fsub => Form::VectorFloatBinary(VectorFloatBinary::Vfs, floats),
        Opcode::Fmul => Form::VectorFloatBinary(VectorFloatBinary::Vfm, floats),
        Opcode::Fdiv => Form::VectorFloatBinary(VectorFloatBinary::Vfd, floats),
        Opcode::Fmin => Form::VectorFloatExtreme(VectorFloatExtreme::Vfmin, floats),
        Opcode::Fmax => Form::VectorFloatExtreme(VectorFloatExtreme::Vfmax, floats),
        Opcode::Sqrt => Form::VectorSquareRoot(floats),
        Opcode::Fma => Form::VectorMultiplyAdd(VectorMultiplyAdd::Vfma, floats),
        Opcode::Fneg => Form::VectorSign(VectorSign::Vflc, floats),
        Opcode::Fabs => Form::VectorSign(VectorSign::Vflp, floats),
        Opcode::Ceil => Form::VectorRound(floats, Rounding::Up),
        Opcode::Floor => Form::VectorRound(floats, Rounding::Down),
        Opcode::Trunc => Form::VectorRound(floats, Rounding::Zero),
        Opcode::Nearest => Form::VectorRound(floats, Rounding::NearestEven),
        _ => return None,
    })
}

/// Whether it is lowered here. `ty` is the controlling type.
pub fn covers(opcode: Opcode, ty: Type) -> bool {
    match opcode {
        Opcode::Fcmp => matches!(ty, types::F32X4 | types::F64X2),
        Opcode::FcvtFromSint | Opcode::FcvtFromUint => ty == types::F64X2,
        Opcode::FvpromoteLow | Opcode::Fvdemote => true,
        _ => form(opcode, ty).is_some(),
    }
}

/// Lowers one.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
    if !ty.is_vector() || !covers(opcode, ty) {
        return matches!(opcode, Opcode::FvpromoteLow | Opcode::Fvdemote) && {
            resize(ctx, inst, opcode);
            true
        };
    }
    let values = ctx.args(inst).to_vec();
    let args: Vec<Reg> = values.iter().map(|value| ctx.reg(*value)).collect();
    let to = ctx.result(inst, 0);
    if let InstructionData::FloatCompare { cond, .. } = ctx.function.dfg.insts[inst] {
        compare(ctx, cond, ty, to, [args[0], args[1]]);
        return true;
    }
    match opcode {
        Opcode::FcvtFromSint => {
            let form = Form::VectorConvert(VectorConvert::Vcdg, Rounding::NearestEven);
            build::put(ctx, form, to, &args);
        }
        Opcode::FcvtFromUint => {
            let form = Form::VectorConvert(VectorConvert::Vcdlg, Rounding::NearestEven);
            build::put(ctx, form, to, &args);
        }
        Opcode::FvpromoteLow | Opcode::Fvdemote => resize(ctx, inst, opcode),
        _ => {
            let form = form(opcode, ty).expect("asked before");
            build::put(ctx, form, to, &args);
        }
    }
    true
}

/// Between short and long floats, of which the short ones lie in the left halves of doublewords
/// for the machine and in the right two words for CLIF.
fn resize(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode) {
    let value = ctx.args(inst)[0];
    let from = ctx.reg(value);
    let to = ctx.result(inst, 0);
    if opcode == Opcode::FvpromoteLow {
        let merge = Form::VectorBinary(VectorBinary::Vmrl, Element::Word);
        let spread = build::vector(ctx, merge, &[from, from]);
        return build::put(ctx, Form::VectorLengthen, to, &[spread]);
    }
    let short = build::vector(ctx, Form::VectorShorten, &[from]);
    let right = Form::ElementShiftBy(
        crate::backend::s390x::encode::ElementShift::Vesrl,
        Element::Doubleword,
        32,
    );
    let right = build::vector(ctx, right, &[short]);
    let zero = build::vector(ctx, Form::Vgbm(0), &[]);
    let pack = Form::VectorBinary(VectorBinary::Vpk, Element::Doubleword);
    build::put(ctx, pack, to, &[zero, right]);
}

fn compare(ctx: &mut Ctx<'_>, cond: FloatCC, ty: Type, to: Reg, [a, b]: [Reg; 2]) {
    use FloatCC as C;
    use VectorFloatBinary as V;
    let floats = if ty == types::F32X4 {
        Floats::Shorts
    } else {
        Floats::Longs
    };
    let form = |op| Form::VectorFloatBinary(op, floats);
    let (op, args, inverted) = match cond {
        C::Equal => (V::Vfce, [a, b], false),
        C::NotEqual => (V::Vfce, [a, b], true),
        C::GreaterThan => (V::Vfch, [a, b], false),
        C::UnorderedOrLessThanOrEqual => (V::Vfch, [a, b], true),
        C::GreaterThanOrEqual => (V::Vfche, [a, b], false),
        C::UnorderedOrLessThan => (V::Vfche, [a, b], true),
        C::LessThan => (V::Vfch, [b, a], false),
        C::UnorderedOrGreaterThanOrEqual => (V::Vfch, [b, a], true),
        C::LessThanOrEqual => (V::Vfche, [b, a], false),
        C::UnorderedOrGreaterThan => (V::Vfche, [b, a], true),
        C::Ordered | C::Unordered | C::OrderedNotEqual | C::UnorderedOrEqual => {
            // Less or greater, or with equality ordered at all.
            let with_equal = matches!(cond, C::Ordered | C::Unordered);
            let left = if with_equal { V::Vfche } else { V::Vfch };
            let greater = build::vector(ctx, form(left), &[a, b]);
            let less = build::vector(ctx, form(V::Vfch), &[b, a]);
            let inverted = matches!(cond, C::Unordered | C::UnorderedOrEqual);
            let join = if inverted {
                VectorWhole::Vno
            } else {
                VectorWhole::Vo
            };
            return build::put(ctx, Form::VectorWhole(join), to, &[greater, less]);
        }
    };
    if inverted {
        let held = build::vector(ctx, form(op), &args);
        not(ctx, to, held);
    } else {
        build::put(ctx, form(op), to, &args);
    }
}
