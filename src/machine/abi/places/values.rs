//! What a value of each kind takes: integers, pairs, floats and vectors, in registers while there are
//! any and in slots of the stack behind.

use super::{Assigner, Part};
use crate::isa::Isa;
use crate::machine::abi::{AbiError, Deviation, register};
use crate::machine::registers::RegisterRole;
use crate::program::{CallConv, Ty};

impl Assigner {
    pub(super) fn big(&self) -> bool {
        self.isa.is_big_endian()
    }

    /// Values that the ABI passes as a pointer to a copy.
    pub(super) fn by_reference(&self, ty: Ty) -> bool {
        let wide = ty.bits() > 64;
        match self.isa {
            // s390x ELF ABI 1.2.2: no type of 16 bytes but vectors goes by value.
            Isa::S390x => wide && !ty.is_vector(),
            Isa::X86_64 => wide && self.conv == CallConv::WindowsFastcall && !self.returns,
            _ => false,
        }
    }

    pub(super) fn int(&mut self, bits: u32) -> Result<Part, AbiError> {
        let index = self.next_int;
        if let Some(&number) = self.ints.get(index) {
            self.take_int();
            let register = register(self.isa, RegisterRole::Int(number));
            return Ok(Part::Register {
                register,
                shift: 0,
                bits,
            });
        }
        let bytes = (bits / 8).max(1);
        self.slot(bytes, 8)
    }

    /// Windows counts arguments by position, whatever their class.
    fn take_int(&mut self) {
        self.next_int += 1;
        if self.conv == CallConv::WindowsFastcall && !self.returns {
            self.next_float = self.next_int;
        }
    }

    fn take_float(&mut self) {
        self.next_float += 1;
        if self.conv == CallConv::WindowsFastcall && !self.returns {
            self.next_int = self.next_float;
        }
    }

    /// Conventions that Cranelift made up and no document lays down: `compute_arg_locs` of each
    /// ISA's abi.rs is all the definition that they have, and the tables here follow it. Where an
    /// `i128` does not fit into the registers left, they differ from the platform's: x86-64 and
    /// RISC-V take its halves for two arguments of 64 bits (a comment of the former would keep
    /// them together), and AArch64 goes on with the register left over. On RISC-V the ninth
    /// floating-point argument goes on the stack.
    ///
    /// `preserve_all` is not one of them: its documentation has it "based on the native
    /// register-argument ABI on each respective platform", so that the platform's rules hold.
    fn is_own(&self) -> bool {
        matches!(self.conv, CallConv::Tail | CallConv::Fast)
    }

    /// An `i128`: two halves, the low one first.
    pub(super) fn wide_int(&mut self, ty: Ty) -> Result<Vec<Part>, AbiError> {
        if self.by_reference(ty) && self.isa != Isa::X86_64 {
            if self.returns {
                return self.halves(8);
            }
            self.copies += u64::from(ty.bytes());
            let pointer = Box::new(self.int(64)?);
            return Ok(vec![Part::Indirect {
                pointer,
                bytes: 16,
                big_endian: true,
            }]);
        }
        if self.isa.is_pulley() {
            // Pulley's own: as two arguments of 64 bits.
            return Ok(vec![self.int(64)?, self.int(64)?]);
        }
        // Microsoft's document has no integer of 128 bits. CLIF takes one there only with
        // `enable_llvm_abi_extensions`: two arguments of 64 bits, as LLVM had it when the rule came
        // (wasmtime#2678). That both halves go the same way is said of system_v (wasmtime#8270).
        let is_split = match self.isa {
            Isa::X86_64 => self.is_own() || self.returns || self.conv == CallConv::WindowsFastcall,
            Isa::Riscv64gc => self.is_own() || self.returns,
            _ => false,
        };
        if is_split || self.deviation == Some(Deviation::SplitsI128) {
            return Ok(vec![self.int(64)?, self.int(64)?]);
        }
        let left = self.ints.len().saturating_sub(self.next_int);
        match self.isa {
            // AAPCS64 6.8.2 C.10: an even register number; Apple's variant takes any.
            Isa::Aarch64 if left > 1 && self.conv != CallConv::AppleAarch64 => {
                self.next_int += usize::from(self.ints[self.next_int] % 2);
            }
            // RISC-V psABI: the halves may be split between the last register and the stack.
            Isa::Riscv64gc if left == 1 => return Ok(vec![self.int(64)?, self.int(64)?]),
            _ => {}
        }
        let left = self.ints.len().saturating_sub(self.next_int);
        if left >= 2 {
            return Ok(vec![self.int(64)?, self.int(64)?]);
        }
        // AAPCS64 6.8.2 C.13: no later argument goes into the registers left over.
        let leaves_none = match self.deviation {
            Some(Deviation::UsesLeftOver) => false,
            Some(Deviation::SkipsLeftOver) => true,
            _ => self.isa == Isa::Aarch64 && !self.is_own() && !self.returns,
        };
        if leaves_none {
            self.next_int = self.ints.len();
        }
        self.stack = self.stack.next_multiple_of(16);
        self.halves(16)
    }

