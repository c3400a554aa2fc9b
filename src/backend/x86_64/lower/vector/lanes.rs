//! Single lanes: splat, insert, extract, a scalar as a vector.

use cranelift_codegen::ir::{InstructionData, Opcode, Type, types};
use regalloc2::RegClass;

use super::super::super::X64;
use super::super::super::arch::size;
use super::super::super::encode::Size;
use super::super::super::encode::integer::Alu;
use super::super::super::encode::shift::Shift;
use super::super::super::encode::sse::Sse;
use super::super::super::encode::sse_imm::SseImm;
use super::super::super::inst::{Amount, Inst, Merge, Source};
use super::super::{Clif, Ctx, temp, temp_vector, uncovered, zero_extended};
use super::{has_sse41, two};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;
use crate::backend::vcode::Op;

/// Whether it is here.
pub fn covers(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::Splat | Opcode::ScalarToVector | Opcode::Insertlane | Opcode::Extractlane
    )
}

/// Lowers one of them.
pub fn lower(arch: &X64, ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    match ctx.function.dfg.insts[clif.inst] {
        InstructionData::TernaryImm8 { args, imm, .. } => {
            let (into, from, to) = (ctx.reg(args[0]), ctx.reg(args[1]), clif.result(ctx));
            insert(arch, ctx, ctx.ty(args[0]), (to, into, from), imm);
        }
        InstructionData::BinaryImm8 { arg, imm, .. } => {
            let (from, to) = (ctx.reg(arg), clif.result(ctx));
            extract(arch, ctx, ctx.ty(arg), (to, from), imm);
        }
        InstructionData::Unary {
            opcode: Opcode::Splat,
            ..
        } => splat(ctx, clif),
        InstructionData::Unary { .. } => scalar_to_vector(ctx, clif),
        _ => return Err(uncovered(clif)),
    }
    Ok(())
}

/// The scalar in the lowest lane of a vector register, anything above.
fn low_lane(ctx: &mut Ctx<'_>, from: Reg, ty: Type) -> Reg {
    if from.class() == RegClass::Float {
        return from;
    }
    let to = temp_vector(ctx);
    ctx.isa(Inst::FromGpr {
        size: size(ty.lane_type()).max(Size::B4),
        to,
        from,
    });
    to
}

/// Doublewords picked by two bits each.
pub fn pick(ctx: &mut Ctx<'_>, to: Reg, from: Reg, order: u8) {
    ctx.isa(Inst::VectorUnaryImm {
        op: SseImm::Pshufd,
        to,
        from: from.into(),
        imm: order,
    });
}

fn splat(ctx: &mut Ctx<'_>, clif: Clif) {
    let from = clif.reg(ctx, 0);
    let (low, to) = (low_lane(ctx, from, clif.ty), clif.result(ctx));
    match clif.ty.lane_bits() {
        64 => pick(ctx, to, low, 0x44),
        32 => pick(ctx, to, low, 0),
        bits => {
            let pair = if bits == 8 {
                two(ctx, Sse::Punpcklbw, low, low)
            } else {
                low
            };
            let (four, from) = (temp_vector(ctx), Source::Reg(pair));
            ctx.isa(Inst::VectorUnaryImm {
                op: SseImm::Pshuflw,
                to: four,
                from,
                imm: 0,
            });
            pick(ctx, to, four, 0);
        }
    }
}

/// The lanes above are zero.
fn scalar_to_vector(ctx: &mut Ctx<'_>, clif: Clif) {
    let arg = clif.arg(ctx, 0);
    let to = clif.result(ctx);
    let ty = ctx.ty(arg);
    if ty.is_int() {
        let from = zero_extended(ctx, arg);
        ctx.isa(Inst::FromGpr {
            size: Size::B8,
            to,
            from,
        });
    } else if ty == types::F64 {
        let from = ctx.reg(arg);
        ctx.isa(Inst::VectorLow { to, from });
    } else {
        let (right, left) = (ctx.reg(arg), super::zero(ctx));
        ctx.isa(Inst::VectorMerge {
            merge: Merge::Single,
            to,
            left,
            right,
        });
    }
}

