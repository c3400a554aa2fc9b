//! What Cranelift's verifier says of a file as it came, with the file's own lines.

use cranelift_codegen::ir::Function;
use cranelift_codegen::settings::FlagsOrIsa;
use cranelift_codegen::verify_function;
use cranelift_reader::{Details, IsaSpec};

use super::Refused;

/// Verifies each function for each target.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(spec: &IsaSpec, functions: &[Function], details: &[Details]) -> Result<(), Refused> {
    match spec {
        IsaSpec::None(flags) => of_one(flags.into(), functions, details),
        IsaSpec::Some(targets) => targets
            .iter()
            .try_for_each(|target| of_one((&**target).into(), functions, details)),
    }
}

fn of_one(
    target: FlagsOrIsa<'_>,
    functions: &[Function],
    details: &[Details],
) -> Result<(), Refused> {
    for (function, details) in functions.iter().zip(details) {
        if let Err(errors) = verify_function(function, target)
            && let Some(first) = errors.0.first()
        {
            let place = details.map.location(first.location);
            let line = place.unwrap_or(details.location).line_number;
            let message = format!("{}: {}", function.name, first.message);
            return Err(Refused::bad(Some(line), message));
        }
    }
    Ok(())
}
