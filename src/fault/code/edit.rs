//! Other bytes for a save or restore. Encodings: Intel SDM volume 2; Arm ARM, C4; RISC-V
//! unprivileged manual, "RV64I" and "D"; Principles of Operation, chapters 7 and 21; the list of
//! operations in `pulley-interpreter`.

use super::super::subject::Subject;
use super::transfer::{FRAME, Transfer, shown_offset};
use crate::disasm::{Kind, decode};
use crate::image::{CodeImage, nop_fill};
use crate::isa::Isa;

/// The bytes that do nothing instead, but for moving the stack pointer as before.
pub fn dropped(subject: &Subject, transfer: &Transfer, register: &str) -> Option<Vec<u8>> {
    let isa = subject.isa();
    if isa == Isa::Aarch64 && moves_stack(transfer) {
        // `sub sp, sp, #n` and `add sp, sp, #n`, n in bits 10 to 21.
        let word: u32 = if transfer.store {
            0xd100_03ff
        } else {
            0x9100_03ff
        };
        let bytes = shown_offset(&transfer.slot)?.unsigned_abs();
        let word = word | (bytes <= 0xfff).then_some(bytes)? << 10;
        return Some(word.to_le_bytes().to_vec());
    }
    if isa == Isa::X86_64 && transfer.slot == FRAME {
        // `push rcx` and `pop rcx`: another register goes to and comes from the slot.
        return Some(vec![if transfer.store { 0x51 } else { 0x59 }]);
    }
    if isa.is_pulley() && transfer.slot == FRAME && transfer.bytes.len() > 1 {
        // `push_frame_save` and `pop_frame_restore`: a bit for each register from x16 up, behind
        // the opcode and two bytes of size.
        let number: u32 = register.strip_prefix('x')?.parse().ok()?;
        let mut bytes = transfer.bytes.clone();
        let mask = bytes.get_mut(3..)?.first_chunk_mut::<2>()?;
        let bit = 1_u16.checked_shl(number.checked_sub(16)?)?;
        *mask = (u16::from_le_bytes(*mask) & !bit).to_le_bytes();
        return Some(bytes);
    }
    nop_fill(&subject.image.nop_units, transfer.bytes.len()).ok()
}

/// Whether AArch64's transfer moves the stack pointer as well.
fn moves_stack(transfer: &Transfer) -> bool {
    transfer.slot.ends_with('!') || transfer.slot.contains("], #")
}

