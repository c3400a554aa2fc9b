//! Shifts, rotates and bits of integers up to 64 bits.

use cranelift_codegen::ir::Opcode;

use super::super::X64;
use super::super::arch::size;
use super::super::encode::Size;
use super::super::encode::integer::{Alu, Count, Unary};
use super::super::encode::shift::Shift;
use super::super::inst::{Amount, Inst, Source};
use super::{Clif, Ctx, at_least_32, constant_reg, temp, uncovered, zero_extended};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

/// Whether it is here.
pub fn covers(arch: &X64, opcode: Opcode) -> bool {
    match opcode {
        Opcode::Ishl
        | Opcode::Ushr
        | Opcode::Sshr
        | Opcode::Rotl
        | Opcode::Rotr
        | Opcode::Clz
        | Opcode::Ctz
        | Opcode::Cls
        | Opcode::Bswap => true,
        Opcode::Popcnt => arch.popcnt,
        _ => false,
    }
}

/// Lowers one of them.
pub fn lower(arch: &X64, ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    match clif.opcode {
        Opcode::Ishl => shift(ctx, Shift::Shl, clif),
        Opcode::Ushr => shift(ctx, Shift::Shr, clif),
        Opcode::Sshr => shift(ctx, Shift::Sar, clif),
        Opcode::Rotl => shift(ctx, Shift::Rol, clif),
        Opcode::Rotr => shift(ctx, Shift::Ror, clif),
        Opcode::Clz => {
            let arg = clif.arg(ctx, 0);
            let from = zero_extended(ctx, arg);
            let to = clif.result(ctx);
            leading_zeroes(arch, ctx, clif, from, to);
        }
        Opcode::Ctz => trailing_zeroes(arch, ctx, clif),
        Opcode::Cls => leading_signs(arch, ctx, clif),
        Opcode::Popcnt => {
            let arg = clif.arg(ctx, 0);
            let (from, to) = (zero_extended(ctx, arg), clif.result(ctx));
            let size = at_least_32(clif.ty);
            ctx.isa(Inst::Count {
                op: Count::Popcnt,
                size,
                to,
                from,
            });
        }
        Opcode::Bswap => match size(clif.ty) {
            Size::B2 => {
                let (from, to) = (clif.reg(ctx, 0), clif.result(ctx));
                let amount = Amount::Imm(8);
                ctx.isa(Inst::Shift {
                    op: Shift::Rol,
                    size: Size::B2,
                    to,
                    from,
                    amount,
                });
            }
            size => {
                let (from, to) = (clif.reg(ctx, 0), clif.result(ctx));
                ctx.isa(Inst::ByteSwap { size, to, from });
            }
        },
        _ => return Err(uncovered(clif)),
    }
    Ok(())
}

/// CLIF takes amounts modulo the width, the machine modulo 32 or 64. Rotating 8 or 16 bits by
/// any amount is rotating by its low bits.
fn shift(ctx: &mut Ctx<'_>, op: Shift, clif: Clif) {
    let own = size(clif.ty);
    let width = match op {
        Shift::Rol | Shift::Ror => own,
        _ => at_least_32(clif.ty),
    };
    let from = match op {
        Shift::Shr => zero_extended_arg(ctx, clif),
        Shift::Sar => sign_extended_arg(ctx, clif),
        _ => clif.reg(ctx, 0),
    };
    let amount = amount(ctx, clif, own != width);
    let to = clif.result(ctx);
    ctx.isa(Inst::Shift {
        op,
        size: width,
        to,
        from,
        amount,
    });
}

fn zero_extended_arg(ctx: &mut Ctx<'_>, clif: Clif) -> Reg {
    let arg = clif.arg(ctx, 0);
    if size(clif.ty) < Size::B4 {
        zero_extended(ctx, arg)
    } else {
        ctx.reg(arg)
    }
}

fn sign_extended_arg(ctx: &mut Ctx<'_>, clif: Clif) -> Reg {
    let arg = clif.arg(ctx, 0);
    if size(clif.ty) < Size::B4 {
        super::sign_extended(ctx, arg)
    } else {
        ctx.reg(arg)
    }
}

