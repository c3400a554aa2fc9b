//! Moves values between the host and the places of a call.

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use super::super::{Cpu, MemoryFault};
use super::places::{Part, Place};
use crate::program::{Extension, Value};

/// A source of bits that must not matter: the parts of registers and slots that the ABI leaves
/// undefined are filled with them, so that whoever reads them is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Junk(SplitMix64);

impl Junk {
    /// A source that the seed determines.
    pub fn new(seed: u64) -> Junk {
        Junk(SplitMix64::seed_from_u64(seed))
    }

    /// The next 128 bits, the low half first.
    pub fn bits(&mut self) -> u128 {
        u128::from(self.0.next_u64()) | u128::from(self.0.next_u64()) << 64
    }
}

/// Reads the value at `place`. `area` is the address that stack offsets count from;
/// `overlay` has registers that are about to change before the callee sees them.
///
/// # Errors
/// When the stack slot or the pointer leads outside of guest memory.
pub fn read(
    cpu: &mut dyn Cpu,
    place: &Place,
    area: u64,
    overlay: &[(super::RegisterId, u128)],
) -> Result<Value, MemoryFault> {
    let mut bits = 0u128;
    let mut filled = 0;
    for part in &place.parts {
        let (value, width) = read_part(cpu, part, area, overlay)?;
        bits |= value << filled;
        filled += width;
    }
    let value = Value::new(place.ty, bits);
    Ok(if place.lanes_reversed {
        value.reverse_lanes()
    } else {
        value
    })
}

fn read_part(
    cpu: &mut dyn Cpu,
    part: &Part,
    area: u64,
    overlay: &[(super::RegisterId, u128)],
) -> Result<(u128, u32), MemoryFault> {
    match part {
        Part::Register {
            register,
            shift,
            bits,
        } => {
            let pending = overlay.iter().find(|(id, _)| id == register);
            let value = pending.map_or_else(|| cpu.read(*register), |(_, value)| *value);
            Ok(((value >> shift) & mask(*bits), *bits))
        }
        Part::Stack {
            offset,
            bytes,
            big_endian,
        } => Ok((
            load(cpu, area.wrapping_add(*offset), *bytes, *big_endian)?,
            bytes * 8,
        )),
        Part::Indirect {
            pointer,
            bytes,
            big_endian,
        } => {
            let (address, _) = read_part(cpu, pointer, area, overlay)?;
            let address = u64::try_from(address).map_err(|_| MemoryFault { address: u64::MAX })?;
            Ok((load(cpu, address, *bytes, *big_endian)?, bytes * 8))
        }
    }
}

fn mask(bits: u32) -> u128 {
    if bits >= 128 {
        u128::MAX
    } else {
        (1 << bits) - 1
    }
}

fn load(cpu: &mut dyn Cpu, address: u64, bytes: u32, big: bool) -> Result<u128, MemoryFault> {
    let mut buffer = [0u8; 16];
    let bytes = &mut buffer[..bytes as usize];
    cpu.load(address, bytes)?;
    if big {
        bytes.reverse();
    }
    Ok(u128::from_le_bytes(buffer))
}

/// Writes `value` to `place`, with junk in every bit that the ABI leaves undefined. Values that
/// go by reference are stored at `spare` and below, which is moved on.
///
/// # Errors
/// When a slot leads outside of guest memory.
pub fn write(
    cpu: &mut dyn Cpu,
    place: &Place,
    value: Value,
    area: u64,
    spare: &mut u64,
    junk: &mut Junk,
) -> Result<(), MemoryFault> {
    let value = if place.lanes_reversed {
        value.reverse_lanes()
    } else {
        value
    };
    let mut rest = value.bits;
    for part in &place.parts {
        let width = match part {
            Part::Register { bits, .. } => *bits,
            Part::Stack { bytes, .. } | Part::Indirect { bytes, .. } => bytes * 8,
        };
        write_part(cpu, place, part, rest & mask(width), area, spare, junk)?;
        rest = if width >= 128 { 0 } else { rest >> width };
    }
    Ok(())
}

fn write_part(
    cpu: &mut dyn Cpu,
    place: &Place,
    part: &Part,
    value: u128,
    area: u64,
    spare: &mut u64,
    junk: &mut Junk,
) -> Result<(), MemoryFault> {
    match part {
        Part::Register {
            register,
            shift,
            bits,
        } => {
            let around = if place.nan_boxed {
                u128::MAX
            } else {
                extended(place.extension, value, *bits, junk.bits())
            };
            let here = mask(*bits) << shift;
            cpu.write(*register, (around & !here) | (value << shift));
            Ok(())
        }
        Part::Stack {
            offset,
            bytes,
            big_endian,
        } => {
            let address = area.wrapping_add(*offset);
            if place.extension == Extension::None || *bytes >= 8 {
                return store(cpu, address, value, *bytes, *big_endian);
            }
            // The whole slot of 8 bytes has the extended value; big-endian slots end here.
            let slot = if *big_endian {
                address + u64::from(*bytes) - 8
            } else {
                address
            };
            let wide = extended(place.extension, value, bytes * 8, 0) & mask(64);
            let merged = (wide & !mask(bytes * 8)) | value;
            store(cpu, slot, merged, 8, *big_endian)
        }
        Part::Indirect {
            pointer,
            bytes,
            big_endian,
        } => {
            *spare -= 16;
            store(cpu, *spare, value, *bytes, *big_endian)?;
            let plain = Place {
                extension: Extension::None,
                nan_boxed: false,
                ..place.clone()
            };
            write_part(cpu, &plain, pointer, u128::from(*spare), area, spare, junk)
        }
    }
}

/// What stands above a value of `bits` bits.
fn extended(extension: Extension, value: u128, bits: u32, junk: u128) -> u128 {
    match extension {
        Extension::None => junk,
        Extension::Zero => 0,
        Extension::Sign => {
            let negative = bits > 0 && value >> (bits - 1) & 1 == 1;
            if negative { u128::MAX } else { 0 }
        }
    }
}

fn store(
    cpu: &mut dyn Cpu,
    address: u64,
    value: u128,
    bytes: u32,
    big: bool,
) -> Result<(), MemoryFault> {
    let mut buffer = value.to_le_bytes();
    let bytes = &mut buffer[..bytes as usize];
    if big {
        bytes.reverse();
    }
    cpu.store(address, bytes)
}
