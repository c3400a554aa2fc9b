//! From CLIF to machine instructions: one match on the opcode, each arm in the file that is
//! about its kind.
//!
//! What takes more than it gains here is left to the legalisation: everything on `i128`, and
//! operations that CLIF has in simpler words.

mod atomic;
mod bits;
mod build;
mod compare;
mod control;
mod convert;
mod extend;
mod float;
mod integer;
mod memory;

use cranelift_codegen::ir::{Function, Inst as ClifInst, Opcode, Type, types};

use super::Riscv64;
use super::encode::{Alu, AluImm, FloatOp, FloatSign, Format, Fused, Rounding};
use super::inst::Inst;
use super::registers::ZERO;
use crate::backend::call::Fill;
use crate::backend::limit::Refusal;
use crate::backend::lower::Lower;
use crate::backend::reg::Reg;
use build::Build;
pub use control::lower_branch;

/// The state of lowering a function for RISC-V.
pub type Ctx<'f> = Lower<'f, Riscv64>;

/// The types that operations have.
fn is_plain(ty: Type) -> bool {
    matches!(
        ty,
        types::I8 | types::I16 | types::I32 | types::I64 | types::F32 | types::F64
    )
}

/// Whether there is a lowering, or no simpler form.
pub fn covers(function: &Function, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
    let values = function
        .dfg
        .inst_args(inst)
        .iter()
        .chain(function.dfg.inst_results(inst));
    let all_plain = is_plain(ty)
        && values
            .into_iter()
            .all(|&v| is_plain(function.dfg.value_type(v)));
    let word = ty == types::I32 || ty == types::I64;
    let arg_is = |asked: Type| {
        let arg = function.dfg.inst_args(inst).first();
        arg.is_some_and(|&arg| function.dfg.value_type(arg) == asked)
    };
    use Opcode::*;
    match opcode {
        Band | Bor | Bxor | Bnot | Bitselect if ty.is_float() => false,
        Select | SelectSpectreGuard if ty == types::F16 => true,
        Bitcast if ty == types::F16 || arg_is(types::F16) => true,
        // Renamed, where both are pairs of registers.
        Bitcast if ty == types::F128 || arg_is(types::F128) => true,
        Iadd | Isub | Imul | Ineg | Iabs | Band | Bor | Bxor | Bnot | Smin | Umin | Smax | Umax
        | Ishl | Ushr | Sshr | Rotl | Rotr | Clz | Ctz | Cls | Popcnt | Bitrev | Bswap | Icmp
        | Fcmp | Select | SelectSpectreGuard | Bitselect | Bmask | Uextend | Sextend | Umulhi
        | Smulhi | Udiv | Sdiv | Urem | Srem | Fadd | Fsub | Fmul | Fdiv | Sqrt | Fma | Fmin
        | Fmax | Fneg | Fabs | Fcopysign | Ceil | Floor | Trunc | Nearest | FcvtFromSint
        | FcvtFromUint | Fpromote | Fdemote | Bitcast => all_plain,
        FcvtToSint | FcvtToUint | FcvtToSintSat | FcvtToUintSat => all_plain && word,
        Load | Store => true,
        AtomicLoad | AtomicStore | AtomicRmw | AtomicCas => all_plain,
        _ => false,
    }
}

