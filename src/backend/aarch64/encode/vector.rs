//! Vectors lane by lane (C4.1, "Data Processing -- Scalar Floating-Point and Advanced SIMD"). An
//! instruction on 64 bits clears the upper half of its destination.

use super::{RD, RM, RN, Reg, operations};

/// How a vector register is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lanes {
    /// 8 lanes of 8 bits, the lower half.
    B8,
    /// 16 lanes of 8 bits.
    B16,
    /// 4 lanes of 16 bits, the lower half.
    H4,
    /// 8 lanes of 16 bits.
    H8,
    /// 2 lanes of 32 bits, the lower half.
    S2,
    /// 4 lanes of 32 bits.
    S4,
    /// 2 lanes of 64 bits.
    D2,
}

impl Lanes {
    /// All of them.
    pub const ALL: [Lanes; 7] = [
        Lanes::B8,
        Lanes::B16,
        Lanes::H4,
        Lanes::H8,
        Lanes::S2,
        Lanes::S4,
        Lanes::D2,
    ];

    /// Binary logarithm of a lane's bytes, the field `size`.
    pub fn log2_bytes(self) -> u32 {
        match self {
            Lanes::B8 | Lanes::B16 => 0,
            Lanes::H4 | Lanes::H8 => 1,
            Lanes::S2 | Lanes::S4 => 2,
            Lanes::D2 => 3,
        }
    }

    /// Whether it is all 128 bits.
    pub fn is_full(self) -> bool {
        !matches!(self, Lanes::B8 | Lanes::H4 | Lanes::S2)
    }

    /// The field `Q`, bit 30.
    pub(super) fn q(self) -> u32 {
        u32::from(self.is_full()) << 30
    }

    /// Fields `Q` and `size`.
    fn fields(self) -> u32 {
        self.q() | self.log2_bytes() << 22
    }

    /// Fields `Q` and `sz` of floats. `None` where lanes are none.
    fn float_fields(self) -> Option<u32> {
        let sz = self.log2_bytes().checked_sub(2)?;
        Some(self.q() | sz << 22)
    }
}

/// Which lanes an operation has, where a name does not stand for the same rule for all.
const BYTES: u8 = 1;
const HALVES: u8 = 2;
const WORDS: u8 = 4;
const DOUBLES: u8 = 8;

operations! {
    /// Operations of two vectors of integers.
    VecBinary {
        SQADD = "sqadd" 0x0e20_0c00,
        UQADD = "uqadd" 0x2e20_0c00,
        URHADD = "urhadd" 0x2e20_1400,
        SQSUB = "sqsub" 0x0e20_2c00,
        UQSUB = "uqsub" 0x2e20_2c00,
        CMGT = "cmgt" 0x0e20_3400,
        CMHI = "cmhi" 0x2e20_3400,
        CMGE = "cmge" 0x0e20_3c00,
        CMHS = "cmhs" 0x2e20_3c00,
        SSHL = "sshl" 0x0e20_4400,
        USHL = "ushl" 0x2e20_4400,
        SMAX = "smax" 0x0e20_6400,
        UMAX = "umax" 0x2e20_6400,
        SMIN = "smin" 0x0e20_6c00,
        UMIN = "umin" 0x2e20_6c00,
        ADD = "add" 0x0e20_8400,
        SUB = "sub" 0x2e20_8400,
        CMTST = "cmtst" 0x0e20_8c00,
        CMEQ = "cmeq" 0x2e20_8c00,
        MLA = "mla" 0x0e20_9400,
        MLS = "mls" 0x2e20_9400,
        MUL = "mul" 0x0e20_9c00,
        SMAXP = "smaxp" 0x0e20_a400,
        UMAXP = "umaxp" 0x2e20_a400,
        SMINP = "sminp" 0x0e20_ac00,
        UMINP = "uminp" 0x2e20_ac00,
        SQRDMULH = "sqrdmulh" 0x2e20_b400,
        ADDP = "addp" 0x0e20_bc00,
        ZIP1 = "zip1" 0x0e00_3800,
        ZIP2 = "zip2" 0x0e00_7800,
        UZP1 = "uzp1" 0x0e00_1800,
        UZP2 = "uzp2" 0x0e00_5800,
        TRN1 = "trn1" 0x0e00_2800,
        TRN2 = "trn2" 0x0e00_6800,
    }
}

