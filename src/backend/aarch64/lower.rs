//! From CLIF to A64: which file lowers an operation, and what is left to legalisation.
//!
//! Integers of 8 and 16 bits are worked on in 32-bit registers with anything above them, and
//! extended where what is above matters.

mod address;
mod atomic;
mod bits;
mod choose;
mod compare;
mod constants;
mod divide;
mod float;
mod integer;
mod lanes;
mod memory;
mod overflow;
mod shift;
mod symbols;
mod vector;
mod wide;
mod words;

use cranelift_codegen::ir::{Function, Inst as ClifInst, InstructionData, Opcode, Type, types};
use regalloc2::RegClass;

use super::Aarch64;
use super::encode::{Alu, Bitfield, Extend, FloatSize, Lanes, Size};
use super::inst::{Inst, Word};
use crate::backend::call::Fill;
use crate::backend::limit::Refusal;
use crate::backend::lower::Lower;
use crate::backend::reg::Reg;

pub use compare::branch;
pub use constants::constant;
pub use memory::{area_access, frame_access, load_of, store_of};

/// The state of lowering, here.
type Ctx<'a> = Lower<'a, Aarch64>;

/// Whether an operation was lowered; if not, it has no lowering.
type Lowered = Result<bool, Refusal>;

/// The size of the register that an integer of at most 64 bits is worked on in.
fn size_of(ty: Type) -> Size {
    if ty == types::I64 { Size::X } else { Size::W }
}

/// The size of a float; `None` for other types.
fn float_size(ty: Type) -> Option<FloatSize> {
    match ty {
        types::F32 => Some(FloatSize::S),
        types::F64 => Some(FloatSize::D),
        _ => None,
    }
}

/// How a vector of 128 bits is divided; `None` for other types.
fn lanes_of(ty: Type) -> Option<Lanes> {
    match ty {
        types::I8X16 => Some(Lanes::B16),
        types::I16X8 => Some(Lanes::H8),
        types::I32X4 | types::F32X4 => Some(Lanes::S4),
        types::I64X2 | types::F64X2 => Some(Lanes::D2),
        _ => None,
    }
}

/// How a narrow integer is widened as an operand; `None` where it is not narrow.
fn extension(ty: Type, signed: bool) -> Option<Extend> {
    match (ty, signed) {
        (types::I8, false) => Some(Extend::Uxtb),
        (types::I16, false) => Some(Extend::Uxth),
        (types::I8, true) => Some(Extend::Sxtb),
        (types::I16, true) => Some(Extend::Sxth),
        _ => None,
    }
}

impl Lower<'_, Aarch64> {
    /// A new integer register.
    fn int(&mut self) -> Reg {
        self.temp(RegClass::Int)
    }

    /// A new vector register.
    fn vec(&mut self) -> Reg {
        self.temp(RegClass::Float)
    }

    /// Emits a word that writes `to`.
    fn put(&mut self, to: Reg, word: Word) {
        self.isa(Inst::Word(word.to(to)));
    }

    /// Emits a word that writes no register, or was given one already.
    fn put_plain(&mut self, word: Word) {
        self.isa(Inst::Word(word));
    }

    /// Emits a word that writes a new integer register.
    fn int_of(&mut self, word: Word) -> Reg {
        let to = self.int();
        self.put(to, word);
        to
    }

    /// Emits a word that writes a new vector register.
    fn vec_of(&mut self, word: Word) -> Reg {
        let to = self.vec();
        self.put(to, word);
        to
    }

    /// A constant in a new integer register.
    fn number(&mut self, value: u64) -> Reg {
        let to = self.int();
        self.isa(Inst::Constant { to, value });
        to
    }
}

/// Half and quadruple floats are only moved.
fn is_moved_only(ty: Type) -> bool {
    matches!(ty.lane_type(), types::F16 | types::F128)
}

/// What is done with them.
fn moves(opcode: Opcode) -> bool {
    use Opcode as O;
    matches!(
        opcode,
        O::Load
            | O::Store
            | O::F16const
            | O::F128const
            | O::Bitcast
            | O::Select
            | O::SelectSpectreGuard
    )
}

/// Whether an instruction has a half or quadruple float among its arguments and results.
fn has_moved_only(function: &Function, inst: ClifInst) -> bool {
    let dfg = &function.dfg;
    let values = dfg.inst_args(inst).iter().chain(dfg.inst_results(inst));
    values
        .copied()
        .any(|value| is_moved_only(dfg.value_type(value)))
}

