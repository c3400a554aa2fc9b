//! Vector floating-point instructions of the vector-enhancements facility 1 (z14).
//!
//! The emulator has the z13's, which know the long format only. z14 added the short and the
//! extended format to each of them, and minimum and maximum in all three. [`GAPS`] lists what
//! Cranelift takes from that.
//!
//! Where the single-element control is on, the Principles of Operation leave the other elements
//! of the result unpredictable. They are set to zero here, as the emulator does for the long
//! format, so that runs can be compared.

use super::Registers;
use super::bfp::convert::{convert, to_integral};
use super::bfp::{Format, Rounding, arithmetic as math, compare as extreme, order, rounding_mode};
use super::instruction::Instruction;
use std::cmp::Ordering;

type Unary = fn(Format, u128) -> u128;
type Binary = fn(Format, u128, u128) -> u128;
type Ternary = fn(Format, u128, u128, u128) -> u128;

/// What an instruction computes. Where it needs one, the modifier is the mask in bits 24-27.
#[derive(Clone, Copy)]
enum Operation {
    Unary(Unary),
    Binary(Binary),
    Ternary(Ternary),
    /// To an integral value; the modifier is the rounding mode.
    Integral,
    /// A mask of ones where the comparison holds; sets the condition code on demand.
    Mask {
        holds: fn(Option<Ordering>) -> bool,
        sets_code: bool,
    },
    /// Compares element 0, into the condition code.
    Compare,
    /// Long to extended.
    Lengthen,
    /// Extended to long; the modifier is the rounding mode.
    Round,
}

