//! Settings that change emitted code, each drawn by itself and written into the header.
//!
//! Names: Cranelift's `cranelift-codegen-meta` 0.135.8, `src/shared/settings.rs` and
//! `src/isa/`. Left out is what the machines cannot execute (AVX, FMA, the RISC-V extensions
//! beyond `C`), what needs a runtime (TLS, outlined stack probes), and what only prints more.

use std::fmt::Write as _;

use proptest::bool::weighted;
use proptest::prelude::{Just, Strategy, any, prop_oneof};

use super::isas::Isas;
use super::traits::{Trait, TraitSet};
use crate::isa::Isa;

/// The draw.
#[derive(Clone, Debug)]
pub struct Settings {
    opt_level: u8,
    single_pass: bool,
    frame_pointers: bool,
    is_pic: bool,
    probestack: Option<u8>,
    alias_analysis: bool,
    cfg_info: bool,
    unwind_info: bool,
    /// Whether NaNs that arithmetic makes are canonical; no float arithmetic else.
    pub canonical_nans: bool,
    alignment: u8,
    padding: u8,
    regalloc_checker: bool,
    llvm_abi: bool,
    x86: u16,
    aarch64: u8,
    riscv64: u16,
    s390x: u8,
}

/// Settings, mostly the default ones.
pub fn strategy() -> impl Strategy<Value = Settings> {
    let alignment = prop_oneof![9 => Just(0_u8), 1 => 4..8_u8];
    let padding = prop_oneof![40 => Just(0_u8), 1 => 1..14_u8];
    let probestack = prop_oneof![
        4 => Just(None), 1 => Just(Some(12)), 1 => (12..17_u8).prop_map(Some),
    ];
    (
        (
            0..4_u8,
            weighted(0.2),
            weighted(0.3),
            weighted(0.2),
            probestack,
        ),
        (weighted(0.85), weighted(0.1), weighted(0.7), weighted(0.85)),
        (alignment, padding, weighted(0.02), weighted(0.1)),
        (any::<u16>(), any::<u8>(), any::<u16>(), any::<u8>()),
    )
        .prop_map(
            |(
                (opt_level, single_pass, frame_pointers, is_pic, probestack),
                (alias_analysis, cfg_info, unwind_info, canonical_nans),
                (alignment, padding, regalloc_checker, llvm_abi),
                (x86, aarch64, riscv64, s390x),
            )| Settings {
                opt_level,
                single_pass,
                frame_pointers,
                is_pic,
                probestack,
                alias_analysis,
                cfg_info,
                unwind_info,
                canonical_nans,
                alignment,
                padding,
                regalloc_checker,
                llvm_abi,
                x86,
                aarch64,
                riscv64,
                s390x,
            },
        )
}

/// What the program needs of its settings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Needs {
    /// Tail calls: Cranelift needs frame pointers for them on x86-64.
    pub frame_pointers: bool,
    /// `i128` in signatures: an extension of the ABI on x86-64.
    pub llvm_abi: bool,
}

impl Settings {
    /// Whether x86-64 rounds floats by an instruction.
    pub fn has_sse41(&self) -> bool {
        self.x86 % 8 >= 3
    }

