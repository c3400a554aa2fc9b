//! From allocated instructions to words.
//!
//! A word may become its 16-bit form where nothing depends on its length: not where a reference
//! patches it, not in a patch site, not where a branch inside of the same sequence counts bytes.

mod atomic;
mod bits;
mod symbol;

use cranelift_codegen::ir::TrapCode;
use regalloc2::RegClass;

use super::Riscv64;
use super::encode::{
    self, Access, Alu, AluImm, Branch, F, FloatAccess, FloatSign, Format, TRAP, X, alu, alu_imm,
    branch, jump, lui,
};
use super::fixup::Reference;
use super::inst::{Address, Condition, Inst, SelectPart};
use super::registers::SCRATCH_X;
use crate::backend::emit::Emitter;
use crate::backend::limit::Refusal;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;

/// The integer register, which has been allocated.
pub fn x(reg: Reg) -> X {
    debug_assert_eq!(reg.class(), RegClass::Int);
    X::new(reg.number()).expect("the allocator knows 32 registers")
}

/// The floating-point register, which has been allocated.
pub fn f(reg: Reg) -> F {
    debug_assert_eq!(reg.class(), RegClass::Float);
    F::new(reg.number()).expect("the allocator knows 32 registers")
}

/// A word whose immediate was chosen to fit.
pub fn fits(word: Option<u32>) -> Result<u32, Refusal> {
    word.ok_or_else(|| Refusal::limit("an immediate or a distance beyond its field"))
}

impl Riscv64 {
    /// Puts a word, or its short form.
    pub(super) fn put(&self, emitter: &mut Emitter<Self>, word: u32) {
        match encode::compress(word, self.compression) {
            Some(half) => emitter.buffer.put(&half.to_le_bytes()),
            None => emitter.buffer.put_u32(word),
        }
    }

    /// `to = value`.
    pub(super) fn put_constant(&self, emitter: &mut Emitter<Self>, to: X, value: i64) {
        for word in encode::constant(to, value) {
            self.put(emitter, word);
        }
    }

    /// Base and distance of an address that the next instruction accesses, of which the distance
    /// fits; through the scratch register when it is far. That instruction may `trap`.
    fn accessed(
        &self,
        emitter: &mut Emitter<Self>,
        address: Address,
        trap: Option<TrapCode>,
    ) -> Result<(X, i64), Refusal> {
        let (base, offset) = match address {
            Address::Base(base, offset) => (x(base), i64::from(offset)),
            Address::Frame(place) => (X::SP, emitter.offset(place)),
        };
        let place = self.near_offset(emitter, base, offset)?;
        if let Some(code) = trap {
            emitter.buffer.trap(code);
        }
        Ok(place)
    }

    fn near_offset(
        &self,
        emitter: &mut Emitter<Self>,
        base: X,
        offset: i64,
    ) -> Result<(X, i64), Refusal> {
        if (-2048..2048).contains(&offset) {
            return Ok((base, offset));
        }
        let upper = (offset + 0x800) >> 12;
        self.put(emitter, fits(lui(SCRATCH_X, upper))?);
        self.put(emitter, alu(Alu::Add, SCRATCH_X, SCRATCH_X, base));
        Ok((SCRATCH_X, offset - (upper << 12)))
    }

    /// Stores a whole register at `sp + offset`.
    pub(super) fn put_spill(
        &self,
        emitter: &mut Emitter<Self>,
        from: Reg,
        offset: i64,
    ) -> Result<(), Refusal> {
        let (base, offset) = self.near_offset(emitter, X::SP, offset)?;
        let word = match from.class() {
            RegClass::Float => encode::float_store(FloatAccess::D, f(from), base, offset),
            _ => encode::store(Access::D, x(from), base, offset),
        };
        self.put(emitter, fits(word)?);
        Ok(())
    }

    /// Loads a whole register from `sp + offset`.
    pub(super) fn put_reload(
        &self,
        emitter: &mut Emitter<Self>,
        to: Reg,
        offset: i64,
    ) -> Result<(), Refusal> {
        let (base, offset) = self.near_offset(emitter, X::SP, offset)?;
        let word = match to.class() {
            RegClass::Float => encode::float_load(FloatAccess::D, f(to), base, offset),
            _ => encode::load(Access::D, x(to), base, offset),
        };
        self.put(emitter, fits(word)?);
        Ok(())
    }

