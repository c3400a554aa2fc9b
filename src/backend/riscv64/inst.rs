//! The machine instructions that are selected, over registers that the allocator hands out.
//!
//! Most are one instruction of the encoder. Those that are more are so because the allocator
//! must see them as one: they branch inside, or keep a reservation, or need two words that name
//! each other. They write nothing but their operands; where an operand is written while others
//! are still to be read, it is an early one.

use cranelift_codegen::ir::{ExternalName, TrapCode};

use super::encode::{
    Access, Alu, AluImm, Amo, Branch, FloatAccess, FloatCompare, FloatOp, FloatSign, Format, Fused,
    IntFormat, Rounding, Shift, Width,
};
use crate::backend::call::FrameRef;
use crate::backend::operands::Operands;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;
use crate::backend::vcode::MachineInst;

/// Where an access goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// A register plus bytes, of which 12 bits are signed.
    Base(Reg, i32),
    /// A place in the frame.
    Frame(FrameRef),
}

/// A comparison of two registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// How they are compared.
    pub op: Branch,
    /// First one.
    pub a: Reg,
    /// Second one.
    pub b: Reg,
}

/// What a loop over a reservation makes of the word that it loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// An operation on the word and the operand.
    Alu(Alu),
    /// And, inverted.
    Nand,
    /// The operand.
    Swap,
    /// The old one if it compares so with the operand, else the operand. Compared are the fields,
    /// shifted down, at this width and signedness.
    Keep(Branch, NarrowFill),
}

/// A field of 8 or 16 bits filled up to a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NarrowFill {
    /// Its width.
    pub bits: u32,
    /// Whether with its sign.
    pub signed: bool,
}

/// A field of 8 or 16 bits in the aligned word around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Ones where the field is.
    pub mask: Reg,
    /// How far left it is; only the low 5 bits count.
    pub shift: Reg,
    /// The operand where it is compared: filled, not shifted.
    pub low: Reg,
}

/// One register of a [`Inst::Select`].
#[derive(Clone, Copy, Debug)]
pub struct SelectPart {
    /// Written.
    pub to: Reg,
    /// Taken if so.
    pub yes: Reg,
    /// Taken if not; virtual, since `to` gets its register.
    pub no: Reg,
}

/// What an access may trap with, if it may.
pub type MayTrap = Option<TrapCode>;

/// A machine instruction.
#[derive(Clone, Debug)]
pub enum Inst {
    /// `to = a op b`.
    Alu { op: Alu, to: Reg, a: Reg, b: Reg },
    /// `to = a op imm`.
    AluImm {
        op: AluImm,
        to: Reg,
        a: Reg,
        imm: i16,
    },
    /// `to = a` shifted by `amount` bits.
    Shift {
        op: Shift,
        to: Reg,
        a: Reg,
        amount: u8,
    },
    /// `to = value`.
    Constant { to: Reg, value: i64 },
    /// `to = memory[from]`.
    Load {
        access: Access,
        to: Reg,
        from: Address,
        trap: MayTrap,
    },
    /// `memory[to] = from`.
    Store {
        access: Access,
        from: Reg,
        to: Address,
        trap: MayTrap,
    },
    /// `to = memory[from]`, a float.
    FloatLoad {
        access: FloatAccess,
        to: Reg,
        from: Address,
        trap: MayTrap,
    },
    /// `memory[to] = from`, a float.
    FloatStore {
        access: FloatAccess,
        from: Reg,
        to: Address,
        trap: MayTrap,
    },
    /// `to = a op b`.
    Float {
        op: FloatOp,
        format: Format,
        to: Reg,
        a: Reg,
        b: Reg,
    },
    /// `to = sqrt(a)`.
    Sqrt { format: Format, to: Reg, a: Reg },
    /// `to = a` with another sign.
    Sign {
        sign: FloatSign,
        format: Format,
        to: Reg,
        a: Reg,
        b: Reg,
    },
    /// `to = a op b`, 1 or 0.
    FloatCompare {
        op: FloatCompare,
        format: Format,
        to: Reg,
        a: Reg,
        b: Reg,
    },
    /// `to` = product and sum of three.
    Fused {
        op: Fused,
        format: Format,
        to: Reg,
        sources: [Reg; 3],
    },
    /// `to = a` as an integer, saturating.
    ToInt {
        int: IntFormat,
        format: Format,
        rounding: Rounding,
        to: Reg,
        a: Reg,
    },
    /// `to = a` as a float.
    FromInt {
        int: IntFormat,
        format: Format,
        to: Reg,
        a: Reg,
    },
    /// `to = a` of the other format, in this one.
    Convert { format: Format, to: Reg, a: Reg },
    /// `to` = the bits of the float `a`.
    FromFloat { format: Format, to: Reg, a: Reg },
    /// `to` = the float of the bits `a`.
    ToFloat { format: Format, to: Reg, a: Reg },
    /// `to = condition ? yes : no`, for one or two registers.
    Select {
        condition: Condition,
        parts: Vec<SelectPart>,
    },
    /// `to` = how many bits of `a` there are up to the highest one; `rest` is lost.
    BitLength { to: Reg, rest: Reg, a: Reg },
    /// `to` = how many bits of `a` are one; `rest` and `part` are lost.
    BitCount {
        to: Reg,
        rest: Reg,
        part: Reg,
        a: Reg,
    },
    /// `to` = the lowest `count` pieces of `unit` bits of `a` in the opposite order; `rest`,
    /// `left` and `part` are lost.
    Reverse {
        unit: u8,
        count: u8,
        to: Reg,
        rest: Reg,
        left: Reg,
        part: Reg,
        a: Reg,
    },
    /// Orders memory accesses: see the encoder.
    Fence { before: u8, after: u8 },
    /// `to = memory[address]`, then `memory[address] op= a`.
    Amo {
        op: Amo,
        width: Width,
        to: Reg,
        address: Reg,
        a: Reg,
    },
    /// The same in a loop, for what has no instruction; `new` is lost.
    AmoLoop {
        update: Update,
        width: Width,
        to: Reg,
        new: Reg,
        address: Reg,
        a: Reg,
        field: Option<Field>,
    },
    /// `to = memory[address]`, then `memory[address] = new` if it was `expected`; `part` is lost.
    /// Of a narrow field only what `mask` shows counts, and `expected` and `new` lie there.
    Cas {
        width: Width,
        to: Reg,
        part: Reg,
        address: Reg,
        expected: Reg,
        new: Reg,
        mask: Option<Reg>,
    },
    /// `to` = the address of a symbol; that of a far one comes from the global offset table.
    Symbol {
        to: Reg,
        name: ExternalName,
        offset: i64,
        far: bool,
    },
    /// To the first block if so, else to the second.
    Branch {
        condition: Condition,
        targets: [BlockId; 2],
    },
    /// To the target whose number `index` is, or to `default` from `count` on; `base` and `part`
    /// are lost.
    Table {
        index: Reg,
        count: Reg,
        base: Reg,
        part: Reg,
        default: BlockId,
        targets: Vec<BlockId>,
    },
    /// Traps.
    Trap { code: TrapCode },
    /// Traps if so.
    TrapIf {
        condition: Condition,
        code: TrapCode,
    },
}