/// The store of half of the register, encoded as long.
pub fn half(isa: Isa, save: &Transfer) -> Option<Vec<u8>> {
    let mut bytes = save.bytes.clone();
    match isa {
        Isa::X86_64 => {
            // REX.W off; `movdqu` becomes `movq` (66 0f d6), `movups` `movlps` (0f 13).
            if bytes[0] == 0xf3 {
                bytes[0] = 0x66;
                let opcode = bytes.iter().position(|byte| *byte == 0x7f)?;
                bytes[opcode] = 0xd6;
            } else if let Some(escape) = bytes.windows(2).position(|two| two == [0x0f, 0x11]) {
                bytes[escape + 1] = 0x13;
            } else {
                bytes[0] &= !0x08;
            }
        }
        Isa::Aarch64 => {
            let word = u32::from_le_bytes(*bytes.first_chunk()?);
            bytes = half_aarch64(word)?.to_le_bytes().to_vec();
        }
        // funct3 3 becomes 2 in `sd` and `fsd`.
        Isa::Riscv64gc if bytes.len() == 4 => bytes[1] &= !0x10,
        // `vst` becomes `vsteg` of the leftmost element.
        Isa::S390x if bytes.len() == 6 && bytes[0] == 0xe7 => bytes[5] = 0x0a,
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

/// `str q` with size 00, opc 10 becomes `str d` with 11, 00; `str x` becomes `str w`; `stp` of
/// either stores halves to the same address, closer together.
fn half_aarch64(word: u32) -> Option<u32> {
    let unsigned = |scale: u32| {
        let imm = (word >> 10 & 0xfff) * scale;
        (imm <= 0xfff).then_some((word & !(0xfff << 10)) | imm << 10)
    };
    match word >> 24 {
        // Unscaled and indexed: `str q`, `str x`.
        0x3c => Some((word | 0xc000_0000) & !0x0080_0000),
        0xf8 => Some(word & !0x4000_0000),
        // With an unsigned offset, which counts in units of the access.
        0x3d => Some((unsigned(2)? | 0xc000_0000) & !0x0080_0000),
        0xf9 => Some(unsigned(2)? & !0x4000_0000),
        // `stp`: opc is bits 30 and 31, the offset 7 signed bits from bit 15.
        high => {
            let scaled = ((word << 10).cast_signed() >> 25) * 2;
            let imm = (-64..64)
                .contains(&scaled)
                .then_some(scaled)?
                .cast_unsigned();
            let opc: u32 = match high & 0xfe {
                0xa8 => 0,
                0xac => 1 << 30,
                _ => return None,
            };
            Some((word & !(3 << 30 | 0x7f << 15)) | opc | (imm & 0x7f) << 15)
        }
    }
}

/// Where [`below`] puts a slot: what every encoding with a sign reaches, and a callee's frame.
const BELOW: i32 = -128;

/// The slot at [`BELOW`] from the stack pointer instead.
pub fn below(isa: Isa, transfer: &Transfer) -> Option<Vec<u8>> {
    let mut bytes = transfer.bytes.clone();
    let shown = shown_offset(&transfer.slot)?;
    match isa {
        Isa::X86_64 => {
            let four = bytes.last_chunk_mut::<4>()?;
            if i32::from_le_bytes(*four) == shown {
                *four = BELOW.to_le_bytes();
            } else {
                *bytes.last_mut()? = i8::try_from(BELOW).ok()?.cast_unsigned();
            }
        }
        Isa::Riscv64gc if bytes.len() == 4 => {
            let word = u32::from_le_bytes(*bytes.first_chunk()?);
            let offset = BELOW.cast_unsigned();
            let new = if transfer.store {
                // S-type: bits 31 to 25 and 11 to 7.
                (word & 0x01ff_f07f) | (offset & 0xfe0) << 20 | (offset & 0x1f) << 7
            } else {
                (word & 0x000f_ffff) | (offset & 0xfff) << 20
            };
            bytes = new.to_le_bytes().to_vec();
        }
        Isa::Aarch64 if !moves_stack(transfer) => {
            let word = u32::from_le_bytes(*bytes.first_chunk()?);
            bytes = below_aarch64(word)?.to_le_bytes().to_vec();
        }
        // 20 bits, the low 12 of them first (formats RSY and RXY).
        Isa::S390x if matches!(bytes[0], 0xe3 | 0xeb) => {
            let [low, middle, high, _] = BELOW.to_le_bytes();
            (bytes[2], bytes[3]) = ((bytes[2] & 0xf0) | (middle & 0x0f), low);
            bytes[4] = middle >> 4 | high << 4;
        }
        _ if isa.is_pulley() => {
            let field = bytes
                .windows(4)
                .position(|four| *four == shown.to_le_bytes())?;
            bytes[field..field + 4].copy_from_slice(&BELOW.to_le_bytes());
        }
        _ => return None,
    }
    let read = decode(isa, &bytes, transfer.address)?;
    let read = Transfer::of(&read, isa)?;
    let meant = read.registers == transfer.registers && shown_offset(&read.slot) == Some(BELOW);
    meant.then_some(bytes)
}

/// `stp` and `ldp` with that offset, `str` and `ldr` as `stur` and `ldur` with it.
fn below_aarch64(word: u32) -> Option<u32> {
    let pair = |bytes: i32| {
        let scaled = (BELOW / bytes).cast_unsigned() & 0x7f;
        Some((word & !(0x7f << 15)) | scaled << 15)
    };
    match (word >> 24 & 0xfe, word >> 22) {
        (0xa8, _) => pair(8),
        (0xac, _) => pair(16),
        // `str x`, `ldr x`, `str q`, `ldr q`.
        (_, 0x3e4 | 0x3e5 | 0x0f6 | 0x0f7) => {
            Some((word & 0xfec0_03ff) | (BELOW.cast_unsigned() & 0x1ff) << 12)
        }
        _ => None,
    }
}

/// The restores load what another register of the same kind was saved to.
pub fn other_slot(
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
        let other =
            others.find(|other| other.slot == restore.slot && other.bytes != restore.bytes)?;
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
pub fn edited(subject: &Subject, edits: &[(&Transfer, Vec<u8>)]) -> Option<CodeImage> {
    let mut image = (*subject.image).clone();
    for (transfer, bytes) in edits {
        let start = usize::try_from(transfer.address.checked_sub(image.base)?).ok()?;
        let place = image.bytes.get_mut(start..start + bytes.len())?;
        place.copy_from_slice(bytes);
    }
    Some(image)
}
