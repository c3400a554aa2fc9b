//! Machine instructions with real registers as bytes.

mod atomic;
mod float;
mod integer;
mod test;
mod vector;

use cranelift_codegen::ir::TrapCode;

use super::X64;
use super::encode::{Cond, Encoded, Gpr, Mem, NoEncoding, Xmm, flow};
use super::fixup::Reference;
use super::inst::{Address, Inst};
use crate::backend::buffer::Label;
use crate::backend::emit::Emitter;
use crate::backend::limit::Refusal;
use crate::backend::reg::Reg;

/// What the encoders work on.
pub type Out<'e, 'a> = &'e mut Emitter<'a, X64>;

/// What emitting gives.
pub type Emitted = Result<(), Refusal>;

impl From<NoEncoding> for Refusal {
    fn from(error: NoEncoding) -> Refusal {
        Refusal::limit(error.to_string())
    }
}

/// The general register.
pub fn gpr(reg: Reg) -> Gpr {
    debug_assert_eq!(reg.class(), regalloc2::RegClass::Int, "{reg:?}");
    Gpr::new(reg.number()).expect("the environment has 16")
}

/// The vector register.
pub fn xmm(reg: Reg) -> Xmm {
    debug_assert_eq!(reg.class(), regalloc2::RegClass::Float, "{reg:?}");
    Xmm::new(reg.number()).expect("the environment has 16")
}

/// Puts an instruction that always has an encoding.
pub fn put(e: Out<'_, '_>, encode: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = Vec::with_capacity(16);
    encode(&mut bytes);
    e.buffer.put(&bytes);
}

/// Puts an instruction that may have none.
pub fn try_put(e: Out<'_, '_>, encode: impl FnOnce(&mut Vec<u8>) -> Encoded) -> Emitted {
    let mut bytes = Vec::with_capacity(16);
    encode(&mut bytes)?;
    e.buffer.put(&bytes);
    Ok(())
}

/// Puts an instruction with a memory operand, `behind` bytes in front of its end, that may trap.
pub fn put_memory(
    e: Out<'_, '_>,
    address: &Address,
    (behind, trap): (u8, Option<TrapCode>),
    encode: impl FnOnce(&mut Vec<u8>, Mem) -> Encoded,
) -> Emitted {
    let (mem, constant) = resolve(e, address)?;
    if let Some(code) = trap {
        e.buffer.trap(code);
    }
    try_put(e, |out| encode(out, mem))?;
    if let Some(label) = constant {
        let at = e.buffer.offset() - 4 - u32::from(behind);
        e.buffer.refer_at(at, label, Reference::Near { behind });
    }
    Ok(())
}

/// The address as the machine has it, and the constant that it is to lead to.
fn resolve(e: Out<'_, '_>, address: &Address) -> Result<(Mem, Option<Label>), Refusal> {
    let mem = match address {
        Address::Base { base, disp } => Mem::base(gpr(*base), *disp),
        Address::Index { base, index, disp } => Mem::indexed(gpr(*base), gpr(*index), 0, *disp)
            .ok_or_else(|| Refusal::limit("the stack pointer as an index"))?,
        Address::Frame(place, disp) => {
            let offset = e.offset(*place) + i64::from(*disp);
            let offset = i32::try_from(offset)
                .map_err(|_| Refusal::limit(format!("{offset} bytes above the stack pointer")))?;
            Mem::base(Gpr::RSP, offset)
        }
        Address::Constant(bits) => {
            let label = e.buffer.constant(&bits.to_le_bytes(), 16);
            return Ok((Mem::Rip(0), Some(label)));
        }
    };
    Ok((mem, None))
}

/// A jump within the sequence if `cond`.
pub fn skip(e: Out<'_, '_>, cond: Cond, label: Label) {
    put(e, |out| flow::branch_short(out, cond, 0));
    let at = e.buffer.offset() - 1;
    e.buffer.refer_at(at, label, Reference::Short);
}

/// A jump within the sequence.
pub fn skip_always(e: Out<'_, '_>, label: Label) {
    put(e, |out| flow::jump_short(out, 0));
    let at = e.buffer.offset() - 1;
    e.buffer.refer_at(at, label, Reference::Short);
}

/// Jumps to a label of the function if `cond`.
pub fn branch(e: Out<'_, '_>, cond: Cond, label: Label) {
    put(e, |out| flow::branch(out, cond, 0));
    let at = e.buffer.offset() - 4;
    e.buffer.refer_at(at, label, Reference::JUMP);
}

/// Jumps to a label of the function.
pub fn jump(e: Out<'_, '_>, label: Label) {
    put(e, |out| flow::jump(out, 0));
    let at = e.buffer.offset() - 4;
    e.buffer.refer_at(at, label, Reference::JUMP);
}

/// Emits any instruction.
///
/// # Errors
/// A place in the frame out of reach, and operands that lowering should not have chosen.
pub fn emit(e: Out<'_, '_>, inst: &Inst) -> Emitted {
    match inst {
        Inst::Set { .. }
        | Inst::Select { .. }
        | Inst::SelectVector { .. }
        | Inst::Branch { .. }
        | Inst::Table { .. }
        | Inst::TrapIf { .. }
        | Inst::Trap { .. } => test::emit(e, inst),
        Inst::Exchange { .. }
        | Inst::CompareExchange { .. }
        | Inst::Update { .. }
        | Inst::Fence => atomic::emit(e, inst),
        Inst::FloatFromInt { .. }
        | Inst::FloatFromWord { .. }
        | Inst::IntFromFloat { .. }
        | Inst::IntFromFloatSat { .. }
        | Inst::FloatChoice { .. } => float::emit(e, inst),
        Inst::Vector { .. }
        | Inst::VectorUnary { .. }
        | Inst::VectorImm { .. }
        | Inst::VectorUnaryImm { .. }
        | Inst::VectorShift { .. }
        | Inst::VectorZero { .. }
        | Inst::VectorOnes { .. }
        | Inst::VectorLoad { .. }
        | Inst::VectorStore { .. }
        | Inst::VectorMerge { .. }
        | Inst::VectorLow { .. }
        | Inst::FromGpr { .. }
        | Inst::ToGpr { .. }
        | Inst::Insert { .. }
        | Inst::Extract { .. }
        | Inst::Signs { .. } => vector::emit(e, inst),
        _ => integer::emit(e, inst),
    }
}
