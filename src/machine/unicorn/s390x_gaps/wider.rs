//! Vector integer instructions of the vector-enhancements facility 3 (z17): old operations on
//! doublewords and quadwords, division, blend and evaluate.

use super::Registers;
use super::instruction::Instruction;
use std::cmp::Ordering;

/// Of elements of so many bits.
type Unary = fn(u32, u128) -> u128;
/// `None` is a division that ends in an exception.
type Binary = fn(u32, u128, u128) -> Option<u128>;

#[derive(Clone, Copy)]
enum Operation {
    Unary(Unary),
    Binary(Binary),
    /// A mask of ones where the second is so beside the third; M5 asks for the condition code.
    Mask(fn(u128, u128) -> bool),
    /// The first against the second, into the condition code.
    Compare(fn(&u128, &u128) -> Ordering),
    /// A doubleword, the left or the right one, as a quadword.
    Unpack {
        is_right: bool,
        is_signed: bool,
    },
    /// The product of left or right doublewords.
    Product {
        is_right: bool,
        is_signed: bool,
    },
    /// Bytes of the second operand or the third, by the signs of the fourth's.
    Blend,
    /// Bits of the immediate, by those of three operands.
    Evaluate,
}

use Operation as Op;

/// Opcode, the operation, mnemonics with words, doublewords and quadwords; none where it is no new
/// instruction.
struct Row(u8, Operation, [&'static str; 3]);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row(0xa1, Op::Binary(high_product),                  ["", "vmlhg", "vmlhq"]),
    Row(0xa2, Op::Binary(|_, a, b| Some(a.wrapping_mul(b))), ["", "vmlg", "vmlq"]),
    Row(0xa3, Op::Binary(signed_high_product),           ["", "vmhg", "vmhq"]),
    Row(0xa4, Op::Product { is_right: false, is_signed: false }, ["", "vmleg", ""]),
    Row(0xa5, Op::Product { is_right: true, is_signed: false },  ["", "vmlog", ""]),
    Row(0xa6, Op::Product { is_right: false, is_signed: true },  ["", "vmeg", ""]),
    Row(0xa7, Op::Product { is_right: true, is_signed: true },   ["", "vmog", ""]),
    Row(0xb0, Op::Binary(|_, a, b| a.checked_div(b)),    ["vdlf", "vdlg", "vdlq"]),
    Row(0xb1, Op::Binary(|_, a, b| a.checked_rem(b)),    ["vrlf", "vrlg", "vrlq"]),
    Row(0xb2, Op::Binary(quotient),                      ["vdf", "vdg", "vdq"]),
    Row(0xb3, Op::Binary(remainder),                     ["vrf", "vrg", "vrq"]),
    Row(0x52, Op::Unary(|_, a| a.trailing_zeros().into()),   ["", "", "vctzq"]),
    Row(0x53, Op::Unary(|_, a| a.leading_zeros().into()),    ["", "", "vclzq"]),
    Row(0xde, Op::Unary(|_, a| a.wrapping_neg()),            ["", "", "vlcq"]),
    Row(0xdf, Op::Unary(|_, a| a.cast_signed().unsigned_abs()), ["", "", "vlpq"]),
    Row(0xd9, Op::Compare(Ord::cmp),                     ["", "", "veclq"]),
    Row(0xdb, Op::Compare(|a, b| a.cast_signed().cmp(&b.cast_signed())), ["", "", "vecq"]),
    Row(0xf0, Op::Binary(|_, a, b| Some((a | b) - ((a ^ b) >> 1))), ["", "", "vavglq"]),
    Row(0xf2, Op::Binary(|_, a, b| Some(average(a, b))), ["", "", "vavgq"]),
    Row(0xf8, Op::Mask(|a, b| a == b),                   ["", "", "vceqq"]),
    Row(0xf9, Op::Mask(|a, b| a > b),                    ["", "", "vchlq"]),
    Row(0xfb, Op::Mask(|a, b| a.cast_signed() > b.cast_signed()), ["", "", "vchq"]),
    Row(0xfc, Op::Binary(|_, a, b| Some(a.min(b))),      ["", "", "vmnlq"]),
    Row(0xfd, Op::Binary(|_, a, b| Some(a.max(b))),      ["", "", "vmxlq"]),
    Row(0xfe, Op::Binary(|_, a, b| Some(a.cast_signed().min(b.cast_signed()).cast_unsigned())),
        ["", "", "vmnq"]),
    Row(0xff, Op::Binary(|_, a, b| Some(a.cast_signed().max(b.cast_signed()).cast_unsigned())),
        ["", "", "vmxq"]),
    Row(0xd4, Op::Unpack { is_right: true, is_signed: false },  ["", "vupllg", ""]),
    Row(0xd5, Op::Unpack { is_right: false, is_signed: false }, ["", "vuplhg", ""]),
    Row(0xd6, Op::Unpack { is_right: true, is_signed: true },   ["", "vuplg", ""]),
    Row(0xd7, Op::Unpack { is_right: false, is_signed: true },  ["", "vuphg", ""]),
];

/// One of them, as decoded.
#[derive(Clone, Copy)]
pub(super) struct Wider {
    operation: Operation,
    mnemonic: &'static str,
    /// Width of an element.
    bits: u32,
}

impl Wider {
    pub(super) fn decode(code: Instruction) -> Option<Self> {
        let bytewise = |operation, mnemonic| {
            Some(Wider {
                operation,
                mnemonic,
                bits: 8,
            })
        };
        let opcode = match code.split_opcode().to_be_bytes() {
            [0xe7, 0x88] => return bytewise(Op::Evaluate, "veval"),
            // Element size, M5: bytes are all that is asked for.
            [0xe7, 0x89] if code.nibble(20) == 0 => return bytewise(Op::Blend, "vblend"),
            [0xe7, opcode] => opcode,
            _ => return None,
        };
        let size = code.nibble(32).checked_sub(2).filter(|size| *size < 3)?;
        let Row(_, operation, mnemonics) = ROWS.iter().find(|row| row.0 == opcode)?;
        let mnemonic = mnemonics[usize::from(size)];
        let sets_code = matches!(operation, Op::Mask(_)) && code.nibble(24) & 1 == 1;
        (!mnemonic.is_empty()).then_some(Wider {
            operation: *operation,
            mnemonic: match mnemonic {
                "vceqq" if sets_code => "vceqqs",
                "vchlq" if sets_code => "vchlqs",
                "vchq" if sets_code => "vchqs",
                other => other,
            },
            bits: 32 << size,
        })
    }

    pub(super) fn mnemonic(self) -> &'static str {
        self.mnemonic
    }

    /// `None` where it would end in an exception.
    pub(super) fn execute(self, code: Instruction, registers: &mut impl Registers) -> Option<()> {
        let operand = |n: u32, registers: &dyn Registers| registers.vr(code.vector(n));
        let (a, b) = (operand(2, registers), operand(3, registers));
        let result = match self.operation {
            Op::Unary(compute) => compute(self.bits, a),
            Op::Binary(compute) => self.each(a, b, compute)?,
            Op::Mask(holds) => {
                let held = holds(a, b);
                if code.nibble(24) & 1 == 1 {
                    registers.set_cc(if held { 0 } else { 3 });
                }
                if held { u128::MAX } else { 0 }
            }
            Op::Compare(compare) => {
                let first = operand(1, registers);
                registers.set_cc(match compare(&first, &a) {
                    Ordering::Equal => 0,
                    Ordering::Less => 1,
                    Ordering::Greater => 2,
                });
                return Some(());
            }
            Op::Unpack {
                is_right,
                is_signed,
            } => doubleword(a, is_right, is_signed),
            Op::Product {
                is_right,
                is_signed,
            } => {
                doubleword(a, is_right, is_signed).wrapping_mul(doubleword(b, is_right, is_signed))
            }
            Op::Blend => {
                let signs = operand(4, registers).to_be_bytes();
                let (a, b) = (a.to_be_bytes(), b.to_be_bytes());
                let pick = |n: usize| if signs[n] >= 0x80 { a[n] } else { b[n] };
                u128::from_be_bytes(std::array::from_fn(pick))
            }
            Op::Evaluate => evaluate(code.bits(24, 8), a, b, operand(4, registers)),
        };
        registers.set_vr(code.vector(1), result);
        Some(())
    }

    fn each(self, a: u128, b: u128, compute: Binary) -> Option<u128> {
        let ones = u128::MAX >> (128 - self.bits);
        let mut result = 0;
        for shift in (0..128).step_by(self.bits as usize) {
            let element = compute(self.bits, a >> shift & ones, b >> shift & ones)?;
            result |= (element & ones) << shift;
        }
        Some(result)
    }
}

