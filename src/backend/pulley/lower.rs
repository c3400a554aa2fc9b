//! From CLIF to Pulley's instructions: what is one instruction stands in the tables of
//! `scalar.rs` and `vector.rs`, what needs a word of its own is here and beside.

use cranelift_codegen::ir::{
    Function, GlobalValueData, Inst as ClifInst, InstructionData, Opcode, TrapCode, Type, Value,
    types,
};
use pulley_interpreter::encode;

use super::Pulley;
use super::encode::{Put, binary, f, fields, six_bits, unary, v, x};
use super::inst::{Base, Inst};
use super::{scalar, vector};
use crate::backend::arch::Arch as _;
use crate::backend::limit::Refusal;
use crate::backend::lower::Lower;
use crate::backend::reg::Reg;

pub(super) type Ctx<'a> = Lower<'a, Pulley>;

/// Types of the first operand and the first result; the same where there is none.
fn signature(function: &Function, inst: ClifInst) -> (Type, Type) {
    let dfg = &function.dfg;
    let ty = |value: Option<&Value>| value.map(|&value| dfg.value_type(value));
    let (arg, result) = (
        ty(dfg.inst_args(inst).first()),
        ty(dfg.inst_results(inst).first()),
    );
    let from = arg.or(result).unwrap_or(types::INVALID);
    (from, result.unwrap_or(from))
}

fn one(opcode: Opcode, from: Type, to: Type) -> Option<Put> {
    if from.is_vector() || to.is_vector() {
        vector::one(opcode, from, to)
    } else {
        scalar::one(opcode, from, to)
    }
}

fn is_narrow(ty: Type) -> bool {
    matches!(ty, types::I8 | types::I16)
}

impl Pulley {
    /// Whether [`Pulley::lower_inst`] has the instruction.
    pub(super) fn has(&self, function: &Function, inst: ClifInst, opcode: Opcode) -> bool {
        let (from, to) = signature(function, inst);
        let is_wide = from == types::I128 || to == types::I128;
        match opcode {
            Opcode::Iadd | Opcode::Isub | Opcode::Imul if is_wide => true,
            Opcode::Ishl | Opcode::Ushr | Opcode::Sshr if is_narrow(from) => true,
            Opcode::Udiv
            | Opcode::Sdiv
            | Opcode::Urem
            | Opcode::Srem
            | Opcode::Iabs
            | Opcode::Smin
            | Opcode::Smax
            | Opcode::Umin
            | Opcode::Umax
                if is_narrow(from) =>
            {
                true
            }
            Opcode::Icmp | Opcode::Bmask => {
                from.bits() <= 64 && to.bits() <= 64 || from.is_vector()
            }
            Opcode::Fcmp => from.lane_bits() >= 32 && from.lane_bits() <= 64,
            Opcode::Select | Opcode::SelectSpectreGuard => {
                from != types::I128 && (to.bits() <= 64 || to.is_vector())
            }
            Opcode::Fma => from.lane_bits() >= 32 && from.lane_bits() <= 64,
            Opcode::Uextend | Opcode::Sextend => to.bits() <= 64,
            Opcode::Trapz | Opcode::Trapnz => from != types::I128,
            Opcode::UaddOverflowTrap => matches!(from, types::I32 | types::I64),
            Opcode::Extractlane | Opcode::Insertlane | Opcode::Shuffle => from.bits() == 128,
            Opcode::Bitcast => !is_wide,
            _ if opcode.can_load() || opcode.can_store() => !is_wide,
            Opcode::Ishl | Opcode::Ushr | Opcode::Sshr | Opcode::Rotl | Opcode::Rotr
                if from == types::I128 =>
            {
                false
            }
            _ => one(opcode, from, to).is_some(),
        }
    }

