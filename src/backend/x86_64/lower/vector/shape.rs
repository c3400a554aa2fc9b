//! Lanes of other widths or places: widening, narrowing, shuffles; lanes as bits of a scalar.

use cranelift_codegen::ir::{InstructionData, Opcode, Type};

use super::super::super::X64;
use super::super::super::encode::integer::Alu;
use super::super::super::encode::sse::{Level, Sse};
use super::super::super::encode::sse_imm::VectorShift;
use super::super::super::encode::sse_move::Signs;
use super::super::super::encode::{Cond, Size};
use super::super::super::inst::{Address, Inst, Source, Test};
use super::super::{Clif, Ctx, temp, temp_vector, uncovered};
use super::compare::equal;
use super::{is_lanes, two, zero};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

/// Whether it is here.
pub fn covers(arch: &X64, opcode: Opcode, ty: Type) -> bool {
    match opcode {
        Opcode::SwidenLow | Opcode::SwidenHigh | Opcode::UwidenLow | Opcode::UwidenHigh => {
            ty.lane_type().is_int() && ty.lane_bits() < 64
        }
        Opcode::Snarrow => is_lanes(ty, 16) || is_lanes(ty, 32),
        Opcode::Unarrow => is_lanes(ty, 16) || (is_lanes(ty, 32) && arch.has(Level::Sse41)),
        Opcode::Shuffle | Opcode::Swizzle => arch.has(Level::Ssse3),
        Opcode::VanyTrue | Opcode::VallTrue | Opcode::VhighBits => true,
        _ => false,
    }
}

/// Lowers one of them.
pub fn lower(arch: &X64, ctx: &mut Ctx<'_>, clif: Clif, ty: Type) -> Result<(), Refusal> {
    let from = clif.reg(ctx, 0);
    let to = clif.result(ctx);
    let narrow = match ty.lane_bits() {
        8 => Size::B1,
        16 => Size::B2,
        _ => Size::B4,
    };
    match clif.opcode {
        Opcode::SwidenLow => widen(arch, ctx, narrow, true, (to, from)),
        Opcode::UwidenLow => widen(arch, ctx, narrow, false, (to, from)),
        Opcode::SwidenHigh => widen_high(ctx, narrow, true, (to, from)),
        Opcode::UwidenHigh => widen_high(ctx, narrow, false, (to, from)),
        Opcode::Snarrow | Opcode::Unarrow => {
            let op = match (clif.opcode, ty.lane_bits()) {
                (Opcode::Snarrow, 16) => Sse::Packsswb,
                (Opcode::Snarrow, _) => Sse::Packssdw,
                (_, 16) => Sse::Packuswb,
                _ => Sse::Packusdw,
            };
            let right = Source::Reg(clif.reg(ctx, 1));
            ctx.isa(Inst::Vector {
                op,
                to,
                left: from,
                right,
            });
        }
        Opcode::Shuffle => shuffle(ctx, clif)?,
        Opcode::Swizzle => {
            // Places from 16 on give zero: adding 0x70 sets their highest bit, and no other's.
            let places = clif.reg(ctx, 1);
            let far = Source::Mem(Address::Constant(0x7070_7070_7070_7070_7070_7070_7070_7070));
            let marked = two(ctx, Sse::Paddusb, places, far);
            ctx.isa(Inst::Vector {
                op: Sse::Pshufb,
                to,
                left: from,
                right: marked.into(),
            });
        }
        Opcode::VanyTrue => {
            // Not every byte equals zero.
            let nothing = zero(ctx);
            let test = all_ones(ctx, Sse::Pcmpeqb, from, nothing, Cond::Ne);
            ctx.isa(Inst::Set {
                test,
                to,
                temp: None,
            });
        }
        Opcode::VallTrue => {
            let nothing = zero(ctx);
            let same = equal(arch, ctx, ty, from, nothing);
            let bits = temp(ctx);
            ctx.isa(Inst::Signs {
                lanes: Signs::Bytes,
                to: bits,
                from: same,
            });
            let right = Source::Imm(0);
            let test = Test::Int {
                size: Size::B4,
                left: bits,
                right,
                cond: Cond::E,
            };
            ctx.isa(Inst::Set {
                test,
                to,
                temp: None,
            });
        }
        Opcode::VhighBits => high_bits(ctx, ty, to, from),
        _ => return Err(uncovered(clif)),
    }
    Ok(())
}

/// Whether comparing bytes gives ones everywhere, or not.
fn all_ones(ctx: &mut Ctx<'_>, op: Sse, left: Reg, right: Reg, cond: Cond) -> Test {
    let (same, bits) = (two(ctx, op, left, right), temp(ctx));
    ctx.isa(Inst::Signs {
        lanes: Signs::Bytes,
        to: bits,
        from: same,
    });
    Test::Int {
        size: Size::B4,
        left: bits,
        right: Source::Imm(0xffff),
        cond,
    }
}

