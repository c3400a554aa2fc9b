//! Assigns registers and stack slots to the values of a signature.

use super::super::registers::{RegisterId, RegisterRole};
use super::{AbiError, Deviation, is_value, register};
use crate::isa::Isa;
use crate::program::{CallConv, Extension, Param, Purpose, Signature, Ty};

/// Where a piece of a value lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// `bits` bits of a register, from bit `shift` upwards.
    Register {
        /// Which one.
        register: RegisterId,
        /// Lowest bit of the part.
        shift: u32,
        /// Width of the part in bits.
        bits: u32,
    },
    /// Bytes of the argument area.
    Stack {
        /// Distance from the stack pointer right before the call, in bytes.
        offset: u64,
        /// Size in bytes.
        bytes: u32,
        /// Whether the most significant byte comes first.
        big_endian: bool,
    },
    /// Memory that another part points to.
    Indirect {
        /// The pointer.
        pointer: Box<Part>,
        /// Size in bytes.
        bytes: u32,
        /// Whether the most significant byte comes first.
        big_endian: bool,
    },
}

/// Where a value lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Type of the value.
    pub ty: Ty,
    /// Its pieces, least significant first.
    pub parts: Vec<Part>,
    /// How the bits above it in a register or slot are filled.
    pub extension: Extension,
    /// Whether lane 0 is the most significant one.
    pub lanes_reversed: bool,
    /// Whether the bits above a narrow float are ones (RISC-V "NaN boxing").
    pub nan_boxed: bool,
    /// Passed in memory by value: no register or slot to read a value from.
    pub opaque: bool,
}

/// Bytes that an s390x caller leaves for its callee to save registers in (s390x ELF ABI 1.2.2).
pub const S390X_SAVE_AREA: u64 = 160;

/// Bytes at the start of that area that are the caller's: the back chain and a reserved word.
pub const S390X_BACK_CHAIN: u64 = 16;

/// Hands out places in order.
pub struct Assigner {
    isa: Isa,
    conv: CallConv,
    returns: bool,
    ints: Vec<u8>,
    floats: Vec<u8>,
    vectors: Option<Vec<u8>>,
    next_int: usize,
    next_float: usize,
    next_vector: usize,
    stack: u64,
    base: u64,
    /// Bytes of copies that pointers lead to.
    copies: u64,
    deviation: Option<Deviation>,
    /// Whether the value at hand is an extended integer.
    extended: bool,
}

impl Assigner {
    /// For the parameters of a convention.
    pub fn for_params(isa: Isa, conv: CallConv) -> Result<Assigner, AbiError> {
        let (ints, floats, vectors): (Vec<u8>, Vec<u8>, Option<Vec<u8>>) = match isa {
            // rcx, rdx, r8, r9; xmm0-3.
            Isa::X86_64 if conv == CallConv::WindowsFastcall => {
                (vec![1, 2, 8, 9], (0..4).collect(), None)
            }
            // rdi, rsi, rdx, rcx, r8, r9; xmm0-7.
            Isa::X86_64 => (vec![7, 6, 2, 1, 8, 9], (0..8).collect(), None),
            // CLIF's `tail` leaves out x0 (return area) and x1 (indirect callee).
            Isa::Aarch64 if conv == CallConv::Tail => ((2..8).collect(), (0..8).collect(), None),
            Isa::Aarch64 => ((0..8).collect(), (0..8).collect(), None),
            Isa::Riscv64gc => ((10..18).collect(), (10..18).collect(), None),
            // CLIF's `tail` adds r7.
            Isa::S390x if conv == CallConv::Tail => {
                ((2..8).collect(), vec![0, 2, 4, 6], Some((24..32).collect()))
            }
            Isa::S390x => ((2..7).collect(), vec![0, 2, 4, 6], Some((24..32).collect())),
            _ => (
                (0..15).collect(),
                (0..16).collect(),
                Some((0..16).collect()),
            ),
        };
        let base = match (isa, conv) {
            (Isa::S390x, _) => S390X_SAVE_AREA,
            (Isa::X86_64, CallConv::WindowsFastcall) => 32,
            _ => 0,
        };
        Assigner::new(isa, conv, false, (ints, floats, vectors), base)
    }

