//! The 16-bit instruction that does the same as a 32-bit one.
//!
//! Every compressed instruction expands to exactly one of the base set, so that nobody but this
//! file needs to know them: code is made of 32-bit words, and a word whose length may change is
//! replaced here. Branches and jumps with a distance are left alone, since their targets are not
//! known yet when they are emitted; so is what traps, since a trap is looked up by its address.
//!
//! Source: unprivileged manual, chapter "C", tables "RVC opcode map" and the instruction listings
//! behind it; reserved encodings and hints are never made.

use super::control::{C_NOP, NOP};
use super::format::bits;

/// Which compressed instructions the target has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Compression {
    /// Those of integers: Zca.
    pub integer: bool,
    /// Loads and stores of doubles: Zcd.
    pub double: bool,
}

/// The fields of a word that compressed instructions come from.
#[derive(Clone, Copy)]
struct Fields {
    word: u32,
    rd: u32,
    rs1: u32,
    rs2: u32,
    /// I-type immediate, sign-extended.
    imm: i32,
}

/// The 16-bit instruction that does the same as `word`, if there is one.
pub fn compress(word: u32, allowed: Compression) -> Option<u16> {
    if !allowed.integer {
        return None;
    }
    if word == NOP {
        return Some(C_NOP);
    }
    let fields = Fields {
        word,
        rd: bits(word, 7, 5, 0),
        rs1: bits(word, 15, 5, 0),
        rs2: bits(word, 20, 5, 0),
        imm: word.cast_signed() >> 20,
    };
    let half = match (word & 0x7f, bits(word, 12, 3, 0)) {
        (0x13, 0) => fields.addi(),
        (0x13, 1) => fields.slli(),
        (0x13, 5) => fields.shift_right(),
        (0x13, 7) => fields.andi(),
        (0x1b, 0) => fields.addiw(),
        (0x37, _) => fields.lui(),
        (0x33 | 0x3b, _) => fields.registers(),
        (0x67, 0) => fields.jump_register(),
        (0x03, 2) => fields.load(2, 4),
        (0x03, 3) => fields.load(3, 8),
        (0x07, 3) if allowed.double => fields.load(1, 8),
        (0x23, 2) => fields.store(6, 4),
        (0x23, 3) => fields.store(7, 8),
        (0x27, 3) if allowed.double => fields.store(5, 8),
        _ => None,
    }?;
    u16::try_from(half).ok()
}

/// The number in three bits of one of `x8` to `x15`, or `f8` to `f15`.
fn short(register: u32) -> Option<u32> {
    (8..16).contains(&register).then(|| register - 8)
}

/// A signed number of 6 bits, split over bit 12 and bits 6 to 2.
fn split6(imm: i32) -> Option<u32> {
    (-32..32).contains(&imm).then(|| {
        let imm = imm.cast_unsigned();
        bits(imm, 5, 1, 12) | bits(imm, 0, 5, 2)
    })
}

const fn quadrant(quadrant: u32, funct3: u32) -> u32 {
    quadrant | funct3 << 13
}

impl Fields {
    /// C.LI, C.MV, C.ADDI, C.ADDI16SP, C.ADDI4SPN.
    fn addi(self) -> Option<u32> {
        let Fields { rd, rs1, imm, .. } = self;
        if rd == 0 {
            return None;
        }
        if rs1 == 0 {
            return Some(quadrant(1, 2) | rd << 7 | split6(imm)?);
        }
        if imm == 0 {
            return Some(quadrant(2, 4) | rd << 7 | rs1 << 2);
        }
        if rd == rs1
            && let Some(split) = split6(imm)
        {
            return Some(quadrant(1, 0) | rd << 7 | split);
        }
        let unsigned = imm.cast_unsigned();
        if rd == 2 && rs1 == 2 && imm % 16 == 0 && (-512..512).contains(&imm) {
            let parts = bits(unsigned, 9, 1, 12)
                | bits(unsigned, 4, 1, 6)
                | bits(unsigned, 6, 1, 5)
                | bits(unsigned, 7, 2, 3)
                | bits(unsigned, 5, 1, 2);
            return Some(quadrant(1, 3) | 2 << 7 | parts);
        }
        if rs1 == 2 && imm % 4 == 0 && (0..1024).contains(&imm) {
            let parts = bits(unsigned, 4, 2, 11)
                | bits(unsigned, 6, 4, 7)
                | bits(unsigned, 2, 1, 6)
                | bits(unsigned, 3, 1, 5);
            return Some(quadrant(0, 0) | parts | short(rd)? << 2);
        }
        None
    }

    fn addiw(self) -> Option<u32> {
        let same = self.rd == self.rs1 && self.rd != 0;
        same.then_some(())?;
        Some(quadrant(1, 1) | self.rd << 7 | split6(self.imm)?)
    }

    fn lui(self) -> Option<u32> {
        let upper = self.word.cast_signed() >> 12;
        let usable = !matches!(self.rd, 0 | 2) && upper != 0;
        usable.then_some(())?;
        Some(quadrant(1, 3) | self.rd << 7 | split6(upper)?)
    }

