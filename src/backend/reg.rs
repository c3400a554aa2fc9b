//! Registers as instructions name them: virtual until allocation, real after it.
//!
//! A real register that an instruction names before allocation is one that the allocator does
//! not hand out (stack pointer, zero, a reserved scratch): operands skip it.

use std::fmt;

use regalloc2::{PReg, RegClass, VReg};

/// A register operand of an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reg(u32);

/// Set in a real register.
const REAL: u32 = 1 << 31;

impl Reg {
    /// A virtual register.
    pub fn virt(vreg: VReg) -> Reg {
        let bits = u32::try_from(vreg.bits()).expect("a virtual register has 32 bits");
        assert!(bits & REAL == 0, "the highest bit tells real registers");
        Reg(bits)
    }

    /// A real register.
    pub const fn real(preg: PReg) -> Reg {
        #[expect(clippy::as_conversions, reason = "`From` is not const")]
        Reg(REAL | preg.index() as u32)
    }

    /// The virtual register, if it is one.
    pub fn as_virt(self) -> Option<VReg> {
        (self.0 & REAL == 0).then(|| VReg::from(self.0))
    }

    /// The real register, if it is one.
    pub fn as_real(self) -> Option<PReg> {
        let index = usize::try_from(self.0 & !REAL).ok()?;
        (self.0 & REAL != 0).then(|| PReg::from_index(index))
    }

    /// The register's number in instructions.
    ///
    /// # Panics
    /// Before allocation: encoders only see allocated instructions.
    pub fn number(self) -> u8 {
        let real = self.as_real().expect("encoded after allocation");
        u8::try_from(real.hw_enc()).expect("a register number has six bits")
    }

    /// Its class.
    pub fn class(self) -> RegClass {
        match self.as_real() {
            Some(real) => real.class(),
            None => VReg::from(self.0).class(),
        }
    }
}

impl fmt::Debug for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_real() {
            Some(real) => write!(f, "{real}"),
            None => write!(f, "{}", VReg::from(self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_and_virtual_registers_are_told_apart() {
        for class in [RegClass::Int, RegClass::Float, RegClass::Vector] {
            let real = Reg::real(PReg::new(31, class));
            assert_eq!(
                (real.as_virt(), real.number(), real.class()),
                (None, 31, class)
            );
            let virt = Reg::virt(VReg::new(7, class));
            assert_eq!(virt.as_virt(), Some(VReg::new(7, class)));
            assert_eq!((virt.as_real(), virt.class()), (None, class));
        }
    }
}