    /// For the results of a signature. Platforms have one; that there are registers for several,
    /// and memory for the others, is Cranelift's own extension of them
    /// (`enable_multi_ret_implicit_sret`), whose rules `compute_arg_locs` of each ISA's abi.rs has.
    /// Offsets of those in memory count from the start of the return area.
    pub fn for_returns(isa: Isa, signature: &Signature) -> Result<Assigner, AbiError> {
        let conv = signature.call_conv;
        if conv == CallConv::Winch && signature.returns.len() > 1 {
            return Err(AbiError("several results under winch".to_owned()));
        }
        let (ints, floats, vectors): (Vec<u8>, Vec<u8>, Option<Vec<u8>>) = match (isa, conv) {
            // rax, rcx, rdx, rsi, rdi, r8, r9, r10; xmm0-7.
            (Isa::X86_64, CallConv::Tail) => {
                (vec![0, 1, 2, 6, 7, 8, 9, 10], (0..8).collect(), None)
            }
            (Isa::X86_64, CallConv::WindowsFastcall) => (vec![0, 2], vec![0], None),
            // LLVM's RetCC_X86Common has rcx behind the psABI's two.
            (Isa::X86_64, CallConv::SystemV | CallConv::Fast | CallConv::PreserveAll)
                if signature.llvm_abi =>
            {
                (vec![0, 2, 1], vec![0, 1], None)
            }
            (Isa::X86_64, _) => (vec![0, 2], vec![0, 1], None),
            (Isa::Aarch64, CallConv::Tail) => ((2..8).collect(), (0..8).collect(), None),
            (Isa::Aarch64, _) => ((0..8).collect(), (0..8).collect(), None),
            (Isa::Riscv64gc, _) => (vec![10, 11], vec![10, 11], None),
            (Isa::S390x, CallConv::Tail) => {
                ((2..8).collect(), vec![0, 2, 4, 6], Some((24..32).collect()))
            }
            (Isa::S390x, _) => ((2..6).collect(), vec![0, 2, 4, 6], Some((24..32).collect())),
            _ => (
                (0..15).collect(),
                (0..16).collect(),
                Some((0..16).collect()),
            ),
        };
        Assigner::new(isa, conv, true, (ints, floats, vectors), 0)
    }

    fn new(
        isa: Isa,
        conv: CallConv,
        returns: bool,
        (ints, floats, vectors): (Vec<u8>, Vec<u8>, Option<Vec<u8>>),
        base: u64,
    ) -> Result<Assigner, AbiError> {
        if conv == CallConv::Probestack {
            return Err(AbiError(
                "the probestack convention is no ABI for calls".to_owned(),
            ));
        }
        // Microsoft's rules are for x64 and Apple's for AArch64; elsewhere there are only the
        // platform's.
        let conv = match (conv, isa) {
            (CallConv::WindowsFastcall, Isa::X86_64) | (CallConv::AppleAarch64, Isa::Aarch64) => {
                conv
            }
            (CallConv::WindowsFastcall | CallConv::AppleAarch64, _) => CallConv::SystemV,
            _ => conv,
        };
        Ok(Assigner {
            isa,
            conv,
            returns,
            ints,
            floats,
            vectors,
            next_int: 0,
            next_float: 0,
            next_vector: 0,
            stack: base,
            base,
            copies: 0,
            deviation: None,
            extended: false,
        })
    }

    /// The same, but for one rule.
    pub fn deviating(self, deviation: Option<Deviation>) -> Assigner {
        Assigner { deviation, ..self }
    }

    /// Bytes from the stack pointer that the call's arguments take, alignment included.
    pub fn argument_area(&self) -> u64 {
        let alignment = if self.isa == Isa::S390x { 8 } else { 16 };
        self.stack.next_multiple_of(alignment)
    }

    /// Bytes of the area for results that find no register.
    pub fn return_area(&self) -> u64 {
        self.argument_area()
    }

    /// The pointer to that area, an argument before all others: psABI x86-64 3.2.3, RISC-V psABI
    /// and s390x ELF ABI 1.2.2 have it so for a structure in memory, and AAPCS64 6.9 has x8.
    pub fn return_area_pointer(&mut self) -> Result<Part, AbiError> {
        if self.isa == Isa::Aarch64 {
            return Ok(Part::Register {
                register: register(self.isa, RegisterRole::Int(8)),
                shift: 0,
                bits: 64,
            });
        }
        self.int(64)
    }

