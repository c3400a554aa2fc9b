//! Where arguments and results travel.
//!
//! Sources: ELF Application Binary Interface, s390x Supplement 1.6, section 1.2 ("Function Calling
//! Sequence"): r2 to r6, f0, f2, f4, f6 and v24 to v31 carry arguments, r2, f0 and v24 the result;
//! integers wider than 64 bits and 128-bit floats go by reference to a copy; the caller leaves 160
//! bytes at its stack pointer for the callee, above which stack arguments lie in slots of eight
//! bytes, justified to the right. Lane 0 of a vector is its leftmost element.
//!
//! CLIF's own conventions travel in the same places, with more registers for results. Its `tail`
//! has r7 too, lets the callee take its arguments away with a register save area below them, and
//! has lane 0 in the rightmost element, as all code here has inside of functions.

use cranelift_codegen::ir::{ArgumentExtension, ArgumentPurpose, Function, Signature, Type, types};
use cranelift_codegen::isa::CallConv;
use regalloc2::{PReg, PRegSet, RegClass};

use crate::backend::call::{CallLayout, Fill, Location, Part, Place};
use crate::backend::limit::Refusal;

/// Bytes that a caller leaves for its callee (ELF ABI 1.2.2).
pub const SAVE_AREA: u32 = 160;

/// A general register.
pub const fn int(number: usize) -> PReg {
    PReg::new(number, RegClass::Int)
}

/// A floating-point register.
pub fn float(number: usize) -> PReg {
    PReg::new(number, RegClass::Float)
}

/// A vector register.
pub fn vector(number: usize) -> PReg {
    PReg::new(number, RegClass::Vector)
}

/// Class of a register for a value. Scalars have v0 to v15, of which the floating-point registers
/// are the left halves; vectors have v16 to v31, so that the classes do not overlap.
pub fn class(ty: Type) -> Option<RegClass> {
    match ty {
        types::I8 | types::I16 | types::I32 | types::I64 => Some(RegClass::Int),
        types::F16 | types::F32 | types::F64 => Some(RegClass::Float),
        types::F128 => Some(RegClass::Vector),
        _ if ty.is_vector() && ty.bits() == 128 => Some(RegClass::Vector),
        _ => None,
    }
}

/// Hands out registers, then slots.
struct Places {
    ints: std::ops::Range<usize>,
    floats: std::slice::Iter<'static, usize>,
    vectors: std::ops::Range<usize>,
    /// The next stack slot.
    stack: u32,
    /// The next copy, from the first one.
    copies: u32,
}

impl Places {
    fn new(ints: std::ops::Range<usize>) -> Places {
        Places {
            ints,
            floats: [0, 2, 4, 6].iter(),
            vectors: 24..32,
            stack: SAVE_AREA,
            copies: 0,
        }
    }

    fn register(&mut self, ty: Type) -> Option<PReg> {
        match class(ty)? {
            RegClass::Int => self.ints.next().map(int),
            RegClass::Float => self.floats.next().copied().map(float),
            RegClass::Vector => self.vectors.next().map(vector),
        }
    }

    /// A slot for a value of `bytes` bytes: it ends where the slot does.
    fn slot(&mut self, bytes: u32) -> Location {
        Location::Stack(self.memory(bytes))
    }

    /// Offset of the slot's last `bytes` bytes.
    fn memory(&mut self, bytes: u32) -> u32 {
        let size = bytes.max(8);
        let at = self.stack + size - bytes;
        self.stack += size;
        at
    }

    fn part(&mut self, ty: Type, fill: Fill) -> Part {
        let location = match self.register(ty) {
            Some(register) => Location::Reg(register),
            // A filled value fills its slot.
            None if matches!(fill, Fill::Zero(_) | Fill::Sign(_)) => self.slot(8),
            None => self.slot(ty.bytes()),
        };
        Part { location, ty, fill }
    }

    fn pointer(&mut self) -> Part {
        self.part(types::I64, Fill::None)
    }
}

fn fill(conv: CallConv, ty: Type, extension: ArgumentExtension) -> Fill {
    if ty.is_vector() && conv != CallConv::Tail {
        return Fill::Lanes;
    }
    let bits = match u8::try_from(ty.bits()) {
        Ok(bits) if ty.is_int() && bits < 64 => bits,
        _ => return Fill::None,
    };
    match extension {
        ArgumentExtension::None => Fill::None,
        ArgumentExtension::Uext => Fill::Zero(bits),
        ArgumentExtension::Sext => Fill::Sign(bits),
    }
}

/// What no document here gives a place to.
fn uncovered(ty: Type) -> Refusal {
    Refusal::uncovered(format!("arguments of type {ty}"))
}

