//! The runtime library: what the host computes when it is called as one of Cranelift's libcalls.
//!
//! Code generators call these where an ISA has no instruction, and programs call them by name. A
//! program's own call and one that the code generator made out of an instruction are the same to
//! the host, so neither is logged: which of them there are differs between ISAs.
//!
//! Meaning: ISO C17, 7.24.2.1 (`memcpy`), 7.24.2.2 (`memmove`), 7.24.4.1 (`memcmp`), 7.24.6.1
//! (`memset`); IEEE 754-2019, 5.3.1 and 5.4.1 for the floats; Intel SDM volume 2, PSHUFB.

use serde::{Deserialize, Serialize};

use super::interface::{CallConv, Extension, HostcallDecl, Param, Purpose, Signature};
use super::ty::{Lane, Ty, Value};

/// Most bytes that a routine moves or compares: the guest has no more in one piece.
const MOST_BYTES: u64 = 8 << 20;

/// A routine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Routine {
    /// `%CeilF32` or `%CeilF64`: towards positive infinity.
    Ceil(u8),
    /// `%FloorF32` or `%FloorF64`: towards negative infinity.
    Floor(u8),
    /// `%TruncF32` or `%TruncF64`: towards zero.
    Trunc(u8),
    /// `%NearestF32` or `%NearestF64`: to the nearest integer, ties to even.
    Nearest(u8),
    /// `%FmaF32` or `%FmaF64`: x * y + z, rounded once.
    Fma(u8),
    /// `%Memcpy(dest, src, n) -> dest`.
    Memcpy,
    /// `%Memmove(dest, src, n) -> dest`: they may overlap.
    Memmove,
    /// `%Memset(dest, byte, n) -> dest`.
    Memset,
    /// `%Memcmp(a, b, n) -> i32`: negative, zero or positive.
    Memcmp,
    /// `%X86Pshufb(bytes, mask) -> bytes`.
    Pshufb,
}

/// Memory of whoever calls a routine.
pub trait Memory {
    /// Reads, or says why that cannot be.
    ///
    /// # Errors
    /// When the bytes are not there.
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), String>;
    /// Writes, or says why that cannot be.
    ///
    /// # Errors
    /// As [`Memory::read`].
    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), String>;
}

const NAMES: [(&str, Routine); 15] = [
    ("%CeilF32", Routine::Ceil(32)),
    ("%CeilF64", Routine::Ceil(64)),
    ("%FloorF32", Routine::Floor(32)),
    ("%FloorF64", Routine::Floor(64)),
    ("%TruncF32", Routine::Trunc(32)),
    ("%TruncF64", Routine::Trunc(64)),
    ("%NearestF32", Routine::Nearest(32)),
    ("%NearestF64", Routine::Nearest(64)),
    ("%FmaF32", Routine::Fma(32)),
    ("%FmaF64", Routine::Fma(64)),
    ("%Memcpy", Routine::Memcpy),
    ("%Memmove", Routine::Memmove),
    ("%Memset", Routine::Memset),
    ("%Memcmp", Routine::Memcmp),
    ("%X86Pshufb", Routine::Pshufb),
];

impl Routine {
    /// The routine that Cranelift calls `name`, sigil included.
    pub fn of(name: &str) -> Option<Routine> {
        let found = NAMES.iter().find(|(known, _)| *known == name);
        found.map(|(_, routine)| *routine)
    }

    /// How a 64-bit code generator calls it by itself.
    pub fn decl(self) -> HostcallDecl {
        let (name, _) =
            (NAMES.iter().find(|(_, routine)| *routine == self)).expect("every routine has a name");
        let param = |ty| Param {
            ty,
            extension: Extension::None,
            purpose: Purpose::Normal,
        };
        let (params, returns) = self.types();
        HostcallDecl {
            name: (*name).to_owned(),
            signature: Signature {
                call_conv: CallConv::SystemV,
                params: params.into_iter().map(param).collect(),
                returns: vec![param(returns)],
                llvm_abi: false,
            },
        }
    }