/// `to` is `into` with one lane from a scalar.
fn insert(arch: &X64, ctx: &mut Ctx<'_>, ty: Type, (to, into, from): (Reg, Reg, Reg), lane: u8) {
    let bits = ty.lane_bits();
    if bits == 64 {
        let right = low_lane(ctx, from, ty);
        let merge = if lane == 0 {
            Merge::Double
        } else {
            Merge::LowToHigh
        };
        ctx.isa(Inst::VectorMerge {
            merge,
            to,
            left: into,
            right,
        });
    } else if from.class() == RegClass::Float && lane == 0 {
        ctx.isa(Inst::VectorMerge {
            merge: Merge::Single,
            to,
            left: into,
            right: from,
        });
    } else if from.class() == RegClass::Float && has_sse41(arch) {
        let (right, imm) = (Source::Reg(from), lane << 4);
        ctx.isa(Inst::VectorImm {
            op: SseImm::Insertps,
            to,
            left: into,
            right,
            imm,
        });
    } else {
        let from = if from.class() == RegClass::Float {
            let word = temp(ctx);
            ctx.isa(Inst::ToGpr {
                size: Size::B4,
                to: word,
                from,
            });
            word
        } else {
            from
        };
        if bits == 16 || has_sse41(arch) {
            let size = size(ty.lane_type());
            ctx.isa(Inst::Insert {
                size,
                to,
                into,
                from: from.into(),
                lane,
            });
        } else if bits == 32 {
            insert_words(ctx, (to, into, from), lane);
        } else {
            insert_byte(ctx, (to, into, from), lane);
        }
    }
}

/// 32 bits as two words.
fn insert_words(ctx: &mut Ctx<'_>, (to, into, from): (Reg, Reg, Reg), lane: u8) {
    let (half, upper) = (temp_vector(ctx), temp(ctx));
    let size = Size::B2;
    ctx.isa(Inst::Insert {
        size,
        to: half,
        into,
        from: from.into(),
        lane: 2 * lane,
    });
    let (op, amount) = (Shift::Shr, Amount::Imm(16));
    ctx.isa(Inst::Shift {
        op,
        size: Size::B4,
        to: upper,
        from,
        amount,
    });
    ctx.isa(Inst::Insert {
        size,
        to,
        into: half,
        from: upper.into(),
        lane: 2 * lane + 1,
    });
}

/// A byte in the word that holds it.
fn insert_byte(ctx: &mut Ctx<'_>, (to, into, from): (Reg, Reg, Reg), lane: u8) {
    let (word, kept, byte, both) = (temp(ctx), temp(ctx), temp(ctx), temp(ctx));
    let size = Size::B4;
    ctx.isa(Inst::Extract {
        size: Size::B2,
        to: word,
        from: into,
        lane: lane / 2,
    });
    let high = lane % 2 == 1;
    let mask = if high { 0xff } else { 0xff00 };
    ctx.isa(Inst::Alu {
        op: Alu::And,
        size,
        to: kept,
        left: word,
        right: Source::Imm(mask),
    });
    ctx.isa(Inst::Extend {
        signed: false,
        size: Size::B1,
        to: byte,
        from: from.into(),
        trap: None,
    });
    let byte = if high {
        let to = temp(ctx);
        let (op, amount) = (Shift::Shl, Amount::Imm(8));
        ctx.isa(Inst::Shift {
            op,
            size,
            to,
            from: byte,
            amount,
        });
        to
    } else {
        byte
    };
    ctx.isa(Inst::Alu {
        op: Alu::Or,
        size,
        to: both,
        left: kept,
        right: byte.into(),
    });
    ctx.isa(Inst::Insert {
        size: Size::B2,
        to,
        into,
        from: both.into(),
        lane: lane / 2,
    });
}

fn extract(arch: &X64, ctx: &mut Ctx<'_>, ty: Type, (to, from): (Reg, Reg), lane: u8) {
    let bits = ty.lane_bits();
    let is_float = to.class() == RegClass::Float;
    match (is_float, bits, lane) {
        (true, _, 0) => ctx.emit(Op::Move { to, from }),
        (true, 64, _) => pick(ctx, to, from, 0xee),
        (true, _, lane) => pick(ctx, to, from, lane),
        (false, 16, lane) => ctx.isa(Inst::Extract {
            size: Size::B2,
            to,
            from,
            lane,
        }),
        (false, 32 | 64, 0) => ctx.isa(Inst::ToGpr {
            size: size(ty.lane_type()),
            to,
            from,
        }),
        (false, _, lane) if has_sse41(arch) => {
            ctx.isa(Inst::Extract {
                size: size(ty.lane_type()),
                to,
                from,
                lane,
            });
        }
        (false, 8, lane) => {
            let word = if lane % 2 == 0 { to } else { temp(ctx) };
            ctx.isa(Inst::Extract {
                size: Size::B2,
                to: word,
                from,
                lane: lane / 2,
            });
            if lane % 2 == 1 {
                let (op, amount) = (Shift::Shr, Amount::Imm(8));
                ctx.isa(Inst::Shift {
                    op,
                    size: Size::B4,
                    to,
                    from: word,
                    amount,
                });
            }
        }
        (false, _, lane) => {
            let picked = temp_vector(ctx);
            pick(ctx, picked, from, if bits == 64 { 0xee } else { lane });
            ctx.isa(Inst::ToGpr {
                size: size(ty.lane_type()),
                to,
                from: picked,
            });
        }
    }
}
