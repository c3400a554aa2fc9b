//! Bit operations on scalar floats, and choices between quadruple ones: on integers of the same
//! bits.

use cranelift_codegen::ir::{InstBuilder, Opcode, types};

use super::{Replacement, Site, little};

/// Expands what belongs here.
pub fn expand(s: &mut Site<'_, '_>) -> Option<Replacement> {
    let ty = s.result_ty_if_any()?;
    if !ty.is_float() {
        return None;
    }
    if matches!(s.opcode, Opcode::Select | Opcode::SelectSpectreGuard) && ty == types::F128 {
        let condition = s.args[0];
        let [a, b] = [1, 2].map(|n| {
            let arg = s.args[n];
            s.recast(arg, types::I128, little())
        });
        let chosen = s.ins().select(condition, a, b);
        return Some(s.recast(chosen, ty, little()).into());
    }
    let args = match s.opcode {
        Opcode::Band | Opcode::Bor | Opcode::Bxor | Opcode::Bnot | Opcode::Bitselect => {
            s.args.clone()
        }
        _ => return None,
    };
    let bits: Vec<_> = args
        .into_iter()
        .map(|arg| s.recast(arg, ty.as_int(), little()))
        .collect();
    let value = match (s.opcode, bits.as_slice()) {
        (Opcode::Band, &[a, b]) => s.ins().band(a, b),
        (Opcode::Bor, &[a, b]) => s.ins().bor(a, b),
        (Opcode::Bxor, &[a, b]) => s.ins().bxor(a, b),
        (Opcode::Bnot, &[a]) => s.ins().bnot(a),
        (Opcode::Bitselect, &[c, a, b]) => s.ins().bitselect(c, a, b),
        _ => return None,
    };
    Some(s.recast(value, ty, little()).into())
}
