//! Words of the encoder with their registers: what lowering is written in.
//!
//! Immediates here fit by construction; those that may not are `Option`s.

use super::super::encode as a64;
use super::super::encode::{
    Across, Alu, Binary, Bitfield, Choose, Cond, FloatBinary, FloatSize, FloatUnary, Lanes,
    LogicImm, Reg as Hw, Shift, Size, Unary, VecBinary, VecFloat, VecFloatUnary, VecLogic,
    VecShift, VecUnary, WideMul,
};
use super::super::inst::{EMPTY, Word, word};
use crate::backend::reg::Reg;

const THREE: (Hw, Hw, Hw) = (EMPTY, EMPTY, EMPTY);

/// A word whose immediates the caller made fit.
pub fn fits(encoded: Option<u32>) -> Word {
    word(encoded.expect("the immediate was made to fit"))
}

pub fn alu(op: Alu, size: Size, n: Reg, m: Reg) -> Word {
    word(a64::alu(op, size, EMPTY, EMPTY, EMPTY)).n(n).m(m)
}

pub fn alu_shifted(op: Alu, size: Size, n: Reg, m: Reg, by: (Shift, u8)) -> Word {
    fits(a64::alu_shifted(op, size, THREE, by)).n(n).m(m)
}

pub fn alu_imm(op: Alu, size: Size, n: Reg, value: u64) -> Option<Word> {
    debug_assert!(
        n.as_real().is_none(),
        "number 31 would be the stack pointer"
    );
    a64::alu_imm(op, size, EMPTY, EMPTY, value).map(|encoded| word(encoded).n(n))
}

pub fn logic_imm(op: LogicImm, size: Size, n: Reg, value: u64) -> Option<Word> {
    a64::logic_imm(op, size, EMPTY, EMPTY, value).map(|encoded| word(encoded).n(n))
}

/// Flags of `n - m`.
pub fn compare(size: Size, n: Reg, m: Reg) -> Word {
    word(a64::alu(Alu::SUBS, size, Hw::ZR, EMPTY, EMPTY))
        .n(n)
        .m(m)
}

/// Flags of `n - m`, `m` widened.
pub fn compare_extended(size: Size, n: Reg, m: Reg, extend: a64::Extend) -> Word {
    let registers = (Hw::ZR, EMPTY, EMPTY);
    fits(a64::alu_extended(Alu::SUBS, size, registers, (extend, 0)))
        .n(n)
        .m(m)
}

/// Flags of `n - value`.
pub fn compare_imm(size: Size, n: Reg, value: u64) -> Option<Word> {
    a64::alu_imm(Alu::SUBS, size, Hw::ZR, EMPTY, value).map(|encoded| word(encoded).n(n))
}

/// Flags of `n + value`.
pub fn compare_negative(size: Size, n: Reg, value: u64) -> Option<Word> {
    a64::alu_imm(Alu::ADDS, size, Hw::ZR, EMPTY, value).map(|encoded| word(encoded).n(n))
}

/// Flags of `n & value`.
pub fn test_imm(size: Size, n: Reg, value: u64) -> Option<Word> {
    a64::logic_imm(LogicImm::ANDS, size, Hw::ZR, EMPTY, value).map(|encoded| word(encoded).n(n))
}

pub fn binary(op: Binary, size: Size, n: Reg, m: Reg) -> Word {
    word(a64::binary(op, size, EMPTY, EMPTY, EMPTY)).n(n).m(m)
}

pub fn unary(op: Unary, size: Size, n: Reg) -> Word {
    word(a64::unary(op, size, EMPTY, EMPTY)).n(n)
}

pub fn wide_mul(op: WideMul, n: Reg, m: Reg) -> Word {
    word(a64::wide_mul(op, EMPTY, EMPTY, EMPTY)).n(n).m(m)
}

/// `a + n * m`, or minus.
pub fn mul_add(op: a64::MulAdd, size: Size, (n, m): (Reg, Reg), a: Reg) -> Word {
    word(a64::mul_add(op, size, EMPTY, (EMPTY, EMPTY), EMPTY))
        .n(n)
        .m(m)
        .a(a)
}

/// `n * m`.
pub fn mul(size: Size, n: Reg, m: Reg) -> Word {
    word(a64::mul_add(
        a64::MulAdd::MADD,
        size,
        EMPTY,
        (EMPTY, EMPTY),
        Hw::ZR,
    ))
    .n(n)
    .m(m)
}