    /// The header's `set` and `target` lines.
    pub fn write(&self, out: &mut String, isas: Isas, needs: Needs, traits: &mut TraitSet) {
        let mut set = |condition: bool, line: &str, one: Option<Trait>| {
            if condition {
                let _ = writeln!(out, "set {line}");
                one.into_iter().for_each(|one| traits.insert(one));
            }
        };
        set(self.opt_level <= 1, "opt_level=none", Some(Trait::OptNone));
        set(
            self.opt_level == 2,
            "opt_level=speed",
            Some(Trait::OptSpeed),
        );
        set(
            self.opt_level == 3,
            "opt_level=speed_and_size",
            Some(Trait::OptSpeedAndSize),
        );
        set(
            self.single_pass,
            "regalloc_algorithm=single_pass",
            Some(Trait::SinglePass),
        );
        set(self.regalloc_checker, "regalloc_checker=true", None);
        let frame_pointers = self.frame_pointers || needs.frame_pointers;
        set(
            frame_pointers,
            "preserve_frame_pointers=true",
            Some(Trait::FramePointers),
        );
        set(self.is_pic, "is_pic=true", Some(Trait::Pic));
        if let Some(size) = self.probestack {
            set(true, "enable_probestack=true", None);
            set(true, "probestack_strategy=inline", Some(Trait::ProbeInline));
            let line = format!("probestack_size_log2={size}");
            set(size != 12, &line, Some(Trait::ProbeSize));
        }
        set(
            !self.alias_analysis,
            "enable_alias_analysis=false",
            Some(Trait::NoAliasAnalysis),
        );
        set(
            self.cfg_info,
            "machine_code_cfg_info=true",
            Some(Trait::CfgInfo),
        );
        set(
            !self.unwind_info,
            "unwind_info=false",
            Some(Trait::NoUnwindInfo),
        );
        let line = "enable_nan_canonicalization=true";
        set(self.canonical_nans, line, Some(Trait::CanonicalNans));
        let line = format!("log2_min_function_alignment={}", self.alignment);
        set(self.alignment > 0, &line, Some(Trait::Alignment));
        let line = format!("bb_padding_log2_minus_one={}", self.padding);
        set(self.padding > 0, &line, Some(Trait::Padding));
        let llvm_abi = self.llvm_abi || needs.llvm_abi;
        set(
            llvm_abi,
            "enable_llvm_abi_extensions=true",
            Some(Trait::LlvmAbi),
        );
        if self.unwind_info {
            traits.insert(Trait::UnwindInfo);
        }
        for isa in isas.list() {
            let _ = write!(out, "target {}", isa.name());
            self.flags(isa, out, traits);
            out.push('\n');
        }
    }

    /// The flags of one `target` line.
    fn flags(&self, isa: Isa, out: &mut String, traits: &mut TraitSet) {
        let mut flag = |condition: bool, name: &str, one: Trait| {
            if condition {
                out.push(' ');
                out.push_str(name);
                traits.insert(one);
            }
        };
        match isa {
            Isa::X86_64 => {
                // Each level of SSE needs those below it.
                let sse = ["has_sse3", "has_ssse3", "has_sse41", "has_sse42"];
                for name in &sse[..usize::from(self.x86 % 8).min(4)] {
                    flag(true, name, Trait::X86Extensions);
                }
                let bit = |n: u16| self.x86 >> n & 3 == 3;
                flag(
                    bit(4) && self.x86 % 8 >= 4,
                    "has_popcnt",
                    Trait::X86Extensions,
                );
                flag(bit(6), "has_bmi1", Trait::X86Extensions);
                flag(bit(8), "has_bmi2", Trait::X86Extensions);
                flag(bit(10), "has_lzcnt", Trait::X86Extensions);
                flag(bit(12), "has_cmpxchg16b", Trait::X86Extensions);
            }
            Isa::Aarch64 => {
                let sign = self.aarch64 & 3 == 3;
                flag(self.aarch64 >> 2 & 3 == 3, "use_bti", Trait::Bti);
                flag(sign, "sign_return_address", Trait::SignReturn);
                let all = sign && self.aarch64 >> 4 & 1 == 1;
                flag(all, "sign_return_address_all", Trait::SignReturn);
                let key = sign && self.aarch64 >> 5 & 1 == 1;
                flag(key, "sign_return_address_with_bkey", Trait::SignReturn);
                flag(self.aarch64 >> 6 & 1 == 1, "has_lse", Trait::Lse);
                flag(self.aarch64 >> 7 & 1 == 1, "has_pauth", Trait::Pauth);
            }
            Isa::Riscv64gc => {
                let zca = self.riscv64 & 3 == 3;
                flag(zca, "has_zca", Trait::Compressed);
                flag(zca && self.riscv64 & 4 != 0, "has_zcd", Trait::Compressed);
                let more = self.riscv64 & 8 != 0;
                flag(zca && more, "has_zcb", Trait::Compressed);
                let extensions = [
                    "has_zba",
                    "has_zbb",
                    "has_zbc",
                    "has_zbs",
                    "has_zbkb",
                    "has_zicond",
                    "has_zfa",
                ];
                for (name, n) in extensions.into_iter().zip(4..) {
                    let one = more && self.riscv64 >> n & 1 == 1;
                    flag(one, name, Trait::RiscvExtensions);
                }
            }
            Isa::S390x if self.s390x & 1 == 1 => {
                let later = ["has_mie3", "has_mie4", "has_vxrs_ext3"];
                for (name, n) in later.into_iter().zip(1..) {
                    flag(self.s390x >> n & 1 == 1, name, Trait::LaterS390x);
                }
            }
            _ => {}
        }
    }
}