impl VecBinary {
    fn widths(self) -> u8 {
        match self {
            VecBinary::URHADD
            | VecBinary::SMAX
            | VecBinary::UMAX
            | VecBinary::SMIN
            | VecBinary::UMIN
            | VecBinary::SMAXP
            | VecBinary::UMAXP
            | VecBinary::SMINP
            | VecBinary::UMINP
            | VecBinary::MLA
            | VecBinary::MLS
            | VecBinary::MUL => BYTES | HALVES | WORDS,
            VecBinary::SQRDMULH => HALVES | WORDS,
            _ => BYTES | HALVES | WORDS | DOUBLES,
        }
    }
}

/// `op rd.l, rn.l, rm.l`; [`VecBinary::MLA`] and `MLS` also read `rd`. `None` where there is no
/// such operation of these lanes.
pub fn vec_binary(op: VecBinary, lanes: Lanes, rd: Reg, rn: Reg, rm: Reg) -> Option<u32> {
    let has = op.widths() >> lanes.log2_bytes() & 1 == 1;
    has.then_some(op.word | lanes.fields() | rd.at(RD) | rn.at(RN) | rm.at(RM))
}

operations! {
    /// Operations of two vectors bit by bit. The last three also read their destination: `bsl`
    /// chooses by it, `bit` inserts where the second operand is set, `bif` where it is clear.
    VecLogic {
        AND = "and" 0x0e20_1c00,
        BIC = "bic" 0x0e60_1c00,
        ORR = "orr" 0x0ea0_1c00,
        ORN = "orn" 0x0ee0_1c00,
        EOR = "eor" 0x2e20_1c00,
        BSL = "bsl" 0x2e60_1c00,
        BIT = "bit" 0x2ea0_1c00,
        BIF = "bif" 0x2ee0_1c00,
    }
}

/// `op rd.16b, rn.16b, rm.16b`, or of the lower half.
pub fn vec_logic(op: VecLogic, full: bool, rd: Reg, rn: Reg, rm: Reg) -> u32 {
    op.word | u32::from(full) << 30 | rd.at(RD) | rn.at(RN) | rm.at(RM)
}

operations! {
    /// Operations of two vectors of floats; comparisons give all ones or zeros. `fmla` and
    /// `fmls` also read their destination.
    VecFloat {
        FMAXNM = "fmaxnm" 0x0e20_c400,
        FMLA = "fmla" 0x0e20_cc00,
        FADD = "fadd" 0x0e20_d400,
        FCMEQ = "fcmeq" 0x0e20_e400,
        FMAX = "fmax" 0x0e20_f400,
        FMINNM = "fminnm" 0x0ea0_c400,
        FMLS = "fmls" 0x0ea0_cc00,
        FSUB = "fsub" 0x0ea0_d400,
        FMIN = "fmin" 0x0ea0_f400,
        FADDP = "faddp" 0x2e20_d400,
        FMUL = "fmul" 0x2e20_dc00,
        FCMGE = "fcmge" 0x2e20_e400,
        FDIV = "fdiv" 0x2e20_fc00,
        FCMGT = "fcmgt" 0x2ea0_e400,
    }
}

/// `op rd.l, rn.l, rm.l`. `None` where lanes are no floats.
pub fn vec_float(op: VecFloat, lanes: Lanes, rd: Reg, rn: Reg, rm: Reg) -> Option<u32> {
    Some(op.word | lanes.float_fields()? | rd.at(RD) | rn.at(RN) | rm.at(RM))
}

