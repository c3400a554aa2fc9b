//! The operations, as a table: what each takes and gives, for which types, and where it has no
//! lowering. A program that names a target without it does not use it. Left out are those that
//! no ISA has for any type (`uadd_overflow_cin` and its kin).

use super::isas::{ARM, Isas, PULLEY, RISCV, X86};
use super::traits::Trait;
use super::types::{ANY, FLOAT_VECTORS, FLOATS, INT_VECTORS, INTS, T, Types, VECTORS, WIDE, WORDS};

/// What an operation takes and gives, where `T` is the type that the table lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `T` to `T`.
    Unary,
    /// Two `T` to `T`.
    Binary,
    /// Three `T` to `T`.
    Ternary,
    /// `T` and an amount, which is any small integer, to `T`.
    Shift,
    /// Two `T` to `T`; the divisor is made positive.
    Divide,
    /// Two `T` and an integer condition.
    IntCompare,
    /// Two `T` and a float condition.
    FloatCompare,
    /// A condition and two `T`.
    Select,
    /// A smaller integer to `T`.
    Extend,
    /// A larger integer to `T`.
    Reduce,
    /// Two `i64` to `T`, an `i128`.
    Concat,
    /// An `i128` to two `T`, which are `i64`.
    Split,
    /// Integers of the same lanes, or any small scalar integer, to `T`.
    FromInt,
    /// Floats of the same lanes, or any scalar float, to `T`.
    ToInt,
    /// The first of these types to `T`, which fits no scheme.
    From(T),
    /// Another type of the same size to `T`.
    Bitcast,
    /// A lane to `T`.
    Lane,
    /// `T` and a lane to `T`.
    InsertLane,
    /// `T` to a lane.
    ExtractLane,
    /// Two `T` and a mask of bytes to `T`.
    Shuffle,
    /// `T` to a scalar `i8`.
    Truth,
    /// `T` to bits in a scalar `i32`.
    HighBits,
    /// Two vectors of lanes of twice the width to `T`.
    Narrow,
    /// A vector of lanes of half the width to `T`.
    Widen,
    /// Two `T` to `T` and an overflow bit.
    Overflow,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Op {
    /// Mnemonic.
    pub name: &'static str,
    /// Operands and results.
    pub form: Form,
    /// The types that `T` may be.
    pub types: Types,
    /// What it counts as.
    pub class: Trait,
    /// Where it is missing, for which types.
    pub missing: &'static [(Isas, Types)],
}

const fn op(name: &'static str, form: Form, types: Types, class: Trait) -> Op {
    Op {
        name,
        form,
        types,
        class,
        missing: &[],
    }
}

const fn but(op: Op, missing: &'static [(Isas, Types)]) -> Op {
    Op { missing, ..op }
}

impl Op {
    /// The types that all of `isas` have a lowering for.
    pub fn types_on(&self, isas: Isas) -> Types {
        let missing = self.missing.iter().filter(|(on, _)| on.meets(isas));
        missing.fold(self.types, |types, (_, without)| types.without(*without))
    }
}

const INTEGERS: Types = INTS.or(INT_VECTORS);
const REALS: Types = FLOATS.or(FLOAT_VECTORS);
const I64X2: Types = Types::only(T::I64x2);
const I8X16: Types = Types::only(T::I8x16);
const SMALL_LANES: Types = Types::only(T::I8x16).or(Types::only(T::I16x8));
const NARROW: Types = Types(0b11);
const TO_I32: Types = SMALL_LANES.or(Types::only(T::I32x4));
const F32: Types = Types::only(T::F32);
const F64: Types = Types::only(T::F64);

use Form::{
    Binary, Bitcast, Concat, Divide, Extend, ExtractLane, FloatCompare, From, FromInt, HighBits,
    InsertLane, IntCompare, Lane, Narrow, Overflow, Reduce, Select, Shift, Shuffle, Split, Ternary,
    ToInt, Truth, Unary, Widen,
};
use Trait::{
    OpArithmetic, OpBitcast, OpBits, OpCompare, OpConvert, OpDivide, OpFloat, OpFloatCompare,
    OpFloatConvert, OpFloatRound, OpFma, OpLane, OpMulHigh, OpOverflow, OpSelect, OpShift,
    OpVector, OpVectorShape, OpWide,
};

