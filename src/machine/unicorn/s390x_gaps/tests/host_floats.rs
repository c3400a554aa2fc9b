//! The software floating point against the host's, in the two formats that the host has.

use super::super::bfp::convert::{convert, to_integral};
use super::super::bfp::{Format, Rounding, arithmetic as math, order as compare};

/// Data in which the corners are as likely as the rest: a repeatable xorshift.
pub(super) struct Data(pub(super) u64);

impl Data {
    pub(super) fn word(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn double(&mut self) -> f64 {
        let bits = self.word();
        let sign_and_fraction = bits & 0x800f_ffff_ffff_ffff;
        let sparse = bits & 0x800c_0000_0000_0003;
        match self.word() % 8 {
            0 => f64::from_bits(bits & 0xffe0_0000_0000_0000),
            1 => f64::from_bits(sign_and_fraction),
            2 => f64::from_bits(sparse | 1 << 52),
            3 | 4 => f64::from_bits(sparse | (1000 + self.word() % 60) << 52),
            5 | 6 => f64::from_bits(sign_and_fraction | (1000 + self.word() % 60) << 52),
            _ => f64::from_bits(bits),
        }
    }

    fn single(&mut self) -> f32 {
        let bits = self.word() as u32;
        let sign_and_fraction = bits & 0x807f_ffff;
        match self.word() % 6 {
            0 => f32::from_bits(sign_and_fraction),
            1 => f32::from_bits(bits & 0xff00_0000),
            2..5 => f32::from_bits(sign_and_fraction | (110 + self.word() as u32 % 34) << 23),
            _ => f32::from_bits(bits),
        }
    }
}

fn same_double(ours: u128, host: f64, what: &str, operands: &[f64]) {
    if operands.iter().any(|x| x.is_nan()) {
        assert!(f64::from_bits(ours as u64).is_nan(), "{what} {operands:?}");
    } else if host.is_nan() {
        assert_eq!(ours, 0x7ff8 << 48, "{what} {operands:?}: default NaN");
    } else {
        assert_eq!(
            ours as u64,
            host.to_bits(),
            "{what} {operands:x?} gives {host:e}"
        );
    }
}

fn same_single(ours: u128, host: f32, what: &str, operands: &[f32]) {
    if operands.iter().any(|x| x.is_nan()) {
        assert!(f32::from_bits(ours as u32).is_nan(), "{what} {operands:?}");
    } else if host.is_nan() {
        assert_eq!(ours, 0x7fc0 << 16, "{what} {operands:?}: default NaN");
    } else {
        assert_eq!(
            ours as u32,
            host.to_bits(),
            "{what} {operands:?} gives {host:e}"
        );
    }
}

#[test]
fn long_arithmetic_agrees_with_the_host() {
    let mut data = Data(0x9e37_79b9_7f4a_7c15);
    for _ in 0..20_000 {
        let [a, b, c] = std::array::from_fn(|_| data.double());
        let [x, y, z] = [a, b, c].map(|datum| u128::from(datum.to_bits()));
        let f = Format::LONG;
        same_double(math::add(f, x, y), a + b, "add", &[a, b]);
        same_double(math::subtract(f, x, y), a - b, "subtract", &[a, b]);
        same_double(math::multiply(f, x, y), a * b, "multiply", &[a, b]);
        same_double(math::divide(f, x, y), a / b, "divide", &[a, b]);
        same_double(math::square_root(f, x), a.sqrt(), "square root", &[a]);
        let sum = math::multiply_add(f, x, y, z);
        same_double(sum, a.mul_add(b, c), "multiply and add", &[a, b, c]);
        let difference = math::multiply_subtract(f, x, y, z);
        same_double(
            difference,
            a.mul_add(b, -c),
            "multiply and subtract",
            &[a, b, c],
        );
        assert_eq!(compare(f, x, y), a.partial_cmp(&b), "compare {a:e} {b:e}");
    }
}

#[test]
fn short_arithmetic_agrees_with_the_host() {
    let mut data = Data(0x2545_f491_4f6c_dd1d);
    for _ in 0..20_000 {
        let [a, b, c] = std::array::from_fn(|_| data.single());
        let [x, y, z] = [a, b, c].map(|datum| u128::from(datum.to_bits()));
        let f = Format::SHORT;
        same_single(math::add(f, x, y), a + b, "add", &[a, b]);
        same_single(math::subtract(f, x, y), a - b, "subtract", &[a, b]);
        same_single(math::multiply(f, x, y), a * b, "multiply", &[a, b]);
        same_single(math::divide(f, x, y), a / b, "divide", &[a, b]);
        same_single(math::square_root(f, x), a.sqrt(), "square root", &[a]);
        let sum = math::multiply_add(f, x, y, z);
        same_single(sum, a.mul_add(b, c), "multiply and add", &[a, b, c]);
        let difference = math::multiply_subtract(f, x, y, z);
        same_single(
            difference,
            a.mul_add(b, -c),
            "multiply and subtract",
            &[a, b, c],
        );
        assert_eq!(compare(f, x, y), a.partial_cmp(&b), "compare {a:e} {b:e}");
    }
}

#[test]
fn rounding_to_integers_agrees_with_the_host() {
    let mut data = Data(0xda94_2042_e4dd_58b5);
    for _ in 0..20_000 {
        let single = data.single();
        let double = data.double();
        for (rounding, on_single, on_double) in [
            (
                Rounding::NearestEven,
                single.round_ties_even(),
                double.round_ties_even(),
            ),
            (Rounding::NearestAway, single.round(), double.round()),
            (Rounding::Zero, single.trunc(), double.trunc()),
            (Rounding::Up, single.ceil(), double.ceil()),
            (Rounding::Down, single.floor(), double.floor()),
        ] {
            let ours = to_integral(Format::SHORT, single.to_bits().into(), rounding);
            same_single(ours, on_single, "integral", &[single]);
            let ours = to_integral(Format::LONG, double.to_bits().into(), rounding);
            same_double(ours, on_double, "integral", &[double]);
        }
    }
}

#[test]
fn conversion_between_formats_agrees_with_the_host() {
    let mut data = Data(0x1234_5678_9abc_def1);
    for _ in 0..20_000 {
        let double = data.double();
        let [short, long, extended] = [Format::SHORT, Format::LONG, Format::EXTENDED];
        let x = u128::from(double.to_bits());
        let ours = convert(long, short, x, Rounding::NearestEven);
        if !double.is_nan() {
            same_single(ours, double as f32, "shorten", &[]);
            // By way of the extended format, rounding twice, as Cranelift's `fdemote` does.
            let wide = convert(long, extended, x, Rounding::NearestEven);
            let odd = convert(extended, long, wide, Rounding::Odd);
            assert_eq!(convert(long, short, odd, Rounding::NearestEven), ours);
            assert_eq!(odd, x, "a long datum survives");
        }
        let single = data.single();
        let ours = convert(short, long, single.to_bits().into(), Rounding::NearestEven);
        same_double(ours, f64::from(single), "lengthen", &[f64::from(single)]);
    }
}
