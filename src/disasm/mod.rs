//! Machine code as instructions.
//!
//! Metadata can only be judged against what the bytes say, and the bytes say different things
//! to a reader who starts in the wrong place: constants and jump tables lie between the code,
//! and on x86-64 any byte can start an instruction. So code is decoded along its own flow
//! ([`FunctionCode`]): from the entry, through each branch, and from each address where the
//! generator says that a block or a return from a call is. What no flow reaches is data.
//!
//! Text comes from Capstone, or from Pulley's own decoder. What an instruction *does* to the
//! flow ([`Kind`]) comes from the encodings in each ISA's manual, one file an ISA, because
//! Capstone 5 has no call group on s390x and prints relative operands on RISC-V. Lengths of
//! instructions that Capstone does not know come from the ISA where its encoding tells them
//! (all but x86-64 and Pulley), so that one unknown instruction hides nothing behind it.

mod aarch64;
mod flow;
mod instruction;
mod memo;
mod native;
mod pulley;
mod render;
mod riscv64;
mod s390x;
mod symbols;
mod tables;
mod x86_64;

pub use flow::FunctionCode;
pub use instruction::{Form, Instruction};
use memo::{Memo, Once};
pub use render::{RenderMode, render};
pub use symbols::{Symbols, text};

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::image::CodeImage;
use crate::isa::Isa;
use crate::releases::Bytecode;

/// What an instruction does to the flow of control or the stack pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A call of a fixed address.
    Call {
        /// Where it leads.
        target: u64,
        /// Number of the register that receives the return address; `None` where the ISA
        /// leaves no choice.
        link: Option<u8>,
    },
    /// A call of an address in a register or in memory.
    CallIndirect {
        /// RISC-V `jalr`: the register and the offset that are added up.
        base: Option<(u8, i64)>,
        /// As for [`Kind::Call`].
        link: Option<u8>,
    },
    /// An unconditional branch to a fixed address.
    Jump(u64),
    /// A conditional branch to a fixed address.
    Branch(u64),
    /// Pulley's `br_table32`: one of these, always.
    JumpTable(Vec<u64>),
    /// An unconditional branch to an address in a register or in memory.
    JumpIndirect {
        /// As for [`Kind::CallIndirect`].
        base: Option<(u8, i64)>,
    },
    /// A return to the caller.
    Return,
    /// An instruction made to trap: nothing follows it.
    Trap,
    /// Does nothing, by the ISA's definition.
    Nop,
    /// Adds a constant number of bytes to the stack pointer and does nothing else (flags
    /// excepted).
    AdjustSp(i64),
    /// Adds to or subtracts from the stack pointer by an amount in a register.
    AdjustSpByRegister,
    /// Sets the stack pointer to another register, or to one and a constant, and does nothing else
    /// (flags excepted).
    SetSp,
    /// RISC-V `auipc`: a register receives an address.
    AddPc {
        /// Number of the register.
        register: u8,
        /// What it receives.
        value: u64,
    },
    /// Anything else that goes on behind itself.
    Other,
    /// The disassembler does not know it.
    Unknown,
}

impl Kind {
    /// The fixed address that it may lead to, calls included.
    pub fn target(&self) -> Option<u64> {
        match self {
            Kind::Call { target, .. } | Kind::Jump(target) | Kind::Branch(target) => Some(*target),
            _ => None,
        }
    }

    /// The same encoding `distance` bytes further on.
    fn moved(&self, distance: u64) -> Kind {
        let moved = |address: &u64| address.wrapping_add(distance);
        match self {
            Kind::Call { target, link } => Kind::Call {
                target: moved(target),
                link: *link,
            },
            Kind::Jump(target) => Kind::Jump(moved(target)),
            Kind::Branch(target) => Kind::Branch(moved(target)),
            Kind::JumpTable(targets) => Kind::JumpTable(targets.iter().map(moved).collect()),
            Kind::AddPc { register, value } => Kind::AddPc {
                register: *register,
                value: moved(value),
            },
            other => other.clone(),
        }
    }