    fn types(self) -> (Vec<Ty>, Ty) {
        let word = Ty::int(64);
        match self {
            Routine::Ceil(bits)
            | Routine::Floor(bits)
            | Routine::Trunc(bits)
            | Routine::Nearest(bits) => (vec![Ty::float(bits)], Ty::float(bits)),
            Routine::Fma(bits) => (vec![Ty::float(bits); 3], Ty::float(bits)),
            Routine::Memcpy | Routine::Memmove => (vec![word; 3], word),
            Routine::Memset => (vec![word, Ty::int(32), word], word),
            Routine::Memcmp => (vec![word; 3], Ty::int(32)),
            Routine::Pshufb => {
                let bytes = Ty {
                    lane: Lane::Int,
                    lane_bits: 8,
                    lanes: 16,
                };
                (vec![bytes; 2], bytes)
            }
        }
    }

    /// Whether it can be called like this. Integers may have any width: they are numbers and
    /// addresses.
    pub fn accepts(self, signature: &Signature) -> bool {
        let (params, result) = self.types();
        let same = |given: &Param, own: &Ty| {
            given.purpose == Purpose::Normal
                && (given.ty == *own || given.ty.is_int() && own.is_int())
        };
        signature.params.len() == params.len()
            && signature
                .params
                .iter()
                .zip(&params)
                .all(|(g, own)| same(g, own))
            && signature.returns.len() <= 1
            && signature.returns.iter().all(|given| same(given, &result))
    }

    /// Computes it for arguments that it accepts, and gives what a caller that wants results of
    /// the types `returns` gets.
    ///
    /// # Errors
    /// When memory is not there.
    pub fn call(
        self,
        args: &[Value],
        returns: &[Param],
        memory: &mut dyn Memory,
    ) -> Result<Vec<Value>, String> {
        let bits = |index: usize| args.get(index).map_or(0, |value: &Value| value.bits);
        let word = |index: usize| u64::try_from(bits(index) & u128::from(u64::MAX)).unwrap_or(0);
        let float = |width: u8, narrow: fn(f32) -> f32, wide: fn(f64) -> f64| match width {
            32 => u128::from(narrow(f32_of(bits(0))).to_bits()),
            _ => u128::from(wide(f64_of(bits(0))).to_bits()),
        };
        let result = match self {
            Routine::Ceil(width) => float(width, f32::ceil, f64::ceil),
            Routine::Floor(width) => float(width, f32::floor, f64::floor),
            Routine::Trunc(width) => float(width, f32::trunc, f64::trunc),
            Routine::Nearest(width) => float(width, f32::round_ties_even, f64::round_ties_even),
            Routine::Fma(32) => {
                let product = f32_of(bits(0)).mul_add(f32_of(bits(1)), f32_of(bits(2)));
                product.to_bits().into()
            }
            Routine::Fma(_) => {
                let product = f64_of(bits(0)).mul_add(f64_of(bits(1)), f64_of(bits(2)));
                product.to_bits().into()
            }
            Routine::Memcpy | Routine::Memmove => {
                let mut buffer = vec![0; length(word(2))?];
                memory.read(word(1), &mut buffer)?;
                memory.write(word(0), &buffer)?;
                bits(0)
            }
            Routine::Memset => {
                let byte = word(1).to_le_bytes()[0];
                memory.write(word(0), &vec![byte; length(word(2))?])?;
                bits(0)
            }
            Routine::Memcmp => {
                let (mut left, mut right) = (vec![0; length(word(2))?], vec![0; length(word(2))?]);
                memory.read(word(0), &mut left)?;
                memory.read(word(1), &mut right)?;
                match left.cmp(&right) {
                    std::cmp::Ordering::Less => u128::MAX,
                    std::cmp::Ordering::Equal => 0,
                    std::cmp::Ordering::Greater => 1,
                }
            }
            Routine::Pshufb => pshufb(bits(0), bits(1)),
        };
        let results = returns.iter().map(|param| Value::new(param.ty, result));
        Ok(results.collect())
    }
}

fn f32_of(bits: u128) -> f32 {
    f32::from_bits(u32::try_from(bits & u128::from(u32::MAX)).unwrap_or(0))
}

fn f64_of(bits: u128) -> f64 {
    f64::from_bits(u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0))
}

fn length(bytes: u64) -> Result<usize, String> {
    let length = usize::try_from(bytes).ok().filter(|_| bytes <= MOST_BYTES);
    length.ok_or_else(|| format!("{bytes} bytes, which is more than there are"))
}

