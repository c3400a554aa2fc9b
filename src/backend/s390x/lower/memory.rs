//! Loads and stores.

use cranelift_codegen::ir::{
    Endianness, Inst as ClifInst, InstructionData, MemFlags, Opcode, TrapCode, Type, Value, types,
};
use regalloc2::RegClass;

use super::{Ctx, controlling, uncovered, vector_shape};
use crate::backend::limit::Refusal;
use crate::backend::s390x::abi;
use crate::backend::s390x::encode::{Element, Pair, Storage};
use crate::backend::s390x::inst::Inst;
use crate::backend::s390x::memory::{Access, At};

/// How a value of `ty` is loaded; `reversed` for little-endian memory. The bits above a narrow
/// integer are anything.
pub fn load_access(ty: Type, reversed: bool) -> Option<Access> {
    Some(match (ty, reversed) {
        (types::I8, _) => Access::General(Storage::Llgc),
        (types::I16, true) => Access::General(Storage::Lrvh),
        (types::I16, false) => Access::General(Storage::Lhy),
        (types::I32, true) => Access::General(Storage::Lrv),
        (types::I32, false) => Access::General(Storage::Ly),
        (types::I64, true) => Access::General(Storage::Lrvg),
        (types::I64, false) => Access::General(Storage::Lg),
        _ => return wide_access(ty, reversed),
    })
}

/// How a value of `ty` is stored.
pub fn store_access(ty: Type, reversed: bool) -> Option<Access> {
    Some(match (ty, reversed) {
        (types::I8, _) => Access::General(Storage::Stcy),
        (types::I16, true) => Access::General(Storage::Strvh),
        (types::I16, false) => Access::General(Storage::Sthy),
        (types::I32, true) => Access::General(Storage::Strv),
        (types::I32, false) => Access::General(Storage::Sty),
        (types::I64, true) => Access::General(Storage::Strvg),
        (types::I64, false) => Access::General(Storage::Stg),
        _ => return wide_access(ty, reversed),
    })
}

fn wide_access(ty: Type, reversed: bool) -> Option<Access> {
    match ty {
        types::F16 => Some(Access::Half { reversed }),
        types::F32 => Some(Access::Short { reversed }),
        types::F64 => Some(Access::Long { reversed }),
        _ if abi::class(ty) == Some(RegClass::Vector) => Some(Access::Vector { reversed }),
        _ => None,
    }
}

/// How a register is loaded as it was stored.
pub fn native_load(ty: Type) -> Access {
    load_access(ty, false).expect("only types with a register travel")
}

/// How a register is stored.
pub fn native_store(ty: Type) -> Access {
    store_access(ty, false).expect("only types with a register travel")
}

/// A load that extends: from so many bits.
fn extending(opcode: Opcode, reversed: bool) -> Option<Access> {
    use Opcode as O;
    let widened = |signed, from| Access::Widened { signed, from };
    Some(match (opcode, reversed) {
        (O::Uload8, _) => Access::General(Storage::Llgc),
        (O::Sload8, _) => Access::General(Storage::Lgb),
        (O::Uload16, false) => Access::General(Storage::Llgh),
        (O::Sload16, false) => Access::General(Storage::Lgh),
        (O::Uload16, true) => Access::Extended(Storage::Lrvh, Pair::Llghr),
        (O::Sload16, true) => Access::Extended(Storage::Lrvh, Pair::Lghr),
        (O::Uload32, false) => Access::General(Storage::Llgf),
        (O::Sload32, false) => Access::General(Storage::Lgf),
        (O::Uload32, true) => Access::Extended(Storage::Lrv, Pair::Llgfr),
        (O::Sload32, true) => Access::Extended(Storage::Lrv, Pair::Lgfr),
        (O::Uload8x8, true) => widened(false, Element::Byte),
        (O::Sload8x8, true) => widened(true, Element::Byte),
        (O::Uload16x4, true) => widened(false, Element::Halfword),
        (O::Sload16x4, true) => widened(true, Element::Halfword),
        (O::Uload32x2, true) => widened(false, Element::Word),
        (O::Sload32x2, true) => widened(true, Element::Word),
        _ => return None,
    })
}

