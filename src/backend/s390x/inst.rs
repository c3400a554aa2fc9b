//! Machine instructions as the allocator sees them.
//!
//! General registers 0 and 1 are never handed out: 0 is no base or index, and both together are
//! the even-odd pair that products, quotients and counts of leading zeros want. Sequences here use
//! them and say so in [`MachineInst::clobbers`].
//!
//! The condition code lives from one instruction to the next: moves, spills, reloads and jumps
//! around veneers leave it alone (LGR, LDR, VLR, STG, LG, STD, LD, VST, VL, LAY, BRCL).

use cranelift_codegen::ir::{AtomicRmwOp, ExternalName, TrapCode};
use regalloc2::{PReg, PRegSet, RegClass};

use super::encode::Mask;
use super::form::Form;
use super::memory::{Access, At};
use super::narrow_atomic::Narrow;
use crate::backend::operands::Operands;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;
use crate::backend::vcode::MachineInst;

/// A machine instruction, or a short sequence that the allocator sees as one.
#[derive(Clone, Debug)]
pub enum Inst {
    /// Registers to a register.
    Compute {
        /// What.
        form: Form,
        /// Written.
        to: Reg,
        /// Read, in the form's order.
        args: [Option<Reg>; 3],
    },
    /// Sets the condition code.
    Test(Test),
    /// A load.
    Load {
        /// What.
        access: Access,
        /// Written.
        to: Reg,
        /// From where.
        address: At,
        /// What it traps with, if it may.
        trap: Option<TrapCode>,
    },
    /// A store.
    Store {
        /// What.
        access: Access,
        /// Read.
        from: Reg,
        /// To where.
        address: At,
        /// What it traps with, if it may.
        trap: Option<TrapCode>,
    },
    /// The unsigned 128-bit product.
    MultiplyWide {
        /// Whether the operands are signed.
        signed: bool,
        /// Written: the left half, the right half.
        to: [Reg; 2],
        /// Read.
        args: [Reg; 2],
    },
    /// Quotient or remainder.
    Divide {
        /// Whether the operands are signed.
        signed: bool,
        /// 32 or 64: only that many bits of the operands count, and of the result.
        bits: u8,
        /// Whether the remainder is wanted.
        remainder: bool,
        /// Written.
        to: Reg,
        /// Dividend and divisor.
        args: [Reg; 2],
    },
    /// Leading zeros of 64 bits.
    LeadingZeros {
        /// Written.
        to: Reg,
        /// Read.
        from: Reg,
    },
    /// A float or vector under a condition.
    Select {
        /// When `then` is taken.
        mask: Mask,
        /// Written over `other`.
        to: Reg,
        /// Taken if the condition does not hold.
        other: Reg,
        /// Taken if it does.
        then: Reg,
    },
    /// A constant from behind the code.
    Constant {
        /// Written.
        to: Reg,
        /// Its bits.
        bits: u128,
    },
    /// Address of a symbol.
    SymbolAddress {
        /// Written.
        to: Reg,
        /// The symbol.
        name: ExternalName,
        /// Added to it.
        addend: i64,
        /// Whether it is within 4 GiB.
        near: bool,
    },
    /// Compare and swap; the old value.
    CompareAndSwap {
        /// 32 or 64.
        bits: u8,
        /// Whether memory has the other byte order.
        reversed: bool,
        /// Written.
        to: Reg,
        /// Address, expected, new.
        args: [Reg; 3],
        /// What it traps with, if it may.
        trap: Option<TrapCode>,
    },
    /// Reads, changes and writes at once; the old value.
    ReadModifyWrite {
        /// How it is changed.
        op: AtomicRmwOp,
        /// 32 or 64.
        bits: u8,
        /// Whether memory has the other byte order.
        reversed: bool,
        /// Written.
        to: Reg,
        /// Address and operand.
        args: [Reg; 2],
        /// What it traps with, if it may.
        trap: Option<TrapCode>,
    },
    /// Either of the two on a byte or a halfword.
    Narrow {
        /// What.
        narrow: Narrow,
        /// Written.
        to: Reg,
    },
    /// Waits for all earlier accesses.
    Fence,
    /// Goes to `then` if the condition code is in the mask, else to `other`.
    Branch {
        /// The mask.
        mask: Mask,
        /// Target if it holds.
        then: BlockId,
        /// Target if not.
        other: BlockId,
    },
    /// Goes to the target that a number below their count names.
    Table {
        /// Which one: 64 bits.
        index: Reg,
        /// Scratch.
        scratch: Reg,
        /// Where to if it is not below.
        default: BlockId,
        /// All others.
        targets: Vec<BlockId>,
    },
    /// Traps if the condition code is in the mask.
    TrapIf {
        /// The mask.
        mask: Mask,
        /// What with.
        code: TrapCode,
    },
    /// Traps always.
    Trap(TrapCode),
}

