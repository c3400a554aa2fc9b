//! Where arguments and results travel: RISC-V psABI 1.0, "Integer Calling Convention" and
//! "Hardware Floating-point Calling Convention", LP64D.
//!
//! CLIF's own conventions have no document. `fast` and `tail` take the halves of an `i128` for
//! two arguments, and a float for which no register is left goes to the stack; a callee of `tail`
//! takes its stack arguments away. Results that find no
//! register lie in memory of the caller's, whose address is the first argument, as the psABI has
//! it for results in memory. That there is such an area is Cranelift's extension of the psABI, and
//! `compute_arg_locs` of its abi.rs has its rules.

use cranelift_codegen::ir::{AbiParam, ArgumentExtension, ArgumentPurpose, Signature, Type, types};
use cranelift_codegen::isa::CallConv;

use super::registers::{float, int};
use crate::backend::call::{CallLayout, Fill, Location, Part, Place};
use crate::backend::limit::Refusal;

/// `a0` to `a7`, or the first two for results.
const FIRST: usize = 10;
const ARGUMENTS: usize = 8;
const RESULTS: usize = 2;
const STACK_ALIGNMENT: u32 = 16;

/// More stack arguments than this are refused: the distances of all have to stay small.
const MAX_ARGUMENT_BYTES: u32 = 1 << 20;

/// Hands out places in order.
struct Assigner {
    registers: usize,
    ints: usize,
    floats: usize,
    stack: u32,
    /// Whether the convention is CLIF's own.
    own: bool,
}

/// The layout of a signature.
///
/// # Errors
/// Conventions, purposes and types that have no places.
pub fn layout(signature: &Signature) -> Result<CallLayout, Refusal> {
    let conv = signature.call_conv;
    if conv == CallConv::Probestack {
        return Err(Refusal::uncovered("calls of convention probestack"));
    }
    let new = |registers| Assigner {
        registers,
        ints: 0,
        floats: 0,
        stack: 0,
        own: matches!(conv, CallConv::Tail | CallConv::Fast),
    };
    let mut results = new(RESULTS);
    let mut layout = CallLayout::default();
    for param in &signature.returns {
        let parts = results.result(param)?;
        layout.returns.push(Place::Parts(parts));
    }
    layout.area_bytes = results.stack.next_multiple_of(STACK_ALIGNMENT);
    let mut params = new(ARGUMENTS);
    if layout.area_bytes > 0 {
        let location = params.int();
        layout.area_pointer = Some(Part {
            location,
            ty: types::I64,
            fill: Fill::None,
        });
    }
    for param in &signature.params {
        let parts = params.argument(param)?;
        layout.params.push(Place::Parts(parts));
        if params.stack > MAX_ARGUMENT_BYTES {
            return Err(Refusal::limit(format!(
                "more than {MAX_ARGUMENT_BYTES} bytes of stack arguments"
            )));
        }
    }
    layout.argument_bytes = params.stack.next_multiple_of(STACK_ALIGNMENT);
    layout.popped = if conv == CallConv::Tail {
        layout.argument_bytes
    } else {
        0
    };
    Ok(layout)
}

/// How the bits above a narrow integer travel.
fn fill(param: &AbiParam) -> Fill {
    let ty = param.value_type;
    if ty == types::F16 {
        // NaN-boxed, as "Hardware Floating-point Calling Convention" has narrow floats.
        return Fill::Ones(16);
    }
    let bits = u8::try_from(ty.bits()).unwrap_or(u8::MAX);
    if !ty.is_int() || bits >= 64 {
        return Fill::None;
    }
    match param.extension {
        ArgumentExtension::None => Fill::None,
        ArgumentExtension::Uext => Fill::Zero(bits),
        ArgumentExtension::Sext => Fill::Sign(bits),
    }
}

fn check(param: &AbiParam) -> Result<(), Refusal> {
    let purpose = param.purpose;
    let is_value = matches!(
        purpose,
        ArgumentPurpose::Normal | ArgumentPurpose::VMContext | ArgumentPurpose::StructReturn
    );
    if !is_value {
        return Err(Refusal::uncovered(format!(
            "a parameter of purpose {purpose}"
        )));
    }
    let ty = param.value_type;
    let known = ty.is_int() || matches!(ty, types::F16 | types::F32 | types::F64);
    known
        .then_some(())
        .ok_or_else(|| Refusal::uncovered(format!("a parameter of type {ty}")))
}

impl Assigner {
    fn int_register(&mut self) -> Option<Location> {
        let free = self.ints < self.registers;
        free.then(|| {
            self.ints += 1;
            Location::Reg(int(FIRST + self.ints - 1))
        })
    }

    fn float_register(&mut self) -> Option<Location> {
        let free = self.floats < self.registers;
        free.then(|| {
            self.floats += 1;
            Location::Reg(float(FIRST + self.floats - 1))
        })
    }

    fn slot(&mut self) -> Location {
        self.stack += 8;
        Location::Stack(self.stack - 8)
    }

    fn int(&mut self) -> Location {
        self.int_register().unwrap_or_else(|| self.slot())
    }

    fn argument(&mut self, param: &AbiParam) -> Result<Vec<Part>, Refusal> {
        check(param)?;
        let ty = param.value_type;
        if ty == types::I128 {
            // What does not fit into registers at all is aligned as a whole.
            if !self.own && self.ints >= self.registers {
                self.stack = self.stack.next_multiple_of(16);
            }
            let halves = [self.int(), self.int()];
            return Ok(halves.map(|location| plain(location, types::I64)).to_vec());
        }
        let location = if ty.is_float() {
            let own = self.own;
            // Without a register of its own a float travels as an integer.
            self.float_register()
                .unwrap_or_else(|| if own { self.slot() } else { self.int() })
        } else {
            self.int()
        };
        Ok(vec![Part {
            location,
            ty,
            fill: fill(param),
        }])
    }

    /// A result; what finds no register lies in the area, the halves of an `i128` each for itself.
    fn result(&mut self, param: &AbiParam) -> Result<Vec<Part>, Refusal> {
        check(param)?;
        let ty = param.value_type;
        if ty == types::I128 {
            let halves = [self.int(), self.int()];
            return Ok(halves.map(|location| plain(location, types::I64)).to_vec());
        }
        let location = if ty.is_float() {
            self.float_register().unwrap_or_else(|| self.slot())
        } else {
            self.int()
        };
        Ok(vec![Part {
            location,
            ty,
            fill: fill(param),
        }])
    }
}

fn plain(location: Location, ty: Type) -> Part {
    Part {
        location,
        ty,
        fill: Fill::None,
    }
}
