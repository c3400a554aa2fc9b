//! Floating point in vector registers: formats VRR-a, VRR-c and VRR-e.
//!
//! The z13 has long elements only, the z14 short ones too, except in conversions to and from
//! integers. A scalar is element 0; what becomes of the others is unpredictable.

use super::float::Rounding;
use super::operand::Vr;
use super::table::operations;
use super::vector_register::{vrr_a, vrr_c, vrr_e};

/// Format of the elements, and whether there is but one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Floats {
    /// One short datum in the leftmost word.
    Short,
    /// Four short data.
    Shorts,
    /// One long datum in the left doubleword.
    Long,
    /// Two long data.
    Longs,
}

impl Floats {
    /// All of them.
    pub const ALL: &'static [Floats] =
        &[Floats::Short, Floats::Shorts, Floats::Long, Floats::Longs];

    /// The format control: 2 for short, 3 for long.
    pub const fn format(self) -> u8 {
        match self {
            Floats::Short | Floats::Shorts => 2,
            Floats::Long | Floats::Longs => 3,
        }
    }

    /// The single-element control.
    pub const fn single(self) -> u8 {
        match self {
            Floats::Short | Floats::Long => 8,
            Floats::Shorts | Floats::Longs => 0,
        }
    }
}

operations! {
    /// Two vectors of floats, format VRR-c.
    VectorFloatBinary: u8 {
        Vfa = 0xe3 "fa" "sum",
        Vfs = 0xe2 "fs" "difference",
        Vfm = 0xe7 "fm" "product",
        Vfd = 0xe5 "fd" "quotient",
        Vfce = 0xe8 "fce" "ones where equal",
        Vfch = 0xeb "fch" "ones where greater",
        Vfche = 0xea "fche" "ones where greater or equal",
    }
}

operations! {
    /// Minimum and maximum with M6 = 1, format VRR-c: a NaN if one of them is, and -0 below +0.
    VectorFloatExtreme: u8 {
        Vfmin = 0xee "fmin" "minimum",
        Vfmax = 0xef "fmax" "maximum",
    }
}

operations! {
    /// Product of the first two and the third, rounded once, format VRR-e.
    VectorMultiplyAdd: u8 {
        Vfma = 0x8f "fma" "sum",
        Vfms = 0x8e "fms" "difference",
    }
}

operations! {
    /// What becomes of the sign, whatever the datum, format VRR-a: the value is M5.
    VectorSign: u8 {
        Vflc = 0 "flc" "inverted",
        Vfln = 1 "fln" "set",
        Vflp = 2 "flp" "cleared",
    }
}

operations! {
    /// Between doublewords and long floats, format VRR-a.
    VectorConvert: u8 {
        Vcdg = 0xc3 "cdg" "from signed",
        Vcdlg = 0xc1 "cdlg" "from unsigned",
        Vcgd = 0xc2 "cgd" "to signed, saturated; the least integer for a NaN",
        Vclgd = 0xc0 "clgd" "to unsigned, saturated; zero for a NaN",
    }
}

/// Format VRR-c: M4 is the format, M5 the single-element control.
pub fn vector_float_binary(
    operation: VectorFloatBinary,
    floats: Floats,
    operands: [Vr; 3],
) -> [u8; 6] {
    let masks = (floats.format(), floats.single(), 0);
    vrr_c(operation.code(), operands, masks)
}

/// Format VRR-c: M6 tells the kind of minimum or maximum.
pub fn vector_float_extreme(
    operation: VectorFloatExtreme,
    floats: Floats,
    operands: [Vr; 3],
) -> [u8; 6] {
    let masks = (floats.format(), floats.single(), 1);
    vrr_c(operation.code(), operands, masks)
}

/// Format VRR-e: the format in bits 20-23, the single-element control in 28-31.
pub fn vector_multiply_add(
    operation: VectorMultiplyAdd,
    floats: Floats,
    operands: [Vr; 4],
) -> [u8; 6] {
    let masks = (floats.format(), floats.single());
    vrr_e(operation.code(), operands, masks)
}

/// VECTOR FP PERFORM SIGN OPERATION, format VRR-a: M3 is the format, M4 the single-element
/// control.
pub fn vector_sign(operation: VectorSign, floats: Floats, v1: Vr, v2: Vr) -> [u8; 6] {
    let masks = (floats.format(), floats.single(), operation.code());
    vrr_a(0xcc, v1, v2, masks)
}

/// VECTOR FP SQUARE ROOT, format VRR-a.
pub fn vfsq(floats: Floats, v1: Vr, v2: Vr) -> [u8; 6] {
    vrr_a(0xce, v1, v2, (floats.format(), floats.single(), 0))
}

/// VECTOR LOAD FP INTEGER, format VRR-a: M5 is the rounding.
pub fn vfi(floats: Floats, v1: Vr, v2: Vr, rounding: Rounding) -> [u8; 6] {
    let masks = (floats.format(), floats.single(), rounding.bits());
    vrr_a(0xc7, v1, v2, masks)
}

/// Format VRR-a: both doublewords, or the left one only.
pub fn vector_convert(
    operation: VectorConvert,
    single: bool,
    (v1, v2): (Vr, Vr),
    rounding: Rounding,
) -> [u8; 6] {
    let floats = if single { Floats::Long } else { Floats::Longs };
    let masks = (floats.format(), floats.single(), rounding.bits());
    vrr_a(operation.code(), v1, v2, masks)
}

/// VECTOR FP LOAD LENGTHENED, format VRR-a: short data in the left words of the doublewords, or
/// in the leftmost only, to long.
pub fn vlde(single: bool, v1: Vr, v2: Vr) -> [u8; 6] {
    let floats = if single {
        Floats::Short
    } else {
        Floats::Shorts
    };
    vrr_a(0xc4, v1, v2, (floats.format(), floats.single(), 0))
}

/// VECTOR FP LOAD ROUNDED, format VRR-a: the way back.
pub fn vled(single: bool, v1: Vr, v2: Vr, rounding: Rounding) -> [u8; 6] {
    let floats = if single { Floats::Long } else { Floats::Longs };
    let masks = (floats.format(), floats.single(), rounding.bits());
    vrr_a(0xc5, v1, v2, masks)
}

/// VECTOR FP COMPARE SCALAR, format VRR-a: long data, or short ones.
pub fn wfc(long: bool, v1: Vr, v2: Vr) -> [u8; 6] {
    let floats = if long { Floats::Long } else { Floats::Short };
    vrr_a(0xcb, v1, v2, (floats.format(), 0, 0))
}
