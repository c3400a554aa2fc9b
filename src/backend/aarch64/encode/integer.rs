//! Integer instructions between registers (C4.1, "Data Processing -- Register").

use super::{Cond, RA, RD, RM, RN, Reg, Size, operations, unsigned};

operations! {
    /// Operations whose second operand may be shifted: `op rd, rn, rm, lsl #n`.
    Alu {
        ADD = "add" 0x0b00_0000,
        ADDS = "adds" 0x2b00_0000,
        SUB = "sub" 0x4b00_0000,
        SUBS = "subs" 0x6b00_0000,
        AND = "and" 0x0a00_0000,
        BIC = "bic" 0x0a20_0000,
        ORR = "orr" 0x2a00_0000,
        ORN = "orn" 0x2a20_0000,
        EOR = "eor" 0x4a00_0000,
        EON = "eon" 0x4a20_0000,
        ANDS = "ands" 0x6a00_0000,
        BICS = "bics" 0x6a20_0000,
    }
}

impl Alu {
    /// Whether it adds or subtracts; the others work bit by bit.
    pub fn is_arithmetic(self) -> bool {
        self.word & 0x0100_0000 != 0
    }
}

/// How the second operand of [`alu`] is shifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shift {
    /// To the left.
    Lsl,
    /// To the right, zeros come in.
    Lsr,
    /// To the right, the sign comes in.
    Asr,
    /// Around to the right; not with additions and subtractions.
    Ror,
}

impl Shift {
    fn number(self) -> u32 {
        match self {
            Shift::Lsl => 0,
            Shift::Lsr => 1,
            Shift::Asr => 2,
            Shift::Ror => 3,
        }
    }
}

/// `op rd, rn, rm, shift #amount`. `None` when the amount is not below the size, or the shift is
/// none of the operation.
pub fn alu_shifted(
    op: Alu,
    size: Size,
    (rd, rn, rm): (Reg, Reg, Reg),
    (shift, amount): (Shift, u8),
) -> Option<u32> {
    if amount >= size.bits() || (shift == Shift::Ror && op.is_arithmetic()) {
        return None;
    }
    let shift = shift.number() << 22 | u32::from(amount) << 10;
    Some(op.word | size.sf() | shift | rd.at(RD) | rn.at(RN) | rm.at(RM))
}

/// `op rd, rn, rm`, all of them no stack pointer.
pub fn alu(op: Alu, size: Size, rd: Reg, rn: Reg, rm: Reg) -> u32 {
    op.word | size.sf() | rd.at(RD) | rn.at(RN) | rm.at(RM)
}

/// How a narrower second operand is widened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Extend {
    /// From 8 bits with zeros.
    Uxtb,
    /// From 16 bits with zeros.
    Uxth,
    /// From 32 bits with zeros.
    Uxtw,
    /// All 64 bits.
    Uxtx,
    /// From 8 bits with the sign.
    Sxtb,
    /// From 16 bits with the sign.
    Sxth,
    /// From 32 bits with the sign.
    Sxtw,
    /// All 64 bits.
    Sxtx,
}

impl Extend {
    /// All of them, by number.
    pub const ALL: [Extend; 8] = [
        Extend::Uxtb,
        Extend::Uxth,
        Extend::Uxtw,
        Extend::Uxtx,
        Extend::Sxtb,
        Extend::Sxth,
        Extend::Sxtw,
        Extend::Sxtx,
    ];

    /// The field `option`.
    pub(super) fn number(self) -> u32 {
        let numbered = Extend::ALL
            .iter()
            .zip(0u32..)
            .find(|(one, _)| **one == self);
        numbered.expect("all are in the list").1
    }
}

