//! Instructions that move registers to the stack and back, read from their text: the disassembler
//! has done the decoding, on every ISA.

use crate::disasm::Instruction;
use crate::isa::Isa;

/// A save or restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Where the instruction is.
    pub address: u64,
    /// The instruction.
    pub bytes: Vec<u8>,
    /// Registers as the disassembler names them, separated by commas.
    pub registers: String,
    /// The slot as it is written, or the push.
    pub slot: String,
    /// Whether it stores.
    pub store: bool,
}

impl Transfer {
    /// Reads a transfer between registers and the stack.
    pub fn of(instruction: &Instruction, isa: Isa) -> Option<Transfer> {
        let mnemonic = instruction.mnemonic.as_str();
        let operands = instruction.operands().into_owned();
        let parts: Vec<&str> = split(&operands);
        let store = match isa {
            _ if is_frame(mnemonic, &operands, isa) => mnemonic.starts_with("push"),
            Isa::X86_64 => operands.find('[')? < operands.find(", ").unwrap_or(usize::MAX),
            _ if isa.is_pulley() => mnemonic.contains("store"),
            Isa::Riscv64gc => matches!(mnemonic, "sd" | "fsd" | "c.sdsp" | "c.fsdsp"),
            _ => mnemonic.starts_with("st") || mnemonic.starts_with("vst"),
        };
        if is_frame(mnemonic, &operands, isa) {
            let more = operands.split_once(", ").map_or("", |(_, more)| more);
            let registers = match (isa.is_pulley(), more) {
                (true, "") => "fp, lr".to_owned(),
                (true, more) => format!("fp, lr, {more}"),
                (false, _) => "rbp".to_owned(),
            };
            return Some(Transfer {
                address: instruction.address,
                bytes: instruction.bytes.clone(),
                registers,
                slot: FRAME.to_owned(),
                store,
            });
        }
        let is_move = match isa {
            Isa::X86_64 => matches!(mnemonic, "mov" | "movdqu" | "movups"),
            Isa::Aarch64 => matches!(mnemonic, "stp" | "ldp" | "str" | "ldr" | "stur" | "ldur"),
            Isa::Riscv64gc => matches!(mnemonic, "sd" | "ld" | "fsd" | "fld"),
            Isa::S390x => {
                matches!(
                    mnemonic,
                    "stmg" | "lmg" | "stg" | "lg" | "vst" | "vl" | "std" | "ld"
                )
            }
            _ => mnemonic.contains("store") || mnemonic.contains("load"),
        };
        if !is_move {
            return None;
        }
        let sp = match isa {
            Isa::X86_64 => "rsp",
            Isa::S390x => "%r15)",
            _ => "sp",
        };
        let (slot, registers): (Vec<&str>, Vec<&str>) = if isa.is_pulley() {
            // `sp, 24, x0` or `x0, sp, 24`.
            match (parts.as_slice(), store) {
                ([base, offset, register], true) | ([register, base, offset], false) => {
                    (vec![base, offset], vec![register])
                }
                _ => return None,
            }
        } else {
            let memory =
                |part: &&str| part.contains('[') || part.contains('(') || part.starts_with('#');
            parts.iter().copied().partition(memory)
        };
        let slot = slot.join(", ");
        (slot.contains(sp) && !registers.is_empty()).then(|| Transfer {
            address: instruction.address,
            bytes: instruction.bytes.clone(),
            registers: registers.join(", ").replace('%', ""),
            slot,
            store,
        })
    }

    /// Whether one of its registers is `register`, however wide it is named. A range of s390x's
    /// multiple transfers has all that lie in it.
    pub fn names(&self, register: &str) -> bool {
        let names: Vec<&str> = self.registers.split(", ").collect();
        if let [
            "r6" | "r7" | "r8" | "r9" | "r10" | "r11" | "r12" | "r13" | "r0" | "r1" | "r2" | "r3"
            | "r4" | "r5",
            _,
        ] = names[..]
            && let (Some(first), Some(last), Some(own)) =
                (number(names[0]), number(names[1]), number(register))
            && register.starts_with('r')
        {
            return (first..=last).contains(&own);
        }
        names.iter().any(|name| {
            let vector = name
                .strip_prefix(['q', 'd'])
                .map(|number| format!("v{number}"));
            *name == register || vector.as_deref() == Some(register)
        })
    }

    /// Whether it transfers the same registers and slot as `other`. AArch64 pushes and pops: the
    /// order tells the slot.
    pub fn matches(&self, other: &Transfer, isa: Isa) -> bool {
        self.registers == other.registers && (isa == Isa::Aarch64 || self.slot == other.slot)
    }
}

/// What [`Transfer::slot`] is for a push or pop.
pub const FRAME: &str = "the frame";

/// Whether the instruction pushes or pops the frame pointer (and, on Pulley, the link register and
/// upper registers together with it).
fn is_frame(mnemonic: &str, operands: &str, isa: Isa) -> bool {
    match isa {
        Isa::X86_64 => matches!(mnemonic, "push" | "pop") && operands == "rbp",
        _ => {
            let names = [
                "push_frame",
                "pop_frame",
                "push_frame_save",
                "pop_frame_restore",
            ];
            isa.is_pulley() && names.contains(&mnemonic)
        }
    }
}

/// Operands at their top-level commas.
fn split(operands: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_u32, 0);
    for (at, byte) in operands.bytes().enumerate() {
        match byte {
            b'[' | b'(' => depth += 1,
            b']' | b')' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                parts.push(operands[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(operands[start..].trim());
    parts
}

fn number(register: &str) -> Option<u32> {
    register
        .trim_start_matches(char::is_alphabetic)
        .parse()
        .ok()
}

/// The displacement in a slot's text.
pub fn shown_offset(slot: &str) -> Option<i32> {
    let words = slot.split(|c: char| !c.is_ascii_alphanumeric());
    let mut numbers = words.filter_map(|word| match word.strip_prefix("0x") {
        Some(hex) => i32::from_str_radix(hex, 16).ok(),
        None => word.parse::<i32>().ok(),
    });
    let value = numbers.next_back()?;
    Some(if slot.contains('-') { -value } else { value })
}
