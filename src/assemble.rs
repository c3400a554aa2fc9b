//! Text to bytes with Keystone, as a second opinion on what a call or a NOP should look like.
//!
//! Keystone 0.9.2 has x86-64, AArch64 and SystemZ; it has neither RISC-V nor Pulley. Its
//! quirks live here and nowhere else: on SystemZ it does not know `nopr` and takes
//! `bcr 0, %r7` instead, registers carry a `%`, and it refuses branch targets beyond 32 bits
//! before it makes distances of them, so that all is assembled at address 0 there.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::thread::LocalKey;

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

/// Calls and NOPs of one thread after which all are forgotten.
const BOUND: usize = 1 << 15;

type Assembled = Result<Vec<u8>, AssembleError>;

thread_local! {
    /// Calls by ISA and distance, NOPs by ISA and length: each is the same bytes wherever it
    /// lies, and assembling costs as much as compiling a small function.
    static CALLS: RefCell<HashMap<(Isa, u64), Assembled>> = RefCell::default();
    static NOPS: RefCell<HashMap<(Isa, usize), Assembled>> = RefCell::default();
}

/// Where remembered calls are assembled: within reach of every target that a call at any
/// address reaches.
const CALL_AT: u64 = 1 << 40;

/// The bytes of a call of `target` from `address`. A call's bytes tell its distance, so that
/// those of another call over the same distance are taken where there was one.
///
/// # Errors
/// As for [`assemble`].
pub fn assemble_call(isa: Isa, target: u64, address: u64) -> Assembled {
    let distance = target.wrapping_sub(address);
    remembered(&CALLS, (isa, distance), || {
        let text = call_text(isa, CALL_AT.wrapping_add(distance), CALL_AT)?;
        assemble(isa, &text, CALL_AT)
    })
}

/// Assembles all of an image's `calls`, a target and an address each, at once, to be remembered for
/// [`assemble_call`]: Keystone sets itself up anew for each text, which takes longer than a call.
/// Where it says anything but as many calls, each is assembled by itself later.
pub fn foresee_calls(isa: Isa, calls: impl IntoIterator<Item = (u64, u64)>) {
    let Some(length) = call_bytes(isa) else {
        return;
    };
    let distances = calls
        .into_iter()
        .map(|(target, at)| target.wrapping_sub(at));
    let new: BTreeSet<u64> = CALLS.with_borrow(|known| {
        distances
            .filter(|distance| !known.contains_key(&(isa, *distance)))
            .collect()
    });
    if new.len() < 2 {
        return;
    }
    let lines = (CALL_AT..).step_by(length).zip(&new).map(|(at, distance)| {
        // Where all is at address 0, so is the first call.
        let origin = if isa == Isa::S390x { CALL_AT } else { at };
        call_text(isa, at.wrapping_add(*distance), origin)
    });
    let Ok(lines) = lines.collect::<Result<Vec<String>, _>>() else {
        return;
    };
    let bytes = assemble(isa, &lines.join("\n"), CALL_AT).unwrap_or_default();
    if bytes.len() != new.len() * length {
        return;
    }
    CALLS.with_borrow_mut(|known| {
        if known.len() >= BOUND {
            known.clear();
        }
        for (distance, bytes) in new.iter().zip(bytes.chunks(length)) {
            known.insert((isa, *distance), Ok(bytes.to_vec()));
        }
    });
}

/// Length of a direct call in bytes, where Keystone knows the ISA.
fn call_bytes(isa: Isa) -> Option<usize> {
    match isa {
        Isa::X86_64 => Some(5),
        Isa::Aarch64 => Some(4),
        Isa::S390x => Some(6),
        _ => None,
    }
}

/// The bytes of one NOP of `len` bytes; `None` where Keystone has no words for that length.
pub fn assemble_nop(isa: Isa, len: usize) -> Option<Assembled> {
    let text = nop_text(isa, len)?;
    Some(remembered(&NOPS, (isa, len), || assemble(isa, text, 0)))
}

fn remembered<K: Eq + Hash + Copy>(
    known: &'static LocalKey<RefCell<HashMap<K, Assembled>>>,
    key: K,
    assemble: impl FnOnce() -> Assembled,
) -> Assembled {
    known.with_borrow_mut(|known| {
        if known.len() >= BOUND {
            known.clear();
        }
        known.entry(key).or_insert_with(assemble).clone()
    })
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
            // Never in decimal: Keystone leaves the default base of its lexer uninitialised, and
            // some processes read `-1152` as -0x1152.
            let distance = target.wrapping_sub(address).cast_signed();
            let sign = if distance < 0 { "-" } else { "" };
            Ok(format!("brasl %r14, {sign}{:#x}", distance.unsigned_abs()))
        }
        _ => Err(AssembleError::Unsupported(isa)),
    }
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
    fn no_number_in_a_call_depends_on_the_base() {
        for isa in [Isa::X86_64, Isa::Aarch64, Isa::S390x] {
            for target in [BASE + 0x480, BASE - 0x480] {
                let text = call_text(isa, target, BASE).expect("Keystone knows the ISA");
                assert!(text.contains("0x"), "{isa}: {text}");
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
    fn remembered_calls_are_those_assembled_in_place() {
        for isa in [Isa::X86_64, Isa::Aarch64, Isa::S390x] {
            for distance in [4_u64, 0x20, 0x1_0000, 0x7f_fffc] {
                for target in [BASE + distance, BASE - distance] {
                    let text = call_text(isa, target, BASE).expect("Keystone knows the ISA");
                    let in_place = assemble(isa, &text, BASE);
                    assert!(in_place.is_ok(), "{isa}: {text}");
                    assert_eq!(assemble_call(isa, target, BASE), in_place, "{isa}: {text}");
                    assert_eq!(assemble_call(isa, target, BASE), in_place, "{isa}: {text}");
                }
            }
        }
        assert!(assemble_call(Isa::Riscv64gc, BASE, BASE).is_err());
        assert!(assemble_nop(Isa::X86_64, 3).is_none());
    }

    #[test]
    fn calls_assembled_at_once_are_those_assembled_alone() {
        for isa in [Isa::X86_64, Isa::Aarch64, Isa::S390x] {
            let distances = [0x44, 0x2000, 0x7f_fff4].into_iter();
            let calls = distances.flat_map(|d: u64| [(BASE + d, BASE), (BASE, BASE + d)]);
            let calls: Vec<(u64, u64)> = calls.collect();
            let alone = calls.iter().map(|&(target, at)| {
                let text = call_text(isa, target, at).expect("Keystone knows the ISA");
                assemble(isa, &text, at)
            });
            let alone: Vec<Assembled> = alone.collect();
            foresee_calls(isa, calls.iter().copied());
            for (&(target, at), alone) in calls.iter().zip(alone) {
                let foreseen =
                    CALLS.with_borrow(|known| known.get(&(isa, target.wrapping_sub(at))).cloned());
                assert_eq!(foreseen, Some(alone), "{isa}: {target:#x} from {at:#x}");
            }
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
