//! Conditions and those who use them.

use super::super::encode::integer::{self, Alu};
use super::super::encode::sse::{self, Sse};
use super::super::encode::sse_move::{self, Width};
use super::super::encode::{Cond, Mem, Size, flow, moves};
use super::super::fixup::Reference;
use super::super::inst::{Flags, Inst, Source, Test};
use super::{Emitted, Out, branch, gpr, jump, put, put_memory, skip, try_put, xmm};
use crate::backend::limit::Refusal;
use crate::backend::order::BlockId;
use crate::backend::reg::Reg;

/// Emits one of them.
pub fn emit(e: Out<'_, '_>, inst: &Inst) -> Emitted {
    match inst {
        Inst::Set { test, to, temp } => set(e, test, *to, *temp),
        Inst::Select { test, to, yes, .. } => {
            let flags = compare(e, test)?;
            let conds = moved_if(flags)?;
            try_put(e, |out| {
                for cond in conds {
                    integer::cmov(out, cond, Size::B8, gpr(*to), gpr(*yes))?;
                }
                Ok(())
            })
        }
        Inst::SelectVector { test, to, yes, .. } => {
            let flags = compare(e, test)?;
            let (over, end) = (e.buffer.new_label(), e.buffer.new_label());
            match flags {
                Flags::One(cond) => skip(e, cond.inverted(), end),
                Flags::Equal => {
                    skip(e, Cond::Ne, end);
                    skip(e, Cond::P, end);
                }
                Flags::NotEqual => {
                    skip(e, Cond::Ne, over);
                    skip(e, Cond::Np, end);
                }
            }
            e.buffer.bind(over);
            put(e, |out| sse_move::copy(out, xmm(*to), xmm(*yes)));
            e.buffer.bind(end);
            Ok(())
        }
        Inst::Branch { test, yes, no } => {
            let flags = compare(e, test)?;
            two_ways(e, flags, *yes, *no);
            Ok(())
        }
        Inst::Table {
            index,
            temps,
            targets,
        } => table(e, *index, *temps, targets),
        Inst::TrapIf { test, code } => {
            let flags = compare(e, test)?;
            let (trap, end) = (e.buffer.new_label(), e.buffer.new_label());
            match flags {
                Flags::One(cond) => skip(e, cond.inverted(), end),
                Flags::Equal => {
                    skip(e, Cond::Ne, end);
                    skip(e, Cond::P, end);
                }
                Flags::NotEqual => {
                    skip(e, Cond::Ne, trap);
                    skip(e, Cond::Np, end);
                }
            }
            e.buffer.bind(trap);
            e.buffer.trap(code);
            put(e, flow::trap);
            e.buffer.bind(end);
            Ok(())
        }
        Inst::Trap { code } => {
            e.buffer.trap(code);
            put(e, flow::trap);
            Ok(())
        }
        other => Err(Refusal::limit(format!("{other:?} tests nothing"))),
    }
}

/// Sets the flags.
fn compare(e: Out<'_, '_>, test: &Test) -> Result<Flags, Refusal> {
    match test {
        Test::Int {
            size,
            left,
            right,
            cond,
        } => {
            let left = gpr(*left);
            match right {
                Source::Reg(right) => {
                    put(e, |out| {
                        integer::alu(out, Alu::Cmp, *size, left, gpr(*right))
                    });
                }
                Source::Imm(0) => put(e, |out| integer::test(out, *size, left, left)),
                Source::Imm(imm) => {
                    try_put(e, |out| integer::alu_imm(out, Alu::Cmp, *size, left, *imm))?;
                }
                Source::Mem(address) => put_memory(e, address, (0, None), |out, mem| {
                    integer::alu(out, Alu::Cmp, *size, left, mem);
                    Ok(())
                })?,
            }
            Ok(Flags::One(*cond))
        }
        Test::Bits {
            size,
            left,
            right,
            cond,
        } => {
            match right {
                Source::Reg(right) => {
                    put(e, |out| integer::test(out, *size, gpr(*left), gpr(*right)));
                }
                Source::Imm(imm) => {
                    try_put(e, |out| integer::test_imm(out, *size, gpr(*left), *imm))?;
                }
                Source::Mem(_) => return Err(Refusal::limit("a test of bits in memory")),
            }
            Ok(Flags::One(*cond))
        }
        Test::Pair {
            left,
            right,
            cond,
            temp,
        } => {
            put(e, |out| {
                integer::alu(out, Alu::Cmp, Size::B8, gpr(left[0]), gpr(right[0]));
                moves::mov(out, Size::B8, gpr(*temp), gpr(left[1]));
                integer::alu(out, Alu::Sbb, Size::B8, gpr(*temp), gpr(right[1]));
            });
            Ok(Flags::One(*cond))
        }
        Test::Float {
            width,
            left,
            right,
            flags,
        } => {
            let op = match width {
                Width::Single => Sse::Ucomiss,
                _ => Sse::Ucomisd,
            };
            put(e, |out| sse::op(out, op, xmm(*left), xmm(*right)));
            Ok(*flags)
        }
    }
}

