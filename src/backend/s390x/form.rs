//! Machine instructions without storage, control flow or fixed registers, as one type.
//!
//! Selection asks for an operation and its immediates, the allocator for registers, and both must
//! agree on which operand is which. So a form is an encoder's operation with all that is not a
//! register, its registers are a result and up to three arguments, always in the manual's order,
//! and whether the result overwrites the first argument is told by the form itself.

use super::encode::*;

/// An operation with everything but its registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `to <- a`.
    Pair(Pair),
    /// `to <- to op a`.
    PairOver(Pair),
    /// 32 bits, `to <- to op a`.
    ShortPairOver(ShortPair),
    /// `to <- a op b`.
    Triple(Triple),
    /// `to <- immediate`.
    Halfword(Halfword, i16),
    /// `to <- to op immediate`.
    HalfwordOver(Halfword, i16),
    /// `to <- immediate`.
    Word(Word, i32),
    /// `to <- to op immediate`.
    WordOver(Word, i32),
    /// `to <- immediate`.
    UnsignedWord(UnsignedWord, u32),
    /// `to <- to op immediate`.
    UnsignedWordOver(UnsignedWord, u32),
    /// `to <- immediate`.
    LogicalHalfword(LogicalHalfword, u16),
    /// `to <- to op immediate`.
    LogicalHalfwordOver(LogicalHalfword, u16),
    /// `to <- a + immediate`.
    AddHalfword(AddHalfword, i16),
    /// `to <- selected bits of a, zeros elsewhere`.
    Select(RotateThen, Selection),
    /// `to <- a` shifted by an amount.
    ShiftBy(Shift, u8),
    /// `to <- a` shifted by `b`.
    Shift(Shift),
    /// `to <- a` if the condition holds, else `to`.
    ConditionalCopy(ConditionalCopy, Mask),
    /// `to <- immediate` if the condition holds, else `to`.
    ConditionalLoad(ConditionalLoad, Mask, i16),
    /// `to <- a`, floats.
    FloatPair(FloatPair),
    /// `to <- to op a`, floats.
    FloatPairOver(FloatPair),
    /// `to <- 0`.
    FloatZero(FloatZero),
    /// `to <- to + a * b`.
    FloatMultiplyAdd(FloatMultiplyAdd),
    /// `to <- b` with the sign of `a`.
    CopySign,
    /// `to <- a` as an integral value.
    FloatRound(FloatRound, Rounding),
    /// `to <- a`, from a general register.
    FloatFromInteger(FloatFromInteger),
    /// `to <- a`, from a floating-point register, toward zero.
    FloatToInteger(FloatToInteger),
    /// 64 bits from a general to a floating-point register.
    Ldgr,
    /// 64 bits from a floating-point to a general register.
    Lgdr,
    /// `to <- op a`.
    VectorUnary(VectorUnary, Element),
    /// `to <- a op b`.
    VectorBinary(VectorBinary, Element),
    /// `to <- a op b`.
    VectorCompare(VectorCompare, Element),
    /// `to <- a op b`.
    VectorWhole(VectorWhole),
    /// `to <- op(a, b, c)`.
    VectorTernary(VectorTernary),
    /// `to <- a op b`.
    VectorFloatBinary(VectorFloatBinary, Floats),
    /// `to <- a op b`.
    VectorFloatExtreme(VectorFloatExtreme, Floats),
    /// `to <- a * b + c`.
    VectorMultiplyAdd(VectorMultiplyAdd, Floats),
    /// `to <- a` with another sign.
    VectorSign(VectorSign, Floats),
    /// `to <- square root of a`.
    VectorSquareRoot(Floats),
    /// `to <- a` as integral values.
    VectorRound(Floats, Rounding),
    /// `to <- a`, doublewords and long floats.
    VectorConvert(VectorConvert, Rounding),
    /// Short floats in even words to long ones.
    VectorLengthen,
    /// Long floats to short ones in even words.
    VectorShorten,
    /// `to <- a` shifted by an amount, each element.
    ElementShiftBy(ElementShift, Element, u8),
    /// `to <- a` shifted by `b`, each element.
    ElementShift(ElementShift, Element),
    /// An element of `to` `<- a`, a general register.
    Vlvg(Element, u8),
    /// `to <- element of a`, to a general register.
    Vlgv(Element, u8),
    /// `to <- a, b`, from general registers to the left and the right half.
    Vlvgp,
    /// `to <- mask`.
    Vgbm(u16),
    /// `to <- immediate` in each element.
    Vrepi(Element, i16),
    /// `to <- element of a` in each element.
    Vrep(Element, u8),
    /// `to <-` the right half of `a` if the first is set, of `b` if the second is.
    Vpdi(bool, bool),
}