/// `op rd, rn, rm, extend #amount`, for additions and subtractions. `rn` may be the stack
/// pointer, and `rd` too unless the flags are set. `None` when the operation is none of these or
/// the amount is above 4.
pub fn alu_extended(
    op: Alu,
    size: Size,
    (rd, rn, rm): (Reg, Reg, Reg),
    (extend, amount): (Extend, u8),
) -> Option<u32> {
    if !op.is_arithmetic() || amount > 4 {
        return None;
    }
    let extend = extend.number() << 13 | u32::from(amount) << 10;
    Some(op.word | 0x0020_0000 | size.sf() | extend | rd.at(RD) | rn.at(RN) | rm.at(RM))
}

operations! {
    /// Operations of two registers without any shift: `op rd, rn, rm`.
    Binary {
        ADC = "adc" 0x1a00_0000,
        ADCS = "adcs" 0x3a00_0000,
        SBC = "sbc" 0x5a00_0000,
        SBCS = "sbcs" 0x7a00_0000,
        UDIV = "udiv" 0x1ac0_0800,
        SDIV = "sdiv" 0x1ac0_0c00,
        LSL = "lsl" 0x1ac0_2000,
        LSR = "lsr" 0x1ac0_2400,
        ASR = "asr" 0x1ac0_2800,
        ROR = "ror" 0x1ac0_2c00,
    }
}

/// `op rd, rn, rm`. Shifts take their amount modulo the size; a division by zero gives zero.
pub fn binary(op: Binary, size: Size, rd: Reg, rn: Reg, rm: Reg) -> u32 {
    op.word | size.sf() | rd.at(RD) | rn.at(RN) | rm.at(RM)
}

operations! {
    /// Products of 64 bits: the upper half of one of 128, or of two operands of 32.
    WideMul {
        SMULH = "smulh" 0x9b40_7c00,
        UMULH = "umulh" 0x9bc0_7c00,
        SMULL = "smull" 0x9b20_7c00,
        UMULL = "umull" 0x9ba0_7c00,
    }
}

/// `op rd, rn, rm`.
pub fn wide_mul(op: WideMul, rd: Reg, rn: Reg, rm: Reg) -> u32 {
    op.word | rd.at(RD) | rn.at(RN) | rm.at(RM)
}

operations! {
    /// Products with a sum.
    MulAdd {
        MADD = "madd" 0x1b00_0000,
        MSUB = "msub" 0x1b00_8000,
    }
}

/// `op rd, rn, rm, ra`: `ra` plus or minus `rn * rm`.
pub fn mul_add(op: MulAdd, size: Size, rd: Reg, (rn, rm): (Reg, Reg), ra: Reg) -> u32 {
    op.word | size.sf() | rd.at(RD) | rn.at(RN) | rm.at(RM) | ra.at(RA)
}

operations! {
    /// Operations of one register: `op rd, rn`.
    Unary {
        RBIT = "rbit" 0x5ac0_0000,
        REV16 = "rev16" 0x5ac0_0400,
        REV = "rev" 0x5ac0_0800,
        CLZ = "clz" 0x5ac0_1000,
        CLS = "cls" 0x5ac0_1400,
    }
}

/// `op rd, rn`.
pub fn unary(op: Unary, size: Size, rd: Reg, rn: Reg) -> u32 {
    // The only operation that has another number at each size.
    let wide = if op == Unary::REV && size == Size::X {
        0x400
    } else {
        0
    };
    op.word | wide | size.sf() | rd.at(RD) | rn.at(RN)
}

operations! {
    /// Moves of a field of bits (C6.2, SBFM, BFM and UBFM).
    Bitfield {
        SBFM = "sbfm" 0x1300_0000,
        BFM = "bfm" 0x3300_0000,
        UBFM = "ubfm" 0x5300_0000,
    }
}

/// `op rd, rn, #immr, #imms`. `None` when one is not below the size.
pub fn bitfield(op: Bitfield, size: Size, (rd, rn): (Reg, Reg), immr: u8, imms: u8) -> Option<u32> {
    if immr >= size.bits() || imms >= size.bits() {
        return None;
    }
    let field = u32::from(immr) << 16 | u32::from(imms) << 10;
    Some(op.word | size.sf() | wide_bit(size) | field | rd.at(RD) | rn.at(RN))
}

