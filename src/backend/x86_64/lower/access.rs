//! Loads and stores.

use cranelift_codegen::ir::{
    Endianness, InstructionData, MemFlags, Opcode, TrapCode, Type, Value, types,
};

use super::super::X64;
use super::super::arch::{size, width};
use super::super::encode::Size;
use super::super::encode::sse_move::Width;
use super::super::inst::{Address, Inst, Source};
use super::{Clif, Ctx, immediate, temp, temp_vector, uncovered, vector};
use crate::backend::limit::Refusal;

/// Whether it is here.
pub fn covers(opcode: Opcode) -> bool {
    matches!(
        opcode,
        Opcode::Load
            | Opcode::Store
            | Opcode::Uload8
            | Opcode::Sload8
            | Opcode::Uload16
            | Opcode::Sload16
            | Opcode::Uload32
            | Opcode::Sload32
            | Opcode::Istore8
            | Opcode::Istore16
            | Opcode::Istore32
            | Opcode::Uload8x8
            | Opcode::Sload8x8
            | Opcode::Uload16x4
            | Opcode::Sload16x4
            | Opcode::Uload32x2
            | Opcode::Sload32x2
    )
}

/// Lowers one of them.
pub fn lower(arch: &X64, ctx: &mut Ctx<'_>, clif: Clif) -> Result<(), Refusal> {
    match ctx.function.dfg.insts[clif.inst] {
        InstructionData::Load {
            arg, flags, offset, ..
        } => {
            let trap = trap_code(ctx, flags)?;
            let address = address(ctx, arg, offset.into())?;
            load(arch, ctx, clif, (address, trap))
        }
        InstructionData::Store {
            args,
            flags,
            offset,
            ..
        } => {
            let trap = trap_code(ctx, flags)?;
            let address = address(ctx, args[1], offset.into())?;
            store(ctx, clif, args[0], (address, trap))
        }
        _ => Err(uncovered(clif)),
    }
}

/// The trap code of an access in the machine's byte order.
///
/// # Errors
/// The other byte order.
pub fn trap_code(ctx: &Ctx<'_>, flags: MemFlags) -> Result<Option<TrapCode>, Refusal> {
    let flags = ctx.function.dfg.mem_flags[flags];
    if flags.endianness(Endianness::Little) == Endianness::Big {
        return Err(Refusal::uncovered("big-endian accesses"));
    }
    Ok(flags.trap_code())
}

/// Addition merges into the address, a stack slot too.
///
/// # Errors
/// None yet; an offset that fits no displacement is added before.
pub fn address(ctx: &mut Ctx<'_>, value: Value, offset: i32) -> Result<Address, Refusal> {
    if let Some(place) = ctx.frame_place(value) {
        return Ok(Address::Frame(place, offset));
    }
    if let Some(inst) = ctx.defined_by(value, Opcode::Iadd) {
        let (left, right) = (ctx.args(inst)[0], ctx.args(inst)[1]);
        let (left, right) = if immediate(ctx, left).is_some() {
            (right, left)
        } else {
            (left, right)
        };
        match immediate(ctx, right) {
            Some(imm) => {
                if let Some(disp) = imm.checked_add(offset) {
                    if let Some(place) = ctx.frame_place(left) {
                        return Ok(Address::Frame(place, disp));
                    }
                    return Ok(Address::Base {
                        base: ctx.reg(left),
                        disp,
                    });
                }
            }
            None => {
                let (base, index) = (ctx.reg(left), ctx.reg(right));
                return Ok(Address::Index {
                    base,
                    index,
                    disp: offset,
                });
            }
        }
    }
    Ok(Address::Base {
        base: ctx.reg(value),
        disp: offset,
    })
}

/// `address` with so many bytes more.
fn beyond(address: &Address, bytes: i32) -> Result<Address, Refusal> {
    let mut address = address.clone();
    let disp = match &mut address {
        Address::Base { disp, .. } | Address::Index { disp, .. } | Address::Frame(_, disp) => disp,
        Address::Constant(_) => return Err(Refusal::limit("an offset of a constant")),
    };
    *disp = disp
        .checked_add(bytes)
        .ok_or_else(|| Refusal::limit("an offset beyond 2 GiB"))?;
    Ok(address)
}

