//! Instructions with the flag that they need, by encodings from the manuals.

use super::*;
use crate::disasm::decode;

fn needed(isa: Isa, bytes: &[u8]) -> Vec<&'static str> {
    let instruction = decode(isa, bytes, 0x1000).expect("there are bytes");
    assert_eq!(instruction.bytes, bytes, "{}", instruction.plain_text());
    let all = match isa {
        Isa::X86_64 => x86_64::requirements(&instruction),
        Isa::Aarch64 => aarch64::requirements(&instruction),
        Isa::Riscv64gc => riscv64::requirements(&instruction),
        _ => s390x::requirements(&instruction),
    };
    let names = all
        .iter()
        .map(|r| r.any_of.first().copied().unwrap_or("none"));
    names.collect()
}

#[test]
fn x86_64_instructions() {
    let cases: [(&[u8], &[&str]); 22] = [
        // addsd, cvttsd2si, mfence, cmpxchg, bsf, xadd: baseline.
        (&[0xf2, 0x0f, 0x58, 0xc1], &[]),
        (&[0x0f, 0xae, 0xf0], &[]),
        (&[0x0f, 0xbc, 0xc1], &[]),
        (&[0xf0, 0x48, 0x0f, 0xb1, 0x0f], &[]),
        // pextrw into a register; to memory.
        (&[0x66, 0x0f, 0xc5, 0xc0, 0x01], &[]),
        (&[0x66, 0x0f, 0x3a, 0x15, 0x07, 0x01], &["has_sse41"]),
        // movddup, pshufb, roundsd, pcmpgtq, popcnt, lzcnt, tzcnt.
        (&[0xf2, 0x0f, 0x12, 0xc1], &["has_sse3"]),
        (&[0x66, 0x0f, 0x38, 0x00, 0xc1], &["has_ssse3"]),
        (&[0x66, 0x0f, 0x3a, 0x0b, 0xc1, 0x00], &["has_sse41"]),
        (&[0x66, 0x0f, 0x38, 0x37, 0xc1], &["has_sse42"]),
        (&[0xf3, 0x0f, 0xb8, 0xc1], &["has_popcnt"]),
        (&[0xf3, 0x0f, 0xbd, 0xc1], &["has_lzcnt"]),
        (&[0xf3, 0x0f, 0xbc, 0xc1], &["has_bmi1"]),
        // lock cmpxchg16b [rdi]; shlx; andn.
        (&[0xf0, 0x48, 0x0f, 0xc7, 0x0f], &["has_cmpxchg16b"]),
        (&[0xc4, 0xe2, 0x71, 0xf7, 0xc0], &["has_bmi2"]),
        (&[0xc4, 0xe2, 0x78, 0xf2, 0xc1], &["has_bmi1"]),
        // vaddsd; vpbroadcastb xmm; vpaddd ymm; vfmadd213sd.
        (&[0xc5, 0xf3, 0x58, 0xc2], &["has_avx"]),
        (&[0xc4, 0xe2, 0x79, 0x78, 0xc1], &["has_avx2"]),
        (&[0xc5, 0xf5, 0xfe, 0xc2], &["has_avx2"]),
        (&[0xc4, 0xe2, 0xf1, 0xa9, 0xc2], &["has_fma"]),
        // vpmullq xmm, EVEX; vpabsq xmm, EVEX.
        (
            &[0x62, 0xf2, 0xf5, 0x08, 0x40, 0xc2],
            &["has_avx512vl", "has_avx512dq"],
        ),
        (
            &[0x62, 0xf2, 0xfd, 0x08, 0x1f, 0xc1],
            &["has_avx512f", "has_avx512vl"],
        ),
    ];
    for (bytes, flags) in cases {
        assert_eq!(needed(Isa::X86_64, bytes), flags, "{bytes:02x?}");
    }
}

#[test]
fn aarch64_instructions() {
    let cases: [(u32, &[&str]); 24] = [
        // ldaxr, add v.16b, fadd d, cnt, fcvt d<-h, fcvt h<-s, paciasp, autiasp, bti c, csdb.
        (0x885f_fc20, &[]),
        (0x4e22_8420, &[]),
        (0x1e62_2820, &[]),
        (0x0e20_5820, &[]),
        (0x1ee2_c020, &[]),
        (0x1e23_c020, &[]),
        (0xd503_233f, &[]),
        (0xd503_23bf, &[]),
        (0xd503_245f, &[]),
        (0xd503_229f, &[]),
        // dup element, ldr q, stxr, frintz d, scvtf d<-x.
        (0x5e08_0420, &[]),
        (0x3dc0_0020, &[]),
        (0x1e65_c020, &[]),
        (0x9e62_0020, &[]),
        // casal, ldaddal, retaa, pacia.
        (0x88e0_fc41, &["has_lse"]),
        (0xb8e0_0041, &["has_lse"]),
        (0xd65f_0bff, &["has_pauth"]),
        (0xdac1_0020, &["has_pauth"]),
        // fadd h, fmadd h, fadd v.8h, fmov h<-w.
        (0x1ee2_2820, &["has_fp16"]),
        (0x1fc2_0c20, &["has_fp16"]),
        (0x4e42_1420, &["has_fp16"]),
        (0x1ee7_0020, &["has_fp16"]),
        // sdot, usdot.
        (0x4e82_9420, &["has_dotprod"]),
        (0x4e82_9c20, &["has_i8mm"]),
    ];
    for (word, flags) in cases {
        assert_eq!(
            needed(Isa::Aarch64, &word.to_le_bytes()),
            flags,
            "{word:#x}"
        );
    }
}

