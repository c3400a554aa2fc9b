//! Loads and stores.
//!
//! An access that may trap takes the addressing mode in which a null base traps; Pulley tells no
//! other bad address. A vector's lanes have a byte order each, but Pulley only moves vectors as
//! they are in little-endian memory: big-endian lanes are turned around by a shuffle.

use cranelift_codegen::ir::{
    Endianness, Inst as ClifInst, InstructionData, MemFlags, Opcode, TrapCode, Type, Value, types,
};
use pulley_interpreter::encode;

use super::Pulley;
use super::encode::{Put, PutMemory, f, fields, memory, unary, v, x};
use super::inst::{Base, Inst};
use super::lower::Ctx;
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

/// The encoder of one of four forms: of either byte order, with and without a check for null.
macro_rules! forms {
    ($access:ident $class:ident, $big:ident, $checked:ident, $o:ident, $z:ident, $ob:ident, $zb:ident) => {
        match ($big, $checked) {
            (false, false) => memory!($access $o, $class),
            (false, true) => memory!(null $access $z, $class),
            (true, false) => memory!($access $ob, $class),
            (true, true) => memory!(null $access $zb, $class),
        }
    };
}

/// The encoder that loads `ty` into the low bits of a register, filled up to 32 bits with the
/// sign or with zeros.
#[rustfmt::skip]
pub fn load(ty: Type, signed: bool, big: bool, checked: bool) -> Option<PutMemory> {
    Some(match (ty, signed) {
        (types::I8, false) => forms!(load x, big, checked, xload8_u32_o32, xload8_u32_z, xload8_u32_o32, xload8_u32_z),
        (types::I8, true) => forms!(load x, big, checked, xload8_s32_o32, xload8_s32_z, xload8_s32_o32, xload8_s32_z),
        (types::I16, false) => forms!(load x, big, checked, xload16le_u32_o32, xload16le_u32_z, xload16be_u32_o32, xload16be_u32_z),
        (types::I16, true) => forms!(load x, big, checked, xload16le_s32_o32, xload16le_s32_z, xload16be_s32_o32, xload16be_s32_z),
        (types::I32, _) => forms!(load x, big, checked, xload32le_o32, xload32le_z, xload32be_o32, xload32be_z),
        (types::I64, _) => forms!(load x, big, checked, xload64le_o32, xload64le_z, xload64be_o32, xload64be_z),
        (types::F32, _) => forms!(load f, big, checked, fload32le_o32, fload32le_z, fload32be_o32, fload32be_z),
        (types::F64, _) => forms!(load f, big, checked, fload64le_o32, fload64le_z, fload64be_o32, fload64be_z),
        (ty, _) if ty.is_vector() && ty.bits() == 128 => {
            forms!(load v, big, checked, vload128le_o32, vload128le_z, vload128le_o32, vload128le_z)
        }
        _ => return None,
    })
}

/// The encoder that stores the low bits of a register as `ty`.
#[rustfmt::skip]
pub fn store(ty: Type, big: bool, checked: bool) -> Option<PutMemory> {
    Some(match ty {
        types::I8 => forms!(store x, big, checked, xstore8_o32, xstore8_z, xstore8_o32, xstore8_z),
        types::I16 => forms!(store x, big, checked, xstore16le_o32, xstore16le_z, xstore16be_o32, xstore16be_z),
        types::I32 => forms!(store x, big, checked, xstore32le_o32, xstore32le_z, xstore32be_o32, xstore32be_z),
        types::I64 => forms!(store x, big, checked, xstore64le_o32, xstore64le_z, xstore64be_o32, xstore64be_z),
        types::F32 => forms!(store f, big, checked, fstore32le_o32, fstore32le_z, fstore32be_o32, fstore32be_z),
        types::F64 => forms!(store f, big, checked, fstore64le_o32, fstore64le_z, fstore64be_o32, fstore64be_z),
        ty if ty.is_vector() && ty.bits() == 128 => {
            forms!(store v, big, checked, vstore128le_o32, vstore128le_z, vstore128le_o32, vstore128le_z)
        }
        _ => return None,
    })
}

