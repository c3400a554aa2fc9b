//! Filling the bits above a narrow value, unless what makes it has filled them already.
//!
//! What is known of a register rests on how this back end lowers the instruction that writes it:
//! the `w` forms extend the sign, narrow loads zeros, comparisons give 0 or 1.

use cranelift_codegen::ir::{Opcode, Value, ValueDef, types};

use super::build::Build;
use crate::backend::reg::Reg;
use crate::backend::vcode::Op;

/// What is above a value in its register.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Above {
    /// Anything.
    Unknown,
    /// Copies of its sign.
    Signs,
    /// Zeros from this bit upwards, which is none of its own.
    ZerosFrom(u32),
}

impl Build<'_, '_> {
    fn above(&self, value: Value) -> Above {
        let ctx = &self.ctx;
        let ValueDef::Result(inst, 0) = ctx.function.dfg.value_def(value) else {
            return Above::Unknown;
        };
        let ty = ctx.ty(value);
        let data = ctx.function.dfg.insts[inst];
        let argument_bits = || ctx.args(inst).first().map_or(64, |&arg| ctx.ty(arg).bits());
        use Opcode::*;
        match data.opcode() {
            Icmp | Fcmp => Above::ZerosFrom(1),
            Load if ty == types::I32 => Above::Signs,
            Load | Uload8 | Uload16 if ty.bits() < 32 => Above::ZerosFrom(ty.bits()),
            Uload8 => Above::ZerosFrom(8),
            Uload16 => Above::ZerosFrom(16),
            Sload8 | Sload16 => Above::Signs,
            Uextend => Above::ZerosFrom(argument_bits()),
            Sextend => Above::Signs,
            Clz | Ctz | Popcnt => Above::ZerosFrom(7),
            Iadd | Isub | Imul | Ineg | Ishl | Ushr | Sshr if ty == types::I32 => Above::Signs,
            AtomicLoad | AtomicRmw | AtomicCas if ty == types::I32 => Above::Signs,
            Bswap | Bitrev => Above::ZerosFrom(ty.bits()),
            _ => Above::Unknown,
        }
    }

    /// The value with zeros above it.
    pub fn zero_extended(&mut self, value: Value) -> Reg {
        let bits = self.ctx.ty(value).bits();
        if let Some(constant) = self.ctx.constant(value) {
            return self.value(constant.cast_signed());
        }
        let above = self.above(value);
        let reg = self.reg(value);
        match above {
            _ if bits >= 64 => reg,
            Above::ZerosFrom(from) if from <= bits => reg,
            _ => self.zeros_above(reg, bits),
        }
    }

    /// The value with its sign above it.
    pub fn sign_extended(&mut self, value: Value) -> Reg {
        let bits = self.ctx.ty(value).bits();
        if let Some(constant) = self.ctx.signed_constant(value) {
            return self.value(constant);
        }
        let above = self.above(value);
        let reg = self.reg(value);
        match above {
            _ if bits >= 64 => reg,
            Above::Signs => reg,
            Above::ZerosFrom(from) if from < bits => reg,
            _ => self.signs_above(reg, bits),
        }
    }

    /// The value with anything above it that is the same for equal values and keeps the order of
    /// unsigned ones: signs do for words, and are there most of the time.
    pub fn ordered(&mut self, value: Value) -> Reg {
        if self.ctx.ty(value) == types::I32 {
            self.sign_extended(value)
        } else {
            self.zero_extended(value)
        }
    }
}

fn copy_to(b: &mut Build<'_, '_>, to: Reg, from: Reg) {
    b.ctx.emit(Op::Move { to, from });
}

/// `uextend`.
pub fn zero_to(b: &mut Build<'_, '_>, to: Reg, value: Value) {
    let bits = b.ctx.ty(value).bits();
    match b.above(value) {
        Above::ZerosFrom(from) if from <= bits => {
            let reg = b.reg(value);
            copy_to(b, to, reg);
        }
        _ => {
            let reg = b.reg(value);
            b.to(to).zeros_above(reg, bits);
        }
    }
}

/// `sextend`.
pub fn sign_to(b: &mut Build<'_, '_>, to: Reg, value: Value) {
    let bits = b.ctx.ty(value).bits();
    match b.above(value) {
        Above::Signs => {
            let reg = b.reg(value);
            copy_to(b, to, reg);
        }
        _ => {
            let reg = b.reg(value);
            b.to(to).signs_above(reg, bits);
        }
    }
}
