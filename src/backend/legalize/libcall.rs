//! Float operations for which an ISA has no instruction: the runtime library's functions.
//!
//! Names and signatures are those of [`LibCall`]'s documentation; of vectors each lane goes there,
//! once it is a scalar. Which operations these are the ISA says by not covering them: on x86-64
//! rounding to an integer needs SSE4.1, and `fma` FMA.

use cranelift_codegen::ir::{
    AbiParam, ExtFuncData, ExternalName, FuncRef, InstBuilder, LibCall, Opcode, Signature, Type,
    types,
};
use cranelift_codegen::isa::CallConv;

use super::{Replacement, Site};

/// How functions of the runtime library are called.
#[derive(Clone, Copy, Debug)]
pub struct Library {
    /// Their convention.
    pub conv: CallConv,
    /// Whether direct calls reach them.
    pub colocated: bool,
}

/// Expands what belongs here.
pub fn expand(s: &mut Site<'_, '_>) -> Option<Replacement> {
    let library = s.library?;
    let ty = s.result_ty_if_any()?;
    let function = function(s.opcode, ty)?;
    let args = s.args.clone();
    let callee = import(s, library, function, ty, args.len());
    let call = s.ins().call(callee, &args);
    Some(s.cursor.func.dfg.first_result(call).into())
}

fn function(opcode: Opcode, ty: Type) -> Option<LibCall> {
    let (short, long) = match opcode {
        Opcode::Ceil => (LibCall::CeilF32, LibCall::CeilF64),
        Opcode::Floor => (LibCall::FloorF32, LibCall::FloorF64),
        Opcode::Trunc => (LibCall::TruncF32, LibCall::TruncF64),
        Opcode::Nearest => (LibCall::NearestF32, LibCall::NearestF64),
        Opcode::Fma => (LibCall::FmaF32, LibCall::FmaF64),
        _ => return None,
    };
    match ty {
        types::F32 => Some(short),
        types::F64 => Some(long),
        _ => None,
    }
}

/// The function, declared once.
fn import(
    s: &mut Site<'_, '_>,
    library: Library,
    function: LibCall,
    ty: Type,
    params: usize,
) -> FuncRef {
    let name = ExternalName::LibCall(function);
    let functions = &s.cursor.func.dfg.ext_funcs;
    let known = functions.iter().find(|(_, data)| data.name == name);
    if let Some((known, _)) = known {
        return known;
    }
    let signature = Signature {
        params: vec![AbiParam::new(ty); params],
        returns: vec![AbiParam::new(ty)],
        call_conv: library.conv,
    };
    let signature = s.cursor.func.import_signature(signature);
    s.cursor.func.import_function(ExtFuncData {
        name,
        signature,
        colocated: library.colocated,
        patchable: false,
    })
}
