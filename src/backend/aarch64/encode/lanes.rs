//! Vectors between lanes and between widths: immediates, shifts by a number, single lanes,
//! narrowing, widening and permutations (C4.1, "Advanced SIMD" groups).

use super::{Lanes, RD, RM, RN, Reg, Size, operations, unsigned};

operations! {
    /// Shifts of each lane by a number. `shl` and `sli` go to the left; `sri` and `sli` insert
    /// and leave the bits of their destination that they shift nothing to.
    VecShift {
        SSHR = "sshr" 0x0f00_0400,
        USHR = "ushr" 0x2f00_0400,
        SSRA = "ssra" 0x0f00_1400,
        USRA = "usra" 0x2f00_1400,
        SRI = "sri" 0x2f00_4400,
        SHL = "shl" 0x0f00_5400,
        SLI = "sli" 0x2f00_5400,
    }
}

/// `op rd.l, rn.l, #amount`: below a lane's bits to the left, 1 to all of them to the right.
/// `None` for any other.
pub fn vec_shift(op: VecShift, lanes: Lanes, rd: Reg, rn: Reg, amount: u32) -> Option<u32> {
    let bits = 8 << lanes.log2_bytes();
    let field = match op {
        VecShift::SHL | VecShift::SLI if amount < bits => bits + amount,
        VecShift::SHL | VecShift::SLI => return None,
        _ if (1..=bits).contains(&amount) => 2 * bits - amount,
        _ => return None,
    };
    Some(op.word | lanes.q() | field << 16 | rd.at(RD) | rn.at(RN))
}

operations! {
    /// Half of a vector with lanes of twice the width. Those of the upper half have `2` in
    /// their name.
    Widen {
        SXTL = "sxtl" 0x0f00_a400,
        UXTL = "uxtl" 0x2f00_a400,
        SXTL2 = "sxtl2" 0x4f00_a400,
        UXTL2 = "uxtl2" 0x6f00_a400,
    }
}

/// `op rd, rn` from lanes of `1 << log2_bytes` bytes, at most 4.
pub fn widen(op: Widen, log2_bytes: u32, rd: Reg, rn: Reg) -> Option<u32> {
    let field = (log2_bytes < 3).then_some(8 << log2_bytes)?;
    Some(op.word | field << 16 | rd.at(RD) | rn.at(RN))
}

operations! {
    /// A vector as half of one with lanes of half the width, cut or saturated. Those with `2`
    /// in their name write the upper half and leave the lower one, the others clear the upper.
    Narrow {
        XTN = "xtn" 0x0e21_2800,
        SQXTN = "sqxtn" 0x0e21_4800,
        UQXTN = "uqxtn" 0x2e21_4800,
        SQXTUN = "sqxtun" 0x2e21_2800,
        XTN2 = "xtn2" 0x4e21_2800,
        SQXTN2 = "sqxtn2" 0x4e21_4800,
        UQXTN2 = "uqxtn2" 0x6e21_4800,
        SQXTUN2 = "sqxtun2" 0x6e21_2800,
    }
}

/// `op rd, rn` to lanes of `1 << log2_bytes` bytes, at most 4.
pub fn narrow(op: Narrow, log2_bytes: u32, rd: Reg, rn: Reg) -> Option<u32> {
    let fits = log2_bytes < 3;
    fits.then_some(op.word | log2_bytes << 22 | rd.at(RD) | rn.at(RN))
}

operations! {
    /// Two floats of 32 bits in the lower half from or to two of 64.
    FloatLanes {
        FCVTL = "fcvtl" 0x0e61_7800,
        FCVTN = "fcvtn" 0x0e61_6800,
    }
}

/// `op rd, rn`.
pub fn float_lanes(op: FloatLanes, rd: Reg, rn: Reg) -> u32 {
    op.word | rd.at(RD) | rn.at(RN)
}

operations! {
    /// Products of the lower halves with lanes of twice the width; the last two are added to
    /// the destination. Those with `2` are of the upper halves.
    MulLong {
        SMULL = "smull" 0x0e20_c000,
        UMULL = "umull" 0x2e20_c000,
        SMULL2 = "smull2" 0x4e20_c000,
        UMULL2 = "umull2" 0x6e20_c000,
        SMLAL = "smlal" 0x0e20_8000,
        UMLAL = "umlal" 0x2e20_8000,
    }
}

/// `op rd, rn, rm` of lanes of `1 << log2_bytes` bytes, at most 4.
pub fn mul_long(op: MulLong, log2_bytes: u32, rd: Reg, rn: Reg, rm: Reg) -> Option<u32> {
    let fits = log2_bytes < 3;
    fits.then_some(op.word | log2_bytes << 22 | rd.at(RD) | rn.at(RN) | rm.at(RM))
}

/// The field `imm5`: a lane's width and number. `None` when the register has no such lane.
fn lane(log2_bytes: u32, index: u32) -> Option<u32> {
    let exists = log2_bytes <= 3 && index < 16 >> log2_bytes;
    exists.then_some((2 * index + 1) << log2_bytes)
}

/// `dup rd.l, rn[index]`.
pub fn dup_lane(lanes: Lanes, rd: Reg, rn: Reg, index: u32) -> Option<u32> {
    let field = lane(lanes.log2_bytes(), index)? << 16;
    Some(0x0e00_0400 | lanes.q() | field | rd.at(RD) | rn.at(RN))
}

/// `mov rd, rn[index]`: one lane as a scalar, the rest of `rd` becomes zero.
pub fn scalar_lane(log2_bytes: u32, rd: Reg, rn: Reg, index: u32) -> Option<u32> {
    Some(0x5e00_0400 | lane(log2_bytes, index)? << 16 | rd.at(RD) | rn.at(RN))
}