fn doubleword(vector: u128, is_right: bool, is_signed: bool) -> u128 {
    let left = if is_right { vector << 64 } else { vector };
    if is_signed {
        (left.cast_signed() >> 64).cast_unsigned()
    } else {
        left >> 64
    }
}

fn signed(bits: u32, element: u128) -> i128 {
    let free = 128 - bits;
    (element << free).cast_signed() >> free
}

fn quotient(bits: u32, a: u128, b: u128) -> Option<u128> {
    let quotient = signed(bits, a).checked_div(signed(bits, b))?;
    let least = -1 << (bits - 1);
    // Of the least number by minus one.
    let overflows = signed(bits, a) == least && signed(bits, b) == -1;
    (!overflows).then(|| quotient.cast_unsigned())
}

/// Zero for the least number by minus one.
fn remainder(bits: u32, a: u128, b: u128) -> Option<u128> {
    match signed(bits, b) {
        0 => None,
        b => Some(signed(bits, a).wrapping_rem(b).cast_unsigned()),
    }
}

fn average(a: u128, b: u128) -> u128 {
    let half = (a ^ b).cast_signed() >> 1;
    (a | b).wrapping_sub(half.cast_unsigned())
}

/// The upper half of a product of elements.
fn high_product(bits: u32, a: u128, b: u128) -> Option<u128> {
    if bits < 128 {
        return Some((a * b) >> bits);
    }
    let halves = |x: u128| (x >> 64, x & u128::from(u64::MAX));
    let ((a1, a0), (b1, b0)) = (halves(a), halves(b));
    let (low, first) = (a0 * b0, a1 * b0);
    let (middle, carry) = (a0 * b1 + (low >> 64)).overflowing_add(first);
    Some(a1 * b1 + (middle >> 64) + (u128::from(carry) << 64))
}

fn signed_high_product(bits: u32, a: u128, b: u128) -> Option<u128> {
    let high = high_product(bits, a, b)?;
    let if_negative = |sign: u128, other: u128| if signed(bits, sign) < 0 { other } else { 0 };
    Some(
        high.wrapping_sub(if_negative(a, b))
            .wrapping_sub(if_negative(b, a)),
    )
}

/// Bit 4x + 2y + z of the table, counted from the left.
fn evaluate(table: u16, x: u128, y: u128, z: u128) -> u128 {
    let side = |value: u128, is_set: bool| if is_set { value } else { !value };
    (0..8_u16)
        .filter(|entry| table >> (7 - entry) & 1 == 1)
        .map(|entry| side(x, entry & 4 != 0) & side(y, entry & 2 != 0) & side(z, entry & 1 != 0))
        .fold(0, |all, one| all | one)
}
