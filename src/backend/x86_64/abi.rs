//! Registers and calling conventions.
//!
//! System V x86-64 psABI 1.0, section 3.2; Microsoft's "x64 calling convention" for
//! `windows_fastcall`, which has no integer of 128 bits: there CLIF takes the halves of an `i128` for
//! two arguments of 64 bits. So it does for its own `tail` and `fast`, which otherwise go like System
//! V's; `tail` has more registers for results and a callee that takes its stack arguments away.
//! `preserve_all` and `winch` differ from System V in what is preserved alone.

use cranelift_codegen::ir::{ArgumentExtension, ArgumentPurpose, Signature, Type, types};
use cranelift_codegen::isa::CallConv;
use regalloc2::{MachineEnv, PReg, PRegSet, RegClass};

use crate::backend::call::{CallLayout, Fill, Location, Part, Place};
use crate::backend::limit::Refusal;

const RSP: usize = 4;
const RBP: usize = 5;
const R15: usize = 15;

/// A general register.
pub const fn int(number: usize) -> PReg {
    PReg::new(number, RegClass::Int)
}

/// A vector register.
pub const fn float(number: usize) -> PReg {
    PReg::new(number, RegClass::Float)
}

/// psABI figure 3.4; rbp is the frame's.
const SYSV_SAVED: [usize; 5] = [3, 12, 13, 14, R15];

/// Registers for the allocator: first those that a call may lose anyway.
pub fn environment(pinned: bool) -> MachineEnv {
    let saved = SYSV_SAVED.into_iter().filter(|&n| !(pinned && n == R15));
    let lost = (0..16).filter(|n| !SYSV_SAVED.contains(n) && *n != RSP && *n != RBP);
    MachineEnv {
        preferred_regs_by_class: [
            lost.map(int).collect(),
            (0..16).map(float).collect(),
            PRegSet::empty(),
        ],
        non_preferred_regs_by_class: [saved.map(int).collect(), PRegSet::empty(), PRegSet::empty()],
        scratch_by_class: [None; 3],
        fixed_stack_slots: Vec::new(),
    }
}

/// What a callee gives back, with the bytes of each register, rsp and rbp apart.
pub fn callee_saved(conv: CallConv, pinned: bool) -> Vec<(PReg, u8)> {
    let ints: Vec<usize> = match conv {
        CallConv::PreserveAll => (0..16).filter(|&n| n != RSP && n != RBP).collect(),
        CallConv::Winch => Vec::new(),
        CallConv::WindowsFastcall => [6, 7].into_iter().chain(SYSV_SAVED).collect(),
        _ => SYSV_SAVED.to_vec(),
    };
    let floats = match conv {
        CallConv::PreserveAll => 0..16,
        CallConv::WindowsFastcall => 6..16,
        _ => 0..0,
    };
    let ints = ints.into_iter().filter(|&n| !(pinned && n == R15));
    let ints = ints.map(|n| (int(n), 8));
    ints.chain(floats.map(|n| (float(n), 16))).collect()
}

/// What a callee may lose.
pub fn clobbers(conv: CallConv, pinned: bool) -> PRegSet {
    let ints = (0..16).filter(|&n| n != RSP && n != RBP && !(pinned && n == R15));
    let mut set: PRegSet = ints.map(int).chain((0..16).map(float)).collect();
    for (saved, _) in callee_saved(conv, pinned) {
        set.remove(saved);
    }
    set
}

/// Hands out places in order.
struct Assigner {
    conv: CallConv,
    /// Microsoft counts arguments by position, whatever their class. It has but one result; of
    /// several each class is counted for itself.
    by_position: bool,
    ints: &'static [usize],
    floats: usize,
    next_int: usize,
    next_float: usize,
    stack: u32,
}

impl Assigner {
    fn for_params(conv: CallConv) -> Assigner {
        let windows = conv == CallConv::WindowsFastcall;
        Assigner {
            conv,
            by_position: windows,
            // rcx, rdx, r8, r9; rdi, rsi, rdx, rcx, r8, r9.
            ints: if windows {
                &[1, 2, 8, 9]
            } else {
                &[7, 6, 2, 1, 8, 9]
            },
            floats: if windows { 4 } else { 8 },
            next_int: 0,
            next_float: 0,
            // Microsoft: the caller leaves room for the four registers.
            stack: if windows { 32 } else { 0 },
        }
    }

    fn for_returns(conv: CallConv, llvm: bool) -> Assigner {
        let (ints, floats): (&[usize], usize) = match conv {
            // rax, rcx, rdx, rsi, rdi, r8, r9, r10.
            CallConv::Tail => (&[0, 1, 2, 6, 7, 8, 9, 10], 8),
            CallConv::WindowsFastcall => (&[0, 2], 1),
            // LLVM's RetCC_X86Common has rcx behind the psABI's two.
            CallConv::SystemV | CallConv::Fast | CallConv::PreserveAll if llvm => (&[0, 2, 1], 2),
            _ => (&[0, 2], 2),
        };
        Assigner {
            conv,
            by_position: false,
            ints,
            floats,
            next_int: 0,
            next_float: 0,
            stack: 0,
        }
    }

    /// Whether the halves of an `i128` are two arguments.
    fn splits(&self) -> bool {
        matches!(
            self.conv,
            CallConv::Tail | CallConv::Fast | CallConv::WindowsFastcall
        )
    }

    fn int(&mut self) -> Option<PReg> {
        let number = *self.ints.get(self.next_int)?;
        self.next_int += 1;
        if self.by_position {
            self.next_float = self.next_int;
        }
        Some(int(number))
    }

