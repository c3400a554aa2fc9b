//! Calling conventions, from the platforms' ABI documents and never from a code generator:
//! where arguments and results lie, what a callee preserves, which stack is its own.
//!
//! Sources: System V x86-64 psABI 1.0, section 3.2; Microsoft x64 calling convention; AAPCS64
//! 2023Q3, section 6; RISC-V psABI 1.0 (LP64D); s390x ELF ABI 1.6, section 1.2; for Pulley
//! the interpreter's `Vm::call`. `tail`, `fast`, `winch` and `preserve_all` are CLIF's own:
//! their arguments go where the platform's go, apart from what is said at each deviation.

mod deviation;
mod places;
mod preserved;
mod transfer;

pub use deviation::{Deviation, deviates};
pub use places::{Part, Place};
pub use preserved::{Preserved, pinned, preserved};
pub use transfer::{Junk, read, write};

use std::ops::Range;

use super::registers::{RegisterId, RegisterRole, RegisterTable};
use crate::isa::Isa;
use crate::program::{Param, Purpose, Signature};

/// A signature whose places are not known here, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AbiError(pub String);

/// Where everything of one signature lies on one ISA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallLayout {
    /// Arguments in order.
    pub params: Vec<Place>,
    /// Results in order.
    pub returns: Vec<Place>,
    /// Bytes from the stack pointer right before the call upwards that belong to the callee:
    /// its stack arguments, and the register save area (s390x) or home space (Windows).
    pub argument_area: u64,
    /// Bytes of the argument area that are not the callee's to write: the back chain and the
    /// reserved word of s390x, at the bottom of the frame that the caller has after the call.
    pub reserved: Range<u64>,
    /// Bytes of stack that the callee takes away when it returns.
    pub callee_pops: u64,
}

impl CallLayout {
    /// Whether the byte so far above the stack pointer right before the call is the callee's to
    /// write: its arguments and what the ABI sets aside for it. All that it takes away lies below
    /// the stack pointer when it returns, and so is nobody's.
    pub fn is_callees(&self, offset: u64) -> bool {
        offset < self.callee_pops
            || (offset < self.argument_area && !self.reserved.contains(&offset))
    }
}

/// Bytes that a call instruction pushes.
pub fn return_address_bytes(isa: Isa) -> u64 {
    if isa == Isa::X86_64 { 8 } else { 0 }
}

/// What the stack pointer is a multiple of right before a call instruction, in bytes: System V
/// x86-64 psABI 3.2.2, AAPCS64 6.4.5, RISC-V psABI "Integer Calling Convention"; s390x ELF ABI
/// 1.2.2 has doublewords. For Pulley there is no document: its `Vm` aligns to 16.
pub fn stack_alignment(isa: Isa) -> u64 {
    if isa == Isa::S390x { 8 } else { 16 }
}

/// The layout of `signature` on `isa`. Stack offsets count from the stack pointer right
/// before the call instruction.
///
/// # Errors
/// When the signature has something that no ABI document here covers.
pub fn call_layout(isa: Isa, signature: &Signature) -> Result<CallLayout, AbiError> {
    layout(isa, signature, None)
}

/// The layout by the documents, or by all of them but one rule.
fn layout(
    isa: Isa,
    signature: &Signature,
    deviation: Option<Deviation>,
) -> Result<CallLayout, AbiError> {
    let conv = signature.call_conv;
    let mut params = places::Assigner::for_params(isa, conv)?.deviating(deviation);
    if signature
        .params
        .iter()
        .any(|p| p.purpose == Purpose::StructReturn)
        && isa == Isa::Aarch64
    {
        return Err(AbiError("struct return on AArch64 (x8)".to_owned()));
    }
    let assigned: Result<Vec<Place>, AbiError> = signature
        .params
        .iter()
        .map(|param| params.assign(*param))
        .collect();
    let mut returns = places::Assigner::for_returns(isa, conv, signature.returns.len())?;
    let returned: Result<Vec<Place>, AbiError> = signature
        .returns
        .iter()
        .map(|param| returns.assign(*param))
        .collect();
    let callee_pops = params.popped();
    // On s390x a `tail` call's arguments lie below the caller's frame, so that the register save
    // area, which is the callee's as well, is above them.
    let save_area_above = if isa == Isa::S390x && callee_pops > 0 {
        callee_pops + places::S390X_SAVE_AREA
    } else {
        0
    };
    Ok(CallLayout {
        params: assigned?,
        returns: returned?,
        argument_area: params.argument_area().max(save_area_above),
        reserved: if isa == Isa::S390x {
            callee_pops..callee_pops + places::S390X_BACK_CHAIN
        } else {
            0..0
        },
        callee_pops,
    })
}

/// The register of `isa` with that role.
fn register(isa: Isa, role: RegisterRole) -> RegisterId {
    RegisterTable::of(isa)
        .by_role(role)
        .expect("the ABI tables name registers of the ISA's table")
}

/// Whether a parameter is an ordinary value.
fn is_value(param: Param) -> bool {
    matches!(
        param.purpose,
        Purpose::Normal | Purpose::VmContext | Purpose::StructReturn
    )
}

#[cfg(test)]
mod tests;
