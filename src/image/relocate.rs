//! Relocations: what each kind computes, where it puts the result, and how far it reaches.
//! Sources: the ELF supplements to the x86-64, AArch64, RISC-V and s390x ABIs.

use std::collections::BTreeMap;

use super::{Layout, wide};
use crate::codegen::{CompiledFunction, RelocKind, RelocTarget, Relocation};
use crate::isa::Isa;

/// Why a relocation cannot be applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelocationError {
    /// The symbol is neither defined nor a hostcall or data.
    #[error("undefined symbol {0}")]
    Undefined(String),
    /// The value does not fit the field.
    #[error("{kind:?} to {symbol}: distance {distance:#x} is out of range")]
    OutOfRange {
        /// Kind of the relocation.
        kind: RelocKind,
        /// Symbol it refers to.
        symbol: String,
        /// Distance in bytes, or the absolute value.
        distance: i128,
    },
    /// The distance is no multiple of what the field counts in.
    #[error("{kind:?} to {symbol}: distance {distance:#x} is not aligned")]
    Misaligned {
        /// Kind of the relocation.
        kind: RelocKind,
        /// Symbol it refers to.
        symbol: String,
        /// Distance in bytes.
        distance: i128,
    },
    /// The field leaves the function.
    #[error("the field of {0} bytes leaves the function")]
    FieldOutside(u32),
    /// A low part whose high part is not where it says.
    #[error("no high part at offset {0:#x}")]
    NoHighPart(u32),
    /// A kind that this linker does not know.
    #[error("relocation kind {0} is not supported")]
    Kind(&'static str),
}

impl RelocKind {
    /// Bytes of code that the relocation rewrites.
    pub fn field_bytes(self) -> u32 {
        match self {
            RelocKind::Abs8 | RelocKind::RiscvCall => 8,
            _ => 4,
        }
    }
}

/// Slots with addresses of symbols, behind the code.
pub struct GlobalOffsetTable {
    isa: Isa,
    base: u64,
    slots: Vec<(String, u64)>,
}

impl GlobalOffsetTable {
    /// An empty table that will lie at `base`.
    pub fn new(isa: Isa, base: u64) -> Self {
        GlobalOffsetTable {
            isa,
            base,
            slots: Vec::new(),
        }
    }

    /// Address of the table.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// Whether nothing needed a slot.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Address of the slot of `symbol`, whose address is `value`.
    fn slot(&mut self, symbol: &str, value: u64) -> u64 {
        let index = self
            .slots
            .iter()
            .position(|(name, _)| name == symbol)
            .unwrap_or_else(|| {
                self.slots.push((symbol.to_owned(), value));
                self.slots.len() - 1
            });
        self.base + wide(index) * 8
    }

    /// The table's bytes, each slot 8 bytes in the ISA's byte order.
    pub fn into_bytes(self) -> Vec<u8> {
        let big = self.isa.is_big_endian();
        let bytes = |value: u64| {
            if big {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            }
        };
        self.slots
            .iter()
            .flat_map(|&(_, value)| bytes(value))
            .collect()
    }
}

/// A relocation in its surroundings.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    /// The ISA.
    pub isa: Isa,
    /// Function that it lies in.
    pub function: &'a CompiledFunction,
    /// Address of that function.
    pub start: u64,
    /// The relocation.
    pub relocation: &'a Relocation,
}