    /// Bytes of stack that a callee of CLIF's `tail` takes away: the argument area, if anything
    /// was put there. On s390x the caller puts copies of what goes by reference there as well.
    pub fn popped(&self) -> u64 {
        let copies = if self.isa == Isa::S390x {
            self.copies
        } else {
            0
        };
        if self.conv == CallConv::Tail && self.stack + copies > self.base {
            self.argument_area() + copies
        } else {
            0
        }
    }

    /// The place of the next value.
    pub fn assign(&mut self, param: Param) -> Result<Place, AbiError> {
        if let Purpose::StructArgument(size) = param.purpose {
            let place = self.place(param, Vec::new());
            self.stack = self.stack.next_multiple_of(8) + u64::from(size);
            return Ok(Place {
                opaque: true,
                ..place
            });
        }
        if !is_value(param) {
            return Err(AbiError(format!(
                "a parameter of purpose {:?}",
                param.purpose
            )));
        }
        let ty = param.ty;
        self.extended = ty.is_int() && ty.bits() < 64 && param.extension != Extension::None;
        let parts = if ty.is_int() && ty.bits() == 128 {
            self.wide_int(ty)?
        } else if ty.is_int() {
            vec![self.int(ty.bits())?]
        } else if self.by_reference(ty) && self.returns {
            vec![self.slot(ty.bytes(), 8)?]
        } else if self.by_reference(ty) {
            self.copies += u64::from(ty.bytes());
            let pointer = Box::new(self.int(64)?);
            vec![Part::Indirect {
                pointer,
                bytes: ty.bytes(),
                big_endian: self.big(),
            }]
        } else if ty.is_vector() && self.vectors.is_some() {
            vec![self.vector(ty)?]
        } else {
            self.float(ty)?
        };
        let parts = self.justified(param, parts);
        Ok(self.place(param, parts))
    }

    /// An extended integer fills its whole slot, so that on big-endian Pulley its own bytes are
    /// the last ones; one that is not extended lies at the start of its slot.
    fn justified(&self, param: Param, mut parts: Vec<Part>) -> Vec<Part> {
        let is_extended = param.ty.is_int() && param.extension != Extension::None;
        if let [Part::Stack { offset, bytes, .. }] = parts.as_mut_slice()
            && self.isa.is_pulley()
            && self.big()
            && is_extended
        {
            *offset += u64::from(8u32.saturating_sub(*bytes));
        }
        parts
    }

    fn place(&self, param: Param, parts: Vec<Part>) -> Place {
        let ty = param.ty;
        Place {
            ty,
            parts,
            extension: if ty.is_int() && ty.bits() < 64 {
                param.extension
            } else {
                Extension::None
            },
            // s390x ELF ABI: element 0 is leftmost. CLIF's `tail` has it rightmost.
            lanes_reversed: ty.is_vector() && self.isa == Isa::S390x && self.conv != CallConv::Tail,
            nan_boxed: self.isa == Isa::Riscv64gc && ty.is_float(),
            opaque: false,
        }
    }

    fn big(&self) -> bool {
        self.isa.is_big_endian()
    }

    /// Values that the ABI passes as a pointer to a copy.
    fn by_reference(&self, ty: Ty) -> bool {
        let wide = ty.bits() > 64;
        match self.isa {
            // s390x ELF ABI 1.2.2: no type of 16 bytes but vectors goes by value.
            Isa::S390x => wide && !ty.is_vector(),
            Isa::X86_64 => wide && self.conv == CallConv::WindowsFastcall && !self.returns,
            _ => false,
        }
    }

