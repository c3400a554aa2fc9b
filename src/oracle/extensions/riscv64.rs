//! RISC-V, from the RISC-V Instruction Set Manual, volume I (unprivileged): the instruction
//! listings of each extension. Baseline is RV64G; compressed instructions have flags of their
//! own in Cranelift although the suite's target is RV64GC. What only `vtype` tells (Zvfh, Zvl*)
//! cannot be read from one instruction and is left out.

use super::Requirement;
use crate::disasm::{Instruction, Kind};

const ZCA: Requirement = Requirement::new("Zca", &["has_zca"]);
const ZCD: Requirement = Requirement::new("Zcd", &["has_zcd"]);
const ZCB: Requirement = Requirement::new("Zcb", &["has_zcb"]);
const ZBA: Requirement = Requirement::new("Zba", &["has_zba"]);
const ZBB: Requirement = Requirement::new("Zbb", &["has_zbb"]);
const ZBC: Requirement = Requirement::new("Zbc", &["has_zbc"]);
const ZBS: Requirement = Requirement::new("Zbs", &["has_zbs"]);
const ZBKB: Requirement = Requirement::new("Zbkb", &["has_zbkb"]);
const ZBB_ZBKB: Requirement = Requirement::new("Zbb or Zbkb", &["has_zbb", "has_zbkb"]);
const ZICOND: Requirement = Requirement::new("Zicond", &["has_zicond"]);
const ZFA: Requirement = Requirement::new("Zfa", &["has_zfa"]);
const ZFH: Requirement = Requirement::new("Zfh", &["has_zfh"]);
const ZFH_ZVFH: Requirement = Requirement::new("Zfh or Zvfh", &["has_zfh", "has_zvfh"]);
const ZFHMIN: Requirement = Requirement::new("Zfhmin", &["has_zfhmin", "has_zfh"]);
const V: Requirement = Requirement::new("V", &["has_v"]);
const ZVBB: Requirement = Requirement::new("Zvbb", &["has_zvbb"]);

/// Only the operation codes and functions.
const R: u32 = 0xfe00_707f;
/// And a 6-bit shift amount left open.
const SHIFT: u32 = 0xfc00_707f;
/// And the second source fixed.
const UNARY: u32 = 0xfff0_707f;
/// And any rounding mode.
const ROUNDED: u32 = 0xfff0_007f;

/// Encodings as mask and value. The first match counts.
const TABLE: &[(u32, u32, Requirement)] = &[
    (R, 0x2000_2033, ZBA),
    (R, 0x2000_4033, ZBA),
    (R, 0x2000_6033, ZBA),
    (R, 0x0800_003b, ZBA),
    (R, 0x2000_203b, ZBA),
    (R, 0x2000_403b, ZBA),
    (R, 0x2000_603b, ZBA),
    (SHIFT, 0x0800_101b, ZBA),
    // ANDN, ORN, XNOR, ROL, ROR, ROLW, RORW, RORI, RORIW, REV8.
    (R, 0x4000_7033, ZBB_ZBKB),
    (R, 0x4000_6033, ZBB_ZBKB),
    (R, 0x4000_4033, ZBB_ZBKB),
    (R, 0x6000_1033, ZBB_ZBKB),
    (R, 0x6000_5033, ZBB_ZBKB),
    (R, 0x6000_103b, ZBB_ZBKB),
    (R, 0x6000_503b, ZBB_ZBKB),
    (SHIFT, 0x6000_5013, ZBB_ZBKB),
    (R, 0x6000_501b, ZBB_ZBKB),
    (UNARY, 0x6b80_5013, ZBB_ZBKB),
    // MIN, MINU, MAX, MAXU.
    (R, 0x0a00_4033, ZBB),
    (R, 0x0a00_5033, ZBB),
    (R, 0x0a00_6033, ZBB),
    (R, 0x0a00_7033, ZBB),
    // CLZ, CTZ, CPOP, SEXT.B, SEXT.H, their word forms, ORC.B.
    (UNARY, 0x6000_1013, ZBB),
    (UNARY, 0x6010_1013, ZBB),
    (UNARY, 0x6020_1013, ZBB),
    (UNARY, 0x6040_1013, ZBB),
    (UNARY, 0x6050_1013, ZBB),
    (UNARY, 0x6000_101b, ZBB),
    (UNARY, 0x6010_101b, ZBB),
    (UNARY, 0x6020_101b, ZBB),
    (UNARY, 0x2870_5013, ZBB),
    // ZEXT.H is PACKW with x0.
    (UNARY, 0x0800_403b, ZBB_ZBKB),
    // PACK, PACKH, PACKW, BREV8.
    (R, 0x0800_4033, ZBKB),
    (R, 0x0800_7033, ZBKB),
    (R, 0x0800_403b, ZBKB),
    (UNARY, 0x6870_5013, ZBKB),
    // CLMUL, CLMULR, CLMULH.
    (R, 0x0a00_1033, ZBC),
    (R, 0x0a00_2033, ZBC),
    (R, 0x0a00_3033, ZBC),
    // BCLR, BEXT, BINV, BSET, each also with an immediate.
    (R, 0x4800_1033, ZBS),
    (SHIFT, 0x4800_1013, ZBS),
    (R, 0x4800_5033, ZBS),
    (SHIFT, 0x4800_5013, ZBS),
    (R, 0x6800_1033, ZBS),
    (SHIFT, 0x6800_1013, ZBS),
    (R, 0x2800_1033, ZBS),
    (SHIFT, 0x2800_1013, ZBS),
    // CZERO.EQZ, CZERO.NEZ.
    (R, 0x0e00_5033, ZICOND),
    (R, 0x0e00_7033, ZICOND),
    // FLI, FMINM, FMAXM, FROUND, FROUNDNX, FCVTMOD, FLEQ, FLTQ; single then double.
    (UNARY, 0xf010_0053, ZFA),
    (UNARY, 0xf210_0053, ZFA),
    (0xfc00_607f, 0x2800_2053, ZFA),
    (0xfde0_007f, 0x4040_0053, ZFA),
    (UNARY, 0xc280_1053, ZFA),
    (0xfc00_607f, 0xa000_4053, ZFA),
    // FLH, FSH, FCVT between half and the others, FMV.
    (0x0000_707f, 0x0000_1007, ZFHMIN),
    (0x0000_707f, 0x0000_1027, ZFHMIN),
    (ROUNDED, 0x4020_0053, ZFHMIN),
    (ROUNDED, 0x4220_0053, ZFHMIN),
    (0xffe0_007f, 0x4400_0053, ZFHMIN),
    (UNARY, 0xe400_0053, ZFHMIN),
    (UNARY, 0xf400_0053, ZFHMIN),
    // All other operations on halves, those of Zfa aside ([`ZFA_HALVES`]): format 2; and
    // multiply-add.
    (0x0600_007f, 0x0400_0053, ZFH),
    (0x0600_0073, 0x0400_0043, ZFH),
];

