//! From allocated instructions to words.

use cranelift_codegen::ir::AtomicRmwOp;
use regalloc2::RegClass;

use super::encode::{
    Alu, AtomicSize, BranchZero, Choose, Cond, Exclusive, Extend, Ordered, Reg as Hw, Size,
    VecLogic, alu, alu_extended, branch_if, branch_zero, choose, constant, load_literal, ordered,
    store_exclusive, vec_logic,
};
use super::frame::{frame_access, put, trap};
use super::inst::Inst;
use super::registers::hw;
use super::{Aarch64, Distance, branches};
use crate::backend::emit::Emitter;
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

type E<'a> = Emitter<'a, Aarch64>;

/// Copies a whole register.
pub fn move_register(emitter: &mut E, to: Reg, from: Reg) {
    let (d, s) = (hw(to), hw(from));
    let word = match to.class() {
        RegClass::Int => alu(Alu::ORR, Size::X, d, Hw::ZR, s),
        _ => vec_logic(VecLogic::ORR, true, d, s, s),
    };
    emitter.buffer.put_u32(word);
}

/// Emits an instruction.
pub fn emit(_: &Aarch64, emitter: &mut E, inst: &Inst) -> Result<(), Refusal> {
    match inst {
        Inst::Word(word) => {
            if let Some(code) = word.trap {
                emitter.buffer.trap(code);
            }
            emitter.buffer.put_u32(word.encoded());
        }
        Inst::Frame { op, reg, place } => {
            let offset = emitter.offset(*place);
            frame_access(emitter, *op, hw(*reg), offset)?;
        }
        Inst::Constant { to, value } => {
            for word in constant(hw(*to), *value) {
                emitter.buffer.put_u32(word);
            }
        }
        Inst::Pool { op, to, bytes } => {
            let label = emitter.buffer.constant(bytes, 4);
            emitter.buffer.refer(label, Distance::Literal);
            put(emitter, load_literal(*op, hw(*to), 0))?;
        }
        Inst::Address {
            to,
            name,
            addend,
            near,
        } => {
            let name = emitter.symbol(name);
            branches::symbol(emitter, hw(*to), (name, *addend), *near)?;
        }
        Inst::Branch { test, targets } => branches::two_ways(emitter, *test, *targets)?,
        Inst::Table {
            index,
            address,
            distance,
            targets,
        } => {
            let scratch = (hw(*address), hw(*distance));
            branches::table(emitter, hw(*index), scratch, targets)?;
        }
        Inst::Trap(code) => trap(emitter, *code),
        Inst::TrapIf { test, code } => branches::trap_if(emitter, *test, *code)?,
        Inst::RmwLoop {
            size,
            op,
            address,
            operand,
            old,
            new,
            status,
        } => {
            let [address, operand, old, new, status] =
                [address, operand, old, new, status].map(|reg| hw(*reg));
            let start = emitter.buffer.offset();
            emitter
                .buffer
                .put_u32(ordered(Ordered::LDAXR, *size, old, address));
            let stored = modify(emitter, (*op, *size), operand, old, new)?;
            let store = store_exclusive(Exclusive::STLXR, *size, status, stored, address);
            emitter.buffer.put_u32(store);
            let back = i32::try_from(emitter.buffer.offset() - start).expect("a short loop");
            put(
                emitter,
                branch_zero(BranchZero::CBNZ, Size::W, status, -back),
            )?;
        }
        Inst::CasLoop {
            size,
            address,
            expected,
            new,
            old,
            status,
        } => {
            let [address, expected, new, old, status] =
                [address, expected, new, old, status].map(|reg| hw(*reg));
            let width = width(*size);
            emitter
                .buffer
                .put_u32(ordered(Ordered::LDAXR, *size, old, address));
            emitter
                .buffer
                .put_u32(alu(Alu::SUBS, width, Hw::ZR, old, expected));
            put(emitter, branch_if(Cond::Ne, 12))?;
            let store = store_exclusive(Exclusive::STLXR, *size, status, new, address);
            emitter.buffer.put_u32(store);
            put(emitter, branch_zero(BranchZero::CBNZ, Size::W, status, -16))?;
        }
    }
    Ok(())
}

fn width(size: AtomicSize) -> Size {
    if size == AtomicSize::X {
        Size::X
    } else {
        Size::W
    }
}

/// Puts what makes the new value of `old`, and says where that is.
fn modify(
    emitter: &mut E,
    (op, size): (AtomicRmwOp, AtomicSize),
    operand: Hw,
    old: Hw,
    new: Hw,
) -> Result<Hw, Refusal> {
    let width = width(size);
    let plain = |op| alu(op, width, new, old, operand);
    let word = match op {
        AtomicRmwOp::Xchg => return Ok(operand),
        AtomicRmwOp::Add => plain(Alu::ADD),
        AtomicRmwOp::Sub => plain(Alu::SUB),
        AtomicRmwOp::And => plain(Alu::AND),
        AtomicRmwOp::Or => plain(Alu::ORR),
        AtomicRmwOp::Xor => plain(Alu::EOR),
        AtomicRmwOp::Nand => {
            emitter.buffer.put_u32(plain(Alu::AND));
            alu(Alu::ORN, width, new, Hw::ZR, new)
        }
        AtomicRmwOp::Umin | AtomicRmwOp::Umax | AtomicRmwOp::Smin | AtomicRmwOp::Smax => {
            return choose_one(emitter, (op, size), operand, old, new);
        }
    };
    emitter.buffer.put_u32(word);
    Ok(new)
}

/// The smaller or the larger one. What was loaded has zeros above it; the operand is extended
/// as the comparison is.
fn choose_one(
    emitter: &mut E,
    (op, size): (AtomicRmwOp, AtomicSize),
    operand: Hw,
    old: Hw,
    new: Hw,
) -> Result<Hw, Refusal> {
    let width = width(size);
    let signed = matches!(op, AtomicRmwOp::Smin | AtomicRmwOp::Smax);
    let extend = match size {
        AtomicSize::B => Some(Extend::Sxtb),
        AtomicSize::H => Some(Extend::Sxth),
        _ => None,
    };
    let (compared, cond) = match (extend.filter(|_| signed), op) {
        // Only the second operand can be extended: the operand is then compared with the old
        // value, the other way around.
        (Some(extend), _) => {
            let form = alu_extended(Alu::SUBS, width, (Hw::ZR, operand, old), (extend, 0));
            let cond = if op == AtomicRmwOp::Smin {
                Cond::Gt
            } else {
                Cond::Lt
            };
            (form, cond)
        }
        (None, op) => {
            let cond = match op {
                AtomicRmwOp::Umin => Cond::Lo,
                AtomicRmwOp::Umax => Cond::Hi,
                AtomicRmwOp::Smin => Cond::Lt,
                _ => Cond::Gt,
            };
            (Some(alu(Alu::SUBS, width, Hw::ZR, old, operand)), cond)
        }
    };
    put(emitter, compared)?;
    emitter
        .buffer
        .put_u32(choose(Choose::CSEL, width, new, (old, operand), cond));
    Ok(new)
}
