//! Operands that can only hold what an instruction's field holds.

/// A register number that fits its field.
macro_rules! register {
    ($(#[$meta:meta])* $name:ident, $count:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(u8);

        impl $name {
            /// How many there are.
            pub const COUNT: u8 = $count;

            /// Register `number`; `None` if there is none of that number.
            pub const fn new(number: u8) -> Option<$name> {
                if number < $count { Some($name(number)) } else { None }
            }

            /// Its number.
            pub const fn number(self) -> u8 {
                self.0
            }
        }
    };
}

register!(
    /// A general register, 64 bits. As base or index register 0 stands for none.
    Gpr,
    16
);
register!(
    /// A floating-point register, 64 bits: the left half of the vector register of the same
    /// number.
    Fpr,
    16
);
register!(
    /// A vector register, 128 bits.
    Vr,
    32
);

impl Gpr {
    /// Register 0, which as a base or an index stands for none.
    pub const NONE: Gpr = Gpr(0);
    /// The linkage register of the ELF ABI.
    pub const LINK: Gpr = Gpr(14);
    /// The stack pointer of the ELF ABI.
    pub const SP: Gpr = Gpr(15);
}

impl Vr {
    /// The floating-point register in its left half, which only the first sixteen have.
    pub const fn fpr(self) -> Option<Fpr> {
        Fpr::new(self.0)
    }

    /// The low four bits of the number, for a register field.
    pub(super) const fn low(self) -> u8 {
        self.0 & 15
    }

    /// The fifth bit of the number, for RXB.
    pub(super) const fn high(self) -> u8 {
        self.0 >> 4
    }
}

impl From<Fpr> for Vr {
    fn from(register: Fpr) -> Vr {
        Vr(register.0)
    }
}

/// RXB: the fifth bits of up to four vector operands, the first one leftmost (PoP, "Vector
/// Registers").
pub(super) fn rxb(operands: [Option<Vr>; 4]) -> u8 {
    operands
        .iter()
        .fold(0, |bits, operand| bits << 1 | operand.map_or(0, Vr::high))
}

/// A mask of condition codes: bit 8 is code 0, bit 4 code 1, bit 2 code 2, bit 1 code 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mask(u8);

impl Mask {
    /// Code 3: overflow, all ones under a mask, or unordered.
    pub const OVERFLOW: Mask = Mask(1);
    /// Code 2: greater, or the result is positive.
    pub const HIGH: Mask = Mask(2);
    /// Code 1: less, or the result is negative.
    pub const LOW: Mask = Mask(4);
    /// Anything but equal: less, greater or unordered.
    pub const NOT_EQUAL: Mask = Mask(7);
    /// Code 0: equal, or the result is zero.
    pub const EQUAL: Mask = Mask(8);
    /// Greater or equal.
    pub const HIGH_OR_EQUAL: Mask = Mask(10);
    /// Less or equal.
    pub const LOW_OR_EQUAL: Mask = Mask(12);
    /// Any but code 3.
    pub const NO_OVERFLOW: Mask = Mask(14);
    /// Always.
    pub const ALWAYS: Mask = Mask(15);

    /// A mask of these four bits; `None` if there are more.
    pub const fn new(bits: u8) -> Option<Mask> {
        if bits < 16 { Some(Mask(bits)) } else { None }
    }

    /// The four bits.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Holds exactly where this does not.
    #[must_use]
    pub const fn negated(self) -> Mask {
        Mask(self.0 ^ 15)
    }
}

/// An unsigned displacement of 12 bits, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Disp12(u16);

impl Disp12 {
    /// No displacement.
    pub const ZERO: Disp12 = Disp12(0);

    /// `bytes`, if that is 0 to 4095.
    pub fn new(bytes: i64) -> Option<Disp12> {
        u16::try_from(bytes)
            .ok()
            .filter(|b| *b < 0x1000)
            .map(Disp12)
    }

    /// Base register and displacement as the two bytes that all formats have.
    pub(super) const fn with_base(self, base: Gpr) -> [u8; 2] {
        let [high, low] = self.0.to_be_bytes();
        [base.0 << 4 | high, low]
    }
}

/// A signed displacement of 20 bits, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Disp20(i32);

impl Disp20 {
    /// No displacement.
    pub const ZERO: Disp20 = Disp20(0);

    /// `bytes`, if that is -524288 to 524287.
    pub fn new(bytes: i64) -> Option<Disp20> {
        let fits = (-0x8_0000..0x8_0000).contains(&bytes);
        i32::try_from(bytes).ok().filter(|_| fits).map(Disp20)
    }

    /// The displacement.
    pub fn bytes(self) -> i64 {
        self.0.into()
    }

    /// Base register with the low 12 bits (DL), then the high 8 bits (DH).
    pub(super) const fn with_base(self, base: Gpr) -> [u8; 3] {
        let [_, high, middle, low] = self.0.to_be_bytes();
        // Bits 12 to 19 of the number lie across two of its bytes.
        [base.0 << 4 | middle & 15, low, high << 4 | middle >> 4]
    }
}

/// Base, index and displacement: the address is their sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address<D> {
    /// The base; [`Gpr::NONE`] for none.
    pub base: Gpr,
    /// The index; [`Gpr::NONE`] for none.
    pub index: Gpr,
    /// The displacement.
    pub displacement: D,
}

/// Address with a short displacement.
pub type Address12 = Address<Disp12>;
/// Address with a long displacement.
pub type Address20 = Address<Disp20>;
