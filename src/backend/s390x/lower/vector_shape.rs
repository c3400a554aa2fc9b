//! Lanes in and out of vectors, and lanes that change places or widths.
//!
//! Lane `n` of `count` is element `count - 1 - n`: elements are counted from the left.

use cranelift_codegen::ir::{Inst as ClifInst, InstructionData, Opcode, Type, types};
use regalloc2::RegClass;

use super::vector::{all, element};
use super::{Ctx, build, condition, constant};
use crate::backend::reg::Reg;
use crate::backend::s390x::encode::{
    Element, ElementShift, Mask, VectorBinary, VectorCompare, VectorTernary, VectorUnary,
    VectorWhole,
};
use crate::backend::s390x::form::Form;
use crate::backend::s390x::inst::Test;

/// Whether it is lowered here. `from` is the first operand's type, `to` the result's.
pub fn covers(opcode: Opcode, from: Type, to: Type) -> bool {
    use Opcode as O;
    let vector = |ty: Type| ty.is_vector() && ty.bits() == 128;
    match opcode {
        O::Splat | O::ScalarToVector => vector(to),
        O::Extractlane | O::Insertlane | O::VanyTrue | O::VallTrue | O::VhighBits => vector(from),
        O::Shuffle | O::Swizzle => to == types::I8X16,
        O::SwidenLow | O::SwidenHigh | O::UwidenLow | O::UwidenHigh => vector(from),
        O::Snarrow | O::Unarrow => vector(from) && from != types::I64X2,
        O::IaddPairwise => vector(from) && from != types::I64X2,
        O::SqmulRoundSat => from == types::I16X8,
        _ => false,
    }
}

/// The element that lane `lane` is.
fn place(ty: Type, lane: u8) -> u8 {
    element(ty).count() - 1 - lane
}

/// Lowers one.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode) -> bool {
    let values = ctx.args(inst).to_vec();
    let (Some(&first), Some(&result)) =
        (values.first(), ctx.function.dfg.inst_results(inst).first())
    else {
        return false;
    };
    let (from, ty) = (ctx.ty(first), ctx.ty(result));
    if !covers(opcode, from, ty) {
        return false;
    }
    let args: Vec<Reg> = values.iter().map(|value| ctx.reg(*value)).collect();
    let to = ctx.result(inst, 0);
    match opcode {
        Opcode::Splat => splat(ctx, ty, to, args[0]),
        Opcode::ScalarToVector => {
            let zero = build::vector(ctx, Form::Vgbm(0), &[]);
            insert(ctx, ty, to, [zero, args[0]], 0);
        }
        Opcode::Extractlane => {
            let InstructionData::BinaryImm8 { imm: lane, .. } = ctx.function.dfg.insts[inst] else {
                return false;
            };
            let (size, place) = (element(from), place(from, lane));
            let form = if to.class() == RegClass::Int {
                Form::Vlgv(size, place)
            } else {
                Form::Vrep(size, place)
            };
            build::put(ctx, form, to, &args);
        }
        Opcode::Insertlane => {
            let InstructionData::TernaryImm8 { imm: lane, .. } = ctx.function.dfg.insts[inst]
            else {
                return false;
            };
            insert(ctx, from, to, [args[0], args[1]], lane);
        }
        Opcode::VanyTrue => {
            build::test(ctx, Test::UnderMask(args[0], args[0]));
            condition::set(ctx, to, Mask::NOT_EQUAL);
        }
        Opcode::VallTrue => {
            let zero = build::vector(ctx, Form::Vgbm(0), &[]);
            let form = Form::VectorCompare(VectorCompare::Vceqs, element(from));
            build::vector(ctx, form, &[args[0], zero]);
            condition::set(ctx, to, Mask::OVERFLOW);
        }
        Opcode::VhighBits => high_bits(ctx, from, to, args[0]),
        Opcode::Shuffle => {
            let InstructionData::Shuffle { imm, .. } = ctx.function.dfg.insts[inst] else {
                return false;
            };
            let mask = ctx.function.dfg.immediates[imm].as_slice().to_vec();
            shuffle(ctx, to, [args[0], args[1]], &mask);
        }
        Opcode::Swizzle => swizzle(ctx, to, [args[0], args[1]]),
        Opcode::SwidenLow => widen(ctx, VectorUnary::Vupl, from, to, args[0]),
        Opcode::SwidenHigh => widen(ctx, VectorUnary::Vuph, from, to, args[0]),
        Opcode::UwidenLow => widen(ctx, VectorUnary::Vupll, from, to, args[0]),
        Opcode::UwidenHigh => widen(ctx, VectorUnary::Vuplh, from, to, args[0]),
        Opcode::Snarrow => {
            let form = Form::VectorBinary(VectorBinary::Vpks, element(from));
            build::put(ctx, form, to, &[args[1], args[0]]);
        }
        Opcode::Unarrow => unsigned_narrow(ctx, from, to, [args[0], args[1]]),
        Opcode::IaddPairwise => pairwise(ctx, from, to, [args[0], args[1]]),
        _ => multiply_round(ctx, to, [args[0], args[1]]),
    }
    true
}

