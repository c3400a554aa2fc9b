//! The machine instructions that lowering selects: one instruction each, or a short sequence
//! whose parts the allocator must not come between.
//!
//! Flags never live from one to the next: what sets them and what reads them are one [`Inst`]
//! ([`Test`] with its user). Results are separate registers throughout; where the machine
//! overwrites an operand, [`mod@operands`] says so.

mod operands;

use cranelift_codegen::ir::{ExternalName, TrapCode};

use super::encode::integer::{Alu, Count, Unary};
use super::encode::shift::{Double, Shift};
use super::encode::sse::Sse;
use super::encode::sse_imm::{SseImm, VectorShift};
use super::encode::sse_move::{Signs, Width};
use super::encode::{Cond, Size};
use crate::backend::call::FrameRef;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;

/// An address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A register plus a constant.
    Base {
        /// The register.
        base: Reg,
        /// Bytes.
        disp: i32,
    },
    /// Two registers plus a constant.
    Index {
        /// The first.
        base: Reg,
        /// The second.
        index: Reg,
        /// Bytes.
        disp: i32,
    },
    /// A place in the frame plus a constant.
    Frame(FrameRef, i32),
    /// A constant behind the code, aligned to 16 bytes.
    Constant(u128),
}

/// An operand that is a register, a constant or in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A register.
    Reg(Reg),
    /// A constant, sign-extended.
    Imm(i32),
    /// In memory.
    Mem(Address),
}

impl From<Reg> for Source {
    fn from(reg: Reg) -> Source {
        Source::Reg(reg)
    }
}

impl From<Address> for Source {
    fn from(address: Address) -> Source {
        Source::Mem(address)
    }
}

/// How far to shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amount {
    /// So many bits.
    Imm(u8),
    /// As many as a register says, of which the machine takes the low five bits, or six at 64.
    Reg(Reg),
}

/// Which flags hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flags {
    /// One condition.
    One(Cond),
    /// Floats are equal: zero and no parity.
    Equal,
    /// Floats are unequal or unordered: no zero, or parity.
    NotEqual,
}

/// Something that sets flags, and the condition on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// `cmp`.
    Int {
        /// Width.
        size: Size,
        /// First operand.
        left: Reg,
        /// Second operand.
        right: Source,
        /// Condition.
        cond: Cond,
    },
    /// `test`: flags of the bitwise and.
    Bits {
        /// Width.
        size: Size,
        /// First operand.
        left: Reg,
        /// Second operand, no memory.
        right: Source,
        /// Condition.
        cond: Cond,
    },
    /// `cmp` of the low halves and `sbb` of the high ones: only less and below, and their
    /// opposites, mean anything.
    Pair {
        /// First operand, low half first.
        left: [Reg; 2],
        /// Second operand.
        right: [Reg; 2],
        /// Condition.
        cond: Cond,
        /// Scratch.
        temp: Reg,
    },
    /// `ucomiss`, `ucomisd`.
    Float {
        /// Single or double.
        width: Width,
        /// First operand.
        left: Reg,
        /// Second operand.
        right: Reg,
        /// Condition.
        flags: Flags,
    },
    /// `ptest` of a register with itself: zero if all bits are.
    AllZero {
        /// The vector.
        vector: Reg,
        /// Condition.
        cond: Cond,
    },
}

/// Moves that keep part of the first operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// The lowest 32 bits come from the second.
    Single,
    /// The lowest 64 bits come from the second.
    Double,
    /// The low half comes from the high half of the second.
    HighToLow,
    /// The high half comes from the low half of the second.
    LowToHigh,
}

/// What an atomic loop computes from what memory holds and its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// One of the two-operand operations.
    Alu(Alu),
    /// Bitwise and, inverted.
    Nand,
    /// What memory holds if that is `cond` compared with the operand, else the operand.
    Choose(Cond),
}

