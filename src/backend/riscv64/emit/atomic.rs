//! Loops over a reservation: what there is no atomic instruction for.
//!
//! Between `lr` and `sc` lie only integer instructions that the manual allows there, fewer than
//! its 16 ("Eventual Success of Store-Conditional Instructions"). A field of 8 or 16 bits is
//! exchanged in the aligned word around it: the new word is the old one, with what differs from
//! the wanted one inside of the mask turned over.

use super::{Riscv64, fits, x};
use crate::backend::emit::Emitter;
use crate::backend::limit::Refusal;
use crate::backend::riscv64::encode::{
    Alu, AluImm, Branch, Order, Shift, Width, X, alu, alu_imm, branch, load_reserved, shift_imm,
    store_conditional,
};
use crate::backend::riscv64::inst::{Field, Inst, NarrowFill, Update};

impl Riscv64 {
    pub(super) fn put_atomic_loop(
        &self,
        emitter: &mut Emitter<Self>,
        inst: &Inst,
    ) -> Result<(), Refusal> {
        let words = match *inst {
            Inst::AmoLoop {
                update,
                width,
                to,
                new,
                address,
                a,
                field,
            } => {
                let registers = [to, new, address, a].map(x);
                amo_loop(update, width, registers, field)
            }
            Inst::Cas {
                width,
                to,
                part,
                address,
                expected,
                new,
                mask,
            } => {
                let registers = [to, part, address, expected, new].map(x);
                cas_loop(width, registers, mask.map(x))
            }
            _ => unreachable!("only the loops are asked for"),
        };
        for word in words {
            emitter.buffer.put_u32(fits(word)?);
        }
        Ok(())
    }
}

/// Distance back from behind `words` to the first one.
fn back(words: &[Option<u32>]) -> i64 {
    -4 * i64::try_from(words.len()).expect("a dozen words")
}

/// `new` becomes `old` with the field of `new`.
fn insert(new: X, old: X, mask: X) -> [Option<u32>; 3] {
    [
        Some(alu(Alu::Xor, new, new, old)),
        Some(alu(Alu::And, new, new, mask)),
        Some(alu(Alu::Xor, new, new, old)),
    ]
}

fn amo_loop(
    update: Update,
    width: Width,
    [to, new, address, a]: [X; 4],
    field: Option<Field>,
) -> Vec<Option<u32>> {
    let mut words = vec![Some(load_reserved(width, Order::Both, to, address))];
    match (update, field) {
        (Update::Alu(op), _) => words.push(Some(alu(op, new, to, a))),
        (Update::Nand, _) => {
            words.push(Some(alu(Alu::And, new, to, a)));
            words.push(alu_imm(AluImm::Xori, new, new, -1));
        }
        (Update::Swap, _) => words.push(alu_imm(AluImm::Addi, new, a, 0)),
        (Update::Keep(op, NarrowFill { bits, signed }), Some(Field { shift, low, .. })) => {
            let right = if signed { Shift::Srai } else { Shift::Srli };
            words.push(Some(alu(Alu::Srlw, new, to, x(shift))));
            words.push(shift_imm(Shift::Slli, new, new, 64 - bits));
            words.push(shift_imm(right, new, new, 64 - bits));
            words.push(branch(op, new, x(low), 12));
            words.push(alu_imm(AluImm::Addi, new, a, 0));
            words.push(branch(Branch::Eq, X::ZERO, X::ZERO, 8));
            words.push(alu_imm(AluImm::Addi, new, to, 0));
        }
        (Update::Keep(..), None) => unreachable!("whole words have instructions for these"),
    }
    if let Some(Field { mask, .. }) = field {
        words.extend(insert(new, to, x(mask)));
    }
    words.push(Some(store_conditional(
        width,
        Order::Both,
        new,
        [address, new],
    )));
    words.push(branch(Branch::Ne, new, X::ZERO, back(&words)));
    words
}

fn cas_loop(
    width: Width,
    [to, part, address, expected, new]: [X; 5],
    mask: Option<X>,
) -> Vec<Option<u32>> {
    let mut words = vec![Some(load_reserved(width, Order::Both, to, address))];
    match mask {
        None => {
            words.push(branch(Branch::Ne, to, expected, 12));
            words.push(Some(store_conditional(
                width,
                Order::Both,
                part,
                [address, new],
            )));
        }
        Some(mask) => {
            words.push(Some(alu(Alu::And, part, to, mask)));
            words.push(branch(Branch::Ne, part, expected, 24));
            words.push(alu_imm(AluImm::Addi, part, new, 0));
            words.extend(insert(part, to, mask));
            words.push(Some(store_conditional(
                width,
                Order::Both,
                part,
                [address, part],
            )));
        }
    }
    words.push(branch(Branch::Ne, part, X::ZERO, back(&words)));
    words
}
