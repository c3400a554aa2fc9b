//! Integer arithmetic, moves, loads and stores.

use super::super::encode::integer::{self, Alu, Unary};
use super::super::encode::{Cond, Gpr, Mem, Size, moves, shift};
use super::super::inst::{Amount, Inst, Source};
use super::{Emitted, Out, gpr, put, put_memory, try_put};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;
use crate::codegen::RelocKind;

/// Emits one of them.
pub fn emit(e: Out<'_, '_>, inst: &Inst) -> Emitted {
    match inst {
        Inst::Alu {
            op,
            size,
            to,
            right,
            ..
        } => alu(e, *op, *size, gpr(*to), right),
        Inst::AluFlag {
            op,
            size,
            to,
            right,
            cond,
            flag,
            ..
        } => {
            alu(e, *op, *size, gpr(*to), right)?;
            set(e, *cond, Some(*flag));
            Ok(())
        }
        Inst::Pair {
            op,
            to,
            right,
            flag,
            ..
        } => {
            let (first, second) = match op {
                Alu::Sub => (Alu::Sub, Alu::Sbb),
                _ => (Alu::Add, Alu::Adc),
            };
            put(e, |out| {
                integer::alu(out, first, Size::B8, gpr(to[0]), gpr(right[0]));
                integer::alu(out, second, Size::B8, gpr(to[1]), gpr(right[1]));
            });
            if let Some((cond, flag)) = flag {
                set(e, *cond, Some(*flag));
            }
            Ok(())
        }
        Inst::Unary { op, size, to, .. } => {
            put(e, |out| integer::unary(out, *op, *size, gpr(*to)));
            Ok(())
        }
        Inst::Multiply {
            size,
            to,
            left,
            right,
            flag,
        } => {
            match right {
                Source::Reg(right) => {
                    try_put(e, |out| integer::imul(out, *size, gpr(*to), gpr(*right)))?;
                }
                Source::Imm(imm) => {
                    try_put(e, |out| {
                        integer::imul_imm(out, *size, gpr(*to), gpr(*left), *imm)
                    })?;
                }
                Source::Mem(address) => put_memory(e, address, (0, None), |out, mem| {
                    integer::imul(out, *size, gpr(*to), mem)
                })?,
            }
            set(e, Cond::O, *flag);
            Ok(())
        }
        Inst::MultiplyWide {
            signed,
            size,
            right,
            flag,
            ..
        } => {
            let op = if *signed { Unary::Imul } else { Unary::Mul };
            put(e, |out| integer::unary(out, op, *size, gpr(*right)));
            set(e, Cond::O, *flag);
            Ok(())
        }
        Inst::Divide {
            signed,
            size,
            right,
            code,
            ..
        } => {
            if *signed {
                try_put(e, |out| integer::sign_to_rdx(out, *size))?;
            } else {
                put(e, |out| {
                    integer::alu(out, Alu::Xor, Size::B4, Gpr::RDX, Gpr::RDX)
                });
            }
            e.buffer.trap(code);
            let op = if *signed { Unary::Idiv } else { Unary::Div };
            put(e, |out| integer::unary(out, op, *size, gpr(*right)));
            Ok(())
        }
        Inst::Shift {
            op,
            size,
            to,
            amount,
            ..
        } => match amount {
            Amount::Imm(count) => {
                try_put(e, |out| shift::by_imm(out, *op, *size, gpr(*to), *count))
            }
            Amount::Reg(_) => {
                put(e, |out| shift::by_cl(out, *op, *size, gpr(*to)));
                Ok(())
            }
        },
        Inst::Count { op, size, to, from } => try_put(e, |out| {
            integer::count(out, *op, *size, gpr(*to), gpr(*from))
        }),
        Inst::Scan {
            op,
            size,
            to,
            from,
            zero,
        } => try_put(e, |out| {
            integer::count(out, *op, *size, gpr(*to), gpr(*from))?;
            integer::cmov(out, Cond::E, *size, gpr(*to), gpr(*zero))
        }),
        Inst::ByteSwap { size, to, .. } => try_put(e, |out| moves::bswap(out, *size, gpr(*to))),
        Inst::Abs {
            size, to, again, ..
        } => try_put(e, |out| {
            integer::unary(out, Unary::Neg, *size, gpr(*to));
            // Where the negated value is negative, the value was not, or it is the least one.
            let width = if *size == Size::B8 {
                Size::B8
            } else {
                Size::B4
            };
            integer::cmov(out, Cond::S, width, gpr(*to), gpr(*again))
        }),
        Inst::Mask { size, to, .. } => {
            // Negating sets the carry unless it is zero.
            put(e, |out| {
                integer::unary(out, Unary::Neg, *size, gpr(*to));
                integer::alu(out, Alu::Sbb, Size::B8, gpr(*to), gpr(*to));
            });
            Ok(())
        }
        Inst::Extend {
            signed,
            size,
            to,
            from,
            trap,
        } => from_source(e, from, *trap, |out, from| {
            if *size == Size::B8 || !signed {
                moves::zero_extend(out, *size, gpr(*to), from);
                Ok(())
            } else {
                moves::sign_extend(out, *size, Size::B8, gpr(*to), from)
            }
        }),
        Inst::Constant { to, bits } => {
            constant(e, gpr(*to), *bits);
            Ok(())
        }
        Inst::Store {
            size,
            from,
            to,
            trap,
        } => match from {
            Source::Reg(from) => put_memory(e, to, (0, *trap), |out, mem| {
                moves::store(out, *size, mem, gpr(*from));
                Ok(())
            }),
            Source::Imm(imm) => put_memory(e, to, (size.bytes().min(4), *trap), |out, mem| {
                moves::store_imm(out, *size, mem, *imm)
            }),
            Source::Mem(_) => Err(Refusal::limit("a store from memory")),
        },
        Inst::Symbol {
            to,
            name,
            offset,
            near,
        } => {
            let symbol = e.symbol(name);
            symbol_address(e, gpr(*to), symbol, (*offset, *near));
            Ok(())
        }
        other => Err(Refusal::limit(format!(
            "{other:?} is no integer instruction"
        ))),
    }
}

