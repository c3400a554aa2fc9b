//! Atomic updates of memory.

use cranelift_codegen::ir::TrapCode;

use super::super::encode::integer::{self, Alu, Unary};
use super::super::encode::{Cond, Gpr, Size, atomic, moves};
use super::super::inst::{Address, Inst, Update};
use super::{Emitted, Out, gpr, put, put_memory, skip, try_put};
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

/// Emits one of them.
pub fn emit(e: Out<'_, '_>, inst: &Inst) -> Emitted {
    match inst {
        Inst::Exchange {
            add,
            size,
            to,
            address,
            trap,
            ..
        } => put_memory(e, address, (0, *trap), |out, mem| {
            if *add {
                atomic::exchange_add(out, *size, mem, gpr(*to));
            } else {
                atomic::exchange(out, *size, mem, gpr(*to));
            }
            Ok(())
        }),
        Inst::CompareExchange {
            size,
            new,
            address,
            trap,
            ..
        } => put_memory(e, address, (0, *trap), |out, mem| {
            atomic::compare_exchange(out, *size, mem, gpr(*new));
            Ok(())
        }),
        Inst::Update {
            update: how,
            size,
            operand,
            temp,
            address,
            trap,
            ..
        } => update(e, (*how, *size), [*operand, *temp], (address, *trap)),
        Inst::Fence => {
            put(e, atomic::fence);
            Ok(())
        }
        other => Err(Refusal::limit(format!("{other:?} is not atomic"))),
    }
}

/// Computes from what memory holds and stores if it still does, until it does.
fn update(
    e: Out<'_, '_>,
    (update, size): (Update, Size),
    [operand, temp]: [Reg; 2],
    (address, trap): (&Address, Option<TrapCode>),
) -> Emitted {
    let (operand, temp) = (gpr(operand), gpr(temp));
    put_memory(e, address, (0, trap), |out, mem| {
        moves::zero_extend(out, size, Gpr::RAX, mem);
        Ok(())
    })?;
    let again = e.buffer.new_label();
    e.buffer.bind(again);
    put(e, |out| moves::mov(out, Size::B8, temp, Gpr::RAX));
    match update {
        Update::Alu(op) => put(e, |out| integer::alu(out, op, Size::B8, temp, operand)),
        Update::Nand => put(e, |out| {
            integer::alu(out, Alu::And, Size::B8, temp, operand);
            integer::unary(out, Unary::Not, Size::B8, temp);
        }),
        Update::Choose(cond) => try_put(e, |out| {
            integer::alu(out, Alu::Cmp, size, temp, operand);
            integer::cmov(out, cond.inverted(), Size::B8, temp, operand)
        })?,
    }
    put_memory(e, address, (0, trap), |out, mem| {
        atomic::compare_exchange(out, size, mem, temp);
        Ok(())
    })?;
    skip(e, Cond::Ne, again);
    Ok(())
}
