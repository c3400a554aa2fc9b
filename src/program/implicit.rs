//! Which routines of the runtime library a code generator may call though the program does not.

use std::collections::BTreeSet;

use cranelift_codegen::ir::{ArgumentPurpose, Function, Opcode, Signature};

use super::library::Routine;

/// They are those of x86-64 without
/// SSE4.1, FMA or SSSE3, and the copy of a struct argument (Cranelift's `isa/x64/lower.isle`, and
/// `gen_memcpy` in each `abi.rs`).
pub fn implicit_routines(functions: &[Function]) -> BTreeSet<Routine> {
    let mut routines = BTreeSet::new();
    for function in functions {
        let dfg = &function.dfg;
        let has_struct = |signature: &Signature| {
            let structs = signature.params.iter().map(|param| param.purpose);
            { structs }.any(|purpose| matches!(purpose, ArgumentPurpose::StructArgument(_)))
        };
        if has_struct(&function.signature) || dfg.signatures.values().any(has_struct) {
            routines.insert(Routine::Memcpy);
        }
        let blocks = function.layout.blocks();
        for inst in blocks.flat_map(|block| function.layout.block_insts(block)) {
            let rounding = match dfg.insts[inst].opcode() {
                Opcode::Ceil => Routine::Ceil,
                Opcode::Floor => Routine::Floor,
                Opcode::Trunc => Routine::Trunc,
                Opcode::Nearest => Routine::Nearest,
                Opcode::Fma => Routine::Fma,
                _ => {
                    let results = dfg.inst_results(inst).iter();
                    if { results }.any(|value| dfg.value_type(*value).is_vector()) {
                        routines.insert(Routine::Pshufb);
                    }
                    continue;
                }
            };
            let ty = dfg.value_type(dfg.first_result(inst));
            routines.extend(match ty.lane_type().bits() {
                32 => Some(rounding(32)),
                64 => Some(rounding(64)),
                _ => None,
            });
        }
    }
    routines
}