    /// `to = sp + offset`.
    pub(super) fn put_frame_address(
        &self,
        emitter: &mut Emitter<Self>,
        to: X,
        offset: i64,
    ) -> Result<(), Refusal> {
        if let Some(word) = alu_imm(AluImm::Addi, to, X::SP, offset) {
            self.put(emitter, word);
        } else {
            self.put_constant(emitter, to, offset);
            self.put(emitter, alu(Alu::Add, to, to, X::SP));
        }
        Ok(())
    }

    /// Copies a whole register.
    pub(super) fn put_move(&self, emitter: &mut Emitter<Self>, to: Reg, from: Reg) {
        let word = move_word(to, from);
        self.put(emitter, word);
    }

    /// An unconditional jump.
    pub(super) fn put_jump(&self, emitter: &mut Emitter<Self>, target: BlockId) {
        let label = emitter.label(target);
        emitter.buffer.refer(label, Reference::Jump);
        emitter.buffer.put_u32(jump(X::ZERO, 0).expect("zero fits"));
    }

    fn put_branch_to(
        &self,
        emitter: &mut Emitter<Self>,
        condition: Condition,
        target: BlockId,
    ) -> Result<(), Refusal> {
        let label = emitter.label(target);
        emitter.buffer.refer(label, Reference::Branch);
        let Condition { op, a, b } = condition;
        emitter.buffer.put_u32(fits(branch(op, x(a), x(b), 0))?);
        Ok(())
    }

    fn put_branch(
        &self,
        emitter: &mut Emitter<Self>,
        condition: Condition,
        [then, other]: [BlockId; 2],
    ) -> Result<(), Refusal> {
        let op = condition.op.inverted();
        if emitter.falls_into(then) {
            return self.put_branch_to(emitter, Condition { op, ..condition }, other);
        }
        self.put_branch_to(emitter, condition, then)?;
        if !emitter.falls_into(other) {
            self.put_jump(emitter, other);
        }
        Ok(())
    }

    /// Traps unless `condition` holds.
    fn put_trap_unless(
        &self,
        emitter: &mut Emitter<Self>,
        condition: Condition,
        code: TrapCode,
    ) -> Result<(), Refusal> {
        let Condition { op, a, b } = condition;
        emitter.buffer.put_u32(fits(branch(op, x(a), x(b), 8))?);
        self.put_trap(emitter, code);
        Ok(())
    }

    /// Traps.
    pub(super) fn put_trap(&self, emitter: &mut Emitter<Self>, code: TrapCode) {
        emitter.buffer.trap(code);
        emitter.buffer.put_u32(TRAP);
    }

    /// The registers of a select hold what is taken if not.
    fn put_select(
        &self,
        emitter: &mut Emitter<Self>,
        condition: Condition,
        parts: &[SelectPart],
    ) -> Result<(), Refusal> {
        let moves: Vec<u32> = parts
            .iter()
            .filter(|part| part.to != part.yes)
            .map(|p| move_word(p.to, p.yes))
            .collect();
        let words = i64::try_from(moves.len()).expect("one or two");
        let Condition { op, a, b } = condition;
        if words > 0 {
            let over = branch(op.inverted(), x(a), x(b), 4 + 4 * words);
            emitter.buffer.put_u32(fits(over)?);
        }
        for word in moves {
            emitter.buffer.put_u32(word);
        }
        Ok(())
    }