    fn int(&mut self, bits: u32) -> Result<Part, AbiError> {
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
    fn wide_int(&mut self, ty: Ty) -> Result<Vec<Part>, AbiError> {
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

    fn float(&mut self, ty: Ty) -> Result<Vec<Part>, AbiError> {
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

    fn vector(&mut self, ty: Ty) -> Result<Part, AbiError> {
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
    fn slot(&mut self, bytes: u32, alignment: u32) -> Result<Part, AbiError> {
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

#[cfg(test)]
mod tests {
    use super::super::call_layout;
    use super::*;
    use crate::program::Signature;

    fn param(ty: Ty, extension: Extension) -> Param {
        Param {
            ty,
            extension,
            purpose: Purpose::Normal,
        }
    }

    fn places(isa: Isa, call_conv: CallConv, params: Vec<Param>) -> Vec<Vec<Part>> {
        let signature = Signature {
            call_conv,
            params,
            returns: Vec::new(),
            llvm_abi: false,
        };
        let layout = call_layout(isa, &signature).unwrap();
        layout.params.into_iter().map(|place| place.parts).collect()
    }

    #[test]
    fn an_extended_integer_fills_its_slot_on_big_endian_pulley() {
        let offset = |isa: Isa, extension: Extension| {
            let mut params = vec![param(Ty::int(64), Extension::None); 15];
            params.push(param(Ty::int(16), extension));
            match places(isa, CallConv::PreserveAll, params)[15][..] {
                [
                    Part::Stack {
                        offset, bytes: 2, ..
                    },
                ] => offset,
                ref other => panic!("{other:?}"),
            }
        };
        assert_eq!(offset(Isa::Pulley64be, Extension::Sign), 6);
        assert_eq!(offset(Isa::Pulley64be, Extension::Zero), 6);
        assert_eq!(offset(Isa::Pulley64be, Extension::None), 0);
        assert_eq!(offset(Isa::Pulley64, Extension::Sign), 0);
        let int = |bits| param(Ty::int(bits), Extension::Sign);
        let mut params = vec![int(64); 5];
        params.push(int(16));
        let s390x = &places(Isa::S390x, CallConv::SystemV, params)[5];
        assert!(matches!(s390x[..], [Part::Stack { offset: 166, .. }]));
    }

    #[test]
    fn an_i128_that_leaves_a_register() {
        // Offsets of the stack slots, and none for a register.
        let offsets = |isa: Isa, conv: CallConv, ints: usize| {
            let mut params = vec![param(Ty::int(64), Extension::None); ints];
            params.push(param(Ty::int(128), Extension::None));
            params.push(param(Ty::int(64), Extension::None));
            let places = places(isa, conv, params);
            let parts = places[ints..].iter().flatten();
            let offset = |part: &Part| match part {
                Part::Stack { offset, .. } => Some(*offset),
                _ => None,
            };
            parts.map(offset).collect::<Vec<_>>()
        };
        let (x86, arm, riscv) = (Isa::X86_64, Isa::Aarch64, Isa::Riscv64gc);
        for conv in [CallConv::SystemV, CallConv::PreserveAll] {
            assert_eq!(offsets(x86, conv, 5), [Some(0), Some(8), None]);
            assert_eq!(offsets(x86, conv, 7), [Some(16), Some(24), Some(32)]);
            assert_eq!(offsets(arm, conv, 7), [Some(0), Some(8), Some(16)]);
            assert_eq!(offsets(riscv, conv, 7), [None, Some(0), Some(8)]);
            assert_eq!(offsets(riscv, conv, 9), [Some(16), Some(24), Some(32)]);
        }
        assert_eq!(offsets(x86, CallConv::Fast, 5), [None, Some(0), Some(8)]);
        for conv in [CallConv::Fast, CallConv::Tail] {
            assert_eq!(offsets(x86, conv, 7), [Some(8), Some(16), Some(24)]);
            assert_eq!(offsets(riscv, conv, 9), [Some(8), Some(16), Some(24)]);
        }
        assert_eq!(offsets(arm, CallConv::Fast, 7), [Some(0), Some(8), None]);
        assert_eq!(offsets(arm, CallConv::Tail, 5), [Some(0), Some(8), None]);
    }

    #[test]
    fn conventions_of_one_isa_are_the_platforms_elsewhere() {
        let mixed = |isa: Isa, conv: CallConv| {
            let mut params = vec![param(Ty::int(64), Extension::None); 9];
            params.extend([param(Ty::float(64), Extension::None); 9]);
            params.extend([param(Ty::int(8), Extension::None); 12]);
            places(isa, conv, params)
        };
        for isa in Isa::ALL {
            let platform = mixed(isa, CallConv::SystemV);
            let windows = mixed(isa, CallConv::WindowsFastcall);
            assert_eq!(windows == platform, isa != Isa::X86_64, "{isa}");
            let apple = mixed(isa, CallConv::AppleAarch64);
            assert_eq!(apple == platform, isa != Isa::Aarch64, "{isa}");
        }
    }
}
