//! Registers by number.

/// An integer register, `x0` to `x31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct X(u8);

/// A floating-point register, `f0` to `f31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct F(u8);

macro_rules! numbered {
    ($register:ident) => {
        impl $register {
            /// The register with this number; `None` from 32 on.
            pub const fn new(number: u8) -> Option<$register> {
                if number < 32 {
                    Some($register(number))
                } else {
                    None
                }
            }

            /// Its number.
            pub const fn number(self) -> u8 {
                self.0
            }

            /// Its number as a field of an instruction.
            pub(super) fn field(self) -> u32 {
                u32::from(self.0)
            }
        }
    };
}

numbered!(X);
numbered!(F);

/// Names as in the RISC-V psABI, "Integer Register Convention".
impl X {
    /// Always zero.
    pub const ZERO: X = X(0);
    /// Return address.
    pub const RA: X = X(1);
    /// Stack pointer.
    pub const SP: X = X(2);
    /// Temporary, and the alternate link register.
    pub const T0: X = X(5);
    /// Frame pointer.
    pub const FP: X = X(8);
    /// Temporary.
    pub const T6: X = X(31);
}
