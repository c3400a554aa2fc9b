//! Atomic accesses, all sequentially consistent (unprivileged manual, "Memory Consistency Model",
//! "Code Porting and Mapping Guidelines"). Narrow ones work on the aligned word around them.

use cranelift_codegen::ir::{
    AtomicRmwOp, Endianness, Inst as ClifInst, InstructionData, Type, Value, types,
};

use super::build::Build;
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;
use crate::backend::riscv64::encode::{Access, Alu, AluImm, Amo, Branch, Width};
use crate::backend::riscv64::inst::{Address, Field, Inst, NarrowFill, Update};
use crate::backend::riscv64::registers::ZERO;

/// Reads and writes, before reads and writes.
const ALL: (u8, u8) = (0b0011, 0b0011);
/// Reads, before reads and writes.
const AFTER_LOAD: (u8, u8) = (0b0010, 0b0011);
/// Reads and writes, before writes.
const BEFORE_STORE: (u8, u8) = (0b0011, 0b0001);

fn fence(b: &mut Build<'_, '_>, (before, after): (u8, u8)) {
    b.push(Inst::Fence { before, after });
}

fn width(ty: Type) -> Width {
    if ty == types::I64 { Width::D } else { Width::W }
}

fn access(ty: Type) -> Access {
    match ty {
        types::I8 => Access::Bu,
        types::I16 => Access::Hu,
        types::I32 => Access::W,
        _ => Access::D,
    }
}

/// Any atomic access.
///
/// # Errors
/// Big-endian ones, and types without atomic instructions.
pub fn lower(b: &mut Build<'_, '_>, inst: ClifInst) -> Result<(), Refusal> {
    let function = b.ctx.function;
    let data = function.dfg.insts[inst];
    let opcode = data.opcode();
    let result = function.dfg.inst_results(inst).first();
    let ty = b.ctx.ty(*result.unwrap_or(&b.ctx.args(inst)[0]));
    let flags = data.memflags().map(|flags| function.dfg.mem_flags[flags]);
    let big = flags.is_some_and(|f| f.endianness(Endianness::Little) == Endianness::Big);
    if !ty.is_int() || ty.bits() > 64 || (big && ty != types::I8) {
        return Err(Refusal::uncovered(format!(
            "{opcode}.{ty}, big-endian: {big}"
        )));
    }
    let trap = flags.and_then(|flags| flags.trap_code());
    match data {
        InstructionData::LoadNoOffset { arg, .. } => {
            fence(b, ALL);
            let from = Address::Base(b.reg(arg), 0);
            let to = b.ctx.result(inst, 0);
            b.push(Inst::Load {
                access: access(ty),
                to,
                from,
                trap,
            });
            fence(b, AFTER_LOAD);
        }
        InstructionData::StoreNoOffset {
            args: [value, address],
            ..
        } => {
            fence(b, BEFORE_STORE);
            let (from, to) = (b.reg(value), Address::Base(b.reg(address), 0));
            b.push(Inst::Store {
                access: access(ty),
                from,
                to,
                trap,
            });
            fence(b, ALL);
        }
        InstructionData::AtomicRmw {
            op,
            args: [address, value],
            ..
        } => {
            let to = b.ctx.result(inst, 0);
            read_modify_write(b, to, op, ty, [address, value]);
        }
        InstructionData::AtomicCas {
            args: [address, expected, new],
            ..
        } => {
            let to = b.ctx.result(inst, 0);
            compare_and_swap(b, to, ty, [address, expected, new]);
        }
        _ => return Err(Refusal::uncovered(opcode.to_string())),
    }
    Ok(())
}

/// The aligned word around a narrow field, and where the field is in it.
struct Around {
    word: Reg,
    shift: Reg,
    mask: Reg,
}

fn around(b: &mut Build<'_, '_>, address: Value, ty: Type) -> Around {
    let address = b.reg(address);
    let word = b.imm(AluImm::Andi, address, -4);
    // Only the low 5 bits of an amount count: 8 times the place in the word.
    let shift = b.shift(super::super::encode::Shift::Slli, address, 3);
    let ones = b.value((1 << ty.bits()) - 1);
    let mask = b.alu(Alu::Sllw, ones, shift);
    Around { word, shift, mask }
}

