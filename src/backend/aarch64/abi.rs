//! Where arguments and results travel (AAPCS64 6.8.2 "Parameter passing rules" and 6.9 "Result
//! return"), and in what CLIF's own conventions and Apple's differ from that.

use cranelift_codegen::ir::{AbiParam, ArgumentExtension, ArgumentPurpose, Signature, Type, types};
use cranelift_codegen::isa::CallConv;
use regalloc2::{PReg, RegClass};

use super::registers::{v, x};
use crate::backend::call::{CallLayout, Fill, Location, Part, Place};
use crate::backend::limit::Refusal;

/// The class of a value's register; `None` for types that have none. `i128` is two.
pub fn class(ty: Type) -> Option<RegClass> {
    match ty {
        types::I8 | types::I16 | types::I32 | types::I64 => Some(RegClass::Int),
        types::F16 | types::F32 | types::F64 | types::F128 => Some(RegClass::Float),
        _ if ty.is_vector() && ty.bits() == 128 => Some(RegClass::Float),
        _ => None,
    }
}

/// The next free register of each kind and the next free stack slot (NGRN, NSRN and NSAA of
/// AAPCS64 6.8.2).
struct Next {
    conv: CallConv,
    /// Whether these are results.
    returns: bool,
    ints: std::ops::Range<usize>,
    floats: std::ops::Range<usize>,
    stack: u32,
}

impl Next {
    fn new(conv: CallConv) -> Next {
        // CLIF's `tail` leaves x0 out, and keeps x1 for the address of an indirect callee.
        let first = if conv == CallConv::Tail { 2 } else { 0 };
        Next {
            conv,
            returns: false,
            ints: first..8,
            floats: 0..8,
            stack: 0,
        }
    }

    /// CLIF's own conventions, which no document lays down, go on with a register that an
    /// `i128` left over.
    fn is_own(&self) -> bool {
        matches!(self.conv, CallConv::Fast | CallConv::Tail)
    }

    /// Whether a slot of Apple's variant holds nothing but the value.
    fn packs(&self, extended: bool) -> bool {
        self.conv == CallConv::AppleAarch64 && !(self.returns && extended)
    }

    /// A stack slot: at least 8 bytes (C.14), but for Apple's variant, which packs.
    fn slot(&mut self, bytes: u32, extended: bool) -> Location {
        let size = if self.packs(extended) {
            bytes
        } else {
            bytes.max(8)
        };
        self.stack = self.stack.next_multiple_of(size);
        let offset = self.stack;
        self.stack += size;
        Location::Stack(offset)
    }

    fn take(&mut self, reg: Option<PReg>, bytes: u32, extended: bool) -> Location {
        match reg {
            Some(reg) => Location::Reg(reg),
            None => self.slot(bytes, extended),
        }
    }

    fn place(&mut self, param: &AbiParam) -> Place {
        let ty = param.value_type;
        if ty == types::I128 {
            return Place::Parts(self.wide());
        }
        let extended = param.extension != ArgumentExtension::None;
        let location = if ty.is_int() {
            let reg = self.ints.next().map(x);
            self.take(reg, ty.bytes(), extended)
        } else {
            let reg = self.floats.next().map(v);
            self.take(reg, ty.bytes(), false)
        };
        Place::Parts(vec![Part {
            location,
            ty,
            fill: self.fill(param, location),
        }])
    }

    /// An `i128`: two registers from an even one on (C.10; Apple: any), else 16 bytes of stack.
    fn wide(&mut self) -> Vec<Part> {
        let half = |location| Part {
            location,
            ty: types::I64,
            fill: Fill::None,
        };
        if self.ints.len() > 1 && self.conv != CallConv::AppleAarch64 && self.ints.start % 2 == 1 {
            self.ints.next();
        }
        if self.ints.len() > 1 {
            return self
                .ints
                .by_ref()
                .take(2)
                .map(|n| half(Location::Reg(x(n))))
                .collect();
        }
        if !self.is_own() && !self.returns {
            // C.13: no later argument goes into a register left over.
            self.ints = 8..8;
        }
        match self.slot(16, false) {
            Location::Stack(at) => {
                vec![half(Location::Stack(at)), half(Location::Stack(at + 8))]
            }
            register @ Location::Reg(_) => vec![half(register)],
        }
    }

