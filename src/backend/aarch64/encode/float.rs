//! Scalar floats, in the low bits of a vector register; each instruction clears the rest of its
//! destination (C4.1, "Data Processing -- Scalar Floating-Point and Advanced SIMD").

use super::{Cond, RA, RD, RM, RN, Reg, Size, operations, unsigned};

/// How wide a float is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FloatSize {
    /// 32 bits, `s0..s31`.
    S,
    /// 64 bits, `d0..d31`.
    D,
}

impl FloatSize {
    /// The field `ftype`, bits 22 and 23.
    fn field(self) -> u32 {
        match self {
            FloatSize::S => 0,
            FloatSize::D => 1 << 22,
        }
    }
}

operations! {
    /// Operations of two floats. `fmax` and `fmin` give a NaN where there is one and order the
    /// zeros; `fmaxnm` and `fminnm` take the number.
    FloatBinary {
        FMUL = "fmul" 0x1e20_0800,
        FDIV = "fdiv" 0x1e20_1800,
        FADD = "fadd" 0x1e20_2800,
        FSUB = "fsub" 0x1e20_3800,
        FMAX = "fmax" 0x1e20_4800,
        FMIN = "fmin" 0x1e20_5800,
        FMAXNM = "fmaxnm" 0x1e20_6800,
        FMINNM = "fminnm" 0x1e20_7800,
        FNMUL = "fnmul" 0x1e20_8800,
    }
}

/// `op rd, rn, rm`.
pub fn float_binary(op: FloatBinary, size: FloatSize, rd: Reg, rn: Reg, rm: Reg) -> u32 {
    op.word | size.field() | rd.at(RD) | rn.at(RN) | rm.at(RM)
}

operations! {
    /// Operations of one float. Those to an integral value round to nearest even (`n`), up
    /// (`p`), down (`m`), to zero (`z`), to nearest away (`a`), as set exactly (`x`), as set
    /// (`i`).
    FloatUnary {
        FMOV = "fmov" 0x1e20_4000,
        FABS = "fabs" 0x1e20_c000,
        FNEG = "fneg" 0x1e21_4000,
        FSQRT = "fsqrt" 0x1e21_c000,
        FRINTN = "frintn" 0x1e24_4000,
        FRINTP = "frintp" 0x1e24_c000,
        FRINTM = "frintm" 0x1e25_4000,
        FRINTZ = "frintz" 0x1e25_c000,
        FRINTA = "frinta" 0x1e26_4000,
        FRINTX = "frintx" 0x1e27_4000,
        FRINTI = "frinti" 0x1e27_c000,
    }
}

/// `op rd, rn`.
pub fn float_unary(op: FloatUnary, size: FloatSize, rd: Reg, rn: Reg) -> u32 {
    op.word | size.field() | rd.at(RD) | rn.at(RN)
}

/// `fcvt` from a float of the one size to one of the other.
pub fn float_resize(to: FloatSize, rd: Reg, rn: Reg) -> u32 {
    let word = match to {
        FloatSize::D => 0x1e22_c000,
        FloatSize::S => 0x1e62_4000,
    };
    word | rd.at(RD) | rn.at(RN)
}

operations! {
    /// Products with a sum, rounded once: `ra + rn * rm` and its kin.
    FloatMulAdd {
        FMADD = "fmadd" 0x1f00_0000,
        FMSUB = "fmsub" 0x1f00_8000,
        FNMADD = "fnmadd" 0x1f20_0000,
        FNMSUB = "fnmsub" 0x1f20_8000,
    }
}

/// `op rd, rn, rm, ra`.
pub fn float_mul_add(
    op: FloatMulAdd,
    size: FloatSize,
    rd: Reg,
    (rn, rm): (Reg, Reg),
    ra: Reg,
) -> u32 {
    op.word | size.field() | rd.at(RD) | rn.at(RN) | rm.at(RM) | ra.at(RA)
}

/// `fcmp rn, rm`. Flags: N less, Z equal, C not less, C and V unordered.
pub fn float_compare(size: FloatSize, rn: Reg, rm: Reg) -> u32 {
    0x1e20_2000 | size.field() | rn.at(RN) | rm.at(RM)
}

