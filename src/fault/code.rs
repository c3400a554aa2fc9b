//! Faults in the emitted saves and restores of a hook, found in the disassembly.
//!
//! A save is a store of a register to the stack in the hook's first straight run of code; its
//! restores are the loads of the same register from the same slot. What an edited instruction
//! does is never assumed: its bytes are decoded again, and an edit that does not read as meant is
//! none.

use super::Placement;
use super::subject::Subject;
use crate::disasm::{Instruction, Kind, decode};
use crate::image::{CodeImage, nop_fill};
use crate::isa::Isa;
use crate::machine::{Event, RegisterId, RegisterTable};
use crate::program::FunctionDecl;

/// What is done to a save or restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surgery {
    /// The save does nothing.
    DropSave,
    /// The restores do nothing.
    DropRestore,
    /// The save stores half of the register.
    HalfSave,
    /// The restores load from another register's slot.
    OtherSlot,
    /// The slot lies as far below the stack pointer as it should above it.
    BelowFrame,
}

const OVERLAPPING: &str = "the generator's own slots overlap, which is a finding: every byte of \
                           this one is saved by its neighbours as well, and a program in which \
                           that shows is no subject";

/// A save or restore.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Transfer {
    address: u64,
    bytes: Vec<u8>,
    /// Registers as the disassembler names them, separated by commas.
    registers: String,
    /// The slot as it is written, or the push.
    slot: String,
    store: bool,
}

/// Why there is no such fault on an ISA.
pub fn impossible(isa: Isa, surgery: Surgery) -> Option<&'static str> {
    match (isa, surgery) {
        (Isa::Aarch64, Surgery::BelowFrame) => {
            Some("hooks push and pop, so that no slot has a displacement to get wrong")
        }
        (Isa::S390x, Surgery::BelowFrame) => {
            Some("displacements of the ISA's short formats are not negative")
        }
        _ => None,
    }
}

/// The image with the operation on the register called `register` in the first hook that is
/// `wanted` and saves it.
pub fn operate(
    subject: &Subject,
    wanted: &dyn Fn(&FunctionDecl) -> bool,
    register: &str,
    surgery: Surgery,
) -> Placement {
    let functions = subject.program.interface.functions.iter().enumerate();
    let mut hooks =
        functions.filter(|(index, f)| f.is_hook && wanted(f) && entered(subject, *index));
    let mut written_twice = false;
    let edited = hooks.find_map(|(index, _)| {
        let calls = calls(subject, index);
        let is_link = RegisterTable::of(subject.isa())
            .link
            .map(|id| name_of(subject.isa(), id));
        let leaf_link = is_link == Some(register) && !calls;
        if leaf_link || surgery == Surgery::BelowFrame && !calls {
            // A leaf's return address never leaves its register, and its dead stack nobody writes.
            return None;
        }
        let transfers = transfers(subject, index);
        let save = transfers.iter().find(|t| t.store && t.names(register))?;
        let restores: Vec<&Transfer> = transfers
            .iter()
            .filter(|t| !t.store && t.names(register) && t.matches(save, subject.isa()))
            .collect();
        if restores.is_empty() {
            return None;
        }
        if surgery == Surgery::DropSave && is_written_twice(&transfers, save, subject.isa()) {
            written_twice = true;
            return None;
        }
        match surgery {
            Surgery::DropSave => edited(subject, &[(save, dropped(subject, save)?)]),
            Surgery::DropRestore => {
                let edits: Option<Vec<_>> = restores
                    .iter()
                    .map(|restore| Some((*restore, dropped(subject, restore)?)))
                    .collect();
                edited(subject, &edits?)
            }
            Surgery::HalfSave => edited(subject, &[(save, half(subject.isa(), save)?)]),
            Surgery::BelowFrame => {
                let mut edits = vec![(save, below(subject.isa(), save)?)];
                for restore in restores {
                    edits.push((restore, below(subject.isa(), restore)?));
                }
                edited(subject, &edits)
            }
            Surgery::OtherSlot => other_slot(subject, &transfers, &restores),
        }
    });
    match edited {
        None if written_twice => Placement::Equivalent(OVERLAPPING),
        edited => Placement::image(edited),
    }
}

/// Whether other saves write every byte of the slot as well.
fn is_written_twice(transfers: &[Transfer], save: &Transfer, isa: Isa) -> bool {
    let table = RegisterTable::of(isa);
    let range = |transfer: &Transfer| {
        let bytes = table.info(table.by_name(&transfer.registers)?).bytes;
        let start = shown_offset(&transfer.slot)?;
        Some(start..start + i32::from(bytes))
    };
    let others = transfers.iter().filter(|t| t.store && *t != save);
    let others: Vec<_> = others.filter_map(range).collect();
    let is_covered = |byte: i32| others.iter().any(|other| other.contains(&byte));
    isa.is_pulley() && range(save).is_some_and(|mut slot| slot.all(is_covered))
}

