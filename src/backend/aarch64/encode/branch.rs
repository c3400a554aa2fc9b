//! Branches, traps, barriers of speculation and pointer authentication, NOPs (C4.1, "Branches,
//! Exception Generating and System instructions"). Distances are in bytes from the instruction
//! itself.

use super::{Cond, RD, RN, Reg, Size, operations, scaled, signed, unsigned};

/// The word of a NOP, the only one that the ISA has.
pub const NOP: u32 = 0xd503_201f;

/// A distance in words as a field of `bits` bits.
fn distance(bytes: i32, bits: u32) -> Option<u32> {
    signed(scaled(bytes, 4)?, bits)
}

operations! {
    /// Branches without condition, which reach 128 MiB.
    Branch {
        B = "b" 0x1400_0000,
        BL = "bl" 0x9400_0000,
    }
}

/// `op` to a distance; `None` when that is out of reach or no multiple of 4.
pub fn branch(op: Branch, to: i32) -> Option<u32> {
    Some(op.word | distance(to, 26)?)
}

/// `b.cond` to a distance; reaches 1 MiB.
pub fn branch_if(cond: Cond, to: i32) -> Option<u32> {
    Some(0x5400_0000 | distance(to, 19)? << 5 | cond.number())
}

operations! {
    /// Branches on a register that is zero or not; they reach 1 MiB.
    BranchZero {
        CBZ = "cbz" 0x3400_0000,
        CBNZ = "cbnz" 0x3500_0000,
    }
}

impl BranchZero {
    /// The opposite.
    pub fn inverted(self) -> BranchZero {
        match self {
            BranchZero::CBZ => BranchZero::CBNZ,
            _ => BranchZero::CBZ,
        }
    }
}

/// `op rt` to a distance.
pub fn branch_zero(op: BranchZero, size: Size, rt: Reg, to: i32) -> Option<u32> {
    Some(op.word | size.sf() | distance(to, 19)? << 5 | rt.at(RD))
}

operations! {
    /// Branches on one bit of a register; they reach 32 KiB.
    BranchBit {
        TBZ = "tbz" 0x3600_0000,
        TBNZ = "tbnz" 0x3700_0000,
    }
}

impl BranchBit {
    /// The opposite.
    pub fn inverted(self) -> BranchBit {
        match self {
            BranchBit::TBZ => BranchBit::TBNZ,
            _ => BranchBit::TBZ,
        }
    }
}

/// `op rt, #bit` to a distance; `None` also when the bit is above 63.
pub fn branch_bit(op: BranchBit, rt: Reg, bit: u32, to: i32) -> Option<u32> {
    let bit = unsigned(bit, 6)?;
    let bit = (bit >> 5) << 31 | (bit & 31) << 19;
    Some(op.word | bit | distance(to, 14)? << 5 | rt.at(RD))
}

operations! {
    /// Branches to an address in a register.
    BranchReg {
        BR = "br" 0xd61f_0000,
        BLR = "blr" 0xd63f_0000,
        RET = "ret" 0xd65f_0000,
    }
}

/// `op rn`.
pub fn branch_reg(op: BranchReg, rn: Reg) -> u32 {
    op.word | rn.at(RN)
}

/// `adr rd` of a distance, which may be odd; reaches 1 MiB.
pub fn adr(rd: Reg, to: i32) -> Option<u32> {
    Some(page_fields(0x1000_0000, signed(to, 21)?) | rd.at(RD))
}

/// `adrp rd` of a number of 4 KiB pages from the instruction's own; reaches 4 GiB.
pub fn adrp(rd: Reg, pages: i32) -> Option<u32> {
    Some(page_fields(0x9000_0000, signed(pages, 21)?) | rd.at(RD))
}

fn page_fields(word: u32, distance: u32) -> u32 {
    word | (distance & 3) << 29 | (distance >> 2) << 5
}

operations! {
    /// Exceptions on purpose.
    Exception {
        SVC = "svc" 0xd400_0001,
        BRK = "brk" 0xd420_0000,
        HLT = "hlt" 0xd440_0000,
    }
}

/// `op #number`.
pub fn exception(op: Exception, number: u16) -> u32 {
    op.word | u32::from(number) << 5
}

/// `udf #number`: permanently undefined, the trap that needs no debugger's leave.
pub fn undefined(number: u16) -> u32 {
    u32::from(number)
}

operations! {
    /// Instructions without operands: hints, which old processors take for NOPs, barriers, and
    /// returns that check their address.
    Plain {
        NOP = "nop" 0xd503_201f,
        PACIASP = "paciasp" 0xd503_233f,
        PACIBSP = "pacibsp" 0xd503_237f,
        AUTIASP = "autiasp" 0xd503_23bf,
        AUTIBSP = "autibsp" 0xd503_23ff,
        BTI = "bti" 0xd503_241f,
        BTI_C = "bti c" 0xd503_245f,
        BTI_J = "bti j" 0xd503_249f,
        BTI_JC = "bti jc" 0xd503_24df,
        CSDB = "csdb" 0xd503_229f,
        RETAA = "retaa" 0xd65f_0bff,
        RETAB = "retab" 0xd65f_0fff,
        ISB = "isb" 0xd503_3fdf,
        DMB_ISH = "dmb ish" 0xd503_3bbf,
        DMB_ISHLD = "dmb ishld" 0xd503_39bf,
        DMB_ISHST = "dmb ishst" 0xd503_3abf,
        DSB_ISH = "dsb ish" 0xd503_3b9f,
        CLREX = "clrex" 0xd503_3f5f,
    }
}

/// The instruction.
pub fn plain(op: Plain) -> u32 {
    op.word
}
