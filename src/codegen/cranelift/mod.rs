//! The real Cranelift, in each release that is built in.
//!
//! `release.rs` is the adapter, written once and instantiated for each release by a macro. The
//! newest release compiles the very functions that the suite has read; programs travel to an older
//! one as text, in its own spelling (`spelling`), and targets as names and values of flags
//! (`flags`). What an older release does not read, verify or know is unsupported there.
//!
//! Cranelift always compiles with `machine_code_cfg_info` on, whatever the program asks for: the
//! flag changes no code, it only makes Cranelift tell where blocks start.

mod flags;
#[allow(dead_code, reason = "without an older release it is for tests only")]
mod spelling;
#[cfg(test)]
mod tests;
mod words;

use super::compiled::Compiled;
use super::{CodeGenerator, CodegenError};
use crate::isa::Isa;
use crate::program::{Program, Target};
use flags::Flags;

/// The adapter for a release: its crates, and how it offers NOP units.
macro_rules! release {
    ($module:ident, $codegen:ident, $reader:ident, |$code:ident| $units:expr) => {
        /// The adapter for one release.
        mod $module {
            use ::{$codegen as cranelift_codegen, $reader as cranelift_reader};
            include!("release.rs");

            fn nop_units($code: &CompiledCode) -> Vec<Vec<u8>> {
                $units
            }
        }
    };
}

mod older;

pub use older::OLDER;

release!(newest, cranelift_codegen, cranelift_reader, |code| {
    code.buffer.nop_units.clone()
});

/// The newest release as a code generator under test.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cranelift;

impl CodeGenerator for Cranelift {
    fn name(&self) -> &str {
        const_format::concatcp!("cranelift@", newest::VERSION)
    }

    fn compile(&self, program: &Program, target: &Target) -> Result<Compiled, CodegenError> {
        let flags = Flags::of(&*target.clif);
        let triple = target.clif.triple().clone();
        let compiled = newest::compile(&program.functions, triple, &flags)?;
        Ok(Compiled {
            scratch: scratch(target.isa),
            ..compiled
        })
    }
}

/// Registers that Cranelift keeps from its allocator, where a callee may lose them (x18 is
/// the platform register, which no code of Cranelift's ever touches): see
/// `create_reg_environment` and `spilltmp` in each back end.
fn scratch(isa: Isa) -> Vec<String> {
    let names: &[&str] = match isa {
        Isa::X86_64 => &[],
        Isa::Aarch64 => &["x16", "x17", "x18"],
        Isa::Riscv64gc => &["t5", "t6"],
        Isa::S390x => &["r1"],
        _ => &["spilltmp0"],
    };
    names.iter().map(|name| (*name).to_owned()).collect()
}