/// Each byte of the mask picks a byte by its low four bits, or zero if its highest bit is set.
fn pshufb(bytes: u128, mask: u128) -> u128 {
    let bytes = bytes.to_le_bytes();
    let pick = |by: u8| {
        if by & 0x80 == 0 {
            bytes[usize::from(by & 15)]
        } else {
            0
        }
    };
    u128::from_le_bytes(mask.to_le_bytes().map(pick))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bytes(Vec<u8>);

    impl Memory for Bytes {
        fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), String> {
            let start = usize::try_from(address).unwrap();
            let bytes = self.0.get(start..start + buffer.len()).ok_or("outside")?;
            buffer.copy_from_slice(bytes);
            Ok(())
        }

        fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), String> {
            let start = usize::try_from(address).unwrap();
            let place = self
                .0
                .get_mut(start..start + bytes.len())
                .ok_or("outside")?;
            place.copy_from_slice(bytes);
            Ok(())
        }
    }

    fn call(routine: Routine, args: &[u128], memory: &mut Bytes) -> Result<u128, String> {
        let decl = routine.decl();
        let typed = decl.signature.params.iter().zip(args);
        let args: Vec<Value> = typed.map(|(p, bits)| Value::new(p.ty, *bits)).collect();
        let results = routine.call(&args, &decl.signature.returns, memory)?;
        Ok(results[0].bits)
    }

    #[test]
    fn every_name_has_its_routine_and_accepts_its_own_declaration() {
        for (name, routine) in NAMES {
            assert_eq!(Routine::of(name), Some(routine));
            assert_eq!(routine.decl().name, name);
            assert!(routine.accepts(&routine.decl().signature), "{name}");
        }
        assert_eq!(Routine::of("%Probestack"), None);
        let float = Routine::Ceil(32).decl().signature;
        assert!(!Routine::Ceil(64).accepts(&float));
        assert!(!Routine::Memcpy.accepts(&float));
    }

    #[test]
    fn floats_are_rounded_as_they_say() {
        let mut none = Bytes(Vec::new());
        let mut round = |routine, x: f64| {
            f64::from_bits(
                u64::try_from(call(routine, &[x.to_bits().into()], &mut none).unwrap()).unwrap(),
            )
        };
        assert_eq!(round(Routine::Ceil(64), -1.5), -1.0);
        assert_eq!(round(Routine::Floor(64), -1.5), -2.0);
        assert_eq!(round(Routine::Trunc(64), -1.5), -1.0);
        assert_eq!(round(Routine::Nearest(64), 2.5), 2.0);
        assert_eq!(round(Routine::Nearest(64), 3.5), 4.0);
        // Rounded once: 2^-24 * (2^24 + 1) - 1 is exactly 2^-24, and 0 when rounded twice.
        let args = [0x33800000, 0x4b800001, 0xbf800000];
        let (x, y) = (f32::from_bits(0x33800000), f32::from_bits(0x4b800001));
        let once = f64::from(x) * f64::from(y) - 1.0;
        let seen = call(Routine::Fma(32), &args, &mut none).unwrap();
        assert_eq!(f64::from(f32_of(seen)), once);
    }

    #[test]
    fn bytes_are_moved_set_and_compared() {
        let mut memory = Bytes((0..16).collect());
        assert_eq!(call(Routine::Memmove, &[2, 0, 4], &mut memory), Ok(2));
        assert_eq!(memory.0[..7], [0, 1, 0, 1, 2, 3, 6]);
        assert_eq!(call(Routine::Memset, &[8, 0x1_55, 2], &mut memory), Ok(8));
        assert_eq!(memory.0[7..11], [7, 0x55, 0x55, 10]);
        assert_eq!(call(Routine::Memcpy, &[12, 8, 2], &mut memory), Ok(12));
        assert_eq!(call(Routine::Memcmp, &[12, 8, 2], &mut memory), Ok(0));
        assert_eq!(
            call(Routine::Memcmp, &[0, 8, 2], &mut memory),
            Ok(0xffff_ffff)
        );
        assert_eq!(call(Routine::Memcmp, &[8, 0, 2], &mut memory), Ok(1));
        assert!(call(Routine::Memcpy, &[12, 8, 5], &mut memory).is_err());
        assert!(call(Routine::Memset, &[0, 0, u128::from(u64::MAX)], &mut memory).is_err());
    }

    #[test]
    fn pshufb_picks_bytes_and_zeros() {
        let bytes = u128::from_le_bytes(std::array::from_fn(|i| u8::try_from(i).unwrap() + 0x40));
        assert_eq!(
            pshufb(bytes, 0x80_0f_13),
            0x4040_4040_4040_4040_4040_4040_4000_4f43
        );
    }
}