fn widen(ctx: &mut Ctx<'_>, op: VectorUnary, from: Type, to: Reg, a: Reg) {
    build::put(ctx, Form::VectorUnary(op, element(from)), to, &[a]);
}

fn splat(ctx: &mut Ctx<'_>, ty: Type, to: Reg, from: Reg) {
    let size = element(ty);
    if from.class() != RegClass::Int {
        return build::put(ctx, Form::Vrep(size, 0), to, &[from]);
    }
    if size == Element::Doubleword {
        return build::put(ctx, Form::Vlvgp, to, &[from, from]);
    }
    let both = build::vector(ctx, Form::Vlvgp, &[from, from]);
    // The last element of the left half.
    let last = size.count() / 2 - 1;
    build::put(ctx, Form::Vrep(size, last), to, &[both]);
}

fn insert(ctx: &mut Ctx<'_>, ty: Type, to: Reg, [vector, lane]: [Reg; 2], number: u8) {
    let (size, place) = (element(ty), place(ty, number));
    let lane = match lane.class() {
        RegClass::Int => lane,
        // A scalar float is element 0 of its register.
        _ => build::int(ctx, Form::Vlgv(size, 0), &[lane]),
    };
    build::put(ctx, Form::Vlvg(size, place), to, &[vector, lane]);
}

/// The opposite order of lanes: halves change places, then the parts of each half, and so on.
pub fn reverse_lanes(ctx: &mut Ctx<'_>, to: Reg, from: Reg, ty: Type) {
    let mut steps = vec![Form::Vpdi(true, false)];
    for (width, size) in [
        (32, Element::Doubleword),
        (16, Element::Word),
        (8, Element::Halfword),
    ] {
        if ty.lane_bits() <= u32::from(width) {
            steps.push(Form::ElementShiftBy(ElementShift::Verll, size, width));
        }
    }
    let last = steps.len() - 1;
    let mut now = from;
    for (n, form) in steps.into_iter().enumerate() {
        let next = if n == last {
            to
        } else {
            ctx.temp(RegClass::Vector)
        };
        let args = [now, now];
        build::put(ctx, form, next, if n == 0 { &args } else { &args[..1] });
        now = next;
    }
}

/// The sign of lane `n` becomes bit `n`.
fn high_bits(ctx: &mut Ctx<'_>, from: Type, to: Reg, a: Reg) {
    let count = from.lane_count();
    let width = from.lane_bits();
    // VBPERM's sixteen bits, from the left: the last one is lane 0's, the leftmost bit of the last
    // element. Numbers above 127 give zeros.
    let bits = (0..16_u32).fold(0_u128, |bits, n| {
        let lane = 15 - n;
        let number = if lane < count {
            (count - 1 - lane) * width
        } else {
            0x80
        };
        bits << 8 | u128::from(number)
    });
    let numbers = constant::vector(ctx, bits);
    let form = Form::VectorWhole(VectorWhole::Vbperm);
    let picked = build::vector(ctx, form, &[a, numbers]);
    build::put(ctx, Form::Vlgv(Element::Halfword, 3), to, &[picked]);
}

