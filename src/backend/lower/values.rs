//! Values and the registers that hold them.
//!
//! Some CLIF instructions only give an old value a new name: `ireduce` (the bits above a
//! narrow value are anything), `isplit` and `iconcat`. They take no code: each value is a list
//! of *atoms*, and an atom is a register-sized piece of the value that some other instruction
//! really makes.

use cranelift_codegen::ir::{Inst, InstructionData, Opcode, Type, Value, ValueDef, types};

use super::Lower;
use crate::backend::arch::Arch;
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;
use crate::backend::vcode::Op;

/// A register-sized piece of a value that an instruction or block makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Atom {
    root: Value,
    half: usize,
}

/// The pieces of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Atoms {
    low: Option<Atom>,
    high: Option<Atom>,
}

impl<A: Arch> Lower<'_, A> {
    /// Gives every value its atoms and every root its registers.
    pub(super) fn assign_registers(&mut self) -> Result<(), Refusal> {
        let function = self.function;
        let blocks: Vec<_> = self.order.blocks.iter().collect();
        let blocks: Vec<_> = blocks
            .into_iter()
            .filter_map(|placed| match placed {
                super::Placed::Block(block) => Some(*block),
                super::Placed::Edge(_) => None,
            })
            .collect();
        // In reverse post-order, so that what a name stands for is known before the name.
        for block in blocks {
            for &param in function.dfg.block_params(block) {
                self.make_root(param)?;
            }
            for inst in function.layout.block_insts(block) {
                if self.is_transparent(inst) {
                    self.rename(inst);
                    continue;
                }
                for &result in function.dfg.inst_results(inst) {
                    self.make_root(result)?;
                }
            }
        }
        Ok(())
    }

    fn make_root(&mut self, value: Value) -> Result<(), Refusal> {
        let ty = self.ty(value);
        let atom = |half| Some(Atom { root: value, half });
        let wide = self.arch.is_pair(ty);
        let piece = if wide { types::I64 } else { ty };
        let class = self
            .arch
            .class(piece)
            .ok_or_else(|| Refusal::uncovered(format!("values of type {ty}")))?;
        self.atoms[value] = Atoms {
            low: atom(0),
            high: atom(1).filter(|_| wide),
        };
        let low = self.temp(class);
        let high = wide.then(|| self.temp(class));
        self.regs[value] = [Some(low), high];
        Ok(())
    }

    /// Whether the instruction only renames values.
    pub(super) fn is_transparent(&self, inst: Inst) -> bool {
        matches!(
            self.function.dfg.insts[inst].opcode(),
            Opcode::Ireduce | Opcode::Isplit | Opcode::Iconcat
        ) || self.is_pair_cast(inst)
    }

    /// Whether it is a bit cast between two pairs of registers.
    fn is_pair_cast(&self, inst: Inst) -> bool {
        let dfg = &self.function.dfg;
        dfg.insts[inst].opcode() == Opcode::Bitcast
            && self.arch.is_pair(self.ty(dfg.inst_args(inst)[0]))
            && self.arch.is_pair(self.ty(dfg.first_result(inst)))
    }

    fn rename(&mut self, inst: Inst) {
        let dfg = &self.function.dfg;
        let args: Vec<Atoms> = dfg.inst_args(inst).iter().map(|&v| self.atoms[v]).collect();
        let results = dfg.inst_results(inst);
        match dfg.insts[inst].opcode() {
            Opcode::Ireduce => {
                self.atoms[results[0]] = Atoms {
                    low: args[0].low,
                    high: None,
                };
            }
            Opcode::Bitcast => self.atoms[results[0]] = args[0],
            Opcode::Isplit => {
                self.atoms[results[0]] = Atoms {
                    low: args[0].low,
                    high: None,
                };
                self.atoms[results[1]] = Atoms {
                    low: args[0].high,
                    high: None,
                };
            }
            _ => {
                self.atoms[results[0]] = Atoms {
                    low: args[0].low,
                    high: args[1].low,
                }
            }
        }
    }

    /// Type of a value.
    pub fn ty(&self, value: Value) -> Type {
        self.function.dfg.value_type(value)
    }

    /// Arguments of an instruction.
    pub fn args(&self, inst: Inst) -> &[Value] {
        self.function.dfg.inst_args(inst)
    }

    /// The register that instruction `inst` has to write its result number `n` to. For an
    /// `i128` see [`Lower::result_pair`].
    pub fn result(&self, inst: Inst, n: usize) -> Reg {
        self.result_pair(inst, n).0
    }

    /// Both registers of an `i128` result.
    pub fn result_pair(&self, inst: Inst, n: usize) -> (Reg, Reg) {
        let result = self.function.dfg.inst_results(inst)[n];
        let [low, high] = self.regs[result];
        let low = low.expect("roots have registers");
        (low, high.unwrap_or(low))
    }

    /// Whether somebody reads one of the instruction's results.
    pub(super) fn is_used(&self, inst: Inst) -> bool {
        let results = self.function.dfg.inst_results(inst);
        results.iter().any(|&value| self.used.contains(value))
    }

    /// A register that holds a value; constants are put into one on the spot. It may be a real
    /// one, where the ISA has a register for the constant.
    pub fn reg(&mut self, value: Value) -> Reg {
        let ty = self.ty(value);
        let low = self.atoms[value]
            .low
            .expect("every reachable value has an atom");
        self.atom(low, ty)
    }

    /// Both registers of an `i128`, low first.
    pub fn pair(&mut self, value: Value) -> (Reg, Reg) {
        let Atoms { low, high } = self.atoms[value];
        let low = low.expect("every reachable value has an atom");
        let high = high.expect("asked of an i128");
        (self.atom(low, types::I64), self.atom(high, types::I64))
    }

    /// All registers of a value: one or two.
    pub fn all_regs(&mut self, value: Value) -> Vec<Reg> {
        if self.arch.is_pair(self.ty(value)) {
            let (low, high) = self.pair(value);
            vec![low, high]
        } else {
            vec![self.reg(value)]
        }
    }

    /// As [`Lower::reg`], but always a virtual register.
    pub fn vreg(&mut self, value: Value) -> Reg {
        let reg = self.reg(value);
        self.virtual_copy(reg)
    }

    /// `reg` itself if it is virtual, a copy if it is real.
    pub fn virtual_copy(&mut self, reg: Reg) -> Reg {
        if reg.as_virt().is_some() {
            return reg;
        }
        let to = self.temp(reg.class());
        self.emit(Op::Move { to, from: reg });
        to
    }

    fn atom(&mut self, atom: Atom, ty: Type) -> Reg {
        if let Some((ty, bits)) = self.root_constant(atom.root) {
            let arch = self.arch;
            if arch.is_pair(ty) {
                let half = if atom.half == 1 { bits >> 64 } else { bits };
                return arch.constant(self, types::I64, half & u128::from(u64::MAX));
            }
            return arch.constant(self, ty, bits);
        }
        // A narrow name of a wide value is the same register.
        let _ = ty;
        self.used.insert(atom.root);
        self.regs[atom.root][atom.half].expect("roots have registers")
    }

    fn root_constant(&self, root: Value) -> Option<(Type, u128)> {
        let ValueDef::Result(inst, _) = self.function.dfg.value_def(root) else {
            return None;
        };
        let dfg = &self.function.dfg;
        let ty = self.ty(root);
        let bits = match dfg.insts[inst] {
            InstructionData::UnaryImm {
                opcode: Opcode::Iconst,
                imm,
            } => {
                let bits = u128::from(imm.bits().cast_unsigned());
                bits & (u128::MAX >> (128 - ty.bits()))
            }
            InstructionData::UnaryIeee16 { imm, .. } => u128::from(imm.bits()),
            InstructionData::UnaryIeee32 { imm, .. } => u128::from(imm.bits()),
            InstructionData::UnaryIeee64 { imm, .. } => u128::from(imm.bits()),
            InstructionData::UnaryConst {
                constant_handle, ..
            } => {
                let mut bytes = [0; 16];
                let data = dfg.constants.get(constant_handle).as_slice();
                bytes.get_mut(..data.len())?.copy_from_slice(data);
                u128::from_le_bytes(bytes)
            }
            _ => return None,
        };
        Some((ty, bits))
    }

    /// The bits of a constant of at most 64 bits, zero above its type. Does not count as a
    /// read.
    pub fn constant(&self, value: Value) -> Option<u64> {
        let atom = self.atoms[value].low?;
        let (_, bits) = self.root_constant(atom.root)?;
        let width = self.ty(value).bits();
        let bits = u64::try_from(bits & u128::from(u64::MAX)).expect("masked");
        (width <= 64).then(|| bits & (u64::MAX >> (64 - width)))
    }

    /// The same, sign-extended.
    pub fn signed_constant(&self, value: Value) -> Option<i64> {
        let shift = 64 - self.ty(value).bits();
        let bits = self.constant(value)?;
        Some((bits << shift).cast_signed() >> shift)
    }

    /// The bits of any constant, lanes from the lowest. Does not count as a read.
    pub fn wide_constant(&self, value: Value) -> Option<u128> {
        let Atoms { low, high } = self.atoms[value];
        if high.is_some() {
            return None;
        }
        let (_, bits) = self.root_constant(low?.root)?;
        Some(bits & (u128::MAX >> (128 - self.ty(value).bits())))
    }

    /// The instruction that makes `value`, if it has no effect and so may be done again, or
    /// in another form, where the value is used. Does not count as a read.
    pub fn definition(&self, value: Value) -> Option<Inst> {
        let Atoms {
            low: Some(atom),
            high: None,
        } = self.atoms[value]
        else {
            return None;
        };
        if atom.root != value {
            return None;
        }
        match self.function.dfg.value_def(value) {
            ValueDef::Result(inst, 0) => {
                let opcode = self.function.dfg.insts[inst].opcode();
                (!self.has_effect(inst) && !opcode.can_load()).then_some(inst)
            }
            _ => None,
        }
    }

    /// The definition of `value` if its operation is `opcode`.
    pub fn defined_by(&self, value: Value, opcode: Opcode) -> Option<Inst> {
        let inst = self.definition(value)?;
        (self.function.dfg.insts[inst].opcode() == opcode).then_some(inst)
    }
}
