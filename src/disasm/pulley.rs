//! Pulley bytecode, by the decoder and disassembler of `pulley-interpreter`.

use super::{Instruction, Kind, Language};
use crate::releases::{Bytecode, older_releases};

/// Bytes of `br_table32` before its table: operation code, register, 32-bit count.
const TABLE_HEAD: usize = 6;

/// The disassembler of one release.
macro_rules! release {
    ($module:ident, $pulley:ident) => {
        mod $module {
            use ::$pulley::decode::{Decoder, OpVisitor};
            use ::$pulley::disas::Disassembler;

            /// Code of `br_table32`.
            pub const TABLE: u8 = ::$pulley::opcode::Opcode::BrTable32 as u8;

            /// Text of the instruction at the start of `bytes` and its length.
            pub fn disassemble(bytes: &[u8], address: usize) -> Option<(String, usize)> {
                let mut disassembler = Disassembler::new(bytes);
                disassembler
                    .offsets(false)
                    .hexdump(false)
                    .br_tables(false)
                    .start_offset(address);
                Decoder::new().decode_one(&mut disassembler).ok()?;
                let length = disassembler.bytecode().position();
                let line = disassembler.disas().lines().next()?.trim_end();
                Some((line.to_owned(), length))
            }
        }
    };
}

release!(newest, pulley_interpreter);

/// A disassembler: text and length of the instruction at the start of the bytes.
type Disassemble = fn(&[u8], usize) -> Option<(String, usize)>;

macro_rules! releases {
    ($((
        $feature:literal, $module:ident, $codegen:ident, $reader:ident, $pulley:ident, $major:literal
    ))*) => {
        $(
            #[cfg(feature = $feature)]
            release!($module, $pulley);
        )*

        /// The disassembler of that bytecode, and its code of `br_table32`.
        fn disassembler(bytecode: Bytecode) -> Option<(Disassemble, u8)> {
            match bytecode {
                Bytecode::NEWEST => Some((newest::disassemble, newest::TABLE)),
                $(
                    #[cfg(feature = $feature)]
                    Bytecode($major) => Some(($module::disassemble, $module::TABLE)),
                )*
                _ => None,
            }
        }
    };
}
older_releases!(releases);

/// The instruction at the start of `bytes`, which must not be empty.
pub fn decode(language: Language, bytes: &[u8], address: u64) -> Instruction {
    known(language, bytes, address)
        .unwrap_or_else(|| Instruction::unknown(language, bytes.get(..1).unwrap_or(bytes), address))
}

fn known(language: Language, bytes: &[u8], address: u64) -> Option<Instruction> {
    let (disassemble, table) = disassembler(language.bytecode)?;
    // The disassembler walks a table entry by entry: a count that the bytes cannot hold must
    // not make it walk on.
    if let Some(&[code, _, a, b, c, d]) = bytes.first_chunk::<TABLE_HEAD>() {
        let count = u32::from_le_bytes([a, b, c, d]);
        let room = bytes.len().saturating_sub(TABLE_HEAD) / 4;
        if code == table && usize::try_from(count).map_or(true, |count| count > room) {
            return None;
        }
    }
    let (line, length) = disassemble(bytes, usize::try_from(address).unwrap_or(0))?;
    let (mnemonic, operands) = line.split_once(' ').unwrap_or((&line, ""));
    let bytes = bytes.get(..length).filter(|bytes| !bytes.is_empty())?;
    let kind = kind(mnemonic, operands, bytes, address);
    Some(Instruction::new(
        language,
        (bytes, address),
        (mnemonic, operands),
        kind,
    ))
}

fn kind(mnemonic: &str, operands: &str, bytes: &[u8], address: u64) -> Kind {
    let target = operands
        .split_once("// target = 0x")
        .and_then(|(_, digits)| u64::from_str_radix(digits.trim(), 16).ok());
    let amount = operands.trim().parse::<i64>().ok();
    match (mnemonic, target, amount) {
        ("call" | "call1" | "call2" | "call3" | "call4", Some(target), _) => {
            Kind::Call { target, link: None }
        }
        ("call_indirect" | "call_indirect_host", ..) => Kind::CallIndirect {
            base: None,
            link: None,
        },
        ("jump", Some(target), _) => Kind::Jump(target),
        ("br_table32", ..) => Kind::JumpTable(table(bytes, address)),
        ("xjump", ..) => Kind::JumpIndirect { base: None },
        ("ret", ..) => Kind::Return,
        ("trap", ..) => Kind::Trap,
        ("nop", ..) | ("stack_free32", _, Some(0)) => Kind::Nop,
        ("xmov", ..) if is_onto_itself(operands) => Kind::Nop,
        ("stack_alloc32", _, Some(amount)) => Kind::AdjustSp(-amount),
        ("stack_free32", _, Some(amount)) => Kind::AdjustSp(amount),
        ("xmov" | "xmov_fp", ..) if sets_sp(operands) => Kind::SetSp,
        (name, Some(target), _) if name.starts_with("br_") => Kind::Branch(target),
        (name, ..) if is_sum(name) && sets_sp(operands) => Kind::SetSp,
        _ => Kind::Other,
    }
}

/// Whether an instruction adds or subtracts a constant.
fn is_sum(mnemonic: &str) -> bool {
    let operation = mnemonic
        .split_once('_')
        .map_or("", |(operation, _)| operation);
    let constant = mnemonic.ends_with("_u8") || mnemonic.ends_with("_u32");
    constant && ["xadd32", "xadd64", "xsub32", "xsub64"].contains(&operation)
}

/// Whether the operands write the stack pointer and read another register, or none.
fn sets_sp(operands: &str) -> bool {
    let mut names = operands.split(',').map(str::trim);
    names.next() == Some("sp") && names.all(|name| name != "sp")
}

/// Whether a move changes nothing.
fn is_onto_itself(operands: &str) -> bool {
    operands
        .split_once(',')
        .is_some_and(|(to, from)| to.trim() == from.trim())
}

/// Targets of a table: each entry counts from its own address.
fn table(bytes: &[u8], address: u64) -> Vec<u64> {
    let (entries, _) = bytes.get(TABLE_HEAD..).unwrap_or_default().as_chunks::<4>();
    let mut at = address.wrapping_add(6);
    let mut targets = Vec::with_capacity(entries.len());
    for &entry in entries {
        targets.push(at.wrapping_add_signed(i32::from_le_bytes(entry).into()));
        at = at.wrapping_add(4);
    }
    targets
}