/// An instruction's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes {
    bytes: [u8; 6],
    len: usize,
}

impl Bytes {
    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl<const N: usize> From<[u8; N]> for Bytes {
    fn from(from: [u8; N]) -> Bytes {
        let mut bytes = [0; 6];
        bytes[..N].copy_from_slice(&from);
        Bytes { bytes, len: N }
    }
}

/// General register `number` of an allocated operand.
pub fn gpr(number: u8) -> Gpr {
    Gpr::new(number).expect("the allocator hands out general registers that there are")
}

/// Floating-point register `number` of an allocated operand.
pub fn fpr(number: u8) -> Fpr {
    Fpr::new(number).expect("the allocator hands out floating-point registers that there are")
}

/// Vector register `number` of an allocated operand.
pub fn vr(number: u8) -> Vr {
    Vr::new(number).expect("the allocator hands out vector registers that there are")
}

/// A short displacement that is known to fit.
fn small(displacement: u8) -> Disp12 {
    Disp12::new(displacement.into()).expect("eight bits fit into twelve")
}

impl Form {
    /// Whether the result overwrites the first argument.
    pub fn is_over(self) -> bool {
        use Form as F;
        matches!(
            self,
            F::PairOver(_)
                | F::ShortPairOver(_)
                | F::HalfwordOver(..)
                | F::WordOver(..)
                | F::UnsignedWordOver(..)
                | F::LogicalHalfwordOver(..)
                | F::ConditionalCopy(..)
                | F::ConditionalLoad(..)
                | F::FloatPairOver(_)
                | F::FloatMultiplyAdd(_)
                | F::Vlvg(..)
        )
    }

    /// The instruction, with the result's register and the arguments that are no result: of
    /// a form that overwrites, its first argument is left out.
    ///
    /// # Panics
    /// For an element size that the operation does not take, or a register of another class.
    pub fn encode(self, to: u8, [a, b, c]: [u8; 3]) -> Bytes {
        use Form as F;
        match self {
            F::Pair(op) | F::PairOver(op) => pair(op, gpr(to), gpr(a)).into(),
            F::ShortPairOver(op) => short_pair(op, gpr(to), gpr(a)).into(),
            F::Triple(op) => triple(op, gpr(to), gpr(a), gpr(b)).into(),
            F::Halfword(op, i) | F::HalfwordOver(op, i) => halfword(op, gpr(to), i).into(),
            F::Word(op, i) | F::WordOver(op, i) => word(op, gpr(to), i).into(),
            F::UnsignedWord(op, i) | F::UnsignedWordOver(op, i) => {
                unsigned_word(op, gpr(to), i).into()
            }
            F::LogicalHalfword(op, i) | F::LogicalHalfwordOver(op, i) => {
                logical_halfword(op, gpr(to), i).into()
            }
            F::AddHalfword(op, i) => add_halfword(op, gpr(to), gpr(a), i).into(),
            F::Select(op, bits) => {
                let code = rotate_then(op, gpr(to), gpr(a), bits);
                code.expect("only an insertion clears the rest").into()
            }
            F::ShiftBy(op, amount) => {
                let amount = Disp20::new(amount.into()).expect("eight bits fit into twenty");
                shift(op, (gpr(to), gpr(a)), Gpr::NONE, amount).into()
            }
            F::Shift(op) => shift(op, (gpr(to), gpr(a)), gpr(b), Disp20::ZERO).into(),
            F::ConditionalCopy(op, mask) => conditional_copy(op, mask, gpr(to), gpr(a)).into(),
            F::ConditionalLoad(op, mask, i) => conditional_load(op, mask, gpr(to), i).into(),
            _ => self.encode_float(to, [a, b, c]),
        }
    }