    /// The amount of a shift of 64 bits, split like a signed number of 6 bits; not zero.
    fn amount(self) -> Option<u32> {
        let amount = bits(self.word, 20, 6, 0);
        (amount != 0).then(|| bits(amount, 5, 1, 12) | bits(amount, 0, 5, 2))
    }

    fn slli(self) -> Option<u32> {
        let same = self.rd == self.rs1 && self.rd != 0;
        same.then_some(())?;
        Some(quadrant(2, 0) | self.rd << 7 | self.amount()?)
    }

    /// C.SRLI, C.SRAI.
    fn shift_right(self) -> Option<u32> {
        (self.rd == self.rs1).then_some(())?;
        let arithmetic = bits(self.word, 30, 1, 10);
        Some(quadrant(1, 4) | arithmetic | short(self.rd)? << 7 | self.amount()?)
    }

    fn andi(self) -> Option<u32> {
        (self.rd == self.rs1).then_some(())?;
        Some(quadrant(1, 4) | 2 << 10 | short(self.rd)? << 7 | split6(self.imm)?)
    }

    /// C.MV, C.ADD, C.SUB, C.XOR, C.OR, C.AND, C.SUBW, C.ADDW.
    fn registers(self) -> Option<u32> {
        let Fields { rd, rs1, rs2, .. } = self;
        let key = self.word & 0xfe00_707f;
        if key == 0x33 && rd != 0 {
            // C.MV has the code of C.ADD with a zero bit, and adds nothing.
            match (rs1, rs2) {
                (0, 0) => return None,
                (0, other) | (other, 0) => return Some(quadrant(2, 4) | rd << 7 | other << 2),
                (same, other) | (other, same) if same == rd => {
                    return Some(quadrant(2, 4) | 1 << 12 | rd << 7 | other << 2);
                }
                _ => return None,
            }
        }
        let (code, commutes) = match key {
            0x4000_0033 => (0, false),
            0x0000_4033 => (1, true),
            0x0000_6033 => (2, true),
            0x0000_7033 => (3, true),
            0x4000_003b => (0x40, false),
            0x0000_003b => (0x41, true),
            _ => return None,
        };
        let other = match (rs1 == rd, rs2 == rd) {
            (true, _) => rs2,
            (false, true) if commutes => rs1,
            _ => return None,
        };
        let which = bits(code, 6, 1, 12) | bits(code, 0, 2, 5);
        Some(quadrant(1, 4) | 3 << 10 | which | short(rd)? << 7 | short(other)? << 2)
    }

    /// C.JR, C.JALR.
    fn jump_register(self) -> Option<u32> {
        let usable = self.imm == 0 && self.rs1 != 0 && self.rd < 2;
        usable.then(|| quadrant(2, 4) | self.rd << 12 | self.rs1 << 7)
    }

    /// The load of `size` bytes whose code in quadrants 0 and 2 is `funct3`.
    fn load(self, funct3: u32, size: i32) -> Option<u32> {
        let offset = self.scaled(self.imm, size)?;
        // Only what loads a float takes x0's number.
        let usable = self.rd != 0 || funct3 == 1;
        if self.rs1 == 2 && usable && offset < bound_on_stack(size) {
            let parts = if size == 8 {
                bits(offset, 5, 1, 12) | bits(offset, 3, 2, 5) | bits(offset, 6, 3, 2)
            } else {
                bits(offset, 5, 1, 12) | bits(offset, 2, 3, 4) | bits(offset, 6, 2, 2)
            };
            return Some(quadrant(2, funct3) | self.rd << 7 | parts);
        }
        self.short_access(funct3, size, offset, self.rd)
    }

    /// The store of `size` bytes whose code in quadrants 0 and 2 is `funct3`.
    fn store(self, funct3: u32, size: i32) -> Option<u32> {
        let imm = (self.word.cast_signed() >> 25 << 5) | bits(self.word, 7, 5, 0).cast_signed();
        let offset = self.scaled(imm, size)?;
        if self.rs1 == 2 && offset < bound_on_stack(size) {
            let parts = if size == 8 {
                bits(offset, 3, 3, 10) | bits(offset, 6, 3, 7)
            } else {
                bits(offset, 2, 4, 9) | bits(offset, 6, 2, 7)
            };
            return Some(quadrant(2, funct3) | parts | self.rs2 << 2);
        }
        self.short_access(funct3, size, offset, self.rs2)
    }

    /// `imm` if it is a positive multiple of `size`.
    fn scaled(self, imm: i32, size: i32) -> Option<u32> {
        let offset = u32::try_from(imm).ok()?;
        (imm % size == 0).then_some(offset)
    }

    fn short_access(self, funct3: u32, size: i32, offset: u32, data: u32) -> Option<u32> {
        let (bound, parts) = if size == 8 {
            (256, bits(offset, 3, 3, 10) | bits(offset, 6, 2, 5))
        } else {
            (
                128,
                bits(offset, 3, 3, 10) | bits(offset, 2, 1, 6) | bits(offset, 6, 1, 5),
            )
        };
        let (base, data) = (short(self.rs1)?, short(data)?);
        (offset < bound).then(|| quadrant(0, funct3) | parts | base << 7 | data << 2)
    }
}

/// Offsets from the stack pointer are below this.
fn bound_on_stack(size: i32) -> u32 {
    if size == 8 { 512 } else { 256 }
}
