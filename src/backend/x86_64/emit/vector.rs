//! Vectors, and moves between the files of registers.

use super::super::encode::sse::{self, Sse};
use super::super::encode::sse_imm::{self, SseImm};
use super::super::encode::sse_move::{self, Width};
use super::super::inst::{Inst, Merge, Source};
use super::{Emitted, Out, gpr, put, put_memory, try_put, xmm};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

/// Emits one of them.
pub fn emit(e: Out<'_, '_>, inst: &Inst) -> Emitted {
    match inst {
        Inst::Vector { op, to, right, .. } => unary(e, *op, *to, right),
        Inst::VectorUnary { op, to, from } => unary(e, *op, *to, from),
        Inst::VectorImm {
            op, to, right, imm, ..
        } => with_imm(e, *op, *to, right, *imm),
        Inst::VectorUnaryImm { op, to, from, imm } => with_imm(e, *op, *to, from, *imm),
        Inst::VectorShift { op, to, count, .. } => {
            try_put(e, |out| sse_imm::shift(out, *op, xmm(*to), *count))
        }
        Inst::VectorZero { to } => {
            put(e, |out| sse::op(out, Sse::Xorps, xmm(*to), xmm(*to)));
            Ok(())
        }
        Inst::VectorOnes { to } => {
            put(e, |out| sse::op(out, Sse::Pcmpeqd, xmm(*to), xmm(*to)));
            Ok(())
        }
        Inst::VectorLoad {
            width,
            to,
            from,
            trap,
        } => put_memory(e, from, (0, *trap), |out, mem| {
            sse_move::load(out, *width, xmm(*to), mem);
            Ok(())
        }),
        Inst::VectorStore {
            width,
            from,
            to,
            trap,
        } => put_memory(e, to, (0, *trap), |out, mem| {
            sse_move::store(out, *width, mem, xmm(*from));
            Ok(())
        }),
        Inst::VectorMerge {
            merge, to, right, ..
        } => {
            let (to, right) = (xmm(*to), xmm(*right));
            put(e, |out| match merge {
                Merge::Single => sse_move::merge(out, Width::Single, to, right),
                Merge::Double => sse_move::merge(out, Width::Double, to, right),
                Merge::HighToLow => sse_move::high_to_low(out, to, right),
                Merge::LowToHigh => sse_move::low_to_high(out, to, right),
            });
            Ok(())
        }
        Inst::VectorLow { to, from } => {
            put(e, |out| sse_move::copy_low(out, xmm(*to), xmm(*from)));
            Ok(())
        }
        Inst::FromGpr { size, to, from } => try_put(e, |out| {
            sse_move::from_gpr(out, *size, xmm(*to), gpr(*from))
        }),
        Inst::ToGpr { size, to, from } => {
            try_put(e, |out| sse_move::to_gpr(out, *size, gpr(*to), xmm(*from)))
        }
        Inst::Insert {
            size,
            to,
            from,
            lane,
            ..
        } => match from {
            Source::Reg(from) => try_put(e, |out| {
                sse_move::insert(out, *size, xmm(*to), gpr(*from), *lane)
            }),
            Source::Mem(address) => put_memory(e, address, (1, None), |out, mem| {
                sse_move::insert(out, *size, xmm(*to), mem, *lane)
            }),
            Source::Imm(_) => Err(Refusal::limit("a constant is inserted")),
        },
        Inst::Extract {
            size,
            to,
            from,
            lane,
        } => try_put(e, |out| {
            sse_move::extract(out, *size, gpr(*to), xmm(*from), *lane)
        }),
        Inst::Signs { lanes, to, from } => {
            put(e, |out| sse_move::signs(out, *lanes, gpr(*to), xmm(*from)));
            Ok(())
        }
        other => Err(Refusal::limit(format!(
            "{other:?} is no vector instruction"
        ))),
    }
}

fn unary(e: Out<'_, '_>, op: Sse, to: Reg, from: &Source) -> Emitted {
    match from {
        Source::Reg(from) => {
            put(e, |out| sse::op(out, op, xmm(to), xmm(*from)));
            Ok(())
        }
        Source::Mem(address) => put_memory(e, address, (0, None), |out, mem| {
            sse::op(out, op, xmm(to), mem);
            Ok(())
        }),
        Source::Imm(_) => Err(Refusal::limit("a constant in a vector instruction")),
    }
}

fn with_imm(e: Out<'_, '_>, op: SseImm, to: Reg, from: &Source, imm: u8) -> Emitted {
    match from {
        Source::Reg(from) => {
            put(e, |out| sse_imm::op(out, op, xmm(to), xmm(*from), imm));
            Ok(())
        }
        Source::Mem(address) => put_memory(e, address, (1, None), |out, mem| {
            sse_imm::op(out, op, xmm(to), mem, imm);
            Ok(())
        }),
        Source::Imm(_) => Err(Refusal::limit("a constant in a vector instruction")),
    }
}
