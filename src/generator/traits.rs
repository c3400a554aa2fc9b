//! What a program can have, as a list of names: the rows of the coverage table.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! traits {
    ($($variant:ident $name:literal)*) => {
        /// Something that a generated program can have.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum Trait {
            $(#[doc = $name] $variant,)*
        }

        impl Trait {
            /// All of them, in the order of the table.
            pub const ALL: &[Trait] = &[$(Trait::$variant),*];

            /// The name in tables.
            pub fn name(self) -> &'static str {
                match self {
                    $(Trait::$variant => $name,)*
                }
            }
        }
    };
}

traits! {
    ValueI8 "value i8"
    ValueI16 "value i16"
    ValueI32 "value i32"
    ValueI64 "value i64"
    ValueI128 "value i128"
    ValueF32 "value f32"
    ValueF64 "value f64"
    ValueI8x16 "value i8x16"
    ValueI16x8 "value i16x8"
    ValueI32x4 "value i32x4"
    ValueI64x2 "value i64x2"
    ValueF32x4 "value f32x4"
    ValueF64x2 "value f64x2"
    LiveFew "live across a site: few"
    LiveMany "live across a site: more than registers"
    OpArithmetic "integer arithmetic"
    OpMulHigh "mul high"
    OpDivide "guarded division"
    OpShift "shifts and rotates"
    OpBits "bit counts and swaps"
    OpCompare "integer comparison"
    OpOverflow "overflow and carry"
    OpSelect "select"
    OpConvert "integer conversion"
    OpWide "iconcat and isplit"
    OpFloat "float arithmetic"
    OpFma "fma"
    OpFloatCompare "float comparison"
    OpFloatRound "float rounding"
    OpFloatConvert "float conversion"
    OpBitcast "bitcast"
    OpLane "lane access"
    OpVector "vector arithmetic"
    OpVectorShape "vector shuffles and widths"
    Load "load"
    Store "store"
    NarrowAccess "extending load or cutting store"
    Unaligned "unaligned access"
    SlotSmall "stack slot up to 256 bytes"
    SlotLarge "stack slot over a page"
    SlotHuge "stack slot of a megabyte"
    Data "data symbol"
    DataFar "data symbol by the global offset table"
    Atomic "atomic"
    Fence "fence"
    Diamond "diamond"
    Loop "loop"
    LoopNested "nested loop"
    Table "br_table"
    EarlyReturn "early return"
    Cold "cold block"
    TrapUnreached "trap not reached"
    TrapReached "trap reached"
    CallDirect "direct call"
    CallIndirect "indirect call"
    CallRecursive "recursive call"
    CallTail "return_call"
    CallManyArguments "arguments on the stack"
    CallManyResults "several results"
    HostArguments "hostcall with arguments"
    HostResults "hostcall with results"
    HostIndirect "indirect hostcall"
    HostColocated "colocated hostcall"
    Toggle "toggle from the program"
    ToggleInCallee "toggle from a callee"
    ToggleInHook "toggle from a hook"
    SiteOne "one site"
    SitesFew "2 to 9 sites"
    SitesMany "10 sites or more"
    SitesAdjacent "sites back to back"
    SiteInLoop "site in a loop"
    SiteInArm "site in a branch's arm"
    SiteInCallee "site in a callee"
    SiteInHook "site in a hook"
    SiteBeforeReturn "site right before a return"
    SiteAtEntry "site as a function's first instruction"
    SiteBeforeTailCall "site before return_call"
    HooksSeveral "several hooks"
    HookShared "one hook, several sites"
    HookPreserveAll "hook preserve_all"
    HookSystemV "hook system_v"
    HookFast "hook fast"
    HookTail "hook tail"
    HookWinch "hook winch"
    HookWindows "hook windows_fastcall"
    HookApple "hook apple_aarch64"
    HookNoArguments "hook without arguments"
    HookStackArguments "hook arguments on the stack"
    HookI128Argument "hook argument i128"
    HookVectorArgument "hook argument vector"
    HookFloatArgument "hook argument float"
    HookExtendedArgument "hook argument extended"
    HookEmpty "empty hook"
    HookLeaf "leaf hook with work"
    HookFloatWork "float work in a hook"
    HookVectorWork "vector work in a hook"
    HookPressure "pressure in a hook"
    HookLargeFrame "large frame in a hook"
    HookGuestCall "guest call in a hook"
    HookHostcall "hostcall in a hook"
    HookControl "control flow in a hook"
    HookOwnData "hook writes its own data"
    HookReadsProgram "hook reads the program's data"
    HookStackLimit "hook with a stack limit"
    HookCalledDirectly "hook also called directly"
    OptNone "opt_level none"
    OptSpeed "opt_level speed"
    OptSpeedAndSize "opt_level speed_and_size"
    SinglePass "regalloc single_pass"
    FramePointers "frame pointers"
    Pic "position independent"
    ProbeInline "probestack inline"
    ProbeSize "probestack size not the default"
    NoAliasAnalysis "no alias analysis"
    CfgInfo "machine code CFG"
    UnwindInfo "unwind information"
    NoUnwindInfo "no unwind information"
    CanonicalNans "canonical NaNs"
    Alignment "functions aligned more"
    Padding "blocks padded"
    LlvmAbi "LLVM's i128 ABI"
    X86Extensions "x86-64 extensions"
    Bti "AArch64 BTI"
    SignReturn "AArch64 return address signed"
    Lse "AArch64 LSE"
    Pauth "AArch64 PAuth"
    Compressed "RISC-V compressed"
    RiscvExtensions "RISC-V extensions"
    LaterS390x "s390x of z15 and later"
    FewTargets "not for all ISAs"
}

impl fmt::Display for Trait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of traits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraitSet([u128; 2]);

impl TraitSet {
    /// Adds one.
    pub fn insert(&mut self, one: Trait) {
        let number = one as usize;
        self.0[number / 128] |= 1 << (number % 128);
    }

    /// Its members in the order of [`Trait::ALL`].
    pub fn list(self) -> Vec<Trait> {
        let has = |one: &&Trait| self.0[**one as usize / 128] >> (**one as usize % 128) & 1 == 1;
        Trait::ALL.iter().filter(has).copied().collect()
    }
}