/// Where everything of a signature travels.
///
/// # Errors
/// Types and purposes without a place.
pub fn layout(signature: &Signature) -> Result<CallLayout, Refusal> {
    let conv = signature.call_conv;
    if conv == CallConv::Probestack {
        return Err(Refusal::uncovered("calls of the probestack convention"));
    }
    let tail = conv == CallConv::Tail;
    let mut layout = CallLayout::default();
    results(signature, if tail { 2..8 } else { 2..6 }, &mut layout)?;
    if conv == CallConv::Winch && signature.returns.len() > 1 {
        return Err(Refusal::uncovered(
            "several results of the winch convention",
        ));
    }
    let mut places = Places::new(if tail { 2..8 } else { 2..7 });
    if layout.area_bytes > 0 {
        layout.area_pointer = Some(places.pointer());
    }
    for param in &signature.params {
        if let ArgumentPurpose::StructArgument(_) = param.purpose {
            return Err(Refusal::uncovered("structures passed by value"));
        }
        let ty = param.value_type;
        if ty == types::I128 || ty == types::F128 {
            let pointer = places.pointer();
            let copy = places.copies;
            places.copies += 16;
            layout.params.push(Place::Reference { pointer, copy });
            continue;
        }
        class(ty).ok_or_else(|| uncovered(ty))?;
        let part = places.part(ty, fill(conv, ty, param.extension));
        layout.params.push(Place::Parts(vec![part]));
    }
    let arguments = places.stack.next_multiple_of(8);
    let copies = places.copies;
    for place in &mut layout.params {
        if let Place::Reference { copy, .. } = place {
            *copy += arguments;
        }
    }
    let taken = arguments + copies;
    layout.argument_bytes = taken;
    if tail && taken > SAVE_AREA {
        layout.popped = taken;
        // Where the callee's stack pointer ends up, it may save registers as well.
        layout.argument_bytes = taken + SAVE_AREA;
    }
    Ok(layout)
}

/// Results in registers, and in an area those that find none: Cranelift's extension of the ELF
/// ABI, with the rules that `compute_arg_locs` of its abi.rs has.
fn results(
    signature: &Signature,
    ints: std::ops::Range<usize>,
    layout: &mut CallLayout,
) -> Result<(), Refusal> {
    let mut places = Places {
        stack: 0,
        ..Places::new(ints)
    };
    for result in &signature.returns {
        let ty = result.value_type;
        let parts = if ty == types::I128 {
            let at = places.memory(16);
            let half = |at| Part {
                location: Location::Stack(at),
                ty: types::I64,
                fill: Fill::None,
            };
            vec![half(at + 8), half(at)]
        } else if ty == types::F128 {
            vec![Part {
                location: Location::Stack(places.memory(16)),
                ty,
                fill: Fill::None,
            }]
        } else {
            class(ty).ok_or_else(|| uncovered(ty))?;
            vec![places.part(ty, fill(signature.call_conv, ty, result.extension))]
        };
        layout.returns.push(Place::Parts(parts));
    }
    layout.area_bytes = places.stack.next_multiple_of(8);
    Ok(())
}

/// Registers that a callee may lose. The allocator has r2 to r13 only.
pub fn clobbers(conv: CallConv) -> PRegSet {
    let mut set = PRegSet::empty();
    match conv {
        CallConv::PreserveAll => return set,
        CallConv::Winch => (0..14).map(int).for_each(|reg| set.add(reg)),
        CallConv::Tail => (0..8).map(int).for_each(|reg| set.add(reg)),
        _ => (0..6).map(int).for_each(|reg| set.add(reg)),
    }
    let floats = if conv == CallConv::Winch { 0..16 } else { 0..8 };
    floats.map(float).for_each(|reg| set.add(reg));
    (16..32).map(vector).for_each(|reg| set.add(reg));
    set
}

/// Registers that a function gives back, with the bytes of each that count (ELF ABI, table 1.8:
/// r6 to r13, f8 to f15). Under `preserve_all` whole vector registers, and r0 and r1 too.
pub fn callee_saved(conv: CallConv) -> Vec<(PReg, u8)> {
    if conv == CallConv::PreserveAll {
        let ints = (0..14).map(|n| (int(n), 8));
        let floats = (0..16).map(|n| (float(n), 16));
        let vectors = (16..32).map(|n| (vector(n), 16));
        return ints.chain(floats).chain(vectors).collect();
    }
    let first = match conv {
        CallConv::Winch => return Vec::new(),
        CallConv::Tail => 8,
        _ => 6,
    };
    let ints = (first..14).map(|n| (int(n), 8));
    ints.chain((8..16).map(|n| (float(n), 8))).collect()
}

/// Whether a function calls one that may lose registers.
pub fn makes_platform_calls(function: &Function) -> bool {
    let dfg = &function.dfg;
    let insts = function
        .layout
        .blocks()
        .flat_map(|block| function.layout.block_insts(block));
    insts
        .filter_map(|inst| dfg.call_signature(inst))
        .any(|signature| dfg.signatures[signature].call_conv != CallConv::PreserveAll)
}