    pub(super) fn lower_inst(&self, ctx: &mut Ctx<'_>, inst: ClifInst) -> Result<(), Refusal> {
        let data = ctx.function.dfg.insts[inst];
        let opcode = data.opcode();
        let (from, to_ty) = signature(ctx.function, inst);
        match opcode {
            Opcode::Icmp => self.int_compare(ctx, inst),
            Opcode::Fcmp => return self.float_compare(ctx, inst),
            Opcode::Select | Opcode::SelectSpectreGuard => return self.select(ctx, inst),
            Opcode::Trapz | Opcode::Trapnz => self.conditional_trap(ctx, inst),
            Opcode::Trap => {
                let InstructionData::Trap { code, .. } = data else {
                    unreachable!("the format of trap");
                };
                ctx.isa(Inst::Trap(code));
            }
            Opcode::SymbolValue | Opcode::FuncAddr => return self.symbol(ctx, inst),
            Opcode::GetFramePointer => self.special(ctx, inst, fields!(xmov_fp, x)),
            Opcode::GetReturnAddress => return self.return_address(ctx, inst),
            Opcode::Iadd | Opcode::Isub if from == types::I128 => self.wide_sum(ctx, inst),
            Opcode::Imul if from == types::I128 => self.wide_product(ctx, inst),
            Opcode::Ishl | Opcode::Ushr | Opcode::Sshr if !from.is_vector() => {
                self.shift(ctx, inst, from);
            }
            Opcode::Bmask => self.bit_mask(ctx, inst, to_ty),
            Opcode::Fma if !from.is_vector() => self.scalar_fma(ctx, inst, from),
            Opcode::UaddOverflowTrap => self.trapping_sum(ctx, inst, from),
            Opcode::Extractlane | Opcode::Insertlane | Opcode::Shuffle => {
                return self.lanes(ctx, inst);
            }
            Opcode::Bitcast if one(opcode, from, to_ty).is_none() => {
                return self.lower_bitcast(ctx, inst);
            }
            _ if matches!(data, InstructionData::Load { .. }) => return self.lower_load(ctx, inst),
            _ if matches!(data, InstructionData::Store { .. }) => {
                return self.lower_store(ctx, inst);
            }
            _ if is_narrow(from) && self.as_word(ctx, inst, from) => {}
            _ => return self.plain(ctx, inst, from, to_ty),
        }
        Ok(())
    }

    /// One instruction of the tables, or its form with an immediate.
    fn plain(
        &self,
        ctx: &mut Ctx<'_>,
        inst: ClifInst,
        from: Type,
        to_ty: Type,
    ) -> Result<(), Refusal> {
        let opcode = ctx.function.dfg.insts[inst].opcode();
        let args = ctx.args(inst).to_vec();
        if !from.is_vector() && self.with_immediate(ctx, inst, &args) {
            return Ok(());
        }
        let put = one(opcode, from, to_ty)
            .filter(|_| from != types::I128 && to_ty != types::I128)
            .ok_or_else(|| Refusal::uncovered(format!("{opcode}.{from}")))?;
        let mut regs = vec![ctx.result(inst, 0)];
        for arg in args {
            regs.push(ctx.reg(arg));
        }
        ctx.isa(Inst::plain(put, regs));
        Ok(())
    }

    /// Additions, multiplications and bit operations with a constant.
    fn with_immediate(&self, ctx: &mut Ctx<'_>, inst: ClifInst, args: &[Value]) -> bool {
        let opcode = ctx.function.dfg.insts[inst].opcode();
        let &[a, b] = args else {
            return false;
        };
        let ty = ctx.ty(a);
        if !ty.is_int() || ty.bits() > 64 || ctx.ty(b) != ty {
            return false;
        }
        let (other, constant) = match (ctx.signed_constant(a), ctx.signed_constant(b)) {
            (_, Some(constant)) => (a, constant),
            (Some(constant), None) if opcode != Opcode::Isub => (b, constant),
            _ => return false,
        };
        let Some((put, imm)) = immediate(opcode, ty == types::I64, constant) else {
            return false;
        };
        let from = ctx.reg(other);
        let to = ctx.result(inst, 0);
        ctx.isa(Inst::with(put, vec![to, from], imm));
        true
    }

    fn shift(&self, ctx: &mut Ctx<'_>, inst: ClifInst, ty: Type) {
        let opcode = ctx.function.dfg.insts[inst].opcode();
        let [value, amount] = [ctx.args(inst)[0], ctx.args(inst)[1]];
        let to = ctx.result(inst, 0);
        let wide = ty == types::I64;
        let from = match opcode {
            Opcode::Ishl => ctx.reg(value),
            _ => self.filled(ctx, value, opcode == Opcode::Sshr),
        };
        let mask = ty.bits() - 1;
        let is_small = ctx.ty(amount).bits() <= 64;
        if let Some(bits) = ctx.constant(amount).filter(|_| is_small) {
            let put = match (opcode, wide) {
                (Opcode::Ishl, false) => six_bits!(xshl32_u6),
                (Opcode::Ishl, true) => six_bits!(xshl64_u6),
                (Opcode::Ushr, false) => six_bits!(xshr32_u_u6),
                (Opcode::Ushr, true) => six_bits!(xshr64_u_u6),
                (_, false) => six_bits!(xshr32_s_u6),
                (_, true) => six_bits!(xshr64_s_u6),
            };
            let amount = i128::from(bits & u64::from(mask));
            ctx.isa(Inst::with(put, vec![to, from], amount));
            return;
        }
        let mut by = ctx.reg(amount);
        if is_narrow(ty) {
            let masked = ctx.temp_for(types::I32);
            let put = fields!(xband32_s8, x, x; i8);
            ctx.isa(Inst::with(put, vec![masked, by], mask.into()));
            by = masked;
        }
        let word = if wide { types::I64 } else { types::I32 };
        let put = scalar::one(opcode, word, word).expect("shifts are in the table");
        ctx.isa(Inst::plain(put, vec![to, from, by]));
    }

