//! What z/Architecture instructions do to the flow, by encoding (z/Architecture Principles of
//! Operation, "Branch Instructions" and appendix B).

use super::{Instruction, Kind};

/// Stack pointer and link register of the s390x ELF ABI.
const SP: u8 = 15;
const LINK: u8 = 14;
/// The mask that is always true.
const ALWAYS: u8 = 15;

/// Classifies.
pub fn kind(instruction: &Instruction) -> Kind {
    let address = instruction.address;
    match instruction.bytes[..] {
        [0, 0] => Kind::Trap,
        [0x07, operands] => branch_register(operands >> 4, operands & 15),
        // BASR and BASSM.
        [0x0d | 0x0c, operands] if operands & 15 != 0 => Kind::CallIndirect {
            base: None,
            link: Some(operands >> 4),
        },
        // BC.
        [0x47, operands, ..] => match operands >> 4 {
            0 => Kind::Nop,
            ALWAYS => Kind::JumpIndirect { base: None },
            _ => Kind::Other,
        },
        [0xa7, operands, c, d] => relative_16(operands, i16::from_be_bytes([c, d]), address),
        // BRXH and BRXLE.
        [0x84 | 0x85, _, c, d] => Kind::Branch(halfwords(address, i16::from_be_bytes([c, d]))),
        [0xc0, operands, c, d, e, f] => {
            relative_32(operands, i32::from_be_bytes([c, d, e, f]), address)
        }
        // BRCTH.
        [0xcc, operands, c, d, e, f] if operands & 15 == 6 => {
            Kind::Branch(halfwords(address, i32::from_be_bytes([c, d, e, f])))
        }
        [0xc2, operands, c, d, e, f] if operands >> 4 == SP => {
            let amount = [c, d, e, f];
            match operands & 15 {
                8 => Kind::AdjustSp(i32::from_be_bytes(amount).into()),
                0xa => Kind::AdjustSp(u32::from_be_bytes(amount).into()),
                4 => Kind::AdjustSp(-i64::from(u32::from_be_bytes(amount))),
                _ => Kind::Other,
            }
        }
        [0xec, _, c, d, _, operation] => compare_and_branch(operation, [c, d], address),
        [0xe3, operands, c, d, e, 0x71] if operands == SP << 4 && c >> 4 == SP => {
            // LAY: a 20-bit displacement, high 8 bits last.
            let low = i64::from(c & 15) << 8 | i64::from(d);
            Kind::AdjustSp(i64::from(e.cast_signed()) << 12 | low)
        }
        // LA: 12 bits unsigned.
        [0x41, operands, c, d] if operands == SP << 4 && c >> 4 == SP => {
            Kind::AdjustSp(i64::from(c & 15) << 8 | i64::from(d))
        }
        // The same of another register; LGR.
        [0xe3, operands, c, .., 0x71] | [0x41, operands, c, _]
            if operands == SP << 4 && c >> 4 != 0 =>
        {
            Kind::SetSp
        }
        [0xb9, 0x04, 0, operands] if operands >> 4 == SP && operands & 15 != SP => Kind::SetSp,
        // AGR, SGR and ALGR, SLGR.
        [0xb9, 0x08..=0x0b, 0, operands] if operands >> 4 == SP => Kind::AdjustSpByRegister,
        _ => Kind::Other,
    }
}

fn halfwords(address: u64, count: impl Into<i64>) -> u64 {
    let distance: i64 = count.into();
    address.wrapping_add(distance.wrapping_mul(2).cast_unsigned())
}

/// BCR. With register 0 it never branches; masks 14 and 15 then serialise.
fn branch_register(mask: u8, register: u8) -> Kind {
    match (mask, register) {
        (0, _) => Kind::Nop,
        (14 | 15, 0) => Kind::Other,
        (_, 0) => Kind::Nop,
        (ALWAYS, LINK) => Kind::Return,
        (ALWAYS, _) => Kind::JumpIndirect { base: None },
        _ => Kind::Other,
    }
}

fn conditional(mask: u8, target: u64) -> Kind {
    match mask {
        0 => Kind::Nop,
        ALWAYS => Kind::Jump(target),
        _ => Kind::Branch(target),
    }
}

/// Operation code A7: BRC, BRAS, BRCT, BRCTG and AGHI.
fn relative_16(operands: u8, immediate: i16, address: u64) -> Kind {
    let target = halfwords(address, immediate);
    let first = operands >> 4;
    match operands & 15 {
        4 => conditional(first, target),
        // A jump over constants, whose address the register receives: no callee returns by it.
        5 if first != LINK => Kind::Jump(target),
        5 => Kind::Call {
            target,
            link: Some(first),
        },
        6 | 7 => Kind::Branch(target),
        0xb if first == SP => Kind::AdjustSp(immediate.into()),
        _ => Kind::Other,
    }
}

/// Operation code C0: BRCL and BRASL.
fn relative_32(operands: u8, immediate: i32, address: u64) -> Kind {
    let target = halfwords(address, immediate);
    match operands & 15 {
        4 => conditional(operands >> 4, target),
        5 => Kind::Call {
            target,
            link: Some(operands >> 4),
        },
        _ => Kind::Other,
    }
}

/// Operation code EC: compare and branch relative, BRXHG and BRXLG.
fn compare_and_branch(operation: u8, immediate: [u8; 2], address: u64) -> Kind {
    match operation {
        0x44 | 0x45 | 0x64 | 0x65 | 0x76 | 0x77 | 0x7c..=0x7f => {
            Kind::Branch(halfwords(address, i16::from_be_bytes(immediate)))
        }
        _ => Kind::Other,
    }
}