    fn encode_float(self, to: u8, [a, b, c]: [u8; 3]) -> Bytes {
        use Form as F;
        match self {
            F::FloatPair(op) | F::FloatPairOver(op) => float_pair(op, fpr(to), fpr(a)).into(),
            F::FloatZero(op) => float_zero(op, fpr(to)).into(),
            F::FloatMultiplyAdd(op) => float_multiply_add(op, fpr(to), fpr(a), fpr(b)).into(),
            F::CopySign => cpsdr(fpr(to), fpr(a), fpr(b)).into(),
            F::FloatRound(op, mode) => float_round(op, fpr(to), mode, fpr(a)).into(),
            F::FloatFromInteger(op) => {
                float_from_integer(op, fpr(to), Rounding::NearestEven, gpr(a)).into()
            }
            F::FloatToInteger(op) => float_to_integer(op, gpr(to), Rounding::Zero, fpr(a)).into(),
            F::Ldgr => ldgr(fpr(to), gpr(a)).into(),
            F::Lgdr => lgdr(gpr(to), fpr(a)).into(),
            _ => self.encode_vector(to, [a, b, c]),
        }
    }

    fn encode_vector(self, to: u8, [a, b, c]: [u8; 3]) -> Bytes {
        use Form as F;
        const HAS: &str = "selection asks for sizes and elements that there are";
        let two = || [vr(to), vr(a), vr(b)];
        let three = || [vr(to), vr(a), vr(b), vr(c)];
        match self {
            F::VectorUnary(op, size) => vector_unary(op, size, vr(to), vr(a)).expect(HAS).into(),
            F::VectorBinary(op, size) => vector_binary(op, size, two()).expect(HAS).into(),
            F::VectorCompare(op, size) => vector_compare(op, size, two()).expect(HAS).into(),
            F::VectorWhole(op) => vector_whole(op, two()).into(),
            F::VectorTernary(op) => vector_ternary(op, three()).into(),
            F::VectorFloatBinary(op, floats) => vector_float_binary(op, floats, two()).into(),
            F::VectorFloatExtreme(op, floats) => vector_float_extreme(op, floats, two()).into(),
            F::VectorMultiplyAdd(op, floats) => vector_multiply_add(op, floats, three()).into(),
            F::VectorSign(op, floats) => vector_sign(op, floats, vr(to), vr(a)).into(),
            F::VectorSquareRoot(floats) => vfsq(floats, vr(to), vr(a)).into(),
            F::VectorRound(floats, mode) => vfi(floats, vr(to), vr(a), mode).into(),
            F::VectorConvert(op, mode) => vector_convert(op, false, (vr(to), vr(a)), mode).into(),
            F::VectorLengthen => vlde(false, vr(to), vr(a)).into(),
            F::VectorShorten => vled(false, vr(to), vr(a), Rounding::NearestEven).into(),
            F::ElementShiftBy(op, size, amount) => {
                let code = element_shift(op, size, (vr(to), vr(a)), Gpr::NONE, small(amount));
                code.expect(HAS).into()
            }
            F::ElementShift(op, size) => {
                let code = element_shift(op, size, (vr(to), vr(a)), gpr(b), Disp12::ZERO);
                code.expect(HAS).into()
            }
            F::Vlvg(size, element) => {
                let code = vlvg(size, vr(to), gpr(a), Gpr::NONE, small(element));
                code.expect(HAS).into()
            }
            F::Vlgv(size, element) => {
                let code = vlgv(size, gpr(to), vr(a), Gpr::NONE, small(element));
                code.expect(HAS).into()
            }
            F::Vlvgp => vlvgp(vr(to), gpr(a), gpr(b)).into(),
            F::Vgbm(mask) => vgbm(vr(to), mask).into(),
            F::Vrepi(size, i) => vrepi(size, vr(to), i).expect(HAS).into(),
            F::Vrep(size, element) => vrep(size, vr(to), vr(a), element).expect(HAS).into(),
            F::Vpdi(left, right) => vpdi(two(), left, right).into(),
            _ => unreachable!("the other forms are encoded above"),
        }
    }
}
