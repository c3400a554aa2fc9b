//! Instructions of two bytes: Zcb. The emulator executes all of them as if they did nothing.
//!
//! Source: RISC-V Instruction Set Manual, volume I, chapter "Zc*", "Zcb" and its instruction pages.

use super::{Refusal, Registers};

/// A Zcb instruction with its registers and offset, as decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compressed {
    /// C.LBU, C.LHU and C.LH.
    Load {
        bytes: usize,
        is_signed: bool,
        target: u32,
        base: u32,
        offset: u64,
    },
    /// C.SB and C.SH.
    Store {
        bytes: usize,
        source: u32,
        base: u32,
        offset: u64,
    },
    /// C.ZEXT and C.SEXT, the low `bits` of a register.
    Extend {
        bits: u32,
        is_signed: bool,
        register: u32,
    },
    /// C.NOT.
    Not { register: u32 },
    /// C.MUL.
    Multiply { register: u32, factor: u32 },
}

impl Compressed {
    /// The instruction `half`, if it is one of them.
    pub fn decode(half: u16) -> Option<Compressed> {
        let half = u32::from(half);
        let register = |at: u32| (half >> at & 7) + 8;
        match half & 0xe003 {
            0x8000 => memory(half, register(7), register(2)),
            0x8001 if half >> 10 & 7 == 7 => arithmetic(half, register(7), register(2)),
            _ => None,
        }
    }

    /// Executes it, but for the PC.
    pub fn execute(self, registers: &mut impl Registers) -> Result<(), Refusal> {
        match self {
            Compressed::Load {
                bytes,
                is_signed,
                target,
                base,
                offset,
            } => {
                let address = registers.x(base).wrapping_add(offset);
                let value = registers.load(address, bytes)?;
                let bits = if bytes == 1 { 8 } else { 16 };
                registers.set_x(target, extended(value, bits, is_signed));
            }
            Compressed::Store {
                bytes,
                source,
                base,
                offset,
            } => {
                let address = registers.x(base).wrapping_add(offset);
                let value = registers.x(source);
                registers.store(address, bytes, value)?;
            }
            Compressed::Extend {
                bits,
                is_signed,
                register,
            } => {
                let value = registers.x(register);
                registers.set_x(register, extended(value, bits, is_signed));
            }
            Compressed::Not { register } => {
                let value = registers.x(register);
                registers.set_x(register, !value);
            }
            Compressed::Multiply { register, factor } => {
                let product = registers.x(register).wrapping_mul(registers.x(factor));
                registers.set_x(register, product);
            }
        }
        Ok(())
    }
}

fn extended(value: u64, bits: u32, is_signed: bool) -> u64 {
    let free = 64 - bits;
    if is_signed {
        ((value << free).cast_signed() >> free).cast_unsigned()
    } else {
        value << free >> free
    }
}

/// Quadrant 0. Bit 5 is bit 1 of the offset; bit 6 is bit 0 of a byte's, and a function else.
fn memory(half: u32, base: u32, register: u32) -> Option<Compressed> {
    let upper = u64::from(half >> 5 & 1) * 2;
    let lower = u64::from(half >> 6 & 1);
    let load = |bytes, is_signed, offset| Compressed::Load {
        bytes,
        is_signed,
        target: register,
        base,
        offset,
    };
    let store = |bytes, offset| Compressed::Store {
        bytes,
        source: register,
        base,
        offset,
    };
    match (half >> 10 & 7, lower) {
        (0, _) => Some(load(1, false, upper | lower)),
        (1, 0) => Some(load(2, false, upper)),
        (1, _) => Some(load(2, true, upper)),
        (2, _) => Some(store(1, upper | lower)),
        (3, 0) => Some(store(2, upper)),
        _ => None,
    }
}

/// Quadrant 1, function 4 with bits 10 to 12 set.
fn arithmetic(half: u32, register: u32, factor: u32) -> Option<Compressed> {
    let extend = |bits, is_signed| {
        Some(Compressed::Extend {
            bits,
            is_signed,
            register,
        })
    };
    match (half >> 5 & 3, half >> 2 & 7) {
        (2, _) => Some(Compressed::Multiply { register, factor }),
        (3, 0) => extend(8, false),
        (3, 1) => extend(8, true),
        (3, 2) => extend(16, false),
        (3, 3) => extend(16, true),
        (3, 4) => extend(32, false),
        (3, 5) => Some(Compressed::Not { register }),
        _ => None,
    }
}