    /// An `i128` in one slot of memory.
    fn halves(&mut self, alignment: u32) -> Result<Vec<Part>, AbiError> {
        let Part::Stack {
            offset, big_endian, ..
        } = self.slot(16, alignment)?
        else {
            return Err(AbiError("an i128 without a slot".to_owned()));
        };
        let (low, high) = if big_endian {
            (offset + 8, offset)
        } else {
            (offset, offset + 8)
        };
        let half = |offset| Part::Stack {
            offset,
            bytes: 8,
            big_endian,
        };
        Ok(vec![half(low), half(high)])
    }

    pub(super) fn float(&mut self, ty: Ty) -> Result<Vec<Part>, AbiError> {
        let bits = ty.bits();
        if bits > 64 && (self.isa == Isa::Riscv64gc || self.isa.is_pulley()) {
            return Err(AbiError(format!(
                "a value of type {ty} where floating-point registers have 64 bits"
            )));
        }
        if let Some(&number) = self.floats.get(self.next_float) {
            self.take_float();
            let register = register(self.isa, RegisterRole::Float(number));
            // s390x: f0 to f15 are the leftmost halves of the vector registers.
            let shift = if self.isa == Isa::S390x {
                128 - bits
            } else {
                0
            };
            return Ok(vec![Part::Register {
                register,
                shift,
                bits,
            }]);
        }
        let is_on_stack = self.is_own() || self.deviation == Some(Deviation::FloatOnStack);
        if self.isa == Isa::Riscv64gc && !self.returns && bits <= 64 && !is_on_stack {
            // RISC-V psABI, "Hardware floating-point calling convention": an argument for which
            // no floating-point register is left goes by the integer convention.
            return Ok(vec![self.int(bits)?]);
        }
        Ok(vec![self.slot(ty.bytes(), ty.bytes().max(8))?])
    }

    pub(super) fn vector(&mut self, ty: Ty) -> Result<Part, AbiError> {
        let file = self
            .vectors
            .as_ref()
            .expect("only called where there is a vector file");
        if let Some(&number) = file.get(self.next_vector) {
            self.next_vector += 1;
            let role = if self.isa == Isa::S390x {
                RegisterRole::Float(number)
            } else {
                RegisterRole::Vector(number)
            };
            let shift = if self.isa == Isa::S390x {
                128 - ty.bits()
            } else {
                0
            };
            return Ok(Part::Register {
                register: register(self.isa, role),
                shift,
                bits: ty.bits(),
            });
        }
        let alignment = if self.isa == Isa::S390x { 8 } else { 16 };
        let slot = self.slot(ty.bytes(), alignment)?;
        // Pulley's vector loads have one byte order: little-endian.
        Ok(match slot {
            Part::Stack { offset, bytes, .. } if self.isa.is_pulley() => Part::Stack {
                offset,
                bytes,
                big_endian: false,
            },
            other => other,
        })
    }

    /// The next stack slot for a value of `bytes` bytes: at least 8 bytes but for Apple's
    /// variant of AAPCS64, where an extended result fills its slot all the same; right-justified
    /// where memory is big-endian.
    pub(super) fn slot(&mut self, bytes: u32, alignment: u32) -> Result<Part, AbiError> {
        let packs = self.conv == CallConv::AppleAarch64 && !(self.returns && self.extended);
        let size = u64::from(if packs { bytes } else { bytes.max(8) });
        let alignment = u64::from(if packs { bytes } else { alignment });
        self.stack = self.stack.next_multiple_of(alignment);
        let padding = if self.isa == Isa::S390x {
            size - u64::from(bytes)
        } else {
            0
        };
        let offset = self.stack + padding;
        self.stack += size;
        Ok(Part::Stack {
            offset,
            bytes,
            big_endian: self.big(),
        })
    }
}
