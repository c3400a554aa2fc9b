//! The real Cranelift, in the release that this package depends on.
//!
//! It always compiles with `machine_code_cfg_info` on, whatever the program asks for: the flag
//! changes no code, it only makes Cranelift tell where blocks start.

use std::cell::Cell;
use std::collections::BTreeSet;

use cranelift_codegen::binemit::Reloc;
use cranelift_codegen::control::ControlPlane;
use cranelift_codegen::ir::Function;
use cranelift_codegen::isa::{self, OwnedTargetIsa, TargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_codegen::{
    CodegenError as ClifError, CompiledCode, Context, FinalizedMachExceptionHandler,
    FinalizedRelocTarget,
};

use super::compiled::{
    Compiled, CompiledFunction, CompiledSite, Handler, RelocKind, RelocTarget, Relocation,
    TrapRecord,
};
use super::{CodeGenerator, CodegenError};
use crate::isa::Isa;
use crate::panic_guard;
use crate::program::{Program, Target, site_of_location, symbol_name};

/// Cranelift as a code generator under test.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cranelift;

impl CodeGenerator for Cranelift {
    fn name(&self) -> &str {
        const_format::concatcp!("cranelift@", cranelift_codegen::VERSION)
    }

    fn compile(&self, program: &Program, target: &Target) -> Result<Compiled, CodegenError> {
        let mut functions = Vec::with_capacity(program.functions.len());
        let mut nop_units = Vec::new();
        let clif = with_blocks(&*target.clif).unwrap_or_else(|| target.clif.clone());
        for function in &program.functions {
            let code = compile_function(function, &*clif)?;
            nop_units = code.buffer.nop_units.clone();
            functions.push(deliver(function, &code));
        }
        Ok(Compiled {
            functions,
            nop_units,
            extensions: extensions(&*target.clif),
            scratch: scratch(target.isa),
        })
    }
}

/// The flag that makes Cranelift tell where blocks start.
const TELL_BLOCKS: &str = "machine_code_cfg_info";

/// The same target with [`TELL_BLOCKS`] on.
fn with_blocks(target: &dyn TargetIsa) -> Option<OwnedTargetIsa> {
    let mut shared = settings::builder();
    for flag in target.flags().iter() {
        shared.set(flag.name, &flag.value_string()).ok()?;
    }
    shared.enable(TELL_BLOCKS).ok()?;
    let mut builder = isa::lookup(target.triple().clone()).ok()?;
    for flag in target.isa_flags() {
        builder.set(flag.name, &flag.value_string()).ok()?;
    }
    builder.finish(settings::Flags::new(shared)).ok()
}

thread_local! {
    /// Cranelift's working memory, which it asks to be reused. Lost with a panic.
    static CONTEXT: Cell<Option<Box<Context>>> = const { Cell::new(None) };
}

fn compile_function(
    original: &Function,
    isa: &dyn TargetIsa,
) -> Result<CompiledCode, CodegenError> {
    let function = original.name.to_string();
    let failed = |message| CodegenError::Failed {
        function: function.clone(),
        message,
    };
    let unsupported = |reason| CodegenError::Unsupported {
        function: function.clone(),
        reason,
    };
    let outcome = panic_guard::catch(|| {
        let mut context = CONTEXT.take().unwrap_or_else(|| Box::new(Context::new()));
        context.clear();
        context.func.clone_from(original);
        let outcome = context.compile(isa, &mut ControlPlane::default());
        let outcome = outcome.map(|_| ()).map_err(|error| error.inner);
        let code = context.take_compiled_code();
        CONTEXT.set(Some(context));
        outcome.map(|()| code.expect("what was compiled is there"))
    });
    match outcome {
        Ok(Ok(code)) => Ok(code),
        Ok(Err(ClifError::Unsupported(reason))) => Err(unsupported(reason)),
        Ok(Err(error @ (ClifError::ImplLimitExceeded | ClifError::CodeTooLarge))) => {
            Err(unsupported(error.to_string()))
        }
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(panic) if says_unsupported(&panic.message) => Err(unsupported(panic.message)),
        Err(panic) => Err(failed(format!("panicked at {}: {panic}", panic.place))),
    }
}

/// Cranelift states many limits as panics; these are the words that it uses.
fn says_unsupported(panic: &str) -> bool {
    let panic = panic.to_lowercase();
    [
        "not supported",
        "does not support",
        "not implemented",
        "not yet implemented",
        "unsupported",
    ]
    .iter()
    .any(|words| panic.contains(words))
}

fn deliver(function: &Function, code: &CompiledCode) -> CompiledFunction {
    let buffer = &code.buffer;
    CompiledFunction {
        name: function.name.to_string(),
        bytes: buffer.data().to_vec(),
        alignment: buffer.alignment,
        relocations: buffer
            .relocs()
            .iter()
            .map(|reloc| Relocation {
                offset: reloc.offset,
                kind: reloc_kind(reloc.kind),
                target: match &reloc.target {
                    FinalizedRelocTarget::ExternalName(name) => {
                        RelocTarget::Symbol(symbol_name(function, name))
                    }
                    FinalizedRelocTarget::Func(offset) => RelocTarget::Local(*offset),
                },
                addend: reloc.addend,
            })
            .collect(),
        sites: sites(code),
        traps: buffer
            .traps()
            .iter()
            .map(|trap| TrapRecord {
                offset: trap.offset,
                code: trap.code.to_string(),
            })
            .collect(),
        call_returns: buffer.call_sites().map(|call| call.ret_addr).collect(),
        handlers: handlers(code),
        stack_maps: buffer
            .user_stack_maps()
            .iter()
            .map(|(offset, ..)| *offset)
            .collect(),
        blocks: blocks(code),
    }
}

fn handlers(code: &CompiledCode) -> Vec<Handler> {
    let mut all = Vec::new();
    for call in code.buffer.call_sites() {
        for handler in call.exception_handlers {
            let (tag, target) = match handler {
                FinalizedMachExceptionHandler::Tag(tag, target) => (Some(tag.as_u32()), *target),
                FinalizedMachExceptionHandler::Default(target) => (None, *target),
                FinalizedMachExceptionHandler::Context(_) => continue,
            };
            let ret_addr = call.ret_addr;
            all.push(Handler {
                ret_addr,
                tag,
                target,
            });
        }
    }
    all
}

/// Where blocks start. Neither list will do alone: `bb_edges` lacks edges where blocks are gone
/// or cold, and the last of `bb_starts` may be a block whose only jump was removed at last, so
/// that data starts there. No call returns behind such a block.
fn blocks(code: &CompiledCode) -> Vec<u32> {
    let last_return = code.buffer.call_sites().map(|call| call.ret_addr).max();
    let starts = code.bb_starts.iter().copied();
    let starts = starts.filter(|&start| last_return.is_some_and(|last| start < last));
    let targets = code.bb_edges.iter().map(|&(_, target)| target);
    let all: BTreeSet<u32> = starts.chain(targets).collect();
    all.into_iter().collect()
}

/// The patch metadata, each tied to its patchable call by the source location of its first byte.
fn sites(code: &CompiledCode) -> Vec<CompiledSite> {
    let locations = code.buffer.get_srclocs_sorted();
    let site_at = |offset: u32| {
        let range = locations
            .iter()
            .find(|l| l.start <= offset && offset < l.end)?;
        site_of_location(range.loc)
    };
    let sites = code.buffer.patchable_call_sites();
    sites
        .map(|site| {
            let id = site.ret_addr.checked_sub(site.len).and_then(site_at);
            CompiledSite::live(site.ret_addr, site.len, id)
        })
        .collect()
}

/// Names of the boolean ISA flags that are on.
fn extensions(isa: &dyn TargetIsa) -> Vec<String> {
    let flags = isa.isa_flags();
    flags
        .iter()
        .filter(|f| f.as_bool() == Some(true))
        .map(|f| f.name.to_owned())
        .collect()
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

fn reloc_kind(kind: Reloc) -> RelocKind {
    match kind {
        Reloc::Abs4 => RelocKind::Abs4,
        Reloc::Abs8 => RelocKind::Abs8,
        Reloc::X86PCRel4 | Reloc::X86CallPCRel4 | Reloc::X86CallPLTRel4 => RelocKind::X86PcRel4,
        Reloc::X86GOTPCRel4 => RelocKind::X86GotPcRel4,
        Reloc::Arm64Call => RelocKind::Aarch64Call26,
        Reloc::Aarch64AdrGotPage21 => RelocKind::Aarch64AdrGotPage21,
        Reloc::Aarch64Ld64GotLo12Nc => RelocKind::Aarch64Ld64GotLo12,
        Reloc::Aarch64AdrPrelPgHi21 => RelocKind::Aarch64AdrPage21,
        Reloc::Aarch64AddAbsLo12Nc => RelocKind::Aarch64AddLo12,
        Reloc::RiscvCallPlt => RelocKind::RiscvCall,
        Reloc::RiscvGotHi20 => RelocKind::RiscvGotHi20,
        Reloc::RiscvPCRelHi20 => RelocKind::RiscvPcRelHi20,
        Reloc::RiscvPCRelLo12I => RelocKind::RiscvPcRelLo12I,
        Reloc::S390xPCRel32Dbl | Reloc::S390xPLTRel32Dbl => RelocKind::S390xPc32Dbl,
        Reloc::PulleyPcRel => RelocKind::PulleyPcRel,
        Reloc::X86SecRel => RelocKind::Unsupported("X86SecRel"),
        Reloc::PulleyCallIndirectHost => RelocKind::PulleyHostcall,
        _ => RelocKind::Unsupported("thread-local storage"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_tells_its_blocks_and_keeps_its_flags() {
        for isa in Isa::ALL {
            let builder = isa::lookup(isa.triple()).expect("it is built in");
            let mut shared = settings::builder();
            shared.set("opt_level", "speed").expect("it exists");
            let plain = builder.finish(settings::Flags::new(shared)).expect("valid");
            let telling = with_blocks(&*plain).expect("the same flags are valid");
            assert!(telling.flags().machine_code_cfg_info());
            let others = |isa: &dyn TargetIsa| -> Vec<String> {
                let shared = isa.flags().iter();
                let all = shared.chain(isa.isa_flags());
                all.filter(|flag| flag.name != TELL_BLOCKS)
                    .map(|flag| flag.to_string())
                    .collect()
            };
            assert_eq!(others(&*plain), others(&*telling), "{isa}");
        }
    }
}
