//! The format: prefixes, REX, opcode, ModRM, SIB, displacement, immediate (volume 2, chapter 2).

use super::operand::{Gpr, GprMem, Mem, Size, XmmMem};

/// Opcode maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Map {
    /// One byte.
    One,
    /// `0F`.
    Two,
    /// `0F 38`.
    Three8,
    /// `0F 3A`.
    ThreeA,
}

/// Mandatory prefix, map and byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opcode {
    /// `66`, `F2` or `F3`; 0 for none.
    pub prefix: u8,
    /// Map.
    pub map: Map,
    /// Last byte.
    pub byte: u8,
}

impl Opcode {
    /// A one-byte opcode.
    pub const fn one(byte: u8) -> Opcode {
        Opcode {
            prefix: 0,
            map: Map::One,
            byte,
        }
    }

    /// An opcode behind `0F`.
    pub const fn two(byte: u8) -> Opcode {
        Opcode {
            prefix: 0,
            map: Map::Two,
            byte,
        }
    }
}

/// ModRM's second operand.
#[derive(Clone, Copy, Debug)]
pub enum Rm {
    /// A register by number.
    Reg(u8),
    /// Memory.
    Mem(Mem),
}

impl From<GprMem> for Rm {
    fn from(operand: GprMem) -> Rm {
        match operand {
            GprMem::Gpr(gpr) => Rm::Reg(gpr.number()),
            GprMem::Mem(mem) => Rm::Mem(mem),
        }
    }
}

impl From<XmmMem> for Rm {
    fn from(operand: XmmMem) -> Rm {
        match operand {
            XmmMem::Xmm(xmm) => Rm::Reg(xmm.number()),
            XmmMem::Mem(mem) => Rm::Mem(mem),
        }
    }
}

/// What REX must say besides the registers' high bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rex {
    /// 64-bit operands.
    pub wide: bool,
    /// Must be there: without it, byte registers 4 to 7 are ah, ch, dh and bh.
    pub forced: bool,
}

/// Whether the low byte of `gpr` is only there with a REX prefix.
pub fn needs_rex(gpr: Gpr) -> bool {
    (4..8).contains(&gpr.number())
}

/// Bytes in front of the opcode, and the opcode.
fn head(out: &mut Vec<u8>, opcode: Opcode, rex: Rex, [r, x, b]: [u8; 3]) {
    if opcode.prefix != 0 {
        out.push(opcode.prefix);
    }
    let bits = u8::from(rex.wide) << 3 | (r >> 3 & 1) << 2 | (x >> 3 & 1) << 1 | (b >> 3 & 1);
    if bits != 0 || rex.forced {
        out.push(0x40 | bits);
    }
    match opcode.map {
        Map::One => {}
        Map::Two => out.push(0x0f),
        Map::Three8 => out.extend([0x0f, 0x38]),
        Map::ThreeA => out.extend([0x0f, 0x3a]),
    }
    out.push(opcode.byte);
}

/// An instruction with ModRM. `reg` is a register's number or an opcode's extension.
pub fn modrm(out: &mut Vec<u8>, opcode: Opcode, rex: Rex, reg: u8, rm: Rm) {
    match rm {
        Rm::Reg(number) => {
            head(out, opcode, rex, [reg, 0, number]);
            out.push(0xc0 | (reg & 7) << 3 | number & 7);
        }
        Rm::Mem(mem) => memory(out, opcode, rex, reg, mem),
    }
}

fn memory(out: &mut Vec<u8>, opcode: Opcode, rex: Rex, reg: u8, mem: Mem) {
    let low = (reg & 7) << 3;
    match mem {
        Mem::Rip(disp) => {
            head(out, opcode, rex, [reg, 0, 0]);
            out.push(low | 5);
            out.extend(disp.to_le_bytes());
        }
        Mem::Base { base, disp } => {
            let base = base.number();
            head(out, opcode, rex, [reg, 0, base]);
            let (mode, bytes) = displacement(base, disp);
            out.push(mode << 6 | low | base & 7);
            // 4 in ModRM means that a SIB byte follows, whose index 4 is none.
            if base & 7 == 4 {
                out.push(0x24);
            }
            out.extend(bytes);
        }
        Mem::Index {
            base,
            index,
            shift,
            disp,
        } => {
            let (base, index) = (base.number(), index.number());
            head(out, opcode, rex, [reg, index, base]);
            let (mode, bytes) = displacement(base, disp);
            out.push(mode << 6 | low | 4);
            out.push((shift & 3) << 6 | (index & 7) << 3 | base & 7);
            out.extend(bytes);
        }
    }
}

/// ModRM's mode and the bytes of a displacement. Base 5 (rbp, r13) has no form without one:
/// there it means none at all.
fn displacement(base: u8, disp: i32) -> (u8, Vec<u8>) {
    match i8::try_from(disp) {
        Ok(0) if base & 7 != 5 => (0, Vec::new()),
        Ok(short) => (1, short.to_le_bytes().to_vec()),
        Err(_) => (2, disp.to_le_bytes().to_vec()),
    }
}

/// An integer instruction whose opcode is `byte` for 8 bits and `byte + 1` for more. `bytes`
/// are the general registers whose low bytes are operands of an 8-bit form.
pub fn sized(
    out: &mut Vec<u8>,
    (map, byte): (Map, u8),
    size: Size,
    (reg, rm): (u8, GprMem),
    low_bytes: &[Gpr],
) {
    let narrow = size == Size::B1;
    let opcode = Opcode {
        prefix: if size == Size::B2 { 0x66 } else { 0 },
        map,
        byte: if narrow { byte } else { byte | 1 },
    };
    let in_rm = matches!(rm, GprMem::Gpr(gpr) if needs_rex(gpr));
    let rex = Rex {
        wide: size == Size::B8,
        forced: narrow && (in_rm || low_bytes.iter().any(|gpr| needs_rex(*gpr))),
    };
    modrm(out, opcode, rex, reg, rm.into());
}

/// An instruction whose opcode carries a register in its low three bits.
pub fn in_opcode(out: &mut Vec<u8>, opcode: Opcode, rex: Rex, gpr: Gpr) {
    let opcode = Opcode {
        byte: opcode.byte | gpr.number() & 7,
        ..opcode
    };
    head(out, opcode, rex, [0, 0, gpr.number()]);
}