fn read_modify_write(
    b: &mut Build<'_, '_>,
    to: Reg,
    op: AtomicRmwOp,
    ty: Type,
    [address, value]: [Value; 2],
) {
    let narrow = ty.bits() < 32;
    let amo = match op {
        AtomicRmwOp::Add | AtomicRmwOp::Sub => Some(Amo::Add),
        AtomicRmwOp::And => Some(Amo::And),
        AtomicRmwOp::Or => Some(Amo::Or),
        AtomicRmwOp::Xor => Some(Amo::Xor),
        AtomicRmwOp::Xchg => Some(Amo::Swap),
        AtomicRmwOp::Smin => Some(Amo::Min),
        AtomicRmwOp::Smax => Some(Amo::Max),
        AtomicRmwOp::Umin => Some(Amo::Minu),
        AtomicRmwOp::Umax => Some(Amo::Maxu),
        AtomicRmwOp::Nand => None,
    };
    if let Some(op_code) = amo.filter(|_| !narrow) {
        let address = b.reg(address);
        let mut a = b.reg(value);
        if op == AtomicRmwOp::Sub {
            a = b.alu(Alu::Sub, ZERO, a);
        }
        return b.push(Inst::Amo {
            op: op_code,
            width: width(ty),
            to,
            address,
            a,
        });
    }
    let new = b.lost();
    if !narrow {
        let (address, a) = (b.reg(address), b.reg(value));
        let update = Update::Nand;
        let width = width(ty);
        return b.push(Inst::AmoLoop {
            update,
            width,
            to,
            new,
            address,
            a,
            field: None,
        });
    }
    let Around { word, shift, mask } = around(b, address, ty);
    let keep = |op, signed| {
        Update::Keep(
            op,
            NarrowFill {
                bits: ty.bits(),
                signed,
            },
        )
    };
    let update = match op {
        AtomicRmwOp::Add => Update::Alu(Alu::Add),
        AtomicRmwOp::Sub => Update::Alu(Alu::Sub),
        AtomicRmwOp::And => Update::Alu(Alu::And),
        AtomicRmwOp::Or => Update::Alu(Alu::Or),
        AtomicRmwOp::Xor => Update::Alu(Alu::Xor),
        AtomicRmwOp::Nand => Update::Nand,
        AtomicRmwOp::Xchg => Update::Swap,
        AtomicRmwOp::Smin => keep(Branch::Lt, true),
        AtomicRmwOp::Smax => keep(Branch::Ge, true),
        AtomicRmwOp::Umin => keep(Branch::Ltu, false),
        AtomicRmwOp::Umax => keep(Branch::Geu, false),
    };
    let low = match update {
        Update::Keep(_, NarrowFill { signed: true, .. }) => b.sign_extended(value),
        Update::Keep(..) => b.zero_extended(value),
        _ => ZERO,
    };
    let plain = b.reg(value);
    let a = b.alu(Alu::Sllw, plain, shift);
    let whole = b.lost();
    let field = Some(Field { mask, shift, low });
    let width = Width::W;
    b.push(Inst::AmoLoop {
        update,
        width,
        to: whole,
        new,
        address: word,
        a,
        field,
    });
    b.to(to).alu(Alu::Srlw, whole, shift);
}

fn compare_and_swap(
    b: &mut Build<'_, '_>,
    to: Reg,
    ty: Type,
    [address, expected, new]: [Value; 3],
) {
    let part = b.lost();
    if ty.bits() >= 32 {
        let address = b.reg(address);
        let expected = b.sign_extended(expected);
        let new = b.reg(new);
        let width = width(ty);
        return b.push(Inst::Cas {
            width,
            to,
            part,
            address,
            expected,
            new,
            mask: None,
        });
    }
    let Around { word, shift, mask } = around(b, address, ty);
    let [expected, new] = [expected, new].map(|value| {
        let reg = b.reg(value);
        b.alu(Alu::Sllw, reg, shift)
    });
    let expected = b.alu(Alu::And, expected, mask);
    let whole = b.lost();
    let (width, address) = (Width::W, word);
    b.push(Inst::Cas {
        width,
        to: whole,
        part,
        address,
        expected,
        new,
        mask: Some(mask),
    });
    b.to(to).alu(Alu::Srlw, whole, shift);
}