fn amount(ctx: &mut Ctx<'_>, clif: Clif, masked: bool) -> Amount {
    let amount = clif.arg(ctx, 1);
    let mask = size(clif.ty).bits() - 1;
    if let Some(constant) = ctx.constant(amount) {
        let low = u8::try_from(constant & u64::from(mask)).unwrap_or(0);
        return Amount::Imm(low);
    }
    let left = ctx.all_regs(amount)[0];
    if !masked {
        return Amount::Reg(left);
    }
    let to = temp(ctx);
    let right = Source::Imm(i32::from(mask));
    ctx.isa(Inst::Alu {
        op: Alu::And,
        size: Size::B4,
        to,
        left,
        right,
    });
    Amount::Reg(to)
}

/// Of a value with zeroes above.
fn leading_zeroes(arch: &X64, ctx: &mut Ctx<'_>, clif: Clif, from: Reg, to: Reg) {
    let (size, bits) = (at_least_32(clif.ty), i32::from(size(clif.ty).bits()));
    let above = i32::from(size.bits()) - bits;
    if arch.lzcnt {
        let op = Count::Lzcnt;
        if above == 0 {
            ctx.isa(Inst::Count { op, size, to, from });
            return;
        }
        let all = temp(ctx);
        ctx.isa(Inst::Count {
            op,
            size,
            to: all,
            from,
        });
        let right = Source::Imm(above);
        ctx.isa(Inst::Alu {
            op: Alu::Sub,
            size: Size::B4,
            to,
            left: all,
            right,
        });
        return;
    }
    // bits - 1 - place, where the place of nothing is -1.
    let (zero, place, negated) = (constant_reg(ctx, u64::MAX), temp(ctx), temp(ctx));
    ctx.isa(Inst::Scan {
        op: Count::Bsr,
        size,
        to: place,
        from,
        zero,
    });
    ctx.isa(Inst::Unary {
        op: Unary::Neg,
        size: Size::B4,
        to: negated,
        from: place,
    });
    let right = Source::Imm(bits - 1);
    ctx.isa(Inst::Alu {
        op: Alu::Add,
        size: Size::B4,
        to,
        left: negated,
        right,
    });
}

/// Of a value with a bit set above it, if it is narrow.
fn trailing_zeroes(arch: &X64, ctx: &mut Ctx<'_>, clif: Clif) {
    let (from, to) = (clif.reg(ctx, 0), clif.result(ctx));
    let (size, bits) = (at_least_32(clif.ty), size(clif.ty).bits());
    if bits < 32 {
        let (marked, right) = (temp(ctx), Source::Imm(1 << bits));
        ctx.isa(Inst::Alu {
            op: Alu::Or,
            size,
            to: marked,
            left: from,
            right,
        });
        ctx.isa(Inst::Scan {
            op: Count::Bsf,
            size,
            to,
            from: marked,
            zero: marked,
        });
    } else if arch.bmi1 {
        ctx.isa(Inst::Count {
            op: Count::Tzcnt,
            size,
            to,
            from,
        });
    } else {
        let zero = constant_reg(ctx, u64::from(bits));
        ctx.isa(Inst::Scan {
            op: Count::Bsf,
            size,
            to,
            from,
            zero,
        });
    }
}

/// Leading zeroes of what differs from the sign, without the sign itself.
fn leading_signs(arch: &X64, ctx: &mut Ctx<'_>, clif: Clif) {
    let from = sign_extended_arg(ctx, clif);
    let width = at_least_32(clif.ty);
    let (sign, differs) = (temp(ctx), temp(ctx));
    let amount = Amount::Imm(width.bits() - 1);
    ctx.isa(Inst::Shift {
        op: Shift::Sar,
        size: width,
        to: sign,
        from,
        amount,
    });
    let right = Source::Reg(sign);
    ctx.isa(Inst::Alu {
        op: Alu::Xor,
        size: width,
        to: differs,
        left: from,
        right,
    });
    let (zeroes, to) = (temp(ctx), clif.result(ctx));
    leading_zeroes(arch, ctx, clif, differs, zeroes);
    let right = Source::Imm(1);
    ctx.isa(Inst::Alu {
        op: Alu::Sub,
        size: Size::B4,
        to,
        left: zeroes,
        right,
    });
}