/// A comparison, or another instruction that only sets the condition code.
#[derive(Clone, Copy, Debug)]
pub enum Test {
    /// Two registers under a form that takes both: first and second.
    Pair(Form, Reg, Reg),
    /// A register under a form with an immediate.
    Immediate(Form, Reg),
    /// VECTOR TEST UNDER MASK.
    UnderMask(Reg, Reg),
}

/// General registers 0 and 1.
pub fn scratch() -> PRegSet {
    [0, 1]
        .into_iter()
        .map(|n| PReg::new(n, RegClass::Int))
        .collect()
}

impl MachineInst for Inst {
    fn operands(&mut self, operands: &mut impl Operands) {
        match self {
            Inst::Compute { form, to, args } => {
                for arg in args.iter_mut().flatten() {
                    operands.read(arg);
                }
                if form.is_over() {
                    operands.write_over(to, 0);
                } else {
                    operands.write(to);
                }
            }
            Inst::Test(Test::Immediate(_, a)) => operands.read(a),
            Inst::Test(Test::Pair(_, a, b) | Test::UnderMask(a, b)) => {
                operands.read(a);
                operands.read(b);
            }
            Inst::Load { to, address, .. } => {
                address.operands(operands);
                operands.write(to);
            }
            Inst::Store { from, address, .. } => {
                address.operands(operands);
                operands.read(from);
            }
            Inst::MultiplyWide { to, args, .. } => {
                args.iter_mut().for_each(|arg| operands.read(arg));
                to.iter_mut().for_each(|to| operands.write(to));
            }
            Inst::Divide { to, args, .. } => {
                args.iter_mut().for_each(|arg| operands.read(arg));
                operands.write(to);
            }
            Inst::LeadingZeros { to, from } => {
                operands.read(from);
                operands.write(to);
            }
            Inst::Select {
                to, other, then, ..
            } => {
                operands.read(other);
                operands.read(then);
                operands.write_over(to, 0);
            }
            Inst::CompareAndSwap { to, args, .. } => {
                args.iter_mut().for_each(|arg| operands.read(arg));
                operands.write(to);
            }
            Inst::ReadModifyWrite { to, args, .. } => {
                args.iter_mut().for_each(|arg| operands.read(arg));
                operands.write(to);
            }
            Inst::Narrow { narrow, to } => {
                narrow.args.iter_mut().for_each(|arg| operands.read(arg));
                narrow
                    .scratch
                    .iter_mut()
                    .for_each(|reg| operands.write_early(reg));
                operands.write(to);
            }
            Inst::Constant { to, .. } | Inst::SymbolAddress { to, .. } => operands.write(to),
            Inst::Table { index, scratch, .. } => {
                operands.read(index);
                operands.write_early(scratch);
            }
            Inst::Fence | Inst::Branch { .. } | Inst::TrapIf { .. } | Inst::Trap(_) => {}
        }
    }

    fn clobbers(&self) -> PRegSet {
        let uses = match self {
            Inst::Load {
                access, address, ..
            }
            | Inst::Store {
                access, address, ..
            } => access.uses_scratch() || address.may_be_far(),
            Inst::MultiplyWide { .. }
            | Inst::Divide { .. }
            | Inst::LeadingZeros { .. }
            | Inst::Constant { .. }
            | Inst::CompareAndSwap { .. }
            | Inst::ReadModifyWrite { .. }
            | Inst::Narrow { .. }
            | Inst::Table { .. } => true,
            _ => false,
        };
        if uses { scratch() } else { PRegSet::empty() }
    }

    fn is_branch(&self) -> bool {
        matches!(self, Inst::Branch { .. } | Inst::Table { .. })
    }

    fn is_end(&self) -> bool {
        matches!(self, Inst::Trap(_))
    }
}
