//! What a program's header and the generator's variant ask for.

use cranelift_codegen::isa::{CallConv, TargetIsa};

use super::legalize::Library;

/// How patch sites are emitted, beyond what Cranelift offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SiteOptions {
    /// Sites are emitted as NOPs; the metadata carries the live bytes.
    pub off_by_default: bool,
    /// No site crosses the boundary of an aligned word that the ISA stores at once.
    pub atomic: bool,
}

/// The settings that the code generator heeds. Names are those of CLIF's `set` lines.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `preserve_frame_pointers`.
    pub frame_pointers: bool,
    /// `enable_pinned_reg`.
    pub pinned_register: bool,
    /// `enable_nan_canonicalization`.
    pub canonical_nans: bool,
    /// `is_pic`: addresses of symbols that are not colocated come from the GOT.
    pub is_pic: bool,
    /// `enable_probestack` with the inline strategy: bytes between probes.
    pub probe_guard: Option<u32>,
    /// `regalloc_algorithm` is `single_pass`.
    pub single_pass: bool,
    /// `regalloc_checker`, or the generator's own flag.
    pub check_allocation: bool,
    /// `libcall_call_conv` and `use_colocated_libcalls`.
    pub library: Library,
    /// `enable_multi_ret_implicit_sret`: results that find no register lie in memory.
    pub results_in_memory: bool,
    /// `enable_llvm_abi_extensions`.
    pub llvm_abi: bool,
    /// Names of the boolean ISA flags that are on.
    pub isa_flags: Vec<String>,
    /// How sites are emitted.
    pub sites: SiteOptions,
}

impl Settings {
    /// Reads CLIF's view of the target.
    pub fn new(clif: &dyn TargetIsa, sites: SiteOptions, check_allocation: bool) -> Settings {
        use cranelift_codegen::settings::{ProbestackStrategy, RegallocAlgorithm};
        let flags = clif.flags();
        let inline = flags.probestack_strategy() == ProbestackStrategy::Inline;
        let guard = 1u32.checked_shl(u32::from(flags.probestack_size_log2()));
        let isa_flags = clif.isa_flags();
        let on = isa_flags.iter().filter(|flag| flag.as_bool() == Some(true));
        Settings {
            frame_pointers: flags.preserve_frame_pointers(),
            pinned_register: flags.enable_pinned_reg(),
            canonical_nans: flags.enable_nan_canonicalization(),
            is_pic: flags.is_pic(),
            probe_guard: guard.filter(|_| flags.enable_probestack() && inline),
            single_pass: flags.regalloc_algorithm() == RegallocAlgorithm::SinglePass,
            check_allocation: check_allocation || flags.regalloc_checker(),
            library: Library {
                conv: CallConv::for_libcall(flags, CallConv::triple_default(clif.triple())),
                colocated: flags.use_colocated_libcalls(),
            },
            results_in_memory: flags.enable_multi_ret_implicit_sret(),
            llvm_abi: flags.enable_llvm_abi_extensions(),
            isa_flags: on.map(|flag| flag.name.to_owned()).collect(),
            sites,
        }
    }

    /// Whether a boolean ISA flag is on.
    pub fn has(&self, flag: &str) -> bool {
        self.isa_flags.iter().any(|name| name == flag)
    }
}