/// Conditions of which any moves; equality would need all.
fn moved_if(flags: Flags) -> Result<Vec<Cond>, Refusal> {
    match flags {
        Flags::One(cond) => Ok(vec![cond]),
        Flags::NotEqual => Ok(vec![Cond::Ne, Cond::P]),
        Flags::Equal => Err(Refusal::limit("a select by equality is one by inequality")),
    }
}

fn set(e: Out<'_, '_>, test: &Test, to: Reg, temp: Option<Reg>) -> Emitted {
    let flags = compare(e, test)?;
    let (first, second, join) = match flags {
        Flags::One(cond) => {
            put(e, |out| integer::set(out, cond, gpr(to)));
            return Ok(());
        }
        Flags::Equal => (Cond::E, Cond::Np, Alu::And),
        Flags::NotEqual => (Cond::Ne, Cond::P, Alu::Or),
    };
    let temp = temp.ok_or_else(|| Refusal::limit("two flags without a scratch register"))?;
    put(e, |out| {
        integer::set(out, first, gpr(to));
        integer::set(out, second, gpr(temp));
        integer::alu(out, join, Size::B4, gpr(to), gpr(temp));
    });
    Ok(())
}

fn two_ways(e: Out<'_, '_>, flags: Flags, yes: BlockId, no: BlockId) {
    let (to_yes, to_no) = (e.label(yes), e.label(no));
    match flags {
        Flags::One(cond) if e.falls_into(yes) => branch(e, cond.inverted(), to_no),
        Flags::One(cond) => branch(e, cond, to_yes),
        Flags::Equal => {
            branch(e, Cond::P, to_no);
            if e.falls_into(yes) {
                branch(e, Cond::Ne, to_no);
            } else {
                branch(e, Cond::E, to_yes);
            }
        }
        Flags::NotEqual => {
            branch(e, Cond::P, to_yes);
            if e.falls_into(yes) {
                branch(e, Cond::E, to_no);
            } else {
                branch(e, Cond::Ne, to_yes);
            }
        }
    }
    if !e.falls_into(yes) && !e.falls_into(no) {
        jump(e, to_no);
    }
}

/// `targets[0]` from the others' number on.
fn table(e: Out<'_, '_>, index: Reg, temps: [Reg; 2], targets: &[BlockId]) -> Emitted {
    let Some((default, others)) = targets.split_first() else {
        return Err(Refusal::limit("a jump table without a default"));
    };
    let [place, base] = temps.map(gpr);
    let count =
        i32::try_from(others.len()).map_err(|_| Refusal::limit("a jump table of 2^31 entries"))?;
    let default = e.label(*default);
    try_put(e, |out| {
        integer::alu_imm(out, Alu::Cmp, Size::B4, gpr(index), count)
    })?;
    branch(e, Cond::Ae, default);
    let labels = others.iter().map(|block| e.label(*block)).collect();
    let entries = e.buffer.table_from_itself(labels, false);
    put(e, |out| {
        moves::mov(out, Size::B4, place, gpr(index));
        moves::lea(out, base, Mem::Rip(0));
    });
    let at = e.buffer.offset() - 4;
    e.buffer.refer_at(at, entries, Reference::JUMP);
    let entry = Mem::indexed(base, place, 2, 0)
        .ok_or_else(|| Refusal::limit("the stack pointer as an index"))?;
    try_put(e, |out| {
        moves::sign_extend(out, Size::B4, Size::B8, place, entry)?;
        integer::alu(out, Alu::Add, Size::B8, place, base);
        flow::jump_indirect(out, place);
        Ok(())
    })
}