    /// Emits an instruction.
    pub(super) fn put_inst(&self, emitter: &mut Emitter<Self>, inst: &Inst) -> Result<(), Refusal> {
        let word = match *inst {
            Inst::Alu { op, to, a, b } => alu(op, x(to), x(a), x(b)),
            Inst::AluImm { op, to, a, imm } => fits(alu_imm(op, x(to), x(a), imm.into()))?,
            Inst::Shift { op, to, a, amount } => {
                fits(encode::shift_imm(op, x(to), x(a), amount.into()))?
            }
            Inst::Constant { to, value } => {
                self.put_constant(emitter, x(to), value);
                return Ok(());
            }
            Inst::Load {
                access,
                to,
                from,
                trap,
            } => {
                let (base, offset) = self.accessed(emitter, from, trap)?;
                fits(encode::load(access, x(to), base, offset))?
            }
            Inst::Store {
                access,
                from,
                to,
                trap,
            } => {
                let (base, offset) = self.accessed(emitter, to, trap)?;
                fits(encode::store(access, x(from), base, offset))?
            }
            Inst::FloatLoad {
                access,
                to,
                from,
                trap,
            } => {
                let (base, offset) = self.accessed(emitter, from, trap)?;
                fits(encode::float_load(access, f(to), base, offset))?
            }
            Inst::FloatStore {
                access,
                from,
                to,
                trap,
            } => {
                let (base, offset) = self.accessed(emitter, to, trap)?;
                fits(encode::float_store(access, f(from), base, offset))?
            }
            Inst::Float {
                op,
                format,
                to,
                a,
                b,
            } => encode::float(op, format, f(to), f(a), f(b)),
            Inst::Sqrt { format, to, a } => encode::sqrt(format, f(to), f(a)),
            Inst::Sign {
                sign,
                format,
                to,
                a,
                b,
            } => encode::float_sign(sign, format, f(to), f(a), f(b)),
            Inst::FloatCompare {
                op,
                format,
                to,
                a,
                b,
            } => encode::float_compare(op, format, x(to), f(a), f(b)),
            Inst::Fused {
                op,
                format,
                to,
                sources,
            } => encode::fused(op, format, f(to), sources.map(f)),
            Inst::ToInt {
                int,
                format,
                rounding,
                to,
                a,
            } => encode::to_int(int, format, rounding, x(to), f(a)),
            Inst::FromInt { int, format, to, a } => {
                encode::float_from_int(int, format, f(to), x(a))
            }
            Inst::Convert {
                format: Format::S,
                to,
                a,
            } => encode::to_single(f(to), f(a)),
            Inst::Convert {
                format: Format::D,
                to,
                a,
            } => encode::to_double(f(to), f(a)),
            Inst::FromFloat { format, to, a } => encode::move_from_float(format, x(to), f(a)),
            Inst::ToFloat { format, to, a } => encode::move_to_float(format, f(to), x(a)),
            Inst::Fence { before, after } => fits(encode::fence(before.into(), after.into()))?,
            Inst::Amo {
                op,
                width,
                to,
                address,
                a,
            } => {
                let registers = [x(address), x(a)];
                encode::amo(op, width, encode::Order::Both, x(to), registers)
            }
            Inst::Select {
                condition,
                ref parts,
            } => {
                return self.put_select(emitter, condition, parts);
            }
            Inst::BitLength { to, rest, a } => {
                return self.put_bit_length(emitter, [to, rest, a].map(x));
            }
            Inst::BitCount { to, rest, part, a } => {
                return self.put_bit_count(emitter, [to, rest, part, a].map(x));
            }
            Inst::Reverse {
                unit,
                count,
                to,
                rest,
                left,
                part,
                a,
            } => {
                let registers = [to, rest, left, part, a].map(x);
                return self.put_reverse(emitter, unit, count, registers);
            }
            Inst::AmoLoop { .. } | Inst::Cas { .. } => return self.put_atomic_loop(emitter, inst),
            Inst::Symbol {
                to,
                ref name,
                offset,
                far,
            } => {
                return self.put_symbol(emitter, x(to), name, offset, far);
            }
            Inst::Branch { condition, targets } => {
                return self.put_branch(emitter, condition, targets);
            }
            Inst::Table {
                index,
                count,
                base,
                part,
                default,
                ref targets,
            } => {
                let beyond = Condition {
                    op: Branch::Geu,
                    a: index,
                    b: count,
                };
                self.put_branch_to(emitter, beyond, default)?;
                return self.put_table(emitter, [x(index), x(base), x(part)], targets);
            }
            Inst::Trap { code } => {
                self.put_trap(emitter, code);
                return Ok(());
            }
            Inst::TrapIf { condition, code } => {
                let op = condition.op.inverted();
                return self.put_trap_unless(emitter, Condition { op, ..condition }, code);
            }
        };
        self.put(emitter, word);
        Ok(())
    }
}

/// A copy of a whole register; of floats also the bits above a narrow one.
fn move_word(to: Reg, from: Reg) -> u32 {
    match to.class() {
        RegClass::Float => encode::float_sign(FloatSign::Copy, Format::D, f(to), f(from), f(from)),
        _ => alu_imm(AluImm::Addi, x(to), x(from), 0).expect("zero fits"),
    }
}