/// `0 - m`.
pub fn neg(size: Size, m: Reg) -> Word {
    word(a64::alu(Alu::SUB, size, EMPTY, Hw::ZR, EMPTY)).m(m)
}

/// All bits of `m` inverted.
pub fn not(size: Size, m: Reg) -> Word {
    word(a64::alu(Alu::ORN, size, EMPTY, Hw::ZR, EMPTY)).m(m)
}

/// A copy of `m`; of 32 bits it clears what is above.
pub fn copy(size: Size, m: Reg) -> Word {
    word(a64::alu(Alu::ORR, size, EMPTY, Hw::ZR, EMPTY)).m(m)
}

pub fn bitfield(op: Bitfield, size: Size, n: Reg, immr: u8, imms: u8) -> Word {
    fits(a64::bitfield(op, size, (EMPTY, EMPTY), immr, imms)).n(n)
}

/// `n` shifted by a number below the size. No rotation.
pub fn shift(by: Shift, size: Size, n: Reg, amount: u8) -> Word {
    fits(a64::shift_imm(by, size, EMPTY, EMPTY, amount)).n(n)
}

/// Bits from `lsb` on of `n` above `m`.
pub fn extract(size: Size, (n, m): (Reg, Reg), lsb: u8) -> Word {
    fits(a64::extract(size, EMPTY, (EMPTY, EMPTY), lsb))
        .n(n)
        .m(m)
}

pub fn choose(op: Choose, size: Size, (n, m): (Reg, Reg), cond: Cond) -> Word {
    word(a64::choose(op, size, EMPTY, (EMPTY, EMPTY), cond))
        .n(n)
        .m(m)
}

/// 1 if the condition holds, else 0.
pub fn set_if(cond: Cond) -> Word {
    word(a64::set_if(Size::W, EMPTY, cond))
}

/// All ones if the condition holds, else 0.
pub fn mask_if(cond: Cond) -> Word {
    word(a64::mask_if(Size::X, EMPTY, cond))
}

pub fn float_binary(op: FloatBinary, size: FloatSize, n: Reg, m: Reg) -> Word {
    word(a64::float_binary(op, size, EMPTY, EMPTY, EMPTY))
        .n(n)
        .m(m)
}

pub fn float_unary(op: FloatUnary, size: FloatSize, n: Reg) -> Word {
    word(a64::float_unary(op, size, EMPTY, EMPTY)).n(n)
}

pub fn move_bits(op: a64::MoveBits, n: Reg) -> Word {
    word(a64::move_bits(op, EMPTY, EMPTY)).n(n)
}

pub fn vec_binary(op: VecBinary, lanes: Lanes, n: Reg, m: Reg) -> Option<Word> {
    a64::vec_binary(op, lanes, EMPTY, EMPTY, EMPTY).map(|encoded| word(encoded).n(n).m(m))
}

pub fn vec_float(op: VecFloat, lanes: Lanes, n: Reg, m: Reg) -> Option<Word> {
    a64::vec_float(op, lanes, EMPTY, EMPTY, EMPTY).map(|encoded| word(encoded).n(n).m(m))
}

pub fn vec_logic(op: VecLogic, n: Reg, m: Reg) -> Word {
    word(a64::vec_logic(op, true, EMPTY, EMPTY, EMPTY))
        .n(n)
        .m(m)
}

pub fn vec_unary(op: VecUnary, lanes: Lanes, n: Reg) -> Option<Word> {
    a64::vec_unary(op, lanes, EMPTY, EMPTY).map(|encoded| word(encoded).n(n))
}

pub fn vec_float_unary(op: VecFloatUnary, lanes: Lanes, n: Reg) -> Option<Word> {
    a64::vec_float_unary(op, lanes, EMPTY, EMPTY).map(|encoded| word(encoded).n(n))
}

/// Lanes shifted by a number that the operation has.
pub fn vec_shift(op: VecShift, lanes: Lanes, n: Reg, amount: u32) -> Word {
    fits(a64::vec_shift(op, lanes, EMPTY, EMPTY, amount)).n(n)
}

pub fn across(op: Across, lanes: Lanes, n: Reg) -> Word {
    fits(a64::across(op, lanes, EMPTY, EMPTY)).n(n)
}

/// An integer register in all lanes.
pub fn splat(lanes: Lanes, n: Reg) -> Word {
    word(a64::dup_int(lanes, EMPTY, EMPTY)).n(n)
}
