//! Arguments: the boundaries of each type, and random bits.

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use crate::generator::types::{FLOATS, T};
use crate::program::{Lane, Ty, Value};

/// Most combinations of arguments that a case is run on.
const COMBINATIONS: usize = 120;

/// The type as the suite has it.
pub fn ty(t: T) -> Ty {
    let lane = t.lane();
    Ty {
        lane: if FLOATS.has(lane) {
            Lane::Float
        } else {
            Lane::Int
        },
        lane_bits: u8::try_from(8 * lane.bytes()).unwrap(),
        lanes: u8::try_from(t.lanes()).unwrap(),
    }
}

/// A sequence of random bits.
pub struct Bits(SplitMix64);

impl Bits {
    fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn wide(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }

    fn pick(&mut self, from: &[u128]) -> u128 {
        let place = self.next() % u64::try_from(from.len()).unwrap();
        from[usize::try_from(place).unwrap()]
    }
}

/// Integers where carries, signs and shift amounts turn.
fn integers(bits: u32) -> Vec<u128> {
    let mut list = vec![0, 1, 2, 3, 7, u128::MAX, u128::MAX - 1];
    let width = u128::from(bits);
    list.extend([width / 2, width - 1, width, width + 1, 63, 64, 65, 127]);
    for half in [bits / 2, bits] {
        let top = 1u128 << (half - 1);
        list.extend([top, top - 1, top | 1, top.wrapping_neg(), top ^ u128::MAX]);
    }
    list.extend([u128::MAX / 3, u128::MAX / 3 * 2, u128::MAX / 17]);
    list
}

/// Floats where rounding, signs and ranges of integers turn.
fn floats(bits: u32) -> Vec<u128> {
    let mut numbers = vec![0.0, 0.5, 0.49999997, 1.0, 1.5, 2.5, 0.1, f64::INFINITY];
    for width in [7, 8, 15, 16, 31, 32, 63, 64] {
        let power = 2f64.powi(width);
        let (above, below) = (
            f64::from_bits(power.to_bits() + 1),
            f64::from_bits(power.to_bits() - 1),
        );
        numbers.extend([power, power - 1.0, power - 0.5, power + 1.0, above, below]);
    }
    let mut list: Vec<u128> = if bits == 32 {
        let narrow = numbers.iter().map(|&n| u128::from((n as f32).to_bits()));
        let special = [1, 0x007f_ffff, 0x7f7f_ffff, 0x7fc0_0000, 0x7fa0_0001];
        narrow.chain(special).collect()
    } else {
        let wide = numbers.iter().map(|&n| u128::from(n.to_bits()));
        let special = [
            1,
            0x7fef_ffff_ffff_ffff,
            0x7ff8_0000_0000_0000,
            0x7ff4_0000_0000_0001,
            // Beyond the range of `f32`, and among its subnormal numbers.
            0x47f0_0000_0000_0000,
            0x36a0_0000_0000_0000,
        ];
        wide.chain(special).collect()
    };
    let sign = 1 << (bits - 1);
    list.extend(list.clone().iter().map(|n| n | sign));
    list
}

/// Boundary values of a type; vectors have a different one in each lane.
fn boundaries(t: T, bits: &mut Bits) -> Vec<Value> {
    let ty = ty(t);
    let width = u32::from(ty.lane_bits);
    let lanes = if ty.lane == Lane::Float {
        floats(width)
    } else {
        integers(width)
    };
    if ty.lanes == 1 {
        return lanes.iter().map(|&bits| Value::new(ty, bits)).collect();
    }
    let mut list = vec![0, u128::MAX, 1];
    for _ in 0..24 {
        let mut all = 0;
        for lane in 0..u32::from(ty.lanes) {
            let one = bits.pick(&lanes) & (u128::MAX >> (128 - width));
            all |= one << (lane * width);
        }
        list.push(all);
    }
    list.into_iter().map(|bits| Value::new(ty, bits)).collect()
}

/// Combinations of arguments of these types; `seed` tells cases apart.
pub fn arguments(types: &[T], seed: usize) -> Vec<Vec<Value>> {
    let mut bits = Bits(SplitMix64::seed_from_u64(u64::try_from(seed).unwrap()));
    let lists: Vec<Vec<Value>> = types.iter().map(|&t| boundaries(t, &mut bits)).collect();
    let pick = |list: &[Value], bits: &mut Bits| {
        let place = bits.next() % u64::try_from(list.len()).unwrap();
        list[usize::try_from(place).unwrap()]
    };
    let mut all = Vec::new();
    // Each boundary of each argument once, with others beside it.
    for (place, list) in lists.iter().enumerate() {
        for value in list {
            let mut args: Vec<Value> = lists.iter().map(|l| pick(l, &mut bits)).collect();
            args[place] = *value;
            all.push(args);
        }
    }
    // Equal arguments, where types are equal.
    for value in &lists[0] {
        let same = types.iter().map(|&t| Value::new(ty(t), value.bits));
        all.push(same.collect());
    }
    while all.len() < COMBINATIONS {
        let random = types.iter().map(|&t| Value::new(ty(t), bits.wide()));
        all.push(random.collect());
    }
    all
}
