//! Where arguments and results travel.
//!
//! No document defines Pulley's convention: Cranelift's `isa/pulley_shared/abi.rs` and the
//! interpreter's `Vm::call` do. `x0` to `x14`, `f0` to `f15` and `v0` to `v15` carry arguments
//! and results, each file for itself; what finds no register goes on the stack in slots of 8
//! bytes, vectors aligned to 16. An `i128` is two arguments of 64 bits. Results without a
//! register lie in an area that `x0` points to. Vectors are little-endian in memory.

use cranelift_codegen::ir::{AbiParam, ArgumentExtension, ArgumentPurpose, Signature, Type, types};
use cranelift_codegen::isa::CallConv;
use regalloc2::{PReg, RegClass};

use super::Pulley;
use crate::backend::arch::Arch as _;
use crate::backend::call::{CallLayout, Fill, Location, Part, Place};
use crate::backend::limit::Refusal;

/// Hands out registers and slots in order.
#[derive(Default)]
struct Assigner {
    ints: usize,
    floats: usize,
    vectors: usize,
    stack: u32,
}

impl Assigner {
    fn register(&mut self, class: RegClass) -> Option<PReg> {
        let (next, end) = match class {
            RegClass::Int => (&mut self.ints, 15),
            RegClass::Float => (&mut self.floats, 16),
            RegClass::Vector => (&mut self.vectors, 16),
        };
        let number = *next;
        *next += 1;
        (number < end).then(|| PReg::new(number, class))
    }

    fn part(&mut self, pulley: &Pulley, ty: Type, fill: Fill) -> Result<Part, Refusal> {
        let class = pulley.class(ty);
        let class = class.ok_or_else(|| Refusal::uncovered(format!("arguments of type {ty}")))?;
        let location = match self.register(class) {
            Some(reg) => Location::Reg(reg),
            None => {
                let size = ty.bytes().max(8);
                let at = self.stack.next_multiple_of(size);
                self.stack = at + size;
                Location::Stack(at)
            }
        };
        Ok(Part { location, ty, fill })
    }

    fn parts(&mut self, pulley: &Pulley, param: &AbiParam) -> Result<Vec<Part>, Refusal> {
        let ty = param.value_type;
        if let ArgumentPurpose::StructArgument(_) = param.purpose {
            return Err(Refusal::uncovered("structs passed by value"));
        }
        if ty == types::I128 {
            let low = self.part(pulley, types::I64, Fill::None)?;
            return Ok(vec![low, self.part(pulley, types::I64, Fill::None)?]);
        }
        let fill = match (param.extension, u8::try_from(ty.bits())) {
            (ArgumentExtension::Uext, Ok(bits @ 8..64)) => Fill::Zero(bits),
            (ArgumentExtension::Sext, Ok(bits @ 8..64)) => Fill::Sign(bits),
            _ => Fill::None,
        };
        Ok(vec![self.part(pulley, ty, fill)?])
    }
}

/// Assigns everything in a signature.
///
/// # Errors
/// Types without a register, and structs by value.
pub fn layout(pulley: &Pulley, signature: &Signature) -> Result<CallLayout, Refusal> {
    if signature.call_conv == CallConv::Probestack {
        return Err(Refusal::uncovered("calls of the probestack convention"));
    }
    let mut layout = CallLayout::default();
    returns(pulley, signature, &mut layout)?;
    let mut assigner = Assigner::default();
    if layout.area_bytes > 0 {
        let pointer = assigner.part(pulley, types::I64, Fill::None)?;
        layout.area_pointer = Some(pointer);
    }
    for param in &signature.params {
        let parts = assigner.parts(pulley, param)?;
        layout.params.push(Place::Parts(parts));
    }
    layout.argument_bytes = assigner.stack.next_multiple_of(16);
    if signature.call_conv == CallConv::Tail {
        layout.popped = layout.argument_bytes;
    }
    Ok(layout)
}

fn returns(pulley: &Pulley, signature: &Signature, layout: &mut CallLayout) -> Result<(), Refusal> {
    let mut assigner = Assigner::default();
    for result in &signature.returns {
        let parts = assigner.parts(pulley, result)?;
        layout.returns.push(Place::Parts(parts));
    }
    layout.area_bytes = assigner.stack.next_multiple_of(16);
    Ok(())
}