/// The address, and what an access traps with.
fn place(ctx: &mut Ctx<'_>, value: Value, flags: MemFlags, offset: i64) -> (At, Option<TrapCode>) {
    let trap = ctx.function.dfg.mem_flags[flags].trap_code();
    (address(ctx, value, offset), trap)
}

/// `value` plus bytes. A constant that was added to it becomes part of them.
pub fn address(ctx: &mut Ctx<'_>, value: Value, offset: i64) -> At {
    if let Some(place) = ctx.frame_place(value) {
        return At::Frame(place, offset);
    }
    if let Some(sum) = ctx.defined_by(value, Opcode::Iadd) {
        let [base, more] = [0, 1].map(|n| ctx.args(sum)[n]);
        let more = ctx
            .signed_constant(more)
            .and_then(|more| more.checked_add(offset));
        if let Some(offset) = more.filter(|offset| (0..0xff0).contains(offset)) {
            return match ctx.frame_place(base) {
                Some(place) => At::Frame(place, offset),
                None => At::Reg(ctx.reg(base), offset),
            };
        }
    }
    At::Reg(ctx.reg(value), offset)
}

fn is_reversed(ctx: &Ctx<'_>, flags: MemFlags) -> bool {
    ctx.function.dfg.mem_flags[flags].endianness(Endianness::Big) == Endianness::Little
}

/// Whether a vector's lanes are in the order opposite to memory's.
fn is_turned(ty: Type, reversed: bool) -> bool {
    ty.is_vector() && !reversed
}

/// Lowers a load or a store; false if it is neither.
///
/// # Errors
/// Types without an access.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst, opcode: Opcode) -> Result<bool, Refusal> {
    let refuse = || uncovered(opcode, controlling(ctx, inst));
    match ctx.function.dfg.insts[inst] {
        InstructionData::Load {
            arg, flags, offset, ..
        } => {
            let reversed = is_reversed(ctx, flags);
            let result = ctx.result(inst, 0);
            let ty = ctx.ty(ctx.function.dfg.first_result(inst));
            let access = match opcode {
                Opcode::Load => load_access(ty, reversed),
                _ => extending(opcode, reversed),
            };
            let access = access.ok_or_else(refuse)?;
            let (address, trap) = place(ctx, arg, flags, offset.into());
            let turned = opcode == Opcode::Load && is_turned(ty, reversed);
            let to = if turned {
                ctx.temp(RegClass::Vector)
            } else {
                result
            };
            ctx.isa(Inst::Load {
                access,
                to,
                address,
                trap,
            });
            if turned {
                vector_shape::reverse_lanes(ctx, result, to, ty);
            }
        }
        InstructionData::Store {
            args,
            flags,
            offset,
            ..
        } => {
            let reversed = is_reversed(ctx, flags);
            let ty = match opcode {
                Opcode::Istore8 => types::I8,
                Opcode::Istore16 => types::I16,
                Opcode::Istore32 => types::I32,
                _ => ctx.ty(args[0]),
            };
            let access = store_access(ty, reversed).ok_or_else(refuse)?;
            let mut from = ctx.reg(args[0]);
            if is_turned(ty, reversed) {
                let to = ctx.temp(RegClass::Vector);
                vector_shape::reverse_lanes(ctx, to, from, ty);
                from = to;
            }
            let (address, trap) = place(ctx, args[1], flags, offset.into());
            ctx.isa(Inst::Store {
                access,
                from,
                address,
                trap,
            });
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Whether a load or store of the type is lowered here.
pub fn covers(opcode: Opcode, ty: Type) -> bool {
    match opcode {
        Opcode::Load | Opcode::Store => load_access(ty, true).is_some(),
        Opcode::Istore8 | Opcode::Istore16 | Opcode::Istore32 => true,
        _ => extending(opcode, true).is_some(),
    }
}
