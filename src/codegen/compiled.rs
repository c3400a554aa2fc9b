//! What a code generator delivers: functions as bytes, with everything that linking, patching
//! and judging them needs. Offsets are bytes from the start of the function.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::program::SiteId;
use crate::releases::Bytecode;

/// A kind of relocation. `S` is the symbol's address, `A` the addend, `P` the address of the
/// relocated field, `G` the address of the symbol's slot in the global offset table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelocKind {
    /// 4 bytes, `S + A`, in the target's byte order.
    Abs4,
    /// 8 bytes, `S + A`, in the target's byte order.
    Abs8,
    /// x86-64: 4 bytes, `S + A - P` (`R_X86_64_PC32`, also `R_X86_64_PLT32` of a direct call).
    X86PcRel4,
    /// x86-64: 4 bytes, `G + A - P` (`R_X86_64_GOTPCREL`).
    X86GotPcRel4,
    /// AArch64: 26-bit word offset of `b` and `bl` (`R_AARCH64_CALL26`).
    Aarch64Call26,
    /// AArch64: 21-bit page offset of `adrp` to the GOT slot (`R_AARCH64_ADR_GOT_PAGE`).
    Aarch64AdrGotPage21,
    /// AArch64: low 12 bits of the GOT slot in an 8-byte load (`R_AARCH64_LD64_GOT_LO12_NC`).
    Aarch64Ld64GotLo12,
    /// AArch64: 21-bit page offset of `adrp` (`R_AARCH64_ADR_PREL_PG_HI21`).
    Aarch64AdrPage21,
    /// AArch64: low 12 bits in `add` (`R_AARCH64_ADD_ABS_LO12_NC`).
    Aarch64AddLo12,
    /// RISC-V: `auipc` and `jalr`, 8 bytes (`R_RISCV_CALL_PLT`).
    RiscvCall,
    /// RISC-V: high 20 bits of the pc-relative GOT slot (`R_RISCV_GOT_HI20`).
    RiscvGotHi20,
    /// RISC-V: high 20 bits of a pc-relative address (`R_RISCV_PCREL_HI20`).
    RiscvPcRelHi20,
    /// RISC-V: low 12 bits, I-type, of the address whose high part is at the symbol
    /// (`R_RISCV_PCREL_LO12_I`).
    RiscvPcRelLo12I,
    /// s390x: 4 bytes, `(S + A - P) / 2` (`R_390_PC32DBL`, `R_390_PLT32DBL`).
    S390xPc32Dbl,
    /// s390x: 4 bytes, `(G + A - P) / 2` (`R_390_GOTENT`).
    S390xGotPc32Dbl,
    /// Pulley: 4 bytes little-endian, `S - P` plus what the field holds already.
    PulleyPcRel,
    /// Pulley: `call_indirect_host`, 4 bytes, whose last one is the number of the hostcall.
    PulleyHostcall,
    /// A kind that no linker here knows: its name is kept for the message.
    Unsupported(&'static str),
}

/// What a relocation points to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RelocTarget {
    /// A symbol by name: function, hostcall or data.
    Symbol(String),
    /// An offset in the same function.
    Local(u32),
}

impl fmt::Display for RelocTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RelocTarget::Symbol(name) => f.write_str(name),
            RelocTarget::Local(offset) => write!(f, "the function's own offset {offset:#x}"),
        }
    }
}

/// A relocation to be applied when the function's address is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// Where the field starts.
    pub offset: u32,
    /// What to compute and where to put it.
    pub kind: RelocKind,
    /// What it refers to.
    pub target: RelocTarget,
    /// The addend `A`.
    pub addend: i64,
}

/// Patch metadata of one call, as the code generator states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledSite {
    /// Offset of the first byte after the call.
    pub ret_addr: u32,
    /// Bytes to patch: `[ret_addr - len, ret_addr)`.
    pub len: u32,
    /// The patchable call in the program that it belongs to, by source location; `None` when
    /// the code there belongs to none.
    pub site: Option<SiteId>,
    /// If the site is emitted as NOPs, what makes it live.
    pub off: Option<OffSite>,
    /// Size in bytes of an aligned word that the ISA stores at once and that the range lies in,
    /// so that one store toggles the site while other cores run it. `None` where the generator
    /// does not promise it or the ISA makes it impossible.
    pub atomic_word: Option<u32>,
    /// What puts the stack pointer right behind the range, where the hook pops its arguments and
    /// the range is the call alone; `None` where the stack pointer is right at `ret_addr`.
    pub rebuild: Option<Rebuild>,
}

/// Code behind a site, executed whether the site is live or not, that computes the stack pointer
/// from another register. With the reclaim in the range instead, a hook that switches its own site
/// off while it runs would return to NOPs, and nobody would take back what it popped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rebuild {
    /// Bytes that the hook pops: so far above its place the stack pointer is at `ret_addr` behind
    /// a live call, and not at all behind NOPs.
    pub popped: u32,
    /// Bytes of the code: the stack pointer is back in its place at `ret_addr + len`.
    pub len: u32,
}

impl CompiledSite {
    /// A site that is emitted live, anywhere.
    pub fn live(ret_addr: u32, len: u32, site: Option<SiteId>) -> CompiledSite {
        CompiledSite {
            ret_addr,
            len,
            site,
            off: None,
            atomic_word: None,
            rebuild: None,
        }
    }
}

/// The call of a site that is emitted as NOPs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffSite {
    /// The bytes of the live range, before relocation.
    pub live: Vec<u8>,
    /// Their relocations, by offset in the function.
    pub relocations: Vec<Relocation>,
}

/// A place where code may trap on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrapRecord {
    /// Offset of the instruction.
    pub offset: u32,
    /// Trap code as CLIF writes it, like `int_divz` or `user7`.
    pub code: String,
}

/// Where an exception that comes out of a call goes on. An unwinder goes there with the stack
/// pointer and the frame pointer that the function has at the call, and with the payload in the
/// platform's registers for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    /// Offset behind the call.
    pub ret_addr: u32,
    /// Which exceptions, as the program numbers them; `None` for all. The first that fits counts.
    pub tag: Option<u32>,
    /// Offset of the code.
    pub target: u32,
}

/// One compiled function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledFunction {
    /// Name with its sigil.
    pub name: String,
    /// Code and constants, before relocation.
    pub bytes: Vec<u8>,
    /// Alignment that the function's first byte needs, in bytes.
    pub alignment: u32,
    /// Relocations by offset.
    pub relocations: Vec<Relocation>,
    /// Patch metadata in the order in which the generator gives it.
    pub sites: Vec<CompiledSite>,
    /// Instructions that may trap.
    pub traps: Vec<TrapRecord>,
    /// Offsets behind each call instruction.
    pub call_returns: Vec<u32>,
    /// Handlers of exceptions, call by call in the order in which they are tried.
    pub handlers: Vec<Handler>,
    /// Offsets of stack maps.
    pub stack_maps: Vec<u32>,
    /// Offsets of basic blocks, the targets of branches; empty when the generator does not tell.
    pub blocks: Vec<u32>,
}

/// A compiled program: all functions for one target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compiled {
    /// Functions in the program's order.
    pub functions: Vec<CompiledFunction>,
    /// NOP units as the generator offers them, of any order.
    pub nop_units: Vec<Vec<u8>>,
    /// ISA extensions that the target's flags enable, by the generator's flag names.
    pub extensions: Vec<String>,
    /// Registers that the generator declares as scratch: its allocator never hands them out.
    pub scratch: Vec<String>,
    /// What the bytes are, on a Pulley target.
    pub bytecode: Bytecode,
}