impl Field<'_> {
    fn address(self) -> i128 {
        i128::from(self.start) + i128::from(self.relocation.offset)
    }

    fn out_of_range(self, distance: i128) -> RelocationError {
        let symbol = self.relocation.target.to_string();
        RelocationError::OutOfRange {
            kind: self.relocation.kind,
            symbol,
            distance,
        }
    }

    /// `distance` if it is a signed number of `bits` bits.
    fn signed(self, distance: i128, bits: u32) -> Result<i128, RelocationError> {
        let limit = 1i128 << (bits - 1);
        if (-limit..limit).contains(&distance) {
            Ok(distance)
        } else {
            Err(self.out_of_range(distance))
        }
    }

    /// `distance` in units of `unit` bytes.
    fn scaled(self, distance: i128, unit: i128) -> Result<i128, RelocationError> {
        if distance % unit == 0 {
            return Ok(distance / unit);
        }
        let symbol = self.relocation.target.to_string();
        Err(RelocationError::Misaligned {
            kind: self.relocation.kind,
            symbol,
            distance,
        })
    }

    /// `S + A`, and the symbol's address without the addend.
    fn target(self, symbols: &BTreeMap<String, u64>) -> Result<(i128, u64), RelocationError> {
        let address = match &self.relocation.target {
            RelocTarget::Symbol(name) => *symbols
                .get(name)
                .ok_or_else(|| RelocationError::Undefined(name.clone()))?,
            RelocTarget::Local(offset) => self.start + u64::from(*offset),
        };
        Ok((
            i128::from(address) + i128::from(self.relocation.addend),
            address,
        ))
    }
}

/// Applies one relocation to the function's `code`.
///
/// # Errors
/// See [`RelocationError`]; the code is unchanged then.
pub fn relocate(
    field: Field,
    code: &mut [u8],
    symbols: &BTreeMap<String, u64>,
    got: &mut GlobalOffsetTable,
) -> Result<(), RelocationError> {
    let relocation = field.relocation;
    let kind = relocation.kind;
    if let RelocKind::Unsupported(name) = kind {
        return Err(RelocationError::Kind(name));
    }
    let size = kind.field_bytes();
    let outside = RelocationError::FieldOutside(size);
    let start = usize::try_from(relocation.offset).map_err(|_| outside.clone())?;
    let end = start + if size == 8 { 8 } else { 4 };
    let bytes = code.get_mut(start..end).ok_or(outside)?;
    let p = field.address();
    if kind == RelocKind::RiscvPcRelLo12I {
        let distance = high_part_distance(field, symbols, got)?;
        return insert_low12(bytes, distance);
    }
    let (value, symbol) = field.target(symbols)?;
    let mut slot = || i128::from(got.slot(&relocation.target.to_string(), symbol));
    match kind {
        RelocKind::Abs4 => put(field, bytes, unsigned(field, value, 32)?),
        RelocKind::Abs8 => put(field, bytes, unsigned(field, value, 64)?),
        RelocKind::X86PcRel4 => put(field, bytes, field.signed(value - p, 32)?),
        RelocKind::X86GotPcRel4 => {
            let addend = i128::from(relocation.addend);
            put(field, bytes, field.signed(slot() + addend - p, 32)?)
        }
        RelocKind::S390xPc32Dbl => {
            put(field, bytes, field.signed(field.scaled(value - p, 2)?, 32)?)
        }
        RelocKind::S390xGotPc32Dbl => {
            let distance = slot() + i128::from(relocation.addend) - p;
            put(field, bytes, field.signed(field.scaled(distance, 2)?, 32)?)
        }
        RelocKind::PulleyHostcall => {
            bytes[3] = hostcall_number(field, symbol)?;
            Ok(())
        }
        RelocKind::PulleyPcRel => {
            let held = i32::from_le_bytes(bytes.try_into().expect("the field has 4 bytes"));
            put(
                field,
                bytes,
                field.signed(value - p + i128::from(held), 32)?,
            )
        }
        RelocKind::Aarch64Call26 => {
            let words = field.signed(field.scaled(value - p, 4)?, 26)?;
            merge(bytes, 0x03ff_ffff, words)
        }
        RelocKind::Aarch64AdrGotPage21 => adr_page(field, bytes, slot()),
        RelocKind::Aarch64AdrPage21 => adr_page(field, bytes, value),
        RelocKind::Aarch64Ld64GotLo12 => merge(bytes, 0xfff << 10, ((slot() & 0xfff) >> 3) << 10),
        RelocKind::Aarch64AddLo12 => merge(bytes, 0xfff << 10, (value & 0xfff) << 10),
        RelocKind::RiscvGotHi20 | RelocKind::RiscvPcRelHi20 | RelocKind::RiscvCall => {
            let to = if kind == RelocKind::RiscvGotHi20 {
                slot()
            } else {
                value
            };
            let distance = field.signed(to - p + 0x800, 32)? - 0x800;
            let (high, low) = bytes.split_at_mut(4);
            merge(high, 0xffff_f000, distance + 0x800)?;
            if kind == RelocKind::RiscvCall {
                insert_low12(low, distance)
            } else {
                Ok(())
            }
        }
        RelocKind::RiscvPcRelLo12I | RelocKind::Unsupported(_) => {
            unreachable!("both kinds are handled above")
        }
    }
}