    /// Whether the flow never goes on right behind it.
    pub fn ends_flow(&self) -> bool {
        matches!(
            self,
            Kind::Jump(_)
                | Kind::JumpTable(_)
                | Kind::JumpIndirect { .. }
                | Kind::Return
                | Kind::Trap
        )
    }
}

/// Bytes as `0x01, 0x02`.
fn hex_list(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:#04x}")).collect();
    bytes.join(", ")
}

/// Bytes as `01 02`, as all messages and listings show them.
pub fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}

/// The instruction at the start of `bytes`, which lie at `address`. `None` when there are no
/// bytes. An instruction that the disassembler does not know has [`Kind::Unknown`] and the
/// length that its encoding tells, or one byte.
pub fn decode(language: impl Into<Language>, bytes: &[u8], address: u64) -> Option<Instruction> {
    if bytes.is_empty() {
        return None;
    }
    let language = language.into();
    Some(KNOWN.with_borrow_mut(|known| {
        let known = known.entry(language.bytecode).or_default();
        known.decode(language, bytes, address)
    }))
}

/// What bytes are to be read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    isa: Isa,
    /// The newest for every ISA but Pulley.
    bytecode: Bytecode,
}

impl From<Isa> for Language {
    fn from(isa: Isa) -> Language {
        Language {
            isa,
            bytecode: Bytecode::NEWEST,
        }
    }
}

impl From<&CodeImage> for Language {
    fn from(image: &CodeImage) -> Language {
        let bytecode = match image.isa.is_pulley() {
            true => image.bytecode,
            false => Bytecode::NEWEST,
        };
        Language {
            isa: image.isa,
            bytecode,
        }
    }
}

thread_local! {
    /// What this thread has decoded before: prologues repeat from program to program.
    static KNOWN: RefCell<BTreeMap<Bytecode, instruction::Known>> = RefCell::default();
}

/// As [`decode`], by the disassembler itself. `bytes` must not be empty.
fn disassemble(language: Language, bytes: &[u8], address: u64) -> Instruction {
    if language.isa.is_pulley() {
        pulley::decode(language, bytes, address)
    } else {
        native::decode(language.isa, bytes, address)
    }
}

/// All instructions of `bytes`, one behind the other, whatever they are.
pub fn decode_all(language: impl Into<Language>, bytes: &[u8], address: u64) -> Vec<Instruction> {
    let language = language.into();
    let mut instructions = Vec::new();
    let mut rest = bytes;
    let mut address = address;
    while let Some(instruction) = decode(language, rest, address) {
        rest = rest.get(instruction.bytes.len()..).unwrap_or_default();
        address = instruction.end();
        instructions.push(instruction);
    }
    instructions
}

/// The call of a fixed address that `instructions` start with, one
/// instruction, or RISC-V's `auipc` and `jalr` through the same register. `None` when they
/// start with anything else.
pub fn direct_call(instructions: &[Instruction]) -> Option<DirectCall> {
    match instructions.first()?.kind {
        Kind::Call { target, link } => Some(DirectCall {
            target,
            link,
            instructions: 1,
        }),
        Kind::AddPc { register, value } => match instructions.get(1)?.kind {
            Kind::CallIndirect {
                base: Some((base, offset)),
                link,
            } if base == register => Some(DirectCall {
                target: value.wrapping_add_signed(offset),
                link,
                instructions: 2,
            }),
            _ => None,
        },
        _ => None,
    }
}

/// A call of a fixed address, decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectCall {
    /// Where it leads.
    pub target: u64,
    /// Number of the register that receives the return address; `None` where the ISA leaves no
    /// choice.
    pub link: Option<u8>,
    /// How many instructions it takes.
    pub instructions: usize,
}

#[cfg(test)]
mod tests;
