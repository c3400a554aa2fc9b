//! Loads, stores and addresses.

use cranelift_codegen::ir::{
    Endianness, Inst as ClifInst, InstructionData, MemFlags, Opcode, TrapCode, Type, Value, types,
};

use super::super::encode::{Access, Address, Size, Unary, Widen, access, widen};
use super::super::inst::{EMPTY, Inst, Word};
use super::{Ctx, Lowered, words};
use crate::backend::call::FrameRef;
use crate::backend::reg::Reg;

/// The load of a whole value of `ty`, or of half of an `i128`.
pub fn load_of(ty: Type) -> Access {
    match (ty.bits(), ty.is_int()) {
        (8, true) => Access::LDRB,
        (16, true) => Access::LDRH,
        (32, true) => Access::LDR_W,
        (_, true) => Access::LDR_X,
        (16, _) => Access::LDR_H,
        (32, _) => Access::LDR_S,
        (64, _) => Access::LDR_D,
        _ => Access::LDR_Q,
    }
}

/// The store of a whole value of `ty`, or of half of an `i128`.
pub fn store_of(ty: Type) -> Access {
    match (ty.bits(), ty.is_int()) {
        (8, true) => Access::STRB,
        (16, true) => Access::STRH,
        (32, true) => Access::STR_W,
        (_, true) => Access::STR_X,
        (16, _) => Access::STR_H,
        (32, _) => Access::STR_S,
        (64, _) => Access::STR_D,
        _ => Access::STR_Q,
    }
}

/// An access of a place in the frame.
pub fn frame_access(op: Access, reg: Reg, place: FrameRef) -> Inst {
    Inst::Frame { op, reg, place }
}

/// An access of a result area, whose offsets are small.
pub fn area_access(op: Access, reg: Reg, base: Reg, offset: i32) -> Inst {
    let form = access(op, EMPTY, Address::Offset(EMPTY, offset));
    Inst::Word(registered(op, words::fits(form), reg).n(base))
}

/// A word with the register that it loads or stores.
pub fn registered(op: Access, word: Word, reg: Reg) -> Word {
    if op.is_load() {
        word.to(reg)
    } else {
        word.t(reg)
    }
}

impl Ctx<'_> {
    fn is_big(&self, flags: MemFlags) -> bool {
        let flags = self.function.dfg.mem_flags[flags];
        flags.endianness(Endianness::Little) == Endianness::Big
    }

    fn trap_of(&self, flags: MemFlags) -> Option<TrapCode> {
        self.function.dfg.mem_flags[flags].trap_code()
    }

    fn load(
        &mut self,
        inst: ClifInst,
        (address, offset): (Value, i64),
        flags: MemFlags,
    ) -> Lowered {
        let result = self.function.dfg.first_result(inst);
        let (ty, big, trap) = (self.ty(result), self.is_big(flags), self.trap_of(flags));
        if ty == types::I128 {
            let (low, high) = self.result_pair(inst, 0);
            let halves = if big {
                [(high, 0), (low, 8)]
            } else {
                [(low, 0), (high, 8)]
            };
            for (to, at) in halves {
                let to_load = if big { self.int() } else { to };
                self.access(Access::LDR_X, to_load, (address, offset + at), trap);
                if big {
                    self.put(to, words::unary(Unary::REV, Size::X, to_load));
                }
            }
            return Ok(true);
        }
        let to = self.result(inst, 0);
        if !big || ty.bits() == 8 {
            self.access(load_of(ty), to, (address, offset), trap);
            return Ok(true);
        }
        if !ty.is_int() {
            return Ok(false);
        }
        let loaded = self.int();
        self.access(load_of(ty), loaded, (address, offset), trap);
        self.reverse(to, loaded, ty);
        Ok(true)
    }

    /// Reverses the bytes of a value; what is above it is anything.
    fn reverse(&mut self, to: Reg, from: Reg, ty: Type) {
        let (op, size) = match ty {
            types::I16 => (Unary::REV16, Size::W),
            types::I32 => (Unary::REV, Size::W),
            _ => (Unary::REV, Size::X),
        };
        self.put(to, words::unary(op, size, from));
    }

    fn store_value(
        &mut self,
        value: Value,
        (address, offset): (Value, i64),
        flags: MemFlags,
    ) -> Lowered {
        let (ty, big, trap) = (self.ty(value), self.is_big(flags), self.trap_of(flags));
        if ty == types::I128 {
            let (low, high) = self.pair(value);
            let halves = if big {
                [(high, 0), (low, 8)]
            } else {
                [(low, 0), (high, 8)]
            };
            for (from, at) in halves {
                let from = match big {
                    true => self.int_of(words::unary(Unary::REV, Size::X, from)),
                    false => from,
                };
                self.access(Access::STR_X, from, (address, offset + at), trap);
            }
            return Ok(true);
        }
        self.store_as(ty, value, (address, offset), flags)
    }

    /// Stores the low bits of a value as a value of `ty`.
    fn store_as(&mut self, ty: Type, value: Value, at: (Value, i64), flags: MemFlags) -> Lowered {
        let (big, trap) = (self.is_big(flags), self.trap_of(flags));
        if !big || ty.bits() == 8 {
            let from = self.reg_or_zero(value);
            self.access(store_of(ty), from, at, trap);
            return Ok(true);
        }
        if !ty.is_int() {
            return Ok(false);
        }
        let from = self.reg(value);
        let reversed = self.int();
        self.reverse(reversed, from, ty);
        self.access(store_of(ty), reversed, at, trap);
        Ok(true)
    }

    /// A load that extends to its result's type.
    fn extending_load(
        &mut self,
        inst: ClifInst,
        (narrow, signed): (Type, bool),
        at: (Value, i64),
        flags: MemFlags,
    ) -> Lowered {
        let result = self.function.dfg.first_result(inst);
        let wide = self.ty(result) == types::I64;
        let to = self.result(inst, 0);
        let trap = self.trap_of(flags);
        if self.is_big(flags) && narrow != types::I8 {
            return Ok(false);
        }
        let op = match (narrow, signed, wide) {
            (_, false, _) => load_of(narrow),
            (types::I8, true, false) => Access::LDRSB_W,
            (types::I8, true, true) => Access::LDRSB_X,
            (types::I16, true, false) => Access::LDRSH_W,
            (types::I16, true, true) => Access::LDRSH_X,
            _ => Access::LDRSW,
        };
        self.access(op, to, at, trap);
        Ok(true)
    }

    /// A load of half a vector whose lanes are widened.
    fn widening_load(
        &mut self,
        inst: ClifInst,
        (log2_bytes, signed): (u32, bool),
        at: (Value, i64),
        flags: MemFlags,
    ) -> Lowered {
        if self.is_big(flags) {
            return Ok(false);
        }
        let to = self.result(inst, 0);
        let half = self.vec();
        let trap = self.trap_of(flags);
        self.access(Access::LDR_D, half, at, trap);
        let op = if signed { Widen::SXTL } else { Widen::UXTL };
        self.put(to, words::fits(widen(op, log2_bytes, EMPTY, EMPTY)).n(half));
        Ok(true)
    }
}

