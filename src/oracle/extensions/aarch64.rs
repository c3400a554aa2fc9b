//! A64, from the Arm Architecture Reference Manual for A-profile, C4.1 "A64 instruction set
//! encoding" and the line "FEAT_..." of each instruction in C6 and C7. Baseline is Armv8.0-A
//! with Advanced SIMD; hints (NOP space) are allowed whatever they mean to newer cores.

use super::Requirement;
use crate::disasm::Instruction;

const LSE: Requirement = Requirement::new("FEAT_LSE", &["has_lse"]);
const PAUTH: Requirement = Requirement::new("FEAT_PAuth", &["has_pauth"]);
const FP16: Requirement = Requirement::new("FEAT_FP16", &["has_fp16"]);
const DOTPROD: Requirement = Requirement::new("FEAT_DotProd", &["has_dotprod"]);
const I8MM: Requirement = Requirement::new("FEAT_I8MM", &["has_i8mm"]);
const LRCPC: Requirement = Requirement::new("FEAT_LRCPC", &[]);
const RDM: Requirement = Requirement::new("FEAT_RDM", &[]);
const CRC32: Requirement = Requirement::new("FEAT_CRC32", &[]);
const CRYPTO: Requirement = Requirement::new("FEAT_AES, FEAT_SHA1 or FEAT_SHA256", &[]);
const JSCVT: Requirement = Requirement::new("FEAT_JSCVT", &[]);
const FCMA: Requirement = Requirement::new("FEAT_FCMA", &[]);
const FRINTTS: Requirement = Requirement::new("FEAT_FRINTTS", &[]);
const FLAGM: Requirement = Requirement::new("FEAT_FlagM", &[]);

/// Encodings as mask and value. The first match counts.
const TABLE: &[(u32, u32, Option<Requirement>)] = &[
    // FCVT between half, single and double is baseline, half or not.
    (0xff3e_7c00, 0x1e22_4000, None),
    // LDAPR before the atomics that it is encoded among.
    (0x3fff_fc00, 0x38bf_c000, Some(LRCPC)),
    // CAS, CASP, then LD<op>, ST<op> and SWP.
    (0x3fa0_7c00, 0x08a0_7c00, Some(LSE)),
    (0xbfa0_7c00, 0x0820_7c00, Some(LSE)),
    (0x3f20_0c00, 0x3820_0000, Some(LSE)),
    // RETAA, RETAB; BRAA and BLRAA; PACIA and relatives; PACGA; LDRAA.
    (0xffff_fbff, 0xd65f_0bff, Some(PAUTH)),
    (0xfeff_f800, 0xd61f_0800, Some(PAUTH)),
    (0xfeff_f800, 0xd63f_0800, Some(PAUTH)),
    (0xffff_0000, 0xdac1_0000, Some(PAUTH)),
    (0xffe0_fc00, 0x9ac0_3000, Some(PAUTH)),
    (0xff20_0400, 0xf820_0400, Some(PAUTH)),
    // FJCVTZS; FRINT32 and FRINT64.
    (0xffff_fc00, 0x1e7e_0000, Some(JSCVT)),
    (0xff3e_7c00, 0x1e28_4000, Some(FRINTTS)),
    // Scalar floating point with type 3: arithmetic, conversion, multiply-add.
    (0x5fe0_0000, 0x1ee0_0000, Some(FP16)),
    (0x7fe0_0000, 0x1ec0_0000, Some(FP16)),
    (0xffc0_0000, 0x1fc0_0000, Some(FP16)),
    // Vectors of halves: three same, two-register miscellaneous, each also scalar.
    (0x9f60_c400, 0x0e40_0400, Some(FP16)),
    (0xdf60_c400, 0x5e40_0400, Some(FP16)),
    (0x9f7e_0c00, 0x0e78_0800, Some(FP16)),
    (0xdf7e_0c00, 0x5e78_0800, Some(FP16)),
    // FMOV (vector, immediate) of halves.
    (0xbff8_fc00, 0x0f00_fc00, Some(FP16)),
    // FMLA, FMLS, FMUL and FMULX by element of halves, vector and scalar.
    (0xbfc0_b400, 0x0f00_1000, Some(FP16)),
    (0x9fc0_f400, 0x0f00_9000, Some(FP16)),
    (0xffc0_b400, 0x5f00_1000, Some(FP16)),
    (0xdfc0_f400, 0x5f00_9000, Some(FP16)),
    // FMAXNMV, FMINNMV, FMAXV, FMINV and the pairwise scalar forms of halves.
    (0xbf7f_fc00, 0x0e30_c800, Some(FP16)),
    (0xbf7f_fc00, 0x0e30_f800, Some(FP16)),
    (0xff7f_cc00, 0x5e30_c800, Some(FP16)),
    // SDOT and UDOT; SDOT and UDOT by element.
    (0x9fe0_fc00, 0x0e80_9400, Some(DOTPROD)),
    (0x9fc0_f400, 0x0f80_e000, Some(DOTPROD)),
    // USDOT; USDOT and SUDOT by element; SMMLA, UMMLA and USMMLA.
    (0xbfe0_fc00, 0x0e80_9c00, Some(I8MM)),
    (0xbf40_f400, 0x0f00_f000, Some(I8MM)),
    (0xdfe0_f400, 0x4e80_a400, Some(I8MM)),
    // SQRDMLAH and SQRDMLSH, vector and scalar.
    (0xbf20_f400, 0x2e00_8400, Some(RDM)),
    (0xff20_f400, 0x7e00_8400, Some(RDM)),
    // FCADD and FCMLA.
    (0xbf20_c400, 0x2e00_c400, Some(FCMA)),
    (0x7fe0_e000, 0x1ac0_4000, Some(CRC32)),
    // AES and SHA.
    (0xffff_0c00, 0x4e28_0800, Some(CRYPTO)),
    (0xffe0_8c00, 0x5e00_0000, Some(CRYPTO)),
    // CFINV, RMIF, SETF.
    (0xffff_ffff, 0xd500_401f, Some(FLAGM)),
];

/// What `instruction` needs.
pub fn requirements(instruction: &Instruction) -> Vec<Requirement> {
    let Ok(bytes) = <[u8; 4]>::try_from(instruction.bytes.as_slice()) else {
        return Vec::new();
    };
    let word = u32::from_le_bytes(bytes);
    let found = TABLE.iter().find(|(mask, value, _)| word & mask == *value);
    found
        .and_then(|(_, _, needed)| *needed)
        .into_iter()
        .collect()
}
