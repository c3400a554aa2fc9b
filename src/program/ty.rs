//! Types and values as the suite sees them: ISA-neutral, serialisable, at most 128 bits.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a lane holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Lane {
    /// Two's complement integer.
    Int,
    /// IEEE 754 binary floating point.
    Float,
}

/// A CLIF value type: `lanes` lanes of `lane_bits` bits each; scalars have one lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ty {
    /// What each lane holds.
    pub lane: Lane,
    /// Bits in a lane: 8 to 128.
    pub lane_bits: u8,
    /// Number of lanes: 1 for a scalar.
    pub lanes: u8,
}

impl Ty {
    /// A scalar integer of `bits` bits.
    pub const fn int(bits: u8) -> Ty {
        Ty {
            lane: Lane::Int,
            lane_bits: bits,
            lanes: 1,
        }
    }

    /// A scalar float of `bits` bits.
    pub const fn float(bits: u8) -> Ty {
        Ty {
            lane: Lane::Float,
            lane_bits: bits,
            lanes: 1,
        }
    }

    /// Size of the whole value in bits, at most 128.
    pub fn bits(self) -> u32 {
        u32::from(self.lane_bits) * u32::from(self.lanes)
    }

    /// Size of the whole value in bytes, at most 16.
    pub fn bytes(self) -> u32 {
        self.bits() / 8
    }

    /// More than one lane.
    pub fn is_vector(self) -> bool {
        self.lanes > 1
    }

    /// A scalar integer.
    pub fn is_int(self) -> bool {
        self.lane == Lane::Int && self.lanes == 1
    }

    /// A scalar float.
    pub fn is_float(self) -> bool {
        self.lane == Lane::Float && self.lanes == 1
    }

    /// The bits that a value of this type has, as a mask.
    pub fn mask(self) -> u128 {
        if self.bits() >= 128 {
            u128::MAX
        } else {
            (1u128 << self.bits()) - 1
        }
    }
}

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match self.lane {
            Lane::Int => 'i',
            Lane::Float => 'f',
        };
        write!(f, "{letter}{}", self.lane_bits)?;
        if self.lanes > 1 {
            write!(f, "x{}", self.lanes)
        } else {
            Ok(())
        }
    }
}

/// A typed value. Lane 0 is in the least significant bits whatever the ISA; bits above the
/// type's size are zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Value {
    /// The type.
    pub ty: Ty,
    /// The bits, lane 0 lowest.
    pub bits: u128,
}

impl Value {
    /// A value of type `ty` from the low bits of `bits`.
    pub fn new(ty: Ty, bits: u128) -> Value {
        Value {
            ty,
            bits: bits & ty.mask(),
        }
    }

    /// Lane `index`, zero-extended.
    pub fn lane(self, index: u8) -> u128 {
        let width = u32::from(self.ty.lane_bits);
        let lane = self.bits >> (width * u32::from(index));
        if width >= 128 {
            lane
        } else {
            lane & ((1u128 << width) - 1)
        }
    }

    /// The same value with its lanes in the opposite order, as a big-endian lane order stores it.
    pub fn reverse_lanes(self) -> Value {
        let width = u32::from(self.ty.lane_bits);
        let mut bits = 0u128;
        for index in 0..self.ty.lanes {
            let to = self.ty.lanes - 1 - index;
            bits |= self.lane(index) << (width * u32::from(to));
        }
        Value { ty: self.ty, bits }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = usize::from(self.ty.lane_bits / 4);
        if self.ty.lanes == 1 {
            return write!(f, "0x{:0digits$x}:{}", self.bits, self.ty);
        }
        write!(f, "0x[")?;
        for index in 0..self.ty.lanes {
            let gap = if index == 0 { "" } else { " " };
            write!(f, "{gap}{:0digits$x}", self.lane(index))?;
        }
        write!(f, "]:{}", self.ty)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_count_from_the_low_end() {
        let ty = Ty {
            lane: Lane::Int,
            lane_bits: 32,
            lanes: 4,
        };
        let value = Value::new(ty, 0x00000003_00000002_00000001_00000000);
        assert_eq!(value.lane(0), 0);
        assert_eq!(value.lane(3), 3);
        assert_eq!(value.reverse_lanes().lane(0), 3);
        assert_eq!(
            value.to_string(),
            "0x[00000000 00000001 00000002 00000003]:i32x4"
        );
    }

    #[test]
    fn scalars_are_cut_to_their_width() {
        assert_eq!(Value::new(Ty::int(8), 0x1ff).bits, 0xff);
        assert_eq!(Value::new(Ty::int(128), u128::MAX).bits, u128::MAX);
    }
}