/// `dup rd.l, rn` from an integer register.
pub fn dup_int(lanes: Lanes, rd: Reg, rn: Reg) -> u32 {
    0x0e00_0c00 | lanes.q() | 1 << (16 + lanes.log2_bytes()) | rd.at(RD) | rn.at(RN)
}

/// `mov rd[index], rn` from an integer register; the other lanes stay.
pub fn insert_int(log2_bytes: u32, rd: Reg, index: u32, rn: Reg) -> Option<u32> {
    Some(0x4e00_1c00 | lane(log2_bytes, index)? << 16 | rd.at(RD) | rn.at(RN))
}

/// `mov rd[index], rn[from]`; the other lanes stay.
pub fn insert_lane(
    log2_bytes: u32,
    (rd, index): (Reg, u32),
    (rn, from): (Reg, u32),
) -> Option<u32> {
    lane(log2_bytes, from)?;
    let fields = lane(log2_bytes, index)? << 16 | from << (11 + log2_bytes);
    Some(0x6e00_0400 | fields | rd.at(RD) | rn.at(RN))
}

/// `umov rd, rn[index]` to an integer register, with zeros above.
pub fn extract_unsigned(log2_bytes: u32, rd: Reg, rn: Reg, index: u32) -> Option<u32> {
    let q = u32::from(log2_bytes == 3) << 30;
    Some(0x0e00_3c00 | q | lane(log2_bytes, index)? << 16 | rd.at(RD) | rn.at(RN))
}

/// `smov rd, rn[index]` to an integer register, with the sign above. `None` also where the lane
/// is not narrower than the register.
pub fn extract_signed(
    log2_bytes: u32,
    (size, rd): (Size, Reg),
    (rn, index): (Reg, u32),
) -> Option<u32> {
    let fits = 8 << log2_bytes < u32::from(size.bits());
    let q = u32::from(size == Size::X) << 30;
    let field = lane(log2_bytes, index)? << 16;
    fits.then_some(0x0e00_2c00 | q | field | rd.at(RD) | rn.at(RN))
}

/// `ext rd.16b, rn.16b, rm.16b, #from`: 16 bytes from `from` on of `rn` and then `rm`.
pub fn extract_bytes(rd: Reg, (rn, rm): (Reg, Reg), from: u32) -> Option<u32> {
    Some(0x6e00_0000 | unsigned(from, 4)? << 11 | rd.at(RD) | rn.at(RN) | rm.at(RM))
}

operations! {
    /// Bytes chosen from a table of one or two registers, the second one behind the first by
    /// number. An index beyond the table gives zero (`tbl`) or leaves the byte (`tbx`).
    Table {
        TBL1 = "tbl" 0x4e00_0000,
        TBX1 = "tbx" 0x4e00_1000,
        TBL2 = "tbl" 0x4e00_2000,
        TBX2 = "tbx" 0x4e00_3000,
    }
}

impl Table {
    /// Registers of the table.
    pub fn registers(self) -> u8 {
        if self.word >> 13 & 1 == 1 { 2 } else { 1 }
    }
}

/// `op rd.16b, {rn.16b}, rm.16b`.
pub fn table(op: Table, rd: Reg, rn: Reg, rm: Reg) -> u32 {
    op.word | rd.at(RD) | rn.at(RN) | rm.at(RM)
}

operations! {
    /// The same bits in all lanes of a vector.
    VecImm {
        MOVI_B = "movi 16b" 0x4f00_e400,
        MOVI_H = "movi 8h" 0x4f00_8400,
        MOVI_H_LSL8 = "movi 8h lsl 8" 0x4f00_a400,
        MVNI_H = "mvni 8h" 0x6f00_8400,
        MVNI_H_LSL8 = "mvni 8h lsl 8" 0x6f00_a400,
        MOVI_S = "movi 4s" 0x4f00_0400,
        MOVI_S_LSL8 = "movi 4s lsl 8" 0x4f00_2400,
        MOVI_S_LSL16 = "movi 4s lsl 16" 0x4f00_4400,
        MOVI_S_LSL24 = "movi 4s lsl 24" 0x4f00_6400,
        MVNI_S = "mvni 4s" 0x6f00_0400,
        MVNI_S_LSL8 = "mvni 4s lsl 8" 0x6f00_2400,
        MVNI_S_LSL16 = "mvni 4s lsl 16" 0x6f00_4400,
        MVNI_S_LSL24 = "mvni 4s lsl 24" 0x6f00_6400,
        MOVI_D = "movi 2d" 0x6f00_e400,
        FMOV_S = "fmov 4s" 0x4f00_f400,
        FMOV_D = "fmov 2d" 0x6f00_f400,
    }
}

/// `op rd, #imm8`: the 8 bits shifted, inverted after that (`mvni`), each as a byte of all zeros
/// or ones (`movi 2d`), or as a float as `float_imm8` in this folder's `float.rs` has it.
pub fn vec_imm(op: VecImm, rd: Reg, imm8: u8) -> u32 {
    let imm8 = u32::from(imm8);
    op.word | (imm8 >> 5) << 16 | (imm8 & 31) << 5 | rd.at(RD)
}

/// `ld1r {rt.l}, [rn]`: loads one lane into all; the base may be the stack pointer.
pub fn load_splat(lanes: Lanes, rt: Reg, rn: Reg) -> u32 {
    0x0d40_c000 | lanes.q() | lanes.log2_bytes() << 10 | rt.at(RD) | rn.at(RN)
}
