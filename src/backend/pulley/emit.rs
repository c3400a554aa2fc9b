//! Bytes of machine instructions.

use pulley_interpreter::encode;

use super::Pulley;
use super::abi::Distance;
use super::encode::{Put, x};
use super::frame::SP;
use super::inst::{Base, Condition, Inst};
use crate::backend::arch::Arch as _;
use crate::backend::emit::Emitter;
use crate::backend::limit::Refusal;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;
use crate::codegen::RelocKind;

fn numbers(regs: &[Reg]) -> Vec<u8> {
    regs.iter().map(|reg| reg.number()).collect()
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("an instruction is short")
}

/// Bytes of a branch, its distance zero.
fn branch(put: Put, condition: &Condition) -> Vec<u8> {
    let mut bytes = Vec::new();
    put(&mut bytes, &numbers(&condition.regs), condition.imm);
    bytes
}

impl Pulley {
    pub(super) fn branch_to(&self, emitter: &mut Emitter<Self>, bytes: &[u8], target: BlockId) {
        // The distance is the last field of every branch.
        let field = length(bytes) - 4;
        let at = emitter.buffer.offset() + field;
        let back = u8::try_from(field).expect("an instruction is short");
        let label = emitter.label(target);
        emitter.buffer.refer_at(at, label, Distance { back });
        emitter.buffer.put(bytes);
    }

    pub(super) fn emit_inst(
        &self,
        emitter: &mut Emitter<Self>,
        inst: &Inst,
    ) -> Result<(), Refusal> {
        let mut bytes = Vec::new();
        match inst {
            Inst::Plain {
                put,
                regs,
                imm,
                trap,
                ..
            } => {
                if let Some(code) = trap {
                    emitter.buffer.trap(code);
                }
                put(&mut bytes, &numbers(regs), *imm);
            }
            Inst::Same { to, from } => debug_assert_eq!(to, from, "the allocator reuses it"),
            Inst::Load {
                put,
                to: reg,
                base,
                offset,
                trap,
            }
            | Inst::Store {
                put,
                from: reg,
                base,
                offset,
                trap,
            } => {
                if let Some(code) = trap {
                    emitter.buffer.trap(code);
                }
                let (base, offset) = match base {
                    Base::Reg(base) => (base.number(), i64::from(*offset)),
                    Base::Frame(place) => (SP, emitter.offset(*place) + i64::from(*offset)),
                };
                let offset = i32::try_from(offset)
                    .map_err(|_| Refusal::limit(format!("an offset of {offset} bytes")))?;
                put(&mut bytes, reg.number(), base, offset);
            }
            Inst::Branch {
                condition,
                then,
                other,
            } => {
                self.emit_branch(emitter, condition, *then, *other);
            }
            Inst::Table { index, targets } => {
                let amount = u32::try_from(targets.len())
                    .map_err(|_| Refusal::limit("a table of more than 2^32 targets"))?;
                encode::br_table32(&mut bytes, x(index.number()), amount);
                emitter.buffer.put(&bytes);
                for &target in targets {
                    // An entry counts from itself.
                    self.branch_to(emitter, &[0; 4], target);
                }
                return Ok(());
            }
            Inst::Address {
                to,
                name,
                addend,
                near,
            } => {
                let symbol = emitter.symbol(name);
                let (size, kind) = self.address_of(&mut bytes, to.number(), *near);
                let at = emitter.buffer.offset() + length(&bytes) - size;
                emitter.buffer.relocate_at(at, kind, symbol, *addend);
            }
            Inst::Trap(code) => {
                emitter.buffer.trap(code);
                encode::trap(&mut bytes);
            }
            Inst::TrapIf { condition, code } => {
                bytes = branch(condition.fails, condition);
                let mut trap = Vec::new();
                encode::trap(&mut trap);
                let over = i32::try_from(bytes.len() + trap.len()).expect("both are short");
                let field = bytes.len() - 4;
                bytes[field..].copy_from_slice(&over.to_le_bytes());
                emitter.buffer.put(&bytes);
                emitter.buffer.trap(code);
                emitter.buffer.put(&trap);
                return Ok(());
            }
        }
        emitter.buffer.put(&bytes);
        Ok(())
    }

    fn emit_branch(
        &self,
        emitter: &mut Emitter<Self>,
        condition: &Condition,
        then: BlockId,
        other: BlockId,
    ) {
        let (put, target, rest) = if emitter.falls_into(then) {
            (condition.fails, other, then)
        } else {
            (condition.holds, then, other)
        };
        self.branch_to(emitter, &branch(put, condition), target);
        if !emitter.falls_into(rest) {
            self.emit_jump(emitter, rest);
        }
    }

    /// Puts the instruction that makes a symbol's address; gives the size of its field, which is
    /// last, and the relocation.
    pub(super) fn address_of(&self, bytes: &mut Vec<u8>, to: u8, near: bool) -> (u32, RelocKind) {
        if near {
            // The distance counts from the instruction, the relocation from the field.
            let mut unlinked = Vec::new();
            encode::xpcadd(&mut unlinked, x(to), 0);
            let field = i32::try_from(unlinked.len()).expect("an instruction is short") - 4;
            encode::xpcadd(bytes, x(to), field);
            (4, RelocKind::PulleyPcRel)
        } else if self.pointer_bytes() == 4 {
            encode::xconst32(bytes, x(to), 0);
            (4, RelocKind::Abs4)
        } else {
            encode::xconst64(bytes, x(to), 0);
            (8, RelocKind::Abs8)
        }
    }
}
