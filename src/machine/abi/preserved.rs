//! What a call leaves alone: the registers, and how much of each, that a callee must give back
//! as it found them.

use std::sync::OnceLock;

use super::super::registers::{RegisterId, RegisterRole, RegisterTable};
use crate::isa::Isa;
use crate::program::CallConv;

/// The bits that a call preserves of each register of an ISA's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preserved(Vec<u128>);

impl Preserved {
    /// The preserved bits of `register`.
    pub fn mask(&self, register: RegisterId) -> u128 {
        let mask = self.0.get(usize::from(register.0));
        mask.copied().unwrap_or(0)
    }
}

/// All bits of a register of `bytes` bytes.
fn full(bytes: u8) -> u128 {
    u128::MAX >> (128 - 8 * u32::from(bytes))
}

const LOW64: u128 = u64::MAX as u128;
const HIGH64: u128 = LOW64 << 64;

/// What a callee of convention `conv` preserves on `isa`.
///
/// The stack pointer is among it. Not among it, under any convention: the program counter,
/// the register that the call instruction itself writes its return address to, and condition
/// flags (every ABI document here leaves them undefined after a call).
pub fn preserved(isa: Isa, conv: CallConv) -> &'static Preserved {
    const ISAS: usize = Isa::ALL.len();
    const CONVENTIONS: usize = CallConv::Winch as usize + 1;
    static KNOWN: [[OnceLock<Preserved>; CONVENTIONS]; ISAS] =
        [const { [const { OnceLock::new() }; CONVENTIONS] }; ISAS];
    KNOWN[isa as usize][conv as usize].get_or_init(|| by_documents(isa, conv))
}

fn by_documents(isa: Isa, conv: CallConv) -> Preserved {
    let table = RegisterTable::of(isa);
    let masks = table.ids().map(|register| {
        let info = table.info(register);
        match info.role {
            RegisterRole::Pc | RegisterRole::Flags => 0,
            RegisterRole::Control(mask) => u128::from(mask),
            _ if Some(register) == table.link => 0,
            _ if register == table.sp || info.name == "fp" => full(info.bytes),
            _ if conv == CallConv::PreserveAll => full(info.bytes),
            role => platform(isa, conv, role) & full(info.bytes),
        }
    });
    Preserved(masks.collect())
}

/// The bits of a register that the platform's ABI preserves.
fn platform(isa: Isa, conv: CallConv, role: RegisterRole) -> u128 {
    use RegisterRole::{Float, Int};
    match (isa, role) {
        // CLIF's `winch` has no callee-saved registers but the frame pointer.
        (Isa::X86_64, Int(5)) => u128::MAX,
        (Isa::Aarch64, Int(29)) => u128::MAX,
        _ if conv == CallConv::Winch => 0,
        // psABI figure 3.4: rbx, rbp, r12 to r15. Microsoft adds rdi, rsi, xmm6 to xmm15.
        (Isa::X86_64, Int(3 | 12..=15)) => u128::MAX,
        (Isa::X86_64, Int(6 | 7) | Float(6..=15)) if conv == CallConv::WindowsFastcall => u128::MAX,
        // AAPCS64 6.1.1: x19 to x29; 6.1.2: the low halves of v8 to v15.
        (Isa::Aarch64, Int(19..=28)) => u128::MAX,
        (Isa::Aarch64, Float(8..=15)) => LOW64,
        // RISC-V psABI: s0 to s11, fs0 to fs11; gp and tp are nobody's to write.
        (Isa::Riscv64gc, Int(0 | 3 | 4 | 8 | 9 | 18..=27)) => u128::MAX,
        (Isa::Riscv64gc, Float(8 | 9 | 18..=27)) => u128::MAX,
        // CLIF's `tail` makes r6 and r7 argument registers.
        (Isa::S390x, Int(6 | 7)) if conv == CallConv::Tail => 0,
        // s390x ELF ABI table 1.8: r6 to r13, r15; f8 to f15, which are leftmost halves.
        (Isa::S390x, Int(6..=13)) => u128::MAX,
        (Isa::S390x, Float(8..=15)) => HIGH64,
        // Pulley: the upper half of the integer registers, no float or vector register.
        (Isa::Pulley64 | Isa::Pulley64be, Int(16..=29)) => u128::MAX,
        _ => 0,
    }
}

/// The register that CLIF's `set_pinned_reg` writes, on ISAs that have one: a program with the setting
/// `enable_pinned_reg` may set it, and then nobody saves it (Cranelift's setting and its back ends'
/// `pinned_reg`).
pub fn pinned(isa: Isa) -> Option<&'static str> {
    match isa {
        Isa::X86_64 => Some("r15"),
        Isa::Aarch64 => Some("x21"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(isa: Isa, conv: CallConv) -> Vec<&'static str> {
        let table = RegisterTable::of(isa);
        let kept = preserved(isa, conv);
        let ids = table.ids().filter(|&id| kept.mask(id) != 0);
        ids.map(|id| table.info(id).name).collect()
    }

    #[test]
    fn platform_abis_preserve_what_their_documents_list() {
        let sysv = names(Isa::X86_64, CallConv::SystemV);
        assert_eq!(
            sysv,
            [
                "rbx", "rsp", "rbp", "r12", "r13", "r14", "r15", "mxcsr", "fpcw"
            ]
        );
        let arm = names(Isa::Aarch64, CallConv::SystemV);
        assert!(arm.contains(&"x19") && arm.contains(&"v8") && !arm.contains(&"x18"));
        let z = preserved(Isa::S390x, CallConv::SystemV);
        let table = RegisterTable::of(Isa::S390x);
        let v8 = table.by_name("v8").unwrap();
        assert_eq!(z.mask(v8), HIGH64);
        assert!(!names(Isa::S390x, CallConv::SystemV).contains(&"r14"));
    }

    #[test]
    fn preserve_all_preserves_all_but_link_flags_and_pc() {
        for isa in Isa::ALL.into_iter().filter(|isa| isa.is_executable()) {
            let table = RegisterTable::of(isa);
            let kept = names(isa, CallConv::PreserveAll);
            for id in table.ids() {
                let info = table.info(id);
                let exempt = matches!(info.role, RegisterRole::Pc | RegisterRole::Flags)
                    || info.role == RegisterRole::Control(0)
                    || Some(id) == table.link;
                assert_eq!(kept.contains(&info.name), !exempt, "{isa} {}", info.name);
            }
        }
    }
}
