//! Pointing a site at another hook: the call's own relocation, applied anew.
//!
//! A direct call holds the distance to its callee in one field. What the field is, where it
//! lies and what it held before linking is all that is needed to compute the bytes of a call to
//! any other address, without the code generator.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::PatchSite;
use super::relocate::{Field, GlobalOffsetTable, RelocationError, relocate};
use crate::codegen::{CompiledFunction, CompiledSite, RelocKind, RelocTarget, Relocation};
use crate::isa::Isa;

/// The field of a direct call that holds the distance to its callee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallField {
    /// x86-64 `call rel32`.
    X86Rel32,
    /// AArch64 `bl`: 26 bits of words.
    Aarch64Imm26,
    /// RISC-V `auipc` and `jalr`.
    RiscvPair,
    /// s390x `brasl`: 32 bits of halfwords, big-endian.
    S390xPc32Dbl,
    /// Pulley `call`: 32 bits from the start of the instruction.
    PulleyPc32,
}

impl CallField {
    fn of(kind: RelocKind) -> Option<CallField> {
        Some(match kind {
            RelocKind::X86PcRel4 => CallField::X86Rel32,
            RelocKind::Aarch64Call26 => CallField::Aarch64Imm26,
            RelocKind::RiscvCall => CallField::RiscvPair,
            RelocKind::S390xPc32Dbl => CallField::S390xPc32Dbl,
            RelocKind::PulleyPcRel => CallField::PulleyPc32,
            _ => return None,
        })
    }

    /// Whether calls of `isa` have this field.
    fn is_of(self, isa: Isa) -> bool {
        match self {
            CallField::X86Rel32 => isa == Isa::X86_64,
            CallField::Aarch64Imm26 => isa == Isa::Aarch64,
            CallField::RiscvPair => isa == Isa::Riscv64gc,
            CallField::S390xPc32Dbl => isa == Isa::S390x,
            CallField::PulleyPc32 => isa.is_pulley(),
        }
    }

    fn kind(self) -> RelocKind {
        match self {
            CallField::X86Rel32 => RelocKind::X86PcRel4,
            CallField::Aarch64Imm26 => RelocKind::Aarch64Call26,
            CallField::RiscvPair => RelocKind::RiscvCall,
            CallField::S390xPc32Dbl => RelocKind::S390xPc32Dbl,
            CallField::PulleyPc32 => RelocKind::PulleyPcRel,
        }
    }
}

/// How a site's call is pointed at another hook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retarget {
    /// What the field is.
    pub field: CallField,
    /// Bytes from the start of the range to the field.
    pub offset: u32,
    /// Added to the hook's address.
    pub addend: i64,
    /// The live range before relocation.
    pub unlinked: Vec<u8>,
}

/// A hook that a site cannot be pointed at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RetargetError {
    /// The metadata does not say how.
    #[error("the site holds no direct call")]
    NotDirect,
    /// The hook is too far or misaligned.
    #[error(transparent)]
    Reach(#[from] RelocationError),
}

/// The name under which the new hook is looked up.
const HOOK: &str = "the new hook";

impl Retarget {
    /// Of a site in a compiled function, if exactly one relocation in its range is of a call.
    pub fn of(function: &CompiledFunction, site: &CompiledSite) -> Option<Retarget> {
        let start = site.ret_addr.checked_sub(site.len)?;
        let (relocations, unlinked) = match &site.off {
            Some(off) => (&off.relocations, off.live.clone()),
            None => {
                let from = usize::try_from(start).ok()?;
                let to = usize::try_from(site.ret_addr).ok()?;
                (
                    &function.relocations,
                    function.bytes.get(from..to)?.to_vec(),
                )
            }
        };
        let inside = |r: &&Relocation| (start..site.ret_addr).contains(&r.offset);
        let mut calls = relocations.iter().filter(inside);
        let call = calls.next()?;
        let field = CallField::of(call.kind)?;
        calls.next().is_none().then_some(Retarget {
            field,
            offset: call.offset - start,
            addend: call.addend,
            unlinked,
        })
    }

    /// Whether the field is one of `isa`'s and lies in a range of `len` bytes.
    pub fn fits(&self, isa: Isa, len: usize) -> bool {
        let end = self.offset.checked_add(self.field.kind().field_bytes());
        let end = end.and_then(|end| usize::try_from(end).ok());
        let inside = end.is_some_and(|end| end <= len);
        self.field.is_of(isa) && inside && self.unlinked.len() == len
    }

    /// The live bytes of the range at `start` if it calls `hook`.
    ///
    /// # Errors
    /// When the hook is out of the call's reach, or where no instruction of the ISA starts.
    pub fn live_bytes(&self, isa: Isa, start: u64, hook: u64) -> Result<Vec<u8>, RelocationError> {
        if !hook.is_multiple_of(isa.code_alignment()) {
            // RISC-V's `jalr` would go to the address in front of an odd one without a word.
            return Err(RelocationError::Misaligned {
                kind: self.field.kind(),
                symbol: HOOK.to_owned(),
                distance: i128::from(hook) - i128::from(start),
            });
        }
        let relocation = Relocation {
            offset: self.offset,
            kind: self.field.kind(),
            target: RelocTarget::Symbol(HOOK.to_owned()),
            addend: self.addend,
        };
        let function = CompiledFunction {
            name: "a site".to_owned(),
            bytes: Vec::new(),
            alignment: 1,
            relocations: Vec::new(),
            sites: Vec::new(),
            traps: Vec::new(),
            call_returns: Vec::new(),
            handlers: Vec::new(),
            stack_maps: Vec::new(),
            blocks: Vec::new(),
        };
        let field = Field {
            isa,
            function: &function,
            start,
            relocation: &relocation,
        };
        let symbols = BTreeMap::from([(HOOK.to_owned(), hook)]);
        let mut bytes = self.unlinked.clone();
        let mut got = GlobalOffsetTable::new(isa, 0);
        relocate(field, &mut bytes, &symbols, &mut got)?;
        Ok(bytes)
    }
}

impl PatchSite {
    /// The bytes that make the site call the code at `hook`.
    ///
    /// # Errors
    /// When the site holds no direct call, or `hook` is out of its reach.
    pub fn calling(&self, isa: Isa, hook: u64) -> Result<Vec<u8>, RetargetError> {
        let retarget = self.retarget.as_ref().ok_or(RetargetError::NotDirect)?;
        Ok(retarget.live_bytes(isa, self.start(), hook)?)
    }
}