/// The encoder of a load that widens each of its lanes, little-endian.
fn widening(opcode: Opcode) -> Option<PutMemory> {
    Some(match opcode {
        Opcode::Sload8x8 => memory!(null load vload8x8_s_z, v),
        Opcode::Uload8x8 => memory!(null load vload8x8_u_z, v),
        Opcode::Sload16x4 => memory!(null load vload16x4le_s_z, v),
        Opcode::Uload16x4 => memory!(null load vload16x4le_u_z, v),
        Opcode::Sload32x2 => memory!(null load vload32x2le_s_z, v),
        Opcode::Uload32x2 => memory!(null load vload32x2le_u_z, v),
        _ => return None,
    })
}

/// Type in memory of an access, and whether a load fills with the sign.
fn in_memory(opcode: Opcode, ty: Type) -> Option<(Type, bool)> {
    Some(match opcode {
        Opcode::Load | Opcode::Store => (ty, false),
        Opcode::Uload8 | Opcode::Istore8 => (types::I8, false),
        Opcode::Sload8 => (types::I8, true),
        Opcode::Uload16 | Opcode::Istore16 => (types::I16, false),
        Opcode::Sload16 => (types::I16, true),
        Opcode::Uload32 | Opcode::Istore32 => (types::I32, false),
        Opcode::Sload32 => (types::I32, true),
        _ => return None,
    })
}

/// The bytes of big-endian lanes in little-endian order, and back, as a shuffle's mask.
fn turned(ty: Type) -> u128 {
    let lane = ty.lane_bits() / 8;
    let place = |byte: u32| byte / lane * lane + (lane - 1 - byte % lane);
    (0..16).fold(0, |mask, byte| mask | u128::from(place(byte)) << (8 * byte))
}

impl Pulley {
    /// Whether an access's byte order is big-endian.
    pub(super) fn is_big(&self, ctx: &Ctx<'_>, flags: MemFlags) -> bool {
        let native = if self.isa().is_big_endian() {
            Endianness::Big
        } else {
            Endianness::Little
        };
        ctx.function.dfg.mem_flags[flags].endianness(native) == Endianness::Big
    }

    /// Base, offset, and the trap code that asks for a check.
    fn address(
        &self,
        ctx: &mut Ctx<'_>,
        value: Value,
        offset: i32,
        flags: MemFlags,
    ) -> (Base, i32, Option<TrapCode>) {
        if let Some(place) = ctx.frame_place(value) {
            return (Base::Frame(place), offset, None);
        }
        let trap = ctx.function.dfg.mem_flags[flags].trap_code();
        if trap.is_none()
            && let Some(inst) = ctx.defined_by(value, Opcode::Iadd)
        {
            let [base, addend] = [ctx.args(inst)[0], ctx.args(inst)[1]];
            let sum = ctx.signed_constant(addend).map(|c| c + i64::from(offset));
            if let Some(Ok(sum)) = sum.map(i32::try_from) {
                return (Base::Reg(ctx.reg(base)), sum, None);
            }
        }
        (Base::Reg(ctx.reg(value)), offset, trap)
    }

    pub(super) fn lower_load(&self, ctx: &mut Ctx<'_>, inst: ClifInst) -> Result<(), Refusal> {
        let InstructionData::Load {
            opcode,
            arg,
            flags,
            offset,
        } = ctx.function.dfg.insts[inst]
        else {
            unreachable!("the format of loads");
        };
        let result = ctx.function.dfg.first_result(inst);
        let (ty, to) = (ctx.ty(result), ctx.result(inst, 0));
        let big = self.is_big(ctx, flags);
        let (base, offset, trap) = self.address(ctx, arg, offset.into(), flags);
        let load_to = |put, to| Inst::Load {
            put,
            to,
            base,
            offset,
            trap,
        };
        if let Some(put) = widening(opcode) {
            if !big || ty == types::I16X8 {
                ctx.isa(load_to(put, to));
                return Ok(());
            }
            return self.widen_big(ctx, opcode, ty, to, load_to);
        }
        let uncovered = || Refusal::uncovered(format!("{opcode}.{ty}"));
        let (narrow, signed) = in_memory(opcode, ty).ok_or_else(uncovered)?;
        let put = load(narrow, signed, big, trap.is_some()).ok_or_else(uncovered)?;
        let fill = match (narrow.bits() < 64 && ty == types::I64, signed) {
            (true, true) => Some(unary!(sext32, x, x)),
            (true, false) => Some(unary!(zext32, x, x)),
            (false, _) => None,
        };
        if let Some(fill) = fill {
            let low = ctx.temp_for(types::I32);
            ctx.isa(load_to(put, low));
            ctx.isa(Inst::plain(fill, vec![to, low]));
        } else if big && ty.is_vector() && ty.lane_bits() > 8 {
            let raw = ctx.temp_for(ty);
            ctx.isa(load_to(put, raw));
            self.shuffle(ctx, to, raw, turned(ty));
        } else {
            ctx.isa(load_to(put, to));
        }
        Ok(())
    }

