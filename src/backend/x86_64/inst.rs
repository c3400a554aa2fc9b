//! The machine instructions that lowering selects: one instruction each, or a short sequence
//! whose parts the allocator must not come between.
//!
//! Flags never live from one to the next: what sets them and what reads them are one [`Inst`]
//! ([`Test`] with its user). Results are separate registers throughout; where the machine
//! overwrites an operand, [`mod@operands`] says so.

mod operands;
mod parts;

use cranelift_codegen::ir::{ExternalName, TrapCode};

use super::encode::Cond;
use super::encode::Size;
use super::encode::integer::{Alu, Count, Unary};
use super::encode::shift::Shift;
use super::encode::sse::Sse;
use super::encode::sse_imm::{SseImm, VectorShift};
use super::encode::sse_move::{Signs, Width};
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;

pub use parts::{Address, Amount, Flags, Merge, Source, Test, Update};

/// A machine instruction or short sequence.
#[derive(Clone, Debug)]
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
    /// With zeroes above, or the sign, up to 64 bits.
    Extend {
        signed: bool,
        size: Size,
        to: Reg,
        from: Source,
        trap: Option<TrapCode>,
    },
    /// A constant.
    Constant { to: Reg, bits: u64 },
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

    /// Swaps register and memory at once, or adds to memory; `to` is what it was.
    Exchange {
        add: bool,
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