/// Number of the hostcall whose stub is at `address`.
fn hostcall_number(field: Field, address: u64) -> Result<u8, RelocationError> {
    let distance = i128::from(address) - i128::from(Layout::of(field.isa).stubs);
    let number = distance / i128::from(Layout::STUB_BYTES);
    u8::try_from(number).map_err(|_| field.out_of_range(distance))
}

fn unsigned(field: Field, value: i128, bits: u32) -> Result<i128, RelocationError> {
    if (0..1i128 << bits).contains(&value) {
        Ok(value)
    } else {
        Err(field.out_of_range(value))
    }
}

/// Stores `value` in the whole field. Pulley's immediates are little-endian in every variant.
fn put(field: Field, bytes: &mut [u8], value: i128) -> Result<(), RelocationError> {
    let little = value.to_le_bytes();
    let size = bytes.len();
    bytes.copy_from_slice(&little[..size]);
    if field.isa.is_big_endian() && !field.isa.is_pulley() {
        bytes.reverse();
    }
    Ok(())
}

/// Replaces the bits of a little-endian instruction word under `mask`.
fn merge(bytes: &mut [u8], mask: u32, value: i128) -> Result<(), RelocationError> {
    let word = u32::from_le_bytes(bytes.try_into().expect("an instruction word has 4 bytes"));
    let low = u32::from_le_bytes(value.to_le_bytes()[..4].try_into().expect("4 of 16 bytes"));
    bytes.copy_from_slice(&((word & !mask) | (low & mask)).to_le_bytes());
    Ok(())
}

/// The 12-bit immediate of a RISC-V I-type instruction.
fn insert_low12(bytes: &mut [u8], distance: i128) -> Result<(), RelocationError> {
    merge(bytes, 0xfff0_0000, (distance & 0xfff) << 20)
}

/// The split 21-bit immediate of `adrp`: bits 29-30 and 5-23.
fn adr_page(field: Field, bytes: &mut [u8], value: i128) -> Result<(), RelocationError> {
    let pages = field.signed((value >> 12) - (field.address() >> 12), 21)?;
    let split = ((pages & 3) << 29) | (((pages >> 2) & 0x7_ffff) << 5);
    merge(bytes, (3 << 29) | (0x7_ffff << 5), split)
}

/// Distance that the `auipc` at the target of a low part reaches.
fn high_part_distance(
    field: Field,
    symbols: &BTreeMap<String, u64>,
    got: &mut GlobalOffsetTable,
) -> Result<i128, RelocationError> {
    let RelocTarget::Local(offset) = field.relocation.target else {
        return Err(RelocationError::NoHighPart(field.relocation.offset));
    };
    let high = field.function.relocations.iter().find(|r| {
        r.offset == offset && matches!(r.kind, RelocKind::RiscvGotHi20 | RelocKind::RiscvPcRelHi20)
    });
    let relocation = high.ok_or(RelocationError::NoHighPart(offset))?;
    let high = Field {
        relocation,
        ..field
    };
    let (value, symbol) = high.target(symbols)?;
    let to = match relocation.kind {
        RelocKind::RiscvGotHi20 => i128::from(got.slot(&relocation.target.to_string(), symbol)),
        _ => value,
    };
    Ok(to - high.address())
}