fn high_bits(ctx: &mut Ctx<'_>, ty: Type, to: Reg, from: Reg) {
    match ty.lane_bits() {
        8 => ctx.isa(Inst::Signs {
            lanes: Signs::Bytes,
            to,
            from,
        }),
        32 => ctx.isa(Inst::Signs {
            lanes: Signs::Floats,
            to,
            from,
        }),
        64 => ctx.isa(Inst::Signs {
            lanes: Signs::Doubles,
            to,
            from,
        }),
        _ => {
            // Packing with saturation keeps signs.
            let (packed, bits) = (two(ctx, Sse::Packsswb, from, from), temp(ctx));
            ctx.isa(Inst::Signs {
                lanes: Signs::Bytes,
                to: bits,
                from: packed,
            });
            let right = Source::Imm(0xff);
            ctx.isa(Inst::Alu {
                op: Alu::And,
                size: Size::B4,
                to,
                left: bits,
                right,
            });
        }
    }
}

/// The low half of the lanes, of width `narrow`, at twice their width.
pub fn widen(arch: &X64, ctx: &mut Ctx<'_>, narrow: Size, signed: bool, (to, from): (Reg, Reg)) {
    if arch.has(Level::Sse41) {
        let op = match (narrow, signed) {
            (Size::B1, true) => Sse::Pmovsxbw,
            (Size::B1, false) => Sse::Pmovzxbw,
            (Size::B2, true) => Sse::Pmovsxwd,
            (Size::B2, false) => Sse::Pmovzxwd,
            (_, true) => Sse::Pmovsxdq,
            (_, false) => Sse::Pmovzxdq,
        };
        ctx.isa(Inst::VectorUnary {
            op,
            to,
            from: from.into(),
        });
        return;
    }
    let op = match narrow {
        Size::B1 => Sse::Punpcklbw,
        Size::B2 => Sse::Punpcklwd,
        _ => Sse::Punpckldq,
    };
    interleaved(ctx, (op, narrow), signed, (to, from));
}

fn widen_high(ctx: &mut Ctx<'_>, narrow: Size, signed: bool, regs: (Reg, Reg)) {
    let op = match narrow {
        Size::B1 => Sse::Punpckhbw,
        Size::B2 => Sse::Punpckhwd,
        _ => Sse::Punpckhdq,
    };
    interleaved(ctx, (op, narrow), signed, regs);
}

/// Lanes alternate with zeroes or with their signs.
fn interleaved(ctx: &mut Ctx<'_>, (op, narrow): (Sse, Size), signed: bool, (to, from): (Reg, Reg)) {
    let nothing = zero(ctx);
    let above = if signed {
        let less = match narrow {
            Size::B1 => Sse::Pcmpgtb,
            Size::B2 => Sse::Pcmpgtw,
            _ => Sse::Pcmpgtd,
        };
        two(ctx, less, nothing, from)
    } else {
        nothing
    };
    ctx.isa(Inst::Vector {
        op,
        to,
        left: from,
        right: above.into(),
    });
}

/// Bytes of two vectors by a constant: each one's bytes to their places, zero elsewhere.
fn shuffle(ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    let InstructionData::Shuffle { args, imm, .. } = ctx.function.dfg.insts[clif.inst] else {
        return Err(uncovered(clif));
    };
    let data = ctx.function.dfg.immediates.get(imm);
    let places = data
        .map(|data| data.as_slice().to_vec())
        .unwrap_or_default();
    let mask = |first: u8| {
        let mut bytes = [0x80_u8; 16];
        for (byte, place) in bytes.iter_mut().zip(&places) {
            if let Some(place) = place.checked_sub(first).filter(|place| *place < 16) {
                *byte = place;
            }
        }
        u128::from_le_bytes(bytes)
    };
    let (left, right) = (ctx.reg(args[0]), ctx.reg(args[1]));
    let to = clif.result(ctx);
    let part = |ctx: &mut Ctx<'_>, from: Reg, to: Reg, mask: u128| {
        let right = Source::Mem(Address::Constant(mask));
        ctx.isa(Inst::Vector {
            op: Sse::Pshufb,
            to,
            left: from,
            right,
        });
    };
    if args[0] == args[1] {
        let both: Vec<u8> = places.iter().map(|place| place % 16).collect();
        let bytes = <[u8; 16]>::try_from(both).map_err(|_| uncovered(clif))?;
        part(ctx, left, to, u128::from_le_bytes(bytes));
        return Ok(());
    }
    let halves = [temp_vector(ctx), temp_vector(ctx)];
    part(ctx, left, halves[0], mask(0));
    part(ctx, right, halves[1], mask(16));
    ctx.isa(Inst::Vector {
        op: Sse::Por,
        to,
        left: halves[0],
        right: halves[1].into(),
    });
    Ok(())
}

/// Shifts lanes by a constant, in a new register.
pub fn shifted(ctx: &mut Ctx<'_>, op: VectorShift, from: Reg, count: u8) -> Reg {
    let to = temp_vector(ctx);
    ctx.isa(Inst::VectorShift {
        op,
        to,
        from,
        count,
    });
    to
}
