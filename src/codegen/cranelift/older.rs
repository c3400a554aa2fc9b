//! The releases before the newest: a program reaches them as text.

use target_lexicon::Triple;

use super::flags::Flags;
use super::scratch;
use super::spelling::{self, FunctionText};
use crate::codegen::compiled::Compiled;
use crate::codegen::{CodeGenerator, CodegenError};
use crate::program::{Program, Target};
use crate::releases::{Bytecode, older_releases};

#[allow(dead_code, reason = "there may be none")]
/// An older release as a code generator under test.
struct Older {
    name: &'static str,
    version: &'static str,
    bytecode: Bytecode,
    compile: fn(&[FunctionText], Triple, &Flags) -> Result<Compiled, CodegenError>,
}

impl CodeGenerator for Older {
    fn name(&self) -> &str {
        self.name
    }

    fn compile(&self, program: &Program, target: &Target) -> Result<Compiled, CodegenError> {
        let texts = spelling::texts(&program.functions, self.version)?;
        let triple = target.clif.triple().clone();
        let compiled = (self.compile)(&texts, triple, &Flags::of(&*target.clif))?;
        Ok(Compiled {
            scratch: scratch(target.isa),
            bytecode: self.bytecode,
            ..compiled
        })
    }
}

/// How a release offers NOP units: a single one in 0.127.
#[allow(unused_macros, reason = "there may be no older release")]
macro_rules! adapter {
    (v0_127, $codegen:ident, $reader:ident) => {
        release!(v0_127, $codegen, $reader, |code| vec![
            code.buffer.nop.to_vec()
        ]);
    };
    ($module:ident, $codegen:ident, $reader:ident) => {
        release!($module, $codegen, $reader, |code| code
            .buffer
            .nop_units
            .clone());
    };
}

macro_rules! releases {
    ($((
        $feature:literal, $module:ident, $codegen:ident, $reader:ident, $pulley:ident, $major:literal
    ))*) => {
        $(
            #[cfg(feature = $feature)]
            adapter!($module, $codegen, $reader);
        )*

        /// The older releases that are built in, oldest first.
        pub const OLDER: &[&dyn CodeGenerator] = &[
            $(
                #[cfg(feature = $feature)]
                &Older {
                    name: const_format::concatcp!("cranelift@", $module::VERSION),
                    version: $module::VERSION,
                    bytecode: Bytecode($major),
                    compile: $module::compile_texts,
                },
            )*
        ];
    };
}
older_releases!(releases);