/// `fcmp rn, #0.0`.
pub fn float_compare_zero(size: FloatSize, rn: Reg) -> u32 {
    0x1e20_2008 | size.field() | rn.at(RN)
}

/// `fccmp rn, rm, #nzcv, cond`. `None` when `nzcv` is above 15.
pub fn float_cond_compare(
    size: FloatSize,
    (rn, rm): (Reg, Reg),
    nzcv: u32,
    cond: Cond,
) -> Option<u32> {
    let word = 0x1e20_0400 | size.field() | cond.number() << 12 | rn.at(RN) | rm.at(RM);
    Some(word | unsigned(nzcv, 4)?)
}

/// `fcsel rd, rn, rm, cond`.
pub fn float_choose(size: FloatSize, rd: Reg, (rn, rm): (Reg, Reg), cond: Cond) -> u32 {
    0x1e20_0c00 | size.field() | cond.number() << 12 | rd.at(RD) | rn.at(RN) | rm.at(RM)
}

/// The 8 bits that stand for a float of 64: a sign, 3 bits of exponent from -3 to 4 and 4 of
/// fraction (`VFPExpandImm`, J1.1.3). `None` for any other float.
pub fn float_imm8(bits: u64) -> Option<u8> {
    let sign = u8::try_from(bits >> 63).ok()?;
    let fraction = u8::try_from(bits >> 48 & 0xf).ok()?;
    // The exponent is a bit and its opposite repeated, then two bits.
    let exponent = bits >> 52 & 0x7ff;
    let high = match exponent >> 2 {
        0x100 => 0,
        0x0ff => 1,
        _ => return None,
    };
    let exponent = high << 2 | u8::try_from(exponent & 3).ok()?;
    (bits << 16 == 0).then_some(sign << 7 | exponent << 4 | fraction)
}

/// `fmov rd, #value`, where [`float_imm8`] stands for the value.
pub fn float_imm(size: FloatSize, rd: Reg, imm8: u8) -> u32 {
    0x1e20_1000 | size.field() | u32::from(imm8) << 13 | rd.at(RD)
}

operations! {
    /// Integers of a register to floats.
    FromInt {
        SCVTF = "scvtf" 0x1e22_0000,
        UCVTF = "ucvtf" 0x1e23_0000,
    }
}

/// `op` to a float `rd` from an integer `rn`.
pub fn float_from_int(op: FromInt, (float, rd): (FloatSize, Reg), (int, rn): (Size, Reg)) -> u32 {
    op.word | float.field() | int.sf() | rd.at(RD) | rn.at(RN)
}

operations! {
    /// Floats to integers: the nearest that there is, zero for a NaN. Rounding as in
    /// [`FloatUnary`].
    ToInt {
        FCVTNS = "fcvtns" 0x1e20_0000,
        FCVTNU = "fcvtnu" 0x1e21_0000,
        FCVTZS = "fcvtzs" 0x1e38_0000,
        FCVTZU = "fcvtzu" 0x1e39_0000,
    }
}

/// `op` to an integer `rd` from a float `rn`.
pub fn float_to_int(op: ToInt, (int, rd): (Size, Reg), (float, rn): (FloatSize, Reg)) -> u32 {
    op.word | float.field() | int.sf() | rd.at(RD) | rn.at(RN)
}

operations! {
    /// Moves of bits between the files; those of 32 bits clear what is above them.
    MoveBits {
        W_FROM_S = "fmov w s" 0x1e26_0000,
        S_FROM_W = "fmov s w" 0x1e27_0000,
        X_FROM_D = "fmov x d" 0x9e66_0000,
        D_FROM_X = "fmov d x" 0x9e67_0000,
        X_FROM_HIGH = "fmov x high" 0x9eae_0000,
        HIGH_FROM_X = "fmov high x" 0x9eaf_0000,
    }
}

/// `fmov rd, rn`. "High" is the upper half of a vector register, whose lower half stays.
pub fn move_bits(op: MoveBits, rd: Reg, rn: Reg) -> u32 {
    op.word | rd.at(RD) | rn.at(RN)
}