/// A row: the last byte of the opcode, the modifier (`None`: a rounding mode), the operation,
/// and mnemonics by format and single-element control: short vector, short scalar, long vector,
/// long scalar, extended. An empty mnemonic is no gap: the emulator knows it, or nobody emits it.
struct Gap(u8, Option<u8>, Operation, [&'static str; 5]);

use Operation as Op;

#[rustfmt::skip]
const GAPS: &[Gap] = &[
    Gap(0xcc, Some(0), Op::Unary(negate),             ["vflcsb", "wflcsb", "", "", "wflcxb"]),
    Gap(0xcc, Some(1), Op::Unary(negative),           ["vflnsb", "wflnsb", "", "", "wflnxb"]),
    Gap(0xcc, Some(2), Op::Unary(positive),           ["vflpsb", "wflpsb", "", "", "wflpxb"]),
    Gap(0xce, Some(0), Op::Unary(math::square_root),  ["vfsqsb", "wfsqsb", "", "", "wfsqxb"]),
    Gap(0xe3, Some(0), Op::Binary(math::add),         ["vfasb", "wfasb", "", "", "wfaxb"]),
    Gap(0xe2, Some(0), Op::Binary(math::subtract),    ["vfssb", "wfssb", "", "", "wfsxb"]),
    Gap(0xe7, Some(0), Op::Binary(math::multiply),    ["vfmsb", "wfmsb", "", "", "wfmxb"]),
    Gap(0xe5, Some(0), Op::Binary(math::divide),      ["vfdsb", "wfdsb", "", "", "wfdxb"]),
    Gap(0x8f, Some(0), Op::Ternary(math::multiply_add),
        ["vfmasb", "wfmasb", "", "", "wfmaxb"]),
    Gap(0x8e, Some(0), Op::Ternary(math::multiply_subtract),
        ["vfmssb", "wfmssb", "", "", "wfmsxb"]),
    Gap(0xef, Some(1), Op::Binary(extreme::java_maximum),
        ["vfmaxsb", "wfmaxsb", "vfmaxdb", "wfmaxdb", "wfmaxxb"]),
    Gap(0xef, Some(3), Op::Binary(extreme::cpp_maximum),
        ["vfmaxsb", "wfmaxsb", "vfmaxdb", "wfmaxdb", "wfmaxxb"]),
    Gap(0xee, Some(1), Op::Binary(extreme::java_minimum),
        ["vfminsb", "wfminsb", "vfmindb", "wfmindb", "wfminxb"]),
    Gap(0xee, Some(3), Op::Binary(extreme::cpp_minimum),
        ["vfminsb", "wfminsb", "vfmindb", "wfmindb", "wfminxb"]),
    Gap(0xc7, None,    Op::Integral,                  ["vfisb", "wfisb", "", "", "wfixb"]),
    Gap(0xc4, Some(0), Op::Lengthen,                  ["", "", "", "wflld", ""]),
    Gap(0xc5, None,    Op::Round,                     ["", "", "", "", "wflrx"]),
    Gap(0xcb, Some(0), Op::Compare,                   ["", "wfcsb", "", "", "wfcxb"]),
    Gap(0xe8, Some(0), mask(is_equal, false),         ["vfcesb", "wfcesb", "", "", ""]),
    Gap(0xe8, Some(1), mask(is_equal, true),          ["vfcesbs", "wfcesbs", "", "", ""]),
    Gap(0xeb, Some(0), mask(is_high, false),          ["vfchsb", "wfchsb", "", "", ""]),
    Gap(0xeb, Some(1), mask(is_high, true),           ["vfchsbs", "wfchsbs", "", "", ""]),
    Gap(0xea, Some(0), mask(is_high_or_equal, false), ["vfchesb", "wfchesb", "", "", ""]),
    Gap(0xea, Some(1), mask(is_high_or_equal, true),  ["vfchesbs", "wfchesbs", "", "", ""]),
];

const fn mask(holds: fn(Option<Ordering>) -> bool, sets_code: bool) -> Operation {
    Operation::Mask { holds, sets_code }
}

/// A vector floating-point gap, as decoded.
#[derive(Clone, Copy)]
pub(super) struct Float {
    operation: Operation,
    mnemonic: &'static str,
    format: Format,
    /// Only element 0.
    single: bool,
    modifier: u8,
}

impl Float {
    pub(super) fn decode(code: Instruction) -> Option<Self> {
        if code.bits(0, 8) != 0xe7 {
            return None;
        }
        let opcode = code.nibble(40) << 4 | code.nibble(44);
        let modifier = code.nibble(24);
        let Gap(_, _, operation, mnemonics) = GAPS.iter().find(|Gap(row, wanted, ..)| {
            *row == opcode && wanted.is_none_or(|wanted| wanted == modifier)
        })?;
        // Format and control lie elsewhere in VRR-e, and WFC has no control: it is scalar.
        let format_field = match operation {
            Operation::Ternary(_) => code.nibble(20),
            _ => code.nibble(32),
        };
        let single = match (operation, code.nibble(28)) {
            (Operation::Compare, 0) => true,
            (Operation::Compare, _) => return None,
            (_, 0) => false,
            (_, 8) => true,
            _ => return None,
        };
        let (format, variant) = match (format_field, single) {
            (2, false) => (Format::SHORT, 0),
            (2, true) => (Format::SHORT, 1),
            (3, false) => (Format::LONG, 2),
            (3, true) => (Format::LONG, 3),
            (4, true) => (Format::EXTENDED, 4),
            _ => return None,
        };
        let mnemonic = mnemonics[variant];
        (!mnemonic.is_empty()).then_some(Float {
            operation: *operation,
            mnemonic,
            format,
            single,
            modifier,
        })
    }

    pub(super) fn mnemonic(self) -> &'static str {
        self.mnemonic
    }

    /// Executes it; `None` if its rounding mode is reserved.
    pub(super) fn execute(self, code: Instruction, registers: &mut impl Registers) -> Option<()> {
        let format = self.format;
        let a = registers.vr(code.vector(2));
        let result = match self.operation {
            Operation::Unary(f) => self.each_element(|lane| f(format, lane(a))),
            Operation::Binary(f) => {
                let b = registers.vr(code.vector(3));
                self.each_element(|lane| f(format, lane(a), lane(b)))
            }
            Operation::Ternary(f) => {
                let (b, c) = (registers.vr(code.vector(3)), registers.vr(code.vector(4)));
                self.each_element(|lane| f(format, lane(a), lane(b), lane(c)))
            }
            Operation::Integral => {
                let rounding = rounding_mode(self.modifier)?;
                self.each_element(|lane| to_integral(format, lane(a), rounding))
            }
            Operation::Mask { holds, sets_code } => {
                let b = registers.vr(code.vector(3));
                let mask = self.each_element(|lane| {
                    let held = holds(order(format, lane(a), lane(b)));
                    if held { ones(format.bits()) } else { 0 }
                });
                if sets_code {
                    registers.set_cc(self.mask_code(mask));
                }
                mask
            }
            Operation::Compare => {
                let first = self.element(0, registers.vr(code.vector(1)));
                let second = self.element(0, a);
                registers.set_cc(compare_code(order(format, first, second)));
                return Some(());
            }
            Operation::Lengthen => {
                let long = self.element(0, a);
                convert(format, Format::EXTENDED, long, Rounding::NearestEven)
            }
            Operation::Round => {
                let rounding = rounding_mode(self.modifier)?;
                convert(format, Format::LONG, a, rounding) << 64
            }
        };
        registers.set_vr(code.vector(1), result);
        Some(())
    }

    /// Puts a result together, element by element. `compute` gets a function that takes the
    /// current element out of an operand.
    fn each_element(self, compute: impl Fn(&dyn Fn(u128) -> u128) -> u128) -> u128 {
        let elements = if self.single {
            1
        } else {
            128 / self.format.bits()
        };
        (0..elements).fold(0, |result, number| {
            let element = compute(&|operand| self.element(number, operand));
            result | element << self.shift(number)
        })
    }

    /// Element `number` of an operand, counted from the left.
    fn element(self, number: u32, operand: u128) -> u128 {
        operand >> self.shift(number) & ones(self.format.bits())
    }

    fn shift(self, number: u32) -> u32 {
        128 - self.format.bits() * (number + 1)
    }

    /// 0 if the comparison held for all elements, 3 if for none, 1 otherwise.
    fn mask_code(self, mask: u128) -> u8 {
        let compared = if self.single { self.format.bits() } else { 128 };
        match mask >> (128 - compared) {
            0 => 3,
            all if all == ones(compared) => 0,
            _ => 1,
        }
    }
}

fn ones(bits: u32) -> u128 {
    u128::MAX >> (128 - bits)
}

fn compare_code(ordering: Option<Ordering>) -> u8 {
    match ordering {
        Some(Ordering::Equal) => 0,
        Some(Ordering::Less) => 1,
        Some(Ordering::Greater) => 2,
        None => 3,
    }
}

fn is_equal(ordering: Option<Ordering>) -> bool {
    ordering.is_some_and(Ordering::is_eq)
}

fn is_high(ordering: Option<Ordering>) -> bool {
    ordering.is_some_and(Ordering::is_gt)
}

fn is_high_or_equal(ordering: Option<Ordering>) -> bool {
    ordering.is_some_and(Ordering::is_ge)
}

/// Sign operations touch nothing but the sign: signaling NaNs stay signaling.
fn negate(format: Format, datum: u128) -> u128 {
    datum ^ format.sign_bit()
}

fn negative(format: Format, datum: u128) -> u128 {
    datum | format.sign_bit()
}

fn positive(format: Format, datum: u128) -> u128 {
    datum & !format.sign_bit()
}