    fn float(&mut self) -> Option<PReg> {
        if self.next_float >= self.floats {
            return None;
        }
        self.next_float += 1;
        if self.by_position {
            self.next_int = self.next_float;
        }
        Some(float(self.next_float - 1))
    }

    /// The registers of a value, if there are enough left.
    fn registers(&mut self, ty: Type) -> Option<Vec<PReg>> {
        if ty == types::I128 {
            if self.ints.len().saturating_sub(self.next_int) < 2 {
                return None;
            }
            return Some(vec![self.int()?, self.int()?]);
        }
        let one = if ty.is_int() {
            self.int()
        } else {
            self.float()
        };
        one.map(|reg| vec![reg])
    }

    fn slot(&mut self, bytes: u32) -> Location {
        let bytes = bytes.max(8);
        self.stack = self.stack.next_multiple_of(bytes);
        let at = self.stack;
        self.stack += bytes;
        Location::Stack(at)
    }

    fn part(&mut self, reg: Option<PReg>, ty: Type, fill: Fill) -> Part {
        let location = match reg {
            Some(reg) => Location::Reg(reg),
            None => self.slot(ty.bytes()),
        };
        Part { location, ty, fill }
    }

    fn param(&mut self, ty: Type, fill: Fill) -> Place {
        let half = types::I64;
        if ty == types::I128 && self.splits() {
            let mut next = || {
                let reg = self.int();
                self.part(reg, half, Fill::None)
            };
            return Place::Parts(vec![next(), next()]);
        }
        if ty != types::I128 && ty.bytes() == 16 && self.conv == CallConv::WindowsFastcall {
            let reg = self.int();
            let pointer = self.part(reg, types::I64, Fill::None);
            // The copy's place is known when all arguments have theirs.
            return Place::Reference { pointer, copy: 0 };
        }
        match self.registers(ty) {
            Some(regs) => {
                let piece = if regs.len() == 2 { half } else { ty };
                let parts = regs.into_iter().map(|reg| Part {
                    location: Location::Reg(reg),
                    ty: piece,
                    fill,
                });
                Place::Parts(parts.collect())
            }
            None if ty == types::I128 => {
                self.stack = self.stack.next_multiple_of(16);
                Place::Parts(vec![
                    self.part(None, half, Fill::None),
                    self.part(None, half, Fill::None),
                ])
            }
            None => Place::Parts(vec![self.part(None, ty, fill)]),
        }
    }
}

fn fill(ty: Type, extension: ArgumentExtension) -> Fill {
    let bits = u8::try_from(ty.bits()).unwrap_or(u8::MAX);
    match extension {
        ArgumentExtension::Uext if ty.is_int() && bits < 64 => Fill::Zero(bits),
        ArgumentExtension::Sext if ty.is_int() && bits < 64 => Fill::Sign(bits),
        _ => Fill::None,
    }
}

/// Where everything of a signature travels; `llvm` is `enable_llvm_abi_extensions`.
///
/// # Errors
/// Structures by value, `winch` with several results, `probestack`.
pub fn layout(signature: &Signature, llvm: bool) -> Result<CallLayout, Refusal> {
    let conv = signature.call_conv;
    if conv == CallConv::Probestack {
        return Err(Refusal::uncovered("calls of convention probestack"));
    }
    if conv == CallConv::Winch && signature.returns.len() > 1 {
        return Err(Refusal::uncovered("several results under winch"));
    }
    let mut layout = CallLayout::default();
    results(signature, llvm, &mut layout);
    let mut params = Assigner::for_params(conv);
    if layout.area_bytes > 0 {
        // As for a structure that the callee returns: psABI, "Returning of Values".
        let reg = params.int();
        layout.area_pointer = Some(params.part(reg, types::I64, Fill::None));
    }
    for param in &signature.params {
        if let ArgumentPurpose::StructArgument(_) = param.purpose {
            return Err(Refusal::uncovered("structures by value"));
        }
        let fill = fill(param.value_type, param.extension);
        layout.params.push(params.param(param.value_type, fill));
    }
    layout.argument_bytes = params.stack.next_multiple_of(16);
    if conv == CallConv::Tail {
        layout.popped = layout.argument_bytes;
    }
    for place in &mut layout.params {
        if let Place::Reference { copy, .. } = place {
            *copy = layout.argument_bytes;
            layout.argument_bytes += 16;
        }
    }
    Ok(layout)
}

/// Results: what finds no register lies in an area, in slots as arguments have them, the halves of
/// an `i128` each for itself. That there is an area is Cranelift's extension of the psABI, and
/// `compute_arg_locs` of its abi.rs has its rules.
fn results(signature: &Signature, llvm: bool, layout: &mut CallLayout) {
    let mut returns = Assigner::for_returns(signature.call_conv, llvm);
    for result in &signature.returns {
        let ty = result.value_type;
        let fill = fill(ty, result.extension);
        let pieces: &[Type] = match ty {
            types::I128 => &[types::I64; 2],
            _ => &[ty],
        };
        let mut parts = Vec::with_capacity(pieces.len());
        for &piece in pieces {
            let reg = if piece.is_int() {
                returns.int()
            } else {
                returns.float()
            };
            parts.push(returns.part(reg, piece, fill));
        }
        layout.returns.push(Place::Parts(parts));
    }
    layout.area_bytes = returns.stack.next_multiple_of(16);
}

#[cfg(test)]
mod tests;