/// A machine instruction or short sequence.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "fields are named alike throughout: see the enum's variants"
)]
pub enum Inst {
    /// `to = left op right`.
    Alu {
        op: Alu,
        size: Size,
        to: Reg,
        left: Reg,
        right: Source,
    },
    /// The same, and a flag as 0 or 1.
    AluFlag {
        op: Alu,
        size: Size,
        to: Reg,
        left: Reg,
        right: Source,
        cond: Cond,
        flag: Reg,
    },
    /// Addition or subtraction of 128 bits, and a flag of the high half as 0 or 1.
    Pair {
        op: Alu,
        to: [Reg; 2],
        left: [Reg; 2],
        right: [Reg; 2],
        flag: Option<(Cond, Reg)>,
    },
    /// `to = op from`.
    Unary {
        op: Unary,
        size: Size,
        to: Reg,
        from: Reg,
    },
    /// `to = left * right`, low half; the overflow flag as 0 or 1.
    Multiply {
        size: Size,
        to: Reg,
        left: Reg,
        right: Source,
        flag: Option<Reg>,
    },
    /// Both halves of a product; the overflow flag as 0 or 1.
    MultiplyWide {
        signed: bool,
        size: Size,
        low: Reg,
        high: Reg,
        left: Reg,
        right: Reg,
        flag: Option<Reg>,
    },
    /// Quotient and remainder; traps of its own accord with that code.
    Divide {
        signed: bool,
        size: Size,
        quotient: Reg,
        remainder: Reg,
        left: Reg,
        right: Reg,
        code: TrapCode,
    },
    /// `to = from` shifted.
    Shift {
        op: Shift,
        size: Size,
        to: Reg,
        from: Reg,
        amount: Amount,
    },
    /// `to = from` shifted, bits of `fill` come in; 64 bits.
    DoubleShift {
        way: Double,
        to: Reg,
        from: Reg,
        fill: Reg,
        amount: Amount,
    },
    /// Bits counted by an instruction that knows zero.
    Count {
        op: Count,
        size: Size,
        to: Reg,
        from: Reg,
    },
    /// Place of a bit by `bsf` or `bsr`, or `zero` where there is none.
    Scan {
        op: Count,
        size: Size,
        to: Reg,
        from: Reg,
        zero: Reg,
    },
    /// Bytes reversed, 32 or 64 bits.
    ByteSwap { size: Size, to: Reg, from: Reg },
    /// `from` without its sign; `again` is `from` too.
    Abs {
        size: Size,
        to: Reg,
        from: Reg,
        again: Reg,
    },
    /// All ones if `from` is not zero, 64 bits.
    Mask { size: Size, to: Reg, from: Reg },
    /// Zero-extended to 64 bits.
    Zero {
        size: Size,
        to: Reg,
        from: Source,
        trap: Option<TrapCode>,
    },
    /// Sign-extended to 64 bits.
    Sign {
        size: Size,
        to: Reg,
        from: Source,
        trap: Option<TrapCode>,
    },
    /// A constant.
    Constant { to: Reg, bits: u64 },
    /// An address.
    Lea { to: Reg, address: Address },
    /// Stores a register or a constant.
    Store {
        size: Size,
        from: Source,
        to: Address,
        trap: Option<TrapCode>,
    },
    /// Address of a symbol.
    Symbol {
        to: Reg,
        name: ExternalName,
        offset: i64,
        near: bool,
    },

    /// Whether a condition holds, as 0 or 1 in the low 8 bits.
    Set {
        test: Test,
        to: Reg,
        temp: Option<Reg>,
    },
    /// `to = yes` if a condition holds, else `no`.
    Select {
        test: Test,
        to: Reg,
        yes: Reg,
        no: Reg,
    },
    /// The same for vectors and floats.
    SelectVector {
        test: Test,
        to: Reg,
        yes: Reg,
        no: Reg,
    },
    /// Goes to one of two blocks.
    Branch {
        test: Test,
        yes: BlockId,
        no: BlockId,
    },
    /// Goes to one of many blocks, the first one by default.
    Table {
        index: Reg,
        temps: [Reg; 2],
        targets: Vec<BlockId>,
    },
    /// Traps if a condition holds.
    TrapIf { test: Test, code: TrapCode },
    /// Traps.
    Trap { code: TrapCode },