/// `to = to op right`.
fn alu(e: Out<'_, '_>, op: Alu, size: Size, to: Gpr, right: &Source) -> Emitted {
    match right {
        Source::Reg(right) => {
            put(e, |out| integer::alu(out, op, size, to, gpr(*right)));
            Ok(())
        }
        Source::Imm(imm) => try_put(e, |out| integer::alu_imm(out, op, size, to, *imm)),
        Source::Mem(address) => put_memory(e, address, (0, None), |out, mem| {
            integer::alu(out, op, size, to, mem);
            Ok(())
        }),
    }
}

fn set(e: Out<'_, '_>, cond: Cond, flag: Option<Reg>) {
    if let Some(flag) = flag {
        put(e, |out| integer::set(out, cond, gpr(flag)));
    }
}

fn from_source(
    e: Out<'_, '_>,
    from: &Source,
    trap: Option<cranelift_codegen::ir::TrapCode>,
    encode: impl FnOnce(&mut Vec<u8>, super::super::encode::GprMem) -> super::super::encode::Encoded,
) -> Emitted {
    match from {
        Source::Reg(from) => try_put(e, |out| encode(out, gpr(*from).into())),
        Source::Mem(address) => {
            put_memory(e, address, (0, trap), |out, mem| encode(out, mem.into()))
        }
        Source::Imm(_) => Err(Refusal::limit("a constant is extended")),
    }
}

/// A constant; zero by its shortest form, which sets flags: none live here.
pub fn constant(e: Out<'_, '_>, to: Gpr, bits: u64) {
    put(e, |out| match bits {
        0 => integer::alu(out, Alu::Xor, Size::B4, to, to),
        _ => moves::constant(out, to, bits),
    });
}

/// The address of a symbol. One that is near is within 2 GiB; others come from the GOT in
/// position-independent code, else as a constant. Sets no flags.
pub fn symbol_address(e: Out<'_, '_>, to: Gpr, symbol: String, (offset, near): (i64, bool)) {
    let from_end = |e: Out<'_, '_>, bytes| e.buffer.offset() - bytes;
    if near {
        put(e, |out| moves::lea(out, to, Mem::Rip(0)));
        let at = from_end(e, 4);
        e.buffer
            .relocate_at(at, RelocKind::X86PcRel4, symbol, offset - 4);
    } else if let Some(disp) = i32::try_from(offset).ok().filter(|_| e.settings.is_pic) {
        put(e, |out| moves::mov(out, Size::B8, to, Mem::Rip(0)));
        let at = from_end(e, 4);
        e.buffer
            .relocate_at(at, RelocKind::X86GotPcRel4, symbol, -4);
        if disp != 0 {
            put(e, |out| moves::lea(out, to, Mem::base(to, disp)));
        }
    } else {
        put(e, |out| moves::constant_in_full(out, to, 0));
        let at = from_end(e, 8);
        e.buffer.relocate_at(at, RelocKind::Abs8, symbol, offset);
    }
}
