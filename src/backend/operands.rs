//! What the register allocator is told of an instruction, and how its answer comes back.
//!
//! An instruction shows its registers through one method, [`Operands`] visits them twice: once
//! to collect constraints, once to put the allocated registers in. Both see the same order, so
//! that they cannot disagree. Real registers are passed over.

use regalloc2::{Allocation, Operand, OperandConstraint, OperandKind, OperandPos, PReg};

use super::reg::Reg;

/// Visits an instruction's registers. A *late* use lives on beyond the instruction's
/// definitions, an *early* definition is written before all uses are read.
pub trait Operands {
    /// One register under a constraint.
    fn visit(
        &mut self,
        reg: &mut Reg,
        constraint: OperandConstraint,
        kind: OperandKind,
        pos: OperandPos,
    );

    /// Read before anything is written.
    fn read(&mut self, reg: &mut Reg) {
        self.visit(
            reg,
            OperandConstraint::Reg,
            OperandKind::Use,
            OperandPos::Early,
        );
    }

    /// Read after definitions were written, so never in the same register as one of them.
    fn read_late(&mut self, reg: &mut Reg) {
        self.visit(
            reg,
            OperandConstraint::Reg,
            OperandKind::Use,
            OperandPos::Late,
        );
    }

    /// Written after everything was read.
    fn write(&mut self, reg: &mut Reg) {
        self.visit(
            reg,
            OperandConstraint::Reg,
            OperandKind::Def,
            OperandPos::Late,
        );
    }

    /// Written while uses are still to be read: a scratch register is one that nobody reads.
    fn write_early(&mut self, reg: &mut Reg) {
        self.visit(
            reg,
            OperandConstraint::Reg,
            OperandKind::Def,
            OperandPos::Early,
        );
    }

    /// Written to the register of operand number `input`, counted over virtual operands only:
    /// a two-address instruction. Visit the inputs first.
    fn write_over(&mut self, reg: &mut Reg, input: usize) {
        self.visit(
            reg,
            OperandConstraint::Reuse(input),
            OperandKind::Def,
            OperandPos::Late,
        );
    }

    /// Read in one given register.
    fn read_in(&mut self, reg: &mut Reg, real: PReg) {
        self.visit(
            reg,
            OperandConstraint::FixedReg(real),
            OperandKind::Use,
            OperandPos::Early,
        );
    }

    /// Written to one given register.
    fn write_in(&mut self, reg: &mut Reg, real: PReg) {
        self.visit(
            reg,
            OperandConstraint::FixedReg(real),
            OperandKind::Def,
            OperandPos::Late,
        );
    }
}

/// Collects the constraints.
#[derive(Default)]
pub struct Collector(pub Vec<Operand>);

impl Operands for Collector {
    fn visit(
        &mut self,
        reg: &mut Reg,
        constraint: OperandConstraint,
        kind: OperandKind,
        pos: OperandPos,
    ) {
        if let Some(vreg) = reg.as_virt() {
            self.0.push(Operand::new(vreg, constraint, kind, pos));
        } else {
            debug_assert!(
                !matches!(constraint, OperandConstraint::FixedReg(real) if Some(real) != reg.as_real()),
                "a real register under another's constraint"
            );
        }
    }
}

/// Puts allocated registers in.
pub struct Substitution<'a>(pub std::slice::Iter<'a, Allocation>);

impl Operands for Substitution<'_> {
    fn visit(&mut self, reg: &mut Reg, _: OperandConstraint, _: OperandKind, _: OperandPos) {
        if reg.as_virt().is_some() {
            let allocation = self.0.next().and_then(|a| a.as_reg());
            *reg = Reg::real(allocation.expect("every operand is asked for in a register"));
        }
    }
}