/// Zfa's operations on halves, which need an extension with halves beside it (chapter "Zfa"): FLI.H;
/// FMINM.H, FMAXM.H; FROUND.H, FROUNDNX.H; FLEQ.H, FLTQ.H.
const ZFA_HALVES: &[(u32, u32, Requirement)] = &[
    (UNARY, 0xf410_0053, ZFH_ZVFH),
    (0xfe00_607f, 0x2c00_2053, ZFH),
    (0xffe0_007f, 0x4440_0053, ZFH),
    (0xfe00_607f, 0xa400_4053, ZFH),
];

/// What `instruction` needs.
pub fn requirements(instruction: &Instruction) -> Vec<Requirement> {
    // Code made to trap is no instruction of any extension.
    if instruction.kind == Kind::Trap {
        return Vec::new();
    }
    match instruction.bytes[..] {
        [a, b] => compressed(u16::from_le_bytes([a, b])),
        [a, b, c, d] => {
            let word = u32::from_le_bytes([a, b, c, d]);
            let needed = vector(word);
            if !needed.is_empty() {
                return needed;
            }
            let of = |table: &[(u32, u32, Requirement)]| {
                let found = table.iter().find(|(mask, value, _)| word & mask == *value);
                found.map(|(.., needed)| *needed)
            };
            match of(ZFA_HALVES) {
                Some(halves) => vec![ZFA, halves],
                None => of(TABLE).into_iter().collect(),
            }
        }
        _ => Vec::new(),
    }
}

fn compressed(half: u16) -> Vec<Requirement> {
    match (half & 3, half >> 13) {
        // C.FLD, C.FSD, C.FLDSP, C.FSDSP.
        (0 | 2, 1 | 5) => vec![ZCD],
        // C.LBU to C.SH; C.MUL and the extensions and C.NOT.
        (0, 4) => vec![ZCA, ZCB],
        (1, 4) if half & 0x1c40 == 0x1c40 => vec![ZCA, ZCB],
        _ => vec![ZCA],
    }
}

fn vector(word: u32) -> Vec<Requirement> {
    let function = (word >> 12) & 7;
    let is_vector_access = matches!(word & 0x7f, 0x07 | 0x27) && matches!(function, 0 | 5..=7);
    if is_vector_access {
        return vec![V];
    }
    if word & 0x7f != 0x57 {
        return Vec::new();
    }
    // OPIVV, OPIVI and OPIVX have functions 0, 3 and 4; OPMVV has 2.
    let integer = matches!(function, 0 | 3 | 4);
    let is_zvbb = match word >> 26 {
        // VANDN, VROR, VROL (VROR's immediate takes a bit more), VWSLL.
        0b00_0001 | 0b01_0100 | 0b01_0101 | 0b11_0101 if integer => true,
        // VXUNARY0: VBREV8, VREV8, VBREV, VCLZ, VCTZ, VCPOP.
        0b01_0010 if function == 2 => matches!((word >> 15) & 31, 8..=10 | 12..=14),
        _ => false,
    };
    if is_zvbb { vec![V, ZVBB] } else { vec![V] }
}
