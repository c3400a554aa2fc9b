//! Arguments that name ISAs and code generators.

use crate::code_generators;
use crate::codegen::CodeGenerator;
use crate::isa::Isa;
use crate::oracle::Check;

/// A code generator, named on the command line.
#[derive(Clone, Copy)]
pub struct Generator(pub &'static dyn CodeGenerator);

/// Parses the name of an ISA.
pub fn isa(name: &str) -> Result<Isa, String> {
    name.trim()
        .parse::<Isa>()
        .map_err(|error| error.to_string())
}

/// Parses the name of a code generator.
pub fn generator(name: &str) -> Result<Generator, String> {
    code_generators::find(name.trim()).map(Generator)
}

/// Parses the name of a check.
pub fn check(name: &str) -> Result<Check, String> {
    let found = Check::ALL
        .into_iter()
        .find(|check| check.name() == name.trim());
    found.ok_or_else(|| {
        let names = Check::ALL.map(Check::name).join(", ");
        format!("unknown check '{name}': expected one of {names}")
    })
}

/// `asked` without repetitions in the order of [`Isa::ALL`]; all where none is asked for.
pub fn isas_or_all(asked: &[Isa]) -> Vec<Isa> {
    let wanted = |isa: &Isa| asked.is_empty() || asked.contains(isa);
    Isa::ALL.into_iter().filter(wanted).collect()
}

/// As [`isas_or_all`], for code generators.
pub fn generators_or_all(asked: &[Generator]) -> Vec<&'static dyn CodeGenerator> {
    if asked.is_empty() {
        return code_generators::ALL.to_vec();
    }
    let wanted = |generator: &&'static dyn CodeGenerator| {
        asked.iter().any(|a| a.0.name() == generator.name())
    };
    code_generators::every().filter(wanted).collect()
}
