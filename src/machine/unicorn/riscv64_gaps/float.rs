//! Floating point: Zfhmin, Zfh and Zfa.
//!
//! A half in a register is NaN-boxed: all bits above are ones, and what is not boxed reads as the
//! canonical NaN. Singles are written boxed but not held to it when read, since this emulator does
//! not box what its own instructions compute; it reads their low halves only, and so does this.
//!
//! Source: RISC-V Instruction Set Manual, volume I, chapters "F" ("NaN Boxing of Narrower Values" in
//! "D"), "Zfh and Zfhmin" and "Zfa", and the instruction listings.

use std::cmp::Ordering;

use super::super::soft_float::Format;
use super::super::soft_float::round::Rounding;
use super::arithmetic::{self, Flagged, quiet};
use super::constant::constant;
use super::convert::{self, Integer};
use super::{Refusal, Registers, compare};

/// Executes `word`.
pub fn execute(word: u32, registers: &mut impl Registers) -> Result<(), Refusal> {
    let mut unit = Unit { word, registers };
    match word & 0x707f {
        0x1007 => return unit.load(),
        0x1027 => return unit.store(),
        _ => {}
    }
    let done = match word & 0x7f {
        0x43 | 0x47 | 0x4b | 0x4f => unit.fused(),
        0x53 => unit.operation(),
        _ => None,
    };
    done.ok_or(Refusal::Unknown)
}

struct Unit<'a, R> {
    word: u32,
    registers: &'a mut R,
}