    /// Narrow operations as those of 32 bits on filled operands; says whether it is one.
    fn as_word(&self, ctx: &mut Ctx<'_>, inst: ClifInst, ty: Type) -> bool {
        let opcode = ctx.function.dfg.insts[inst].opcode();
        let signed = match opcode {
            Opcode::Sdiv | Opcode::Srem | Opcode::Smin | Opcode::Smax | Opcode::Iabs => true,
            Opcode::Udiv | Opcode::Urem | Opcode::Umin | Opcode::Umax => false,
            _ => return false,
        };
        let args = ctx.args(inst).to_vec();
        let to = ctx.result(inst, 0);
        let mut regs = vec![to];
        for arg in args {
            regs.push(self.filled(ctx, arg, signed));
        }
        let put = scalar::one(opcode, types::I32, types::I32).expect("in the table");
        ctx.isa(Inst::plain(put, regs));
        if opcode == Opcode::Sdiv {
            // The one quotient beyond the type is that of the least value by minus one.
            let beyond = 1 << (ty.bits() - 1);
            ctx.isa(Inst::TrapIf {
                condition: self.equals(to, beyond),
                code: TrapCode::INTEGER_OVERFLOW,
            });
        }
        true
    }

    fn special(&self, ctx: &mut Ctx<'_>, inst: ClifInst, put: Put) {
        let to = ctx.result(inst, 0);
        ctx.isa(Inst::plain(put, vec![to]));
    }

    /// The saved one, which `push_frame` puts above the saved frame pointer in the host's byte
    /// order.
    fn return_address(&self, ctx: &mut Ctx<'_>, inst: ClifInst) -> Result<(), Refusal> {
        if self.isa().is_big_endian() || self.pointer_bytes() != 8 {
            return Err(Refusal::uncovered("get_return_address"));
        }
        let (fp, to) = (ctx.temp_for(types::I64), ctx.result(inst, 0));
        ctx.isa(Inst::plain(fields!(xmov_fp, x), vec![fp]));
        ctx.isa(self.load_at(to, fp, 8, types::I64));
        Ok(())
    }

    fn symbol(&self, ctx: &mut Ctx<'_>, inst: ClifInst) -> Result<(), Refusal> {
        let function = ctx.function;
        let (name, addend, near) = match function.dfg.insts[inst] {
            InstructionData::FuncAddr { func_ref, .. } => {
                let data = &function.dfg.ext_funcs[func_ref];
                (data.name.clone(), 0, data.colocated)
            }
            InstructionData::UnaryGlobalValue { global_value, .. } => {
                let GlobalValueData::Symbol {
                    name,
                    offset,
                    colocated,
                    tls: false,
                } = &function.global_values[global_value]
                else {
                    return Err(Refusal::uncovered("symbol_value of no plain symbol"));
                };
                (name.clone(), i64::from(*offset), *colocated)
            }
            _ => return Err(Refusal::uncovered("an address")),
        };
        let to = ctx.result(inst, 0);
        ctx.isa(Inst::Address {
            to,
            name,
            addend,
            near,
        });
        Ok(())
    }

    fn wide_sum(&self, ctx: &mut Ctx<'_>, inst: ClifInst) {
        let args = ctx.args(inst).to_vec();
        let ((a, a_high), (b, b_high)) = (ctx.pair(args[0]), ctx.pair(args[1]));
        let (low, high) = ctx.result_pair(inst, 0);
        let put = if ctx.function.dfg.insts[inst].opcode() == Opcode::Iadd {
            fields!(xadd128, x, x, x, x, x, x)
        } else {
            fields!(xsub128, x, x, x, x, x, x)
        };
        let regs = vec![low, high, a, a_high, b, b_high];
        ctx.isa(pair_of(put, regs));
    }

