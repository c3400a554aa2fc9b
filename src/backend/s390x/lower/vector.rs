//! Integer vectors, lane by lane.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, Type, Value, types};
use regalloc2::RegClass;

use super::{Ctx, build, constant};
use crate::backend::reg::Reg;
use crate::backend::s390x::encode::{
    Element, ElementShift, VectorBinary, VectorTernary, VectorUnary, VectorWhole,
};
use crate::backend::s390x::form::Form;

/// Size of the elements that hold a vector's lanes.
pub fn element(ty: Type) -> Element {
    match ty.lane_bits() {
        8 => Element::Byte,
        16 => Element::Halfword,
        32 => Element::Word,
        _ => Element::Doubleword,
    }
}

/// The operation of two vectors that does what the opcode says.
fn binary(opcode: Opcode, ty: Type) -> Option<Form> {
    use VectorBinary as V;
    let size = element(ty);
    let op = match opcode {
        Opcode::Iadd => V::Va,
        Opcode::Isub => V::Vs,
        Opcode::Imul if size != Element::Doubleword => V::Vml,
        Opcode::Smin => V::Vmn,
        Opcode::Umin => V::Vmnl,
        Opcode::Smax => V::Vmx,
        Opcode::Umax => V::Vmxl,
        Opcode::AvgRound => V::Vavgl,
        Opcode::Band => return Some(Form::VectorWhole(VectorWhole::Vn)),
        Opcode::Bor => return Some(Form::VectorWhole(VectorWhole::Vo)),
        Opcode::Bxor => return Some(Form::VectorWhole(VectorWhole::Vx)),
        _ => return None,
    };
    Some(Form::VectorBinary(op, size))
}

fn unary(opcode: Opcode, ty: Type) -> Option<Form> {
    let op = match opcode {
        Opcode::Ineg => VectorUnary::Vlc,
        Opcode::Iabs => VectorUnary::Vlp,
        // The emulated z14 counts the ones of bytes only.
        Opcode::Popcnt if ty == types::I8X16 => VectorUnary::Vpopct,
        _ => return None,
    };
    Some(Form::VectorUnary(op, element(ty)))
}

/// Whether it is lowered here, for a vector type.
pub fn covers(opcode: Opcode, ty: Type) -> bool {
    if !ty.lane_type().is_int() {
        return matches!(
            opcode,
            Opcode::Band | Opcode::Bor | Opcode::Bxor | Opcode::Bnot | Opcode::Bitselect
        );
    }
    let small = matches!(ty, types::I8X16 | types::I16X8);
    match opcode {
        Opcode::Bnot | Opcode::Bitselect | Opcode::Icmp => true,
        Opcode::Ishl | Opcode::Ushr | Opcode::Sshr => true,
        Opcode::UaddSat | Opcode::UsubSat => true,
        Opcode::SaddSat | Opcode::SsubSat => small,
        _ => binary(opcode, ty).is_some() || unary(opcode, ty).is_some(),
    }
}

/// Lowers one.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
    if !ty.is_vector() || !covers(opcode, ty) {
        return false;
    }
    let values = ctx.args(inst).to_vec();
    let to = ctx.result(inst, 0);
    if let InstructionData::IntCompare { cond, .. } = ctx.function.dfg.insts[inst] {
        let [a, b] = [0, 1].map(|n| ctx.reg(values[n]));
        compare(ctx, cond, ty, to, [a, b]);
        return true;
    }
    if matches!(opcode, Opcode::Ishl | Opcode::Ushr | Opcode::Sshr) {
        shift(ctx, opcode, ty, to, [values[0], values[1]]);
        return true;
    }
    let args: Vec<Reg> = values.iter().map(|value| ctx.reg(*value)).collect();
    if let Some(form) = binary(opcode, ty).or_else(|| unary(opcode, ty)) {
        build::put(ctx, form, to, &args);
        return true;
    }
    match opcode {
        Opcode::Bnot => not(ctx, to, args[0]),
        Opcode::Bitselect => {
            let form = Form::VectorTernary(VectorTernary::Vsel);
            build::put(ctx, form, to, &[args[1], args[2], args[0]]);
        }
        Opcode::UaddSat => {
            // a + min(b, !a)
            let size = element(ty);
            let room = ctx.temp(RegClass::Vector);
            not(ctx, room, args[0]);
            let least = Form::VectorBinary(VectorBinary::Vmnl, size);
            let more = build::vector(ctx, least, &[args[1], room]);
            build::put(
                ctx,
                Form::VectorBinary(VectorBinary::Va, size),
                to,
                &[args[0], more],
            );
        }
        Opcode::UsubSat => {
            // a - min(a, b)
            let size = element(ty);
            let least = Form::VectorBinary(VectorBinary::Vmnl, size);
            let less = build::vector(ctx, least, &args);
            build::put(
                ctx,
                Form::VectorBinary(VectorBinary::Vs, size),
                to,
                &[args[0], less],
            );
        }
        _ => saturate(ctx, opcode, ty, to, [args[0], args[1]]),
    }
    true
}

