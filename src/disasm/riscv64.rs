//! What RISC-V instructions do to the flow, by encoding (RISC-V unprivileged manual, "RV32/64G
//! Instruction Set Listings" and "C" extension).

use super::{Instruction, Kind};

const RA: u32 = 1;
const SP: u32 = 2;

/// Bit `from` of `value` moved to bit `to`.
fn bit(value: u32, from: u32, to: u32) -> u32 {
    ((value >> from) & 1) << to
}

/// The low `bits` bits, sign-extended.
fn signed(value: u32, bits: u32) -> i64 {
    i64::from((value << (32 - bits)).cast_signed() >> (32 - bits))
}

/// Register number in the 5 bits from `shift`.
fn register(word: u32, shift: u32) -> u32 {
    (word >> shift) & 31
}

fn number(register: u32) -> u8 {
    u8::try_from(register).unwrap_or(u8::MAX)
}

/// Classifies.
pub fn kind(instruction: &Instruction) -> Kind {
    let address = instruction.address;
    match instruction.bytes[..] {
        [a, b] => compressed(u32::from(u16::from_le_bytes([a, b])), address),
        [a, b, c, d] => full(u32::from_le_bytes([a, b, c, d]), address),
        _ => Kind::Other,
    }
}

fn full(word: u32, address: u64) -> Kind {
    let at = |distance: i64| address.wrapping_add(distance.cast_unsigned());
    let (rd, rs1) = (register(word, 7), register(word, 15));
    let i_immediate = i64::from(word.cast_signed() >> 20);
    match (word & 0x7f, (word >> 12) & 7) {
        // UNIMP: a write to the read-only CSR `cycle`.
        _ if word == 0xc000_1073 => Kind::Trap,
        _ if word == 0x0000_0013 => Kind::Nop,
        (0x17, _) => Kind::AddPc {
            register: number(rd),
            value: at(i64::from((word & 0xffff_f000).cast_signed())),
        },
        (0x6f, _) => {
            let field = bit(word, 31, 20)
                | (word & 0x000f_f000)
                | bit(word, 20, 11)
                | (((word >> 21) & 0x3ff) << 1);
            let target = at(signed(field, 21));
            if rd == 0 {
                Kind::Jump(target)
            } else {
                Kind::Call {
                    target,
                    link: Some(number(rd)),
                }
            }
        }
        (0x67, 0) => indirect(rd, rs1, i_immediate),
        (0x63, _) => {
            let field = bit(word, 31, 12)
                | bit(word, 7, 11)
                | (((word >> 25) & 0x3f) << 5)
                | (((word >> 8) & 0xf) << 1);
            Kind::Branch(at(signed(field, 13)))
        }
        (0x13, 0) if rd == SP && rs1 == SP => Kind::AdjustSp(i_immediate),
        (0x13, 0) if rd == SP && rs1 != 0 => Kind::SetSp,
        // ADD and SUB with SP as destination and first source.
        (0x33, 0) if rd == SP && word >> 25 & !0x20 == 0 => match (rs1, register(word, 20)) {
            (SP, _) => Kind::AdjustSpByRegister,
            (0, _) | (_, SP) => Kind::Other,
            _ => Kind::SetSp,
        },
        _ => Kind::Other,
    }
}

fn indirect(rd: u32, rs1: u32, offset: i64) -> Kind {
    if rd != 0 {
        return Kind::CallIndirect {
            base: Some((number(rs1), offset)),
            link: Some(number(rd)),
        };
    }
    if rs1 == RA && offset == 0 {
        Kind::Return
    } else {
        Kind::JumpIndirect {
            base: Some((number(rs1), offset)),
        }
    }
}

fn compressed(half: u32, address: u64) -> Kind {
    let at = |distance: i64| address.wrapping_add(distance.cast_unsigned());
    let rd = register(half, 7);
    match (half & 3, half >> 13) {
        // Defined as illegal.
        _ if half == 0 => Kind::Trap,
        _ if half == 1 => Kind::Nop,
        (1, 0) if rd == SP => Kind::AdjustSp(signed(bit(half, 12, 5) | ((half >> 2) & 31), 6)),
        (1, 3) if rd == SP => {
            let field = bit(half, 12, 9)
                | bit(half, 6, 4)
                | bit(half, 5, 6)
                | bit(half, 4, 8)
                | bit(half, 3, 7)
                | bit(half, 2, 5);
            Kind::AdjustSp(signed(field, 10))
        }
        (1, 5) => {
            let field = bit(half, 12, 11)
                | bit(half, 11, 4)
                | bit(half, 10, 9)
                | bit(half, 9, 8)
                | bit(half, 8, 10)
                | bit(half, 7, 6)
                | bit(half, 6, 7)
                | (((half >> 3) & 7) << 1)
                | bit(half, 2, 5);
            Kind::Jump(at(signed(field, 12)))
        }
        (1, 6 | 7) => {
            let field = bit(half, 12, 8)
                | (((half >> 10) & 3) << 3)
                | bit(half, 6, 7)
                | bit(half, 5, 6)
                | (((half >> 3) & 3) << 1)
                | bit(half, 2, 5);
            Kind::Branch(at(signed(field, 9)))
        }
        (2, 4) if register(half, 2) == 0 && rd != 0 => indirect(bit(half, 12, 0), rd, 0),
        (2, 4) if rd == SP && bit(half, 12, 0) == 1 => Kind::AdjustSpByRegister,
        (2, 4) if rd == SP && register(half, 2) != SP => Kind::SetSp,
        _ => Kind::Other,
    }
}
