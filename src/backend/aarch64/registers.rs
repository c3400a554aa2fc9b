//! Registers: which the allocator hands out, and which a call loses (AAPCS64 6.1.1 "General-
//! purpose registers" and 6.1.2 "SIMD and Floating-Point registers").

use cranelift_codegen::isa::CallConv;
use regalloc2::{MachineEnv, PReg, PRegSet, RegClass};

use super::encode;
use crate::backend::options::Settings;
use crate::backend::reg::Reg;

/// An integer register.
pub const fn x(number: usize) -> PReg {
    PReg::new(number, RegClass::Int)
}

/// A vector register, which scalar floats share.
pub const fn v(number: usize) -> PReg {
    PReg::new(number, RegClass::Float)
}

/// The zero register, or the stack pointer where an instruction has that.
pub const ZR: Reg = Reg::real(x(31));
/// The register that CLIF pins.
pub const PINNED: PReg = x(21);

/// First intra-procedure-call scratch register: any call may lose it. The allocator does not
/// hand it out; instructions that need an address or distance too large for them use it.
pub const SCRATCH: encode::Reg = encode::Reg::new(16);

/// As instructions number it.
pub fn hw(reg: Reg) -> encode::Reg {
    encode::Reg::new(reg.number())
}

/// As [`hw`], before a register is known as an operand.
pub fn hw_of(real: PReg) -> encode::Reg {
    hw(Reg::real(real))
}

fn set(regs: impl IntoIterator<Item = PReg>) -> PRegSet {
    regs.into_iter().collect()
}

/// Not handed out: x16 and x17 (scratch of veneers), x18 (the platform's), x29 (frame
/// pointer), x30 (link register), and the pinned register where there is one.
pub fn environment(settings: &Settings) -> MachineEnv {
    let mut saved = set((19..29).map(x));
    if settings.pinned_register {
        saved.remove(PINNED);
    }
    MachineEnv {
        preferred_regs_by_class: [
            set((0..16).map(x)),
            set((0..8).chain(16..32).map(v)),
            PRegSet::empty(),
        ],
        non_preferred_regs_by_class: [saved, set((8..16).map(v)), PRegSet::empty()],
        scratch_by_class: [None; 3],
        fixed_stack_slots: Vec::new(),
    }
}

/// What a callee may lose. Of v8 to v15 it keeps the low halves, which is not enough for a
/// register that may hold a vector.
pub fn call_clobbers(conv: CallConv) -> PRegSet {
    match conv {
        CallConv::PreserveAll => PRegSet::empty(),
        CallConv::Winch => set((0..29).map(x).chain((0..32).map(v))),
        _ => set((0..19).map(x).chain((0..32).map(v))),
    }
}

/// What a function of convention `own` has to save because of a call: not v8 to v15 where it
/// gives back their low halves only, which the callee keeps.
pub fn call_writes(callee: CallConv, own: CallConv) -> PRegSet {
    let mut all = call_clobbers(callee);
    if own != CallConv::PreserveAll && callee != CallConv::Winch {
        (8..16).for_each(|n| all.remove(v(n)));
    }
    all
}

/// What a function gives back, with the bytes that count. The frame pointer and the link
/// register have their place in the frame record.
pub fn callee_saved(conv: CallConv, settings: &Settings) -> Vec<(PReg, u8)> {
    let pinned = |reg: PReg| settings.pinned_register && reg == PINNED;
    let ints = |numbers: std::ops::Range<usize>| {
        let regs = numbers.map(x).filter(move |reg| !pinned(*reg));
        regs.map(|reg| (reg, 8))
    };
    match conv {
        CallConv::PreserveAll => {
            let vectors = (0..32).map(|n| (v(n), 16));
            ints(0..29).chain(vectors).collect()
        }
        CallConv::Winch => Vec::new(),
        _ => ints(19..29).chain((8..16).map(|n| (v(n), 8))).collect(),
    }
}