/// Lowers an instruction.
///
/// # Errors
/// What has no lowering.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst) -> Result<(), Refusal> {
    let data = ctx.function.dfg.insts[inst];
    let opcode = data.opcode();
    let args: Vec<_> = ctx.args(inst).to_vec();
    let ty = ctx.function.dfg.ctrl_typevar(inst);
    let results = ctx.function.dfg.inst_results(inst);
    let result_ty = results.first().map(|&value| ctx.ty(value));
    let uncovered = || Err(Refusal::uncovered(format!("{opcode}.{ty}")));
    let effect = matches!(
        opcode,
        Opcode::Fence | Opcode::Trap | Opcode::Trapz | Opcode::Trapnz
    );
    let memory = opcode.can_load() || opcode.can_store();
    let is_moved = matches!(
        opcode,
        Opcode::Select | Opcode::SelectSpectreGuard | Opcode::Bitcast
    );
    // Half floats are only ever moved, in integer registers.
    let known = |ty: Type| is_plain(ty) || (is_moved && ty == types::F16);
    let types_known = known(ty) && args.iter().all(|&arg| known(ctx.ty(arg)));
    if !(types_known || effect || memory) || results.len() > 1 {
        return uncovered();
    }
    let result = result_ty.map(|_| ctx.result(inst, 0));
    let to = result.unwrap_or(ZERO);
    let b = &mut Build::new(ctx);
    match opcode {
        Opcode::Iadd => integer::add(b, to, [args[0], args[1]]),
        Opcode::Isub => integer::sub(b, to, [args[0], args[1]]),
        Opcode::Imul => integer::mul(b, to, [args[0], args[1]]),
        Opcode::Ineg => integer::neg(b, to, args[0]),
        Opcode::Iabs => integer::abs(b, to, args[0]),
        Opcode::Band => integer::logic(b, to, (Alu::And, AluImm::Andi), [args[0], args[1]]),
        Opcode::Bor => integer::logic(b, to, (Alu::Or, AluImm::Ori), [args[0], args[1]]),
        Opcode::Bxor => integer::logic(b, to, (Alu::Xor, AluImm::Xori), [args[0], args[1]]),
        Opcode::Bnot => {
            let value = b.reg(args[0]);
            b.to(to).imm(AluImm::Xori, value, -1);
        }
        Opcode::Smin | Opcode::Umin | Opcode::Smax | Opcode::Umax => {
            compare::extreme(b, to, opcode, [args[0], args[1]]);
        }
        Opcode::Umulhi | Opcode::Smulhi => {
            let signed = opcode == Opcode::Smulhi;
            integer::mul_high(b, to, signed, [args[0], args[1]]);
        }
        Opcode::Udiv | Opcode::Sdiv | Opcode::Urem | Opcode::Srem => {
            integer::divide(b, to, opcode, [args[0], args[1]]);
        }
        Opcode::Ishl | Opcode::Ushr | Opcode::Sshr => {
            bits::shift(b, to, opcode, [args[0], args[1]]);
        }
        Opcode::Rotl | Opcode::Rotr => {
            bits::rotate(b, to, opcode == Opcode::Rotl, [args[0], args[1]]);
        }
        Opcode::Clz => bits::leading_zeros(b, to, args[0]),
        Opcode::Ctz => bits::trailing_zeros(b, to, args[0]),
        Opcode::Cls => bits::leading_signs(b, to, args[0]),
        Opcode::Popcnt => bits::count(b, to, args[0]),
        Opcode::Bitrev => bits::reverse(b, to, 1, args[0]),
        Opcode::Bswap => bits::reverse(b, to, 8, args[0]),
        Opcode::Icmp | Opcode::Fcmp => compare::as_value(b, to, inst),
        Opcode::Select | Opcode::SelectSpectreGuard => {
            compare::select(b, to, [args[0], args[1], args[2]]);
        }
        Opcode::Bitselect => integer::bit_select(b, to, [args[0], args[1], args[2]]),
        Opcode::Bmask => {
            let value = b.zero_extended(args[0]);
            let bit = b.alu(Alu::Sltu, ZERO, value);
            b.to(to).alu(Alu::Sub, ZERO, bit);
        }
        Opcode::Uextend => extend::zero_to(b, to, args[0]),
        Opcode::Sextend => extend::sign_to(b, to, args[0]),
        Opcode::Fadd | Opcode::Fsub | Opcode::Fmul | Opcode::Fdiv => {
            let op = match opcode {
                Opcode::Fadd => FloatOp::Add,
                Opcode::Fsub => FloatOp::Sub,
                Opcode::Fmul => FloatOp::Mul,
                _ => FloatOp::Div,
            };
            let (x, y) = (b.reg(args[0]), b.reg(args[1]));
            b.to(to).float(op, format(ty), x, y);
        }
        Opcode::Fmin => float::extreme(b, to, FloatOp::Min, [args[0], args[1]]),
        Opcode::Fmax => float::extreme(b, to, FloatOp::Max, [args[0], args[1]]),
        Opcode::Sqrt => {
            let a = b.reg(args[0]);
            b.push(Inst::Sqrt {
                format: format(ty),
                to,
                a,
            });
        }
        Opcode::Fma => {
            let sources = [b.reg(args[0]), b.reg(args[1]), b.reg(args[2])];
            b.push(Inst::Fused {
                op: Fused::Madd,
                format: format(ty),
                to,
                sources,
            });
        }
        Opcode::Fneg | Opcode::Fabs | Opcode::Fcopysign => {
            let a = b.reg(args[0]);
            let (sign, other) = match opcode {
                Opcode::Fneg => (FloatSign::Negate, a),
                Opcode::Fabs => (FloatSign::Xor, a),
                _ => (FloatSign::Copy, b.reg(args[1])),
            };
            b.push(Inst::Sign {
                sign,
                format: format(ty),
                to,
                a,
                b: other,
            });
        }
        Opcode::Ceil => float::round(b, to, Rounding::Rup, args[0]),
        Opcode::Floor => float::round(b, to, Rounding::Rdn, args[0]),
        Opcode::Trunc => float::round(b, to, Rounding::Rtz, args[0]),
        Opcode::Nearest => float::round(b, to, Rounding::Rne, args[0]),
        Opcode::FcvtFromSint => convert::from_int(b, to, true, ty, args[0]),
        Opcode::FcvtFromUint => convert::from_int(b, to, false, ty, args[0]),
        Opcode::FcvtToSintSat if ty.bits() >= 32 => {
            convert::to_int_saturating(b, to, true, ty, args[0]);
        }
        Opcode::FcvtToUintSat if ty.bits() >= 32 => {
            convert::to_int_saturating(b, to, false, ty, args[0]);
        }
        Opcode::FcvtToSint if ty.bits() >= 32 => convert::to_int(b, to, true, ty, args[0]),
        Opcode::FcvtToUint if ty.bits() >= 32 => convert::to_int(b, to, false, ty, args[0]),
        Opcode::Fpromote => {
            let a = b.reg(args[0]);
            b.push(Inst::Convert {
                format: Format::D,
                to,
                a,
            });
        }
        Opcode::Fdemote => {
            let a = b.reg(args[0]);
            b.push(Inst::Convert {
                format: Format::S,
                to,
                a,
            });
        }
        Opcode::Bitcast => convert::bits(b, to, args[0]),
        Opcode::Load
        | Opcode::Uload8
        | Opcode::Sload8
        | Opcode::Uload16
        | Opcode::Sload16
        | Opcode::Uload32
        | Opcode::Sload32 => return memory::load(b, inst),
        Opcode::Store | Opcode::Istore8 | Opcode::Istore16 | Opcode::Istore32 => {
            return memory::store(b, inst);
        }
        Opcode::AtomicLoad | Opcode::AtomicStore | Opcode::AtomicRmw | Opcode::AtomicCas => {
            return atomic::lower(b, inst);
        }
        Opcode::Fence => b.push(Inst::Fence {
            before: 15,
            after: 15,
        }),
        Opcode::SymbolValue | Opcode::FuncAddr => return memory::symbol(b, to, inst),
        Opcode::Trap => control::trap(b, inst),
        Opcode::Trapz | Opcode::Trapnz => control::trap_if(b, inst),
        Opcode::GetFramePointer if b.ctx.settings.frame_pointers => {
            let from = Reg::real(super::registers::int(8));
            b.ctx.emit(crate::backend::vcode::Op::Move { to, from });
        }
        _ => return uncovered(),
    }
    Ok(())
}