fn shuffle(ctx: &mut Ctx<'_>, to: Reg, args: [Reg; 2], mask: &[u8]) {
    // Byte lanes 0 to 15 are VPERM's bytes 15 to 0, lanes 16 to 31 its bytes 31 to 16.
    let bits = mask.iter().rev().fold(0_u128, |bits, &lane| {
        let byte = if lane < 16 {
            15 - lane
        } else {
            47_u8.saturating_sub(lane)
        };
        bits << 8 | u128::from(byte)
    });
    let places = constant::vector(ctx, bits);
    let form = Form::VectorTernary(VectorTernary::Vperm);
    build::put(ctx, form, to, &[args[0], args[1], places]);
}

/// Numbers above 15 become 16, and 15 - 16 names the last byte of zeros.
fn swizzle(ctx: &mut Ctx<'_>, to: Reg, [a, numbers]: [Reg; 2]) {
    let byte = |op| Form::VectorBinary(op, Element::Byte);
    let sixteen = all(ctx, types::I8X16, 16);
    let bounded = build::vector(ctx, byte(VectorBinary::Vmnl), &[numbers, sixteen]);
    let fifteen = all(ctx, types::I8X16, 15);
    let places = build::vector(ctx, byte(VectorBinary::Vs), &[fifteen, bounded]);
    let zero = build::vector(ctx, Form::Vgbm(0), &[]);
    let form = Form::VectorTernary(VectorTernary::Vperm);
    build::put(ctx, form, to, &[a, zero, places]);
}

fn unsigned_narrow(ctx: &mut Ctx<'_>, from: Type, to: Reg, args: [Reg; 2]) {
    let size = element(from);
    let zero = build::vector(ctx, Form::Vgbm(0), &[]);
    let greatest = Form::VectorBinary(VectorBinary::Vmx, size);
    let [a, b] = args.map(|arg| build::vector(ctx, greatest, &[arg, zero]));
    build::put(
        ctx,
        Form::VectorBinary(VectorBinary::Vpkls, size),
        to,
        &[b, a],
    );
}

/// Sums of neighbours: even lanes are the right halves of elements of twice the width.
fn pairwise(ctx: &mut Ctx<'_>, from: Type, to: Reg, [a, b]: [Reg; 2]) {
    let size = element(from);
    let (wide, width) = match size {
        Element::Byte => (Element::Halfword, 8),
        Element::Halfword => (Element::Word, 16),
        _ => (Element::Doubleword, 32),
    };
    let pack = Form::VectorBinary(VectorBinary::Vpk, wide);
    let even = build::vector(ctx, pack, &[b, a]);
    let down = Form::ElementShiftBy(ElementShift::Vesrl, wide, width);
    let [high_a, high_b] = [a, b].map(|arg| build::vector(ctx, down, &[arg]));
    let odd = build::vector(ctx, pack, &[high_b, high_a]);
    build::put(
        ctx,
        Form::VectorBinary(VectorBinary::Va, size),
        to,
        &[even, odd],
    );
}

/// `(a * b + 0x4000) >> 15`, saturated.
fn multiply_round(ctx: &mut Ctx<'_>, to: Reg, args: [Reg; 2]) {
    let half = all(ctx, types::I32X4, 0x4000);
    let [even, odd] = [VectorBinary::Vme, VectorBinary::Vmo].map(|op| {
        let product = build::vector(ctx, Form::VectorBinary(op, Element::Halfword), &args);
        let sum = Form::VectorBinary(VectorBinary::Va, Element::Word);
        let rounded = build::vector(ctx, sum, &[product, half]);
        let down = Form::ElementShiftBy(ElementShift::Vesra, Element::Word, 15);
        build::vector(ctx, down, &[rounded])
    });
    let [left, right] = [VectorBinary::Vmrh, VectorBinary::Vmrl]
        .map(|op| build::vector(ctx, Form::VectorBinary(op, Element::Word), &[even, odd]));
    let pack = Form::VectorBinary(VectorBinary::Vpks, Element::Word);
    build::put(ctx, pack, to, &[left, right]);
}