fn name_of(isa: Isa, id: RegisterId) -> &'static str {
    RegisterTable::of(isa).info(id).name
}

/// Whether a run of the subject enters a function from a site.
fn entered(subject: &Subject, index: usize) -> bool {
    let events = subject.evidence.iter().flat_map(|run| &run.events);
    let mut entries = events.filter_map(|event| match event {
        Event::HookEntry {
            function,
            site: Some(_),
            ..
        } => usize::try_from(*function).ok(),
        _ => None,
    });
    entries.any(|function| function == index)
}

/// Whether a function calls another one.
fn calls(subject: &Subject, index: usize) -> bool {
    let functions = subject.image.functions.get(index);
    functions.is_some_and(|function| !function.call_returns.is_empty())
}

impl Transfer {
    /// Reads a transfer between registers and the stack.
    fn of(instruction: &Instruction, isa: Isa) -> Option<Transfer> {
        let mnemonic = instruction.mnemonic.as_str();
        let operands = instruction.operands().into_owned();
        let parts: Vec<&str> = split(&operands);
        let store = match isa {
            Isa::X86_64 => operands.find('[')? < operands.find(", ").unwrap_or(usize::MAX),
            _ if isa.is_pulley() => mnemonic.contains("store"),
            Isa::Riscv64gc => matches!(mnemonic, "sd" | "fsd" | "c.sdsp" | "c.fsdsp"),
            _ => mnemonic.starts_with("st") || mnemonic.starts_with("vst"),
        };
        let is_move = match isa {
            Isa::X86_64 => matches!(mnemonic, "mov" | "movdqu"),
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
    fn names(&self, register: &str) -> bool {
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
    fn matches(&self, other: &Transfer, isa: Isa) -> bool {
        self.registers == other.registers && (isa == Isa::Aarch64 || self.slot == other.slot)
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

/// The saves in the first straight run of a function, and all loads from the stack.
fn transfers(subject: &Subject, function: usize) -> Vec<Transfer> {
    let Some(code) = subject.code.get(function) else {
        return Vec::new();
    };
    let mut list = Vec::new();
    let mut prologue = true;
    for instruction in code.instructions.values() {
        let transfer = Transfer::of(instruction, subject.isa());
        let ends = instruction.kind.ends_flow()
            || matches!(
                instruction.kind,
                Kind::Call { .. } | Kind::CallIndirect { .. } | Kind::Branch(_)
            );
        prologue &= !ends;
        match transfer {
            Some(transfer) if !transfer.store => {
                prologue = false;
                list.push(transfer);
            }
            Some(transfer) if prologue => list.push(transfer),
            _ => {}
        }
    }
    list
}

/// The bytes that do nothing instead, but for moving the stack pointer as before.
fn dropped(subject: &Subject, transfer: &Transfer) -> Option<Vec<u8>> {
    let isa = subject.isa();
    if isa == Isa::Aarch64 && (transfer.slot.ends_with('!') || transfer.slot.contains("], #")) {
        // `sub sp, sp, #16` and `add sp, sp, #16`.
        let word: u32 = if transfer.store {
            0xd100_43ff
        } else {
            0x9100_43ff
        };
        return Some(word.to_le_bytes().to_vec());
    }
    nop_fill(&subject.image.nop_units, transfer.bytes.len()).ok()
}

/// The store of half of the register, encoded as long.
fn half(isa: Isa, save: &Transfer) -> Option<Vec<u8>> {
    let mut bytes = save.bytes.clone();
    match isa {
        Isa::X86_64 => {
            // REX.W off; `movdqu` becomes `movq` (66 0f d6).
            if bytes[0] == 0xf3 {
                bytes[0] = 0x66;
                let opcode = bytes.iter().position(|byte| *byte == 0x7f)?;
                bytes[opcode] = 0xd6;
            } else {
                bytes[0] &= !0x08;
            }
        }
        Isa::Aarch64 => {
            let word = u32::from_le_bytes(*bytes.first_chunk()?);
            // `str q` with size 00, opc 10 becomes `str d` with 11, 00; `str x` becomes `str w`.
            let new = if word >> 24 == 0x3c {
                (word | 0xc000_0000) & !0x0080_0000
            } else if word >> 24 == 0xf8 {
                word & !0x4000_0000
            } else {
                return None;
            };
            bytes = new.to_le_bytes().to_vec();
        }
        // funct3 3 becomes 2 in `sd` and `fsd`.
        Isa::Riscv64gc if bytes.len() == 4 => bytes[1] &= !0x10,
        Isa::S390x if bytes.len() == 6 && bytes[0] == 0xe7 && bytes[4] == 0 => {
            // `vst` of a low register becomes `stdy` of its left half.
            (bytes[0], bytes[5]) = (0xed, 0x67);
        }
        // `stmg` becomes `stmy`, and `stg` `sty`.
        Isa::S390x if bytes[0] == 0xeb => bytes[5] = 0x90,
        Isa::S390x if bytes[0] == 0xe3 => bytes[5] = 0x50,
        // `xstore64le_o32` follows `xstore32le_o32`, and `fstore64le_o32` `fstore32le_o32`.
        _ if isa.is_pulley() && bytes[0] == 0x89 => bytes[0] = 0x88,
        _ if isa.is_pulley() && bytes[..2] == [0xdc, 0x1b] => bytes[1] = 0x1a,
        _ => return None,
    }
    let decoded = decode(isa, &bytes, save.address)?;
    (decoded.bytes == bytes && decoded.kind != Kind::Unknown).then_some(bytes)
}

/// The same slot as far below the stack pointer.
fn below(isa: Isa, transfer: &Transfer) -> Option<Vec<u8>> {
    let mut bytes = transfer.bytes.clone();
    match isa {
        Isa::X86_64 => {
            let short = bytes.last_chunk::<4>().copied().map(i32::from_le_bytes);
            let shown = shown_offset(&transfer.slot)?;
            if short == Some(shown) {
                let negative = shown.checked_neg()?.to_le_bytes();
                bytes.last_chunk_mut::<4>()?.copy_from_slice(&negative);
            } else {
                let last = bytes.last_mut()?;
                *last = (last.cast_signed()).checked_neg()?.cast_unsigned();
            }
        }
        Isa::Riscv64gc if bytes.len() == 4 => {
            let word = u32::from_le_bytes(*bytes.first_chunk()?);
            let offset = shown_offset(&transfer.slot)?.checked_neg()?.cast_unsigned();
            let new = if transfer.store {
                // S-type: bits 31 to 25 and 11 to 7.
                (word & 0x01ff_f07f) | (offset & 0xfe0) << 20 | (offset & 0x1f) << 7
            } else {
                (word & 0x000f_ffff) | (offset & 0xfff) << 20
            };
            bytes = new.to_le_bytes().to_vec();
        }
        _ if isa.is_pulley() => {
            let offset = shown_offset(&transfer.slot)?;
            let field = bytes
                .windows(4)
                .position(|four| *four == offset.to_le_bytes())?;
            bytes[field..field + 4].copy_from_slice(&offset.checked_neg()?.to_le_bytes());
        }
        _ => return None,
    }
    let read = decode(isa, &bytes, transfer.address)?;
    let read = Transfer::of(&read, isa)?;
    let offsets = (shown_offset(&read.slot)?, shown_offset(&transfer.slot)?);
    let meant = read.registers == transfer.registers && offsets.0 == -offsets.1 && offsets.1 != 0;
    meant.then_some(bytes)
}

/// The displacement in a slot's text.
fn shown_offset(slot: &str) -> Option<i32> {
    let digits = slot
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| {
            let value = match word.strip_prefix("0x") {
                Some(hex) => i32::from_str_radix(hex, 16).ok(),
                None => word.parse().ok(),
            };
            value
        });
    let value = digits.last()?;
    Some(if slot.contains('-') { -value } else { value })
}

/// The restores load what another register of the same kind was saved to.
fn other_slot(
    subject: &Subject,
    transfers: &[Transfer],
    restores: &[&Transfer],
) -> Option<CodeImage> {
    let isa = subject.isa();
    let restore = *restores.first()?;
    let mut others = transfers.iter().filter(|t| {
        !t.store && t.bytes.len() == restore.bytes.len() && t.registers != restore.registers
    });
    if isa == Isa::Aarch64 {
        // Pops have no displacement: two of them change places.
        let other = others.find(|other| {
            other.slot == restore.slot && other.bytes[1..] != restore.bytes[1..]
                || other.bytes[0] != restore.bytes[0] && other.slot == restore.slot
        })?;
        let edits = [
            (restore, other.bytes.clone()),
            (other, restore.bytes.clone()),
        ];
        return edited(subject, &edits);
    }
    others.find_map(|other| {
        let moved = |end: usize, start: usize| {
            let mut bytes = restore.bytes.clone();
            bytes[start..end].copy_from_slice(&other.bytes[start..end]);
            let read = decode(isa, &bytes, restore.address)?;
            let read = Transfer::of(&read, isa)?;
            let meant = read.registers == restore.registers && read.slot == other.slot;
            (meant && !read.store).then_some(bytes)
        };
        let len = restore.bytes.len();
        let spans = (0..len).flat_map(|start| (start + 1..=len).map(move |end| (end, start)));
        let bytes = spans
            .into_iter()
            .find_map(|(end, start)| moved(end, start))?;
        edited(subject, &[(restore, bytes)])
    })
}

/// The image with other bytes in these places.
fn edited(subject: &Subject, edits: &[(&Transfer, Vec<u8>)]) -> Option<CodeImage> {
    let mut image = (*subject.image).clone();
    for (transfer, bytes) in edits {
        let start = usize::try_from(transfer.address.checked_sub(image.base)?).ok()?;
        let place = image.bytes.get_mut(start..start + bytes.len())?;
        place.copy_from_slice(bytes);
    }
    Some(image)
}