impl MachineInst for Inst {
    fn operands(&mut self, operands: &mut impl Operands) {
        match self {
            Inst::Alu { to, a, b, .. }
            | Inst::Float { to, a, b, .. }
            | Inst::Sign { to, a, b, .. }
            | Inst::FloatCompare { to, a, b, .. } => {
                operands.read(a);
                operands.read(b);
                operands.write(to);
            }
            Inst::AluImm { to, a, .. }
            | Inst::Shift { to, a, .. }
            | Inst::Sqrt { to, a, .. }
            | Inst::ToInt { to, a, .. }
            | Inst::FromInt { to, a, .. }
            | Inst::Convert { to, a, .. }
            | Inst::FromFloat { to, a, .. }
            | Inst::ToFloat { to, a, .. } => {
                operands.read(a);
                operands.write(to);
            }
            Inst::Constant { to, .. } | Inst::Symbol { to, .. } => operands.write(to),
            Inst::Load { to, from, .. } | Inst::FloatLoad { to, from, .. } => {
                from.operands(operands);
                operands.write(to);
            }
            Inst::Store { from, to, .. } | Inst::FloatStore { from, to, .. } => {
                operands.read(from);
                to.operands(operands);
            }
            Inst::Fused { to, sources, .. } => {
                for source in sources {
                    operands.read(source);
                }
                operands.write(to);
            }
            Inst::Select { condition, parts } => select(condition, parts, operands),
            Inst::BitLength { to, rest, a } => {
                operands.read(a);
                operands.write(rest);
                operands.write(to);
            }
            Inst::BitCount { to, rest, part, a } => {
                operands.read(a);
                operands.write(rest);
                operands.write(to);
                operands.write(part);
            }
            Inst::Reverse {
                to,
                rest,
                left,
                part,
                a,
                ..
            } => {
                operands.read(a);
                for reg in [rest, to, left, part] {
                    operands.write(reg);
                }
            }
            Inst::Amo { to, address, a, .. } => {
                operands.read(address);
                operands.read(a);
                operands.write(to);
            }
            Inst::AmoLoop {
                to,
                new,
                address,
                a,
                field,
                ..
            } => {
                operands.read(address);
                operands.read(a);
                if let Some(Field { mask, shift, low }) = field {
                    operands.read(mask);
                    operands.read(shift);
                    operands.read(low);
                }
                operands.write_early(to);
                operands.write_early(new);
            }
            Inst::Cas {
                to,
                part,
                address,
                expected,
                new,
                mask,
                ..
            } => {
                operands.read(address);
                operands.read(expected);
                operands.read(new);
                if let Some(mask) = mask {
                    operands.read(mask);
                }
                operands.write_early(to);
                operands.write_early(part);
            }
            Inst::Branch { condition, .. } | Inst::TrapIf { condition, .. } => {
                condition.operands(operands);
            }
            Inst::Table {
                index,
                count,
                base,
                part,
                ..
            } => {
                operands.read(index);
                operands.read(count);
                operands.write_early(base);
                operands.write_early(part);
            }
            Inst::Fence { .. } | Inst::Trap { .. } => {}
        }
    }

    fn is_branch(&self) -> bool {
        matches!(self, Inst::Branch { .. } | Inst::Table { .. })
    }

    fn is_end(&self) -> bool {
        matches!(self, Inst::Trap { .. })
    }
}

impl Address {
    fn operands(&mut self, operands: &mut impl Operands) {
        if let Address::Base(base, _) = self {
            operands.read(base);
        }
    }
}

impl Condition {
    fn operands(&mut self, operands: &mut impl Operands) {
        operands.read(&mut self.a);
        operands.read(&mut self.b);
    }
}

/// The registers that are kept come first: their places among the operands are known then. What
/// the second part takes is read when the first is written already.
fn select(condition: &mut Condition, parts: &mut [SelectPart], operands: &mut impl Operands) {
    for part in &mut *parts {
        operands.read(&mut part.no);
    }
    condition.operands(operands);
    for (n, part) in parts.iter_mut().enumerate() {
        if n == 0 {
            operands.read(&mut part.yes);
        } else {
            operands.read_late(&mut part.yes);
        }
    }
    for (n, part) in parts.iter_mut().enumerate() {
        operands.write_over(&mut part.to, n);
    }
}