#[test]
fn riscv64_instructions() {
    let cases: [(u32, &[&str]); 20] = [
        // add, mul, amoadd.w, fadd.d, fcvt.d.l, slli, srai, csrr, fmv.x.d, fence: baseline.
        (0x00b5_0533, &[]),
        (0x02b5_0533, &[]),
        (0x00b5_252f, &[]),
        (0x02b5_7553, &[]),
        (0xd225_7553, &[]),
        (0x0015_1513, &[]),
        (0x4015_5513, &[]),
        (0xe205_0553, &[]),
        (0x0ff0_000f, &[]),
        (0x42a5_0533 & !0x0200_0000, &[]),
        // sh1add, andn, clz, max, clmul, bset, czero.eqz, fli.d, flh, fadd.h, vadd.vv.
        (0x20b5_2533, &["has_zba"]),
        (0x40b5_7533, &["has_zbb"]),
        (0x6005_1513, &["has_zbb"]),
        (0x0ab5_6533, &["has_zbb"]),
        (0x0ab5_1533, &["has_zbc"]),
        (0x28b5_1533, &["has_zbs"]),
        (0x0eb5_5533, &["has_zicond"]),
        (0xf218_0553, &["has_zfa"]),
        (0x04b5_7553, &["has_zfh"]),
        (0x0220_8157, &["has_v"]),
    ];
    for (word, flags) in cases {
        assert_eq!(
            needed(Isa::Riscv64gc, &word.to_le_bytes()),
            flags,
            "{word:#x}"
        );
    }
    let cases: [(u16, &[&str]); 5] = [
        (0x0000, &[]),
        (0x0505, &["has_zca"]),
        (0x2108, &["has_zcd"]),
        (0x9d61, &["has_zca", "has_zcb"]),
        (0x8d0d, &["has_zca"]),
    ];
    for (half, flags) in cases {
        assert_eq!(
            needed(Isa::Riscv64gc, &half.to_le_bytes()),
            flags,
            "{half:#x}"
        );
    }
}

#[test]
fn s390x_instructions() {
    let cases: [(&[u8], &[&str]); 16] = [
        // lgr, popcnt of bytes, vab, vfasb, mgrk, vpopctg, vceqg, vcdgb: z14.
        (&[0xb9, 0x04, 0x00, 0x23], &[]),
        (&[0xb9, 0xe1, 0x00, 0x23], &[]),
        (&[0xe7, 0x24, 0x60, 0x00, 0x00, 0xf3], &[]),
        (&[0xe7, 0x24, 0x60, 0x00, 0x20, 0xe3], &[]),
        (&[0xb9, 0xec, 0x40, 0x23], &[]),
        (&[0xe7, 0x24, 0x60, 0x00, 0x30, 0xf8], &[]),
        (&[0xe7, 0x24, 0x00, 0x00, 0x30, 0xc3], &[]),
        // nngrk, popcnt of the register, selgr.
        (&[0xb9, 0x64, 0x40, 0x23], &["has_mie3"]),
        (&[0xb9, 0xe1, 0x80, 0x23], &["has_mie3"]),
        (&[0xb9, 0xe3, 0x48, 0x23], &["has_mie3"]),
        // vlbrq, vcefb.
        (&[0xe6, 0x20, 0x20, 0x00, 0x40, 0x06], &["has_vxrs_ext2"]),
        (&[0xe7, 0x24, 0x00, 0x00, 0x20, 0xc3], &["has_vxrs_ext2"]),
        // clzg; vblend; vceqq; vmlg.
        (&[0xb9, 0x68, 0x00, 0x23], &["has_mie4"]),
        (&[0xe7, 0x24, 0x60, 0x00, 0x80, 0x89], &["has_vxrs_ext3"]),
        (&[0xe7, 0x24, 0x60, 0x00, 0x40, 0xf8], &["has_vxrs_ext3"]),
        (&[0xe7, 0x24, 0x60, 0x00, 0x30, 0xa2], &["has_vxrs_ext3"]),
    ];
    for (bytes, flags) in cases {
        assert_eq!(needed(Isa::S390x, bytes), flags, "{bytes:02x?}");
    }
}

#[test]
fn a_flag_that_is_on_is_enough() {
    let tzcnt = decode(Isa::X86_64, &[0xf3, 0x0f, 0xbc, 0xc1], 0).expect("there are bytes");
    assert!(missing(Isa::X86_64, &tzcnt, &[]).is_some());
    assert!(missing(Isa::X86_64, &tzcnt, &["has_bmi1".to_owned()]).is_none());
}

/// Lists of what a machine lacks name instructions that the disassembler does not.
#[test]
fn instructions_have_names_or_bytes() {
    let name = |isa, bytes: &[u8]| name(isa, &decode(isa, bytes, 0).expect("there are bytes"));
    assert_eq!(name(Isa::X86_64, &[0xc5, 0xf3, 0x58, 0xc2]), "vaddsd");
    assert_eq!(
        name(Isa::Riscv64gc, &0x0222_0157_u32.to_le_bytes()),
        "vadd.vv"
    );
    assert_eq!(name(Isa::Riscv64gc, &0x0015_1513_u32.to_le_bytes()), "slli");
    // VCEFB of z15, which the disassembler takes for VCGD; VBLEND of z17.
    let vcefb = [0xe7, 0x8c, 0x00, 0x10, 0x28, 0xc3];
    assert_eq!(name(Isa::S390x, &vcefb), "vcefb");
    let vblend = [0xe7, 0xc4, 0x50, 0x00, 0x67, 0x89];
    assert_eq!(name(Isa::S390x, &vblend), "e7 c4 50 00 67 89");
    assert_eq!(
        name(Isa::S390x, &[0xe6, 0x10, 0x20, 0x00, 0x48, 0x06]),
        "vlbr"
    );
}
