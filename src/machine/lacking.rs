//! ISA extensions that a machine does not execute, by the flags that make a generator use them.
//!
//! Measured on Unicorn 2.1.5 (QEMU 5.0.1): most end in an unknown instruction. AVX is worse: where
//! VEX prefixes are known for BMI only, `vaddsd` with three operands is executed as `addsd` with
//! two, and the result is wrong without a word. So code that needs one of these is not run.
//! RISC-V's other extensions (Zba, Zbb, Zbc, Zbs, Zbkb, Zicond, Zfhmin, Zfh, Zfa and Zcb) are
//! computed for it (`src/machine/unicorn/riscv64_gaps/`), and so are s390x's
//! facilities but the vector enhancements 2 (`src/machine/unicorn/s390x_gaps/`).

use crate::isa::Isa;

/// The flags, in Cranelift's names.
pub fn lacking(isa: Isa) -> &'static [&'static str] {
    match isa {
        Isa::X86_64 => &[
            "has_avx",
            "has_avx2",
            "has_fma",
            "has_avx_vnni",
            "has_avx512bitalg",
            "has_avx512dq",
            "has_avx512f",
            "has_avx512vbmi",
            "has_avx512vl",
            "has_avx512vnni",
        ],
        Isa::Aarch64 => &["has_i8mm"],
        Isa::Riscv64gc => &["has_v", "has_zvbb"],
        Isa::S390x => &["has_vxrs_ext2"],
        _ => &[],
    }
}