/// The field `N`, which repeats `sf` in bit fields.
fn wide_bit(size: Size) -> u32 {
    match size {
        Size::W => 0,
        Size::X => 1 << 22,
    }
}

/// `lsl`, `lsr`, `asr` or `ror` of a register by `amount`. `None` when it is not below the size.
pub fn shift_imm(shift: Shift, size: Size, rd: Reg, rn: Reg, amount: u8) -> Option<u32> {
    let bits = size.bits();
    if amount >= bits {
        return None;
    }
    match shift {
        Shift::Lsl => {
            let immr = (bits - amount) % bits;
            bitfield(Bitfield::UBFM, size, (rd, rn), immr, bits - 1 - amount)
        }
        Shift::Lsr => bitfield(Bitfield::UBFM, size, (rd, rn), amount, bits - 1),
        Shift::Asr => bitfield(Bitfield::SBFM, size, (rd, rn), amount, bits - 1),
        Shift::Ror => extract(size, rd, (rn, rn), amount),
    }
}

/// `extr rd, rn, rm, #lsb`: bits from `lsb` on of `rn` above `rm`. `None` when it is not below
/// the size.
pub fn extract(size: Size, rd: Reg, (rn, rm): (Reg, Reg), lsb: u8) -> Option<u32> {
    let fields = rd.at(RD) | rn.at(RN) | rm.at(RM) | u32::from(lsb) << 10;
    (lsb < size.bits()).then_some(0x1380_0000 | size.sf() | wide_bit(size) | fields)
}

operations! {
    /// Choices: `rd` is `rn` if the condition holds, else `rm`, plus one, inverted or negated.
    Choose {
        CSEL = "csel" 0x1a80_0000,
        CSINC = "csinc" 0x1a80_0400,
        CSINV = "csinv" 0x5a80_0000,
        CSNEG = "csneg" 0x5a80_0400,
    }
}

/// `op rd, rn, rm, cond`.
pub fn choose(op: Choose, size: Size, rd: Reg, (rn, rm): (Reg, Reg), cond: Cond) -> u32 {
    op.word | size.sf() | cond.number() << 12 | rd.at(RD) | rn.at(RN) | rm.at(RM)
}

/// `cset rd, cond`: 1 if the condition holds, else 0.
pub fn set_if(size: Size, rd: Reg, cond: Cond) -> u32 {
    choose(Choose::CSINC, size, rd, (Reg::ZR, Reg::ZR), cond.inverted())
}

/// `csetm rd, cond`: all ones if the condition holds, else 0.
pub fn mask_if(size: Size, rd: Reg, cond: Cond) -> u32 {
    choose(Choose::CSINV, size, rd, (Reg::ZR, Reg::ZR), cond.inverted())
}

operations! {
    /// Comparisons on a condition.
    CondCompare {
        CCMN = "ccmn" 0x3a40_0000,
        CCMP = "ccmp" 0x7a40_0000,
    }
}

/// `op rn, rm, #nzcv, cond`: compares if the condition holds, else sets the flags to `nzcv`.
/// `None` when that is above 15.
pub fn cond_compare(
    op: CondCompare,
    size: Size,
    (rn, rm): (Reg, Reg),
    nzcv: u32,
    cond: Cond,
) -> Option<u32> {
    let word = op.word | size.sf() | cond.number() << 12 | rn.at(RN) | rm.at(RM);
    Some(word | unsigned(nzcv, 4)?)
}

/// `op rn, #value, #nzcv, cond`. `None` when the value is above 31 or `nzcv` above 15.
pub fn cond_compare_imm(
    op: CondCompare,
    size: Size,
    (rn, value): (Reg, u32),
    nzcv: u32,
    cond: Cond,
) -> Option<u32> {
    let word = op.word | 0x800 | size.sf() | cond.number() << 12 | rn.at(RN);
    Some(word | unsigned(value, 5)? << 16 | unsigned(nzcv, 4)?)
}
