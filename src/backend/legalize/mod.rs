//! CLIF to simpler CLIF: what an ISA does not do becomes what it does.
//!
//! Working on the IR keeps this independent of the ISA and testable without one: the CLIF
//! interpreter runs a function before and after, and the results must be the same.
//!
//! An ISA answers for each instruction whether it covers it ([`Arch::covers`]). If not, the
//! first of the expansions below that knows the operation replaces it; what it is replaced by is
//! looked at again. Every expansion uses only operations that are simpler in this order: lanes
//! to scalars, wide to `i64`, narrow to `i32`, rare to common, so that it ends.

mod bits;
mod convert;
mod float;
mod integer;
mod lanes;
mod libcall;
mod logic;
mod nans;
mod narrow;
mod shapes;
mod vector;
mod wide;

#[cfg(test)]
mod tests;

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::{
    Endianness, Function, InsertBuilder, Inst, InstBuilder, InstructionData, MemFlagsData, Opcode,
    Type, Value,
};

use super::arch::Arch;
use super::limit::Refusal;
use super::options::Settings;

pub use libcall::Library;

/// An instruction about to be replaced, with the cursor on it.
struct Site<'a, 'f> {
    cursor: &'a mut FuncCursor<'f>,
    inst: Inst,
    opcode: Opcode,
    args: Vec<Value>,
    /// Byte order of memory accesses that name none.
    endianness: Endianness,
    /// The runtime library, if there is one.
    library: Option<Library>,
}

/// What takes the place of an instruction.
enum Replacement {
    /// These values take the place of its results.
    Values(Vec<Value>),
    /// It was changed in place, and needs no other change.
    InPlace,
}

impl From<Value> for Replacement {
    fn from(value: Value) -> Replacement {
        Replacement::Values(vec![value])
    }
}

type Expansion = fn(&mut Site<'_, '_>) -> Option<Replacement>;

/// In the order in which they are asked.
const EXPANSIONS: &[Expansion] = &[
    narrow::expand,
    integer::expand,
    bits::expand,
    convert::expand,
    float::expand,
    logic::expand,
    libcall::expand,
    vector::expand,
    shapes::expand,
    lanes::expand,
];

/// Rewrites `function` in place until `arch` covers every instruction that can be taken apart.
///
/// # Errors
/// What has no expansion.
pub fn legalize<A: Arch>(
    function: &mut Function,
    arch: &A,
    settings: &Settings,
) -> Result<(), Refusal> {
    let big = arch.isa().is_big_endian();
    let endianness = if big {
        Endianness::Big
    } else {
        Endianness::Little
    };
    let covers = |function: &Function, inst: Inst, opcode: Opcode, ty: Type| {
        arch.covers(function, inst, opcode, ty)
    };
    let how = How {
        canonical_nans: settings.canonical_nans && !A::CANONICAL_NANS,
        endianness,
        library: Some(settings.library),
    };
    legalize_with(function, how, &covers);
    Ok(())
}

/// What a function is legalised for.
#[derive(Clone, Copy)]
struct How {
    canonical_nans: bool,
    /// Byte order of memory accesses that name none.
    endianness: Endianness,
    library: Option<Library>,
}

/// Whether an instruction needs no expansion.
type Covers<'a> = &'a dyn Fn(&Function, Inst, Opcode, Type) -> bool;

fn legalize_with(function: &mut Function, how: How, covers: Covers<'_>) {
    function.dfg.resolve_all_aliases();
    if how.canonical_nans {
        nans::canonicalize(function);
    }
    let mut cursor = FuncCursor::new(function);
    while let Some(block) = cursor.next_block() {
        while let Some(inst) = cursor.next_inst() {
            let before = cursor.layout().prev_inst(inst);
            if expand(&mut cursor, inst, how, covers) {
                // What it was replaced by is looked at again.
                match before {
                    Some(before) => cursor.goto_inst(before),
                    None => cursor.goto_top(block),
                }
            }
        }
    }
    function.dfg.resolve_all_aliases();
}