/// Whether [`lower`] has the operation.
pub fn covers(function: &Function, inst: ClifInst, opcode: Opcode, ty: Type) -> bool {
    use Opcode as O;
    let wide = ty == types::I128;
    let vector = ty.is_vector();
    let narrow = matches!(ty, types::I8 | types::I16);
    if ty.is_vector() && ty.bits() != 128 {
        return false;
    }
    if has_moved_only(function, inst) {
        return moves(opcode);
    }
    match opcode {
        _ if wide => wide::covers(opcode),
        O::Band | O::Bor | O::Bxor | O::Bnot | O::Bitselect if ty.is_float() => false,
        O::Umulhi | O::Smulhi | O::Popcnt => !vector || ty == types::I8X16,
        O::Clz | O::Ctz | O::Cls | O::Bitrev | O::Bswap | O::Rotl | O::Rotr => !vector,
        O::AvgRound => matches!(ty, types::I8X16 | types::I16X8 | types::I32X4),
        O::UaddOverflow
        | O::SaddOverflow
        | O::UsubOverflow
        | O::SsubOverflow
        | O::UmulOverflow
        | O::SmulOverflow
        | O::UaddOverflowTrap => !vector,
        O::SaddOverflowCin | O::UaddOverflowCin | O::SsubOverflowBin | O::UsubOverflowBin => false,
        O::Fcopysign => !vector,
        O::FcvtToUint | O::FcvtToSint => false,
        O::FcvtFromUint | O::FcvtFromSint => {
            let from = function.dfg.value_type(function.dfg.inst_args(inst)[0]);
            from != types::I128
        }
        O::Bmask => {
            let from = function.dfg.value_type(function.dfg.inst_args(inst)[0]);
            !from.is_vector() && from != types::I128
        }
        O::Udiv | O::Sdiv | O::Urem | O::Srem => !vector,
        O::IaddPairwise => !narrow,
        _ => true,
    }
}

/// Lowers an instruction that is no call, return or branch.
pub fn lower(ctx: &mut Ctx<'_>, inst: ClifInst) -> Result<(), Refusal> {
    let opcode = ctx.function.dfg.insts[inst].opcode();
    let ty = ctx.function.dfg.ctrl_typevar(inst);
    if has_moved_only(ctx.function, inst) && !moves(opcode) {
        return Err(Refusal::uncovered(format!("{opcode}.{ty}")));
    }
    let steps = [
        compare::lower,
        memory::lower,
        symbols::lower,
        atomic::lower,
        wide::lower,
        overflow::lower,
        integer::lower,
        float::lower,
        vector::lower,
        lanes::lower,
    ];
    for step in steps {
        if step(ctx, inst)? {
            return Ok(());
        }
    }
    Err(Refusal::uncovered(format!("{opcode}.{ty}")))
}

/// Copies with the bits above `fill`'s width filled.
pub fn fill(ctx: &mut Ctx<'_>, from: Reg, fill: Fill) -> Reg {
    let (op, bits) = match fill {
        // Only s390x has vectors travel in another order of lanes.
        Fill::None | Fill::Lanes | Fill::Ones(_) => return from,
        Fill::Zero(bits) => (Bitfield::UBFM, bits),
        Fill::Sign(bits) => (Bitfield::SBFM, bits),
    };
    ctx.int_of(words::bitfield(op, Size::X, from, 0, bits - 1))
}

/// The operation of two registers that an opcode is, on integers and on their lanes.
fn logic(opcode: Opcode) -> Option<Alu> {
    Some(match opcode {
        Opcode::Band => Alu::AND,
        Opcode::Bor => Alu::ORR,
        Opcode::Bxor => Alu::EOR,
        _ => return None,
    })
}

/// The only argument of an instruction with one.
fn argument(ctx: &Ctx<'_>, inst: ClifInst) -> cranelift_codegen::ir::Value {
    ctx.args(inst)[0]
}

/// The lane number or other small immediate of an instruction.
fn imm8(ctx: &Ctx<'_>, inst: ClifInst) -> Option<u32> {
    match ctx.function.dfg.insts[inst] {
        InstructionData::BinaryImm8 { imm, .. } | InstructionData::TernaryImm8 { imm, .. } => {
            Some(imm.into())
        }
        _ => None,
    }
}