    fn wide_product(&self, ctx: &mut Ctx<'_>, inst: ClifInst) {
        let args = ctx.args(inst).to_vec();
        let ((a, a_high), (b, b_high)) = (ctx.pair(args[0]), ctx.pair(args[1]));
        let (low, high) = ctx.result_pair(inst, 0);
        let (carried, sum) = (ctx.temp_for(types::I64), ctx.temp_for(types::I64));
        let put = fields!(xwidemul64_u, x, x, x, x);
        ctx.isa(pair_of(put, vec![low, carried, a, b]));
        let add = fields!(xmadd64, x, x, x, x);
        ctx.isa(Inst::plain(add, vec![sum, a, b_high, carried]));
        ctx.isa(Inst::plain(add, vec![high, a_high, b, sum]));
    }

    fn bit_mask(&self, ctx: &mut Ctx<'_>, inst: ClifInst, to_ty: Type) {
        let value = ctx.args(inst)[0];
        let to = ctx.result(inst, 0);
        let wide = ctx.ty(value) == types::I64;
        let from = self.filled(ctx, value, false);
        if wide {
            ctx.isa(Inst::plain(unary!(xbmask64, x, x), vec![to, from]));
        } else if to_ty == types::I64 {
            let low = ctx.temp_for(types::I32);
            ctx.isa(Inst::plain(unary!(xbmask32, x, x), vec![low, from]));
            ctx.isa(Inst::plain(unary!(sext32, x, x), vec![to, low]));
        } else {
            ctx.isa(Inst::plain(unary!(xbmask32, x, x), vec![to, from]));
        }
    }

    /// There is one of vectors only.
    fn scalar_fma(&self, ctx: &mut Ctx<'_>, inst: ClifInst, ty: Type) {
        let args = ctx.args(inst).to_vec();
        let (splat, fma, extract, lanes) = if ty == types::F32 {
            let extract = fields!(fextractv32x4, f, v; u8);
            let fma = fields!(vfma32x4, v, v, v, v);
            (unary!(vsplatf32, v, f), fma, extract, types::F32X4)
        } else {
            let extract = fields!(fextractv64x2, f, v; u8);
            let fma = fields!(vfma64x2, v, v, v, v);
            (unary!(vsplatf64, v, f), fma, extract, types::F64X2)
        };
        let result = ctx.temp_for(lanes);
        let mut regs = vec![result];
        for arg in args {
            let (scalar, vector) = (ctx.reg(arg), ctx.temp_for(lanes));
            ctx.isa(Inst::plain(splat, vec![vector, scalar]));
            regs.push(vector);
        }
        ctx.isa(Inst::plain(fma, regs));
        let to = ctx.result(inst, 0);
        ctx.isa(Inst::with(extract, vec![to, result], 0));
    }

    fn trapping_sum(&self, ctx: &mut Ctx<'_>, inst: ClifInst, ty: Type) {
        let InstructionData::IntAddTrap { args, code, .. } = ctx.function.dfg.insts[inst] else {
            unreachable!("the format of uadd_overflow_trap");
        };
        let put = if ty == types::I64 {
            binary!(xadd64_uoverflow_trap, x)
        } else {
            binary!(xadd32_uoverflow_trap, x)
        };
        let (a, b) = (ctx.reg(args[0]), ctx.reg(args[1]));
        let to = ctx.result(inst, 0);
        ctx.isa(Inst::Plain {
            put,
            regs: vec![to, a, b],
            defs: 1,
            imm: 0,
            trap: Some(code),
        });
    }

    fn lanes(&self, ctx: &mut Ctx<'_>, inst: ClifInst) -> Result<(), Refusal> {
        let data = ctx.function.dfg.insts[inst];
        let to = ctx.result(inst, 0);
        let ty = ctx.ty(ctx.args(inst)[0]);
        let uncovered = || Refusal::uncovered(format!("{}.{ty}", data.opcode()));
        match data {
            InstructionData::BinaryImm8 { arg, imm, .. } => {
                let put = vector::extract(ty).ok_or_else(uncovered)?;
                let from = ctx.reg(arg);
                ctx.isa(Inst::with(put, vec![to, from], imm.into()));
            }
            InstructionData::TernaryImm8 { args, imm, .. } => {
                let put = vector::inserted(ty).ok_or_else(uncovered)?;
                let (vector, lane) = (ctx.reg(args[0]), ctx.reg(args[1]));
                ctx.isa(Inst::with(put, vec![to, vector, lane], imm.into()));
            }
            InstructionData::Shuffle { args, imm, .. } => {
                let mask = ctx.function.dfg.immediates.get(imm).map(|mask| {
                    let bytes = mask.as_slice().try_into();
                    u128::from_le_bytes(bytes.expect("a mask has 16 bytes"))
                });
                let mask = mask.ok_or_else(uncovered)?;
                let (a, b) = (ctx.reg(args[0]), ctx.reg(args[1]));
                let put = fields!(vshuffle, v, v, v; bits);
                ctx.isa(Inst::with(put, vec![to, a, b], mask.cast_signed()));
            }
            _ => return Err(uncovered()),
        }
        Ok(())
    }

