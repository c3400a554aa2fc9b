//! Registers: which the allocator hands out, which a call loses, which a function gives back.
//!
//! Sources: RISC-V psABI 1.0, "Integer Register Convention" and "Floating-point Register
//! Convention". `preserve_all` loses nothing but the link register; CLIF's `winch` keeps nothing
//! but the frame pointer.
//!
//! `x31` is never handed out: distances beyond 12 bits go through it. No value lives in it across
//! an instruction, and a function that uses it saves it where its convention says so.

use cranelift_codegen::isa::CallConv;
use regalloc2::{MachineEnv, PReg, PRegSet, RegClass};

use super::encode::X;
use crate::backend::reg::Reg;

/// The integer register with this number.
pub const fn int(number: usize) -> PReg {
    PReg::new(number, RegClass::Int)
}

/// The floating-point register with this number.
pub const fn float(number: usize) -> PReg {
    PReg::new(number, RegClass::Float)
}

/// Always zero.
pub const ZERO: Reg = Reg::real(int(0));
/// The register that is never handed out.
pub const SCRATCH: PReg = int(31);
/// The same, for the encoder.
pub const SCRATCH_X: X = X::T6;
/// Where the address of an indirect tail callee travels: no argument, and not given back.
pub const TAIL_CALLEE: PReg = int(6);

/// `t0` to `t2`, `a0` to `a7`, `t3` to `t5`.
const CALLER_SAVED: [usize; 14] = [5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30];
/// `s1` to `s11`; `s0` comes to them when it is no frame pointer.
const CALLEE_SAVED: [usize; 11] = [9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27];
const FRAME_POINTER: usize = 8;
/// `ft0` to `ft7`, `fa0` to `fa7`, `ft8` to `ft11`.
const FLOAT_CALLER_SAVED: [usize; 20] = [
    0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31,
];
/// `fs0` to `fs11`.
const FLOAT_CALLEE_SAVED: [usize; 12] = [8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27];

fn set(numbers: &[usize], class: RegClass) -> PRegSet {
    let mut set = PRegSet::empty();
    for &number in numbers {
        set.add(PReg::new(number, class));
    }
    set
}

/// What the allocator hands out.
pub fn environment(frame_pointers: bool) -> MachineEnv {
    let mut kept = set(&CALLEE_SAVED, RegClass::Int);
    if !frame_pointers {
        kept.add(int(FRAME_POINTER));
    }
    MachineEnv {
        preferred_regs_by_class: [
            set(&CALLER_SAVED, RegClass::Int),
            set(&FLOAT_CALLER_SAVED, RegClass::Float),
            PRegSet::empty(),
        ],
        non_preferred_regs_by_class: [
            kept,
            set(&FLOAT_CALLEE_SAVED, RegClass::Float),
            PRegSet::empty(),
        ],
        scratch_by_class: [None, None, None],
        fixed_stack_slots: Vec::new(),
    }
}

/// What a call of a function of `conv` loses.
pub fn clobbers(conv: CallConv) -> PRegSet {
    if conv == CallConv::PreserveAll {
        return PRegSet::empty();
    }
    let mut lost = set(&CALLER_SAVED, RegClass::Int);
    lost.union_from(set(&FLOAT_CALLER_SAVED, RegClass::Float));
    lost.add(SCRATCH);
    if conv == CallConv::Winch {
        lost.union_from(set(&CALLEE_SAVED, RegClass::Int));
        lost.union_from(set(&FLOAT_CALLEE_SAVED, RegClass::Float));
    }
    lost
}

/// What a function of `conv` gives back; all registers have 8 bytes.
pub fn callee_saved(conv: CallConv) -> Vec<(PReg, u8)> {
    let mut kept: Vec<PReg> = Vec::new();
    kept.push(int(FRAME_POINTER));
    if conv != CallConv::Winch {
        kept.extend(CALLEE_SAVED.map(int));
        kept.extend(FLOAT_CALLEE_SAVED.map(float));
    }
    if conv == CallConv::PreserveAll {
        kept.extend(CALLER_SAVED.map(int));
        kept.extend(FLOAT_CALLER_SAVED.map(float));
        kept.push(SCRATCH);
    }
    kept.into_iter().map(|reg| (reg, 8)).collect()
}