    /// Swaps register and memory at once.
    Exchange {
        size: Size,
        to: Reg,
        from: Reg,
        address: Address,
        trap: Option<TrapCode>,
    },
    /// Adds to memory at once; `to` is what it was.
    ExchangeAdd {
        size: Size,
        to: Reg,
        from: Reg,
        address: Address,
        trap: Option<TrapCode>,
    },
    /// Stores `new` if memory holds `expected`; `to` is what it held.
    CompareExchange {
        size: Size,
        to: Reg,
        expected: Reg,
        new: Reg,
        address: Address,
        trap: Option<TrapCode>,
    },
    /// Any update at once, by trying again; `to` is what memory held.
    Update {
        update: Update,
        size: Size,
        to: Reg,
        operand: Reg,
        temp: Reg,
        address: Address,
        trap: Option<TrapCode>,
    },
    /// Orders all memory accesses.
    Fence,

    /// `to = left op right`.
    Vector {
        op: Sse,
        to: Reg,
        left: Reg,
        right: Source,
    },
    /// `to = op from`.
    VectorUnary { op: Sse, to: Reg, from: Source },
    /// `to = op(left, right, imm)`.
    VectorImm {
        op: SseImm,
        to: Reg,
        left: Reg,
        right: Source,
        imm: u8,
    },
    /// `to = op(from, imm)`.
    VectorUnaryImm {
        op: SseImm,
        to: Reg,
        from: Source,
        imm: u8,
    },
    /// `to = from` with its lanes shifted by a constant.
    VectorShift {
        op: VectorShift,
        to: Reg,
        from: Reg,
        count: u8,
    },
    /// All zeroes.
    VectorZero { to: Reg },
    /// All ones.
    VectorOnes { to: Reg },
    /// Loads, zeroes above.
    VectorLoad {
        width: Width,
        to: Reg,
        from: Address,
        trap: Option<TrapCode>,
    },
    /// Stores.
    VectorStore {
        width: Width,
        from: Reg,
        to: Address,
        trap: Option<TrapCode>,
    },
    /// Parts of two.
    VectorMerge {
        merge: Merge,
        to: Reg,
        left: Reg,
        right: Reg,
    },
    /// The low 64 bits, zeroes above.
    VectorLow { to: Reg, from: Reg },
    /// Bits of a general register, zeroes above.
    FromGpr { size: Size, to: Reg, from: Reg },
    /// Bits to a general register.
    ToGpr { size: Size, to: Reg, from: Reg },
    /// A lane from a general register or memory.
    Insert {
        size: Size,
        to: Reg,
        into: Reg,
        from: Source,
        lane: u8,
    },
    /// A lane to a general register.
    Extract {
        size: Size,
        to: Reg,
        from: Reg,
        lane: u8,
    },
    /// The signs of lanes as bits.
    Signs { lanes: Signs, to: Reg, from: Reg },
    /// A signed integer to a float.
    FloatFromInt {
        width: Width,
        size: Size,
        to: Reg,
        from: Reg,
    },
    /// An unsigned integer of 64 bits to a float.
    FloatFromWord {
        width: Width,
        to: Reg,
        from: Reg,
        temps: [Reg; 2],
    },
    /// A float to a signed integer, rounded to zero; the least integer where there is none.
    IntFromFloat {
        width: Width,
        size: Size,
        to: Reg,
        from: Reg,
    },
    /// A float to a signed integer, saturating; a NaN is zero.
    IntFromFloatSat {
        width: Width,
        size: Size,
        to: Reg,
        from: Reg,
        temp: Reg,
    },
    /// The less or greater of two floats, -0 below +0, NaN if one is.
    FloatChoice {
        max: bool,
        width: Width,
        to: Reg,
        left: Reg,
        right: Reg,
    },
}
