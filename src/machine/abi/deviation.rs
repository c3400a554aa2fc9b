//! Rules of ABI documents that a code generator does not follow, where that is known.
//!
//! The tables stay the documents'. A finding that a generator puts arguments elsewhere can say
//! which rule it is about, and is then believed only of signatures that the rule touches.

use super::layout;
use crate::isa::Isa;
use crate::program::{CallConv, Signature};

/// A way to lay out arguments that no document has. Those of conventions that are a generator's
/// own follow no document and deviate from none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Deviation {
    /// A register that an `i128` leaves over goes to a later argument (against AAPCS64 6.8.2 C.13).
    UsesLeftOver,
    /// A register that an `i128` leaves over goes to no argument (against psABI x86-64 3.2.3).
    SkipsLeftOver,
    /// The halves of an `i128` are two arguments of 64 bits (against psABI x86-64 3.2.3, and the
    /// alignment of stack arguments in the RISC-V psABI's integer calling convention).
    SplitsI128,
    /// A float that finds no register left goes on the stack (against the RISC-V psABI's hardware
    /// floating-point calling convention).
    FloatOnStack,
}

impl Deviation {
    /// All of them.
    pub const ALL: [Deviation; 4] = [
        Deviation::UsesLeftOver,
        Deviation::SkipsLeftOver,
        Deviation::SplitsI128,
        Deviation::FloatOnStack,
    ];

    /// The name in headers of findings.
    pub fn name(self) -> &'static str {
        match self {
            Deviation::UsesLeftOver => "uses-left-over-register",
            Deviation::SkipsLeftOver => "skips-left-over-register",
            Deviation::SplitsI128 => "splits-i128",
            Deviation::FloatOnStack => "float-on-stack",
        }
    }

    /// Whether the rule is one of the ISA's and the convention is not followed. On x86-64
    /// `system_v` keeps the halves together, and every other convention splits them, among which
    /// only `windows_fastcall` may.
    fn is_of(self, isa: Isa, conv: CallConv) -> bool {
        match self {
            Deviation::UsesLeftOver => isa == Isa::Aarch64,
            Deviation::SkipsLeftOver => isa == Isa::X86_64 && conv == CallConv::SystemV,
            Deviation::SplitsI128 if isa == Isa::X86_64 => {
                !matches!(conv, CallConv::SystemV | CallConv::WindowsFastcall)
            }
            Deviation::SplitsI128 | Deviation::FloatOnStack => isa == Isa::Riscv64gc,
        }
    }
}

/// Whether some argument or result of `signature` lies elsewhere with the deviation.
pub fn deviates(isa: Isa, signature: &Signature, deviation: Deviation) -> bool {
    let documented = layout(isa, signature, None);
    deviation.is_of(isa, signature.call_conv)
        && documented.is_ok()
        && documented != layout(isa, signature, Some(deviation))
}

#[cfg(test)]
mod tests {
    use super::Deviation::{FloatOnStack, SkipsLeftOver, SplitsI128, UsesLeftOver};
    use super::*;
    use crate::program::CallConv::{self, Fast, PreserveAll, SystemV, Tail, WindowsFastcall};
    use crate::program::{Extension, Param, Purpose, Ty};

    /// `ints` arguments of 64 bits, then these.
    fn signature(call_conv: CallConv, ints: usize, then: &[Ty]) -> Signature {
        let all = std::iter::repeat_n(Ty::int(64), ints).chain(then.iter().copied());
        let param = |ty| Param {
            ty,
            extension: Extension::None,
            purpose: Purpose::Normal,
        };
        Signature {
            call_conv,
            params: all.map(param).collect(),
            returns: Vec::new(),
            llvm_abi: false,
        }
    }

    #[test]
    fn a_deviation_touches_only_signatures_in_which_its_rule_decides() {
        let (wide, word, float) = (Ty::int(128), Ty::int(64), Ty::float(64));
        for (isa, deviation, conv, ints, then, expected) in [
            (
                Isa::Aarch64,
                UsesLeftOver,
                SystemV,
                7,
                &[wide, word][..],
                true,
            ),
            (Isa::Aarch64, UsesLeftOver, SystemV, 7, &[wide], false),
            (Isa::Aarch64, UsesLeftOver, SystemV, 6, &[wide, word], false),
            (Isa::Aarch64, UsesLeftOver, Fast, 7, &[wide, word], false),
            (Isa::X86_64, SkipsLeftOver, SystemV, 5, &[wide, word], true),
            (Isa::X86_64, SkipsLeftOver, SystemV, 5, &[wide], false),
            (Isa::X86_64, SkipsLeftOver, SystemV, 4, &[wide, word], false),
            (
                Isa::X86_64,
                SkipsLeftOver,
                PreserveAll,
                5,
                &[wide, word],
                false,
            ),
            (Isa::X86_64, SplitsI128, SystemV, 5, &[wide], false),
            (Isa::X86_64, SplitsI128, PreserveAll, 5, &[wide], true),
            (Isa::X86_64, SplitsI128, PreserveAll, 7, &[wide], true),
            (Isa::X86_64, SplitsI128, PreserveAll, 6, &[wide], false),
            (Isa::X86_64, SplitsI128, Tail, 5, &[wide], false),
            (Isa::X86_64, SplitsI128, WindowsFastcall, 3, &[wide], false),
            (Isa::Riscv64gc, SplitsI128, SystemV, 9, &[wide], true),
            (Isa::Riscv64gc, SplitsI128, SystemV, 8, &[wide], false),
            (Isa::Riscv64gc, SplitsI128, SystemV, 7, &[wide], false),
            (Isa::Riscv64gc, FloatOnStack, SystemV, 0, &[float; 9], true),
            (Isa::Riscv64gc, FloatOnStack, SystemV, 0, &[float; 8], false),
            (Isa::Riscv64gc, FloatOnStack, SystemV, 8, &[float; 9], false),
            (Isa::Riscv64gc, FloatOnStack, Tail, 0, &[float; 9], false),
        ] {
            let signature = signature(conv, ints, then);
            let seen = deviates(isa, &signature, deviation);
            assert_eq!(seen, expected, "{isa} {deviation:?} {signature}");
        }
    }
}