/// All operations without memory.
pub const OPS: &[Op] = &[
    op("iadd", Binary, INTEGERS, OpArithmetic),
    op("isub", Binary, INTEGERS, OpArithmetic),
    but(op("imul", Binary, INTEGERS, OpArithmetic), &[(X86, I8X16)]),
    but(op("ineg", Unary, INTEGERS, OpArithmetic), &[(PULLEY, WIDE)]),
    but(
        op("iabs", Unary, INTEGERS, OpArithmetic),
        &[(RISCV.or(PULLEY), WIDE)],
    ),
    but(
        op("band", Binary, INTEGERS, OpArithmetic),
        &[(PULLEY, WIDE)],
    ),
    but(op("bor", Binary, INTEGERS, OpArithmetic), &[(PULLEY, WIDE)]),
    but(
        op("bxor", Binary, INTEGERS, OpArithmetic),
        &[(PULLEY, WIDE)],
    ),
    but(op("bnot", Unary, INTEGERS, OpArithmetic), &[(PULLEY, WIDE)]),
    but(
        op("smin", Binary, INTEGERS, OpCompare),
        &[(X86.or(ARM), WIDE), (PULLEY, WIDE.or(I64X2))],
    ),
    but(
        op("umin", Binary, INTEGERS, OpCompare),
        &[(X86.or(ARM), WIDE), (PULLEY, WIDE.or(I64X2))],
    ),
    but(
        op("smax", Binary, INTEGERS, OpCompare),
        &[(X86.or(ARM), WIDE), (PULLEY, WIDE.or(I64X2))],
    ),
    but(
        op("umax", Binary, INTEGERS, OpCompare),
        &[(X86.or(ARM), WIDE), (PULLEY, WIDE.or(I64X2))],
    ),
    op("umulhi", Binary, WORDS, OpMulHigh),
    op("smulhi", Binary, WORDS, OpMulHigh),
    op("udiv", Divide, WORDS, OpDivide),
    op("sdiv", Divide, WORDS, OpDivide),
    op("urem", Divide, WORDS, OpDivide),
    op("srem", Divide, WORDS, OpDivide),
    but(op("ishl", Shift, INTEGERS, OpShift), &[(PULLEY, WIDE)]),
    but(op("ushr", Shift, INTEGERS, OpShift), &[(PULLEY, WIDE)]),
    but(op("sshr", Shift, INTEGERS, OpShift), &[(PULLEY, WIDE)]),
    but(
        op("rotl", Shift, INTS, OpShift),
        &[(PULLEY, NARROW.or(WIDE))],
    ),
    but(
        op("rotr", Shift, INTS, OpShift),
        &[(PULLEY, NARROW.or(WIDE))],
    ),
    but(op("clz", Unary, INTS, OpBits), &[(PULLEY, WIDE)]),
    but(op("ctz", Unary, INTS, OpBits), &[(PULLEY, WIDE)]),
    but(op("cls", Unary, INTS, OpBits), &[(PULLEY, INTS)]),
    but(
        op("popcnt", Unary, INTS.or(I8X16), OpBits),
        &[(PULLEY, WIDE)],
    ),
    but(op("bitrev", Unary, INTS, OpBits), &[(PULLEY, INTS)]),
    but(
        op("bswap", Unary, INTS.without(Types::only(T::I8)), OpBits),
        &[(PULLEY, WIDE)],
    ),
    op("icmp", IntCompare, INTEGERS, OpCompare),
    but(op("select", Select, ANY, OpSelect), &[(PULLEY, WIDE)]),
    but(
        op("bitselect", Ternary, INTEGERS, OpSelect),
        &[(PULLEY, INTS), (ARM.or(RISCV), WIDE)],
    ),
    but(
        op("bmask", Form::From(T::I64), INTS, OpSelect),
        &[(PULLEY, WIDE)],
    ),
    but(
        op("bmask", Form::From(T::I8), INTS, OpSelect),
        &[(PULLEY, WIDE)],
    ),
    op("uextend", Extend, INTS, OpConvert),
    op("sextend", Extend, INTS, OpConvert),
    op("ireduce", Reduce, WORDS, OpConvert),
    op("iconcat", Concat, WIDE, OpWide),
    op("isplit", Split, Types::only(T::I64), OpWide),
    but(
        op("uadd_overflow", Overflow, INTS, OpOverflow),
        &[(RISCV, NARROW), (PULLEY, NARROW.or(WIDE))],
    ),
    but(
        op("sadd_overflow", Overflow, INTS, OpOverflow),
        &[(RISCV.or(PULLEY), INTS)],
    ),
    but(
        op("usub_overflow", Overflow, INTS, OpOverflow),
        &[(RISCV.or(PULLEY), INTS)],
    ),
    but(
        op("ssub_overflow", Overflow, INTS, OpOverflow),
        &[(RISCV.or(PULLEY), INTS)],
    ),
    but(
        op("umul_overflow", Overflow, WORDS, OpOverflow),
        &[(RISCV.or(PULLEY), WORDS)],
    ),
    but(
        op("smul_overflow", Overflow, WORDS, OpOverflow),
        &[(RISCV.or(PULLEY), WORDS)],
    ),
    op("fadd", Binary, REALS, OpFloat),
    op("fsub", Binary, REALS, OpFloat),
    op("fmul", Binary, REALS, OpFloat),
    op("fdiv", Binary, REALS, OpFloat),
    op("sqrt", Unary, REALS, OpFloat),
    op("fmin", Binary, REALS, OpFloat),
    op("fmax", Binary, REALS, OpFloat),
    but(op("fma", Ternary, REALS, OpFma), &[(PULLEY, FLOATS)]),
    op("fneg", Unary, REALS, OpFloatRound),
    op("fabs", Unary, REALS, OpFloatRound),
    op("fcopysign", Binary, FLOATS, OpFloatRound),
    op("ceil", Unary, REALS, OpFloatRound),
    op("floor", Unary, REALS, OpFloatRound),
    op("trunc", Unary, REALS, OpFloatRound),
    op("nearest", Unary, REALS, OpFloatRound),
    but(
        op("fcmp", FloatCompare, REALS, OpFloatCompare),
        &[(PULLEY, FLOAT_VECTORS)],
    ),
    op("fcvt_from_sint", FromInt, REALS, OpFloatConvert),
    op("fcvt_from_uint", FromInt, REALS, OpFloatConvert),
    but(
        op(
            "fcvt_to_sint_sat",
            ToInt,
            WORDS.or(Types::only(T::I32x4)),
            OpFloatConvert,
        ),
        &[(X86.or(PULLEY), NARROW)],
    ),
    but(
        op(
            "fcvt_to_uint_sat",
            ToInt,
            WORDS.or(Types::only(T::I32x4)),
            OpFloatConvert,
        ),
        &[(X86.or(PULLEY), NARROW)],
    ),
    op("fpromote", From(T::F32), F64, OpFloatConvert),
    op("fdemote", From(T::F64), F32, OpFloatConvert),
    op(
        "fvpromote_low",
        From(T::F32x4),
        Types::only(T::F64x2),
        OpFloatConvert,
    ),
    op(
        "fvdemote",
        From(T::F64x2),
        Types::only(T::F32x4),
        OpFloatConvert,
    ),
    op("bitcast", Bitcast, ANY.without(Types(0b11)), OpBitcast),
    op("splat", Lane, VECTORS, OpLane),
    but(
        op("scalar_to_vector", Lane, VECTORS, OpLane),
        &[(X86, I8X16)],
    ),
    op("insertlane", InsertLane, VECTORS, OpLane),
    op("extractlane", ExtractLane, VECTORS, OpLane),
    op("shuffle", Shuffle, I8X16, OpVectorShape),
    op("swizzle", Binary, I8X16, OpVectorShape),
    op("vany_true", Truth, INT_VECTORS, OpVectorShape),
    op("vall_true", Truth, INT_VECTORS, OpVectorShape),
    op("vhigh_bits", HighBits, INT_VECTORS, OpVectorShape),
    op("snarrow", Narrow, SMALL_LANES, OpVectorShape),
    op("unarrow", Narrow, SMALL_LANES, OpVectorShape),
    op(
        "swiden_low",
        Widen,
        INT_VECTORS.without(I8X16),
        OpVectorShape,
    ),
    op(
        "swiden_high",
        Widen,
        INT_VECTORS.without(I8X16),
        OpVectorShape,
    ),
    op(
        "uwiden_low",
        Widen,
        INT_VECTORS.without(I8X16),
        OpVectorShape,
    ),
    op(
        "uwiden_high",
        Widen,
        INT_VECTORS.without(I8X16),
        OpVectorShape,
    ),
    op("uadd_sat", Binary, SMALL_LANES, OpVector),
    op("sadd_sat", Binary, SMALL_LANES, OpVector),
    op("usub_sat", Binary, SMALL_LANES, OpVector),
    op("ssub_sat", Binary, SMALL_LANES, OpVector),
    but(
        op("avg_round", Binary, TO_I32, OpVector),
        &[(X86.or(PULLEY), Types::only(T::I32x4))],
    ),
    op("iadd_pairwise", Binary, TO_I32.without(I8X16), OpVector),
    op("sqmul_round_sat", Binary, Types::only(T::I16x8), OpVector),
];