/// Replaces one instruction, if it has to be; says whether it did.
fn expand(cursor: &mut FuncCursor<'_>, inst: Inst, how: How, covers: Covers<'_>) -> bool {
    let dfg = &cursor.func.dfg;
    let opcode = dfg.insts[inst].opcode();
    if matches!(opcode, Opcode::Ireduce | Opcode::Isplit | Opcode::Iconcat) || opcode.is_call() {
        return false;
    }
    let ty = dfg.ctrl_typevar(inst);
    let is_wide = wide::is_wide(dfg, inst);
    if !is_wide && opcode.is_terminator() || covers(cursor.func, inst, opcode, ty) {
        return false;
    }
    let args = dfg
        .inst_args(inst)
        .iter()
        .map(|&arg| dfg.resolve_aliases(arg))
        .collect();
    let mut site = Site {
        cursor,
        inst,
        opcode,
        args,
        endianness: how.endianness,
        library: how.library,
    };
    let wide: &[Expansion] = &[wide::expand, integer::expand];
    let expansions = if is_wide { wide } else { EXPANSIONS };
    let before = site.cursor.layout().prev_inst(inst);
    let replacement = expansions.iter().find_map(|expansion| {
        let replacement = expansion(&mut site);
        if replacement.is_none() {
            // What it put before it found out that it knows no way.
            site.remove_behind(before);
        }
        replacement
    });
    match replacement {
        Some(Replacement::Values(values)) => site.replace(&values),
        Some(Replacement::InPlace) => {}
        None => return false,
    }
    true
}

impl<'f> Site<'_, 'f> {
    /// Builder of instructions before the one to be replaced.
    fn ins(&mut self) -> InsertBuilder<'_, &mut FuncCursor<'f>> {
        self.cursor.ins()
    }

    /// An integer constant; its bits above the type are ignored. For vectors a constant of the
    /// lane's type.
    fn int(&mut self, ty: Type, value: i64) -> Value {
        self.ins().iconst(ty.lane_type(), value)
    }

    /// A vector constant with the same bits in every lane.
    fn vector(&mut self, ty: Type, lane: u64) -> Value {
        let bytes = lane.to_le_bytes();
        let lane_bytes = usize::try_from(ty.lane_type().bytes()).expect("at most 8");
        let all: Vec<u8> = bytes[..lane_bytes]
            .iter()
            .copied()
            .cycle()
            .take(16)
            .collect();
        let constant = self.cursor.func.dfg.constants.insert(all.into());
        self.ins().vconst(ty, constant)
    }

    /// The same bits as another type.
    fn recast(&mut self, value: Value, ty: Type, flags: MemFlagsData) -> Value {
        if self.ty_of(value) == ty {
            return value;
        }
        self.ins().bitcast(ty, flags, value)
    }

    /// A constant of an integer type of at most 64 bits or of a vector of them, the same in
    /// every lane.
    fn all(&mut self, ty: Type, value: i64) -> Value {
        if ty.is_vector() {
            let lane = value.cast_unsigned() & mask(ty);
            self.vector(ty, lane)
        } else {
            self.int(ty, value)
        }
    }

    fn data(&self) -> InstructionData {
        self.cursor.func.dfg.insts[self.inst]
    }

    fn replace(self, values: &[Value]) {
        let dfg = &mut self.cursor.func.dfg;
        let results = dfg.inst_results(self.inst).to_vec();
        debug_assert_eq!(results.len(), values.len(), "{}", self.opcode);
        dfg.clear_results(self.inst);
        for (result, &value) in results.into_iter().zip(values) {
            dfg.change_to_alias(result, value);
        }
        self.cursor.goto_inst(self.inst);
        self.cursor.remove_inst();
    }

    /// Removes what lies between `before`, or the block's start, and the instruction.
    fn remove_behind(&mut self, before: Option<Inst>) {
        let layout = &mut self.cursor.func.layout;
        while let Some(last) = layout.prev_inst(self.inst).filter(|&i| Some(i) != before) {
            layout.remove_inst(last);
        }
    }

    fn ty_of(&self, value: Value) -> Type {
        self.cursor.func.dfg.value_type(value)
    }

    fn result_ty(&self) -> Type {
        self.result_ty_if_any().expect("the operation has a result")
    }

    fn result_ty_if_any(&self) -> Option<Type> {
        let dfg = &self.cursor.func.dfg;
        dfg.inst_results(self.inst)
            .first()
            .map(|&result| dfg.value_type(result))
    }
}

/// All ones in the width of a lane, or of a scalar of at most 64 bits.
fn mask(ty: Type) -> u64 {
    u64::MAX >> (64 - ty.lane_bits())
}

/// Lane 0 at the lowest address, whatever the ISA.
fn little() -> MemFlagsData {
    MemFlagsData::new().with_endianness(Endianness::Little)
}