/// All bits inverted.
pub fn not(ctx: &mut Ctx<'_>, to: Reg, a: Reg) {
    build::put(ctx, Form::VectorWhole(VectorWhole::Vno), to, &[a, a]);
}

/// A signed sum or difference at twice the width, packed with saturation.
fn saturate(ctx: &mut Ctx<'_>, opcode: Opcode, ty: Type, to: Reg, args: [Reg; 2]) {
    let size = element(ty);
    let wide = if size == Element::Byte {
        Element::Halfword
    } else {
        Element::Word
    };
    let op = if opcode == Opcode::SaddSat {
        VectorBinary::Va
    } else {
        VectorBinary::Vs
    };
    let halves = [VectorUnary::Vuph, VectorUnary::Vupl].map(|unpack| {
        let wide_args = args.map(|arg| build::vector(ctx, Form::VectorUnary(unpack, size), &[arg]));
        build::vector(ctx, Form::VectorBinary(op, wide), &wide_args)
    });
    build::put(
        ctx,
        Form::VectorBinary(VectorBinary::Vpks, wide),
        to,
        &halves,
    );
}

fn compare(ctx: &mut Ctx<'_>, cond: IntCC, ty: Type, to: Reg, [a, b]: [Reg; 2]) {
    use IntCC as C;
    use VectorBinary as V;
    let (op, args, inverted) = match cond {
        C::Equal => (V::Vceq, [a, b], false),
        C::NotEqual => (V::Vceq, [a, b], true),
        C::SignedGreaterThan => (V::Vch, [a, b], false),
        C::SignedLessThanOrEqual => (V::Vch, [a, b], true),
        C::SignedLessThan => (V::Vch, [b, a], false),
        C::SignedGreaterThanOrEqual => (V::Vch, [b, a], true),
        C::UnsignedGreaterThan => (V::Vchl, [a, b], false),
        C::UnsignedLessThanOrEqual => (V::Vchl, [a, b], true),
        C::UnsignedLessThan => (V::Vchl, [b, a], false),
        C::UnsignedGreaterThanOrEqual => (V::Vchl, [b, a], true),
    };
    let form = Form::VectorBinary(op, element(ty));
    if inverted {
        let held = build::vector(ctx, form, &args);
        not(ctx, to, held);
    } else {
        build::put(ctx, form, to, &args);
    }
}

/// All lanes by one amount, of which the machine takes as many bits as a lane's width asks for.
fn shift(ctx: &mut Ctx<'_>, opcode: Opcode, ty: Type, to: Reg, [a, b]: [Value; 2]) {
    let op = match opcode {
        Opcode::Ishl => ElementShift::Vesl,
        Opcode::Ushr => ElementShift::Vesrl,
        _ => ElementShift::Vesra,
    };
    let a = ctx.reg(a);
    if let Some(amount) = ctx.constant(b) {
        let amount = amount % u64::from(ty.lane_bits());
        let amount = u8::try_from(amount).expect("below a lane's width");
        return build::put(ctx, Form::ElementShiftBy(op, element(ty), amount), to, &[a]);
    }
    let by = if ctx.ty(b) == types::I128 {
        ctx.pair(b).0
    } else {
        ctx.reg(b)
    };
    build::put(ctx, Form::ElementShift(op, element(ty)), to, &[a, by]);
}

/// A vector with the same bits in each lane.
pub fn all(ctx: &mut Ctx<'_>, ty: Type, lane: u128) -> Reg {
    let width = ty.lane_bits();
    let lane = lane & (u128::MAX >> (128 - width));
    let bits = (0..ty.lane_count()).fold(0, |bits, n| bits | lane << (n * width));
    constant::vector(ctx, bits)
}
