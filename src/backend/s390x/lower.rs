//! From CLIF instructions to machine instructions, one table-like match a kind of instruction.
//!
//! A narrow integer has anything above its bits: what looks at them extends first. Whatever sets
//! the condition code comes last before what reads it; between them only instructions that leave
//! it alone may be put, which constants do.

mod atomic;
mod bits;
mod build;
mod condition;
mod constant;
mod control;
mod convert;
mod coverage;
mod divide;
mod float;
mod integer;
mod memory;
mod overflow;
mod symbol;
mod vector;
mod vector_float;
mod vector_shape;
mod wide;

use cranelift_codegen::ir::{Inst as ClifInst, Opcode, Type};

use super::arch::S390x;
use crate::backend::limit::Refusal;
use crate::backend::lower::Lower;

pub use constant::{constant, fill};
pub use control::branch;
pub use coverage::covers;
pub use memory::{native_load, native_store};
pub use vector_shape::reverse_lanes;

/// The state of lowering a function.
pub type Ctx<'f> = Lower<'f, S390x>;

/// The type that an instruction works on: its controlling type.
fn controlling(ctx: &Ctx<'_>, inst: ClifInst) -> Type {
    ctx.function.dfg.ctrl_typevar(inst)
}

/// Lowers an instruction that is no call, return or branch.
///
/// # Errors
/// What is not covered.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst) -> Result<(), Refusal> {
    let opcode = ctx.function.dfg.insts[inst].opcode();
    let ty = controlling(ctx, inst);
    let covered = memory::lower(ctx, inst, opcode)?
        || atomic::lower(ctx, inst)
        || symbol::lower(ctx, inst, opcode)
        || control::lower(ctx, inst, opcode)
        || condition::lower(ctx, inst, opcode)
        || wide::lower(ctx, inst, opcode)
        || integer::lower(ctx, inst, opcode, ty)
        || float::lower(ctx, inst, opcode, ty)
        || convert::lower(ctx, inst, opcode)
        || vector::lower(ctx, inst, opcode, ty)
        || vector_float::lower(ctx, inst, opcode, ty)
        || vector_shape::lower(ctx, inst, opcode);
    covered.then_some(()).ok_or_else(|| uncovered(opcode, ty))
}

/// Says what is not covered.
fn uncovered(opcode: Opcode, ty: Type) -> Refusal {
    Refusal::uncovered(format!("{opcode}.{ty}"))
}
