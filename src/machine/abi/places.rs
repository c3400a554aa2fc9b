//! Assigns registers and stack slots to the values of a signature.

#[cfg(test)]
mod tests;
mod values;

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
}