    /// A place in memory without its check.
    pub(super) fn plain_load(&self, to: Reg, base: Base, offset: i32, ty: Type) -> Inst {
        let put = super::memory::load(ty, false, self.isa().is_big_endian(), false);
        Inst::Load {
            put: put.expect("the type has a register"),
            to,
            base,
            offset,
            trap: None,
        }
    }

    /// As [`Pulley::plain_load`], the other way.
    pub(super) fn plain_store(&self, from: Reg, base: Base, offset: i32, ty: Type) -> Inst {
        let put = super::memory::store(ty, self.isa().is_big_endian(), false);
        Inst::Store {
            put: put.expect("the type has a register"),
            from,
            base,
            offset,
            trap: None,
        }
    }
}

/// An instruction that writes two registers.
fn pair_of(put: Put, regs: Vec<Reg>) -> Inst {
    Inst::Plain {
        put,
        regs,
        defs: 2,
        imm: 0,
        trap: None,
    }
}

/// The shortest form with an immediate, and the immediate.
fn immediate(opcode: Opcode, wide: bool, constant: i64) -> Option<(Put, i128)> {
    let value = i128::from(constant);
    let is_byte = i8::try_from(constant).is_ok();
    let is_word = i32::try_from(constant).is_ok();
    Some(match opcode {
        Opcode::Iadd => add(wide, value)?,
        Opcode::Isub => add(wide, -value)?,
        _ if !is_word => return None,
        Opcode::Imul => match (wide, is_byte) {
            (false, true) => (fields!(xmul32_s8, x, x; i8), value),
            (false, false) => (fields!(xmul32_s32, x, x; i32), value),
            (true, true) => (fields!(xmul64_s8, x, x; i8), value),
            (true, false) => (fields!(xmul64_s32, x, x; i32), value),
        },
        Opcode::Band => match (wide, is_byte) {
            (false, true) => (fields!(xband32_s8, x, x; i8), value),
            (false, false) => (fields!(xband32_s32, x, x; i32), value),
            (true, true) => (fields!(xband64_s8, x, x; i8), value),
            (true, false) => (fields!(xband64_s32, x, x; i32), value),
        },
        Opcode::Bor => match (wide, is_byte) {
            (false, true) => (fields!(xbor32_s8, x, x; i8), value),
            (false, false) => (fields!(xbor32_s32, x, x; i32), value),
            (true, true) => (fields!(xbor64_s8, x, x; i8), value),
            (true, false) => (fields!(xbor64_s32, x, x; i32), value),
        },
        Opcode::Bxor => match (wide, is_byte) {
            (false, true) => (fields!(xbxor32_s8, x, x; i8), value),
            (false, false) => (fields!(xbxor32_s32, x, x; i32), value),
            (true, true) => (fields!(xbxor64_s8, x, x; i8), value),
            (true, false) => (fields!(xbxor64_s32, x, x; i32), value),
        },
        _ => return None,
    })
}

/// Additions take an unsigned immediate, and so do subtractions.
fn add(wide: bool, value: i128) -> Option<(Put, i128)> {
    let magnitude = value.abs();
    let is_byte = u8::try_from(magnitude).is_ok();
    if u32::try_from(magnitude).is_err() {
        return None;
    }
    let put = match (value >= 0, wide, is_byte) {
        (true, false, true) => fields!(xadd32_u8, x, x; u8),
        (true, false, false) => fields!(xadd32_u32, x, x; u32),
        (true, true, true) => fields!(xadd64_u8, x, x; u8),
        (true, true, false) => fields!(xadd64_u32, x, x; u32),
        (false, false, true) => fields!(xsub32_u8, x, x; u8),
        (false, false, false) => fields!(xsub32_u32, x, x; u32),
        (false, true, true) => fields!(xsub64_u8, x, x; u8),
        (false, true, false) => fields!(xsub64_u32, x, x; u32),
    };
    Some((put, magnitude))
}
