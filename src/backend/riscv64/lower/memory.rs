//! Loads, stores, addresses of symbols. Memory is little-endian; what the program wants the other
//! way round is turned in a register.

use cranelift_codegen::ir::{
    Endianness, GlobalValueData, Inst as ClifInst, InstructionData, MemFlags, Opcode, Type, Value,
    types,
};

use super::bits::reverse_register;
use super::build::Build;
use crate::backend::call::FrameRef;
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;
use crate::backend::riscv64::encode::{Access, Alu, AluImm, FloatAccess, Format};
use crate::backend::riscv64::inst::{Address, Inst, MayTrap};

/// Where an access goes: `base + offset`, with additions of constants folded in.
fn address(b: &mut Build<'_, '_>, base: Value, offset: i32) -> Address {
    if let Some(place) = b.ctx.frame_place(base) {
        let moved = match place {
            FrameRef::Slot(at) => at.checked_add_signed(offset).map(FrameRef::Slot),
            _ => None,
        };
        if let Some(place) = moved {
            return Address::Frame(place);
        }
    }
    let (base, offset) = folded(b, base, offset);
    let base = b.reg(base);
    if (-2048..2048).contains(&offset) {
        return Address::Base(base, offset);
    }
    let far = b.value(offset.into());
    let sum = b.alu(Alu::Add, base, far);
    Address::Base(sum, 0)
}

/// Without an `iadd` of a constant, if the sum is a short distance.
fn folded(b: &Build<'_, '_>, base: Value, offset: i32) -> (Value, i32) {
    let Some(inst) = b.ctx.defined_by(base, Opcode::Iadd) else {
        return (base, offset);
    };
    let args = b.ctx.args(inst);
    for (value, constant) in [(args[0], args[1]), (args[1], args[0])] {
        let constant = b.ctx.signed_constant(constant);
        let sum = constant.and_then(|constant| constant.checked_add(offset.into()));
        let sum = sum.and_then(|sum| i32::try_from(sum).ok());
        if let Some(sum) = sum.filter(|sum| (-2048..2048).contains(sum)) {
            return (value, sum);
        }
    }
    (base, offset)
}

/// The address 8 bytes further; both have to fit.
fn next(address: Address) -> Option<Address> {
    match address {
        Address::Base(base, offset) => (offset < 2040).then_some(Address::Base(base, offset + 8)),
        Address::Frame(FrameRef::Slot(at)) => Some(Address::Frame(FrameRef::Slot(at + 8))),
        Address::Frame(_) => None,
    }
}

/// Two addresses for the halves of a value in two registers.
fn pair(b: &mut Build<'_, '_>, base: Value, offset: i32) -> [Address; 2] {
    let first = address(b, base, offset);
    if let Some(second) = next(first) {
        return [first, second];
    }
    let Address::Base(base, offset) = first else {
        return [first, first];
    };
    let imm = i16::try_from(offset).expect("12 bits");
    let sum = b.imm(AluImm::Addi, base, imm);
    [Address::Base(sum, 0), Address::Base(sum, 8)]
}

fn facts(b: &Build<'_, '_>, flags: MemFlags) -> (bool, MayTrap) {
    let flags = b.ctx.function.dfg.mem_flags[flags];
    (
        flags.endianness(Endianness::Little) == Endianness::Big,
        flags.trap_code(),
    )
}

/// What an opcode reads or writes of a value of `ty`.
fn width(opcode: Opcode, ty: Type) -> Option<Access> {
    Some(match (opcode, ty) {
        (Opcode::Uload8 | Opcode::Istore8, _) => Access::Bu,
        (Opcode::Sload8, _) => Access::B,
        (Opcode::Uload16 | Opcode::Istore16, _) => Access::Hu,
        (Opcode::Sload16, _) => Access::H,
        (Opcode::Uload32 | Opcode::Istore32, _) => Access::Wu,
        (Opcode::Sload32, _) => Access::W,
        (_, types::I8) => Access::Bu,
        (_, types::I16 | types::F16) => Access::Hu,
        (_, types::I32 | types::F32) => Access::W,
        (_, types::I64 | types::F64) => Access::D,
        _ => return None,
    })
}

fn in_float_register(ty: Type) -> bool {
    matches!(ty, types::F32 | types::F64)
}

fn bytes(access: Access) -> u8 {
    match access {
        Access::B | Access::Bu => 1,
        Access::H | Access::Hu => 2,
        Access::W | Access::Wu => 4,
        Access::D => 8,
    }
}

/// Any load.
///
/// # Errors
/// Types without registers.
pub fn load(b: &mut Build<'_, '_>, inst: ClifInst) -> Result<(), Refusal> {
    let InstructionData::Load {
        opcode,
        arg,
        flags,
        offset,
    } = b.ctx.function.dfg.insts[inst]
    else {
        return Err(Refusal::uncovered("a load of that format"));
    };
    let result = b.ctx.function.dfg.first_result(inst);
    let ty = b.ctx.ty(result);
    let (big, trap) = facts(b, flags);
    if matches!(ty, types::I128 | types::F128) {
        let (low, high) = b.ctx.result_pair(inst, 0);
        let halves = pair(b, arg, offset.into());
        let [first, second] = if big { [high, low] } else { [low, high] };
        for (to, from) in [first, second].into_iter().zip(halves) {
            load_int(b, to, Access::D, from, trap, big);
        }
        return Ok(());
    }
    let uncovered = || Refusal::uncovered(format!("{opcode}.{ty}"));
    let access = width(opcode, ty).ok_or_else(uncovered)?;
    let from = address(b, arg, offset.into());
    let to = b.ctx.result(inst, 0);
    match (in_float_register(ty), big) {
        (false, _) => load_int(b, to, access, from, trap, big),
        (true, false) => {
            let access = if ty == types::F32 {
                FloatAccess::W
            } else {
                FloatAccess::D
            };
            b.push(Inst::FloatLoad {
                access,
                to,
                from,
                trap,
            });
        }
        (true, true) => {
            let bits = b.lost();
            load_int(b, bits, access, from, trap, true);
            let format = if ty == types::F32 {
                Format::S
            } else {
                Format::D
            };
            b.push(Inst::ToFloat {
                format,
                to,
                a: bits,
            });
        }
    }
    Ok(())
}