    /// How a caller fills what is above a narrow integer. AAPCS64 leaves it open; CLIF's
    /// signatures may ask for it. A slot of Apple's has no bits above.
    fn fill(&self, param: &AbiParam, location: Location) -> Fill {
        let bits = u8::try_from(param.value_type.bits()).unwrap_or(u8::MAX);
        let extended = param.extension != ArgumentExtension::None;
        let packed = self.packs(extended) && matches!(location, Location::Stack(_));
        match param.extension {
            _ if packed || bits >= 64 || !param.value_type.is_int() => Fill::None,
            ArgumentExtension::None => Fill::None,
            ArgumentExtension::Uext => Fill::Zero(bits),
            ArgumentExtension::Sext => Fill::Sign(bits),
        }
    }
}

/// Conventions that are the platform's here; everything else has no word.
fn platform(conv: CallConv) -> Result<CallConv, Refusal> {
    match conv {
        CallConv::Fast
        | CallConv::Tail
        | CallConv::SystemV
        | CallConv::AppleAarch64
        | CallConv::PreserveAll
        | CallConv::Winch => Ok(conv),
        CallConv::WindowsFastcall => Ok(CallConv::SystemV),
        _ => Err(Refusal::uncovered(format!("convention {conv}"))),
    }
}

/// Where everything of a signature travels.
///
/// # Errors
/// Conventions, types and purposes that are not covered.
pub fn layout(signature: &Signature) -> Result<CallLayout, Refusal> {
    let conv = platform(signature.call_conv)?;
    let mut next = Next::new(conv);
    let mut params = Vec::with_capacity(signature.params.len());
    for param in &signature.params {
        check(param)?;
        params.push(match param.purpose {
            // AAPCS64 6.9: the address of a result in memory.
            ArgumentPurpose::StructReturn => register(x(8)),
            _ => next.place(param),
        });
    }
    let (returns, area_bytes) = results(signature, conv)?;
    let argument_bytes = next.stack.next_multiple_of(16);
    Ok(CallLayout {
        params,
        returns,
        area_bytes,
        area_pointer: (area_bytes > 0).then(|| pointer(x(8))),
        argument_bytes,
        popped: if conv == CallConv::Tail {
            argument_bytes
        } else {
            0
        },
    })
}

fn pointer(reg: PReg) -> Part {
    Part {
        location: Location::Reg(reg),
        ty: types::I64,
        fill: Fill::None,
    }
}

fn register(reg: PReg) -> Place {
    Place::Parts(vec![pointer(reg)])
}

fn check(param: &AbiParam) -> Result<(), Refusal> {
    let ty = param.value_type;
    if class(ty).is_none() && ty != types::I128 {
        return Err(Refusal::uncovered(format!("values of type {ty}")));
    }
    match param.purpose {
        ArgumentPurpose::Normal | ArgumentPurpose::VMContext | ArgumentPurpose::StructReturn => {
            Ok(())
        }
        ArgumentPurpose::StructArgument(_) => Err(Refusal::uncovered(format!(
            "parameters of purpose {}",
            param.purpose
        ))),
    }
}

/// Places of the results, and the size of the area for those that find no register. That there are
/// several and an area is Cranelift's extension of AAPCS64, and `compute_arg_locs` of its abi.rs
/// has its rules.
fn results(signature: &Signature, conv: CallConv) -> Result<(Vec<Place>, u32), Refusal> {
    let mut next = Next {
        returns: true,
        ..Next::new(conv)
    };
    let mut places = Vec::with_capacity(signature.returns.len());
    for result in &signature.returns {
        check(result)?;
        places.push(next.place(result));
    }
    if next.stack > 0 && conv == CallConv::Winch {
        return Err(Refusal::uncovered("several results under winch in memory"));
    }
    Ok((places, next.stack.next_multiple_of(16)))
}

#[cfg(test)]
mod tests;