operations! {
    /// Operations of one vector of integers; those with a zero compare with it.
    VecUnary {
        REV64 = "rev64" 0x0e20_0800,
        REV32 = "rev32" 0x2e20_0800,
        REV16 = "rev16" 0x0e20_1800,
        CLS = "cls" 0x0e20_4800,
        CLZ = "clz" 0x2e20_4800,
        CNT = "cnt" 0x0e20_5800,
        MVN = "mvn" 0x2e20_5800,
        RBIT = "rbit" 0x2e60_5800,
        CMGT_ZERO = "cmgt" 0x0e20_8800,
        CMGE_ZERO = "cmge" 0x2e20_8800,
        CMEQ_ZERO = "cmeq" 0x0e20_9800,
        CMLE_ZERO = "cmle" 0x2e20_9800,
        CMLT_ZERO = "cmlt" 0x0e20_a800,
        ABS = "abs" 0x0e20_b800,
        NEG = "neg" 0x2e20_b800,
    }
}

impl VecUnary {
    fn widths(self) -> u8 {
        match self {
            VecUnary::CNT | VecUnary::MVN | VecUnary::RBIT | VecUnary::REV16 => BYTES,
            VecUnary::REV32 => BYTES | HALVES,
            VecUnary::REV64 | VecUnary::CLS | VecUnary::CLZ => BYTES | HALVES | WORDS,
            _ => BYTES | HALVES | WORDS | DOUBLES,
        }
    }

    /// Whether it compares with zero.
    pub fn is_comparison(self) -> bool {
        matches!(self.word >> 12 & 0x1f, 0x08..=0x0a)
    }
}

/// `op rd.l, rn.l`. `None` where there is no such operation of these lanes.
pub fn vec_unary(op: VecUnary, lanes: Lanes, rd: Reg, rn: Reg) -> Option<u32> {
    let has = op.widths() >> lanes.log2_bytes() & 1 == 1;
    has.then_some(op.word | lanes.fields() | rd.at(RD) | rn.at(RN))
}

operations! {
    /// Operations of one vector of floats, and between floats and integers of the same width.
    VecFloatUnary {
        FRINTN = "frintn" 0x0e21_8800,
        FRINTM = "frintm" 0x0e21_9800,
        FRINTP = "frintp" 0x0ea1_8800,
        FRINTZ = "frintz" 0x0ea1_9800,
        FABS = "fabs" 0x0ea0_f800,
        FNEG = "fneg" 0x2ea0_f800,
        FSQRT = "fsqrt" 0x2ea1_f800,
        SCVTF = "scvtf" 0x0e21_d800,
        UCVTF = "ucvtf" 0x2e21_d800,
        FCVTZS = "fcvtzs" 0x0ea1_b800,
        FCVTZU = "fcvtzu" 0x2ea1_b800,
    }
}

/// `op rd.l, rn.l`. `None` where lanes are no floats.
pub fn vec_float_unary(op: VecFloatUnary, lanes: Lanes, rd: Reg, rn: Reg) -> Option<u32> {
    Some(op.word | lanes.float_fields()? | rd.at(RD) | rn.at(RN))
}

operations! {
    /// One result out of all lanes; the first three as wide as a lane, the sums of lanes that
    /// are widened first twice as wide.
    Across {
        ADDV = "addv" 0x0e31_b800,
        SMAXV = "smaxv" 0x0e30_a800,
        UMAXV = "umaxv" 0x2e30_a800,
        SMINV = "sminv" 0x0e31_a800,
        UMINV = "uminv" 0x2e31_a800,
        SADDLV = "saddlv" 0x0e30_3800,
        UADDLV = "uaddlv" 0x2e30_3800,
    }
}

/// `op rd, rn.l`. `None` for two lanes.
pub fn across(op: Across, lanes: Lanes, rd: Reg, rn: Reg) -> Option<u32> {
    let two = matches!(lanes, Lanes::S2 | Lanes::D2);
    (!two).then_some(op.word | lanes.fields() | rd.at(RD) | rn.at(RN))
}

/// `addp d, rn.2d`: the sum of both lanes.
pub fn add_both(rd: Reg, rn: Reg) -> u32 {
    0x5ef1_b800 | rd.at(RD) | rn.at(RN)
}