/// What an opcode loads, extended or widened: the narrow type and whether its sign counts.
fn narrow(opcode: Opcode) -> Option<(Type, bool)> {
    Some(match opcode {
        Opcode::Uload8 => (types::I8, false),
        Opcode::Sload8 => (types::I8, true),
        Opcode::Uload16 => (types::I16, false),
        Opcode::Sload16 => (types::I16, true),
        Opcode::Uload32 => (types::I32, false),
        Opcode::Sload32 => (types::I32, true),
        _ => return None,
    })
}

/// The same of half vectors: the logarithm of a lane's bytes in memory.
fn half(opcode: Opcode) -> Option<(u32, bool)> {
    Some(match opcode {
        Opcode::Uload8x8 => (0, false),
        Opcode::Sload8x8 => (0, true),
        Opcode::Uload16x4 => (1, false),
        Opcode::Sload16x4 => (1, true),
        Opcode::Uload32x2 => (2, false),
        Opcode::Sload32x2 => (2, true),
        _ => return None,
    })
}

/// Lowers loads, stores and addresses.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst) -> Lowered {
    match ctx.function.dfg.insts[inst] {
        InstructionData::Load {
            opcode,
            arg,
            flags,
            offset,
        } => {
            let at = (arg, i64::from(i32::from(offset)));
            if let Some(what) = narrow(opcode) {
                return ctx.extending_load(inst, what, at, flags);
            }
            if let Some(what) = half(opcode) {
                return ctx.widening_load(inst, what, at, flags);
            }
            ctx.load(inst, at, flags)
        }
        InstructionData::Store {
            opcode,
            args: [value, address],
            flags,
            offset,
        } => {
            let at = (address, i64::from(i32::from(offset)));
            match opcode {
                Opcode::Istore8 => ctx.store_as(types::I8, value, at, flags),
                Opcode::Istore16 => ctx.store_as(types::I16, value, at, flags),
                Opcode::Istore32 => ctx.store_as(types::I32, value, at, flags),
                _ => ctx.store_value(value, at, flags),
            }
        }
        _ => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_and_stores_of_a_type_are_as_wide_as_it() {
        let all = [
            types::I8,
            types::I16,
            types::I32,
            types::I64,
            types::F16,
            types::F32,
            types::F64,
            types::F128,
            types::I8X16,
            types::F64X2,
        ];
        for ty in all {
            let (load, store) = (load_of(ty), store_of(ty));
            assert_eq!(1 << load.log2_bytes(), ty.bytes(), "{ty}");
            assert_eq!(1 << store.log2_bytes(), ty.bytes(), "{ty}");
            assert!(load.is_load() && !store.is_load());
            assert_eq!(load.is_vector(), !ty.is_int(), "{ty}");
        }
    }
}
