//! The operations, as a table: what each takes and gives, for which types, and where it has no
//! lowering. A program that names a target without it does not use it.

use super::isas::{Isas, PULLEY, PULLEY32, RISCV, S390X, X86};
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
    /// Two `T` and a carry to `T` and a carry.
    Carry,
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
const TO_I32: Types = SMALL_LANES.or(Types::only(T::I32x4));
const F32: Types = Types::only(T::F32);
const F64: Types = Types::only(T::F64);

use Form::{
    Binary, Bitcast, Carry, Concat, Divide, Extend, ExtractLane, FloatCompare, From, FromInt,
    HighBits, InsertLane, IntCompare, Lane, Narrow, Overflow, Reduce, Select, Shift, Shuffle,
    Split, Ternary, ToInt, Truth, Unary, Widen,
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
    op("imul", Binary, INTEGERS, OpArithmetic),
    op("ineg", Unary, INTEGERS, OpArithmetic),
    op("iabs", Unary, INTEGERS, OpArithmetic),
    op("band", Binary, INTEGERS, OpArithmetic),
    op("bor", Binary, INTEGERS, OpArithmetic),
    op("bxor", Binary, INTEGERS, OpArithmetic),
    op("bnot", Unary, INTEGERS, OpArithmetic),
    op("smin", Binary, INTEGERS, OpCompare),
    op("umin", Binary, INTEGERS, OpCompare),
    op("smax", Binary, INTEGERS, OpCompare),
    op("umax", Binary, INTEGERS, OpCompare),
    op("umulhi", Binary, WORDS, OpMulHigh),
    op("smulhi", Binary, WORDS, OpMulHigh),
    op("udiv", Divide, WORDS, OpDivide),
    op("sdiv", Divide, WORDS, OpDivide),
    op("urem", Divide, WORDS, OpDivide),
    op("srem", Divide, WORDS, OpDivide),
    op("ishl", Shift, INTEGERS, OpShift),
    op("ushr", Shift, INTEGERS, OpShift),
    op("sshr", Shift, INTEGERS, OpShift),
    op("rotl", Shift, INTS, OpShift),
    op("rotr", Shift, INTS, OpShift),
    op("clz", Unary, INTS, OpBits),
    op("ctz", Unary, INTS, OpBits),
    op("cls", Unary, INTS, OpBits),
    op("popcnt", Unary, INTS.or(I8X16), OpBits),
    op("bitrev", Unary, INTS, OpBits),
    op("bswap", Unary, INTS.without(Types::only(T::I8)), OpBits),
    op("icmp", IntCompare, INTEGERS, OpCompare),
    op("select", Select, ANY, OpSelect),
    op("bitselect", Ternary, INTEGERS, OpSelect),
    op("bmask", Form::From(T::I64), INTS, OpSelect),
    op("bmask", Form::From(T::I8), INTS, OpSelect),
    op("uextend", Extend, INTS, OpConvert),
    op("sextend", Extend, INTS, OpConvert),
    op("ireduce", Reduce, WORDS, OpConvert),
    op("iconcat", Concat, WIDE, OpWide),
    op("isplit", Split, Types::only(T::I64), OpWide),
    op("uadd_overflow", Overflow, INTS, OpOverflow),
    op("sadd_overflow", Overflow, INTS, OpOverflow),
    op("usub_overflow", Overflow, INTS, OpOverflow),
    op("ssub_overflow", Overflow, INTS, OpOverflow),
    op("umul_overflow", Overflow, INTS, OpOverflow),
    op("smul_overflow", Overflow, INTS, OpOverflow),
    op("uadd_overflow_cin", Carry, INTS, OpOverflow),
    op("sadd_overflow_cin", Carry, INTS, OpOverflow),
    op("usub_overflow_bin", Carry, INTS, OpOverflow),
    op("ssub_overflow_bin", Carry, INTS, OpOverflow),
    op("fadd", Binary, REALS, OpFloat),
    op("fsub", Binary, REALS, OpFloat),
    op("fmul", Binary, REALS, OpFloat),
    op("fdiv", Binary, REALS, OpFloat),
    op("sqrt", Unary, REALS, OpFloat),
    op("fmin", Binary, REALS, OpFloat),
    op("fmax", Binary, REALS, OpFloat),
    op("fma", Ternary, REALS, OpFma),
    op("fneg", Unary, REALS, OpFloatRound),
    op("fabs", Unary, REALS, OpFloatRound),
    op("fcopysign", Binary, FLOATS, OpFloatRound),
    op("ceil", Unary, REALS, OpFloatRound),
    op("floor", Unary, REALS, OpFloatRound),
    op("trunc", Unary, REALS, OpFloatRound),
    op("nearest", Unary, REALS, OpFloatRound),
    op("fcmp", FloatCompare, REALS, OpFloatCompare),
    op("fcvt_from_sint", FromInt, REALS, OpFloatConvert),
    op("fcvt_from_uint", FromInt, REALS, OpFloatConvert),
    op(
        "fcvt_to_sint_sat",
        ToInt,
        WORDS.or(Types::only(T::I32x4)),
        OpFloatConvert,
    ),
    op(
        "fcvt_to_uint_sat",
        ToInt,
        WORDS.or(Types::only(T::I32x4)),
        OpFloatConvert,
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
    op("scalar_to_vector", Lane, VECTORS, OpLane),
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
    op("avg_round", Binary, TO_I32, OpVector),
    op("iadd_pairwise", Binary, TO_I32.without(I8X16), OpVector),
    op("sqmul_round_sat", Binary, Types::only(T::I16x8), OpVector),
];
