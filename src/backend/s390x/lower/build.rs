//! Shorthands for putting instructions together.

use regalloc2::RegClass;

use super::Ctx;
use crate::backend::reg::Reg;
use crate::backend::s390x::form::Form;
use crate::backend::s390x::inst::{Inst, Test};
use crate::backend::vcode::Op;

/// Puts `form` with its result in `to`; of a form that overwrites, the first argument is
/// overwritten.
pub fn put(ctx: &mut Ctx<'_>, form: Form, to: Reg, args: &[Reg]) {
    let mut list = [None; 3];
    for (slot, arg) in list.iter_mut().zip(args) {
        *slot = Some(*arg);
    }
    ctx.isa(Inst::Compute {
        form,
        to,
        args: list,
    });
}

/// The same into a new register.
pub fn new(ctx: &mut Ctx<'_>, class: RegClass, form: Form, args: &[Reg]) -> Reg {
    let to = ctx.temp(class);
    put(ctx, form, to, args);
    to
}

/// A new general register.
pub fn int(ctx: &mut Ctx<'_>, form: Form, args: &[Reg]) -> Reg {
    new(ctx, RegClass::Int, form, args)
}

/// A new floating-point register.
pub fn float(ctx: &mut Ctx<'_>, form: Form, args: &[Reg]) -> Reg {
    new(ctx, RegClass::Float, form, args)
}

/// A new vector register.
pub fn vector(ctx: &mut Ctx<'_>, form: Form, args: &[Reg]) -> Reg {
    new(ctx, RegClass::Vector, form, args)
}

/// Sets the condition code.
pub fn test(ctx: &mut Ctx<'_>, test: Test) {
    ctx.isa(Inst::Test(test));
}

/// Copies.
pub fn copy(ctx: &mut Ctx<'_>, to: Reg, from: Reg) {
    ctx.emit(Op::Move { to, from });
}
