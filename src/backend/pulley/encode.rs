//! Pulley's instructions by operand shape: functions from register numbers and an immediate to
//! bytes, over `pulley-interpreter`'s encoder.
//!
//! The distance of a branch is put as zero; it is the instruction's last field, and patched.

use pulley_interpreter::regs::{AddrO32, AddrZ, FReg, Reg as _, VReg, XReg};

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
    let addr = x(base);
    AddrO32 { addr, offset }
}

/// A base plus an offset, where a base of zero traps.
pub fn checked(base: u8, offset: i32) -> AddrZ {
    let addr = x(base);
    AddrZ { addr, offset }
}

/// An immediate in the width of the instruction's field.
pub fn field<T: TryFrom<i128>>(imm: i128) -> T {
    let Ok(value) = T::try_from(imm) else {
        panic!("selection keeps {imm} within its field");
    };
    value
}

/// `d = op a, b`, of one register class or each of its own.
macro_rules! binary {
    ($name:ident, $class:ident) => {
        binary!($name, $class, $class, $class)
    };
    ($name:ident, $d:ident, $a:ident, $b:ident) => {{
        let put: Put = |bytes, regs, _| {
            let (d, a, b) = ($d(regs[0]), $a(regs[1]), $b(regs[2]));
            encode::$name(
                bytes,
                pulley_interpreter::regs::BinaryOperands::new(d, a, b),
            );
        };
        put
    }};
}

/// `d = op b, a`.
macro_rules! exchanged {
    ($name:ident, $class:ident) => {{
        let put: Put = |bytes, regs, _| {
            let (d, a, b) = ($class(regs[0]), $class(regs[1]), $class(regs[2]));
            encode::$name(
                bytes,
                pulley_interpreter::regs::BinaryOperands::new(d, b, a),
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

/// Registers of these classes, and where a type is last an immediate, or one of 128 bits.
macro_rules! fields {
    ($name:ident, $($class:ident),+; bits) => {{
        let put: Put = |bytes, regs, imm| {
            let mut regs = regs.iter();
            encode::$name(
                bytes,
                $($class(*regs.next().expect("a register for each operand"))),+,
                imm.cast_unsigned(),
            );
        };
        put
    }};
    ($name:ident, $($class:ident),+; $imm:ty) => {{
        let put: Put = |bytes, regs, imm| {
            let mut regs = regs.iter();
            encode::$name(
                bytes,
                $($class(*regs.next().expect("a register for each operand"))),+,
                $crate::backend::pulley::encode::field::<$imm>(imm),
            );
        };
        put
    }};
    ($name:ident, $($class:ident),+) => {{
        let put: Put = |bytes, regs, _| {
            let mut regs = regs.iter();
            encode::$name(
                bytes,
                $($class(*regs.next().expect("a register for each operand"))),+
            );
        };
        put
    }};
}

/// `d = op a, imm` with an immediate of six bits.
macro_rules! six_bits {
    ($name:ident) => {{
        let put: Put = |bytes, regs, imm| {
            let amount = pulley_interpreter::U6::new($crate::backend::pulley::encode::field(imm))
                .expect("an amount below 64");
            let operands =
                pulley_interpreter::regs::BinaryOperands::new(x(regs[0]), x(regs[1]), amount);
            encode::$name(bytes, operands);
        };
        put
    }};
}

/// `d = a; d[imm] = b`.
macro_rules! insert {
    ($name:ident, $class:ident) => {{
        let put: Put = |bytes, regs, imm| {
            let (d, a, b) = (v(regs[0]), v(regs[1]), $class(regs[2]));
            encode::$name(
                bytes,
                pulley_interpreter::regs::BinaryOperands::new(d, a, b),
                $crate::backend::pulley::encode::field::<u8>(imm),
            );
        };
        put
    }};
}

/// A branch over registers, or one and an immediate.
macro_rules! branch {
    ($name:ident, 1) => {{
        let put: Put = |bytes, regs, _| encode::$name(bytes, x(regs[0]), 0);
        put
    }};
    ($name:ident, 2) => {{
        let put: Put = |bytes, regs, _| encode::$name(bytes, x(regs[0]), x(regs[1]), 0);
        put
    }};
    ($name:ident, exchanged) => {{
        let put: Put = |bytes, regs, _| encode::$name(bytes, x(regs[1]), x(regs[0]), 0);
        put
    }};
    ($name:ident, $imm:ty) => {{
        let put: Put = |bytes, regs, imm| {
            let imm = $crate::backend::pulley::encode::field::<$imm>(imm);
            encode::$name(bytes, x(regs[0]), imm, 0);
        };
        put
    }};
}

/// A load or store at base plus offset; `null` is the one where a base of zero traps.
macro_rules! memory {
    (load $name:ident, $class:ident) => {
        memory!(@load $name, $class, at)
    };
    (store $name:ident, $class:ident) => {
        memory!(@store $name, $class, at)
    };
    (null load $name:ident, $class:ident) => {
        memory!(@load $name, $class, checked)
    };
    (null store $name:ident, $class:ident) => {
        memory!(@store $name, $class, checked)
    };
    (@load $name:ident, $class:ident, $address:ident) => {{
        let put: PutMemory = |bytes, reg, base, offset| {
            let address = $crate::backend::pulley::encode::$address(base, offset);
            encode::$name(bytes, $class(reg), address);
        };
        put
    }};
    (@store $name:ident, $class:ident, $address:ident) => {{
        let put: PutMemory = |bytes, reg, base, offset| {
            let address = $crate::backend::pulley::encode::$address(base, offset);
            encode::$name(bytes, address, $class(reg));
        };
        put
    }};
}

pub(super) use {binary, branch, exchanged, fields, insert, memory, six_bits, unary};