impl<R: Registers> Unit<'_, R> {
    fn field(&self, at: u32) -> u32 {
        self.word >> at & 31
    }

    /// Bits 12 to 14: a function or a rounding mode.
    fn function(&self) -> u32 {
        self.word >> 12 & 7
    }

    /// `None` for reserved rounding modes.
    fn rounding(&mut self) -> Option<Rounding> {
        let mode = match self.function() {
            7 => self.registers.fcsr() >> 5 & 7,
            mode => mode,
        };
        Some(match mode {
            0 => Rounding::NearestEven,
            1 => Rounding::Zero,
            2 => Rounding::Down,
            3 => Rounding::Up,
            4 => Rounding::NearestAway,
            _ => return None,
        })
    }

    /// The datum in register `n`.
    fn datum(&mut self, format: Format, n: u32) -> u128 {
        let register = u128::from(self.registers.f(n));
        let above = boxing(format);
        if format == Format::HALF && register & above != above {
            return format.default_nan();
        }
        register & !above
    }

    fn first(&mut self, format: Format) -> u128 {
        self.datum(format, self.field(15))
    }

    fn two(&mut self, format: Format) -> [u128; 2] {
        [self.first(format), self.datum(format, self.field(20))]
    }

    /// Writes the destination and the flags.
    fn result(&mut self, format: Format, result: Flagged<u128>) -> Option<()> {
        let register = u64::try_from(result.value | boxing(format)).expect("64 bits");
        self.registers.set_f(self.field(7), register);
        self.raise(result.flags)
    }

    fn integer_result(&mut self, result: Flagged<u64>) -> Option<()> {
        self.registers.set_x(self.field(7), result.value);
        self.raise(result.flags)
    }

    fn raise(&mut self, flags: u32) -> Option<()> {
        if flags != 0 {
            let fcsr = self.registers.fcsr();
            self.registers.set_fcsr(fcsr | flags);
        }
        Some(())
    }

    /// FLH.
    fn load(&mut self) -> Result<(), Refusal> {
        let offset = i64::from(self.word.cast_signed() >> 20);
        let base = self.registers.x(self.field(15));
        let half = self.registers.load(base.wrapping_add_signed(offset), 2)?;
        self.result(Format::HALF, quiet(half.into()))
            .ok_or(Refusal::Unknown)
    }

    /// FSH, boxed or not.
    fn store(&mut self) -> Result<(), Refusal> {
        let high = self.word.cast_signed() >> 25 << 5;
        let offset = i64::from(high) | i64::from(self.field(7));
        let base = self.registers.x(self.field(15));
        let half = self.registers.f(self.field(20));
        let address = base.wrapping_add_signed(offset);
        self.registers.store(address, 2, half)
    }

    /// FMADD, FMSUB, FNMSUB and FNMADD of halves.
    fn fused(&mut self) -> Option<()> {
        let format = Format::HALF;
        if self.word >> 25 & 3 != 2 {
            return None;
        }
        let rounding = self.rounding()?;
        let [a, b] = self.two(format);
        let c = self.datum(format, self.field(27));
        // A negated factor negates the product.
        let (factor, addend) = match self.word & 0x7f {
            0x43 => (0, 0),
            0x47 => (0, format.sign_bit()),
            0x4b => (format.sign_bit(), 0),
            _ => (format.sign_bit(), format.sign_bit()),
        };
        let sum = arithmetic::multiply_add(format, [a ^ factor, b, c ^ addend], rounding);
        self.result(format, sum)
    }

    /// What is not Zfa's is a gap in halves only.
    fn operation(&mut self) -> Option<()> {
        let format = format(self.word >> 25 & 3)?;
        let is_half = format == Format::HALF;
        match (self.word >> 27, self.field(20), self.function()) {
            (0x00..=0x03, ..) if is_half => self.two_operands(format),
            (0x0b, 0, _) if is_half => {
                let (rounding, a) = (self.rounding()?, self.first(format));
                self.result(format, arithmetic::square_root(format, a, rounding))
            }
            (0x04, _, function @ 0..=2) if is_half => self.sign(format, function),
            (0x05, _, function @ 0..=1) if is_half => {
                let extreme = compare::extreme_number(format, self.two(format), wanted(function));
                self.result(format, extreme)
            }
            (0x05, _, function @ 2..=3) => {
                let extreme = compare::extreme_or_nan(format, self.two(format), wanted(function));
                self.result(format, extreme)
            }
            (0x08, source @ 0..=2, _) => self.between_formats(source, format),
            (0x08, kind @ 4..=5, _) => {
                let (rounding, a) = (self.rounding()?, self.first(format));
                self.result(format, convert::to_integral(format, a, rounding, kind == 5))
            }
            (0x14, _, function) if is_half || function >= 4 => {
                let comparison = compare::comparison(format, self.two(format), function)?;
                self.integer_result(comparison)
            }
            (0x18, 8, 1) if format == Format::LONG => {
                let a = self.first(format);
                self.integer_result(convert::modular(format, a))
            }
            (0x18, to, _) if is_half => {
                let (to, rounding) = (Integer::decode(to)?, self.rounding()?);
                let a = self.first(format);
                self.integer_result(convert::to_integer(format, a, rounding, to))
            }
            (0x1a, from, _) if is_half => {
                let (from, rounding) = (Integer::decode(from)?, self.rounding()?);
                let a = self.registers.x(self.field(15));
                self.result(format, convert::from_integer(format, a, rounding, from))
            }
            (0x1c, 0, 0) if is_half => {
                // Boxed or not.
                let half = self.registers.f(self.field(15)) << 48;
                let extended = half.cast_signed() >> 48;
                self.integer_result(quiet(extended.cast_unsigned()))
            }
            (0x1c, 0, 1) if is_half => {
                let class = compare::class(format, self.first(format));
                self.integer_result(quiet(class))
            }
            (0x1e, 0, 0) if is_half => {
                let low = self.registers.x(self.field(15)) & 0xffff;
                self.result(format, quiet(low.into()))
            }
            (0x1e, 1, 0) => {
                let number = self.field(15);
                self.result(format, quiet(constant(format, number)))
            }
            _ => None,
        }
    }

    /// FADD, FSUB, FMUL and FDIV.
    fn two_operands(&mut self, format: Format) -> Option<()> {
        let compute = match self.word >> 27 {
            0 => arithmetic::add,
            1 => arithmetic::subtract,
            2 => arithmetic::multiply,
            _ => arithmetic::divide,
        };
        let rounding = self.rounding()?;
        let result = compute(format, self.two(format), rounding);
        self.result(format, result)
    }

    /// FSGNJ, FSGNJN and FSGNJX.
    fn sign(&mut self, format: Format, function: u32) -> Option<()> {
        let [a, b] = self.two(format);
        let sign = match function {
            0 => b,
            1 => !b,
            _ => a ^ b,
        } & format.sign_bit();
        self.result(format, quiet(format.magnitude(a) | sign))
    }

    /// FCVT where one of the formats is the half's.
    fn between_formats(&mut self, source: u32, to: Format) -> Option<()> {
        let from = format(source)?;
        if from == to || ![from, to].contains(&Format::HALF) {
            return None;
        }
        let (rounding, a) = (self.rounding()?, self.first(from));
        self.result(to, convert::between(from, to, a, rounding))
    }
}

/// Format by its number in an instruction.
fn format(field: u32) -> Option<Format> {
    match field {
        0 => Some(Format::SHORT),
        1 => Some(Format::LONG),
        2 => Some(Format::HALF),
        _ => None,
    }
}

/// The bits of a register above a datum.
fn boxing(format: Format) -> u128 {
    u128::from(u64::MAX) >> format.bits() << format.bits()
}

/// Even functions are minima.
fn wanted(function: u32) -> Ordering {
    if function.is_multiple_of(2) {
        Ordering::Less
    } else {
        Ordering::Greater
    }
}