fn load_int(
    b: &mut Build<'_, '_>,
    to: Reg,
    access: Access,
    from: Address,
    trap: MayTrap,
    big: bool,
) {
    if !big || bytes(access) == 1 {
        return b.push(Inst::Load {
            access,
            to,
            from,
            trap,
        });
    }
    let turned = b.lost();
    b.push(Inst::Load {
        access,
        to: turned,
        from,
        trap,
    });
    let bits = 8 * bytes(access);
    match access {
        Access::H | Access::W => {
            let zeros = b.lost();
            reverse_register(b, zeros, 8, bits, turned);
            b.to(to).signs_above(zeros, bits.into());
        }
        _ => reverse_register(b, to, 8, bits, turned),
    }
}

/// Any store.
///
/// # Errors
/// Types without registers.
pub fn store(b: &mut Build<'_, '_>, inst: ClifInst) -> Result<(), Refusal> {
    let InstructionData::Store {
        opcode,
        args,
        flags,
        offset,
    } = b.ctx.function.dfg.insts[inst]
    else {
        return Err(Refusal::uncovered("a store of that format"));
    };
    let [value, base] = args;
    let ty = b.ctx.ty(value);
    let (big, trap) = facts(b, flags);
    if matches!(ty, types::I128 | types::F128) {
        let (low, high) = b.ctx.pair(value);
        let halves = pair(b, base, offset.into());
        let [first, second] = if big { [high, low] } else { [low, high] };
        for (from, to) in [first, second].into_iter().zip(halves) {
            store_int(b, from, Access::D, to, trap, big);
        }
        return Ok(());
    }
    let uncovered = || Refusal::uncovered(format!("{opcode}.{ty}"));
    let access = width(opcode, ty).ok_or_else(uncovered)?;
    // Bits are as good as a float, and zero has a register.
    let is_zero = b.ctx.constant(value) == Some(0);
    let to = address(b, base, offset.into());
    if is_zero {
        b.push(Inst::Store {
            access,
            from: super::ZERO,
            to,
            trap,
        });
        return Ok(());
    }
    let from = b.reg(value);
    match (in_float_register(ty), big) {
        (false, _) => store_int(b, from, access, to, trap, big),
        (true, false) => {
            let access = if ty == types::F32 {
                FloatAccess::W
            } else {
                FloatAccess::D
            };
            b.push(Inst::FloatStore {
                access,
                from,
                to,
                trap,
            });
        }
        (true, true) => {
            let bits = b.lost();
            let format = if ty == types::F32 {
                Format::S
            } else {
                Format::D
            };
            b.push(Inst::FromFloat {
                format,
                to: bits,
                a: from,
            });
            store_int(b, bits, access, to, trap, true);
        }
    }
    Ok(())
}

fn store_int(
    b: &mut Build<'_, '_>,
    from: Reg,
    access: Access,
    to: Address,
    trap: MayTrap,
    big: bool,
) {
    let mut from = from;
    if big && bytes(access) > 1 {
        let turned = b.lost();
        reverse_register(b, turned, 8, 8 * bytes(access), from);
        from = turned;
    }
    b.push(Inst::Store {
        access,
        from,
        to,
        trap,
    });
}

/// `symbol_value`, `func_addr`. What is not near comes from the global offset table.
///
/// # Errors
/// Global values that are no symbols.
pub fn symbol(b: &mut Build<'_, '_>, to: Reg, inst: ClifInst) -> Result<(), Refusal> {
    let function = b.ctx.function;
    let (name, offset, near) = match function.dfg.insts[inst] {
        InstructionData::UnaryGlobalValue { global_value, .. } => {
            let GlobalValueData::Symbol {
                name,
                offset,
                colocated,
                ..
            } = &function.global_values[global_value]
            else {
                return Err(Refusal::uncovered("a global value that is no symbol"));
            };
            (name.clone(), i64::from(*offset), *colocated)
        }
        InstructionData::FuncAddr { func_ref, .. } => {
            let data = &function.dfg.ext_funcs[func_ref];
            (data.name.clone(), 0, data.colocated)
        }
        _ => return Err(Refusal::uncovered("an address of that format")),
    };
    let far = !near;
    // The table holds the symbol's own address.
    let beyond = far && !(-2048..2048).contains(&offset);
    let at = if beyond { b.lost() } else { to };
    b.push(Inst::Symbol {
        to: at,
        name,
        offset: if beyond { 0 } else { offset },
        far,
    });
    if beyond {
        let distance = b.value(offset);
        b.to(to).alu(Alu::Add, at, distance);
    }
    Ok(())
}