fn load(
    arch: &X64,
    ctx: &mut Ctx<'_>,
    clif: Clif,
    (from, trap): (Address, Option<TrapCode>),
) -> Result<(), Refusal> {
    let to = clif.result(ctx);
    let (size, signed) = match clif.opcode {
        Opcode::Load => return plain(ctx, clif, (from, trap)),
        Opcode::Uload8 => (Size::B1, false),
        Opcode::Sload8 => (Size::B1, true),
        Opcode::Uload16 => (Size::B2, false),
        Opcode::Sload16 => (Size::B2, true),
        Opcode::Uload32 => (Size::B4, false),
        Opcode::Sload32 => (Size::B4, true),
        _ => {
            let half = temp_vector(ctx);
            ctx.isa(Inst::VectorLoad {
                width: Width::Double,
                to: half,
                from,
                trap,
            });
            let signed = matches!(
                clif.opcode,
                Opcode::Sload8x8 | Opcode::Sload16x4 | Opcode::Sload32x2
            );
            let narrow = match clif.opcode {
                Opcode::Uload8x8 | Opcode::Sload8x8 => Size::B1,
                Opcode::Uload16x4 | Opcode::Sload16x4 => Size::B2,
                _ => Size::B4,
            };
            vector::widen(arch, ctx, narrow, signed, (to, half));
            return Ok(());
        }
    };
    let from = Source::Mem(from);
    ctx.isa(Inst::Extend {
        signed,
        size,
        to,
        from,
        trap,
    });
    Ok(())
}

/// A load of the value's own type.
fn plain(
    ctx: &mut Ctx<'_>,
    clif: Clif,
    (from, trap): (Address, Option<TrapCode>),
) -> Result<(), Refusal> {
    let ty = clif.ty;
    let (to, high) = ctx.result_pair(clif.inst, 0);
    if ty == types::I128 {
        let second = beyond(&from, 8)?;
        let size = Size::B8;
        ctx.isa(Inst::Extend {
            signed: false,
            size,
            to,
            from: Source::Mem(from),
            trap,
        });
        ctx.isa(Inst::Extend {
            signed: false,
            size,
            to: high,
            from: Source::Mem(second),
            trap,
        });
    } else if ty == types::F16 {
        let bits = temp(ctx);
        ctx.isa(Inst::Extend {
            signed: false,
            size: Size::B2,
            to: bits,
            from: Source::Mem(from),
            trap,
        });
        ctx.isa(Inst::FromGpr {
            size: Size::B4,
            to,
            from: bits,
        });
    } else if ty.is_int() {
        ctx.isa(Inst::Extend {
            signed: false,
            size: size(ty),
            to,
            from: Source::Mem(from),
            trap,
        });
    } else {
        ctx.isa(Inst::VectorLoad {
            width: width(ty),
            to,
            from,
            trap,
        });
    }
    Ok(())
}

fn store(
    ctx: &mut Ctx<'_>,
    clif: Clif,
    value: Value,
    (to, trap): (Address, Option<TrapCode>),
) -> Result<(), Refusal> {
    let ty = match clif.opcode {
        Opcode::Istore8 => types::I8,
        Opcode::Istore16 => types::I16,
        Opcode::Istore32 => types::I32,
        _ => ctx.ty(value),
    };
    if ty == types::I128 {
        let second = beyond(&to, 8)?;
        let (low, high) = ctx.pair(value);
        for (from, to) in [(low, to), (high, second)] {
            ctx.isa(Inst::Store {
                size: Size::B8,
                from: Source::Reg(from),
                to,
                trap,
            });
        }
    } else if ty == types::F16 {
        let (from, bits) = (ctx.reg(value), temp(ctx));
        ctx.isa(Inst::ToGpr {
            size: Size::B4,
            to: bits,
            from,
        });
        ctx.isa(Inst::Store {
            size: Size::B2,
            from: Source::Reg(bits),
            to,
            trap,
        });
    } else if ty.is_int() {
        let from = stored(ctx, value, ty);
        ctx.isa(Inst::Store {
            size: size(ty),
            from,
            to,
            trap,
        });
    } else {
        let from = ctx.reg(value);
        ctx.isa(Inst::VectorStore {
            width: width(ty),
            from,
            to,
            trap,
        });
    }
    Ok(())
}

/// A register, or a constant cut to the width that is stored.
fn stored(ctx: &mut Ctx<'_>, value: Value, ty: Type) -> Source {
    let shift = 64 - ty.bits();
    let cut = ctx
        .signed_constant(value)
        .map(|bits| bits << shift >> shift);
    match cut.and_then(|bits| i32::try_from(bits).ok()) {
        Some(imm) => Source::Imm(imm),
        None => Source::Reg(ctx.reg(value)),
    }
}
