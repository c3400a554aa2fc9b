//! Loads and stores (C4.1, "Loads and Stores"). All are little-endian: a value of the other
//! byte order is reversed in a register.

use super::{Address, RA, RD, RN, Reg, operations, scaled, signed};

operations! {
    /// Accesses of one register. Those that end in `.w` and `.x` have an integer register of
    /// that size, those with `.b` to `.q` a vector register, of which a load clears the rest.
    Access {
        STRB = "strb.w" 0x3800_0000,
        LDRB = "ldrb.w" 0x3840_0000,
        LDRSB_X = "ldrsb.x" 0x3880_0000,
        LDRSB_W = "ldrsb.w" 0x38c0_0000,
        STRH = "strh.w" 0x7800_0000,
        LDRH = "ldrh.w" 0x7840_0000,
        LDRSH_X = "ldrsh.x" 0x7880_0000,
        LDRSH_W = "ldrsh.w" 0x78c0_0000,
        STR_W = "str.w" 0xb800_0000,
        LDR_W = "ldr.w" 0xb840_0000,
        LDRSW = "ldrsw.x" 0xb880_0000,
        STR_X = "str.x" 0xf800_0000,
        LDR_X = "ldr.x" 0xf840_0000,
        STR_B = "str.b" 0x3c00_0000,
        LDR_B = "ldr.b" 0x3c40_0000,
        STR_H = "str.h" 0x7c00_0000,
        LDR_H = "ldr.h" 0x7c40_0000,
        STR_S = "str.s" 0xbc00_0000,
        LDR_S = "ldr.s" 0xbc40_0000,
        STR_D = "str.d" 0xfc00_0000,
        LDR_D = "ldr.d" 0xfc40_0000,
        STR_Q = "str.q" 0x3c80_0000,
        LDR_Q = "ldr.q" 0x3cc0_0000,
    }
}

impl Access {
    /// Binary logarithm of the bytes in memory.
    pub fn log2_bytes(self) -> u32 {
        let is_q = self.word >> 26 & 1 == 1 && self.word >> 23 & 1 == 1;
        if is_q { 4 } else { self.word >> 30 }
    }

    /// Whether it reads memory.
    pub fn is_load(self) -> bool {
        // The vector store of 16 bytes has the number of a load that widens.
        self != Access::STR_Q && self.word & 0x00c0_0000 != 0
    }

    /// Whether its register is a vector register.
    pub fn is_vector(self) -> bool {
        self.word >> 26 & 1 == 1
    }
}

/// A load to or store of `rt`. `None` when the access has no such address.
pub fn access(op: Access, rt: Reg, address: Address) -> Option<u32> {
    Some(op.word | address.fields(op.log2_bytes())? | rt.at(RD))
}

operations! {
    /// Accesses of two registers, one behind the other in memory.
    Pair {
        STP_W = "stp.w" 0x2800_0000,
        LDP_W = "ldp.w" 0x2840_0000,
        LDPSW = "ldpsw.x" 0x6840_0000,
        STP_X = "stp.x" 0xa800_0000,
        LDP_X = "ldp.x" 0xa840_0000,
        STP_S = "stp.s" 0x2c00_0000,
        LDP_S = "ldp.s" 0x2c40_0000,
        STP_D = "stp.d" 0x6c00_0000,
        LDP_D = "ldp.d" 0x6c40_0000,
        STP_Q = "stp.q" 0xac00_0000,
        LDP_Q = "ldp.q" 0xac40_0000,
    }
}

impl Pair {
    /// Bytes of each of the two.
    pub fn bytes(self) -> i32 {
        let vector = self.word >> 26 & 1 == 1;
        match (vector, self.word >> 30) {
            (false, 0 | 1) | (true, 0) => 4,
            (false, _) | (true, 1) => 8,
            (true, _) => 16,
        }
    }
}

/// A load to or store of `first` and `second`. Offsets are multiples of the size of one from
/// -64 to 63 times it. `None` for any other, and for an index. The registers of a load must
/// differ from each other, and from the base where that is moved.
pub fn pair(op: Pair, first: Reg, second: Reg, address: Address) -> Option<u32> {
    let (mode, base, offset) = match address {
        Address::PostIndex(base, offset) => (1, base, offset),
        Address::Offset(base, offset) => (2, base, offset),
        Address::PreIndex(base, offset) => (3, base, offset),
        Address::Index { .. } => return None,
    };
    let units = signed(scaled(offset, op.bytes())?, 7)?;
    let registers = first.at(RD) | second.at(RA) | base.at(RN);
    Some(op.word | mode << 23 | units << 15 | registers)
}

operations! {
    /// Loads of what lies near the instruction.
    Literal {
        LDR_W = "ldr.w" 0x1800_0000,
        LDR_X = "ldr.x" 0x5800_0000,
        LDRSW = "ldrsw.x" 0x9800_0000,
        LDR_S = "ldr.s" 0x1c00_0000,
        LDR_D = "ldr.d" 0x5c00_0000,
        LDR_Q = "ldr.q" 0x9c00_0000,
    }
}

/// `op rt` from a distance in bytes from the instruction, a multiple of 4 within 1 MiB.
pub fn load_literal(op: Literal, rt: Reg, from: i32) -> Option<u32> {
    Some(op.word | signed(scaled(from, 4)?, 19)? << 5 | rt.at(RD))
}
