//! Text to bytes with Keystone, as a second opinion on what a call or a NOP should look like.
//!
//! Keystone 0.9.2 has x86-64, AArch64 and SystemZ; it has neither RISC-V nor Pulley. Its
//! quirks live here and nowhere else: on SystemZ it does not know `nopr` and takes
//! `bcr 0, %r7` instead, registers carry a `%`, and it refuses branch targets beyond 32 bits
//! before it makes distances of them, so that all is assembled at address 0 there.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use keystone_engine::{Arch, Keystone, Mode, OptionType, OptionValue};

use crate::isa::Isa;

/// Why there are no bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssembleError {
    /// Keystone does not know the ISA.
    #[error("Keystone has no {0}")]
    Unsupported(Isa),
    /// Keystone does not take the text.
    #[error("Keystone does not assemble '{text}': {message}")]
    Rejected {
        /// The text.
        text: String,
        /// What Keystone said.
        message: String,
    },
}

thread_local! {
    /// A handle belongs to one thread and is dear to open.
    static HANDLES: RefCell<Vec<(Isa, Keystone)>> = const { RefCell::new(Vec::new()) };
}

fn open(isa: Isa) -> Result<Keystone, AssembleError> {
    let (arch, mode) = match isa {
        Isa::X86_64 => (Arch::X86, Mode::MODE_64),
        Isa::Aarch64 => (Arch::ARM64, Mode::LITTLE_ENDIAN),
        Isa::S390x => (Arch::SYSTEMZ, Mode::BIG_ENDIAN),
        _ => return Err(AssembleError::Unsupported(isa)),
    };
    let rejected = |error: keystone_engine::KeystoneError| AssembleError::Rejected {
        text: format!("(opening {isa})"),
        message: error.to_string(),
    };
    let keystone = {
        // The first `ks_open` of a process registers LLVM's targets behind a flag that is no
        // atomic (`initialized` in Keystone's ks.cpp): a second thread would come before them.
        static OPENING: Mutex<()> = Mutex::new(());
        let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        Keystone::new(arch, mode).map_err(rejected)?
    };
    if isa == Isa::X86_64 {
        keystone
            .option(OptionType::SYNTAX, OptionValue::SYNTAX_INTEL)
            .map_err(rejected)?;
    }
    Ok(keystone)
}

/// The bytes of `text`, assembled to lie at `address`.
///
/// # Errors
/// When Keystone knows the ISA or the text not.
pub fn assemble(isa: Isa, text: &str, address: u64) -> Result<Vec<u8>, AssembleError> {
    HANDLES.with_borrow_mut(|handles| {
        let index = match handles.iter().position(|(known, _)| *known == isa) {
            Some(index) => index,
            None => {
                handles.push((isa, open(isa)?));
                handles.len() - 1
            }
        };
        let rejected = |message: String| AssembleError::Rejected {
            text: text.to_owned(),
            message,
        };
        // The binding panics on a NUL.
        if text.contains('\0') {
            return Err(rejected("a NUL in the text".to_owned()));
        }
        let address = if isa == Isa::S390x { 0 } else { address };
        let output = handles[index].1.asm(text.to_owned(), address);
        output
            .map(|output| output.bytes)
            .map_err(|error| rejected(error.to_string()))
    })
}

/// Text of a call of `target` from `address` with the platform's link register, in Keystone's
/// words.
///
/// # Errors
/// When Keystone does not know the ISA.
pub fn call_text(isa: Isa, target: u64, address: u64) -> Result<String, AssembleError> {
    match isa {
        Isa::X86_64 => Ok(format!("call {target:#x}")),
        Isa::Aarch64 => Ok(format!("bl #{target:#x}")),
        Isa::S390x => {
            let distance = target.wrapping_sub(address).cast_signed();
            Ok(format!("brasl %r14, {distance}"))
        }
        _ => Err(AssembleError::Unsupported(isa)),
    }
}

/// Results that are kept at most, so that memory stays flat in long campaigns.
const KEPT: usize = 10_000;

