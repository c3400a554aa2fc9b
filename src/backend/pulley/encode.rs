//! Pulley's instructions by operand shape: functions from register numbers and an immediate to
//! bytes, over `pulley-interpreter`'s encoder.

use pulley_interpreter::regs::{AddrO32, FReg, Reg as _, VReg, XReg};

/// Appends one instruction: its registers in the order of its operands, then an immediate.
pub type Put = fn(&mut Vec<u8>, &[u8], i128);

/// Appends a load or store: the register, the base, the offset.
pub type PutMemory = fn(&mut Vec<u8>, u8, u8, i32);

/// An integer register.
pub fn x(number: u8) -> XReg {
    XReg::new(number).expect("the allocator hands out 32 registers")
}

/// A float register.
pub fn f(number: u8) -> FReg {
    FReg::new(number).expect("the allocator hands out 32 registers")
}

/// A vector register.
pub fn v(number: u8) -> VReg {
    VReg::new(number).expect("the allocator hands out 32 registers")
}

/// A base plus an offset.
pub fn at(base: u8, offset: i32) -> AddrO32 {
    AddrO32 {
        addr: x(base),
        offset,
    }
}

/// `d = op a, b` of one register class.
macro_rules! binary {
    ($name:ident, $class:ident) => {{
        let put: Put = |bytes, regs, _| {
            let (d, a, b) = ($class(regs[0]), $class(regs[1]), $class(regs[2]));
            encode::$name(
                bytes,
                pulley_interpreter::regs::BinaryOperands::new(d, a, b),
            );
        };
        put
    }};
}

/// `d = op s`, each of its own class.
macro_rules! unary {
    ($name:ident, $to:ident, $from:ident) => {{
        let put: Put = |bytes, regs, _| encode::$name(bytes, $to(regs[0]), $from(regs[1]));
        put
    }};
}

/// A load or store at base plus offset.
macro_rules! memory {
    (load $name:ident, $class:ident) => {{
        let put: PutMemory = |bytes, reg, base, offset| {
            encode::$name(
                bytes,
                $class(reg),
                $crate::backend::pulley::encode::at(base, offset),
            );
        };
        put
    }};
    (store $name:ident, $class:ident) => {{
        let put: PutMemory = |bytes, reg, base, offset| {
            encode::$name(
                bytes,
                $crate::backend::pulley::encode::at(base, offset),
                $class(reg),
            );
        };
        put
    }};
}

pub(super) use {binary, memory, unary};