/// The format of a float.
pub fn format(ty: Type) -> Format {
    if ty == types::F32 {
        Format::S
    } else {
        Format::D
    }
}

/// Puts a constant into a register.
pub fn constant(ctx: &mut Ctx<'_>, ty: Type, bits: u128) -> Reg {
    let low = u64::try_from(bits & u128::from(u64::MAX)).expect("masked");
    let b = &mut Build::new(ctx);
    if matches!(ty, types::F32 | types::F64) {
        let bits = b.value(sign_extended(low, ty.bits()));
        let to = b.ctx.temp_for(ty);
        b.push(Inst::ToFloat {
            format: format(ty),
            to,
            a: bits,
        });
        return to;
    }
    b.value(sign_extended(low, ty.bits()))
}

/// The low `bits` bits with their sign.
pub fn sign_extended(value: u64, bits: u32) -> i64 {
    let shift = 64_u32.saturating_sub(bits);
    (value << shift).cast_signed() >> shift
}

/// Copies with the bits above filled.
pub fn fill(ctx: &mut Ctx<'_>, from: Reg, fill: Fill) -> Reg {
    let b = &mut Build::new(ctx);
    match fill {
        Fill::None | Fill::Lanes => from,
        Fill::Zero(bits) => b.zeros_above(from, bits.into()),
        Fill::Sign(bits) => b.signs_above(from, bits.into()),
        Fill::Ones(bits) => {
            let ones = b.value(-1 << bits);
            b.alu(Alu::Or, from, ones)
        }
    }
}