/// What has been assembled; `None` for what Keystone cannot express.
type Assembled<K> = RefCell<HashMap<(Isa, K), Option<Vec<u8>>>>;

thread_local! {
    /// Calls by ISA and distance.
    static CALLS: Assembled<u64> = RefCell::default();
    /// NOPs by ISA and length.
    static NOPS: Assembled<usize> = RefCell::default();
}

/// A call of `target` from `address`, assembled once for each distance, which is all that its
/// encoding depends on; `None` where Keystone cannot express it.
pub fn call(isa: Isa, target: u64, address: u64) -> Option<Vec<u8>> {
    CALLS.with_borrow_mut(|calls| {
        if calls.len() >= KEPT {
            calls.clear();
        }
        let assembled = || assemble(isa, &call_text(isa, target, address).ok()?, address).ok();
        let entry = calls.entry((isa, target.wrapping_sub(address)));
        entry.or_insert_with(assembled).clone()
    })
}

/// One NOP of `len` bytes, assembled once; `None` where Keystone has no words for it.
pub fn nop(isa: Isa, len: usize) -> Option<Vec<u8>> {
    NOPS.with_borrow_mut(|nops| {
        let assembled = || assemble(isa, nop_text(isa, len)?, 0).ok();
        nops.entry((isa, len)).or_insert_with(assembled).clone()
    })
}

/// Text of one NOP of `len` bytes in Keystone's words; `None` where it has no words for that
/// length.
pub fn nop_text(isa: Isa, len: usize) -> Option<&'static str> {
    match (isa, len) {
        (Isa::X86_64, 1) => Some("nop"),
        (Isa::X86_64, 5) => Some("nop dword ptr [rax + rax]"),
        (Isa::Aarch64, 4) => Some("nop"),
        (Isa::S390x, 2) => Some("bcr 0, %r7"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disasm::{Kind, decode, decode_all, direct_call};

    const BASE: u64 = 0x10_0000_0040;

    #[test]
    fn calls_lead_where_they_say() {
        for isa in [Isa::X86_64, Isa::Aarch64, Isa::S390x] {
            for target in [BASE + 0x2000, BASE - 0x2000] {
                let text = call_text(isa, target, BASE).expect("Keystone knows the ISA");
                let bytes = assemble(isa, &text, BASE).expect("it assembles calls");
                let decoded = decode_all(isa, &bytes, BASE);
                let call = direct_call(&decoded).expect("it decodes as a call");
                assert_eq!(call.target, target, "{isa}: {text}: {bytes:02x?}");
            }
        }
    }

    #[test]
    fn nops_decode_as_nops_and_short_ones_are_the_usual_bytes() {
        let cases: [(Isa, &[u8]); 4] = [
            (Isa::X86_64, &[0x90]),
            (Isa::X86_64, &[0x0f, 0x1f, 0x44, 0, 0]),
            (Isa::Aarch64, &[0x1f, 0x20, 0x03, 0xd5]),
            (Isa::S390x, &[0x07, 0x07]),
        ];
        for (isa, usual) in cases {
            let text = nop_text(isa, usual.len()).expect("there is a text");
            let bytes = assemble(isa, text, BASE).expect("it assembles NOPs");
            let decoded = decode(isa, &bytes, BASE).expect("there are bytes");
            assert_eq!(decoded.kind, Kind::Nop, "{isa}: {text}: {bytes:02x?}");
            // Keystone leaves out a displacement of zero, so that its long NOP is shorter.
            assert_eq!(
                bytes == usual,
                usual.len() != 5,
                "{isa}: {text}: {bytes:02x?}"
            );
        }
    }

    #[test]
    fn what_keystone_lacks_is_an_error() {
        let lacks = |isa| assemble(isa, "nop", 0) == Err(AssembleError::Unsupported(isa));
        assert!(lacks(Isa::Riscv64gc) && lacks(Isa::Pulley64));
        assert!(assemble(Isa::X86_64, "no such thing", 0).is_err());
        assert!(assemble(Isa::X86_64, "nop\0", 0).is_err());
    }
}