    /// Loads the 8 bytes as an integer, turns the lanes around, widens.
    fn widen_big(
        &self,
        ctx: &mut Ctx<'_>,
        opcode: Opcode,
        ty: Type,
        to: Reg,
        load_to: impl Fn(PutMemory, Reg) -> Inst,
    ) -> Result<(), Refusal> {
        let (narrow, put) = match opcode {
            Opcode::Sload16x4 => (types::I16X8, unary!(vwidenlow16x8_s, v, v)),
            Opcode::Uload16x4 => (types::I16X8, unary!(vwidenlow16x8_u, v, v)),
            Opcode::Sload32x2 => (types::I32X4, unary!(vwidenlow32x4_s, v, v)),
            _ => (types::I32X4, unary!(vwidenlow32x4_u, v, v)),
        };
        let bytes = ctx.temp_for(types::I64);
        ctx.isa(load_to(memory!(null load xload64le_z, x), bytes));
        let (raw, lanes) = (ctx.temp_for(ty), ctx.temp_for(ty));
        ctx.isa(Inst::plain(unary!(vsplatx64, v, x), vec![raw, bytes]));
        self.shuffle(ctx, lanes, raw, turned(narrow));
        ctx.isa(Inst::plain(put, vec![to, lanes]));
        Ok(())
    }

    pub(super) fn lower_store(&self, ctx: &mut Ctx<'_>, inst: ClifInst) -> Result<(), Refusal> {
        let InstructionData::Store {
            opcode,
            args,
            flags,
            offset,
        } = ctx.function.dfg.insts[inst]
        else {
            unreachable!("the format of stores");
        };
        let ty = ctx.ty(args[0]);
        let big = self.is_big(ctx, flags);
        let (base, offset, trap) = self.address(ctx, args[1], offset.into(), flags);
        let uncovered = || Refusal::uncovered(format!("{opcode}.{ty}"));
        let (narrow, _) = in_memory(opcode, ty).ok_or_else(uncovered)?;
        let put = store(narrow, big, trap.is_some()).ok_or_else(uncovered)?;
        let mut from = ctx.reg(args[0]);
        if big && ty.is_vector() && ty.lane_bits() > 8 {
            let raw = ctx.temp_for(ty);
            self.shuffle(ctx, raw, from, turned(ty));
            from = raw;
        }
        ctx.isa(Inst::Store {
            put,
            from,
            base,
            offset,
            trap,
        });
        Ok(())
    }

    /// The same bits under another type.
    pub(super) fn lower_bitcast(&self, ctx: &mut Ctx<'_>, inst: ClifInst) -> Result<(), Refusal> {
        let InstructionData::LoadNoOffset { arg, flags, .. } = ctx.function.dfg.insts[inst] else {
            unreachable!("the format of bitcast");
        };
        let (old, new) = (ctx.ty(arg), ctx.ty(ctx.function.dfg.first_result(inst)));
        let (from, to) = (ctx.reg(arg), ctx.result(inst, 0));
        if from.class() != to.class() {
            return Err(Refusal::uncovered(format!("bitcast of {old} to {new}")));
        }
        if old.is_vector() && old.lane_bits() != new.lane_bits() && self.is_big(ctx, flags) {
            // Stored as big-endian lanes of one type, loaded as those of the other.
            let raw = ctx.temp_for(new);
            self.shuffle(ctx, raw, from, turned(old));
            self.shuffle(ctx, to, raw, turned(new));
            return Ok(());
        }
        let from = ctx.virtual_copy(from);
        ctx.isa(Inst::Same { to, from });
        Ok(())
    }

    pub(super) fn shuffle(&self, ctx: &mut Ctx<'_>, to: Reg, from: Reg, mask: u128) {
        let put = fields!(vshuffle, v, v, v; bits);
        ctx.isa(Inst::with(put, vec![to, from, from], mask.cast_signed()));
    }
}
